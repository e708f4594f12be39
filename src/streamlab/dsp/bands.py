"""Fractional-octave bands: frequencies, labels and acceptance limits, IEC 61260-1:2014.

Base ten: an octave is the ratio G = 10^(3/10) (5.2), the reference frequency 1000 Hz (5.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array

__all__ = [
    "OCTAVE",
    "REFERENCE",
    "Band",
    "attenuation_limits",
    "bands_between",
    "limit_breakpoints",
    "nominal_frequency",
    "nominal_frequencies",
    "nominal_label",
]

OCTAVE = 10.0**0.3
REFERENCE = 1000.0
LARGEST_FRACTION = 24

# Annex E, table E.1: nominal frequencies of third octaves in one decade; every third is one of an octave.
_PREFERRED = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)

# 5.10, table 1: exponent of G, least and largest relative attenuation in dB for octave-band filters.
# The band edge stands twice: just inside, where the largest is bounded, and on it and beyond.
_LIMITS: dict[int, tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]] = {
    1: (
        (0.0, 0.125, 0.25, 0.375, 0.5, 0.5, 1.0, 2.0, 3.0, 4.0),
        (-0.4, -0.4, -0.4, -0.4, -0.4, 1.2, 16.6, 40.5, 60.0, 70.0),
        (0.4, 0.5, 0.7, 1.4, 5.3),
    ),
    2: (
        (0.0, 0.125, 0.25, 0.375, 0.5, 0.5, 1.0, 2.0, 3.0, 4.0),
        (-0.6, -0.6, -0.6, -0.6, -0.6, 0.8, 15.6, 39.5, 54.0, 60.0),
        (0.6, 0.7, 0.9, 1.7, 5.8),
    ),
}


@dataclass(frozen=True, slots=True)
class Band:
    """A band: its number x on the scale of its fraction, its label, and its exact frequencies in Hz."""

    number: int
    label: str
    centre: float
    lower: float
    upper: float


def bands_between(fraction: int, low: float, high: float) -> tuple[Band, ...]:
    """Return the bands that contain ``low`` and ``high`` and all between, in rising order (5.4 to 5.6).

    Parameters
    ----------
    fraction
        b of a 1/b-octave: 1 to 24.
    low, high
        Frequencies in Hz, exact or nominal: 20 Hz lies in the third octave whose centre is 19.95 Hz.

    Examples
    --------
    >>> [band.label for band in bands_between(3, 800, 1600)]
    ['800', '1k', '1.25k', '1.6k']
    """
    if fraction not in range(1, LARGEST_FRACTION + 1):
        raise ValueError(f"expected a fraction of 1 to {LARGEST_FRACTION} bands an octave, found {fraction}")
    if not 0.0 < low <= high < np.inf:
        raise ValueError(f"expected 0 < low <= high in Hz, found {low:g} and {high:g}")
    # Band x reaches from (x - 1/2) / b to (x + 1/2) / b octaves from 1 kHz for odd b, from x / b to
    # (x + 1) / b for even b.
    shift = 0.5 if fraction % 2 else 0.0
    first, last = (floor(fraction * log(one / REFERENCE) / log(OCTAVE) + shift + 1e-9) for one in (low, high))
    return tuple(_band(fraction, number) for number in range(first, last + 1))


def nominal_frequency(fraction: int, centre: float) -> float:
    """Return the nominal frequency in Hz of an exact mid-band frequency: 31.5 for 31.62 Hz.

    Octaves and third octaves have those of annex E, table E.1. Others are rounded as E.3 says: to three
    digits where the first is 1 to 4, to two where it is 5 to 9.
    """
    decade = floor(np.log10(centre) + 1e-9)
    first = centre / 10.0**decade
    if fraction in (1, 3):
        nearest = min((*_PREFERRED, 10.0), key=lambda one: abs(log(one / first)))
    else:
        nearest = round(first, 2) if first < 4.995 else round(first, 1)
    return float(f"{nearest * 10.0**decade:.6g}")


def nominal_label(fraction: int, centre: float) -> str:
    """Return the nominal frequency of an exact mid-band frequency as it is written: ``31.5``, ``16k``."""
    value = nominal_frequency(fraction, centre)
    return f"{value:g}" if value < 1000.0 else f"{float(f'{value / 1000.0:.6g}'):g}k"


def nominal_frequencies(points: Sequence[float]) -> tuple[float, ...] | None:
    """Return the nominal frequencies of exact mid-band frequencies, None where they are no such thing.

    The fraction is the smallest whose bands these are: a lone 1 kHz is that of an octave.

    Examples
    --------
    >>> nominal_frequencies([31.6227766, 63.0957344])
    (31.5, 63.0)
    >>> nominal_frequencies([30.0, 60.0]) is None
    True
    """
    if not points or points[0] <= 0.0:
        return None
    octaves = np.log(np.asarray(points, dtype=np.float64) / REFERENCE) / log(OCTAVE)
    for fraction in range(1, LARGEST_FRACTION + 1):
        places = octaves * fraction + (0.0 if fraction % 2 else 0.5)
        if (np.abs(places - places.round()) < 1e-4).all():
            return tuple(nominal_frequency(fraction, point) for point in points)
    return None


def limit_breakpoints(fraction: int) -> Array:
    """Return the ratios f / f_m >= 1 of table 1 for 1/b octaves, the band edge twice (5.10).

    1 + (G^(1/2b) - 1) / (G^(1/2) - 1) * (Omega - 1): those of octaves, drawn together.
    """
    scale = (OCTAVE ** (0.5 / fraction) - 1.0) / (OCTAVE**0.5 - 1.0)
    result: Array = 1.0 + scale * (OCTAVE ** np.array(_LIMITS[1][0]) - 1.0)
    return result


def attenuation_limits(
    fraction: int, ratios: NDArray[Any], performance_class: Literal[1, 2] = 1
) -> tuple[Array, Array]:
    """Return the least and the largest relative attenuation in dB at ratios f / f_m (5.10, table 1).

    Between the breakpoints both go linearly with lg of the ratio, and the low side mirrors the high side. The
    largest is infinite from the band edge on.
    """
    _, least, largest = _LIMITS[performance_class]
    breaks = np.log(limit_breakpoints(fraction))
    inside = len(largest)
    distance = np.abs(np.log(np.asarray(ratios, dtype=np.float64)))
    within = distance < breaks[inside] * (1.0 - 1e-12)
    lower = np.where(
        within,
        np.interp(distance, breaks[:inside], least[:inside]),
        np.interp(distance, breaks[inside:], least[inside:]),
    )
    upper = np.where(within, np.interp(distance, breaks[:inside], largest), np.inf)
    return lower, upper


def _band(fraction: int, number: int) -> Band:
    exponent = number / fraction if fraction % 2 else (2 * number + 1) / (2 * fraction)
    centre = REFERENCE * OCTAVE**exponent
    half = OCTAVE ** (0.5 / fraction)
    return Band(number, nominal_label(fraction, centre), centre, centre / half, centre * half)
