"""Limit: judge a value against bounds."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import DataFrame, Outcome, Samples, StreamInfo, Verdict, param
from streamlab.dsp.limits import Bounds, Excursions
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import bounds_problems, matching, missing_value
from streamlab.nodes.judgement._evidence import Judge, LostPolicy, at, shown, time_of, unit_of


class Limit(Judge):
    """Judge every value of some channels: inside the bounds or not. The result is a Verdict.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise                      State   the worst value so far, excursions
    Gaps     passed on; what was lost cannot have passed: INVALID, unless what came is a FAIL
    Errors   ParamError without a bound, or when no channel is called ``value``

    ``value`` is the name of a channel, or the end of several behind a dot: ``Leq`` judges ``left.Leq`` and
    ``right.Leq``. A value on a bound is inside. FAIL: a value outside; MARGINAL: none outside, one closer
    than ``margin`` to a bound; PASS: neither; INVALID: a value is not a number, or a CheckSignal before has
    found a fault; NOT_RUN: there was none.
    The verdict names the value nearest to its bound, or farthest beyond. Intervals marked ``partial`` by
    Level are not judged.

    With ``allowed`` so many excursions are no FAIL, however far they go. An excursion begins with a value
    outside and ends with one that is inside by ``hysteresis``, so that a value that wavers about its bound is
    one excursion and not many. Each channel, and each point of a curve, has its own, and the one with most
    decides; behind a gap a value outside begins a new one.

    Example
    -------
    >>> node = Limit(value="temperature", upper=80.0)
    >>> frame = node.process(DataFrame(payload={"temperature": [71.5, 84.0]}, sample_rate=1))
    >>> print(node.result())
    FAIL: temperature = 84 at 1 s is above 80 by 4
    """

    value: str = param(doc="Channel to judge, or what its name ends with behind a dot", min_length=1)
    lower: float | None = param(
        default=None,
        doc="Smallest value that passes, in the channel's unit",
        unit="unit",
        ge=-1e300,
        le=1e300,
    )
    upper: float | None = param(
        default=None, doc="Largest value that passes, in the channel's unit", unit="unit", ge=-1e300, le=1e300
    )
    margin: float = param(
        default=0.0, doc="Values closer than this to a bound are MARGINAL", unit="unit", ge=0, le=1e300
    )
    allowed: int = param(
        default=0, doc="Excursions of a channel that are no FAIL", unit="excursions", ge=0, le=1 << 53
    )
    hysteresis: float = param(
        default=0.0,
        doc="How far inside a value must come to end an excursion",
        unit="unit",
        ge=0,
        le=1e300,
    )
    lost: LostPolicy = param(
        default="invalid",
        doc="What lost samples make of a verdict that is not FAIL; ignore behind a Gate or Router",
    )

    _bounds: Bounds = Bounds(None, None)
    _count = 0
    _worst = math.inf  # distance to the nearest bound, negative outside
    _where: tuple[float, str, str, float | None] | None = None  # value, channel, unit, time
    _excursions = Excursions(0.0)
    _before = (0, "")  # most excursions, and their channel, in streams before this one

    def configure(self, info: StreamInfo) -> None:
        """Find the channels to judge."""
        self.stream_info(self, **{"in": info})
        self._rows = matching(self.value, info)
        self._bounds = Bounds(self.lower, self.upper)
        self._before, self._excursions = self._most(), Excursions(self.hysteresis)
        self._names = [info.names[row] for row in self._rows]

    def process(self, frame: DataFrame) -> DataFrame:
        """Judge the frame and pass it on."""
        self.follow(frame.info)
        if frame.gap:
            self._excursions.interrupt()
        if self._evidence.takes(frame, self._rows):
            judged = frame.samples[self._rows]
            if judged.size:
                self._judge(frame, judged)
        return frame

    def result(self) -> Verdict:
        """The verdict over all values that came."""
        if self._where is None:
            verdict = Verdict(Outcome.NOT_RUN, f"no value of {self.value!r} arrived", count=self._count)
            return self._evidence.settle(verdict, self.lost)
        value, channel, unit, time = self._where
        reason = f"{channel} = {shown(value, unit)}{at(time)} is {self._bounds.place(value)}"
        often, where = self._most()
        outcome = Outcome.MARGINAL if self._worst < self.margin else Outcome.PASS
        if self._worst < 0:
            outcome = Outcome.PASS if 0 < often <= self.allowed else Outcome.FAIL
        if self._counts and often:
            times = "once" if often == 1 else f"{often} times"
            reason += f"; {where} was outside {times}, {self.allowed} allowed"
        verdict = Verdict(outcome, reason, value, unit, time, channel, self._worst, self._count)
        return self._evidence.settle(verdict, self.lost)

    def reset(self) -> None:
        super().reset()
        self._count = 0
        self._worst, self._where = math.inf, None
        self._before, self._excursions = (0, ""), Excursions(0.0)

    @property
    def _counts(self) -> bool:
        return self.allowed > 0 or self.hysteresis > 0.0

    def _most(self) -> tuple[int, str]:
        """How often the channel with most excursions has left the bounds, and its name."""
        counts = self._excursions.counts
        if not counts.any():
            return self._before
        place = int(np.argmax(counts))
        here = int(counts[place]), self._names[place * len(self._names) // len(counts)]
        return max(self._before, here, key=lambda one: one[0])

    def _judge(self, frame: DataFrame, judged: Samples) -> None:
        self._count += judged.size
        distance = self._bounds.distance(judged)
        if self._counts:
            self._excursions.block(distance if frame.info.axis == "time" else distance.reshape(-1, 1))
        row, column = divmod(int(np.argmin(distance)), judged.shape[1])  # of the first NaN, if there is one
        nearest = float(distance[row, column])
        if nearest >= self._worst and self._where is not None:
            return
        channel, time = frame.info.channels[self._rows[row]], time_of(frame, column)
        if math.isnan(nearest):
            self._evidence.not_a_number(channel.name, time)
            return
        self._worst = nearest
        self._where = float(judged[row, column]), channel.name, unit_of(channel), time

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; a value that no channel bears is a problem."""
        info = inputs["in"]
        problems = [] if info is None else missing_value(params.value, info)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """There is a bound, the lower is not above the upper, and an excursion can end."""
        yield from bounds_problems(params, "a limit")
        if params.lower is not None and params.upper is not None:
            room = (params.upper - params.lower) / 2.0
            if params.hysteresis > room >= 0.0:
                what = "no value is inside by that much"
                yield Problem("/hysteresis", what, f"at most {room:g}", f"{params.hysteresis:g}")
