"""Interpolation of a sampled signal on another grid: hold, linear, or band-limited resampling.

Both grids are exact rationals, so the position of an output sample between its neighbours never drifts, and
an output depends on nothing but its own neighbourhood: the bits are the same however the signal is cut.
"""

from fractions import Fraction
from functools import lru_cache
from math import ceil, lcm
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["FILLS", "HALF_WIDTH", "PASS_BAND", "STOP_BAND_DB", "Fill", "interpolate", "kernel", "support"]

Fill = Literal["hold", "linear", "resample"]
FILLS: tuple[Fill, ...] = get_args(Fill)

# The kernel of `resample`: a sinc under a Kaiser window (J. F. Kaiser, "Nonrecursive digital filter design
# using the I0-sinh window function", IEEE ISCAS 1974). 80 zero crossings a side and 120 dB need a
# transition of 0.1 of the lower Nyquist frequency; the cutoff stands in its middle, so nothing above that
# Nyquist comes through.
HALF_WIDTH = 80
STOP_BAND_DB = 120.0
PASS_BAND = 0.9
_CUTOFF = (1.0 + PASS_BAND) / 2.0
_BETA = 0.1102 * (STOP_BAND_DB - 8.7)
_STEPS = 4096  # per zero crossing: a straight line between is then right to -150 dB, below the stop band
_LARGEST_TABLE = 1 << 20  # weights kept for a pair of grids; beyond it they are interpolated when needed

Array = NDArray[Any]


def support(fill: Fill, rate_in: Fraction, rate_out: Fraction) -> tuple[int, int]:
    """Say which input samples an output needs.

    Parameters
    ----------
    fill : {"hold", "linear", "resample"}
    rate_in, rate_out : Fraction
        Sample rates in Hz.

    Returns
    -------
    (before, after)
        An output at time t needs the input samples ``i - before`` to ``i + after``, where
        ``i = floor(t * rate_in)``. For ``resample`` that is 80 samples of the lower rate on either side.
    """
    if fill == "hold":
        return 0, 0
    if fill == "linear":
        return 0, 1
    if fill == "resample":
        width = ceil(HALF_WIDTH * max(Fraction(1), rate_in / rate_out))
        return width - 1, width
    raise ValueError(f"a fill is one of {', '.join(FILLS)}; found {fill!r}")


def interpolate(
    fill: Fill,
    samples: Array,
    first_index: int,
    rate_in: Fraction,
    rate_out: Fraction,
    k0: int,
    k1: int,
    offset: Fraction = Fraction(0),
) -> Array:
    """Return the signal at the times ``k / rate_out + offset`` for k0 <= k < k1.

    ``hold`` takes the newest sample at or before that time, ``linear`` a straight line between neighbours,
    ``resample`` the band-limited signal: flat within 1e-4 dB up to 0.9 of the lower Nyquist frequency and
    down by at least 118 dB from that frequency on, so neither an alias nor an image comes through. Where
    ``resample`` would move nothing (equal rates, coinciding grids) it copies.

    Parameters
    ----------
    samples : (channels, n) array
        Input; its column 0 is the sample ``first_index``, taken at ``first_index / rate_in`` seconds.
    rate_in, rate_out : Fraction
        Sample rates in Hz.
    k0, k1 : int
        Range of output indices.
    offset : Fraction
        Time of the output sample 0 in seconds.

    Returns
    -------
    (channels, k1 - k0) array
        New memory. Where the input does not reach as far as :func:`support` says, its first or last sample is
        held (``hold``, ``linear``) or zero is taken (``resample``). NaN stays within the support of its
        sample.

    Raises
    ------
    ValueError
        For an unknown fill, or when there is no input at all.
    """
    before, after = support(fill, rate_in, rate_out)
    count = max(0, k1 - k0)
    if count == 0:
        return np.empty((samples.shape[0], 0), samples.dtype)
    if samples.shape[1] == 0:
        raise ValueError("expected at least one input sample to interpolate from, found none")
    base, rest, period = _positions(rate_in, rate_out, k0, count, offset)
    base -= first_index
    last = samples.shape[1] - 1
    if fill == "hold":
        return np.take(samples, base.clip(0, last), axis=1)
    if fill == "linear":
        fraction = rest / period
        left = np.take(samples, base.clip(0, last), axis=1)
        right = np.take(samples, (base + 1).clip(0, last), axis=1)
        with np.errstate(invalid="ignore"):  # infinity minus infinity is NaN, as it should be
            # On a sample the next one has no say, even if it is NaN.
            return np.where(fraction == 0.0, left, left + (right - left) * fraction)
    low, high = int(base[0]) - before, int(base[-1]) + after
    if low < 0 or high > last:
        wide = np.zeros((samples.shape[0], high - low + 1), samples.dtype)
        have = slice(max(low, 0), max(high + 1, 0))
        part = samples[:, have]
        start = have.start - low
        wide[:, start : start + part.shape[1]] = part
        samples, base = wide, base - low
    if rate_in == rate_out and not rest.any():
        return np.take(samples, base, axis=1)
    return _convolve(samples, base - before, rest, period, rate_in / rate_out, before, after)


def _positions(
    rate_in: Fraction, rate_out: Fraction, k0: int, count: int, offset: Fraction
) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """Return floor(t * rate_in) and the rest in units of 1 / period for each output, reckoned in integers."""
    step, shift = rate_in / rate_out, offset * rate_in
    period = lcm(step.denominator, shift.denominator)  # the same for every k0: it decides on the weights
    whole, first = divmod(int((k0 * step + shift) * period), period)
    skip, more = divmod(int(step * period), period)
    index: Array = np.arange(count, dtype=np.int64 if more * count + first < 2**62 else object)
    carry, rest = np.divmod(index * more + first, period)
    base = index.astype(np.int64) * skip + carry.astype(np.int64) + whole
    return base, rest.astype(np.float64), period


def _convolve(
    samples: Array,
    base: NDArray[np.int64],
    rest: NDArray[np.float64],
    period: int,
    ratio: Fraction,
    before: int,
    after: int,
) -> Array:
    """Sum the taps one by one, in one order: a matrix product rounds differently for other block sizes."""
    taps = before + 1 + after
    scale = 1.0 / max(1.0, float(ratio))
    result = np.zeros((samples.shape[0], base.shape[0]), samples.dtype)
    if taps * period <= _LARGEST_TABLE:
        weights, phase = _weights(taps, before, period, scale), rest.astype(np.intp)
        for tap in range(taps):
            result += np.take(samples, base + tap, axis=1) * weights[tap].take(phase)
        return result
    fraction = rest / float(period)
    total = np.zeros(base.shape[0])
    for tap in range(taps):
        weight = _interpolated_kernel((tap - before - fraction) * scale)
        result += np.take(samples, base + tap, axis=1) * weight
        total += weight
    return result / total


def kernel(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the windowed sinc at ``x`` samples of the lower rate from its centre; zero from 80 on."""
    inside = np.abs(x) < HALF_WIDTH
    window = np.i0(_BETA * np.sqrt(1.0 - np.where(inside, x / HALF_WIDTH, 1.0) ** 2)) / np.i0(_BETA)
    return np.where(inside, np.sinc(_CUTOFF * x) * window, 0.0)


@lru_cache(maxsize=16)
def _weights(taps: int, before: int, period: int, scale: float) -> NDArray[np.float64]:
    """The weights of each tap (row) at each phase (column), scaled so that a constant stays what it is."""
    weights = kernel((np.arange(taps)[:, None] - before - np.arange(period) / period) * scale)
    weights /= weights.sum(axis=0)
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=1)
def _table() -> NDArray[np.float64]:
    table = kernel(np.arange(HALF_WIDTH * _STEPS + 2) / _STEPS)
    table.flags.writeable = False
    return table


def _interpolated_kernel(x: NDArray[np.float64]) -> NDArray[np.float64]:
    table = _table()
    position = np.minimum(np.abs(x) * _STEPS, HALF_WIDTH * _STEPS)
    index = position.astype(np.intp)
    left = table.take(index)
    value: NDArray[np.float64] = left + (table.take(index + 1) - left) * (position - index)
    return value
