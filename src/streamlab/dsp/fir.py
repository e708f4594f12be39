"""Filters with a finite impulse response: windowed designs, summed directly or by fast convolution.

A symmetric (or antisymmetric) filter of 2 d + 1 taps delays every frequency by exactly d samples; that delay
is the ``delay`` of the kernels here. Subtract it from the index of an output to know which input it is about.
"""

from itertools import pairwise
from math import ceil, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.design import PASSES, Pass

__all__ = ["FirFilter", "OverlapSave", "design_fir", "hilbert_taps", "kaiser_taps"]

MOST_TAPS = 1 << 20


def kaiser_taps(attenuation: float, transition: float, rate: float) -> tuple[int, float]:
    """Return the odd number of taps and the beta of a Kaiser window for a ripple and a transition width.

    J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", IEEE ISCAS 1974.

    Parameters
    ----------
    attenuation
        Ripple of the pass and the stop band in dB below 1 (60: 0.001).
    transition, rate
        Width of the transition and sample rate in Hz.
    """
    if not 8.0 < attenuation <= 250.0:
        raise ValueError(f"expected an attenuation above 8 and up to 250 dB, found {attenuation:g}")
    if not 0.0 < transition < rate / 2.0:
        raise ValueError(f"expected a transition between 0 and {rate / 2:g} Hz, found {transition:g}")
    if attenuation > 50.0:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation > 21.0:
        beta = 0.5842 * (attenuation - 21.0) ** 0.4 + 0.07886 * (attenuation - 21.0)
    else:
        beta = 0.0
    width = 2.0 * pi * transition / rate
    half = ceil((attenuation - 7.95) / (2.285 * width) / 2.0)
    if 2 * half + 1 > MOST_TAPS:
        raise ValueError(
            f"a transition of {transition:g} Hz at {rate:g} Hz needs {2 * half + 1} taps: "
            f"expected at most {MOST_TAPS}; filter at a lower rate, or with second-order sections"
        )
    return 2 * half + 1, beta


def design_fir(
    kind: Pass,
    frequency: float | tuple[float, float],
    rate: float,
    *,
    transition: float,
    attenuation: float = 80.0,
) -> Array:
    """Return the taps of a linear-phase filter: the ideal response under a Kaiser window.

    Parameters
    ----------
    kind
        One of :data:`streamlab.dsp.design.PASSES`.
    frequency
        Edge in Hz, or two for a band: the middle of the transition, where the response is 1/2 (-6.02 dB).
    rate
        Sample rate in Hz.
    transition
        Width of a transition in Hz; the pass band begins half of it beside the edge.
    attenuation
        Least loss in the stop band in dB. The ripple of the pass band is as small: 80 dB is 1e-4.

    Returns
    -------
    (taps,) array
        Symmetric, an odd number: the delay is half of taps - 1 samples.

    Raises
    ------
    ValueError
        For edges whose transitions reach below 0, beyond half the rate or into each other.
    """
    from scipy.signal import firwin

    if kind not in PASSES:
        raise ValueError(f"a kind is one of {', '.join(PASSES)}; found {kind!r}")
    edges = [float(one) for one in np.atleast_1d(frequency)]
    if len(edges) != (2 if kind.startswith("band") else 1):
        wanted = "two edges" if kind.startswith("band") else "one edge"
        raise ValueError(f"a {kind} needs {wanted} in Hz, found {frequency!r}")
    taps, beta = kaiser_taps(attenuation, transition, rate)
    stops = [0.0, *edges, rate / 2.0]
    for number, (low, high) in enumerate(pairwise(stops)):
        room = transition if 0 < number < len(edges) else transition / 2.0
        if not high - low >= room:
            raise ValueError(
                f"expected {room:g} Hz or more between {low:g} Hz and {high:g} Hz for a transition of "
                f"{transition:g} Hz, found {high - low:g} Hz"
            )
    result: Array = firwin(taps, edges, window=("kaiser", beta), pass_zero=kind, fs=rate)
    return result


def hilbert_taps(low: float, rate: float, *, attenuation: float = 80.0) -> Array:
    """Return the taps of a Hilbert transformer, exact in phase, flat from ``low`` to half the rate less it.

    The ideal 2 / (pi k) for odd k under a Kaiser window: antisymmetric, an odd number of taps, every second
    one zero (Oppenheim, Schafer, "Discrete-Time Signal Processing", 3rd ed., 12.4.2).

    Parameters
    ----------
    low, rate
        Lowest frequency in Hz from which on the gain is 1 within ``attenuation``, and the sample rate.
    attenuation
        Largest deviation of the gain in dB below 1.
    """
    # At 0 Hz the ideal response jumps by 2, twice the step that Kaiser's formula is about.
    taps, beta = kaiser_taps(attenuation + 6.02, 2.0 * low, rate)
    half = (taps - 1) // 2
    half += 1 - half % 2  # an even number of them would add two zeros at the ends
    index = np.arange(-half, half + 1)
    odd = index % 2 != 0
    result = np.zeros(2 * half + 1)
    result[odd] = 2.0 / (pi * index[odd])
    window: Array = np.kaiser(2 * half + 1, beta)
    return result * window


class FirFilter:
    """Sum a finite impulse response directly: a sample out for a sample in, bits independent of cutting.

    It costs a multiplication per tap and sample; for more than about 200 taps :class:`OverlapSave` is
    faster. With ``down`` only every so many outputs are reckoned: 0, down, 2 down ... counted from the
    first sample.

    Parameters
    ----------
    taps
        Impulse response.
    channels
        Number of rows.
    down
        Keep one output of so many.
    """

    def __init__(self, taps: NDArray[Any], channels: int, *, down: int = 1) -> None:
        from scipy.signal import upfirdn

        self.taps = _taps(taps)
        self.channels = channels
        self.down = down
        if down < 1:
            raise ValueError(f"expected to keep one output of 1 or more, found {down}")
        self._run = upfirdn
        self.reset()

    @property
    def delay(self) -> float:
        """Samples of the input by which a symmetric response is late."""
        return (len(self.taps) - 1) / 2.0

    def reset(self) -> None:
        """Forget the signal: zeros came before the first sample."""
        self._past = np.zeros((self.channels, len(self.taps) - 1))
        self._skip = 0  # samples until the next output

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the outputs for this block: (channels, n), or every ``down``-th of them."""
        samples = checked(samples, self.channels)
        size, order = samples.shape[1], len(self.taps) - 1
        first = self._skip
        count = max(0, -(-(size - first) // self.down))
        self._skip = first + count * self.down - size
        # Output k of upfirdn ends at input k * down: lead the input so that ours lie there. Each is the sum
        # over all taps in one order, as as many samples stand before it.
        lead = -(first + order) % self.down
        joined = np.zeros((self.channels, lead + order + size))
        joined[:, lead : lead + order] = self._past
        joined[:, lead + order :] = samples
        self._past = joined[:, lead + size :].copy()
        if count == 0 or self.channels == 0:
            return np.zeros((self.channels, count))
        ahead = (lead + order + first) // self.down
        result: Array = self._run(self.taps, joined, 1, self.down, axis=-1)[:, ahead : ahead + count]
        return np.ascontiguousarray(result)


class OverlapSave:
    """Convolve by Fourier transforms of fixed stretches of the stream (T. G. Stockham, AFIPS 1966).

    Outputs come in stretches of :attr:`hop` samples, the last by :meth:`flush`: the stretches lie at fixed
    places of the stream, so the bits do not depend on how it is cut. Right within 1e-15 of the largest
    sample times the sum of the taps' magnitudes.

    Parameters
    ----------
    taps
        Impulse response.
    channels
        Number of rows.
    """

    def __init__(self, taps: NDArray[Any], channels: int) -> None:
        from scipy.fft import irfft, next_fast_len, rfft

        self.taps = _taps(taps)
        self.channels = channels
        order = len(self.taps) - 1
        self._size: int = next_fast_len(max(1024, 8 * order), real=True)
        self.hop = self._size - order
        self._forward, self._backward = rfft, irfft
        self._response = rfft(self.taps, self._size)
        self.reset()

    @property
    def delay(self) -> float:
        """Samples by which a symmetric response is late."""
        return (len(self.taps) - 1) / 2.0

    def reset(self) -> None:
        """Forget the signal: zeros came before the first sample."""
        self._stretch = np.zeros((self.channels, self._size))
        self._filled = len(self.taps) - 1

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the outputs of the stretches that this block completes, (channels, k hop)."""
        samples = checked(samples, self.channels)
        parts, at, size = [], 0, samples.shape[1]
        while size - at >= self._size - self._filled:
            to = at + self._size - self._filled
            self._stretch[:, self._filled :] = samples[:, at:to]
            parts.append(self._convolved())
            order = self._size - self.hop
            self._stretch[:, :order] = self._stretch[:, self.hop :].copy()
            self._filled, at = order, to
        rest = size - at
        self._stretch[:, self._filled : self._filled + rest] = samples[:, at:]
        self._filled += rest
        return np.concatenate(parts, axis=1) if parts else np.zeros((self.channels, 0))

    def flush(self) -> Array:
        """Return the outputs that are left for the samples that came, and begin anew."""
        count = self._filled - (self._size - self.hop)
        self._stretch[:, self._filled :] = 0.0
        result = self._convolved()[:, :count].copy()
        self.reset()
        return result

    def _convolved(self) -> Array:
        spectrum = self._forward(self._stretch, axis=-1)
        spectrum *= self._response
        result: Array = self._backward(spectrum, self._size, axis=-1)[:, self._size - self.hop :]
        return result


def _taps(taps: NDArray[Any]) -> Array:
    array = np.ascontiguousarray(taps, dtype=np.float64)
    if array.ndim != 1 or not len(array):
        raise ValueError(f"expected taps of shape (k,), k >= 1, found {array.shape}")
    return array
