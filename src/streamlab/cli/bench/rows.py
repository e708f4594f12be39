"""Rows: a figure with its spread and its goal; a table of growth with its exponents; how both are taken."""

import gc
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import log
from typing import Any

__all__ = ["GROSS", "NEAR_LINEAR", "Bench", "Growth", "Row", "exponent", "ratios"]

GROSS = 2.0
"""Times what the contract promises that a figure may reach before the command fails: machines differ."""

NEAR_LINEAR = 1.1
"""Largest exponent that counts as linear: one, and a tenth for the noise of the fit."""

FIT_OVER = 3
"""Points at the upper end that an exponent is fitted to: below, constant costs hide the growth."""


@dataclass
class Row:
    """One figure: the median of its samples, beside its goal.

    ``bound`` is what the contract promises: GROSS times worse and the command fails. A goal is where we want
    to be. ``more`` says that more is better. A ratio keeps what it was divided by in ``base``. ``note`` says
    why there are no samples.
    """

    id: str
    what: str
    unit: str
    samples: list[float]
    goal: float | None = None
    bound: float | None = None
    more: bool = False
    note: str = ""
    base: list[float] = field(default_factory=list)

    @property
    def value(self) -> float | None:
        """The median; None where nothing was measured."""
        return statistics.median(self.samples) if self.samples else None

    @property
    def standing(self) -> str:
        """Say ``met`` or ``missed`` of the goal, ``lost`` beyond the bound, ``not measured``, or nothing."""
        value = self.value
        if value is None:
            return "not measured"
        if self.bound is not None:
            limit = self.bound / GROSS if self.more else self.bound * GROSS
            if value < limit if self.more else value > limit:
                return "lost"
        if self.goal is None:
            return ""
        return "met" if (value >= self.goal if self.more else value <= self.goal) else "missed"


@dataclass
class Growth:
    """What a frame costs, in microseconds, over a range: a table with the exponent of each column."""

    id: str
    what: str
    axis: str
    points: list[int]
    columns: dict[str, list[float]]
    exponents: dict[str, float]


@dataclass
class Bench:
    """Collects figures, and says how they are to be taken.

    ``quick`` takes few and short measurements: to see that it works, not to know the figures. ``full`` takes
    the long ones as long as the goals say. ``watch`` hears of each step, between two measurements.
    """

    quick: bool = False
    full: bool = False
    watch: Callable[[str], None] = lambda step: None
    rows: list[Row] = field(default_factory=list)
    growths: list[Growth] = field(default_factory=list)

    @property
    def repeats(self) -> int:
        """How often each thing is measured."""
        return 1 if self.quick else 7

    def scaled(self, count: int) -> int:
        """Return a number of frames, fewer when quick."""
        return max(16, count // 32) if self.quick else count

    def frames_for(self, microseconds: float, seconds: float = 0.15) -> int:
        """Return how many frames of about so many microseconds fill a measurement; fewer when quick."""
        return max(8, int(seconds * 1e6 / microseconds) // (32 if self.quick else 1))

    def add(self, id: str, what: str, unit: str, samples: Sequence[float], **more: Any) -> None:
        """Keep a figure; the rest as in Row."""
        self.rows.append(Row(id, what, unit, list(samples), **more))

    def compare(self, id: str, what: str, mine: Sequence[float], other: Sequence[float], **more: Any) -> None:
        """Keep the ratio of two measures in microseconds, taken run by run, with the second one beside it."""
        note = f"{statistics.median(other):.3g} us"
        self.add(id, what, "", ratios(mine, other), base=list(other), note=note, **more)

    def missing(self, id: str, what: str, why: str, **more: Any) -> None:
        """Keep a place for a figure that cannot be measured."""
        self.rows.append(Row(id, what, "", [], note=why, **more))

    def in_turn(
        self, *measures: Callable[[], float], repeats: int | None = None, warm: bool = True
    ) -> list[list[float]]:
        """Measure several things in turn, so that what the machine does meanwhile meets all of them.

        The first round warms up and does not count, unless the measures are processes of their own
        (``warm=False``) or the run is a quick one.
        """
        warm = warm and not self.quick
        rounds = min(self.repeats, repeats or self.repeats) + warm
        taken: list[list[float]] = [[] for _ in measures]
        for number in range(rounds):
            for samples, measure in zip(taken, measures, strict=True):
                self.watch(f"round {number + 1} of {rounds}")
                gc.collect()
                value = measure()
                if number or not warm:
                    samples.append(value)
        return taken

    def grow(
        self,
        id: str,
        what: str,
        axis: str,
        points: Sequence[int],
        columns: Mapping[str, Callable[[int], float]],
    ) -> None:
        """Measure what a frame costs at each point, column beside column, and how it grows."""
        taken: dict[str, list[list[float]]] = {name: [] for name in columns}
        for point in points:
            measures = [partial(measure, point) for measure in columns.values()]
            for name, samples in zip(columns, self.in_turn(*measures, repeats=3), strict=True):
                taken[name].append(samples)
        medians = {name: [statistics.median(each) for each in rows] for name, rows in taken.items()}
        exponents = {name: exponent(points, values) for name, values in medians.items()}
        self.growths.append(Growth(id, what, axis, list(points), medians, exponents))
        for name, rows in taken.items():
            runs = [exponent(points, values) for values in zip(*rows, strict=True)]
            goal = NEAR_LINEAR if name.startswith("engine") else None
            self.add(f"{id}/{name}", f"exponent over {axis}", "", runs, goal=goal)


def exponent(points: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of log(value) over log(point) at the upper end, by least squares."""
    pairs = [(log(x), log(y)) for x, y in zip(points, values, strict=True)][-FIT_OVER:]
    middle_x = statistics.fmean(x for x, _ in pairs)
    middle_y = statistics.fmean(y for _, y in pairs)
    across = sum((x - middle_x) ** 2 for x, _ in pairs)
    return sum((x - middle_x) * (y - middle_y) for x, y in pairs) / across


def ratios(mine: Sequence[float], other: Sequence[float]) -> list[float]:
    """Return the quotients run by run: what the machine did in a run met both."""
    return [one / two for one, two in zip(mine, other, strict=True)]
