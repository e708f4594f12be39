"""Levels over intervals: square sums and extremes on an exact grid, whatever blocks the signal comes in."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["IntervalGrid", "IntervalMeter", "Sums", "decibels"]

Array = NDArray[Any]


def decibels(value: Array, reference: float | Array) -> Array:
    """Return 20 lg(value / reference), a level of field quantities (ISO 80000-8); minus infinity at zero."""
    with np.errstate(divide="ignore"):
        level: Array = 20.0 * np.log10(value / reference)
    return level


@dataclass(slots=True)
class Sums:
    """What levels are made of, for k stretches of a signal.

    ``first`` is the number of the first stretch on the grid, ``start`` its first sample (k,), ``count``
    the samples in each (k,); ``squares``, ``high``, ``low`` and ``last`` are the sum of squares, the extremes
    and the last sample, (channels, k).
    """

    first: int
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    squares: Array
    high: Array
    low: Array
    last: Array

    def rms(self) -> Array:
        """Root mean square (channels, k)."""
        rms: Array = np.sqrt(self.squares / self.count)
        return rms

    def peak(self) -> Array:
        """Largest magnitude (channels, k)."""
        return np.maximum(np.abs(self.high), np.abs(self.low))

    def peak_to_peak(self) -> Array:
        """Distance of the extremes (channels, k)."""
        with np.errstate(invalid="ignore"):
            span: Array = self.high - self.low
        return span

    def crest(self) -> Array:
        """Peak over RMS (channels, k); NaN in silence, which has none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            crest: Array = self.peak() / self.rms()
        return crest


class IntervalGrid:
    """Intervals [j T, (j + 1) T) of a signal of rate fs, both exact: sample i lies in floor(i / (fs T))."""

    __slots__ = ("_denominator", "_numerator")

    def __init__(self, rate: Fraction, interval: Fraction) -> None:
        length = rate * interval  # samples per interval, seldom a whole number
        self._numerator, self._denominator = length.numerator, length.denominator

    def index(self, sample: int) -> int:
        """Return the number of the interval that holds a sample."""
        return sample * self._denominator // self._numerator

    def start(self, interval: int) -> int:
        """Return the first sample of an interval."""
        return -(-interval * self._numerator // self._denominator)

    def starts(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the first samples of the intervals first ... last."""
        ahead, rest = divmod(first * self._numerator, self._denominator)
        count = last - first + 1
        exact = (count + 1) * self._numerator < 2**62
        steps: Array = np.arange(count, dtype=np.int64 if exact else object)
        offsets = -(-(steps * self._numerator + rest) // self._denominator)
        return offsets.astype(np.int64) + ahead


class IntervalMeter:
    """Cuts a signal into the intervals of a grid and sums up each.

    ``totals`` gives the sums over everything that came, ``missing`` counts the samples that did not. An
    interval that the signal enters late at its very start, or that the end cuts short, is given with the
    samples it has (:attr:`Sums.count`); one that lost samples on the way is left out.

    Parameters
    ----------
    channels
        Number of rows.
    rate, interval
        Sample rate in Hz and interval in seconds, exact.
    """

    _sum: Array  # of the open interval: squares, highest, lowest and last value
    _top: Array
    _bottom: Array
    _last: Array

    def __init__(self, channels: int, rate: Fraction, interval: Fraction) -> None:
        self.grid = IntervalGrid(rate, interval)
        self.next: int | None = None  # the sample that should come next
        self.missing = 0
        self._channels = channels
        self._spoiled = False
        self._begin(0, 0)
        self._squares = np.zeros(channels)  # closed stretches: sum, and what rounding took from it (Neumaier)
        self._lost_bits = np.zeros(channels)
        self._high = np.full(channels, -np.inf)
        self._low = np.full(channels, np.inf)
        self._last = np.full(channels, np.nan)
        self._closed = 0

    def feed(self, block: Array, start: int) -> Sums | None:
        """Take the samples from ``start`` on, shape (channels, n); return the intervals completed."""
        size = block.shape[1]
        if size == 0:
            return None
        if start != self.next:
            self._jump(start)
        self.next = stop = start + size
        end = self._end
        if stop < end:
            self._add(block)
            return None
        if stop >= self.grid.start(self._interval + 2):
            return self._split(block, start, stop)
        self._add(block[:, : end - start])
        done, spoiled = self._open_sums(), self._spoiled
        self._close(self._count, self._sum, self._top, self._bottom)
        self._spoiled = False
        self._begin(self._interval + 1, end)
        if stop > end:
            self._add(block[:, end - start :])
        return None if spoiled else done

    def rest(self) -> Sums | None:
        """Return the interval that the end of the signal cuts short, or None if there is none."""
        return None if self._count == 0 or self._spoiled else self._open_sums()

    def totals(self) -> Sums | None:
        """Return the sums over all samples so far as one stretch, or None before the first."""
        count = self._closed + self._count
        if count == 0:
            return None
        return Sums(
            0,
            np.array([0]),
            np.array([count]),
            (self._squares + self._lost_bits + self._sum)[:, None],
            np.maximum(self._high, self._top)[:, None],
            np.minimum(self._low, self._bottom)[:, None],
            self._last[:, None],
        )

    def _add(self, block: Array) -> None:
        """Add samples to the open interval."""
        self._count += block.shape[1]
        self._sum = self._sum + np.add.reduce(block * block, axis=1)
        self._top = np.maximum(self._top, np.maximum.reduce(block, axis=1))
        self._bottom = np.minimum(self._bottom, np.minimum.reduce(block, axis=1))
        self._last = block[:, -1].copy()

    def _open_sums(self) -> Sums:
        return Sums(
            self._interval,
            np.array([self._start]),
            np.array([self._count]),
            self._sum[:, None],
            self._top[:, None],
            self._bottom[:, None],
            self._last[:, None],
        )

    def _begin(self, interval: int, start: int) -> None:
        self._interval, self._start = interval, start
        self._end = self.grid.start(interval + 1)
        self._count = 0
        self._sum = np.zeros(self._channels)
        self._top = np.full(self._channels, -np.inf)
        self._bottom = np.full(self._channels, np.inf)

    def _jump(self, start: int) -> None:
        """Begin at a sample that does not follow the last one."""
        self._close(self._count, self._sum, self._top, self._bottom)
        interval = self.grid.index(start)
        # A stream that begins within an interval has lost nothing; one that jumps into it has.
        self._spoiled = self.next is not None and start != self.grid.start(interval)
        if self.next is not None:
            self.missing += max(0, start - self.next)
        self._begin(interval, start)

    def _split(self, block: Array, start: int, stop: int) -> Sums | None:
        last = self.grid.index(stop - 1)
        edges = self.grid.starts(self._interval + 1, last + 1)
        cuts = edges - start
        at = np.concatenate([[0], cuts[:-1]])
        squares = np.add.reduceat(block * block, at, axis=1)
        high = np.maximum.reduceat(block, at, axis=1)
        low = np.minimum.reduceat(block, at, axis=1)
        final = np.take(block, np.minimum(cuts, stop - start) - 1, axis=1)
        counts = np.diff(np.concatenate([at, [stop - start]]))
        starts = np.concatenate([[self._start], edges[:-1]])
        # The first stretch goes on from what was open.
        squares[:, 0] += self._sum
        np.maximum(high[:, 0], self._top, out=high[:, 0])
        np.minimum(low[:, 0], self._bottom, out=low[:, 0])
        counts[0] += self._count
        done = len(counts) if cuts[-1] == stop - start else len(counts) - 1
        first, skip = self._interval, int(self._spoiled)
        self._close(
            int(counts[:done].sum()),
            squares[:, :done].sum(axis=1),
            high[:, :done].max(axis=1),
            low[:, :done].min(axis=1),
        )
        self._spoiled = False
        self._last = final[:, -1].copy()
        self._begin(first + done, int(edges[done - 1]))
        if done < len(counts):
            self._count = int(counts[done])
            self._sum, self._top, self._bottom = (
                squares[:, done].copy(),
                high[:, done].copy(),
                low[:, done].copy(),
            )
        if skip == done:
            return None
        kept = slice(skip, done)
        return Sums(
            first + skip,
            starts[kept],
            counts[kept],
            squares[:, kept],
            high[:, kept],
            low[:, kept],
            final[:, kept],
        )

    def _close(self, count: int, squares: Array, high: Array, low: Array) -> None:
        """Add a finished stretch to the totals, keeping what rounding takes (Neumaier, ZAMM 54, 1974)."""
        if count == 0:
            return
        total = self._squares + squares
        with np.errstate(invalid="ignore"):
            larger = self._squares >= squares
            lost = np.where(larger, (self._squares - total) + squares, (squares - total) + self._squares)
            self._lost_bits += np.where(np.isfinite(lost), lost, 0.0)
        self._squares = total
        np.maximum(self._high, high, out=self._high)
        np.minimum(self._low, low, out=self._low)
        self._closed += count
