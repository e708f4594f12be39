"""Curves over frequency: the mean, the extremes and the last of all that came, in memory of a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.core import ChannelInfo
from streamlab.dsp.limits import best_offset

__all__ = ["Curves", "Floated", "Scale", "scale_of"]

Array = NDArray[np.float64]
Scale = Literal["level", "field", "power"]
"""How values are averaged: levels by their powers, field quantities by their squares, powers as they are."""

_POWERS = ("power", "PSD", "ESD")


def scale_of(channel: ChannelInfo) -> Scale:
    """Return how the values of a channel are averaged."""
    if channel.unit.startswith("dB"):
        return "level"
    return "power" if channel.quantity.rpartition(" ")[2] in _POWERS else "field"


class _Extremes:
    """Lowest and highest of each point; NaN where no number came."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.count = 0
        self.low = np.full(shape, np.nan)
        self.high = np.full(shape, np.nan)

    def add(self, values: Array) -> None:
        self.count += 1
        np.fmin(self.low, values, out=self.low)
        np.fmax(self.high, values, out=self.high)


class Curves:
    """What is shown of curves that come one after the other, (channels, points) each.

    The mean is one of powers, weighted by the time that each curve stands for, over all of them. The extremes
    are those of the curves that a judge would look at, of all of them where there is none such: what comes
    from a filter that still settles has no place among them.

    Parameters
    ----------
    scales
        How each channel is averaged.
    points
        Values per curve.
    """

    def __init__(self, scales: Sequence[Scale], points: int) -> None:
        shape = len(scales), points
        self.count = 0
        self.last = np.full(shape, np.nan)
        self._scales = scales
        self._rows = {
            scale: np.array([row for row, one in enumerate(scales) if one == scale], dtype=np.intp)
            for scale in dict.fromkeys(scales)
        }
        self._power = np.zeros(shape)
        self._weight = 0.0
        self._judged, self._all = _Extremes(shape), _Extremes(shape)

    def add(self, values: Array, *, weight: float = 1.0, judged: bool = True) -> None:
        """Take a curve of each channel."""
        self.count += 1
        self.last = values
        self._weight += weight
        with np.errstate(over="ignore", invalid="ignore"):
            for scale, rows in self._rows.items():
                every = len(rows) == len(values)
                self._power[rows] += weight * _power(values if every else values[rows], scale)
        if judged:
            self._judged.add(values)
        elif not self._judged.count:
            self._all.add(values)

    @property
    def judged(self) -> int:
        """How many of the curves a judge would look at."""
        return self._judged.count

    def mean(self) -> Array:
        """Return the mean curves, (channels, points); NaN before the first."""
        if not self._weight:
            return np.full_like(self._power, np.nan)
        mean = self._power / self._weight
        for scale, rows in self._rows.items():
            if scale == "level":
                with np.errstate(divide="ignore"):
                    mean[rows] = 10.0 * np.log10(mean[rows])
            elif scale == "field":
                mean[rows] = np.sqrt(mean[rows])
        return mean

    @property
    def low(self) -> Array:
        """Lowest values, (channels, points)."""
        return self._extremes.low

    @property
    def high(self) -> Array:
        """Highest values, (channels, points)."""
        return self._extremes.high

    @property
    def _extremes(self) -> _Extremes:
        return self._judged if self._judged.count else self._all


def _power(values: Array, scale: Scale) -> Array:
    if scale == "level":
        power: Array = np.exp(values * (np.log(10.0) / 10.0))
        return power
    return values * values if scale == "field" else values


@dataclass(slots=True)
class Floated:
    """The curve that a floating mask has least room for, as it was shifted; see Mask.

    ``upper`` and ``lower`` are the limits at the points, NaN where there is none, ``rows`` the channels that
    are judged.
    """

    upper: Array
    lower: Array
    rows: list[int]
    worst: float = np.inf
    curve: Array | None = None
    channel: int = 0
    shift: float = 0.0
    position: int = 0

    def add(self, values: Array, position: int) -> None:
        """Look at a curve of each channel, (channels, points), that begins at a position of the stream."""
        curves = values[self.rows]
        limited = ~np.isnan(self.upper), ~np.isnan(self.lower)
        judged = limited[0] | limited[1]
        if not (limited[0].any() and limited[1].any() and np.isfinite(curves[:, judged]).all()):
            return
        with np.errstate(over="ignore", invalid="ignore"):
            shift = best_offset(self.upper - curves, curves - self.lower)
            shifted = curves + shift[:, np.newaxis]
            room = np.nanmin(np.fmin(self.upper - shifted, shifted - self.lower), axis=1)
        row = int(np.argmin(room))
        if room[row] < self.worst or self.curve is None:
            self.worst, self.curve, self.channel = float(room[row]), shifted[row], self.rows[row]
            self.shift, self.position = float(shift[row]), position
