"""The stretches without a gap that our files of arrays list, as the gaps between them."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io.recording import NO_GAPS, Gaps

__all__ = ["gaps_of"]

_FARTHEST = 1 << 62


def gaps_of(path: Path, rows: NDArray[Any], count: int, first: int) -> tuple[int, int, Gaps]:
    """Return where the stream begins on its own axis, its length, and its gaps as in StoredStream.

    ``rows`` is (k, 2 or more): position among the ``count`` samples of the file, place on the stream's axis.
    Raises FileError where they cannot be.
    """
    if not np.isfinite(rows).all() or (rows >= _FARTHEST).any() or (rows <= -_FARTHEST).any():
        raise FileError(path, "is damaged: its segments are no numbers")
    begins, places = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    known = begins < count  # a stretch is entered before its samples are
    begins, places = begins[known], places[known]
    if not len(begins):
        if count:
            raise FileError(path, "is damaged: it does not say where its samples lie")
        return first, 0, NO_GAPS
    lost = np.diff(places) - np.diff(begins)
    if begins[0] != 0 or (np.diff(begins) <= 0).any() or (lost < 0).any():
        raise FileError(path, "is damaged: its segments overlap")
    length = int(places[-1] - places[0]) + count - int(begins[-1])
    gaps = np.stack([places[1:] - places[0] - lost, lost], axis=1)[lost > 0]
    return int(places[0]), length, gaps if len(gaps) else NO_GAPS
