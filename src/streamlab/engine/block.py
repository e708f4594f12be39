"""Lead: the one-to-one nodes at the head of a chain, run once for several frames that wait together.

The frames are joined along time and cut apart again behind the last of these nodes. The bits are the same
either way: such nodes do not care how a stream is cut.
"""

from collections.abc import Sequence

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.samples import Samples
from streamlab.engine.step import Step

__all__ = ["Lead"]

MAX_SAMPLES = 8192
"""Samples of a block, all channels together: it and what queues behind it stay in a core's L2 cache."""

PAYS_FROM = 3
"""One-to-one nodes in a row from which on joining costs less than it saves; one, if it generates."""


class Lead:
    """The nodes of a chain that can work on a block: one input, one output, sample-wise."""

    __slots__ = ("_frame_samples", "_generates", "_steps", "size", "useful")

    def __init__(self, steps: Sequence[Step]) -> None:
        lead: list[Step] = []
        for step in steps:
            cls = type(step.node)
            one_to_one = cls.kind == "sample-wise" and len(cls.inputs) == len(cls.outputs) == 1
            if not one_to_one or step.skips or (cls.generator and (lead or not step.blocks)):
                break
            lead.append(step)
        self._steps = lead
        self._generates = bool(lead) and type(lead[0].node).generator
        self._frame_samples = 0  # in a frame that leaves the lead; learned from the first
        self.size = len(lead)
        self.useful = self._generates or len(lead) >= PAYS_FROM

    def room(self) -> int:
        """Return how many frames make a block now; 1: they are not to be joined."""
        size = self._frame_samples
        if not size or any(step.tapped for step in self._steps[:-1]):
            return 1
        return max(1, MAX_SAMPLES // size)

    def learn(self, frame: DataFrame) -> None:
        """See how large a frame is that leaves the lead."""
        self._frame_samples = frame.samples.size

    def joins(self, before: DataFrame, frame: DataFrame) -> bool:
        """Whether a frame continues the one before it without a seam."""
        if frame.info is not before.info or frame.n != before.n:
            return False
        if self._generates:
            return not frame.n  # a trigger that brings channels along is worked on alone
        if frame.gap or not frame.n or frame.info.axis != "time":
            return False
        return frame.start_sample == before.start_sample + before.n

    def run(self, frames: Sequence[DataFrame]) -> tuple[list[DataFrame], Samples]:
        """Run the nodes once for all frames.

        Returns the frames as they leave the last node, sealed, and the block that they are views of,
        (channels, frames, n). Raises NodeError.
        """
        count, first = len(frames), frames[0]
        if self._generates:
            joined = self._steps[0].call_block(frames)
            starts = range(joined.start_sample, joined.start_sample + joined.n, joined.n // count)
        else:
            block = np.concatenate([frame.samples for frame in frames], axis=1)
            joined = self._steps[0].call_joined(first.with_block(block), count)
            starts = range(first.start_sample, first.start_sample + first.n * count, first.n)
        for step in self._steps[1:]:
            joined = step.call_joined(joined, count)
        samples, info = joined.seal().samples, joined.info
        size = samples.shape[1] // count
        apart = [
            DataFrame.from_samples(
                samples[:, at * size : (at + 1) * size],
                info,
                timestamp=frame.timestamp,
                sequence_id=frame.sequence_id,
                start_sample=start,
                gap=0 if self._generates else frame.gap,
                metadata=frame.metadata,
            ).seal()
            for at, (frame, start) in enumerate(zip(frames, starts, strict=True))
        ]
        return apart, samples.reshape(len(samples), count, size)
