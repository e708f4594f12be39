"""The points of a mask: what is wrong with them, and the curve that they make on a stream's axis."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from streamlab.core import Samples, StreamInfo
from streamlab.dsp.limits import mask_curve
from streamlab.errors import Problem

__all__ = ["Points", "curve", "problems_with"]

Points = list[list[float]]
"""[[frequency in Hz, limit], ...], ascending."""


def curve(points: Points | None, info: StreamInfo) -> Samples:
    """Return the limit at each point of the stream's axis, NaN where there is none."""
    places = np.array(info.points)
    return np.full(len(places), np.nan) if points is None else mask_curve(points, places)


def problems_with(upper: Points | None, lower: Points | None, floating: bool) -> Iterable[Problem]:
    """Yield what is wrong with the limits of a mask."""
    if upper is None and lower is None:
        yield Problem("/upper", "a mask needs a limit", "upper, lower or both", "neither")
        return
    wrong = [*_wrong("upper", upper or ()), *_wrong("lower", lower or ())]
    yield from wrong
    if upper is None or lower is None:
        if floating:
            yield Problem("/floating", "a floating mask needs both limits", "upper and lower", "one of them")
    elif not wrong:
        places = np.array(sorted({point[0] for point in [*upper, *lower]}))
        room = mask_curve(upper, places) - mask_curve(lower, places)
        if (room < 0).any():
            yield Problem("/lower", f"lower is above upper at {places[int(np.nanargmin(room))]:g} Hz")


def _wrong(name: str, points: Sequence[Sequence[float]]) -> list[Problem]:
    for number, point in enumerate(points):
        if len(point) != 2 or point[0] <= 0:
            expected = "[frequency > 0 in Hz, limit]"
            return [Problem(f"/{name}/{number}", "a point of a mask is a pair", expected, f"{point}")]
    return [
        Problem(f"/{name}/{number}", "frequencies ascend", f"above {one[0]:g} Hz", f"{two[0]:g} Hz")
        for number, (one, two) in enumerate(pairwise(points), 1)
        if two[0] <= one[0]
    ]
