"""Columns: the course of a stream over time in bounded memory, in which no value is lost to the eye."""

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "Mark", "MOST_COLUMNS", "covered"]

MOST_COLUMNS = 2048
"""Columns of a course at most: more than a page has pixels. Even, since they are merged by twos."""


class Mark(IntFlag):
    """What there is to say of a column besides its values."""

    LOST = 1  # samples are missing
    UNJUDGED = 2  # partial, or a filter was still settling: judges pass it by
    INVALID = 4  # behind the first fault that a CheckSignal has found
    NO_NUMBER = 8  # a value is NaN
    SETTLING = 16  # of some channels, whose values are left out


class Columns:
    """The lowest and the highest value of each channel, in columns of equal width that grow with the stream.

    A column is first one position wide, so a short stream is kept as it is. When there are too many columns,
    neighbours are merged and each is twice as wide from then on. So a spike of one sample is there however
    long the stream gets, at its place to the width of a column. Positions may come in any order.

    Parameters
    ----------
    channels
        Number of rows.
    most
        Columns at most, an even number.
    """

    def __init__(self, channels: int, most: int = MOST_COLUMNS) -> None:
        self.width = 1
        self.origin = 0  # position at which the first column begins
        self.used = 0
        self._most = most
        self._low = np.full((channels, most), np.nan)
        self._high = np.full((channels, most), np.nan)
        self._marks = np.zeros(most, dtype=np.uint8)

    @property
    def low(self) -> NDArray[np.float64]:
        """Lowest values, (channels, columns), NaN where none came."""
        return self._low[:, : self.used]

    @property
    def high(self) -> NDArray[np.float64]:
        """Highest values, (channels, columns), NaN where none came."""
        return self._high[:, : self.used]

    @property
    def marks(self) -> NDArray[np.uint8]:
        """The marks of each column, (columns,): bits of :class:`Mark`."""
        return self._marks[: self.used]

    def edges(self) -> NDArray[np.int64]:
        """Return the positions between which the columns lie, (columns + 1,)."""
        edges: NDArray[np.int64] = self.origin + np.arange(self.used + 1, dtype=np.int64) * self.width
        return edges

    def add(self, samples: NDArray[np.float64], start: int, mark: int = 0) -> None:
        """Take samples of shape (channels, n); the first of them lies at position ``start``."""
        n = samples.shape[1]
        if not n:
            return
        a, b = self._reach(start, start + n)
        if self.width == 1:
            low = high = samples
        else:
            first = start - self.origin
            cuts = np.arange(a * self.width - first, n, self.width)
            cuts[0] = 0
            low = np.minimum.reduceat(samples, cuts, axis=1)
            high = np.maximum.reduceat(samples, cuts, axis=1)
            if np.isnan(low).any():  # minimum and maximum let it through, fmin and fmax pass it by
                mark |= Mark.NO_NUMBER
                low = np.fmin.reduceat(samples, cuts, axis=1)
                high = np.fmax.reduceat(samples, cuts, axis=1)
        if self.width == 1 and np.isnan(samples).any():
            mark |= Mark.NO_NUMBER
        lows, highs = self._low[:, a:b], self._high[:, a:b]
        np.fmin(lows, low, out=lows)
        np.fmax(highs, high, out=highs)
        if mark:
            self._marks[a:b] |= np.uint8(mark)

    def mark(self, start: int, end: int, mark: int) -> None:
        """Mark the columns that hold positions from ``start`` to ``end``, which is not in it."""
        if end > start:
            a, b = self._reach(start, end)
            self._marks[a:b] |= np.uint8(mark)

    def _reach(self, start: int, end: int) -> tuple[int, int]:
        """Make room for positions and return the columns that they lie in, as a range."""
        if not self.used:
            self.origin = start
        while True:
            before = max(0, -(-(self.origin - start) // self.width))
            columns = max(self.used, -(-(end - self.origin) // self.width)) + before
            if columns <= self._most:
                break
            self._merge()
        if before:
            self._shift(before)
        self.used = columns
        return (start - self.origin) // self.width, -(-(end - self.origin) // self.width)

    def _merge(self) -> None:
        half = self._most // 2
        for values, join in ((self._low, np.fmin), (self._high, np.fmax)):
            values[:, :half] = join(values[:, ::2], values[:, 1::2])
            values[:, half:] = np.nan
        self._marks[:half] = self._marks[::2] | self._marks[1::2]
        self._marks[half:] = 0
        self.used = -(-self.used // 2)
        self.width *= 2

    def _shift(self, columns: int) -> None:
        """Make room for columns before the first one."""
        for values in (self._low, self._high):
            values[:, columns : columns + self.used] = values[:, : self.used].copy()
            values[:, :columns] = np.nan
        self._marks[columns : columns + self.used] = self._marks[: self.used].copy()
        self._marks[:columns] = 0
        self.origin -= columns * self.width


def covered(marks: NDArray[np.uint8], mark: Mark) -> list[tuple[int, int]]:
    """Return the runs of columns that bear a mark, as ranges."""
    bits = np.concatenate([[False], (marks & mark) != 0, [False]])
    turns = np.flatnonzero(bits[1:] != bits[:-1]).tolist()
    return list(zip(turns[::2], turns[1::2], strict=True))
