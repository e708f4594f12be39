"""Mean and root mean square of blocks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["mean_and_rms"]

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
