"""What every kernel asks of a block of samples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "checked"]

Array = NDArray[np.float64]


def checked(block: NDArray[Any], channels: int) -> Array:
    """Return a block as float64 of shape (channels, n), without copying where it is that already.

    Raises ValueError for another shape, and for complex numbers, whose imaginary part would be lost.
    """
    array = np.asarray(block)
    if array.ndim != 2 or array.shape[0] != channels:
        raise ValueError(f"expected a block of shape ({channels}, n), found {array.shape}")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"expected real numbers, found {array.dtype}")
    return array.astype(np.float64, copy=False)
