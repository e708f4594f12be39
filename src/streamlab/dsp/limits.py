"""Bounds of a value or of a curve: how far inside or outside it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp.runs import schmitt

__all__ = ["Bounds", "Excursions", "best_offset", "mask_curve"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and largest value that pass (None: no such bound); a value on a bound passes."""

    lower: float | None
    upper: float | None

    def distance(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the distance of each value to its nearest bound: negative outside, NaN for NaN."""
        distance = np.full(values.shape, np.inf)
        if self.upper is not None:
            np.minimum(distance, self.upper - values, out=distance)
        if self.lower is not None:
            np.minimum(distance, values - self.lower, out=distance)
        return distance

    def place(self, value: float) -> str:
        """Say in words where a value stands: ``above 80 by 4``, ``within bounds, 8.5 below 80``."""
        upper, lower = self.upper, self.lower
        if upper is not None and (lower is None or upper - value <= value - lower):
            distance, bound, inside, outside = upper - value, upper, "below", "above"
        elif lower is not None:
            distance, bound, inside, outside = value - lower, lower, "above", "below"
        else:
            return "without bounds"
        if distance < 0:
            return f"{outside} {bound:.6g} by {-distance:.3g}"
        return f"within bounds, {distance:.3g} {inside} {bound:.6g}"


class Excursions:
    """Counts how often series of values leave their bounds; the state is carried from block to block.

    An excursion begins with a value outside and ends with one that is inside by ``hysteresis`` or more.

    Parameters
    ----------
    hysteresis
        In the unit of the values, 0 or more.
    """

    def __init__(self, hysteresis: float) -> None:
        self._hysteresis = hysteresis
        self.counts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._outside: NDArray[np.bool_] = np.zeros(0, dtype=bool)

    def block(self, distance: NDArray[Any]) -> None:
        """Take in the next distances to the bounds, (series, n): negative outside, NaN says nothing.

        Another number of series begins anew.
        """
        if len(distance) != len(self.counts):
            self.counts, self._outside = (
                np.zeros(len(distance), dtype=np.int64),
                np.zeros(len(distance), bool),
            )
        outside = schmitt(distance < 0.0, distance >= self._hysteresis, self._outside)
        before = np.concatenate([self._outside[:, np.newaxis], outside[:, :-1]], axis=1)
        self.counts += (outside & ~before).sum(axis=1)
        self._outside = outside[:, -1]

    def interrupt(self) -> None:
        """What comes next does not follow what came: a value outside begins another excursion."""
        self._outside = np.zeros_like(self._outside)


def mask_curve(points: Sequence[Sequence[float]], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a limit curve at some frequencies: straight between its points over the logarithm of frequency.

    Parameters
    ----------
    points : [[frequency, limit], ...]
        Ascending frequencies above 0.
    at : (n,) array
        Frequencies in Hz.

    Returns
    -------
    (n,) array
        NaN outside the points, where nothing is limited.
    """
    places, limits = np.array(points, dtype=np.float64).T
    with np.errstate(divide="ignore"):
        curve = np.interp(np.log(np.maximum(at, 0.0)), np.log(places), limits)
    return np.where((at >= places[0]) & (at <= places[-1]), curve, np.nan)


def best_offset(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what to add to each curve so that its smallest distance to both limits is as large as it can be.

    ``above`` is upper limit minus curve and ``below`` curve minus lower limit, (curves, n), NaN where there
    is no limit: the shift that leaves as much room above as below.
    """
    shift: NDArray[np.float64] = (np.nanmin(above, axis=1) - np.nanmin(below, axis=1)) / 2.0
    return shift
