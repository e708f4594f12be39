"""Halving the sample rate with two chains of all-pass filters.

H(z) = (A0(z^2) + z^-1 A1(z^2)) / 2 is an elliptic low-pass at a quarter of the rate; A0 and A1 run at the
lower rate, so a sample costs three multiplications. The pass band is flat to 1e-11 dB, because what the stop
band lets through and what the pass band loses add up to one (R. A. Valenzuela, A. G. Constantinides, "Digital
signal processing schemes for efficient interpolation and decimation", IEE Proc. G 130, 1983).
"""

from math import cos, pi, sin, sqrt, tan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.sos import SosFilter

__all__ = ["PASS", "STOP_DB", "HalfbandDecimator", "allpass_coefficients", "halfband_gain", "path_sections"]

COEFFICIENTS = 6
PASS = 0.375  # of the lower rate: up to here it is flat, and nothing folds back
STOP_DB = 114.0


def allpass_coefficients(count: int = COEFFICIENTS, edge: float = PASS) -> tuple[float, ...]:
    """Return the coefficients c of (c + z^-1) / (1 + c z^-1), of A0 and A1 in turn.

    Parameters
    ----------
    count
        How many, one or more.
    edge
        Pass-band edge in units of the lower rate, below 0.5; the stop band begins at 1 less it.
    """
    k = tan(pi * edge / 2.0) ** 2
    root = (1.0 - k * k) ** 0.25
    e = 0.5 * (1.0 - root) / (1.0 + root)
    q = e + 2.0 * e**5 + 15.0 * e**9 + 150.0 * e**13  # the nome, Abramowitz and Stegun 17.3.21
    order = 2 * count + 1
    result = []
    for number in range(1, count + 1):
        angle = number * pi / order
        # Quotient of theta functions: sn of the zeros of the elliptic prototype.
        upper = sum((-1) ** j * q ** (j * (j + 1)) * sin((2 * j + 1) * angle) for j in range(8))
        lower = 0.5 + sum((-1) ** j * q ** (j * j) * cos(2 * j * angle) for j in range(1, 8))
        square = (q**0.25 * upper / lower) ** 2
        x = sqrt((1.0 - square * k) * (1.0 - square / k)) / (1.0 + square)
        result.append((1.0 - x) / (1.0 + x))
    return tuple(result)


_COEFFICIENTS = allpass_coefficients()


def path_sections(path: int) -> Array:
    """Return A0 or A1 at the lower rate as second-order sections, two all-passes in each."""
    chosen = _COEFFICIENTS[path::2]
    sections = []
    for first in range(0, len(chosen), 2):
        c, *more = chosen[first : first + 2]
        for d in more:
            sections.append([c * d, c + d, 1.0, 1.0, c + d, c * d])
        if not more:
            sections.append([c, 1.0, 0.0, 1.0, c, 0.0])
    return np.array(sections)


def halfband_gain(angles: NDArray[Any]) -> NDArray[np.complex128]:
    """Return the response H at angles 2 pi f / rate of the higher rate, before samples are dropped."""
    delay = np.exp(-1j * np.asarray(angles, dtype=np.float64))
    square = delay * delay
    paths = [np.ones(delay.shape, dtype=np.complex128), delay]
    for number, c in enumerate(_COEFFICIENTS):
        paths[number % 2] = paths[number % 2] * (c + square) / (1.0 + c * square)
    result: NDArray[np.complex128] = (paths[0] + paths[1]) / 2.0
    return result


class HalfbandDecimator:
    """Halve the rate: output k stands at input 2 k; bits independent of cutting.

    Flat up to :data:`PASS` of the lower rate; what would fold into that band is down by :data:`STOP_DB`.

    Parameters
    ----------
    channels
        Number of rows.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self._paths = [SosFilter(path_sections(path), channels) for path in (0, 1)]
        self.reset()

    def reset(self) -> None:
        """Forget the signal: zeros came before the first sample."""
        for path in self._paths:
            path.reset()
        self._waiting = np.zeros((self.channels, 1))  # an odd sample, for the next output
        self._phase = 0  # of the next sample: even or odd

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the outputs for this block, (channels, n / 2): one for every even sample."""
        samples = checked(samples, self.channels)
        even, odd = samples[:, self._phase :: 2], samples[:, 1 - self._phase :: 2]
        odd = np.concatenate([self._waiting, odd], axis=1)
        count = even.shape[1]
        self._waiting = odd[:, count:].copy()
        self._phase = (self._phase + samples.shape[1]) % 2
        result = self._paths[0].block(even)
        result += self._paths[1].block(odd[:, :count])
        result *= 0.5
        return result
