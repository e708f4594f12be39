"""Tones in a spectrum: their frequency and amplitude between the lines.

The ratio of the largest line to its larger neighbour says where between the two a single tone lies; what the
window lets through there says how high it is (D. C. Rife, G. A. Vincent, "Use of the discrete Fourier
transform in the measurement of frequencies and levels of tones", Bell Syst. Tech. J. 49, 1970). Here for any
window, by its own transform.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.window import Window, WindowName, make_window

__all__ = ["Peaks", "find_peaks", "interpolate_peaks"]

_TABLE_SIZE = 4096  # samples of the window whose transform is tabulated; it depends on them by 1e-7


@dataclass(frozen=True, slots=True)
class Peaks:
    """The highest peaks of each channel, falling, (channels, count); NaN where there are fewer."""

    frequency: Array
    amplitude: Array


def find_peaks(
    spectrum: NDArray[Any],
    window: Window,
    rate: float,
    *,
    count: int,
    least: float = 0.0,
    apart: float = 0.0,
    low: float = 0.0,
    high: float = np.inf,
) -> Peaks:
    """Find the highest local maxima of an amplitude or RMS spectrum and interpolate them.

    Parameters
    ----------
    spectrum
        (channels, lines), of segments under ``window``; not a density or a power.
    rate
        Sample rate in Hz.
    count
        How many at most.
    least
        Smallest height, in the unit of the spectrum.
    apart
        Smallest distance in Hz; of two that are closer the higher one stays. Half of the window's main lobe
        keeps its side lobes out where they are high.
    low, high
        Range in Hz in which the highest line of a peak lies.
    """
    from scipy.signal import find_peaks as local_maxima

    spectrum = np.asarray(spectrum, dtype=np.float64)
    step = rate / window.size
    shape = spectrum.shape[0], count
    frequency, amplitude = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, values in enumerate(spectrum):
        lines, _ = local_maxima(values, height=least, distance=max(1, round(apart / step)))
        lines = lines[(lines * step >= low) & (lines * step <= high)]
        lines = lines[np.argsort(-values[lines], kind="stable")][:count]
        place, height = interpolate_peaks(values, lines, window)
        frequency[row, : len(lines)] = place * step
        amplitude[row, : len(lines)] = height
    return Peaks(frequency, amplitude)


def interpolate_peaks(values: Array, lines: NDArray[np.intp], window: Window) -> tuple[Array, Array]:
    """Return place in lines and height of the tones whose highest lines these are.

    Parameters
    ----------
    values
        One amplitude or RMS spectrum, (lines,).
    lines
        Inner local maxima of it, (k,).
    """
    right = values[lines + 1] > values[lines - 1]
    neighbour = np.where(right, values[lines + 1], values[lines - 1])
    offsets, ratios, gains = _table(window.name, window.beta)
    with np.errstate(invalid="ignore", divide="ignore"):
        offset = np.interp(neighbour / values[lines], ratios, offsets)
    place = lines.astype(np.float64) + np.where(right, offset, -offset)
    return place, values[lines] / np.interp(offset, offsets, gains)


@lru_cache(maxsize=16)
def _table(name: WindowName, beta: float | None) -> tuple[Array, Array, Array]:
    """Return offsets of 0 to 1/2 line, the neighbour's height over the highest line's, and the latter's."""
    window = make_window(name, _TABLE_SIZE, beta=beta)
    offsets = np.linspace(0.0, 0.5, 501)
    gains = window.response(offsets)
    return offsets, window.response(1.0 - offsets) / gains, gains
