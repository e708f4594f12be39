"""Lead: the one-to-one nodes at the head of a chain, in one loop without anything in between.

Once they have seen a stream they take its further frames alone, or several that wait, joined along time and
cut apart again behind the last of them. The bits are the same either way: such nodes do not care how a
stream is cut.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NoReturn

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.frame_run import FrameRun
from streamlab.core.info import StreamInfo
from streamlab.engine.metrics import SAMPLE_EVERY
from streamlab.engine.step import Step

__all__ = ["Lead"]

MAX_SAMPLES = 1 << 15
"""Samples of a block, all channels together: 256 kB, so that the block, what a node makes of it and what
queues behind it are still in a core's second-level cache when they are read."""

PAYS_FROM = 3
"""One-to-one nodes in a row from which on joining costs less than it saves; one, if it generates."""


Work = Callable[[Any], DataFrame]


class Lead:
    """The nodes at the head of a chain with one input, one output, sample-wise.

    ``size`` of them; ``knows`` says whether a frame is one more of the stream that they have seen. What
    passes is counted here, once for all of them.
    """

    __slots__ = (
        "_frame_samples", "_generates", "_info", "_inner", "_passed", "_runs", "_steps", "_works", "joins",
        "size",
    )  # fmt: skip

    def __init__(self, steps: Sequence[Step]) -> None:
        lead: list[Step] = []
        for step in steps:
            cls = type(step.node)
            one_to_one = cls.kind == "sample-wise" and len(cls.inputs) == len(cls.outputs) == 1
            if not one_to_one or step.skips or cls.renumbers or (cls.generator and (lead or not step.blocks)):
                break
            lead.append(step)
        self._steps = lead
        self._generates = bool(lead) and type(lead[0].node).generator
        self._works = [
            (at, step.process, step.node.overwrite if step.inplace else None)
            for at, step in enumerate(lead[1:], 1)
        ]
        self._inner = [step.outlet.taps for step in lead[:-1] if step.outlet is not None]
        self.size = len(lead)
        self.joins = self._generates or len(lead) >= PAYS_FROM
        self.begin()

    def begin(self) -> None:
        """A stream begins: nothing of one before is known."""
        self._info: StreamInfo | None = None
        self._frame_samples = 0  # in a frame that leaves the lead
        self._passed = self._runs = 0

    def learn(self, given: DataFrame, made: DataFrame) -> None:
        """See how a frame went through the nodes one by one: they are configured for its stream now."""
        self._info = given.info
        self._frame_samples = made.samples.size

    def knows(self, frame: DataFrame) -> bool:
        """Whether the frame may take the short way: its stream is known, and nobody reads along inside."""
        return frame.info is self._info and not any(self._inner)

    def room(self) -> int:
        """Return how many frames make a block."""
        return max(1, MAX_SAMPLES // (self._frame_samples or MAX_SAMPLES))

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

    def one(self, frame: DataFrame) -> DataFrame:
        """Take a frame that it ``knows`` through the nodes. Raises NodeError."""
        return self._through(self._steps[0].process, frame, (frame,))

    def run(self, frames: Sequence[DataFrame]) -> FrameRun:
        """Take several, ``joined``, through the nodes at once. Raises NodeError."""
        count, first = len(frames), frames[0]
        if self._generates:
            block = self._through(self._steps[0].node.process_block, frames, frames)
        else:
            together = first.with_block(np.concatenate([frame.samples for frame in frames], axis=1))
            head = self._steps[0]
            block = self._through(_inplace(head) if head.inplace else head.process, together, frames)
        samples, start = block.samples, block.start_sample
        size = samples.shape[1] // count
        apart = samples.reshape(len(samples), count, size)
        starts = range(start, start + size * count, size)
        return FrameRun(frames, apart, block.info, starts, 0 if self._generates else first.gap)

    def _through(self, head: Work, given: Any, frames: Sequence[DataFrame]) -> DataFrame:
        self._runs += 1
        if self._runs % SAMPLE_EVERY == 0:
            return self._timed(head, given, frames)
        at = 0
        try:
            frame = head(given)
            if not self._generates:
                _check(frame, given)
            for place, process, overwrite in self._works:
                at = place
                if overwrite is not None and not frame.sealed:
                    overwrite(frame)
                else:
                    frame = _check(process(frame), frame)
        except Exception as error:
            self._failed(at, error, frames)
        self._passed += len(frames)
        return frame

    def _timed(self, head: Work, given: Any, frames: Sequence[DataFrame]) -> DataFrame:
        """As ``_through``, with a look at the clock after each node."""
        at, began = 0, perf_counter()
        try:
            frame = head(given)
            if not self._generates:
                _check(frame, given)
            began = self._took(0, began, len(frames))
            for place, process, overwrite in self._works:
                at = place
                if overwrite is not None and not frame.sealed:
                    overwrite(frame)
                else:
                    frame = _check(process(frame), frame)
                began = self._took(at, began, len(frames))
        except Exception as error:
            self._failed(at, error, frames)
        self._passed += len(frames)
        return frame

    def _took(self, at: int, began: float, count: int) -> float:
        now = perf_counter()
        self._steps[at].metrics.took(count, now - began)
        return now

    def _failed(self, at: int, error: Exception, frames: Sequence[DataFrame]) -> NoReturn:
        """Count a failure of the node at this place. Raises NodeError."""
        self.settle()
        for step in self._steps[:at]:
            step.metrics.passed(len(frames))
        step = self._steps[at]
        step.metrics.frames_in += len(frames)
        step.fail_all(error, frames[0], len(frames))

    @property
    def uncounted(self) -> int:
        """Frames that went through, which the nodes' own counters do not have yet."""
        return self._passed

    def settle(self) -> None:
        """Write what was counted here to the nodes' counters: for whoever does the chain's work."""
        count, self._passed = self._passed, 0
        if count:
            for step in self._steps:
                step.metrics.passed(count)


def _check(made: Any, given: DataFrame) -> DataFrame:
    """Return what a one-to-one node made of a frame. Raises TypeError when it is not one frame as long."""
    if not isinstance(made, DataFrame) or made.n != given.n:
        raise TypeError(f"a sample-wise node returns one frame with as many samples, found {made!r:.80}")
    return made


def _inplace(step: Step) -> Work:
    def work(frame: DataFrame) -> DataFrame:
        step.node.overwrite(frame)
        return frame

    return work
