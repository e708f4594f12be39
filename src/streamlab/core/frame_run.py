"""FrameRun: frames that lie side by side in one block, each made only when somebody asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.info import StreamInfo
from streamlab.core.samples import Samples

__all__ = ["FrameRun", "empty_frames"]


class FrameRun(Sequence[DataFrame]):
    """Frames of one stream, one info and one length that follow each other without a seam.

    ``block`` is their samples, (channels, frames, n), read-only. The frames' timestamps, numbers and metadata
    are those of ``heads``; they begin at ``starts`` (a range: each advances by its step), and samples may
    have been lost before the first only (``gap``). A sequence of sealed frames.
    """

    __slots__ = ("block", "gap", "heads", "info", "starts")

    def __init__(
        self, heads: Sequence[DataFrame], block: Samples, info: StreamInfo, starts: range, gap: int = 0
    ) -> None:
        block.setflags(False)  # type: ignore[call-arg]
        self.heads = heads
        self.block = block
        self.info = info
        self.starts = starts
        self.gap = gap

    @classmethod
    def of(cls, frame: DataFrame) -> "FrameRun":
        """Return the run of one frame, which has samples."""
        start, span = frame.start_sample, frame.advance
        return cls(
            (frame,), frame.samples[:, np.newaxis], frame.info, range(start, start + span, span), frame.gap
        )

    def derive(self, block: Samples, info: StreamInfo) -> "FrameRun":
        """Return what a node makes of each of these frames: other samples, the same time and header.

        ``block`` is (channels, frames, m), a new array; each frame spans what the frame here spans.
        """
        return FrameRun(self.heads, block, info, self.starts, self.gap)

    def __len__(self) -> int:
        return len(self.heads)

    @overload
    def __getitem__(self, at: int) -> DataFrame: ...
    @overload
    def __getitem__(self, at: slice) -> list[DataFrame]: ...
    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        index = range(len(self))[at]
        head = self.heads[index]
        samples = self.block[:, index]
        span = self.starts.step
        return DataFrame.from_samples(
            samples,
            self.info,
            timestamp=head.timestamp,
            sequence_id=head.sequence_id,
            start_sample=self.starts[index],
            gap=0 if index else self.gap,
            span=None if span == samples.shape[1] else span,
            metadata=head.metadata,
        ).seal()

    def __iter__(self) -> Iterator[DataFrame]:
        return (self[index] for index in range(len(self)))


def empty_frames(info: StreamInfo, numbers: range, timestamps: Iterable[int]) -> list[DataFrame]:
    """Return sealed frames without samples, a step of time each: ticks, numbered as they are placed."""
    model = DataFrame(info=info, span=1).seal()
    new, sealed = DataFrame.__new__, type(model)
    frames = []
    for number, timestamp in zip(numbers, timestamps, strict=True):
        frame = new(DataFrame)
        frame.timestamp = timestamp
        frame.sequence_id = frame.start_sample = number
        frame.gap = 0
        frame.span = 1
        frame.info = info
        frame._samples = model._samples
        frame._metadata = model._metadata
        frame._rows = None
        frame.__class__ = sealed
        frames.append(frame)
    return frames
