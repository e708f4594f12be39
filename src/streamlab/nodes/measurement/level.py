"""Level: RMS, peak, crest factor and level over intervals of time."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.generate import exact_number
from streamlab.dsp.level import IntervalMeter, Sums
from streamlab.errors import ParamError, Problem
from streamlab.nodes.measurement._metrics import (
    Metric,
    described,
    no_level,
    problems_with,
    reference_for,
    table_row,
    values,
)


class Level(ProcessingNode):
    """Measure each interval of a signal, and all of it: in its unit and in decibels.

    Input    (channels, n) over time, with a sample rate
    Output   (channels x metrics, k): ``name.metric``, one column per interval, at 1 / interval Hz
    Kind     stream-wise                     State   sums of the open interval and of the whole stream
    Gaps     an interval that lost samples is left out: a gap in the output, ``missing`` in the result
    Settles  at once: sums, no filter
    Errors   ParamError without a sample rate, an interval under a sample, a reference in another unit
    Source   IEC 61672-1:2013, 3.6-3.9 (without frequency weighting); ISO 1683:2015 for references

    RMS is the root mean square and Leq = 20 lg(RMS / reference) its level; ``peak`` is the largest value
    either way, Lpeak its level, ``crest`` is peak / RMS (NaN in silence, where Leq is minus infinity).
    Interval j holds the samples from j to j + 1 intervals of the stream's own time. One that the stream
    enters late or leaves early comes in a frame of its own, with its length in seconds as ``partial`` in
    the metadata. The result is ``{channel: {metric: value, "units": {metric: unit}, "duration": seconds,
    "missing": samples}}`` over the whole stream; a change of rate or channels starts it anew.

    Example
    -------
    >>> level = Level(interval=1.0, metrics=["RMS"])
    >>> frames = level.process(DataFrame(payload={"mic": [1.0, -1.0, 3.0, -3.0]}, sample_rate=2))
    >>> frames[0].payload["mic.RMS"].tolist()
    [1.0, 3.0]
    """

    kind = "stream-wise"
    interval: float = param(default=1.0, doc="Length of an interval", unit="s", gt=0, le=1e6)
    reference: str | None = param(
        default=None, doc="Reference of levels, such as '20 uPa'; by default that of the unit (ISO 1683)"
    )
    metrics: list[Metric] = param(
        default=["RMS", "peak", "peak_to_peak", "crest", "Leq"],
        doc="What to give, in this order",
        min_length=1,
    )

    _meter = IntervalMeter(0, Fraction(1), Fraction(1))  # before there is a stream
    _metadata: Any = None
    _anchor = (0, 0)  # start_sample and timestamp of the frame that the others follow without a break
    _sent = 0

    def configure(self, info: StreamInfo) -> None:
        self._out = self.stream_info(self, **{"in": info}) or info
        self._rate = info.sample_rate or Fraction(1)
        self._names = info.names
        self._references = [reference_for(self.reference, channel) for channel in info.channels]
        self._meter = IntervalMeter(len(info.names), self._rate, exact_number(self.interval))

    def process(self, frame: DataFrame) -> list[DataFrame]:
        """Return the intervals that this frame completes: one frame, more if one is partial, or none."""
        self.follow(frame.info)
        if frame.n == 0:
            return []
        self._metadata = frame.metadata
        if frame.start_sample != self._meter.next:
            self._anchor = frame.start_sample, frame.timestamp
        return self._frames(self._meter.feed(frame.samples, frame.start_sample))

    def ended(self, gap: int) -> None:
        self._meter.missing += gap

    def flush(self) -> list[DataFrame]:
        return self._frames(self._meter.rest())

    def result(self) -> dict[str, dict[str, Any]] | None:
        """The same numbers over the whole stream, by channel; None without a sample."""
        totals = self._meter.totals()
        if totals is None:
            return None
        size = len(self.metrics)
        numbers = values(totals, self.metrics, self._references)[:, 0].tolist()
        whole = {"duration": float(int(totals.count[0]) / self._rate), "missing": self._meter.missing}
        parts = [slice(row * size, row * size + size) for row in range(len(self._names))]
        return {
            name: table_row(numbers[part], self._out.channels[part]) | whole
            for name, part in zip(self._names, parts, strict=True)
        }

    def reset(self) -> None:
        super().reset()
        self._meter, self._metadata, self._sent = Level._meter, None, 0

    def _frames(self, sums: Sums | None) -> list[DataFrame]:
        """Cut at partial intervals, which travel in frames of their own."""
        if sums is None:
            return []
        numbers = values(sums, self.metrics, self._references)
        edges = self._meter.grid.starts(sums.first, sums.first + len(sums.count))
        partial = np.flatnonzero(sums.count != np.diff(edges)).tolist()
        cuts = sorted({0, len(sums.count), *partial, *(k + 1 for k in partial)})
        return [self._frame(sums, numbers, a, b, a in partial) for a, b in pairwise(cuts)]

    def _frame(self, sums: Sums, numbers: Samples, a: int, b: int, partial: bool) -> DataFrame:
        sample, timestamp = self._anchor
        microseconds = 10**6 / self._rate
        frame = DataFrame.from_samples(
            np.ascontiguousarray(numbers[:, a:b]),
            self._out,
            # Counted from one anchor, so that the size of the frames does not show in the rounding.
            timestamp=timestamp + int(sums.start[a]) * microseconds // 1 - sample * microseconds // 1,
            sequence_id=self._sent,
            start_sample=sums.first + a,
            metadata=self._metadata,
        )
        if partial:
            frame.metadata["partial"] = float(int(sums.count[a]) / self._rate)
        self._sent += 1
        return frame

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        info = inputs["in"]
        if info is None:
            return None
        interval = exact_number(params.interval)
        problems = []
        if info.axis != "time" or info.sample_rate is None:
            problems.append(Problem("", "a level needs samples over time", "a sample rate", repr(info)))
        elif interval * info.sample_rate < 1:
            what, least = (
                "the interval is shorter than a sample",
                f"at least {float(1 / info.sample_rate):g} s",
            )
            problems.append(Problem("/interval", what, least, f"{params.interval:g} s"))
        problems += problems_with(params.reference, params.metrics, info.channels)
        problems += no_level(info.channels, "/metrics") if {"Leq", "Lpeak"} & set(params.metrics) else []
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = [
            item
            for channel in info.channels
            for item in described(channel, params.metrics, reference_for(params.reference, channel))
        ]
        return StreamInfo(channels, 1 / interval)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        return problems_with(params.reference, params.metrics, ())
