"""Cross-spectra of a stream: coherence and frequency responses.

J. S. Bendat, A. G. Piersol, "Random Data", 4th ed., 2010, chapters 6 and 9. One-sided densities, with x a
reference and y any channel: Gxy is the mean of conj(X) Y, so that a response from x to y is Gxy / Gxx.
"""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.spectrum import Average, RunningMean, scaled
from streamlab.dsp.stft import Stft
from streamlab.dsp.window import WindowName

__all__ = ["ESTIMATORS", "CrossSpectrumAverager", "Estimator"]

Estimator = Literal["H1", "H2", "Hv"]
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)

Complex = NDArray[np.complex128]


class CrossSpectrumAverager:
    """Averaged spectra of all channels, and of each with the references; bits independent of cutting.

    Parameters
    ----------
    channels, rate, size, window, beta, overlap, remove_mean
        See :class:`streamlab.dsp.stft.Stft`.
    references
        Rows that all are compared with.
    average, count
        See :class:`streamlab.dsp.spectrum.RunningMean`; linear or exponential.
    """

    def __init__(
        self,
        channels: int,
        rate: float,
        size: int,
        *,
        references: tuple[int, ...] = (0,),
        window: WindowName = "hann",
        beta: float | None = None,
        overlap: float = 0.5,
        average: Average = "linear",
        count: int = 8,
        remove_mean: bool = False,
    ) -> None:
        if average == "max":
            raise ValueError("cross-spectra have phases: expected a linear or exponential average, found max")
        if not references or any(not 0 <= row < channels for row in references):
            raise ValueError(f"expected references among the rows 0 to {channels - 1}, found {references}")
        self._stft = Stft(
            channels, rate, size, window=window, beta=beta, overlap=overlap, remove_mean=remove_mean
        )
        self._own, self._cross = RunningMean(average, count), RunningMean(average, count)
        self.references = list(references)
        self.rate, self.window, self.frequencies = rate, self._stft.window, self._stft.frequencies

    @property
    def count(self) -> int:
        """Segments averaged."""
        return self._own.count

    def reset(self) -> None:
        """Forget the signal and the averages."""
        self.restart()
        self._own.reset()
        self._cross.reset()

    def restart(self) -> None:
        """Begin a new segment with the next sample, after a gap; the averages go on."""
        self._stft.reset()

    def block(self, samples: NDArray[Any]) -> int:
        """Take a block (channels, n); return how many segments it completed."""
        before = self.count
        for spectrum in self._stft.transforms(samples):
            self._own.add(spectrum.real**2 + spectrum.imag**2)
            self._cross.add(np.conj(spectrum[self.references])[:, np.newaxis] * spectrum)
        return self.count - before

    def density(self) -> Array | None:
        """Return the power spectral densities Gyy in U^2/Hz, (channels, lines), or None before a segment."""
        own = self._own.value
        return None if own is None else scaled(own, self.window, self.rate, "psd")

    def cross_density(self) -> Complex | None:
        """Return Gxy in U^2/Hz, (references, channels, lines)."""
        cross = self._cross.value
        if cross is None:
            return None
        scale = scaled(np.ones(cross.shape[-1]), self.window, self.rate, "psd")
        return np.asarray(cross * scale, dtype=np.complex128)

    def coherence(self) -> Array | None:
        """Return |Gxy|^2 / (Gxx Gyy), 0 to 1, (references, channels, lines); NaN where there is no power.

        Of one segment alone it is 1 everywhere and says nothing.
        """
        own, cross = self._own.value, self._cross.value
        if own is None or cross is None:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            result: Array = (cross.real**2 + cross.imag**2) / (own[self.references][:, np.newaxis] * own)
        return result

    def response(self, estimator: Estimator = "H1") -> Complex | None:
        """Return the frequency response from each reference to each channel, (references, channels, lines).

        ``H1`` = Gxy / Gxx is not biased by noise in y, ``H2`` = Gyy / Gyx not by noise in x; ``Hv`` has the
        phase of both and the geometric mean of their magnitudes. NaN where there is no power.
        """
        if estimator not in ESTIMATORS:
            raise ValueError(f"an estimator is one of {', '.join(ESTIMATORS)}; found {estimator!r}")
        own, cross = self._own.value, self._cross.value
        if own is None or cross is None:
            return None
        inputs = own[self.references][:, np.newaxis]
        result: NDArray[Any]
        with np.errstate(invalid="ignore", divide="ignore"):
            if estimator == "H1":
                result = cross / inputs
            elif estimator == "H2":
                result = own / np.conj(cross)
            else:
                result = cross / np.abs(cross) * np.sqrt(own / inputs)
        return result
