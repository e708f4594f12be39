"""Bounds of a value: how far inside or outside it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bounds"]


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
