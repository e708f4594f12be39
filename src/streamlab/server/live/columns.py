"""Columns: the smallest and the largest of every so many samples, so that a picture loses no spike.

Column k holds the samples floor(k s) to floor((k + 1) s) - 1, where s, the samples of a column, is a rational
number of at least 1: its place on the time axis is exact after any time, and how the stream is cut changes
nothing.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.samples import Samples

__all__ = ["CLIP_MARK", "GAP_MARK", "NAN_MARK", "ColumnReducer", "Stretch", "samples_per_column"]

GAP_MARK, CLIP_MARK, NAN_MARK = 1, 2, 4

_Float32 = NDArray[np.float32]


def samples_per_column(window: float, rate: Fraction | None, columns: int) -> Fraction:
    """Return how many samples a column covers where ``columns`` of them show ``window`` seconds."""
    if rate is None:
        return Fraction(1)
    return max(Fraction(1), Fraction(str(window)) * rate / columns)


@dataclass(slots=True)
class Stretch:
    """Columns that follow each other: ``values`` (columns, channels, 2) and ``marks`` (columns,)."""

    first: int
    values: _Float32
    marks: NDArray[np.uint8]


class ColumnReducer:
    """Makes columns of a stream of (channels, n) blocks.

    Parameters
    ----------
    size
        Samples of a column, at least 1.
    ranges
        (channels, 2) smallest and largest value that the inputs can represent; infinite where not known.
    """

    def __init__(self, size: Fraction, ranges: NDArray[Any]) -> None:
        if size < 1:
            raise ValueError(f"a column has at least one sample; found {size}")
        self.size = size
        self.channels = len(ranges)
        self._ranges = ranges
        self._clips = bool(np.isfinite(ranges).any())
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self.next: int | None = None  # the sample that should come
        self._open: int | None = None  # the column that is not complete
        self._low = np.full(self.channels, np.nan)
        self._high = np.full(self.channels, np.nan)
        self._marks = 0

    # -- where columns lie

    def column_of(self, sample: int) -> int:
        """Return the column that holds a sample."""
        size = self.size
        return ((sample + 1) * size.denominator - 1) // size.numerator

    def start_of(self, column: int) -> int:
        """Return the first sample of a column."""
        return column * self.size.numerator // self.size.denominator

    def _starts(self, first: int, count: int) -> NDArray[np.int64]:
        """Return the first samples of ``count`` columns, relative to that of column ``first``."""
        top, bottom = self.size.numerator, self.size.denominator
        rest = first * top % bottom
        if (count + 1) * top < 2**62:
            return (rest + np.arange(count, dtype=np.int64) * top) // bottom
        return np.array([(rest + k * top) // bottom for k in range(count)], dtype=np.int64)

    # -- the stream

    def feed(self, samples: Samples, start: int, *, lost: bool = False) -> list[Stretch]:
        """Take a block whose first sample is ``start``; return the columns that it completes.

        ``lost`` says that samples are missing before it, which a later ``start`` says, too.
        """
        n = samples.shape[1]
        stretches: list[Stretch] = []
        jumped = self.next is not None and start != self.next
        if (lost or jumped) and self.next is not None:
            stretches = self._jump(start)
        if not n:
            self.next = start if self.next is None or jumped else self.next
            return stretches
        k0, k1 = self.column_of(start), self.column_of(start + n - 1)
        offset = start - self.start_of(k0)
        places = np.maximum(self._starts(k0, k1 - k0 + 1) - offset, 0)
        low = np.minimum.reduceat(samples, places, axis=1)
        high = np.maximum.reduceat(samples, places, axis=1)
        marks = np.zeros(len(places), dtype=np.uint8)
        spoilt = np.isnan(low).any(axis=0)
        if spoilt.any():  # rare: the two above spread a NaN over its column
            low = np.fmin.reduceat(samples, places, axis=1)
            high = np.fmax.reduceat(samples, places, axis=1)
            marks[spoilt] |= NAN_MARK
        if self._open is not None:
            low[:, 0] = np.fmin(low[:, 0], self._low)
            high[:, 0] = np.fmax(high[:, 0], self._high)
        marks[0] |= self._marks
        self._marks = 0
        self.next = start + n
        if self.start_of(k1 + 1) == self.next:
            self._open = None
            done = len(places)
        else:
            self._open, self._low, self._high = k1, low[:, -1], high[:, -1]
            self._marks = int(marks[-1])
            done = len(places) - 1
        if done:
            stretches.append(self._stretch(k0, low[:, :done], high[:, :done], marks[:done]))
        return stretches

    def _jump(self, start: int) -> list[Stretch]:
        """Go on at another sample: what the hole has torn is finished, and marked."""
        closed: list[Stretch] = []
        if self._open is not None and self.column_of(start) != self._open:
            closed = self.flush()
        self._marks |= GAP_MARK
        return closed

    def flush(self) -> list[Stretch]:
        """Return the column that is not complete, if there is one."""
        if self._open is None:
            return []
        first, self._open = self._open, None
        marks = np.array([self._marks], dtype=np.uint8)
        self._marks = 0
        return [self._stretch(first, self._low[:, None], self._high[:, None], marks)]

    def _stretch(self, first: int, low: Samples, high: Samples, marks: NDArray[np.uint8]) -> Stretch:
        if self._clips:
            beyond = (low <= self._ranges[:, :1]) | (high >= self._ranges[:, 1:])
            marks = marks | np.where(beyond.any(axis=0), CLIP_MARK, 0).astype(np.uint8)
        values = np.empty((low.shape[1], self.channels, 2), dtype=np.float32)
        with np.errstate(over="ignore"):  # beyond float32 is infinite there
            values[:, :, 0] = low.T
            values[:, :, 1] = high.T
        return Stretch(first, values, marks)
