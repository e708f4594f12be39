"""Design of recursive filters as second-order sections: the classical families, and a notch.

Second-order sections keep their poles where they were put, which the coefficients of one long polynomial do
not (A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing", 3rd ed., 6.8).
"""

from math import inf, isfinite, log
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array

__all__ = ["FAMILIES", "PASSES", "Family", "Pass", "design_notch", "design_sos", "response", "settling"]

Family = Literal["butterworth", "chebyshev1", "chebyshev2", "bessel", "elliptic"]
Pass = Literal["lowpass", "highpass", "bandpass", "bandstop"]
FAMILIES: tuple[Family, ...] = get_args(Family)
PASSES: tuple[Pass, ...] = get_args(Pass)

LARGEST_ORDER = 24
# Squared distance of a pole from z = 1 or z = -1: coefficients are rounded at 1e-16, so the response is right
# to 1e-3 dB at this distance and loses a digit for each below it.
_LEAST_DISTANCE = 1e-12
_SCIPY_NAME = {
    "butterworth": "butter",
    "chebyshev1": "cheby1",
    "chebyshev2": "cheby2",
    "bessel": "bessel",
    "elliptic": "ellip",
}


def design_sos(
    family: Family,
    kind: Pass,
    frequency: float | tuple[float, float],
    rate: float,
    *,
    order: int = 4,
    ripple: float | None = None,
    attenuation: float | None = None,
) -> Array:
    """Return the second-order sections of a filter, designed by the bilinear transform with prewarped edges.

    Parameters
    ----------
    family, kind
        One of :data:`FAMILIES` and one of :data:`PASSES`.
    frequency
        Edge in Hz, or two of them for a band. There the response is down by 3.01 dB (Butterworth, Bessel),
        by ``ripple`` (Chebyshev I, elliptic) or by ``attenuation`` (Chebyshev II).
    rate
        Sample rate in Hz.
    order
        Order of the low-pass prototype; a band-pass or band-stop has twice as many poles.
    ripple
        Largest loss in the pass band in dB, for Chebyshev I and elliptic filters.
    attenuation
        Least loss in the stop band in dB, for Chebyshev II and elliptic filters.

    Returns
    -------
    (sections, 6) array
        Rows of b0, b1, b2, a0 = 1, a1, a2.

    Raises
    ------
    ValueError
        For an edge that is not between 0 and half the rate, edges out of order, an order beyond 1 to 24, a
        missing or unused ripple or attenuation, and an edge so low (1e-7 of the rate) or so close to half the
        rate that double precision does not hold the poles.
    """
    from scipy import signal

    if family not in FAMILIES:
        raise ValueError(f"a family is one of {', '.join(FAMILIES)}; found {family!r}")
    if kind not in PASSES:
        raise ValueError(f"a kind is one of {', '.join(PASSES)}; found {kind!r}")
    if not 1 <= order <= LARGEST_ORDER:
        raise ValueError(f"expected an order from 1 to {LARGEST_ORDER}, found {order}")
    edges = _edges(kind, frequency, rate)
    losses = _losses(family, ripple, attenuation)
    more = {"norm": "mag"} if family == "bessel" else {}
    make = getattr(signal, _SCIPY_NAME[family])
    sections: Array = make(order, *losses, edges, btype=kind, fs=rate, output="sos", **more)
    a1, a2 = sections[:, 4], sections[:, 5]
    for sign, words in ((1.0, "too low for a rate"), (-1.0, "too close to half the rate")):
        if not (1.0 + sign * a1 + a2).min() > _LEAST_DISTANCE:
            raise ValueError(
                f"{frequency} Hz is {words} of {rate:g} Hz: the filter would be inexact or unstable"
            )
    return sections


def design_notch(frequency: float, rate: float, *, q: float) -> Array:
    """Return one section that takes out a frequency and has a bandwidth of ``frequency / q`` at -3 dB.

    Parameters
    ----------
    frequency, rate
        Centre and sample rate in Hz.
    q
        Quality factor, positive.

    Raises
    ------
    ValueError
        For a centre that is not between 0 and half the rate, or a bandwidth that reaches beyond.
    """
    from scipy.signal import iirnotch, tf2sos

    (centre,) = _between(rate, frequency)
    if not (isfinite(q) and q > 0 and centre / q < rate / 2):
        least = 2 * centre / rate
        raise ValueError(f"expected a quality factor above {least:g} at {centre:g} Hz, found {q:g}")
    sections: Array = tf2sos(*iirnotch(centre, q, fs=rate))
    return sections


def response(sections: Array, frequencies: NDArray[Any], rate: float) -> NDArray[np.complex128]:
    """Return the complex response of sections at frequencies in Hz, in the shape of ``frequencies``.

    It is the product over the sections, so that it stays exact where one polynomial would cancel.
    """
    delay = np.exp(-2j * np.pi * np.asarray(frequencies, dtype=np.float64) / rate)
    total = np.ones(delay.shape, dtype=np.complex128)
    for b0, b1, b2, a0, a1, a2 in sections.tolist():
        total *= ((b2 * delay + b1) * delay + b0) / ((a2 * delay + a1) * delay + a0)
    return total


def settling(sections: Array, decay: float = 60.0) -> int:
    """Return the samples after which the slowest part of the response has fallen by ``decay`` dB.

    It follows from the largest radius of a pole; sections without poles have a response of two samples each.
    """
    radius = _largest_radius(sections)
    if radius < 1e-3:
        return 2 * len(sections)
    return int(np.ceil(decay / 20.0 * log(10.0) / -log(radius))) if radius < 1.0 else int(1e18)


def _largest_radius(sections: Array) -> float:
    a1, a2 = sections[:, 4], sections[:, 5]
    root = np.sqrt((a1 * a1 - 4.0 * a2).astype(np.complex128))
    return float(np.maximum(np.abs(-a1 + root), np.abs(-a1 - root)).max(initial=0.0) / 2.0)


def _edges(kind: Pass, frequency: float | tuple[float, float], rate: float) -> float | list[float]:
    if kind in ("bandpass", "bandstop"):
        if not isinstance(frequency, tuple | list) or len(frequency) != 2:
            raise ValueError(f"a {kind} needs two edges in Hz, found {frequency!r}")
        low, high = _between(rate, *frequency)
        if low >= high:
            raise ValueError(f"expected a lower edge below the upper, found {low:g} Hz and {high:g} Hz")
        return [low, high]
    if isinstance(frequency, tuple | list):
        raise ValueError(f"a {kind} needs one edge in Hz, found {frequency!r}")
    (edge,) = _between(rate, frequency)
    return edge


def _between(rate: float, *frequencies: float) -> list[float]:
    for one in frequencies:
        if not 0.0 < one < rate / 2.0:
            raise ValueError(
                f"expected a frequency between 0 and {rate / 2:g} Hz, half the rate; found {one:g}"
            )
    return [float(one) for one in frequencies]


def _losses(family: Family, ripple: float | None, attenuation: float | None) -> list[float]:
    losses = []
    for name, article, value, users in (
        ("ripple", "a", ripple, ("chebyshev1", "elliptic")),
        ("attenuation", "an", attenuation, ("chebyshev2", "elliptic")),
    ):
        if family not in users:
            if value is not None:
                raise ValueError(f"{family} filters have no {name}, found {name} {value:g} dB")
        elif value is None or not 0.0 < value < inf:
            raise ValueError(f"{family} filters need {article} {name} above 0 dB, found {value}")
        else:
            losses.append(float(value))
    if len(losses) == 2 and losses[0] >= losses[1]:
        raise ValueError(f"expected a ripple below the attenuation, found {losses[0]:g} and {losses[1]:g} dB")
    return losses
