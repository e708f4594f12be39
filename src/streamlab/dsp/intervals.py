"""Cutting numbered samples into the intervals of a grid, with gaps, for meters that keep their own sums."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp.level import IntervalGrid

__all__ = ["IntervalCutter", "Stretches"]


@dataclass(frozen=True, slots=True)
class Stretches:
    """k intervals that are complete: the number of the first, the first samples and the counts (k,).

    ``spoiled`` of them before these lost samples and are left out.
    """

    first: int
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    spoiled: int


class IntervalCutter:
    """Says where the intervals [j T, (j + 1) T) end within the blocks of a stream.

    An interval that the signal enters late at its very start is complete with what it has; one that lost
    samples on the way is not.

    Parameters
    ----------
    rate, interval
        Sample rate in Hz and interval in seconds, exact.
    """

    def __init__(self, rate: Fraction, interval: Fraction) -> None:
        self.grid = IntervalGrid(rate, interval)
        self.reset()

    def reset(self) -> None:
        """Begin anew: no samples have come."""
        self.next: int | None = None  # the sample that should come next
        self.missing = 0  # samples that did not come, between those that did
        self.samples = 0  # samples that came
        self._interval, self._start, self._spoiled = 0, 0, False

    def follows(self, start: int) -> bool:
        """Say whether a sample comes next; if not, begin anew there, in an interval that is not whole."""
        if start == self.next:
            return True
        self._interval = self.grid.index(start)
        self._spoiled = self.next is not None and start != self.grid.start(self._interval)
        if self.next is not None:
            self.missing += max(0, start - self.next)
        self._start = self.next = start
        return False

    def cut(self, size: int) -> tuple[NDArray[np.int64], Stretches]:
        """Take the next ``size`` samples; return where intervals end among them, and what is complete."""
        if self.next is None:
            raise ValueError("expected `follows` to be asked before the first samples")
        first, stop = self.next, self.next + size
        self.next = stop
        self.samples += size
        ends = self.grid.starts(self._interval + 1, self.grid.index(stop) + 1)
        ends = ends[ends <= stop]
        starts = np.concatenate([[self._start], ends])
        skip = int(self._spoiled and len(ends) > 0)
        whole = Stretches(self._interval + skip, starts[skip:-1], np.diff(starts)[skip:], skip)
        if len(ends):
            self._interval, self._start, self._spoiled = self._interval + len(ends), int(ends[-1]), False
        return ends - first, whole

    def rest(self) -> Stretches | None:
        """Return the interval that the end of the signal cuts short, or None if there is none."""
        if self._spoiled or self.next is None or self.next == self._start:
            return None
        return Stretches(self._interval, np.array([self._start]), np.array([self.next - self._start]), 0)
