"""What the engine says to its worker processes, and they to it, besides the frames themselves."""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from streamlab.core.verdict import Outcome, Verdict
from streamlab.engine.metrics import EdgeMetrics, NodeMetrics
from streamlab.engine.process.wire import Codec
from streamlab.engine.report import Report
from streamlab.engine.step import Step
from streamlab.errors import Problem

__all__ = ["CODEC", "REQUEST", "Reply", "apply_counters", "pack_counters"]

CODEC = Codec([Outcome, Verdict, Problem, NodeMetrics, EdgeMetrics, Report])

REQUEST = struct.Struct("<III")
"""Body of PUSH, TAKE and JOB: bytes of the batch, ports of a group or items wanted, number of the job."""

_HEAD = struct.Struct("<II?I")
"""Bytes of the batch, its groups (each with the inputs that it answers), exhausted, bytes of counters."""
_COUNTERS = struct.Struct("<7qdq")
"""A node's metrics in the order of their declaration, and the samples lost after its last frame."""


class Reply(NamedTuple):
    """The answer to PUSH, FLUSH and TAKE: how the batch is to be read, counters, and what went wrong.

    ``groups`` has, for each group of frames in the batch, how many inputs it answers.
    """

    size: int
    groups: Sequence[int]
    ended: bool = False
    counters: bytes = b""
    error: BaseException | None = None

    def packed(self) -> bytes:
        """Return the body."""
        head = _HEAD.pack(self.size, len(self.groups), self.ended, len(self.counters))
        groups = struct.pack(f"<{len(self.groups)}I", *self.groups)
        error = CODEC.pack(self.error) if self.error is not None else b""
        return b"".join((head, groups, self.counters, error))

    @classmethod
    def unpacked(cls, body: bytes) -> "Reply":
        """Read a body."""
        size, count, ended, length = _HEAD.unpack_from(body)
        groups = struct.unpack_from(f"<{count}I", body, _HEAD.size)
        begin = _HEAD.size + 4 * count
        end = begin + length
        error = CODEC.unpack(body[end:]) if len(body) > end else None
        return cls(size, groups, ended, body[begin:end], error)


def pack_counters(steps: Iterable[Step]) -> bytes:
    """Return the counters of nodes, one after the other."""
    return b"".join(
        _COUNTERS.pack(
            m.frames_in, m.frames_out, m.dropped, m.failed, m.undelivered, m.emitted, m.timed,
            m.timed_seconds, step.trailing_gap,
        )
        for step in steps
        for m in (step.metrics,)
    )  # fmt: skip


def apply_counters(steps: Iterable[Step], counters: bytes) -> None:
    """Make the counters here what they are in the worker."""
    for step, (*metrics, gap) in zip(steps, _COUNTERS.iter_unpack(counters), strict=True):
        step.stand_for(NodeMetrics(*metrics), gap)
