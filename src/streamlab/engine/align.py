"""Align: an inlet that cuts all inputs to the same stretch of sample time, on one grid."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from streamlab.core.channel import Receiver, wait_any
from streamlab.core.frame import DataFrame
from streamlab.core.info import StreamInfo, exact_rate
from streamlab.core.ports import Fill, Join
from streamlab.dsp.interpolate import interpolate, support
from streamlab.errors import EndOfStream, FrameError

__all__ = ["Align"]


@dataclass(slots=True)
class _Piece:
    """Samples of one input without a gap in them.

    From sample ``start`` on its own axis, whose zero lies at ``origin`` (us).
    """

    start: int
    info: StreamInfo
    rate: Fraction
    origin: int
    blocks: list[Any] = field(default_factory=list)
    length: int = 0
    closed: bool = False

    @property
    def end(self) -> int:
        return self.start + self.length

    def add(self, samples: Any) -> None:
        self.blocks.append(samples)
        self.length += samples.shape[1]

    def forget(self, before: int) -> None:
        """Let go of whole blocks that end before a sample."""
        while len(self.blocks) > 1 and self.start + self.blocks[0].shape[1] <= before:
            gone = self.blocks.pop(0).shape[1]
            self.start += gone
            self.length -= gone

    def joined(self) -> Any:
        if len(self.blocks) > 1:
            self.blocks = [np.concatenate(self.blocks, axis=1)]
        return self.blocks[0]


class Align:
    """Puts inputs together by sample time.

    ``start_sample / rate`` from each stream's own origin (its timestamps say where that lies).

    The frames of the first input give the cuts; the grid has ``rate`` Hz (that of the first input if not
    given). Other inputs, and the first where its rate differs, are found on the grid by ``fill``. The
    stream begins where all inputs have begun and ends where the first of them ends. A gap in any input is a
    gap of the group: nothing is filled over it. Frames of the first input that nothing matches, or that
    waited longer than ``deadline`` seconds, are dropped and counted. Before all inputs have arrived the
    first one waits.
    """

    __slots__ = (
        "_deadline", "_end", "_fill", "_finished", "_heads", "_held", "_lost", "_need", "_origin", "_pieces",
        "_rate", "_since", "receivers",
    )  # fmt: skip

    def __init__(self, receivers: tuple[Receiver, ...], join: Join) -> None:
        self.receivers = receivers
        self._rate = exact_rate(join.rate)
        self._fill: Fill = join.fill
        self._deadline = join.deadline
        self._pieces: list[deque[_Piece]] = [deque() for _ in receivers]
        self._heads: deque[_Head] = deque()  # frames of the first input that are not cut yet
        self._held = 0  # slots held for them
        self._finished = False  # whether the last group was the rest of its head
        self._origin = 0
        self._need: list[int] = [0]  # the inputs that must deliver before anything can go on
        self._since: float | None = None
        self._lost = 0
        self._end: EndOfStream | None = None

    # -- the inlet

    def poll(self) -> tuple[DataFrame, ...] | None:
        """See :class:`~streamlab.engine.joins.Inlet`."""
        while True:
            if not self._heads:
                if self._end is not None:
                    raise self._end
                self._need = [0]
                if not self._read(0):
                    return None
                continue
            group = self._cut_group(self._heads[0])
            if group is not None:
                return group
            if not self._need or self._read_needed():
                continue
            if not self._overdue():
                return None
            self._lost += self._heads[0].high - self._heads[0].low
            self._drop_head()

    async def wait(self) -> None:
        """See :class:`Inlet`."""
        waiting = [self.receivers[at] for at in self._need]
        if self._since is None or self._deadline is None:
            await wait_any(waiting)
            return
        try:
            async with asyncio.timeout_at(self._since + self._deadline):
                await wait_any(waiting)
        except TimeoutError:
            pass

    def done(self) -> None:
        """See :class:`Inlet`."""
        if self._finished and self._held:
            self._held -= 1
            self.receivers[0].state.release()

    def fail(self) -> None:
        """See :class:`Inlet`."""
        if self._finished and self._held:
            self._held -= 1
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
                while self._heads:
                    self._drop_head()
                raise
            if pieces:
                pieces[-1].closed = True
            return True
        self._keep(at, frame)
        if at == 0 and self._add_head(frame):
            self._held += 1
        else:
            receiver.state.release()  # its samples are in the buffer, which grows only as the cut needs
        return True

    def _add_head(self, frame: DataFrame) -> bool:
        """Queue a frame of the first input.

        True when it lies on the grid as it is, so that no later one is needed to cut it.
        """
        rate = _rate_of(frame, 0)
        grid = self._rate or rate
        low, high = (
            ceil(index * grid / rate) for index in (frame.start_sample, frame.start_sample + frame.n)
        )
        if not self._heads:
            self._since = asyncio.get_running_loop().time()
        self._heads.append(_Head(frame, grid, low, high))
        return grid == rate

    def _keep(self, at: int, frame: DataFrame) -> None:
        rate = _rate_of(frame, at)
        pieces = self._pieces[at]
        origin = frame.timestamp - floor(frame.start_sample * 1_000_000 / rate)
        if at == 0:
            self._origin = origin
        last = pieces[-1] if pieces else None
        if last is None or last.info is not frame.info or last.end != frame.start_sample or last.closed:
            if last is not None:
                last.closed = True
            last = _Piece(frame.start_sample, frame.info, rate, origin)
            pieces.append(last)
        last.add(frame.samples)

    def _drop_head(self) -> None:
        self._heads.popleft()
        self._since = asyncio.get_running_loop().time() if self._heads else None
        state = self.receivers[0].state
        if self._held:
            self._held -= 1
            state.discard()
        else:
            state.done -= 1
            state.dropped += 1

    # -- cutting

    def _cut_group(self, head: "_Head") -> tuple[DataFrame, ...] | None:
        """Cut as much of the head as all inputs have.

        None when that is nothing: ``_need`` says who must deliver, if anyone.
        """
        self._need = []
        low, high = head.low, head.high
        for at, pieces in enumerate(self._pieces):
            covered = self._covered(at, pieces, head, low, high)
            if covered is None:
                self._need.append(at)
                continue
            begin, end = covered
            skip = min(begin, high)
            self._lost += max(0, skip - low)
            low = head.low = max(low, skip)
            high = max(low, min(high, end))
        if self._need:
            return None
        if low == head.high:
            self._drop_head()
            return None
        if low == high:
            return None
        frames = tuple(self._frame(at, pieces[0], head, low, high) for at, pieces in enumerate(self._pieces))
        head.low = high
        self._lost = 0
        self._finished = high == head.high
        if self._finished:
            self._heads.popleft()
            self._since = asyncio.get_running_loop().time() if self._heads else None
        return frames

    def _covered(
        self, at: int, pieces: deque[_Piece], head: "_Head", low: int, high: int
    ) -> tuple[int, int] | None:
        """Return the stretch of the grid that an input's present piece covers.

        Or None while that must still grow.
        """
        while pieces:
            piece = pieces[0]
            shift = self._shift(piece)
            begin, end = (
                ceil((Fraction(index) / piece.rate - shift) * head.grid) for index in (piece.start, piece.end)
            )
            if piece.closed and end <= low:
                pieces.popleft()
                continue
            last = floor((Fraction(high - 1) / head.grid + shift) * piece.rate)
            if piece.closed or last + self._support(piece, head.grid)[1] < piece.end:
                return begin, end
            return None
        return None

    def _support(self, piece: _Piece, grid: Fraction) -> tuple[int, int]:
        on_grid = piece.rate == grid and (self._shift(piece) * piece.rate).denominator == 1
        return (0, 0) if on_grid else support(self._fill, piece.rate, grid)

    def _shift(self, piece: _Piece) -> Fraction:
        """Seconds from an input's origin to that of the first input."""
        return Fraction(self._origin - piece.origin, 1_000_000)

    def _frame(self, at: int, piece: _Piece, head: "_Head", low: int, high: int) -> DataFrame:
        before, after = self._support(piece, head.grid)
        fill: Fill = self._fill if after else "hold"  # on the grid there is nothing to find
        shift = self._shift(piece)
        samples = interpolate(fill, piece.joined(), piece.start, piece.rate, head.grid, low, high, shift)
        piece.forget(floor((Fraction(high) / head.grid + shift) * piece.rate) - before)
        return DataFrame.from_samples(
            samples,
            piece.info.replace(sample_rate=head.grid),
            timestamp=self._origin + floor(low * 1_000_000 / head.grid),
            sequence_id=head.frame.sequence_id,
            start_sample=low,
            gap=max(self._lost, head.frame.gap) if low == head.first else self._lost,
            metadata=head.frame.metadata if at == 0 else None,
        ).seal()

    def _overdue(self) -> bool:
        since, deadline = self._since, self._deadline
        return (
            since is not None
            and deadline is not None
            and asyncio.get_running_loop().time() >= since + deadline
        )


class _Head:
    """A frame of the first input and what of it is still to be cut, on the grid."""

    __slots__ = ("first", "frame", "grid", "high", "low")

    def __init__(self, frame: DataFrame, grid: Fraction, low: int, high: int) -> None:
        self.frame = frame
        self.grid = grid
        self.low = self.first = low
        self.high = high


def _rate_of(frame: DataFrame, at: int) -> Fraction:
    rate = frame.sample_rate
    if rate is None:
        raise FrameError(f"align needs a sample rate on every input; input {at + 1} has none ({frame!r})")
    return rate
