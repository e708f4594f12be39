"""Changing the sample rate of a stream by a ratio of whole numbers."""

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.interpolate import HALF_WIDTH, interpolate, kernel, support

__all__ = ["Resampler"]

_LARGEST = 4096  # whole numbers of the ratio up to which the filter is kept as a whole


class Resampler:
    """Resample each channel, band-limited, with output times that are exact; bits independent of cutting.

    Output k stands at the time k / rate_out of the input, without a delay: it comes out as soon as the input
    reaches :attr:`ahead` samples beyond it. The filter is that of :mod:`streamlab.dsp.interpolate`: flat
    within 1e-4 dB up to 0.9 of half the lower rate, and down by 118 dB from there on, so that nothing folds.
    Down by a whole number it is a decimator; equal rates copy.

    Parameters
    ----------
    channels
        Number of rows.
    rate_in, rate_out
        Sample rates in Hz, exact. Where the ratio in lowest terms has numbers above 4096 the filter is
        interpolated, several times slower.
    """

    def __init__(self, channels: int, rate_in: Fraction, rate_out: Fraction) -> None:
        from scipy.signal import upfirdn

        if not (rate_in > 0 and rate_out > 0):
            raise ValueError(
                f"expected positive rates in Hz, found {float(rate_in):g} and {float(rate_out):g}"
            )
        self.channels, self.rate_in, self.rate_out = channels, rate_in, rate_out
        ratio = rate_out / rate_in
        self._up, self._down = ratio.numerator, ratio.denominator
        self._run = upfirdn
        self._small = max(self._up, self._down) <= _LARGEST
        _, self.ahead = support("resample" if ratio != 1 else "hold", rate_in, rate_out)
        self.reset()

    def reset(self) -> None:
        """Forget the signal: zeros came before the first sample."""
        self._count = 0  # samples that came, and outputs that were given
        self._given = 0
        self._kept = np.zeros((self.channels, 0))
        self._first = 0  # the input sample at column 0 of what is kept

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the outputs that a block completes, (channels, k)."""
        samples = checked(samples, self.channels)
        if self._up == self._down:
            return samples.copy()
        self._kept = np.concatenate([self._kept, samples], axis=1)
        self._count += samples.shape[1]
        # Output k needs the input up to floor(k down / up) + ahead.
        last = ((self._count - self.ahead) * self._up - 1) // self._down
        return self._take(last + 1)

    def flush(self) -> Array:
        """Return the outputs that stand before the end of the input, with zeros after it, and begin anew."""
        stop = ceil(Fraction(self._count * self._up, self._down))
        self._kept = np.concatenate([self._kept, np.zeros((self.channels, self.ahead + 1))], axis=1)
        result = self._take(stop)
        self.reset()
        return result

    def _take(self, stop: int) -> Array:
        """Give the outputs up to ``stop``, then let go of input that no other needs."""
        first, self._given = self._given, max(self._given, stop)
        if self._given == first or self.channels == 0:
            return np.zeros((self.channels, self._given - first))
        result = (
            self._polyphase(first, self._given)
            if self._small
            else interpolate(
                "resample", self._kept, self._first, self.rate_in, self.rate_out, first, self._given
            )
        )
        needed = self._given * self._down // self._up - self.ahead
        needed = needed // self._down * self._down if self._small else needed
        if needed > self._first:
            self._kept = self._kept[:, needed - self._first :].copy()
            self._first = needed
        return result

    def _polyphase(self, first: int, stop: int) -> Array:
        taps, half = _taps(self._up, self._down)
        # y[k] = sum of x[m] h[k down - m up] with h about 0, which is tap number `half`. That and the first
        # of what is kept are multiples of `down`, so that outputs of upfirdn fall on ours.
        shift = (half - self._first * self._up) // self._down
        out = self._run(taps, self._kept, self._up, self._down, axis=-1)
        result: Array = out[:, first + shift : stop + shift]
        return np.ascontiguousarray(result)


@lru_cache(maxsize=16)
def _taps(up: int, down: int) -> tuple[Array, int]:
    """Return the prototype at ``up`` times the input's rate and the number of its middle tap."""
    wide = max(up, down)
    half = ceil(Fraction(HALF_WIDTH * wide, down)) * down
    taps: Array = kernel((np.arange(2 * half + 1) - half) / wide)
    # So that a constant stays what it is, whichever of the phases of the input meets it.
    for phase in range(up):
        taps[phase::up] /= taps[phase::up].sum()
    taps.flags.writeable = False
    return taps, half
