"""The places of samples whose rate is known exactly, out of a column of their times."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io.recording import NO_GAPS, Gaps

__all__ = ["ExactAxis"]

_FARTHEST = 2.0**53
_MAX_GAPS = 1 << 20


class ExactAxis:
    """Takes times in seconds piece by piece and finds where samples are missing.

    Raises FileError where a time is on no sample, or not later than the one before.
    """

    def __init__(self, path: Path, rate: Fraction) -> None:
        self._path = path
        self._rate = float(rate)
        self._first: int | None = None
        self._last = 0
        self._gaps: list[NDArray[np.int64]] = []
        self._count = 0

    def add(self, times: NDArray[np.float64], row: int) -> None:
        """Take the times of the next rows; ``row`` is the number of the first."""
        if not len(times):
            return
        with np.errstate(over="ignore", invalid="ignore"):
            exact = times * self._rate
            places = np.rint(exact)
            wrong = ~(np.abs(places) < _FARTHEST)
            wrong |= np.abs(exact - places) > 0.01 + np.abs(places) * 2.0**-50
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise FileError(self._path, f"row {row + at + 1}: {times[at]:g} s is the time of no sample")
        positions = places.astype(np.int64)
        if self._first is None:
            self._first = int(positions[0])
            self._last = self._first - 1
        steps = np.diff(positions, prepend=self._last)
        if (steps < 1).any():
            at = int(np.flatnonzero(steps < 1)[0])
            raise FileError(self._path, f"row {row + at + 1}: the time is not later than the one before")
        wide = np.flatnonzero(steps > 1)
        self._count += len(wide)
        if self._count > _MAX_GAPS:
            raise FileError(self._path, f"has more than {_MAX_GAPS} gaps")
        if len(wide):
            lost = steps[wide] - 1
            self._gaps.append(np.stack([positions[wide] - lost - self._first, lost], axis=1))
        self._last = int(positions[-1])

    def finish(self, first: int) -> tuple[int, int, Gaps]:
        """Return the place of the first sample (``first`` where there is none), the length, and the gaps."""
        if self._first is None:
            return first, 0, NO_GAPS
        gaps = np.concatenate(self._gaps) if self._gaps else NO_GAPS
        return self._first, self._last + 1 - self._first, gaps
