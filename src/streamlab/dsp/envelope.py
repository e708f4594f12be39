"""The envelope of a band-limited signal, by a Hilbert transformer with a finite impulse response.

|x + j H x| needs the whole signal when H x comes from one Fourier transform, and its ends are wrong then. A
filter needs a neighbourhood only: its results are those of the samples around, however the stream is cut. It
is exact in phase, and flat in magnitude from a lowest frequency to half the rate less that. The signal must
lie between the two: give it a band-pass first.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.fir import FirFilter, hilbert_taps

__all__ = ["Envelope", "height_over_median"]


class Envelope:
    """The magnitude of the analytic signal, :attr:`delay` samples late; bits independent of cutting.

    Parameters
    ----------
    channels
        Number of rows.
    rate
        Sample rate in Hz.
    low
        Lowest frequency of the signal in Hz; its highest is half the rate less this.
    attenuation
        How many dB below the envelope its ripple stays.
    """

    def __init__(self, channels: int, rate: float, *, low: float, attenuation: float = 60.0) -> None:
        taps = hilbert_taps(low, rate, attenuation=attenuation)
        self.channels = channels
        self.delay = (len(taps) - 1) // 2
        self._hilbert = FirFilter(taps, channels)
        self.reset()

    def reset(self) -> None:
        """Forget the signal: zeros came before the first sample."""
        self._hilbert.reset()
        self._past = np.zeros((self.channels, self.delay))

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the envelope (channels, n): value k is that at sample k - delay, counted from the first."""
        samples = checked(samples, self.channels)
        size = samples.shape[1]
        quadrature = self._hilbert.block(samples)
        joined = np.concatenate([self._past, samples], axis=1)
        self._past = joined[:, size:].copy()
        magnitude: Array = np.hypot(joined[:, :size], quadrature)
        return magnitude


def height_over_median(spectrum: NDArray[Any], frequencies: NDArray[Any], low: float, high: float) -> Array:
    """Return how far lines stand above the median line between two frequencies, in dB.

    Parameters
    ----------
    spectrum
        Amplitudes or RMS values, (channels, lines).
    frequencies
        Of the lines in Hz.
    low, high
        Range in Hz, both included, that the median is taken of.

    Returns
    -------
    (channels, lines) array
        NaN beyond the range.
    """
    chosen = (frequencies >= low) & (frequencies <= high)
    if not chosen.any():
        raise ValueError(f"expected lines between {low:g} and {high:g} Hz, found none")
    result = np.full(spectrum.shape, np.nan)
    inside = spectrum[:, chosen]
    with np.errstate(divide="ignore", invalid="ignore"):
        result[:, chosen] = 20.0 * np.log10(inside / np.median(inside, axis=1, keepdims=True))
    return result
