"""Time weighting: the running mean square of a signal, IEC 61672-1:2013, 3.8 and 5.8.

A detector gives the time-weighted mean square y(t) = 1/tau * integral of x(s)^2 exp(-(t - s)/tau) ds, whose
level is 10 lg(y / x0^2). With x^2 held over a sample that integral is exactly one real pole at
exp(-1 / (rate tau)).
"""

from math import exp, expm1
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.sos import SosFilter

__all__ = [
    "TIME_WEIGHTINGS",
    "ExponentialDetector",
    "ImpulseDetector",
    "TimeWeighting",
    "power_decibels",
    "time_weighting",
]

TimeWeighting = Literal["F", "S", "I"]
TIME_WEIGHTINGS: tuple[TimeWeighting, ...] = get_args(TimeWeighting)

# Seconds. F and S: IEC 61672-1:2013, 5.8.1. I: the informative annex C of its first edition (2002).
TIME_CONSTANTS: dict[TimeWeighting, float] = {"F": 0.125, "S": 1.0, "I": 0.035}
IMPULSE_DECAY = 1.5
_TIME_CONSTANTS_TO_SETTLE = 5.0


def power_decibels(mean_square: NDArray[Any], reference: float | NDArray[Any]) -> Array:
    """Return 10 lg(y / x0^2), the level of a mean square (ISO 80000-8); minus infinity at zero."""
    with np.errstate(divide="ignore"):
        level: Array = 10.0 * np.log10(mean_square / np.square(reference))
    return level


def time_weighting(
    kind: TimeWeighting, channels: int, rate: float
) -> "ExponentialDetector | ImpulseDetector":
    """Return a detector with the time weighting F, S or I at a sample rate in Hz."""
    if kind not in TIME_WEIGHTINGS:
        raise ValueError(f"a time weighting is one of {', '.join(TIME_WEIGHTINGS)}; found {kind!r}")
    if kind == "I":
        return ImpulseDetector(channels, rate)
    return ExponentialDetector(channels, rate, TIME_CONSTANTS[kind])


class ExponentialDetector:
    """The mean square under an exponential window; bits independent of cutting.

    Parameters
    ----------
    channels
        Number of rows.
    rate, time_constant
        Sample rate in Hz and time constant in seconds.
    """

    def __init__(self, channels: int, rate: float, time_constant: float) -> None:
        if not (rate > 0.0 and time_constant > 0.0):
            raise ValueError(
                f"expected a positive rate and time constant, found {rate:g} Hz and {time_constant:g} s"
            )
        self.channels = channels
        self.settling = _TIME_CONSTANTS_TO_SETTLE * time_constant  # seconds: within 0.03 dB of a steady level
        share = -expm1(-1.0 / (rate * time_constant))
        self._pole = SosFilter(np.array([[share, 0.0, 0.0, 1.0, share - 1.0, 0.0]]), channels)

    def reset(self) -> None:
        """Begin anew, from zero."""
        self._pole.reset()

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the time-weighted mean square at each sample of a block, (channels, n)."""
        samples = checked(samples, self.channels)
        return self._pole.block(samples * samples)


class ImpulseDetector:
    """Time weighting I: rises with 35 ms, then holds and falls by 2.9 dB/s; bits independent of cutting.

    A detector of 35 ms whose output y is kept from falling faster than with 1.5 s: z[n] = max(y[n],
    z[n - 1] d). In stretches of fixed length at fixed places of the stream that is a running maximum of
    y[k] d^-k.

    Parameters
    ----------
    channels
        Number of rows.
    rate
        Sample rate in Hz.
    """

    def __init__(self, channels: int, rate: float) -> None:
        self._rise = ExponentialDetector(channels, rate, TIME_CONSTANTS["I"])
        self.channels = channels
        self.settling = _TIME_CONSTANTS_TO_SETTLE * IMPULSE_DECAY
        length = max(1, min(4096, int(10.0 * rate * IMPULSE_DECAY)))  # d^-length stays below e^10
        self._fall: Array = np.exp(-np.arange(length) / (rate * IMPULSE_DECAY))
        self._decay = exp(-1.0 / (rate * IMPULSE_DECAY))
        self.reset()

    def reset(self) -> None:
        """Begin anew, from zero."""
        self._rise.reset()
        self._held = np.zeros(self.channels)  # the running maximum, in units of the stretch
        self._at = 0  # place in the stretch

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the time-weighted mean square at each sample of a block, (channels, n)."""
        result = self._rise.block(samples)
        start, size, length = 0, result.shape[1], len(self._fall)
        while start < size:
            count = min(size - start, length - self._at)
            part = result[:, start : start + count]
            fall = self._fall[self._at : self._at + count]
            part /= fall
            np.maximum(part[:, 0], self._held, out=part[:, 0])
            np.maximum.accumulate(part, axis=1, out=part)
            self._held = part[:, -1].copy()
            part *= fall
            self._at += count
            start += count
            if self._at == length:
                self._held = self._held * (self._fall[-1] * self._decay)
                self._at = 0
        return result
