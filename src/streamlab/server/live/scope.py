"""Scope: a window around a trigger, whole each time."""

from collections import deque
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.info import StreamInfo
from streamlab.core.samples import Samples
from streamlab.server.live.blocks import Block
from streamlab.server.live.columns import CLIP_MARK, ColumnReducer, samples_per_column
from streamlab.server.live.frames import Flag, Kind
from streamlab.server.live.options import ScopeOptions
from streamlab.server.live.reducer import CannotShow, Piece, Reducer, over_time, ranges_of

__all__ = ["ScopeReducer", "crossings"]

_AUTO_SECONDS = 0.5
"""How long ``auto`` waits for a trigger before it shows what comes."""
_MOST = 2**22
"""Samples of a window at most, all channels together."""


def crossings(samples: NDArray[Any], level: float, hysteresis: float, armed: bool) -> tuple[Any, bool]:
    """Return where samples rise to the level after they were below it by the hysteresis.

    ``armed`` says whether they were before the first one; returned again for after the last one.
    """
    state = np.where(samples >= level, 1, np.where(samples < level - hysteresis, -1, 0))
    known = np.flatnonzero(state)
    if not len(known):
        return known, armed
    before = np.empty(len(known), dtype=state.dtype)
    before[0] = -1 if armed else 1
    before[1:] = state[known[:-1]]
    return known[(state[known] == 1) & (before == -1)], bool(state[known[-1]] == -1)


class ScopeReducer(Reducer):
    """The newest window whose trigger lies where it should; no window reaches over a hole."""

    kind = Kind.SCOPE

    def __init__(self, info: StreamInfo, options: ScopeOptions) -> None:
        super().__init__(info, options.channels, 8)
        self._rate = over_time(info, "a scope")
        self._options = options
        if options.source is not None and options.source not in info:
            raise CannotShow(
                f"no channel {options.source!r} to trigger on; channels: {', '.join(info.names)}"
            )
        self._source = info.row(options.source) if options.source is not None else self.rows[0]
        self._size = max(2, round(options.window * self._rate))
        if self._size * len(self.rows) > _MOST:
            raise CannotShow(f"a window of {self._size} samples is too long for a scope: take a strip")
        self._pre = round(options.pre * (self._size - 1))
        rate: Fraction | None = info.sample_rate
        self._column = samples_per_column(self._size / self._rate, rate, options.columns)
        self._count = -(-self._size * self._column.denominator // self._column.numerator)
        self.period = max(1 / 30, options.window / 20)
        self._blocks: deque[tuple[int, Samples]] = deque()
        self._clear(0)
        self._done = False
        self._shown = -1  # the sample after the newest window that was shown

    def _clear(self, start: int) -> None:
        self._blocks.clear()
        self._start = self._end = start
        self._triggers: deque[int] = deque()
        self._armed = False
        self._last_trigger = start

    def restart(self) -> None:
        self._done = False

    def describe(self) -> dict[str, Any]:
        size = self._column
        return {
            "samples_per_column": [size.numerator, size.denominator],
            "columns": self._count,
            "pre": self._pre,
            "size": self._size,
        }

    def feed(self, block: Block) -> None:
        """Take a block and look for triggers in it."""
        n = block.samples.shape[1]
        if block.lost or block.start != self._end:
            self.lost += block.lost
            self._clear(block.start)
        if not n:
            return
        row = block.samples[self._source]
        level = self._options.level
        if self._options.slope == "falling":
            row, level = -row, -level
        found, self._armed = crossings(row, level, self._options.hysteresis, self._armed)
        self._triggers.extend((block.start + found[-1024:]).tolist())
        self._blocks.append((block.start, self.picked(block.samples)))
        self._end = block.start + n
        while self._blocks[0][0] + self._blocks[0][1].shape[1] <= self._end - 2 * self._size:
            self._blocks.popleft()
        self._start = self._blocks[0][0]
        while self._triggers and self._triggers[0] - self._pre < self._start:
            self._last_trigger = max(self._last_trigger, self._triggers.popleft())

    def take(self) -> list[Piece]:
        """Return the newest whole window."""
        if self._done or self._end - self._start < self._size:
            return []
        fitting = [at for at in self._triggers if at - self._pre + self._size <= self._end]
        if fitting:
            trigger = fitting[-1]
            self._last_trigger = trigger
            first = trigger - self._pre
            if first + self._size <= self._shown:
                return []  # it was shown
            self._done = self._options.mode == "single"
            return [self._piece(first, trigger)]
        if self._options.mode != "auto" or self._triggers:
            return []
        if self._end - self._last_trigger < _AUTO_SECONDS * self._rate or self._end <= self._shown:
            return []
        return [self._piece(self._end - self._size, None)]

    def _piece(self, first: int, trigger: int | None) -> Piece:
        self._shown = first + self._size
        parts = [
            samples[:, max(0, first - start) : first + self._size - start]
            for start, samples in self._blocks
            if start < first + self._size and start + samples.shape[1] > first
        ]
        samples = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        reducer = ColumnReducer(self._column, ranges_of(self.channels))
        stretches = reducer.feed(samples, 0) + reducer.flush()
        marks = np.concatenate([item.marks for item in stretches])
        values = b"".join(item.values.tobytes() for item in stretches)
        flags = Flag.CLIPPED if (marks & CLIP_MARK).any() else Flag.NONE
        if self.lost:
            flags |= Flag.GAP
        return Piece(
            values + marks.tobytes(),
            first,
            columns=len(marks),
            time=first / self._rate,
            flags=flags,
            lost=self.counted(),
            trigger=0 if trigger is None else reducer.column_of(trigger - first) + 1,
        )
