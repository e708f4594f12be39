"""Mean, root mean square, and moments up to the fourth: of blocks, of intervals, of whole streams."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import checked
from streamlab.dsp.intervals import IntervalCutter, Stretches

__all__ = ["IntervalMoments", "IntervalStatistics", "Moments", "mean_and_rms"]

Array = NDArray[Any]

_SCRATCH = 1 << 14
"""Samples whose squares are held at once."""


def mean_and_rms(samples: Array) -> tuple[Array, Array]:
    """Return mean and root mean square along the last axis.

    Sums are pairwise, each row for itself: a row's result has the same bits alone and as one of many, so
    several frames can be measured at once as (channels, frames, n).

    Parameters
    ----------
    samples : (..., n) array
        n >= 1. NaN and infinity carry through; of complex numbers the magnitude counts.

    Returns
    -------
    mean, rms : (...) arrays
        In the unit of the samples.
    """
    if samples.dtype.kind == "c":
        samples = np.abs(samples)
    count = samples.shape[-1]
    if samples.size <= _SCRATCH:
        mean = np.add.reduce(samples, axis=-1) / count
        return mean, np.sqrt(np.add.reduce(samples * samples, axis=-1) / count)
    rows = samples.reshape(-1, count)
    totals, powers = np.empty(len(rows)), np.empty(len(rows))
    at_once = max(1, _SCRATCH // count)
    squares = np.empty((min(len(rows), at_once), count))
    for at in range(0, len(rows), at_once):  # a few rows at a time: their squares stay in the cache
        part, some = rows[at : at + at_once], slice(at, at + at_once)
        np.add.reduce(part, axis=-1, out=totals[some])
        np.add.reduce(np.multiply(part, part, out=squares[: len(part)]), axis=-1, out=powers[some])
    shape = samples.shape[:-1]
    return (totals / count).reshape(shape), np.sqrt(powers / count).reshape(shape)


class Moments:
    """Moments of each channel over all samples so far; right to 1e-12 however the stream is cut.

    Central moments of blocks are joined by the formulas of P. Pebay, "Formulas for robust, one-pass parallel
    computation of covariances and arbitrary-order statistical moments", SAND2008-6212, 2008, so that a large
    offset or a long stream costs no digits. Statistics are those of the samples as they are (divided by n,
    not n - 1), (channels,), NaN before the first sample.

    Parameters
    ----------
    channels
        Number of rows.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self.count = 0
        self._mean, self._second, self._third, self._fourth = np.zeros((4, self.channels))
        self.high = np.full(self.channels, -np.inf)
        self.low = np.full(self.channels, np.inf)

    def add(self, samples: NDArray[Any]) -> None:
        """Take samples of shape (channels, n)."""
        samples = checked(samples, self.channels)
        n = samples.shape[1]
        if n == 0:
            return
        mean = samples.mean(axis=1)
        deviation = samples - mean[:, np.newaxis]
        square = deviation * deviation
        self._join(
            n,
            mean,
            square.sum(axis=1),
            (square * deviation).sum(axis=1),
            (square * square).sum(axis=1),
        )
        np.maximum(self.high, samples.max(axis=1), out=self.high)
        np.minimum(self.low, samples.min(axis=1), out=self.low)

    def mean(self) -> Array:
        """Arithmetic mean."""
        return self._mean if self.count else np.full(self.channels, np.nan)

    def variance(self) -> Array:
        """Mean square of the deviation from the mean."""
        return self._second / self.count if self.count else np.full(self.channels, np.nan)

    def deviation(self) -> Array:
        """Standard deviation."""
        deviation: Array = np.sqrt(self.variance())
        return deviation

    def rms(self) -> Array:
        """Root mean square."""
        rms: Array = np.sqrt(self.variance() + self.mean() ** 2)
        return rms

    def skewness(self) -> Array:
        """Third central moment over the deviation cubed: 0 for a symmetric distribution."""
        with np.errstate(invalid="ignore", divide="ignore"):
            skewness: Array = self._third / self.count / self.variance() ** 1.5
        return skewness

    def kurtosis(self) -> Array:
        """Fourth central moment over the variance squared: 3 for a normal distribution, 1.5 for a sine."""
        with np.errstate(invalid="ignore", divide="ignore"):
            kurtosis: Array = self._fourth / self.count / self.variance() ** 2
        return kurtosis

    def peak(self) -> Array:
        """Largest magnitude."""
        return np.maximum(np.abs(self.high), np.abs(self.low)) if self.count else self.mean()

    def crest(self) -> Array:
        """Peak over RMS; NaN in silence, which has none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            crest: Array = self.peak() / self.rms()
        return crest

    def _join(self, n: int, mean: Array, second: Array, third: Array, fourth: Array) -> None:
        """Add n samples with these moments (Pebay, (3.1) with p = 2, 3, 4)."""
        a, b = float(self.count), float(n)
        total = a + b
        with np.errstate(invalid="ignore", over="ignore"):
            step = mean - self._mean
            part = step / total
            self._fourth = (
                self._fourth
                + fourth
                + step * part**3 * (a * b * (a * a - a * b + b * b))
                + 6.0 * part**2 * (a * a * second + b * b * self._second)
                + 4.0 * part * (a * third - b * self._third)
            )
            self._third = (
                self._third
                + third
                + step * part**2 * (a * b * (a - b))
                + 3.0 * part * (a * second - b * self._second)
            )
            self._second = self._second + second + step * part * (a * b)
            self._mean = self._mean + part * b
        self.count += n


@dataclass(frozen=True, slots=True)
class IntervalStatistics:
    """Statistics of k stretches (channels, k); see :class:`Moments` for what they are."""

    first: int
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    mean: Array
    deviation: Array
    rms: Array
    skewness: Array
    kurtosis: Array
    crest: Array
    high: Array
    low: Array


class IntervalMoments:
    """Moments of each interval [j T, (j + 1) T), and of the whole; gaps as in the other interval meters.

    Parameters
    ----------
    channels
        Number of rows.
    rate, interval
        Sample rate in Hz and interval in seconds, exact.
    """

    def __init__(self, channels: int, rate: Fraction, interval: Fraction) -> None:
        self.channels = channels
        self.total = Moments(channels)
        self._open = Moments(channels)
        self._cutter = IntervalCutter(rate, interval)

    @property
    def next(self) -> int | None:
        """Number of the sample that should come next."""
        return self._cutter.next

    @property
    def missing(self) -> int:
        """Samples that did not come, between those that did."""
        return self._cutter.missing

    def reset(self) -> None:
        """Begin anew: no samples have come."""
        self.total.reset()
        self._open.reset()
        self._cutter.reset()

    def feed(self, block: NDArray[Any], start: int) -> IntervalStatistics | None:
        """Take the samples from ``start`` on, (channels, n); return the intervals completed."""
        block = checked(block, self.channels)
        if block.shape[1] == 0:
            return None
        if not self._cutter.follows(start):
            self._open.reset()
        cuts, whole = self._cutter.cut(block.shape[1])
        self.total.add(block)
        rows = []
        for first, stop in pairwise([0, *cuts.tolist()]):
            self._open.add(block[:, first:stop])
            rows.append(_statistics(self._open))
            self._open.reset()
        self._open.add(block[:, cuts[-1] if len(cuts) else 0 :])
        return _joined(whole, rows[whole.spoiled :]) if len(whole.count) else None

    def rest(self) -> IntervalStatistics | None:
        """Return the interval that the end of the signal cuts short, or None if there is none."""
        rest = self._cutter.rest()
        return None if rest is None else _joined(rest, [_statistics(self._open)])


def _statistics(moments: Moments) -> list[Array]:
    return [
        moments.mean(),
        moments.deviation(),
        moments.rms(),
        moments.skewness(),
        moments.kurtosis(),
        moments.crest(),
        moments.high,
        moments.low,
    ]


def _joined(stretches: Stretches, rows: list[list[Array]]) -> IntervalStatistics:
    columns = (np.stack(values, axis=1) for values in zip(*rows, strict=True))
    return IntervalStatistics(stretches.first, stretches.start, stretches.count, *columns)
