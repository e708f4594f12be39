"""Sections whose magnitude follows a given curve: zeros fitted to given poles, of minimum phase.

With the poles fixed, the squared magnitude of the zeros is a polynomial in cos w, so the fit of relative
error is linear; its roots inside the unit circle make the numerator (spectral factorisation: Oppenheim,
Schafer, "Discrete-Time Signal Processing", 3rd ed., 5.6). Reweighting by the error turns least squares into
the smallest largest error (C. L. Lawson, thesis, UCLA 1961).
"""

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array

__all__ = ["fit_sections", "fit_zeros", "solve_for_one"]

_ROUNDS = 12
# Poles that bend the curve near half the rate, where a polynomial in cos w is slow to follow.
_EXTRA = tuple(-x / 10.0 for x in range(1, 10))


def fit_sections(power: Array, angles: Array, poles: list[float]) -> tuple[Array, float]:
    """Return sections whose squared magnitude is ``power`` within the error that is returned, in dB.

    Parameters
    ----------
    power
        Squared magnitude wanted, positive, (k,).
    angles
        Where: 2 pi f / rate, between 0 and pi, (k,).
    poles
        One or two real poles that belong to the curve, inside the unit circle. As many zeros are tried
        first; if the error is above 0.005 dB, two more of both, the poles on the negative real axis.
    """
    from scipy.signal import zpk2sos

    best: tuple[float, Array, list[float]] | None = None
    for extra in ((), *combinations_with_replacement(_EXTRA, 2)):
        if best is not None and not best[2][len(poles) :] and best[0] < 0.005:
            break
        tried = [*poles, *extra]
        zeros = fit_zeros(power, angles, tried, len(tried))
        if zeros is not None and (best is None or zeros[1] < best[0]):
            best = zeros[1], zeros[0], tried
    if best is None:
        raise ValueError(f"no section follows this curve with poles at {poles}")
    error, numerator, chosen = best
    sections: Array = zpk2sos(np.roots(numerator), chosen, numerator[0])
    return sections, error


def fit_zeros(power: Array, angles: Array, poles: list[float], order: int) -> tuple[Array, float] | None:
    """Return a numerator b0 ... b_order of minimum phase and the largest error of the fit in dB.

    None where the best polynomial is not positive everywhere, so that no filter has it.
    """
    circle = np.exp(-1j * angles)
    wanted = power.copy()
    for pole in poles:
        wanted *= np.abs(1.0 - pole * circle) ** 2
    basis = chebyshev.chebvander(np.cos(angles), order) / wanted[:, np.newaxis]
    kept, least = solve_for_one(basis)
    everywhere = chebyshev.chebval(np.cos(np.linspace(0.0, np.pi, 1024)), kept)
    if least >= 1.0 or everywhere.min() <= 0.0:
        return None
    laurent = np.concatenate([kept[:0:-1] / 2.0, kept[:1], kept[1:] / 2.0])
    roots = np.roots(laurent)
    inside = roots[np.abs(roots) < 1.0]
    if len(inside) != order:
        return None
    numerator: Array = np.real(np.poly(inside))
    numerator *= np.sqrt(chebyshev.chebval(1.0, kept)) / abs(numerator.sum())
    return numerator, 10.0 * float(np.log10(1.0 + least))


def solve_for_one(basis: Array, importance: Array | None = None) -> tuple[NDArray[Any], float]:
    """Return the sum of columns that is 1 at every row with the smallest largest error, and that error.

    Parameters
    ----------
    basis
        (k, terms): each term at k places, divided by what the sum shall be there.
    importance
        What the error at each place is multiplied with, (k,); 1 everywhere unless given.
    """
    scale = np.ones(len(basis)) if importance is None else importance
    weights = scale / scale.max()
    least = np.inf
    kept: NDArray[Any] = np.zeros(basis.shape[1])
    for _ in range(_ROUNDS):
        series = np.linalg.lstsq(basis * weights[:, np.newaxis], weights, rcond=None)[0]
        error = np.abs(basis @ series - 1.0) * scale
        largest = float(error.max())
        if largest < least:
            least, kept = largest, series
        if largest < 1e-12:
            break
        weights *= np.sqrt(error / largest + 1e-2)
        weights /= weights.max()
    return kept, least
