"""Cutting a stream into overlapping segments at fixed places."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked

__all__ = ["Segmenter", "hop_for"]


def hop_for(size: int, overlap: float) -> int:
    """Return the distance of segments of ``size`` samples that share a part of 0 to less than 1."""
    if not 0.0 <= overlap < 1.0:
        raise ValueError(f"expected an overlap of 0 to less than 1, found {overlap:g}")
    return max(1, round(size * (1.0 - overlap)))


class Segmenter:
    """Segment k holds the samples k hop ... k hop + size - 1, however the stream comes.

    Parameters
    ----------
    channels
        Number of rows.
    size, hop
        Samples of a segment, and from one to the next; a hop beyond the size leaves samples out.
    """

    def __init__(self, channels: int, size: int, hop: int) -> None:
        if size < 1 or hop < 1:
            raise ValueError(f"expected a size and a hop of 1 or more, found {size} and {hop}")
        self.channels, self.size, self.hop = channels, size, hop
        self._segment = np.empty((channels, size))
        self.reset()

    def reset(self) -> None:
        """Forget the samples: the next one is the first."""
        self.count = 0  # segments completed
        self._filled = 0
        self._skip = 0  # samples to leave out before the next segment

    def feed(self, samples: NDArray[Any]) -> Iterator[Array]:
        """Yield the segments that a block completes, (channels, size), each valid until the next.

        To be run to its end: what it has not yet taken from the block is lost otherwise.
        """
        samples = checked(samples, self.channels)
        size, at = samples.shape[1], 0
        while True:
            skipped = min(self._skip, size - at)
            self._skip -= skipped
            at += skipped
            taken = min(self.size - self._filled, size - at)
            self._segment[:, self._filled : self._filled + taken] = samples[:, at : at + taken]
            self._filled += taken
            at += taken
            if self._filled < self.size:
                return
            self.count += 1
            yield self._segment
            kept = max(0, self.size - self.hop)
            self._segment[:, :kept] = self._segment[:, self.size - kept :].copy()
            self._filled, self._skip = kept, max(0, self.hop - self.size)
