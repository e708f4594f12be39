"""Averaged spectra of a stream, scaled for tones and for noise.

P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans. AU-15, 1967.
X is the transform of a windowed segment of N samples at the rate fs. One-sided, so that all lines but 0 Hz
and fs / 2 stand for two:

- power     2 |X|^2 / (sum w)^2         mean square of a tone, in U^2
- rms       the root of it               in U
- amplitude root of 2 power              peak of a tone, in U (at 0 Hz and fs / 2 the value itself)
- psd       2 |X|^2 / (fs sum w^2)       density of noise, in U^2/Hz; its sum times fs / N is the mean square
- esd       psd * N / fs                 energy density of a transient within a segment, in U^2 s/Hz
"""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.stft import Stft
from streamlab.dsp.window import Window, WindowName

__all__ = [
    "AVERAGES",
    "SCALINGS",
    "Average",
    "RunningMean",
    "Scaling",
    "SpectrumAverager",
    "scaled",
]

Scaling = Literal["amplitude", "rms", "power", "psd", "esd"]
SCALINGS: tuple[Scaling, ...] = get_args(Scaling)
Average = Literal["linear", "exponential", "max"]
AVERAGES: tuple[Average, ...] = get_args(Average)


def scaled(square: Array, window: Window, rate: float, scaling: Scaling) -> Array:
    """Scale |X|^2 of windowed segments, lines along the last axis; see the head of this module."""
    if scaling not in SCALINGS:
        raise ValueError(f"a scaling is one of {', '.join(SCALINGS)}; found {scaling!r}")
    size = window.size
    sides = np.full(size // 2 + 1, 2.0)
    sides[0] = 1.0
    if size % 2 == 0:
        sides[-1] = 1.0
    if scaling in ("psd", "esd"):
        density = square * (sides / (rate * float(window.samples @ window.samples)))
        return density if scaling == "psd" else density * (size / rate)
    power = square * (sides / float(window.samples.sum()) ** 2)
    if scaling == "power":
        return power
    return np.sqrt(power) if scaling == "rms" else np.sqrt(power * sides)


class RunningMean:
    """Average arrays of one shape as they come: linearly, exponentially, or their largest value.

    Parameters
    ----------
    average
        ``linear`` weighs all the same. ``exponential`` does until there are ``count``, then each new one
        weighs 1 / count. ``max`` keeps the largest of each element.
    count
        See ``exponential``.
    """

    def __init__(self, average: Average, count: int = 8) -> None:
        if average not in AVERAGES:
            raise ValueError(f"an average is one of {', '.join(AVERAGES)}; found {average!r}")
        if count < 1:
            raise ValueError(f"expected an average over 1 or more, found {count}")
        self.average, self.limit = average, count
        self.reset()

    def reset(self) -> None:
        """Forget all."""
        self.count = 0
        self.value: NDArray[Any] | None = None

    def add(self, new: NDArray[Any]) -> None:
        """Take one more into the average."""
        self.count += 1
        if self.value is None:
            self.value = new.copy()
        elif self.average == "max":
            np.maximum(self.value, new, out=self.value)
        else:
            weight = self.count if self.average == "linear" else min(self.count, self.limit)
            self.value += (new - self.value) / weight


class SpectrumAverager:
    """The averaged spectrum of each channel; bits independent of how the stream is cut.

    Parameters
    ----------
    channels, rate, size, window, beta, overlap, remove_mean
        See :class:`streamlab.dsp.stft.Stft`.
    average, count
        See :class:`RunningMean`.
    """

    def __init__(
        self,
        channels: int,
        rate: float,
        size: int,
        *,
        window: WindowName = "hann",
        beta: float | None = None,
        overlap: float = 0.5,
        average: Average = "linear",
        count: int = 8,
        remove_mean: bool = False,
    ) -> None:
        self._stft = Stft(
            channels, rate, size, window=window, beta=beta, overlap=overlap, remove_mean=remove_mean
        )
        self._mean = RunningMean(average, count)
        self.rate, self.window, self.frequencies = rate, self._stft.window, self._stft.frequencies

    @property
    def count(self) -> int:
        """Segments averaged."""
        return self._mean.count

    def reset(self) -> None:
        """Forget the signal and the average."""
        self.restart()
        self._mean.reset()

    def restart(self) -> None:
        """Begin a new segment with the next sample, after a gap; the average goes on."""
        self._stft.reset()

    def block(self, samples: NDArray[Any]) -> int:
        """Take a block (channels, n); return how many segments it completed."""
        before = self.count
        for spectrum in self._stft.transforms(samples):
            self._mean.add(spectrum.real**2 + spectrum.imag**2)
        return self.count - before

    def spectrum(self, scaling: Scaling) -> Array | None:
        """Return the average so far, (channels, lines), or None before the first segment."""
        value = self._mean.value
        return None if value is None else scaled(value, self.window, self.rate, scaling)
