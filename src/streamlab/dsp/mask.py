"""Limits along a curve: how far inside a mask a spectrum or a response lies, and where it is worst."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array

__all__ = ["Mask", "MaskLine", "MaskResult"]


class MaskLine:
    """A bound between points: straight in y over lg x (or over x), none beyond the first and the last.

    Two points at the same x are a step; there the stricter one counts.

    Parameters
    ----------
    points
        (x, y) in rising order of x, two or more. Of a logarithmic axis every x is positive.
    axis
        How x is interpolated.
    """

    def __init__(
        self, points: Sequence[tuple[float, float]], *, axis: Literal["log", "linear"] = "log"
    ) -> None:
        if axis not in ("log", "linear"):
            raise ValueError(f"an axis is log or linear; found {axis!r}")
        if len(points) < 2:
            raise ValueError(f"expected two points or more, found {len(points)}")
        x, y = np.array(points, dtype=np.float64).T
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ValueError(f"expected finite points, found {list(points)}")
        if axis == "log" and x[0] <= 0.0:
            raise ValueError(f"expected a positive x on a logarithmic axis, found {x[0]:g}")
        for left, right in pairwise(x.tolist()):
            if right < left:
                raise ValueError(f"expected points in rising order, found {left:g} before {right:g}")
        self.axis = axis
        self._x, self._y = x, y

    def at(self, x: NDArray[np.float64], *, stricter: Literal["min", "max"]) -> Array:
        """Return the bound at each x, NaN where there is none; at a step the lowest or the highest."""
        x = np.asarray(x, dtype=np.float64)
        inside = (x >= self._x[0]) & (x <= self._x[-1])
        result = np.full(x.shape, np.nan)
        scale = np.log if self.axis == "log" else np.asarray
        result[inside] = np.interp(scale(x[inside]), scale(self._x), self._y)
        choose = np.minimum if stricter == "min" else np.maximum
        for place in np.flatnonzero(np.diff(self._x) == 0.0):
            on_step = x == self._x[place]
            result[on_step] = choose(choose(result[on_step], self._y[place]), self._y[place + 1])
        return result


@dataclass(frozen=True, slots=True)
class MaskResult:
    """How a curve lies to a mask.

    ``margin`` (n,) is the distance to the nearest bound, negative outside, NaN where there is none or the
    curve is NaN; ``offset`` was added to the curve first. ``worst`` is the place of the smallest margin, None
    if there is no margin at all; ``outside`` counts the points beyond a bound, ``unknown`` those with a bound
    and without a value.
    """

    margin: Array
    offset: float
    worst: int | None
    outside: int
    unknown: int


class Mask:
    """An upper and a lower bound of a curve; a value on a bound passes.

    Parameters
    ----------
    upper, lower
        The bounds, at least one.
    floating
        Shift the curve first so that its smallest margin is as large as it can be: the mask judges its shape
        and not its level. Needs both bounds.
    """

    def __init__(self, upper: MaskLine | None, lower: MaskLine | None, *, floating: bool = False) -> None:
        if upper is None and lower is None:
            raise ValueError("expected an upper or a lower bound, found neither")
        if floating and (upper is None or lower is None):
            raise ValueError("a mask that floats needs both bounds: with one every curve passes")
        self.upper, self.lower, self.floating = upper, lower, floating

    def judge(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> MaskResult:
        """Compare one curve y(x), both (n,)."""
        y = np.asarray(y, dtype=np.float64)
        if y.shape != np.shape(x) or y.ndim != 1:
            raise ValueError(f"expected x and y of the same length, found {np.shape(x)} and {y.shape}")
        below = np.full(y.shape, np.nan)  # distance to the upper bound, and to the lower one
        above = np.full(y.shape, np.nan)
        bounded = np.zeros(y.shape, dtype=bool)
        with np.errstate(invalid="ignore"):
            if self.upper is not None:
                bound = self.upper.at(x, stricter="min")
                bounded |= np.isfinite(bound)
                below = bound - y
            if self.lower is not None:
                bound = self.lower.at(x, stricter="max")
                bounded |= np.isfinite(bound)
                above = y - bound
        offset = 0.0
        if self.floating:
            ends = [np.min(one[np.isfinite(one)], initial=np.inf) for one in (below, above)]
            offset = float((ends[0] - ends[1]) / 2.0) if np.isfinite(ends).all() else 0.0
            below, above = below - offset, above + offset
        margin = np.fmin(below, above)
        unknown = np.isnan(y) & bounded
        margin[np.isnan(y)] = np.nan
        known = ~np.isnan(margin)
        worst = int(np.nanargmin(margin)) if known.any() else None
        return MaskResult(
            margin, offset, worst, int(np.count_nonzero(margin[known] < 0.0)), int(np.count_nonzero(unknown))
        )
