"""The usual way with SciPy: the whole recording at once, in memory, a filter after the other.

What each metric of :mod:`streamlab.cli.bench.measuring` is compared with. Designs are those of the books:
bilinear weightings, Butterworth bands of order 6 at the full rate. Arrays are (channels, n).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OFFLINE"]

Array = NDArray[np.float64]
_ZERO = 20e-6


def _weighting(kind: str, rate: float) -> Any:
    from scipy.signal import bilinear_zpk, zpk2sos

    inner = [] if kind == "C" else [107.65265, 737.86223]
    poles = -2 * np.pi * np.array([20.598997, 20.598997, 12194.217, 12194.217, *inner])
    zeros = np.zeros(2 if kind == "C" else 4)
    gain = 10.0 ** ((0.062 if kind == "C" else 2.0) / 20.0) * (2 * np.pi * 12194.217) ** 2
    return zpk2sos(*bilinear_zpk(zeros, poles, gain, rate))


def a_weighting(x: Array, rate: float) -> Array:
    """A-weighted samples."""
    from scipy.signal import sosfilt

    weighted: Array = sosfilt(_weighting("A", rate), x)
    return weighted


def _fast_power(x: Array, rate: float) -> Array:
    from scipy.signal import lfilter

    pole = np.exp(-1.0 / (0.125 * rate))
    power: Array = lfilter([1.0 - pole], [1.0, -pole], x * x)
    return power


def f_level(x: Array, rate: float) -> Array:
    """The A-weighted level with time weighting F at every sample."""
    with np.errstate(divide="ignore"):
        levels: Array = 10 * np.log10(_fast_power(a_weighting(x, rate), rate) / _ZERO**2)
    return levels


def sound_level(x: Array, rate: float) -> Array:
    """LAeq, LAFmax, LCpeak of samples, LAF10 and LAF90: (channels, 5)."""
    from scipy.signal import sosfilt

    weighted = a_weighting(x, rate)
    power = _fast_power(weighted, rate)[:, int(rate * 0.7) :]
    levels = 10 * np.log10(power[:, :: int(rate / 100)] / _ZERO**2)
    peak = np.abs(sosfilt(_weighting("C", rate), x)).max(axis=1)
    columns = (
        10 * np.log10((weighted**2).mean(axis=1) / _ZERO**2),
        10 * np.log10(power.max(axis=1) / _ZERO**2),
        20 * np.log10(peak / _ZERO),
        *np.percentile(levels, [90, 10], axis=1),
    )
    return np.stack(columns, axis=1)


def third_octaves(x: Array, rate: float) -> Array:
    """Levels of the third octaves from 20 Hz to 16 kHz: (channels, 30)."""
    from scipy.signal import butter, sosfilt

    levels = []
    for number in range(-17, 13):
        middle = 1000.0 * 10 ** (number / 10)
        edges = middle * 10**-0.05, middle * 10**0.05
        band = sosfilt(butter(3, edges, "bandpass", fs=rate, output="sos"), x)
        levels.append(10 * np.log10((band**2).mean(axis=1) / _ZERO**2))
    return np.stack(levels, axis=1)


def spectrum(x: Array, rate: float) -> Array:
    """The averaged density: (channels, lines)."""
    from scipy.signal import welch

    density: Array = welch(x, rate, nperseg=4096, detrend=False)[1]
    return density


def envelope(x: Array, rate: float) -> Array:
    """The averaged spectrum of the envelope of a band: (channels, lines)."""
    from scipy.signal import butter, hilbert, sosfilt, welch

    band = sosfilt(butter(4, (2000.0, 15_000.0), "bandpass", fs=rate, output="sos"), x)
    lines: Array = welch(np.abs(hilbert(band)), rate, nperseg=round(rate), scaling="spectrum")[1]
    return lines


def velocity(x: Array, rate: float) -> Array:
    """The integral, without drift: the running sum behind a high-pass of 10 Hz."""
    from scipy.signal import butter, sosfilt

    high = sosfilt(butter(4, 10.0, "highpass", fs=rate, output="sos"), x)
    integral: Array = np.cumsum(high, axis=1) / rate
    return integral


def resampled(x: Array, rate: float) -> Array:
    """The signal at 48 kHz."""
    from scipy.signal import resample_poly

    result: Array = resample_poly(x, 15, 16, axis=1)
    return result


def moments(x: Array, rate: float) -> Array:
    """Mean, deviation, skewness and kurtosis: (channels, 4)."""
    from scipy import stats

    columns = x.mean(axis=1), x.std(axis=1), stats.skew(x, axis=1), stats.kurtosis(x, axis=1, fisher=False)
    return np.stack(columns, axis=1)


OFFLINE: dict[str, Callable[[Array, float], Array]] = {
    "A": a_weighting,
    "F": f_level,
    "levels": sound_level,
    "thirds": third_octaves,
    "spectrum": spectrum,
    "envelope": envelope,
    "velocity": velocity,
    "resample": resampled,
    "moments": moments,
}
