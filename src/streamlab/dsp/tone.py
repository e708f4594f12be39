"""One tone in a block of signal: its frequency, its RMS, and what is there besides."""

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tone", "fit_tone"]


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone: ``frequency`` in Hz, ``rms`` in the signal's unit; ``rest`` is the RMS of all else over it."""

    frequency: float
    rms: float
    rest: float


def fit_tone(samples: NDArray[Any], rate: float) -> Tone | None:
    """Fit a sine to the strongest tone in a block, by least squares.

    Its frequency is found in two steps: the highest line of the spectrum (Hann window, a parabola through the
    logarithms of three lines), and then the difference of phase between the two halves of the block.

    Parameters
    ----------
    samples : (n,) array
        At least four periods of the tone.
    rate : float
        Sample rate in Hz.

    Returns
    -------
    Tone or None
        None for silence, for values that are no number, or where nothing is stronger than what hardly
        oscillates in the block.
    """
    x = samples - samples.mean()
    power = float(np.dot(x, x)) / len(x)
    if not 0.0 < power < np.inf:
        return None
    lines = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    peak = int(np.argmax(lines))
    if not 2 <= peak < len(lines) - 1:
        return None
    low, top, high = np.log(np.maximum(lines[peak - 1 : peak + 2], 1e-12 * lines[peak]))
    frequency = float((peak + 0.5 * (low - high) / (low - 2.0 * top + high)) * rate / len(x))
    half = len(x) // 2
    for _ in range(3):
        early, late = (_phase(x[at : at + half], frequency, rate, at) for at in (0, half))
        turn = (late - early + pi) % (2.0 * pi) - pi
        frequency += turn / (2.0 * pi) * rate / half
    if not 0.0 < frequency < rate / 2.0:
        return None
    sine, cosines = _waves(len(x), frequency, rate, 0)
    basis = np.stack([sine, cosines, np.ones(len(x))])
    fitted = np.linalg.lstsq(basis.T, x, rcond=None)[0]
    rms = float(np.hypot(fitted[0], fitted[1]) / np.sqrt(2.0))
    rest = x - fitted @ basis
    return Tone(frequency, rms, float(np.sqrt(np.dot(rest, rest) / len(x))) / rms) if rms > 0 else None


def _waves(count: int, frequency: float, rate: float, start: int) -> tuple[NDArray[Any], NDArray[Any]]:
    angle = 2.0 * pi * frequency / rate * np.arange(start, start + count)
    return np.sin(angle), np.cos(angle)


def _phase(x: NDArray[Any], frequency: float, rate: float, start: int) -> float:
    """Return the phase at sample 0 of a sine of that frequency in a piece that begins at ``start``.

    By least squares for sine and cosine, which are not orthogonal over a part of a period.
    """
    sine, cosine = _waves(len(x), frequency, rate, start)
    a, b = np.linalg.lstsq(np.stack([sine, cosine], axis=1), x, rcond=None)[0]
    return float(np.arctan2(b, a))
