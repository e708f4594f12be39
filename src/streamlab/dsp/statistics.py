"""Mean and root mean square of blocks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["mean_and_rms"]

Array = NDArray[Any]


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
    mean = np.add.reduce(samples, axis=-1) / count
    rms = np.sqrt(np.add.reduce(samples * samples, axis=-1) / count)
    return mean, rms
