"""Rechunk: cut a stream into frames of another size, overlapping if wanted."""

from typing import Any, Literal

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.errors import FrameError, ParamError
from streamlab.nodes._channels import not_over_time


class Rechunk(ProcessingNode):
    """Cut a stream into frames of ``size`` samples, one every ``hop`` samples.

    Input    (channels, n) over time         Output  (channels, size), numbered from 0
    Kind     stream-wise                     State   the samples of frames that are not full yet
    Gaps     no frame spans one: it ends the frame before, and the next frame begins behind it
    Errors   ParamError for samples that are not over time, FrameError for frames that overlap already

    Frame k holds the samples from k * hop on, counted from the stream's first sample or the first one behind
    a gap, and has the metadata of the frame in which it is completed. With ``hop`` below ``size`` frames
    overlap: each says in its ``span`` how far it moves on, and they are meant for nodes that take a frame
    on its own (Statistics, a spectrum). With ``hop`` above ``size`` what lies between is left out, which is
    no gap. What is left at the end or before a gap comes in a shorter frame, or not at all with ``rest:
    drop``.

    Example
    -------
    >>> node = Rechunk(size=4, hop=2)
    >>> frames = node.process(DataFrame(payload={"x": range(7)}, sample_rate=10))
    >>> [frame.payload["x"].tolist() for frame in frames]
    [[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]]
    >>> [frame.payload["x"].tolist() for frame in node.flush()]
    [[4.0, 5.0, 6.0]]
    """

    kind = "stream-wise"

    size: int = param(doc="Samples per frame", unit="samples", ge=1, le=1 << 24)
    hop: int | None = param(
        default=None, doc="Samples from one frame to the next; size when not given", unit="samples", ge=1
    )
    rest: Literal["pass", "drop"] = param(
        default="pass", doc="What becomes of the samples that do not fill a frame"
    )

    _held = 0  # samples in the blocks; negative: as many are still to be left out
    _info: StreamInfo | None = None
    _metadata: Any = None  # of the newest frame
    _start = 0  # position of the first sample held
    _next = 0  # and of the one that should come next
    _gap = 0
    _fresh = 0  # samples at the end of what is held that no frame has had yet

    def process(self, frame: DataFrame) -> list[DataFrame]:
        """Return the frames that this one completes."""
        size = frame.n
        if frame.span not in (None, size):
            raise FrameError("frames that overlap cannot be cut anew; cut the stream once, as it is needed")
        if not size:
            return []
        done: list[DataFrame] = []
        if frame.start_sample != self._next or frame.info is not self._info:
            done = self._rest()
            self._begin(frame)
        self._metadata, self._next = frame.metadata, frame.start_sample + size
        skipped = min(size, max(0, -self._held))
        if skipped < size:
            self._blocks.append(frame.samples[:, skipped:])
        self._held += size
        self._fresh += size - skipped
        return [*done, *self._full()]

    def flush(self) -> list[DataFrame]:
        return self._rest()

    def reset(self) -> None:
        super().reset()
        self._info, self._metadata, self._held, self._fresh = None, None, 0, 0

    def _begin(self, frame: DataFrame) -> None:
        self._info, self._held, self._fresh = frame.info, 0, 0
        self._blocks: list[Samples] = []
        self._start, self._gap = frame.start_sample, frame.gap
        self._anchor = frame.start_sample, frame.timestamp

    def _full(self) -> list[DataFrame]:
        if self._held < self.size:
            return []
        hop = self.hop or self.size
        held = self._blocks[0] if len(self._blocks) == 1 else np.concatenate(self._blocks, axis=1)
        frames = []
        at = 0
        while self._held >= self.size:
            frames.append(self._frame(held[:, at : at + self.size], None if hop == self.size else hop))
            self._start += hop
            self._held -= hop
            at += hop
        self._blocks = [held[:, at:]] if at < held.shape[1] else []
        self._fresh = max(0, self._held - max(0, self.size - hop))
        return frames

    def _rest(self) -> list[DataFrame]:
        if self._fresh <= 0 or self.rest == "drop":
            return []
        self._fresh = 0
        return [self._frame(np.concatenate(self._blocks, axis=1), None)]

    def _frame(self, samples: Samples, span: int | None) -> DataFrame:
        info = self._info or StreamInfo()
        gap, self._gap = self._gap, 0
        sample, timestamp = self._anchor
        later = 0
        if info.sample_rate is not None:  # counted from one anchor, so that the cutting does not show
            microseconds = 10**6 / info.sample_rate
            later = int(self._start * microseconds // 1 - sample * microseconds // 1)
        return DataFrame.from_samples(
            samples,
            info,
            timestamp=timestamp + later,
            start_sample=self._start,
            gap=gap,
            span=span,
            metadata=self._metadata,
        )

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The same stream; one that is not over time cannot be cut."""
        info = inputs["in"]
        problems = [] if info is None else not_over_time(info, "a cut", rate=False)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info
