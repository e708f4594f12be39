"""Square, triangle and sawtooth waves with an exact phase, band-limited or as their formula says.

A sampled ideal square folds its harmonics above half the rate back as tones that belong to nothing.
Band-limited waves hold the harmonics below half the rate and no others; for that they overshoot beside a jump
by 9 % of it (Gibbs).
"""

from fractions import Fraction
from functools import lru_cache
from typing import Literal, get_args

import numpy as np

from streamlab.dsp._blocks import Array
from streamlab.dsp.generate import phase_residues

__all__ = ["MOST_HARMONICS", "SHAPES", "PeriodicWave", "Shape"]

Shape = Literal["square", "triangle", "sawtooth"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

_LEAST_TABLE = 1 << 14
_POINTS = 64  # of the table in a cycle of the highest harmonic: interpolation is right to 1e-7
MOST_HARMONICS = 1 << 16


class PeriodicWave:
    """A wave of peak 1 and mean 0 that starts at phase 0 like a sine: its fundamental rises there.

    Phases are reduced to one period in integers, so that they are exact after any time and no sample depends
    on the block it is made in. The square is +1 in the first half of the period; the sawtooth rises from 0 at
    phase 0 and falls by 2 in the middle of the period.

    Parameters
    ----------
    shape
        One of :data:`SHAPES`.
    frequency, rate
        Frequency and sample rate in Hz, exact.
    band_limited
        Only the harmonics below half the rate, within 1e-7; or the formula, whose jumps fall on samples.
    """

    def __init__(
        self, shape: Shape, frequency: Fraction, rate: Fraction, *, band_limited: bool = True
    ) -> None:
        if shape not in SHAPES:
            raise ValueError(f"a shape is one of {', '.join(SHAPES)}; found {shape!r}")
        if not 0 < frequency < rate / 2:
            raise ValueError(
                f"expected a frequency between 0 and {float(rate / 2):g} Hz, found {float(frequency):g} Hz"
            )
        self.shape = shape
        self._step = frequency / rate
        # The highest harmonic h with h f < rate / 2.
        self.harmonics = (self._step.denominator - 1) // (2 * self._step.numerator)
        if band_limited and self.harmonics > MOST_HARMONICS:
            least = float(rate / 2 / MOST_HARMONICS)
            raise ValueError(
                f"a band-limited wave of {float(frequency):g} Hz at {float(rate):g} Hz has "
                f"{self.harmonics} harmonics: expected {least:.3g} Hz or more, or not band-limited"
            )
        self._tables = _tables(shape, self.harmonics) if band_limited else None

    def block(self, start: int, out: Array, *, amplitude: float = 1.0, phase: float = 0.0) -> None:
        """Write the samples from ``start`` on to ``out``, shape (n,); ``phase`` is in radians."""
        residues, period = phase_residues(start, out.shape[0], self._step)
        turns = residues.astype(np.float64) / float(period)
        if phase:
            turns = (turns + phase / (2.0 * np.pi)) % 1.0
        values = self._formula(turns) if self._tables is None else _interpolated(turns, *self._tables)
        np.multiply(values, amplitude, out=out)

    def _formula(self, turns: Array) -> Array:
        if self.shape == "square":
            return np.where(turns < 0.5, 1.0, -1.0)
        shifted = (turns + (0.25 if self.shape == "triangle" else 0.5)) % 1.0
        return 1.0 - np.abs(4.0 * shifted - 2.0) if self.shape == "triangle" else 2.0 * shifted - 1.0


def _coefficients(shape: Shape, harmonics: int) -> Array:
    """Return the amplitudes of sin(2 pi h t) in the ideal wave, h = 0 to ``harmonics`` (Fourier)."""
    number = np.arange(1, harmonics + 1, dtype=np.float64)
    odd = number % 2 == 1
    if shape == "square":
        series = np.where(odd, 4.0 / (np.pi * number), 0.0)
    elif shape == "triangle":
        sign = np.where(number % 4 == 1, 1.0, -1.0)
        series = np.where(odd, sign * 8.0 / (np.pi * number) ** 2, 0.0)
    else:
        series = np.where(odd, 1.0, -1.0) * 2.0 / (np.pi * number)
    return np.concatenate([[0.0], series])


@lru_cache(maxsize=16)
def _tables(shape: Shape, harmonics: int) -> tuple[Array, Array]:
    """Return a period of the wave, and its slope per point, each with its first value again at the end."""
    size = _LEAST_TABLE
    while size < _POINTS * harmonics:
        size *= 2
    series = _coefficients(shape, harmonics)
    spectrum = np.zeros(size // 2 + 1, dtype=np.complex128)
    spectrum[: harmonics + 1] = -0.5j * size * series
    slopes = spectrum * (2j * np.pi / size * np.arange(len(spectrum)))
    tables = tuple(np.fft.irfft(one, size) for one in (spectrum, slopes))
    values, slope = (np.append(one, one[0]) for one in tables)
    return values, slope


def _interpolated(turns: Array, values: Array, slopes: Array) -> Array:
    """Return the cubic that has the values and slopes of the neighbouring points (Hermite)."""
    place = turns * (len(values) - 1)
    index = np.minimum(place.astype(np.intp), len(values) - 2)
    t = place - index
    left, right = values[index], values[index + 1]
    step = right - left
    a, b = slopes[index] - step, step - slopes[index + 1]
    result: Array = left + t * (step + (1.0 - t) * (a * (1.0 - t) + b * t))
    return result
