"""What a tap has caught, put together: stretches of samples without a hole, or single frames of points."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.info import StreamInfo
from streamlab.core.samples import Samples

__all__ = ["Block", "assemble"]


@dataclass(slots=True)
class Block:
    """Samples of one stream, (channels, n), the first of them at ``start``, with ``lost`` missing before.

    Over time n samples follow each other; on another axis it is one frame with ``span`` samples of its
    source under it. ``timestamp`` is that of the first sample, in microseconds.
    """

    info: StreamInfo
    samples: Samples
    start: int
    span: int
    lost: int
    timestamp: int

    @property
    def end(self) -> int:
        """The sample after the last, on the source's axis."""
        return self.start + self.span


def assemble(frames: Iterable[DataFrame]) -> list[Block]:
    """Join frames that follow each other without a hole. Frames without channels are left out."""
    blocks: list[Block] = []
    waiting: list[DataFrame] = []
    for frame in frames:
        if not frame.info.names:
            continue
        if waiting and not _follows(waiting[-1], frame):
            blocks.append(_joined(waiting))
            waiting = []
        waiting.append(frame)
    if waiting:
        blocks.append(_joined(waiting))
    return blocks


def _follows(before: DataFrame, frame: DataFrame) -> bool:
    return (
        frame.info is before.info
        and frame.info.axis == "time"
        and frame.span is None
        and before.span is None
        and not frame.gap
        and frame.start_sample == before.start_sample + before.n
    )


def _joined(frames: list[DataFrame]) -> Block:
    first = frames[0]
    samples = first.samples if len(frames) == 1 else np.concatenate([item.samples for item in frames], axis=1)
    span = first.advance if len(frames) == 1 else samples.shape[1]
    return Block(first.info, samples, first.start_sample, span, first.gap, first.timestamp)
