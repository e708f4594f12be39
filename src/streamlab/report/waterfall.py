"""Waterfall: how a spectrum goes over time, as an image of bounded size in which no line is lost."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_ROWS", "MOST_SPECTRA", "Waterfall", "bins_of"]

MOST_SPECTRA = 1024
"""Columns of the image at most, an even number: neighbours are merged by twos."""

MOST_ROWS = 400
"""Rows of the image at most; more lines than that are put together evenly over the logarithm of frequency."""


def bins_of(points: NDArray[np.float64], most: int = MOST_ROWS) -> NDArray[np.intp]:
    """Return the first line of each row, ascending: each line its own row as far as they go.

    ``points`` are the frequencies of the lines. A line at 0 Hz, which has no logarithm, is a row by itself.
    """
    if len(points) <= most:
        return np.arange(len(points))
    positive = int(np.searchsorted(points, 0.0, side="right"))
    edges = np.geomspace(points[positive], points[-1], most - positive + 1)[:-1]
    first = np.searchsorted(points, edges * (1.0 - 1e-12))
    return np.unique(np.concatenate([np.arange(positive), first]))


class Waterfall:
    """The highest value in each cell of time and frequency.

    Parameters
    ----------
    channels
        Number of images.
    points
        Frequencies of the lines in Hz, (lines,).
    """

    def __init__(self, channels: int, points: NDArray[np.float64]) -> None:
        self.first_lines = bins_of(points)
        self.width = 1
        self.used = 0
        self.origin = 0
        self._cells = np.full((channels, MOST_SPECTRA, len(self.first_lines)), np.nan, dtype=np.float32)

    @property
    def cells(self) -> NDArray[np.float32]:
        """The image of each channel, (channels, columns, rows); NaN where nothing came."""
        return self._cells[:, : self.used]

    def edges(self) -> NDArray[np.int64]:
        """Return the positions between which the columns lie, (columns + 1,)."""
        edges: NDArray[np.int64] = self.origin + np.arange(self.used + 1, dtype=np.int64) * self.width
        return edges

    def add(self, values: NDArray[np.float64], position: int) -> None:
        """Take a spectrum of each channel, (channels, lines). One before the first is put to the first."""
        if not self.used:
            self.origin = position
        while (position - self.origin) // self.width >= MOST_SPECTRA:
            self._merge()
        column = max(0, (position - self.origin) // self.width)
        self.used = max(self.used, column + 1)
        if len(self.first_lines) < values.shape[1]:
            values = np.fmax.reduceat(values, self.first_lines, axis=1)
        cells = self._cells[:, column]
        with np.errstate(over="ignore", under="ignore"):
            np.fmax(cells, values, out=cells, casting="same_kind")

    def _merge(self) -> None:
        half = MOST_SPECTRA // 2
        self._cells[:, :half] = np.fmax(self._cells[:, ::2], self._cells[:, 1::2])
        self._cells[:, half:] = np.nan
        self.used = -(-self.used // 2)
        self.width *= 2
