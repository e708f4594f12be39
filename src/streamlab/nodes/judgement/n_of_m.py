"""NofM: judge how many values in a row lie outside."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import DataFrame, Outcome, Samples, StreamInfo, Verdict, param
from streamlab.dsp.limits import Bounds
from streamlab.dsp.runs import schmitt
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import bounds_problems, matching, missing_value
from streamlab.nodes.judgement._evidence import Judge, LostPolicy, at, time_of


class NofM(Judge):
    """FAIL when ``n`` of any ``m`` values in a row lie outside the bounds. The result is a Verdict.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise                      State   the last m values of each channel, the fullest window
    Gaps     passed on; no window spans one; what was lost cannot have passed: INVALID, unless it is a FAIL
    Errors   ParamError without a bound, for n above m, or when no channel is called ``value``

    So a single outlier is forgiven and a lasting one is not. Each channel is counted for itself; a value on
    a bound is inside. With ``hysteresis`` a channel that was outside stays so until it is inside by that
    much. MARGINAL: ``marginal`` of m, where that is given; INVALID: a value is not a number, or a
    CheckSignal before has found a fault; NOT_RUN: none came. The verdict names the window with most values
    outside, by the time of its last one; its value is their number.

    Example
    -------
    >>> node = NofM(value="x", upper=1.0, n=2, m=3)
    >>> frame = node.process(DataFrame(payload={"x": [2.0, 0.0, 0.0, 2.0, 0.0, 3.0]}, sample_rate=10))
    >>> print(node.result())
    FAIL: 2 of 3 values of x at 0.5 s are outside; 2 are too many
    """

    value: str = param(doc="Channel to judge, or what its name ends with behind a dot", min_length=1)
    n: int = param(doc="So many outside are a FAIL", unit="values", ge=1, le=1 << 20)
    m: int = param(doc="Of so many in a row", unit="values", ge=1, le=1 << 20)
    lower: float | None = param(
        default=None, doc="Smallest value inside, in the channel's unit", unit="unit", ge=-1e300, le=1e300
    )
    upper: float | None = param(
        default=None, doc="Largest value inside, in the channel's unit", unit="unit", ge=-1e300, le=1e300
    )
    hysteresis: float = param(
        default=0.0,
        doc="How far inside a value must come to count as inside again",
        unit="unit",
        ge=0,
        le=1e300,
    )
    marginal: int | None = param(default=None, doc="So many outside are MARGINAL", unit="values", ge=1)
    lost: LostPolicy = param(
        default="invalid",
        doc="What lost samples make of a verdict that is not FAIL; ignore behind a Gate or Router",
    )

    _count = 0
    _most = -1  # values outside in the fullest window
    _where: tuple[str, float | None] = ("", None)  # its channel, and the time of its last value

    def configure(self, info: StreamInfo) -> None:
        """Find the channels to judge; windows begin anew."""
        self.stream_info(self, **{"in": info})
        self._rows = matching(self.value, info)
        self._bounds = Bounds(self.lower, self.upper)
        self._begin()

    def process(self, frame: DataFrame) -> DataFrame:
        """Judge the frame and pass it on."""
        self.follow(frame.info)
        if frame.gap:
            self._begin()
        if self._evidence.takes(frame, self._rows) and frame.n:
            self._judge(frame, frame.samples[self._rows])
        return frame

    def result(self) -> Verdict:
        """The verdict over all windows."""
        if self._most < 0:
            verdict = Verdict(Outcome.NOT_RUN, f"no value of {self.value!r} arrived", count=self._count)
            return self._evidence.settle(verdict, self.lost)
        (channel, time), most = self._where, self._most
        close = self.marginal is not None and most >= self.marginal
        outcome = Outcome.FAIL if most >= self.n else Outcome.MARGINAL if close else Outcome.PASS
        verb = "is" if most == 1 else "are"
        reason = f"{most} of {self.m} values of {channel}{at(time)} {verb} outside; {self.n} are too many"
        margin = float(self.n - 1 - most)
        verdict = Verdict(outcome, reason, float(most), "1", time, channel, margin, self._count)
        return self._evidence.settle(verdict, self.lost)

    def reset(self) -> None:
        super().reset()
        self._count, self._most, self._where = 0, -1, ("", None)

    def _begin(self) -> None:
        # Whether the last m - 1 values of each channel lay outside.
        self._flags: Samples = np.zeros((len(self._rows), self.m - 1), dtype=bool)
        self._outside = np.zeros(len(self._rows), dtype=bool)

    def _judge(self, frame: DataFrame, values: Samples) -> None:
        self._count += values.size
        distance = self._bounds.distance(values)
        bad = np.isnan(distance)
        if bad.any():
            row, column = divmod(int(np.argmax(bad)), frame.n)
            self._evidence.not_a_number(frame.info.names[self._rows[row]], time_of(frame, column))
        outside = schmitt(distance < 0, distance >= self.hysteresis, self._outside)
        self._outside = outside[:, -1]
        flags = np.concatenate([self._flags, outside], axis=1)
        sums = np.cumsum(flags, axis=1, dtype=np.int64)
        counts = sums[:, self.m - 1 :].copy()  # of the window that ends at each value
        counts[:, 1:] -= sums[:, : -self.m]
        self._flags = flags[:, flags.shape[1] - self.m + 1 :]
        # The earliest of the fullest, so that the cutting does not show.
        column, row = divmod(int(np.argmax(counts.T)), len(counts))
        if counts[row, column] > self._most:
            self._most = int(counts[row, column])
            self._where = frame.info.names[self._rows[row]], time_of(frame, column)

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
        """There is a bound, and n of m can be."""
        yield from bounds_problems(params, "a count of outliers")
        if params.n > params.m:
            yield Problem("/n", "there are not that many", f"at most m, {params.m}", f"{params.n}")
        if params.marginal is not None and params.marginal >= params.n:
            yield Problem("/marginal", "that is a FAIL", f"below n, {params.n}", f"{params.marginal}")
