"""Strip: the course of channels over time, in columns that are appended."""

from collections import deque
from fractions import Fraction
from typing import Any

import numpy as np

from streamlab.core.info import StreamInfo
from streamlab.server.live.blocks import Block
from streamlab.server.live.columns import (
    CLIP_MARK,
    GAP_MARK,
    ColumnReducer,
    Stretch,
    samples_per_column,
)
from streamlab.server.live.frames import Flag, Kind
from streamlab.server.live.options import StripOptions
from streamlab.server.live.reducer import CannotShow, Piece, Reducer, ranges_of

__all__ = ["StripReducer"]


class StripReducer(Reducer):
    """Min/max columns. A stream with one value per frame is drawn over its frames."""

    kind = Kind.STRIP

    def __init__(self, info: StreamInfo, options: StripOptions, span: int | None = None) -> None:
        super().__init__(info, options.channels, 256)
        if info.axis not in ("time", "none"):
            raise CannotShow(f"a strip shows values over time; these lie on the axis {info.axis!r}")
        self.columns = options.columns
        self.span = span or 1
        rate = info.sample_rate
        self.rate: Fraction | None = None if rate is None else rate / self.span
        self._reducer = ColumnReducer(
            samples_per_column(options.window, self.rate, options.columns), ranges_of(self.channels)
        )
        self._stretches: deque[Stretch] = deque()
        self._held = 0
        self._reset = True

    def describe(self) -> dict[str, Any]:
        size = self._reducer.size
        return {
            "rate": None if self.rate is None else [self.rate.numerator, self.rate.denominator],
            "samples_per_column": [size.numerator, size.denominator],
            "columns": self.columns,
        }

    def feed(self, block: Block) -> None:
        """Take a block; what would be out of sight at once is not looked at."""
        samples, start = self.picked(block.samples), block.start
        lost = block.lost > 0
        if self.info.axis == "none":
            start //= self.span
        known = self._reducer.next
        if known is not None and start < known:  # the stream went back: it begins anew
            self._reducer.reset()
            self._stretches.clear()
            self._held, self._reset, lost = 0, True, False
        elif known is not None and (start > known or lost):
            self.lost += block.lost or (start - known)
        most = int(self._reducer.size * (self.columns + 1))
        if samples.shape[1] > most:
            cut = samples.shape[1] - most
            samples, start, lost = samples[:, cut:], start + cut, False
            self._reducer.reset()
            self._stretches.clear()
            self._held, self._reset = 0, True
        self._keep(self._reducer.feed(samples, start, lost=lost))

    def _keep(self, stretches: list[Stretch]) -> None:
        for stretch in stretches:
            self._stretches.append(stretch)
            self._held += len(stretch.marks)
        while self._held > self.columns and len(self._stretches) > 1:
            self._held -= len(self._stretches.popleft().marks)
            self._reset = True

    def take(self) -> list[Piece]:
        """Return the columns that are complete, those that follow each other in one piece."""
        pieces = []
        while self._stretches:
            run = [self._stretches.popleft()]
            after = run[0].first + len(run[0].marks)
            while self._stretches and self._stretches[0].first == after:
                run.append(self._stretches.popleft())
                after += len(run[-1].marks)
            pieces.append(self._piece(run))
        self._held = 0
        return pieces

    def _piece(self, run: list[Stretch]) -> Piece:
        first, count = run[0].first, sum(len(item.marks) for item in run)
        marks = np.concatenate([item.marks for item in run])
        values = b"".join(item.values.tobytes() for item in run)
        flags = Flag.RESET if self._reset else Flag.NONE
        self._reset = False
        if (marks & GAP_MARK).any():
            flags |= Flag.GAP
        if (marks & CLIP_MARK).any():
            flags |= Flag.CLIPPED
        seconds = 0.0 if self.rate is None else float(self._reducer.start_of(first) / self.rate)
        return Piece(
            values + marks.tobytes(), first, columns=count, time=seconds, flags=flags, lost=self.counted()
        )

    def end(self) -> list[Piece]:
        self._keep(self._reducer.flush())
        return self.take()
