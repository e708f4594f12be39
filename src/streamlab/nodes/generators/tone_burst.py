"""ToneBurst: whole cycles of a sine, once or again and again."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import Any

from streamlab.core import Samples, param
from streamlab.dsp import signals
from streamlab.dsp.generate import exact_number
from streamlab.errors import Problem
from streamlab.nodes.generators._generator import Generator, above_nyquist


class ToneBurst(Generator):
    """Make bursts of a sine: whole cycles that begin and end at zero.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter, exact phase
    Gaps     end here
    Errors   ParamError above half the sample rate, or when a burst is not over before the next one
    Source   as used by IEC 61672-1:2013, 5.9 (4 kHz, from 1 s down to 0.25 ms) and IEC 60268-1

    The first burst begins with the first sample at or behind ``begin`` seconds, burst k exactly
    k * ``interval`` seconds later, be that a sample or between two; each is ``cycles`` / ``frequency``
    seconds long. Without ``interval`` there is one.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = ToneBurst(frequency=1.0, cycles=1, interval=2.0, sample_rate=4.0, frame_size=9)
    >>> node.process(DataFrame(0, 0)).payload["main_channel"].round(9).tolist()
    [0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """

    frequency: float = param(default=4000.0, doc="Frequency of the sine", unit="Hz", gt=0, le=5e8)
    cycles: int = param(default=4, doc="Cycles of a burst", unit="cycles", ge=1, le=1 << 40)
    interval: float | None = param(
        default=None,
        doc="From the beginning of a burst to that of the next; null: one burst",
        unit="s",
        gt=0,
        le=1e9,
    )
    begin: float = param(default=0.0, doc="When the first burst begins", unit="s", ge=0, le=1e9)
    amplitude: float = param(
        default=1.0, doc="Peak value, in the channels' unit", unit="unit", ge=0, le=1e12, live=True
    )

    _bursts: signals.ToneBurst | None = None

    def make(self, start: int, out: Samples) -> None:
        frequency, rate = exact_number(self.frequency), exact_number(self.sample_rate)
        length = self.cycles / frequency
        if self._bursts is None:
            period = length if self.interval is None else exact_number(self.interval)
            self._bursts = signals.ToneBurst(frequency, rate, Fraction(self.cycles), period)
        first = ceil(exact_number(self.begin) * rate)
        end = start + out.shape[1] if self.interval is not None else first + ceil(length * rate)
        inside = slice(max(0, first - start), max(0, end - start))
        out[:] = 0.0
        row = out[0, inside]
        self._bursts.block(max(start, first) - first, row, amplitude=self.amplitude)
        out[1:, inside] = row

    def reset(self) -> None:
        super().reset()
        self._bursts = None

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """The frequency is not above half the rate, and a burst is over before the next one."""
        yield from super().check_params(params, given)
        yield from above_nyquist(params)
        length = params.cycles / exact_number(params.frequency)
        if params.interval is not None and exact_number(params.interval) < length:
            least = f"at least {float(length):g} s"
            yield Problem(
                "/interval", "a burst is not over before the next one", least, f"{params.interval:g} s"
            )
