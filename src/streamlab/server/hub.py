"""Hub: what a worker has sent of one stream, for every client that looks at it.

Each client has a cursor of its own. Who is up to date gets the bytes as they came, the same for all; who was
slow gets what was missed put together: columns and rows joined, of everything else the newest.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from streamlab.server.live.frames import HEAD_BYTES, Flag, FrameHead, Kind

__all__ = ["Cursor", "StreamHub"]

_MAX_ROWS = 1024
"""Rows of a waterfall that are kept for who comes later, or is slow."""
_MAX_LATEST = 64
"""Frames of the kinds whose newest counts: enough to put a few seconds of meters together."""

_JOINED = (Kind.STRIP, Kind.WATERFALL)


@dataclass(slots=True)
class Cursor:
    """How far a client has come in a stream."""

    generation: int = -1
    sequence: int = 0


@dataclass(slots=True)
class _Kept:
    head: FrameHead
    frame: bytes

    @property
    def payload(self) -> memoryview:
        return memoryview(self.frame)[HEAD_BYTES:]


@dataclass(eq=False)
class StreamHub:
    """One stream of one pipeline.

    ``request`` is what the worker is told to make it (output, kind, options); ``clients`` counts who looks.
    """

    number: int
    pipeline: str
    request: dict[str, Any]
    clients: int = 0
    generation: int = 0
    description: bytes | None = None
    problem: dict[str, Any] | None = None
    listeners: set[Callable[[], None]] = field(default_factory=set)
    _kept: deque[_Kept] = field(default_factory=deque)
    _size: int = 0
    _most: int = 2400

    def add(self, frame: bytes, head: FrameHead) -> None:
        """Take a frame from the worker."""
        if head.kind is Kind.DESCRIPTION:
            self.generation, self.description, self.problem = head.generation, frame, None
            self._kept.clear()
            self._size = 0
            return
        if head.generation != self.generation:
            return  # of a description that never came
        if head.kind is Kind.STRIP:
            self._most = int(self.request["options"]["columns"])
        if head.flags & Flag.RESET:
            self._kept.clear()
            self._size = 0
        self._kept.append(_Kept(head, frame))
        self._size += self._weight(head)
        most = {Kind.STRIP: self._most, Kind.WATERFALL: _MAX_ROWS}.get(head.kind, _MAX_LATEST)
        while len(self._kept) > 1 and self._size - self._weight(self._kept[0].head) >= most:
            self._size -= self._weight(self._kept.popleft().head)

    @staticmethod
    def _weight(head: FrameHead) -> int:
        if head.kind is Kind.STRIP:
            return head.columns
        return head.rows if head.kind is Kind.WATERFALL else 1

    def fetch(self, cursor: Cursor) -> list[bytes]:
        """Return what a client has not seen, description first where it is new; moves the cursor."""
        if self.description is None:
            return []
        frames: list[bytes] = []
        fresh = cursor.generation != self.generation
        if fresh:
            frames.append(self.description)
            cursor.generation, cursor.sequence = self.generation, 0
        if not self._kept or self._kept[-1].head.sequence < cursor.sequence:
            return frames
        missed = self._kept[0].head.sequence > cursor.sequence
        waiting = [item for item in self._kept if item.head.sequence >= cursor.sequence]
        cursor.sequence = self._kept[-1].head.sequence + 1
        flags = Flag.NONE
        if waiting[0].head.kind in _JOINED:
            if fresh:
                flags = Flag.RESET
            elif missed:
                flags = Flag.RESET | Flag.GAP
        if len(waiting) == 1 and not flags:
            return [*frames, waiting[0].frame]
        return frames + _merged(waiting, flags)


def _merged(waiting: list[_Kept], flags: Flag) -> list[bytes]:
    kind = waiting[0].head.kind
    if kind is Kind.STRIP or kind is Kind.WATERFALL:
        runs: list[list[_Kept]] = []
        for item in waiting:
            if runs and item.head.first == _after(runs[-1][-1].head):
                runs[-1].append(item)
            else:
                runs.append([item])
        join = _strip if kind is Kind.STRIP else _waterfall
        return [join(run, flags if at == 0 else Flag.NONE) for at, run in enumerate(runs)]
    with_data = [item for item in waiting if item.head.columns]
    ended = Flag.EOS & waiting[-1].head.flags
    if not with_data:
        return [waiting[-1].frame]
    lost = sum(item.head.lost for item in waiting)
    newest = with_data[-1]
    payload = bytes(newest.payload)
    if len(with_data) > 1 and kind in (Kind.LEVELS, Kind.SCALAR):
        payload = _combined(kind, with_data)
    gap = Flag.GAP if lost else Flag.NONE
    head = replace(
        newest.head,
        sequence=waiting[-1].head.sequence,
        flags=newest.head.flags | ended | gap,
        lost=lost,
    )
    return [head.frame(payload)]


def _after(head: FrameHead) -> int:
    return head.first + (head.columns if head.kind is Kind.STRIP else head.rows)


def _joined_head(run: list[_Kept], flags: Flag) -> FrameHead:
    for item in run:
        flags |= item.head.flags
    return replace(
        run[0].head,
        sequence=run[-1].head.sequence,
        flags=flags,
        emitted=run[-1].head.emitted,
        lost=sum(item.head.lost for item in run),
    )


def _strip(run: list[_Kept], flags: Flag) -> bytes:
    values, marks = [], []
    for item in run:
        size = 8 * item.head.channels * item.head.columns
        values.append(item.payload[:size])
        marks.append(item.payload[size : size + item.head.columns])
    head = replace(_joined_head(run, flags), columns=sum(item.head.columns for item in run))
    return head.frame(b"".join([*values, *marks]))


def _waterfall(run: list[_Kept], flags: Flag) -> bytes:
    rows = [item.payload[: item.head.rows * item.head.columns] for item in run]
    head = replace(
        _joined_head(run, flags),
        columns=max(item.head.columns for item in run),
        rows=sum(item.head.rows for item in run),
        time=run[-1].head.time,
    )
    return head.frame(b"".join(rows))


def _combined(kind: Kind, waiting: list[_Kept]) -> bytes:
    """Put meters or numbers of several frames together, as if they had been one."""
    dtype = np.float32 if kind is Kind.LEVELS else np.float64
    shape = (waiting[-1].head.channels, 4)
    count = shape[0] * 4
    tables = np.stack([np.frombuffer(item.payload, dtype, count).reshape(shape) for item in waiting])
    out = tables[-1].copy()
    if kind is Kind.LEVELS:  # RMS and held peak are the newest
        out[:, 1] = np.fmax.reduce(tables[:, :, 1])
        out[:, 3] = tables[:, :, 3].sum(axis=0)
    else:
        out[:, 1] = np.fmin.reduce(tables[:, :, 1])
        out[:, 2] = np.fmax.reduce(tables[:, :, 2])
        out[:, 3] = tables[:, :, 3].mean(axis=0)
    return bytes(out.tobytes())
