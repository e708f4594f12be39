"""Counter: count how often a signal enters its bounds."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.limits import Bounds
from streamlab.dsp.runs import schmitt
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import bounds_problems, matching, missing_value, not_over_time


class Counter(ProcessingNode):
    """Count how often channels enter the bounds: pulses, clicks, excursions.

    Input    real (channels, n) over time    Output  ``name.count`` of each channel counted, sample by sample
    Kind     sample-wise                     State   the counts, and which channels are inside
    Gaps     passed on; the count goes on, but a channel that is inside behind a gap has not entered
    Errors   ParamError without a bound, or when no channel is called ``value``

    A channel enters with the first sample within the bounds, and leaves with the first one that is outside by
    more than ``hysteresis``; noise on a slow edge is one event with enough of it. A stream that begins
    inside has not entered. NaN changes nothing. The result is ``{channel: count}``.

    Example
    -------
    >>> node = Counter(value="x", lower=0.5)
    >>> frame = node.process(DataFrame(payload={"x": [0.0, 1.0, 1.0, 0.0, 1.0]}, sample_rate=10))
    >>> frame.payload["x.count"].tolist(), node.result()
    ([0.0, 1.0, 1.0, 1.0, 2.0], {'x': 2})
    """

    kind = "sample-wise"

    value: str = param(doc="Channel to count, or what its name ends with behind a dot", min_length=1)
    lower: float | None = param(
        default=None, doc="Smallest value inside, in the channel's unit", unit="unit", ge=-1e300, le=1e300
    )
    upper: float | None = param(
        default=None, doc="Largest value inside, in the channel's unit", unit="unit", ge=-1e300, le=1e300
    )
    hysteresis: float = param(
        default=0.0, doc="How far outside a value must come to have left", unit="unit", ge=0, le=1e300
    )

    _inside: Samples | None = None  # of each channel, before the next sample

    def configure(self, info: StreamInfo) -> None:
        """Find the channels to count; another stream is counted from 0."""
        self._out = self.stream_info(self, **{"in": info}) or info
        self._rows = matching(self.value, info)
        self._names = [info.names[row] for row in self._rows]
        self._counts: Samples = np.zeros(len(self._rows), dtype=np.int64)
        self._inside = None

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the counts so far at each sample."""
        self.follow(frame.info)
        if frame.gap:
            self._inside = None
        counts = np.empty((len(self._rows), frame.n))
        if frame.n:
            distance = Bounds(self.lower, self.upper).distance(frame.samples[self._rows])
            enters, leaves = distance >= 0, distance < -self.hysteresis
            before = enters[:, 0] if self._inside is None else self._inside
            inside = schmitt(enters, leaves, before)
            was = np.concatenate([before[:, np.newaxis], inside[:, :-1]], axis=1)
            total = self._counts[:, np.newaxis] + np.cumsum(inside & ~was, axis=1)
            self._inside, self._counts = inside[:, -1], total[:, -1]
            counts[:] = total
        return frame.replace(samples=counts, info=self._out)

    def result(self) -> dict[str, int] | None:
        """How often each channel entered; None without a stream."""
        if self._followed is None:
            return None
        return dict(zip(self._names, self._counts.tolist(), strict=True))

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """A count for each channel."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a count of events", rate=False) + missing_value(params.value, info)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        names = [info.names[row] for row in matching(params.value, info)]
        return info.replace(channels=[ChannelInfo(f"{name}.count", "1", "count") for name in names])

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """There is a bound, and the lower is not above the upper."""
        return bounds_problems(params, "a count of events")
