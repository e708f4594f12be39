"""What square, triangle and sawtooth share: frequency, amplitude, phase, band limit."""

from collections.abc import Iterable
from typing import Any, ClassVar

from streamlab.core import Samples, param
from streamlab.dsp.generate import exact_number
from streamlab.dsp.waveform import MOST_HARMONICS, PeriodicWave, Shape
from streamlab.errors import Problem
from streamlab.nodes.generators._generator import Generator


class Periodic(Generator):
    """A generator of one shape, the same on every channel."""

    form: ClassVar[Shape]

    frequency: float = param(default=440.0, doc="Frequency", unit="Hz", gt=0, le=5e8)
    amplitude: float = param(
        default=1.0,
        doc="Peak value of the ideal wave, in the channels' unit",
        unit="unit",
        ge=0,
        le=1e12,
        live=True,
    )
    phase: float = param(default=0.0, doc="Phase of sample 0", unit="rad", ge=-1e6, le=1e6)
    band_limited: bool = param(
        default=True, doc="Only harmonics below half the sample rate; else the ideal wave once per sample"
    )

    _wave: PeriodicWave | None = None

    def make(self, start: int, out: Samples) -> None:
        if self._wave is None:
            self._wave = self._made()
        self._wave.block(start, out[0], amplitude=self.amplitude, phase=self.phase)
        out[1:] = out[0]

    def reset(self) -> None:
        super().reset()
        self._wave = None

    def _made(self) -> PeriodicWave:
        frequency, rate = exact_number(self.frequency), exact_number(self.sample_rate)
        return PeriodicWave(self.form, frequency, rate, band_limited=self.band_limited)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Channel names differ, and the wave can be sampled at that rate."""
        yield from super().check_params(params, given)
        if params.frequency >= params.sample_rate / 2:
            most = f"below {params.sample_rate / 2:g} Hz"
            what = "the frequency is not below half the sample rate"
            yield Problem("/frequency", what, most, f"{params.frequency:g} Hz")
        least = params.sample_rate / 2 / MOST_HARMONICS
        if params.band_limited and params.frequency < least:
            what = f"the wave has more than {MOST_HARMONICS} harmonics below half the sample rate"
            hint = "with band_limited false there is no such limit"
            yield Problem("/frequency", what, f"at least {least:.3g} Hz", f"{params.frequency:g} Hz", hint)
