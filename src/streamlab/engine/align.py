"""Align: an inlet that cuts all inputs to the same stretch of sample time, on one grid."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from streamlab.core.channel import Receiver
from streamlab.core.frame import DataFrame
from streamlab.core.info import StreamInfo, exact_rate
from streamlab.core.ports import Fill, Join
from streamlab.core.samples import Samples
from streamlab.dsp.interpolate import interpolate, support
from streamlab.engine.patience import Patience
from streamlab.errors import EndOfStream, FrameError

__all__ = ["Align"]

Metadata = Mapping[str, Any]


@dataclass(slots=True)
class _Piece:
    """Samples of one input without a gap in them.

    From sample ``start`` on its own axis, whose zero lies at ``origin`` (us).
    """

    start: int
    info: StreamInfo
    rate: Fraction
    origin: int
    blocks: deque[Samples] = field(default_factory=deque)
    notes: deque[tuple[int, Metadata]] = field(default_factory=deque)  # from which sample on they hold
    length: int = 0
    closed: bool = False

    @property
    def end(self) -> int:
        return self.start + self.length

    def add(self, frame: DataFrame) -> None:
        self.notes.append((self.end, frame.metadata))
        self.blocks.append(frame.samples)
        self.length += frame.n

    def forget(self, before: int) -> None:
        """Let go of the samples before one of them."""
        gone = min(before, self.end) - self.start
        if gone <= 0:
            return
        self.start += gone
        self.length -= gone
        while len(self.notes) > 1 and self.notes[1][0] <= self.start:
            self.notes.popleft()
        while gone and gone >= self.blocks[0].shape[1]:
            gone -= self.blocks.popleft().shape[1]
        if gone:
            self.blocks[0] = self.blocks[0][:, gone:]

    def joined(self) -> Samples:
        if len(self.blocks) > 1:
            self.blocks = deque([np.concatenate(self.blocks, axis=1)])
        return self.blocks[0]

    def metadata(self, at: int) -> Metadata:
        """Return the metadata of the frame that held a sample."""
        return next(metadata for begin, metadata in reversed(self.notes) if begin <= at)


class _Head:
    """A frame of the first input and what of it is still to be cut, on the grid."""

    __slots__ = ("cut", "first", "frame", "gap", "grid", "held", "high", "low", "piece")

    def __init__(self, frame: DataFrame, piece: _Piece, grid: Fraction) -> None:
        self.frame = frame
        self.piece = piece
        self.grid = grid
        rate, begin = piece.rate, frame.start_sample
        self.low, self.high = (ceil(index * grid / rate) for index in (begin, begin + frame.n))
        self.first = self.low
        self.gap = floor(frame.gap * grid / rate)
        # Nothing of it lies between two points of the grid: it is not lost, and there is nothing to cut.
        self.cut = self.low == self.high
        # Whether it keeps its slot until it is cut: on the grid as it is, it needs no later one for that.
        self.held = grid == rate


class Align:
    """Puts inputs together by sample time.

    ``start_sample / rate`` from each stream's own origin (its timestamps say where that lies).

    The frames of the first input give the cuts, and their number; the grid has ``rate`` Hz (that of the
    first input if not given). Other inputs, and the first where its rate differs, are found on the grid by
    ``fill``. The stream begins where all inputs have begun and ends where the first of them ends. A gap in
    any input is a gap of the group: nothing is filled over it, and a frame with a gap of another input in it
    comes in pieces that bear one number. Frames of the first input that nothing matches, or that waited
    longer than ``deadline`` seconds, are dropped and counted. Before all inputs have arrived the first one
    waits.
    """

    __slots__ = (
        "_cut", "_end", "_fill", "_grid", "_heads", "_need", "_next", "_passed", "_patience", "_pieces",
        "_rate", "_rates", "receivers",
    )  # fmt: skip

    def __init__(self, receivers: tuple[Receiver, ...], join: Join) -> None:
        self.receivers = receivers
        self._rate = exact_rate(join.rate)
        self._fill: Fill = join.fill
        self._patience = Patience(join.deadline)
        self._pieces: list[deque[_Piece]] = [deque() for _ in receivers]
        self._rates: list[Fraction | None] = [None] * len(receivers)  # of the newest frames
        self._heads: deque[_Head] = deque()  # frames of the first input that are not cut yet
        self._cut: _Head | None = None  # the head of the last group, if that was the rest of it
        self._need: list[int] = [0]  # the inputs that must deliver before anything can go on
        self._grid: Fraction | None = None
        self._next = 0  # where on the grid the next group begins if nothing is lost
        self._passed = 0  # up to where heads were cut or dropped
        self._end: EndOfStream | None = None

    # -- the inlet

    def poll(self) -> tuple[DataFrame, ...] | None:
        """See :class:`~streamlab.engine.joins.Inlet`."""
        while True:
            if not self._heads:
                if self._end is not None:
                    raise self._ended(0, self._end)
                self._need = [0]
                if not self._read(0):
                    return None
                continue
            group = self._cut_group(self._heads[0])
            if group is not None:
                return group
            if not self._need or self._read_needed():
                continue
            if not self._patience.over:
                return None
            self._heads[0].low = self._heads[0].high

    async def wait(self) -> None:
        """See :class:`Inlet`."""
        await self._patience.wait([self.receivers[at] for at in self._need])

    def done(self, count: int = 1) -> None:
        """See :class:`Inlet`."""
        head, self._cut = self._cut, None
        if head is not None and head.held:
            self.receivers[0].state.release()

    def fail(self) -> None:
        """See :class:`Inlet`."""
        head, self._cut = self._cut, None
        if head is not None:
            self._unhold(head)
            self.receivers[0].state.fail()

    # -- taking frames in

    def _read_needed(self) -> bool:
        """Read once from every input that the cut waits for. False when none has anything new."""
        news = [self._read(at) for at in self._need]
        return any(news)

    def _read(self, at: int) -> bool:
        """Take a frame of an input into its buffer, or learn that it has ended.

        False when there is nothing new.
        """
        receiver, pieces = self.receivers[at], self._pieces[at]
        if not receiver.ready:
            return False
        try:
            frame = receiver.take()
        except EndOfStream as end:
            if at == 0:
                self._end = end
            elif not pieces or pieces[-1].closed:
                error = self._ended(at, end)
                while self._heads:
                    self._retire()
                raise error from None
            if pieces:
                pieces[-1].closed = True
            return True
        held = self._keep(at, frame)
        if not held:
            receiver.state.release()  # its samples are in the buffer, which grows only as the cut needs
        return True

    def _keep(self, at: int, frame: DataFrame) -> bool:
        """Put a frame's samples into the buffer of its input, and queue it if it is the first's.

        True when it keeps its slot.
        """
        rate = frame.sample_rate
        if rate is None:
            label = self.receivers[at].state.label
            raise FrameError(f"align needs a sample rate on every input; {label!r} brings {frame!r}")
        self._rates[at] = rate
        pieces = self._pieces[at]
        last = pieces[-1] if pieces else None
        if last is None or last.info is not frame.info or last.end != frame.start_sample or last.closed:
            if last is not None:
                last.closed = True
            origin = frame.timestamp - floor(frame.start_sample * 1_000_000 / rate)
            last = _Piece(frame.start_sample, frame.info, rate, origin)
            pieces.append(last)
        last.add(frame)
        if at:
            return False
        head = _Head(frame, last, self._rate or rate)
        if not self._heads:
            self._patience.begin()
        self._heads.append(head)
        return head.held

    def _ended(self, at: int, end: EndOfStream) -> EndOfStream:
        """Return the end of the joined stream, given that of an input: with what is missing, on the grid."""
        rate, grid = self._rates[at], self._grid
        gap = floor(end.gap * grid / rate) if rate is not None and grid is not None else end.gap
        return EndOfStream(end.reason, gap + max(0, self._passed - self._next))

    def _retire(self) -> None:
        """Be done with the first head; count it as dropped if nothing of it ever came out."""
        head = self._heads.popleft()
        self._passed = head.high
        self._patience.renew(bool(self._heads))
        state = self.receivers[0].state
        if not head.cut:
            self._unhold(head)
            state.discard()
        elif head.held:
            state.release()

    def _unhold(self, head: _Head) -> None:
        """Take back that a frame whose slot is free already was counted as done."""
        if not head.held:
            state = self.receivers[0].state
            state.done -= 1
            state.taken += 1

    # -- cutting

    def _cut_group(self, head: _Head) -> tuple[DataFrame, ...] | None:
        """Cut as much of the head as all inputs have.

        None when that is nothing: ``_need`` says who must deliver, if anyone.
        """
        self._need = []
        if head.grid != self._grid:
            missing = floor((self._passed - self._next) * head.grid / (self._grid or head.grid))
            self._grid, self._passed = head.grid, head.low
            self._next = head.low - head.gap - missing
        while self._pieces[0][0] is not head.piece:
            self._pieces[0].popleft()
        if head.low == head.high:
            self._retire()
            return None
        low, high = head.low, head.high
        for at in range(len(self._pieces)):
            covered = self._covered(at, head, low, high)
            if covered is None:
                self._need.append(at)
                continue
            begin, end = covered
            low = head.low = max(low, min(begin, high))
            high = max(low, min(high, end))
        if low == high:
            self._need = []  # whatever is still to come has no say in this stretch
        if self._need or low == high:
            return None
        gap = max(0, low - self._next, head.gap if low == head.first else 0)
        frames = tuple(self._frame(at, head, low, high, gap) for at in range(len(self._pieces)))
        self._next = self._passed = head.low = high
        head.cut = True
        if high == head.high:
            self._cut = self._heads.popleft()
            self._patience.renew(bool(self._heads))
        return frames

    def _covered(self, at: int, head: _Head, low: int, high: int) -> tuple[int, int] | None:
        """Return the stretch of the grid that an input's present piece covers.

        Or None while that must still grow. What lies before the stretch asked for is forgotten.
        """
        pieces = self._pieces[at]
        while pieces:
            piece = pieces[0]
            shift = _shift(head, piece)
            before, after = self._support(head, piece)
            first, last = (
                floor((Fraction(index) / head.grid + shift) * piece.rate) for index in (low, high - 1)
            )
            piece.forget(first - before)
            begin, end = (
                ceil((Fraction(index) / piece.rate - shift) * head.grid) for index in (piece.start, piece.end)
            )
            if piece.closed and end <= low:
                pieces.popleft()
                continue
            return (begin, end) if piece.closed or last + after < piece.end else None
        return None

    def _support(self, head: _Head, piece: _Piece) -> tuple[int, int]:
        on_grid = piece.rate == head.grid and (_shift(head, piece) * piece.rate).denominator == 1
        return (0, 0) if on_grid else support(self._fill, piece.rate, head.grid)

    def _frame(self, at: int, head: _Head, low: int, high: int, gap: int) -> DataFrame:
        piece = self._pieces[at][0]
        after = self._support(head, piece)[1]
        fill: Fill = self._fill if after else "hold"  # on the grid there is nothing to find
        shift = _shift(head, piece)
        samples = interpolate(fill, piece.joined(), piece.start, piece.rate, head.grid, low, high, shift)
        first = floor((Fraction(low) / head.grid + shift) * piece.rate)
        return DataFrame.from_samples(
            samples,
            piece.info.replace(sample_rate=head.grid),
            timestamp=head.piece.origin + floor(low * 1_000_000 / head.grid),
            sequence_id=head.frame.sequence_id,
            start_sample=low,
            gap=gap,
            metadata=piece.metadata(first) if at else head.frame.metadata,
        ).seal()


def _shift(head: _Head, piece: _Piece) -> Fraction:
    """Seconds from the origin of an input to that of the first input."""
    return Fraction(head.piece.origin - piece.origin, 1_000_000)
