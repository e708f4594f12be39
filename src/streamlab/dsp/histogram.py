"""Counts of values in classes of one width: percentiles of a stream of any length in bounded memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked

__all__ = ["Histogram"]

_LARGEST_CLASS = 1 << 19
_GROW = 512  # classes at a time


class Histogram:
    """Count each channel's values in the classes [k step, (k + 1) step), k from -524 288 to 524 287.

    Counts do not depend on the order of the values, so nothing depends on how a stream is cut. A percentile
    is right to one class: 0.01 dB is finer than any meter shows and covers +-5000 dB. Memory is eight bytes
    for each class between the smallest and the largest value. Values beyond the classes (minus infinity, the
    level of silence, is one) are counted as below or above all; NaN is left out.

    Parameters
    ----------
    channels
        Number of rows.
    step
        Width of a class, in the unit of the values.
    """

    def __init__(self, channels: int, step: float = 0.01) -> None:
        if not 0.0 < step < np.inf:
            raise ValueError(f"expected a positive step, found {step:g}")
        self.channels = channels
        self.step = step
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self._first = 0  # class of column 0
        self._counts = np.zeros((self.channels, 0), dtype=np.int64)
        self._below = np.zeros(self.channels, dtype=np.int64)
        self._above = np.zeros(self.channels, dtype=np.int64)

    @property
    def total(self) -> NDArray[np.int64]:
        """Values counted, (channels,)."""
        total: NDArray[np.int64] = self._counts.sum(axis=1) + self._below + self._above
        return total

    def add(self, values: NDArray[Any]) -> None:
        """Count values of shape (channels, n)."""
        values = checked(values, self.channels)
        place = np.floor(values / self.step)
        below, above = place < -_LARGEST_CLASS, place >= _LARGEST_CLASS
        self._below += np.count_nonzero(below, axis=1)
        self._above += np.count_nonzero(above, axis=1)
        rows, columns = np.nonzero(~(below | above | np.isnan(place)))
        if not len(rows):
            return
        classes = place[rows, columns].astype(np.int64)
        self._make_room(int(classes.min()), int(classes.max()))
        np.add.at(self._counts, (rows, classes - self._first), 1)

    def exceeded(self, percent: float | NDArray[Any]) -> Array:
        """Return the values that are exceeded for a share of the time: L10 is ``exceeded(10)``.

        The N percent exceedance level of ISO 1996-1:2016 is the quantile of 100 - N percent, with values
        spread evenly within a class.

        Parameters
        ----------
        percent
            One number of 0 to 100 or several, (k,).

        Returns
        -------
        (channels, k) array
            NaN for a channel without values.
        """
        percent = np.atleast_1d(np.asarray(percent, dtype=np.float64))
        if not ((percent >= 0.0) & (percent <= 100.0)).all():
            raise ValueError(f"expected shares of 0 to 100 %, found {percent.tolist()}")
        result = np.full((self.channels, len(percent)), np.nan)
        for row in range(self.channels):
            total = int(self.total[row])
            if total:
                result[row] = self._quantiles(row, total * (1.0 - percent / 100.0))
        return result

    def _quantiles(self, row: int, wanted: Array) -> Array:
        """Return the values below which the wanted numbers of values lie."""
        occupied = np.flatnonzero(self._counts[row])
        counts = self._counts[row, occupied]
        edges = (self._first + occupied) * self.step
        below, above = int(self._below[row]), int(self._above[row])
        ends = below + np.cumsum(counts)
        if not len(occupied):
            return np.where(wanted <= below, -np.inf if below else np.inf, np.inf)
        # The class in which the cumulated count reaches what is wanted; exactly at its end, its upper edge.
        place = np.searchsorted(ends, wanted, side="left").clip(0, len(ends) - 1)
        share = (wanted - (ends[place] - counts[place])) / counts[place]
        value: Array = edges[place] + self.step * share.clip(0.0, 1.0)
        value[wanted < below] = -np.inf
        if above:
            value[wanted > ends[-1]] = np.inf
        return value

    def _make_room(self, lowest: int, highest: int) -> None:
        size = self._counts.shape[1]
        if not size:
            self._first = lowest // _GROW * _GROW
        first = min(self._first, lowest // _GROW * _GROW)
        last = max(self._first + size, (highest // _GROW + 1) * _GROW)
        if first != self._first or last != self._first + size:
            wider = np.zeros((self.channels, last - first), dtype=np.int64)
            wider[:, self._first - first : self._first - first + size] = self._counts
            self._counts, self._first = wider, first
