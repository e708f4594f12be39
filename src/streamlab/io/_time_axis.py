"""The even time axis under a column of time stamps: exact rate, gaps, and what does not fit, by row.

A table has a stamp per row. Where rows are missing, the step to the next one is several periods long: a gap.
Clocks jitter, and stamps are rounded, so a step counts as k periods when it is that to within a tolerance.
What is on no such grid is refused, never bent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io.recording import NO_GAPS, Gaps

__all__ = ["EvenAxis", "TimeAxis", "plain_rate"]

_LEARN = 4096  # steps from whose median the period is learnt
_MAX_GAPS = 1 << 20
_NO_HINTS: Mapping[str, str] = {}
_WIDE = 1 << 60  # samples: a gap beyond is no gap


@dataclass(frozen=True, slots=True)
class EvenAxis:
    """What the stamps turned out to be.

    ``rate`` in Hz, ``first`` the stamp of sample 0 in seconds, ``length`` in samples with what is missing,
    ``gaps`` as in ``StoredStream``, ``wander`` how far a stamp lies from the even axis at most, in periods
    (seen at some of them).
    """

    rate: Fraction
    first: Fraction
    length: int
    gaps: Gaps
    wander: float

    @property
    def micro(self) -> int:
        """The stamp of sample 0 in whole microseconds.

        Rounded down where it is on the grid of the rate, as the timestamps of frames are.
        """
        exact = self.first * self.rate
        place = round(exact)
        on_grid = abs(exact - place) < Fraction(1, 10**6) + abs(place) * Fraction(1, 2**52)
        return floor(place * 10**6 / self.rate) if on_grid else round(self.first * 10**6)


class TimeAxis:
    """Finds the even axis of stamps that come piece by piece; holds no more than the gaps.

    ``tick`` is the unit of the stamps in seconds. ``rate`` is given where it is known; else the period is the
    lower median of the first steps, refined over the whole, as the plainest rate that the stamps allow.
    ``place`` says where a row is in words ("line 17"), ``hints`` what would help where time goes ``back``, is
    the ``same``, is ``uneven``, or where there is ``one`` stamp only. Raises FileError.
    """

    def __init__(
        self,
        path: Path,
        place: Callable[[int], str],
        *,
        tick: Fraction = Fraction(1),
        rate: Fraction | None = None,
        tolerance: float = 0.25,
        hints: Mapping[str, str] = _NO_HINTS,
    ) -> None:
        self._path, self._place, self._tick, self._rate = path, place, tick, rate
        self._tolerance = tolerance
        self._hints = hints
        self._period = 0.0 if rate is None else float(1 / (rate * tick))  # in ticks
        self._first: int | float = 0
        self._last: int | float = 0
        self._rows = 0
        self._even = 0  # steps of one period, what they are together, the shortest and the longest
        self._sum = 0.0
        self._least, self._most = np.inf, 0.0
        self._wide: list[tuple[int, float]] = []  # the row behind a step of another length, and the step
        self._pending: list[NDArray[np.float64]] = []  # steps before the period is known
        self._waiting = 0
        self._marks: list[tuple[int, float]] = []  # some rows, and their time from row 0

    def add(self, stamps: NDArray[np.int64] | NDArray[np.float64]) -> None:
        """Take the next stamps: whole ticks, or numbers of them."""
        if not len(stamps):
            return
        if stamps.dtype.kind == "f" and not np.isfinite(stamps).all():
            row = self._rows + int(np.flatnonzero(~np.isfinite(stamps))[0])
            raise FileError(self._path, f"{self._place(row)}: the time is missing or no number")
        if not self._rows:
            self._first = self._last = stamps[0].item()
            steps = np.diff(stamps)
        else:
            steps = np.diff(stamps, prepend=np.asarray(self._last, stamps.dtype))
        steps = steps.astype(np.float64)
        row = self._rows + len(stamps) - len(steps)  # of the stamp behind the first step
        self._rows += len(stamps)
        self._last = stamps[-1].item()
        self._mark(stamps)
        self._look_for_order(steps, row)
        if self._period:
            self._sort(steps, row)
            return
        self._pending.append(steps)
        self._waiting += len(steps)
        if self._waiting >= _LEARN:
            self._learn()

    def finish(self) -> EvenAxis:
        """Return the axis."""
        if not self._rows:
            raise FileError(self._path, "has no time stamps")
        if not self._period:
            if self._rows == 1:
                message = "has one time stamp: its rate is not known"
                raise FileError(self._path, message, hint=self._hints.get("one", ""))
            self._learn()
        if not self._even and self._rate is None:
            raise self._uneven(*self._wide[0])
        period = self._period if self._rate is not None else self._sum / self._even
        rows = np.array([row for row, _ in self._wide], np.int64)
        steps = np.array([step for _, step in self._wide])
        counts = np.rint(steps / period)
        slack = self._spread() / period / max(1, self._even)  # the period is known no better than that
        off = np.abs(steps / period - counts) > self._tolerance + counts * slack
        off |= (counts < 1) | (counts > _WIDE)
        if off.any():
            bad = int(np.flatnonzero(off)[0])
            raise self._uneven(int(rows[bad]), float(steps[bad]))
        return self._axis(rows, counts.astype(np.int64))

    # -- steps

    def _mark(self, stamps: NDArray[Any]) -> None:
        """Remember some of the rows and their times, to see at the end how even they are."""
        base = self._rows - len(stamps)
        for at in range(len(stamps) - 1, -1, -max(1, len(stamps) // 64)):
            self._marks.append((base + at, float(stamps[at].item() - self._first)))
        if len(self._marks) > 4096:
            del self._marks[::2]

    def _look_for_order(self, steps: NDArray[np.float64], row: int) -> None:
        wrong = np.flatnonzero(steps <= 0)
        if not len(wrong):
            return
        at = int(wrong[0])
        if steps[at] < 0:
            back = -steps[at] * float(self._tick)
            message = f"{self._place(row + at)}: the time goes back by {back:g} s"
            hint = self._hints.get("back", "")
        else:
            message = f"{self._place(row + at)}: the same time as before"
            hint = self._hints.get("same", "")
        raise FileError(self._path, message, hint=hint)

    def _learn(self) -> None:
        steps = np.concatenate(self._pending)
        self._pending = []
        first = steps[:_LEARN]
        self._period = float(np.partition(first, (len(first) - 1) // 2)[(len(first) - 1) // 2])
        self._sort(steps, 1)

    def _sort(self, steps: NDArray[np.float64], row: int) -> None:
        """Count the steps of one period; keep the others until the period is known better."""
        near = np.abs(steps - self._period) <= self._tolerance * self._period
        even = steps if near.all() else steps[near]
        if len(even):
            self._even += len(even)
            self._sum += float(even.sum())
            self._least, self._most = min(self._least, even.min()), max(self._most, even.max())
        if len(even) == len(steps):
            return
        others = np.flatnonzero(~near)
        if len(self._wide) + len(others) > _MAX_GAPS:
            raise FileError(self._path, f"has more than {_MAX_GAPS} gaps in its time stamps")
        short = others[steps[others] < self._period * (1 - self._tolerance)]
        if len(short):
            raise self._uneven(row + int(short[0]), float(steps[short[0]]))
        self._wide += zip((others + row).tolist(), steps[others].tolist(), strict=True)

    def _spread(self) -> float:
        """How much of a step is jitter and rounding, in ticks."""
        if not self._even:
            return 0.0
        largest = max(abs(self._first), abs(self._last))
        rounding = 0.0 if isinstance(self._first, int) else 4 * float(np.spacing(float(largest)))
        return max(self._most - self._least, rounding) if self._most - self._least > rounding else rounding

    def _uneven(self, row: int, step: float) -> FileError:
        period = self._period
        many = step / period
        message = (
            f"{self._place(row)}: {step * float(self._tick):g} s after the one before is {many:.4g} periods "
            f"of {period * float(self._tick):g} s; within {self._tolerance:g} of a whole number is taken"
        )
        return FileError(self._path, message, hint=self._hints.get("uneven", ""))

    # -- the result

    def _axis(self, rows: NDArray[np.int64], counts: NDArray[np.int64]) -> EvenAxis:
        wide = counts > 1
        rows, lost = rows[wide], counts[wide] - 1
        before = np.cumsum(lost) - lost
        gaps = np.stack([rows + before, lost], axis=1) if len(rows) else NO_GAPS
        missing = int(lost.sum())
        if missing > _WIDE:
            raise FileError(self._path, "its time stamps lie further apart than can be counted")
        length = self._rows + missing
        rate = self._rate or self._found(length - 1)
        period = float(1 / (rate * self._tick))
        wander = 0.0
        if len(self._marks):
            at = np.array([row for row, _ in self._marks])
            positions = at + np.concatenate([[0], np.cumsum(lost)])[np.searchsorted(rows, at, side="right")]
            times = np.array([time for _, time in self._marks])
            wander = float(np.abs(times / period - positions).max())
        return EvenAxis(rate, Fraction(self._first) * self._tick, length, gaps, wander)

    def _found(self, steps: int) -> Fraction:
        """Return the plainest rate that puts ``steps`` periods between the first stamp and the last."""
        total = Fraction(self._last) - Fraction(self._first)
        doubt = min(Fraction(self._spread()), total / 4)
        low, high = (Fraction(steps) / ((total + side * doubt) * self._tick) for side in (1, -1))
        return plain_rate(low, high)


def plain_rate(low: Fraction, high: Fraction) -> Fraction:
    """Return the rate from ``low`` to ``high`` that is written with the fewest digits, as Hz or as a period.

    A recorder's rate is a short number of Hz (48000, 5000.024) or has a short period (300 s, 0.3 s). Where
    both have the same number of digits Hz are taken. Positive.
    """
    for digits in range(1, 18):
        rate = _short(low, high, digits)
        if rate is not None:
            return rate
        period = _short(1 / high, 1 / low, digits)
        if period is not None:
            return 1 / period
    return (low + high) / 2


def _short(low: Fraction, high: Fraction, digits: int) -> Fraction | None:
    """Return the number of so many significant digits from ``low`` to ``high`` next to their middle."""
    unit = Fraction(10) ** (_magnitude(high) + 1 - digits)
    first, last = ceil(low / unit), floor(high / unit)
    if first > last:
        return None
    return min(max(round((low + high) / 2 / unit), first), last) * unit


def _magnitude(value: Fraction) -> int:
    """Return the power of ten of the first digit."""
    power = len(str(value.numerator)) - len(str(value.denominator))
    return power if Fraction(10) ** power <= value else power - 1
