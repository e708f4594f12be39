"""Large blocks of samples, used again once nobody has them.

The system hands out fresh memory page by page, each with a fault, and gets it back with every array that is
dropped: from a few MB on that costs as much as the arithmetic.
"""

import sys
from collections.abc import Callable

import numpy as np

from streamlab.core.samples import Samples

__all__ = ["LARGE", "Recycled"]

LARGE = 1 << 18
"""Bytes from which on it pays; smaller ones are kept by the allocator."""

_KEPT = 4
"""Blocks of a producer that are remembered: what it makes, what is read, and what waits between."""


def _holders(kept: list[Samples], at: int) -> int:
    """Count references to some memory, those of this call included. Each view of it is one."""
    count: Callable[[object], int] = getattr(sys, "getrefcount", lambda _: sys.maxsize)  # CPython only
    return count(kept[at])


_FREE = _holders([np.empty(1)], 0)
"""What that is for memory that only the list has; interpreters differ."""


class Recycled:
    """Blocks of one producer. They are uninitialised, like those of ``numpy.empty``.

    Examples
    --------
    >>> blocks = Recycled()
    >>> first = blocks.take(64, 4096)
    >>> row = first[3]
    >>> place = first.ctypes.data
    >>> del first
    >>> second = blocks.take(64, 4096)  # the row still holds the first one
    >>> second.ctypes.data == place
    False
    >>> del row
    >>> blocks.take(64, 4096).ctypes.data == place
    True
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: list[Samples] = []

    def take(self, channels: int, size: int) -> Samples:
        """Return a block (channels, size) of float64 that nobody else has."""
        count = channels * size
        if 8 * count < LARGE:
            return np.empty((channels, size))
        kept = self._kept
        for at in range(len(kept)):
            if count <= len(kept[at]) <= 4 * count and _holders(kept, at) == _FREE:
                return kept[at][:count].reshape(channels, size)
        if len(kept) == _KEPT:
            del kept[0]
        kept.append(np.empty(count))
        return kept[-1][:].reshape(channels, size)
