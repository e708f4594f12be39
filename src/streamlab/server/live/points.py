"""Lines of a spectrum put together for a picture: no more points than asked for, no line lost."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Points"]

_Array = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Where points lie, and the lines that each stands for: ``starts[k]`` to before ``starts[k + 1]``."""

    x: _Array
    starts: NDArray[np.intp]
    lines: int

    @classmethod
    def of_lines(cls, lines: NDArray[Any], most: int, scale: str) -> "Points":
        """Group lines at these ascending places into at most ``most`` points.

        Evenly over a linear or a logarithmic axis; where lines are sparser than points each is its own.
        """
        places = np.asarray(lines, dtype=np.float64)
        count = len(places)
        if count <= most:
            return cls(places, np.arange(count), count)
        if scale == "linear" or places[-1] <= 0:
            groups = np.arange(count) * most // count
        else:
            # What lies at 0 or below has no place on a logarithmic axis: a point of its own.
            above = int(np.searchsorted(places, 0.0, side="right"))
            low, high = np.log(places[above]), np.log(places[-1])
            share = (np.log(places[above:]) - low) / max(high - low, 1e-300)
            room = max(1, most - above)
            groups = np.concatenate(
                [np.arange(above), above + np.minimum(share * room, room - 1).astype(int)]
            )
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        ends = np.append(starts[1:], count) - 1
        left, right = places[starts], places[ends]
        middle = np.sqrt(left * right) if scale == "log" else (left + right) / 2.0
        return cls(np.where(left > 0, middle, left), starts, count)

    def largest(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the largest line of each point, lines along the last axis."""
        if len(self.starts) == self.lines:
            return values
        return np.fmax.reduceat(values, self.starts, axis=-1)
