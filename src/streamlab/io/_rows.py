"""Rows of a table and positions on the time axis, where gaps lie between some of the rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.io.recording import Gaps

__all__ = ["Rows"]


class Rows:
    """The way from rows that a file holds to positions of a stream and back; ``gaps`` as in StoredStream."""

    def __init__(self, gaps: Gaps) -> None:
        self._begins = gaps[:, 0]
        self._ends = gaps[:, 0] + gaps[:, 1]
        self._moved = np.cumsum(gaps[:, 1])  # how far rows behind each gap are moved
        self._rows = self._ends - self._moved  # the first row behind each gap

    def at(self, position: int) -> int:
        """Return the first row at or behind a position."""
        gap = int(np.searchsorted(self._begins, position, side="left")) - 1
        if gap < 0:
            return position
        return max(position, int(self._ends[gap])) - int(self._moved[gap])

    def pieces(self, row: int, values: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield values, (channels, rows) from ``row`` on, as blocks without a gap in them, by position."""
        begin, end = row, row + values.shape[1]
        gap = int(np.searchsorted(self._rows, row, side="right"))
        moved = int(self._moved[gap - 1]) if gap else 0
        while gap < len(self._rows) and self._rows[gap] < end:
            cut = int(self._rows[gap])
            yield begin + moved, values[:, begin - row : cut - row]
            begin, moved = cut, int(self._moved[gap])
            gap += 1
        if begin < end:
            yield begin + moved, values[:, begin - row :]
