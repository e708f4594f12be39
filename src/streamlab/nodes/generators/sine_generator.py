"""SineGenerator: a sine whose phase is exact after any time."""

from collections.abc import Iterable
from fractions import Fraction
from math import pi
from typing import Any

from streamlab.core import Samples, StreamInfo, param
from streamlab.dsp.generate import TableSine, exact_number
from streamlab.errors import ParamError, Problem
from streamlab.nodes.generators._generator import Generator, above_nyquist


class SineGenerator(Generator):
    """Make amplitude * sin(2 pi frac(n f / fs) + phase), the same on every channel.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter n from 0, exact phase
    Gaps     end here                        Errors  ParamError above half the sample rate

    The phase is a count of samples reduced in rational arithmetic: right to 1e-12 in the first second and
    1e-9 after 10^9 samples; frequency and rate are the decimals that were written. A new frequency, set by
    ``update(frequency=...)`` or as an attribute while it runs, goes on from the phase reached.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> sine = SineGenerator(frequency=1.0, sample_rate=8.0, frame_size=3)
    >>> [f"{value:.4f}" for value in sine.process(DataFrame(0, 0)).payload["main_channel"]]
    ['0.0000', '0.7071', '1.0000']
    >>> sine.process(DataFrame(1000, 1)).start_sample
    3
    """

    frequency: float = param(default=440.0, doc="Frequency", unit="Hz", ge=0, le=5e8, live=True)
    amplitude: float = param(
        default=1.0, doc="Peak value, in the channels' unit", unit="unit", ge=0, le=1e12, live=True
    )
    phase: float = param(default=0.0, doc="Phase of sample 0", unit="rad", ge=-1e6, le=1e6)

    _table: TableSine | None = None
    _tuned = 0.0  # the frequency that the table is for
    _base = 0  # the sample at which it was tuned
    _turns = Fraction(0)  # and the phase there in periods
    _angle = 0.0  # the same in radians, with the phase of sample 0

    def make(self, start: int, out: Samples) -> None:
        table = self._tuned_table(start)
        table.block(start - self._base, out[0], amplitude=self.amplitude, phase=self._angle)
        if len(out) > 1:
            out[1:] = out[0]

    def make_many(self, start: int, count: int, out: Samples) -> None:
        table, size = self._tuned_table(start), self.frame_size
        first = start - self._base
        starts = list(range(first, first + count * size, size))
        table.blocks(starts, out[0].reshape(count, size), amplitude=self.amplitude, phase=self._angle)
        if len(out) > 1:
            out[1:] = out[0]

    def reset(self) -> None:
        super().reset()
        self._table = None

    def _tuned_table(self, start: int) -> TableSine:
        table = self._table
        return table if table is not None and self.frequency == self._tuned else self._tune(start)

    def _tune(self, start: int) -> TableSine:
        problems = list(above_nyquist(self))
        if problems:
            raise ParamError(problems, title="SineGenerator")
        if self._table is None:
            self._turns = Fraction(0)
        else:
            self._turns = (self._turns + self._table.cycles(start - self._base)) % 1
        self._table = TableSine(exact_number(self.frequency), exact_number(self.sample_rate), self.frame_size)
        self._tuned, self._base = self.frequency, start
        self._angle = self.phase + 2.0 * pi * float(self._turns)
        return self._table

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo:
        problems = list(above_nyquist(params))
        if problems:
            raise ParamError(problems, title="SineGenerator")
        return super().stream_info(params, **inputs)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        yield from super().check_params(params, given)
        yield from above_nyquist(params)
