"""Limit: judge a value against bounds."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import DataFrame, Outcome, Samples, StreamInfo, Verdict, param
from streamlab.dsp.limits import Bounds
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import bounds_problems, matching, missing_value
from streamlab.nodes.judgement._evidence import Judge, LostPolicy, at, shown, time_of, unit_of


class Limit(Judge):
    """Judge every value of some channels: inside the bounds or not. The result is a Verdict.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise                      State   the worst value so far
    Gaps     passed on; what was lost cannot have passed: INVALID, unless what came is a FAIL
    Errors   ParamError without a bound, or when no channel is called ``value``

    ``value`` is the name of a channel, or the end of several behind a dot: ``Leq`` judges ``left.Leq`` and
    ``right.Leq``. A value on a bound is inside. FAIL: a value outside; MARGINAL: none outside, one closer
    than ``margin`` to a bound; PASS: neither; INVALID: a value is not a number, or a CheckSignal before has
    found a fault; NOT_RUN: there was none.
    The verdict names the value nearest to its bound, or farthest beyond. Intervals marked ``partial`` by
    Level are not judged.

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

    lost: LostPolicy = param(
        default="invalid",
        doc="What lost samples make of a verdict that is not FAIL; ignore behind a Gate or Router",
    )

    _bounds: Bounds = Bounds(None, None)
    _count = 0
    _worst = math.inf  # distance to the nearest bound, negative outside
    _where: tuple[float, str, str, float | None] | None = None  # value, channel, unit, time

    def configure(self, info: StreamInfo) -> None:
        """Find the channels to judge."""
        self.stream_info(self, **{"in": info})
        self._rows = matching(self.value, info)
        self._bounds = Bounds(self.lower, self.upper)

    def process(self, frame: DataFrame) -> DataFrame:
        """Judge the frame and pass it on."""
        self.follow(frame.info)
        if self._evidence.takes(frame):
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
        close = Outcome.MARGINAL if self._worst < self.margin else Outcome.PASS
        outcome = Outcome.FAIL if self._worst < 0 else close
        verdict = Verdict(outcome, reason, value, unit, time, channel, self._worst, self._count)
        return self._evidence.settle(verdict, self.lost)

    def reset(self) -> None:
        super().reset()
        self._count = 0
        self._worst, self._where = math.inf, None

    def _judge(self, frame: DataFrame, judged: Samples) -> None:
        self._count += judged.size
        distance = self._bounds.distance(judged)
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
        """There is a bound, and the lower is not above the upper."""
        return bounds_problems(params, "a limit")
