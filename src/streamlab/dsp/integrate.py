"""Acceleration, velocity, displacement: integrals and derivatives in time and in frequency.

The trapezoidal rule loses 0.3 dB at a tenth of the sample rate and all at half of it. Here the pole of the
integral at z = 1 is met by a symmetric sum of a few samples, fitted to be exact within 0.01 dB up to 0.4 of
the rate, so that the phase is exactly -90 degrees for each integral, a whole number of samples later. An
integral without a high-pass drifts away with the smallest offset: each has a Butterworth high-pass, whose
zeros at z = 1 take the poles away.
"""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.design import design_sos, settling
from streamlab.dsp.fir import FirFilter
from streamlab.dsp.magnitude import solve_for_one
from streamlab.dsp.sos import SosFilter

__all__ = ["Differentiator", "Integrator", "scale_by_omega"]

Times = Literal[1, 2]

UP_TO = 0.4  # of the rate: where integrals and derivatives are exact within 0.01 dB
_INTEGRAL_TAPS = {1: 22, 2: 13}  # even for one, odd for two: the pole is half a sample early for each
_DERIVATIVE_HALF = 16


class Integrator:
    """Integrate each channel over time once or twice, and keep slow drift out; bits independent of cutting.

    The response is that of the high-pass over (j w)^times, :attr:`delay` samples late: within 0.01 dB up to
    0.4 of the rate, within 0.001 dB up to a tenth of it.

    Parameters
    ----------
    channels
        Number of rows.
    rate
        Sample rate in Hz.
    high_pass
        Edge in Hz, where the high-pass has lost 3.01 dB.
    times
        1 from acceleration to velocity, 2 to displacement.
    order
        Order of the high-pass, above ``times`` so that nothing is left of an offset.
    """

    def __init__(
        self, channels: int, rate: float, *, high_pass: float, times: Times = 1, order: int = 4
    ) -> None:
        if times not in (1, 2):
            raise ValueError(f"expected to integrate once or twice, found {times}")
        if order <= times:
            raise ValueError(f"expected a high-pass of order {times + 1} or more, found {order}")
        design_sos(
            "butterworth", "highpass", high_pass, rate, order=order
        )  # says what is wrong with the edge
        taps = _integral_taps(times)
        self.delay = (len(taps) - 1 - times) // 2
        self.sections = _leaky_poles(high_pass, rate, order, times)
        self.settling = settling(self.sections) / rate  # seconds until an answer has fallen by 60 dB
        self._sum = FirFilter(taps / rate**times, channels)
        self._poles = SosFilter(self.sections, channels)

    def reset(self) -> None:
        """Forget the signal."""
        self._sum.reset()
        self._poles.reset()

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the integral at each sample of a block, (channels, n)."""
        return self._poles.block(self._sum.block(samples))


class Differentiator:
    """Differentiate each channel once or twice with a symmetric sum of samples; bits independent of cutting.

    The response is (j w)^times within 0.01 dB up to 0.4 of the rate, :attr:`delay` samples late. A derivative
    lifts noise by 6 dB an octave for each time.

    Parameters
    ----------
    channels
        Number of rows.
    rate
        Sample rate in Hz.
    times
        1 or 2.
    """

    def __init__(self, channels: int, rate: float, *, times: Times = 1) -> None:
        if times not in (1, 2):
            raise ValueError(f"expected to differentiate once or twice, found {times}")
        self.delay = _DERIVATIVE_HALF
        self._sum = FirFilter(_derivative_taps(times) * rate**times, channels)

    def reset(self) -> None:
        """Forget the signal."""
        self._sum.reset()

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the derivative at each sample of a block, (channels, n)."""
        return self._sum.block(samples)


def scale_by_omega(
    spectrum: NDArray[Any], frequencies: NDArray[Any], times: int, *, low: float = 0.0
) -> NDArray[Any]:
    """Return a spectrum of the integral (times 1, 2) or the derivative (times -1, -2) of the signal.

    Parameters
    ----------
    spectrum
        Lines along the last axis. Of complex values the phase turns by (1 / j)^times; magnitudes (amplitude
        or RMS, not power) are scaled.
    frequencies
        Of the lines in Hz.
    times
        How often to integrate; negative: to differentiate.
    low
        Lines below this frequency in Hz, and that at 0 Hz of an integral, become zero.
    """
    omega = 2.0 * np.pi * np.asarray(frequencies, dtype=np.float64)
    kept = (frequencies >= low) & ((omega > 0.0) | (times <= 0))
    scale = np.zeros(omega.shape, dtype=spectrum.dtype)
    base = omega[kept] if spectrum.dtype.kind == "f" else 1j * omega[kept]
    scale[kept] = 1.0 / base**times if times > 0 else base**-times
    return spectrum * scale


@lru_cache(maxsize=8)
def _integral_taps(times: Times) -> Array:
    """Return symmetric taps whose sum is (2 sin(w / 2) / w)^times, what a pole at z = 1 has too much."""
    angles = np.linspace(1e-3, 2.0 * np.pi * UP_TO, 400)
    wanted = (np.sin(angles / 2.0) / (angles / 2.0)) ** times
    count = _INTEGRAL_TAPS[times]
    half = np.arange((count + 1) // 2) + (0.5 if count % 2 == 0 else 0.0)
    # Most of what is integrated lies low: there the error may be a fiftieth of that at the top.
    importance = 1.0 / (0.02 + (angles / angles[-1]) ** 2)
    series, _ = solve_for_one(np.cos(np.outer(angles, half)) / wanted[:, np.newaxis], importance)
    if count % 2:
        return np.concatenate([series[:0:-1] / 2.0, series[:1], series[1:] / 2.0])
    return np.concatenate([series[::-1], series]) / 2.0


@lru_cache(maxsize=8)
def _derivative_taps(times: Times) -> Array:
    """Return antisymmetric taps for j w, or symmetric ones for -w^2, in units of the rate."""
    angles = np.linspace(1e-3, 2.0 * np.pi * UP_TO, 400)
    index = np.arange(1, _DERIVATIVE_HALF + 1)
    if times == 1:
        series, _ = solve_for_one(np.sin(np.outer(angles, index)) / angles[:, np.newaxis])
        return np.concatenate([series[::-1], [0.0], -series]) / 2.0
    series, _ = solve_for_one((1.0 - np.cos(np.outer(angles, index))) / angles[:, np.newaxis] ** 2)
    return np.concatenate([series[::-1] / 2.0, [-series.sum()], series / 2.0])


def _leaky_poles(high_pass: float, rate: float, order: int, times: Times) -> Array:
    """Return a Butterworth high-pass with 1 / (1 - z^-1)^times in it: without so many of its zeros."""
    from scipy.signal import butter, zpk2sos

    zeros, poles, gain = butter(order, high_pass, "highpass", fs=rate, output="zpk")
    sections: Array = zpk2sos(np.concatenate([zeros[times:], np.zeros(times)]), poles, gain)
    return sections
