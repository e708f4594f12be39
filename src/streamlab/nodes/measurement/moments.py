"""Moments: mean, deviation, skewness, kurtosis and crest factor over intervals of time."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.generate import exact_number
from streamlab.dsp.level import IntervalGrid
from streamlab.dsp.statistics import IntervalMoments, IntervalStatistics
from streamlab.dsp.statistics import Moments as Sums
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import not_over_time
from streamlab.nodes._clockwork import Clockwork
from streamlab.nodes.measurement._intervals import IntervalFrames, too_short
from streamlab.nodes.measurement._metrics import table_row

Metric = Literal["mean", "deviation", "RMS", "skewness", "kurtosis", "crest", "max", "min"]

_WITHOUT_UNIT = ("skewness", "kurtosis", "crest")


class Moments(ProcessingNode):
    """Measure how the values of a signal are distributed, per interval and over all.

    Input    real (channels, n) over time, with a sample rate
    Output   (channels x metrics, k): ``name.metric``, one column per interval, at 1 / interval Hz
    Kind     stream-wise                     State   moments of the open interval and of the whole stream
    Gaps     an interval that lost samples is left out: a gap in the output, ``missing`` in the result
    Settles  at once: sums, no filter
    Errors   ParamError without a sample rate, for an interval under a sample
    Source   P. Pebay, SAND2008-6212, 2008

    Moments are those of the samples as they are (divided by n). ``deviation`` is the standard deviation,
    ``skewness`` 0 for a symmetric distribution, ``kurtosis`` 3 for noise, 1.5 for a sine and far more for a
    bearing that knocks, ``crest`` the largest magnitude over the RMS. They are right however large the offset
    and however long the stream. An interval that the stream enters late or leaves early comes in a frame of
    its own, with its seconds as ``partial`` in the metadata. The result is ``{channel: {metric: value,
    "units": {metric: unit}, "duration": seconds, "missing": samples}}`` over the whole stream.

    Example
    -------
    >>> node = Moments(interval=1.0, metrics=["mean", "kurtosis"])
    >>> frames = node.process(DataFrame(payload={"x": [1.0, 3.0, 1.0, 3.0]}, sample_rate=4))
    >>> frames[0].payload["x.mean"].tolist(), frames[0].payload["x.kurtosis"].tolist()
    ([2.0], [1.0])
    """

    kind = "stream-wise"

    interval: float = param(default=1.0, doc="Length of an interval", unit="s", gt=0, le=1e6)
    metrics: list[Metric] = param(
        default=["mean", "deviation", "skewness", "kurtosis", "crest"],
        doc="What to give, in this order",
        min_length=1,
    )

    _meter: IntervalMoments | None = None
    _lost = 0  # samples at the end of the stream

    def configure(self, info: StreamInfo) -> None:
        """Begin anew with the stream's rate and channels."""
        out = self.stream_info(self, **{"in": info}) or info
        self._rate, interval = info.sample_rate or Fraction(1), exact_number(self.interval)
        self._names = info.names
        self._meter = IntervalMoments(len(info.names), self._rate, interval)
        self._frames = IntervalFrames(out, Clockwork(self._rate), IntervalGrid(self._rate, interval))

    def process(self, frame: DataFrame) -> list[DataFrame]:
        """Return the intervals that this frame completes."""
        self.follow(frame.info)
        if frame.n == 0 or self._meter is None:
            return []
        self._frames.clock.note(frame, self._meter.next)
        return self._made(self._meter.feed(frame.samples, frame.start_sample))

    def ended(self, gap: int) -> None:
        self._lost += gap

    def flush(self) -> list[DataFrame]:
        return [] if self._meter is None else self._made(self._meter.rest())

    def result(self) -> dict[str, dict[str, Any]] | None:
        """The same numbers over the whole stream, by channel; None without a sample."""
        if self._meter is None or not self._meter.total.count:
            return None
        total, size = self._meter.total, len(self.metrics)
        values = np.stack([_OF_ALL[metric](total) for metric in self.metrics], axis=1)
        rest = {"duration": float(total.count / self._rate), "missing": self._meter.missing + self._lost}
        described = self._frames.info.channels
        return {
            name: table_row(values[row].tolist(), described[row * size : (row + 1) * size]) | rest
            for row, name in enumerate(self._names)
        }

    def reset(self) -> None:
        super().reset()
        self._lost, self._meter = 0, None

    def _made(self, found: IntervalStatistics | None) -> list[DataFrame]:
        if found is None:
            return []
        values = np.stack([getattr(found, _FIELDS.get(one, one.lower())) for one in self.metrics], axis=1)
        flat = values.reshape(-1, values.shape[2])
        return self._frames.columns(flat, found.first, found.start, found.count)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """A value per metric, channel and interval."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a moment") + too_short(info, params.interval)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = [
            ChannelInfo(f"{one.name}.{metric}", "1" if metric in _WITHOUT_UNIT else one.unit, metric)
            for one in info.channels
            for metric in params.metrics
        ]
        return StreamInfo(channels, 1 / exact_number(params.interval))

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Each metric once."""
        for at, metric in enumerate(params.metrics):
            if metric in params.metrics[:at]:
                yield Problem(f"/metrics/{at}", f"{metric!r} is there twice")


_FIELDS = {"max": "high", "min": "low"}
_OF_ALL: dict[str, Callable[[Sums], Samples]] = {
    "mean": Sums.mean,
    "deviation": Sums.deviation,
    "RMS": Sums.rms,
    "skewness": Sums.skewness,
    "kurtosis": Sums.kurtosis,
    "crest": Sums.crest,
    "max": lambda sums: sums.high,
    "min": lambda sums: sums.low,
}
