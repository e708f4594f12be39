"""Clock: empty frames at a steady rate, which make generators run."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil
from typing import Any

from streamlab.core import DataFrame, Source, StreamInfo, param
from streamlab.core.frame_run import empty_frames
from streamlab.dsp.generate import exact_number
from streamlab.errors import Problem

_AT_ONCE = 64
"""Ticks made in one go: they cost less so."""


class _Ticks(Source):
    """The method ``frames``, in a class of its own: the parameter of that name is declared below it."""

    rate: float
    _limit: int | None = None

    def frames(self) -> Iterator[DataFrame]:
        """Yield tick after tick, from 0."""
        rate, info = exact_number(self.rate), self.stream_info(self)
        microseconds = Fraction(10**6) / rate
        top, bottom = microseconds.numerator, microseconds.denominator
        tick = 0
        while self._limit is None or tick < self._limit:
            ahead = _AT_ONCE if self._limit is None else min(_AT_ONCE, self._limit - tick)
            numbers = range(tick, tick + ahead)
            yield from empty_frames(info, numbers, [number * top // bottom for number in numbers])
            tick += ahead

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo:
        return StreamInfo((), exact_number(params.rate), "none")


class Clock(_Ticks):
    """Tick ``rate`` times a second: empty frames that trigger generators.

    Input    none                            Output  frames without channels, counted from 0
    Kind     source                          State   none: each run begins at tick 0
    Gaps     none                            Errors  ParamError when frames and duration are both given

    Tick k comes at k / rate seconds, exactly. It ends after ``frames`` ticks, or with the last tick before
    ``duration``; without either it never does. ``realtime`` paces it by the clock on the wall, else it
    ticks as fast as the graph takes it.

    Example
    -------
    >>> [(tick.sequence_id, tick.timestamp) for tick in Clock(rate=3.0, frames=3).frames()]
    [(0, 0), (1, 333333), (2, 666666)]
    """

    rate: float = param(default=10.0, doc="Ticks per second", unit="Hz", gt=0, le=1e9)
    frames: int | None = param(  # type: ignore[assignment]
        default=None,
        doc="Number of ticks; endless if neither this nor duration is given",
        unit="frames",
        ge=0,
    )
    duration: float | None = param(default=None, doc="Length in place of frames", unit="s", ge=0, le=1e9)
    realtime: bool = param(default=False, doc="Tick in real time")

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._limit = self.__dict__.pop("frames")  # the name belongs to the method again
        if self.duration is not None:
            self._limit = ceil(exact_number(self.duration) * exact_number(self.rate))
        self.info = self.stream_info(self)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """``frames`` and ``duration`` say the same thing: only one may be given."""
        if params.frames is not None and params.duration is not None:
            hint = "leave one out"
            yield Problem("/duration", "frames and duration are both given", "one of them", "both", hint)
