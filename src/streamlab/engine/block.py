"""Lead: the one-to-one nodes at the head of a chain, run once for several frames that wait together.

The frames are joined along time and cut apart again behind the last of these nodes. The bits are the same
either way: such nodes do not care how a stream is cut.
"""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.frame_run import FrameRun
from streamlab.engine.step import Step

__all__ = ["Lead"]

PAYS_FROM = 3
"""One-to-one nodes in a row from which on joining costs less than it saves; one, if it generates."""

MAX_SAMPLES = 1 << 15
"""Samples of a block, all channels together: 256 kB, so that the block, what a node makes of it and what
queues behind it are still in a core's second-level cache when they are read."""


TIME_EVERY = 8
"""One block in so many is timed, node by node."""


class Lead:
    """The nodes of a chain that can work on a block: one input, one output, sample-wise."""

    __slots__ = ("_blocks", "_frame_samples", "_generates", "_steps", "size", "useful")

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
        self._blocks = 0
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

    def joined(self, frames: Sequence[DataFrame]) -> int:
        """Return how many of these frames, from the first on, follow each other without a seam.

        A trigger that brings channels along is worked on alone.
        """
        first = frames[0]
        info, size = first.info, first.n
        if self._generates:
            if info.names:
                return 1
            for count, frame in enumerate(frames):
                if frame.info is not info:
                    return count
            return len(frames)
        if not size or first.span is not None or info.axis != "time":
            return 1
        due = first.start_sample
        for count, frame in enumerate(frames):
            whole = frame.info is info and frame.samples.shape[1] == size and frame.span is None
            if not whole or frame.start_sample != due or (frame.gap and count):
                return count
            due += size
        return len(frames)

    def run(self, frames: Sequence[DataFrame]) -> FrameRun:
        """Run the nodes once for all frames. Returns them as they leave the last node. Raises NodeError."""
        count, first = len(frames), frames[0]
        self._blocks += 1
        timed = self._blocks % TIME_EVERY == 0
        began = perf_counter() if timed else 0.0
        joined = first if self._generates else _side_by_side(frames)
        for step in self._steps:
            joined = step.call_block(frames) if joined is first else step.call_joined(joined, count)
            step.metrics.passed(count)
            if timed:
                now = perf_counter()
                step.metrics.took(count, now - began)
                began = now
        samples, start = joined.samples, joined.start_sample
        size = samples.shape[1] // count
        apart = samples.reshape(len(samples), count, size)
        starts = range(start, start + size * count, size)
        return FrameRun(frames, apart, joined.info, starts, 0 if self._generates else first.gap)


def _side_by_side(frames: Sequence[DataFrame]) -> DataFrame:
    """Return one frame, open to be written to, with the samples of all."""
    return frames[0].with_block(np.concatenate([frame.samples for frame in frames], axis=1))
