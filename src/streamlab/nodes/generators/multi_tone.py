"""MultiTone: a sum of sines."""

from collections.abc import Iterable
from typing import Any

from streamlab.core import Samples, param
from streamlab.dsp.generate import exact_number
from streamlab.dsp.signals import ToneSum, schroeder_phases
from streamlab.errors import Problem
from streamlab.nodes.generators._generator import Generator


class MultiTone(Generator):
    """Make a sum of sines, each with an exact phase, the same on every channel.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter
    Gaps     end here
    Errors   ParamError above half the sample rate, or for lists that are not of one length
    Source   ``low_crest``: M. R. Schroeder, "Synthesis of low-peak-factor signals and binary sequences with
             low autocorrelation", IEEE Trans. Inf. Theory 16, 1970

    Tone k is amplitude * sin(2 pi frac(n f / fs) + phase), as SineGenerator makes it. ``low_crest`` sets
    phase k of K tones to -pi k (k - 1) / K, which keeps the crest factor of many equal harmonics low.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = MultiTone(frequencies=[1.0, 2.0], amplitudes=[1.0, 0.5], sample_rate=8.0, frame_size=4)
    >>> [f"{value:.4f}" for value in node.process(DataFrame(0, 0)).payload["main_channel"]]
    ['0.0000', '1.2071', '1.0000', '0.2071']
    """

    frequencies: list[float] = param(
        default=[997.0, 1997.0],
        doc="Frequencies of the tones",
        unit="Hz",
        min_length=1,
        unbounded="each from 0 to half the sample rate, which the node checks",
    )
    amplitude: float = param(
        default=1.0, doc="Peak value of each tone, in the channels' unit", unit="unit", ge=0, le=1e12
    )
    amplitudes: list[float] | None = param(
        default=None, doc="Peak value of each, as a factor of amplitude; 1 when not given", min_length=1
    )
    phases: list[float] | None = param(
        default=None, doc="Phase of each at sample 0 in rad; 0 when not given", min_length=1
    )
    low_crest: bool = param(default=False, doc="Set the phases for a low crest factor")

    _tones: ToneSum | None = None

    def make(self, start: int, out: Samples) -> None:
        if self._tones is None:
            self._tones = self._tuned()
        self._tones.block(start, out[0])
        out[1:] = out[0]

    def reset(self) -> None:
        super().reset()
        self._tones = None

    def _tuned(self) -> ToneSum:
        count = len(self.frequencies)
        amplitudes = [self.amplitude * factor for factor in self.amplitudes or [1.0] * count]
        phases = self.phases or (schroeder_phases(count) if self.low_crest else [0.0] * count)
        frequencies = [exact_number(frequency) for frequency in self.frequencies]
        return ToneSum(frequencies, amplitudes, phases, exact_number(self.sample_rate), self.frame_size)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Frequencies can be sampled, and the lists are of one length."""
        yield from super().check_params(params, given)
        for number, frequency in enumerate(params.frequencies):
            if not 0 <= frequency <= params.sample_rate / 2:
                expected = f"from 0 to {params.sample_rate / 2:g} Hz"
                what = "the frequency is not between 0 and half the sample rate"
                yield Problem(f"/frequencies/{number}", what, expected, f"{frequency:g} Hz")
        for name in ("amplitudes", "phases"):
            values = getattr(params, name)
            if values is not None and len(values) != len(params.frequencies):
                expected = f"{len(params.frequencies)}, as many as frequencies"
                yield Problem(f"/{name}", "there is one for each tone", expected, f"{len(values)}")
        if params.phases is not None and params.low_crest:
            yield Problem("/low_crest", "the phases are given already", "phases or low_crest", "both")
