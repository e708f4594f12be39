"""The limits that judges set, as lines in the plots that they judge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import Outcome, StreamInfo, Verdict
from streamlab.dsp.limits import mask_curve
from streamlab.report.plots.axes import drawable, note_inside, unit_text
from streamlab.report.plots.style import INK, LIMIT, short
from streamlab.report.stretch import Judging

__all__ = ["Bound", "bounds_of", "draw_levels", "draw_masks", "draw_worst", "reach"]

_STYLES = ((0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2)), (0, (3, 1, 1, 1, 1, 1)))
"""How the limits of several judges in one plot differ."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on some rows of a stream: a level, or a curve of [frequency in Hz, limit].

    ``verdict`` is what its judge said; ``style`` how its line is drawn; ``upper`` on which side it lies.
    """

    judge: str
    rows: frozenset[int]
    upper: bool
    level: float | None
    points: tuple[tuple[float, float], ...]
    floating: bool
    verdict: Verdict | None
    style: Any

    def label(self, unit: str = "") -> str:
        """What the legend says: the judge, the side, the level and the outcome."""
        sign = "≤" if self.upper else "≥"
        what = (
            f"{sign} {self.level:.6g} {unit}".strip()
            if self.level is not None
            else "upper limit"
            if self.upper
            else "lower limit"
        )
        outcome = f" ({self.verdict.outcome})" if self.verdict is not None else ""
        return f"{short(self.judge, 24)} {what}{outcome}"

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the limit at frequencies in Hz, NaN where there is none."""
        if self.level is not None:
            return np.full(len(places), self.level)
        return mask_curve(self.points, places)


def bounds_of(judges: Iterable[Judging], info: StreamInfo, verdicts: Mapping[str, Verdict]) -> list[Bound]:
    """Return the limits on a stream in the order of their judges."""
    found = []
    for number, judge in enumerate(judges):
        rows, style = frozenset(judge.rows(info)), _STYLES[number % len(_STYLES)]
        for name in ("upper", "lower"):
            limit = getattr(judge.params, name, None)
            if limit is None:
                continue
            level = limit if isinstance(limit, int | float) else None
            points = () if level is not None else tuple((float(x), float(y)) for x, y in limit)
            floating = bool(getattr(judge.params, "floating", False))
            verdict = verdicts.get(judge.node)
            found.append(Bound(judge.node, rows, name == "upper", level, points, floating, verdict, style))
    return found


def draw_levels(axes: Any, bounds: Sequence[Bound], unit: str) -> None:
    """Draw the limits that are levels across the plot; those beyond its scale are named."""
    unit = "" if unit == "1" else unit_text(unit)
    low, high = axes.get_ylim()
    beyond = [bound for bound in bounds if bound.level is not None and not low <= bound.level <= high]
    if beyond:
        note_inside(axes, "\n".join(f"beyond this scale: {bound.label(unit)}" for bound in beyond))
    for bound in bounds:
        if bound.level is not None and bound not in beyond:
            axes.axhline(
                bound.level,
                color=LIMIT,
                linewidth=1.3,
                linestyle=bound.style,
                label=bound.label(unit),
                zorder=3,
            )


def draw_masks(axes: Any, bounds: Iterable[Bound], points: NDArray[np.float64]) -> list[float]:
    """Draw the masks; returns their limits within the plot."""
    found: list[float] = []
    low, high = float(points[0]), float(points[-1])
    for bound in bounds:
        if not bound.points:
            continue
        corners = np.array([x for x, _ in bound.points])
        places = np.unique(np.concatenate([corners, np.clip([low, high], corners[0], corners[-1])]))
        curve = drawable(bound.at(places))
        axes.plot(
            places, curve, color=LIMIT, linewidth=1.5, linestyle=bound.style, label=bound.label(), zorder=3
        )
        if len(corners) == 1 or corners[-1] / corners[0] < 1.05:  # a mask on one line is easily missed
            marker = "v" if bound.upper else "^"
            axes.plot(
                [float(np.sqrt(corners[0] * corners[-1]))], [float(curve.mean())], marker=marker, color=LIMIT,
                markersize=6, linestyle="none", zorder=4,
            )  # fmt: skip
            axes.annotate(
                short(bound.judge, 20), (float(np.sqrt(corners[0] * corners[-1])), float(curve.mean())),
                xytext=(0, 6 if bound.upper else -6), textcoords="offset points", ha="center",
                va="bottom" if bound.upper else "top", fontsize=8, color=LIMIT,
            )  # fmt: skip
        found += [float(one) for one, place in zip(curve, places, strict=True) if low <= place <= high]
    return found


def draw_worst(axes: Any, x: float, y: float, outcome: Outcome) -> None:
    """Mark the value that a verdict rests on, where it is in the plot: filled and red for a FAIL."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    if not (left <= x <= right and low <= y <= high):
        return
    fails = outcome is Outcome.FAIL
    axes.plot(
        [x], [y], marker="D", markersize=6.0, markerfacecolor=LIMIT if fails else "none",
        markeredgecolor=LIMIT if fails else INK, markeredgewidth=1.4, linestyle="none", zorder=5,
        label=None if axes.get_label() == "marked" else "value that decides",
    )  # fmt: skip
    axes.set_label("marked")


def reach(low: float, high: float, limits: Iterable[float], near: float = 0.0) -> tuple[float, float]:
    """Return the range of an axis that shows values from ``low`` to ``high`` and the limits near them.

    A limit that is farther away than ``near``, than four times what the values span and than the largest of
    them would leave no room for them; it is left out.
    """
    span = (high - low) or abs(high) or 1.0
    far = min(max(4.0 * span, near, abs(low), abs(high)), 1e100)
    inside = [limit for limit in limits if low - far <= limit <= high + far]
    bottom, top = min([low, *inside]), max([high, *inside])
    room = 0.06 * ((top - bottom) or span)
    return bottom - room, top + room
