"""Windows for the Fourier transform, and the figures that make a spectrum of them right.

F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE
66, 1978. Windows are periodic (DFT-even): w[0] ... w[N - 1] of a period of N, as spectra need them.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log10
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array

__all__ = ["WINDOWS", "Window", "WindowName", "make_window"]

WindowName = Literal[
    "rectangular",
    "hann",
    "hamming",
    "bartlett",
    "blackman",
    "blackmanharris",
    "nuttall",
    "flattop",
    "kaiser",
]
WINDOWS: tuple[WindowName, ...] = get_args(WindowName)


@dataclass(frozen=True)
class Window:
    """A window's samples (n,), read-only, and its figures."""

    name: WindowName
    samples: Array
    beta: float | None = None

    @property
    def size(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @cached_property
    def coherent_gain(self) -> float:
        """What a tone on a line is scaled by: the mean of the samples."""
        return float(self.samples.sum()) / self.size

    @cached_property
    def noise_bandwidth(self) -> float:
        """Equivalent noise bandwidth in lines, n * sum(w^2) / sum(w)^2 (Harris, (11))."""
        return self.size * float(self.samples @ self.samples) / float(self.samples.sum()) ** 2

    @cached_property
    def scalloping(self) -> float:
        """Largest loss of a tone between two lines, in dB, positive (Harris, (12))."""
        return -20.0 * log10(float(self.response(np.array([0.5]))[0]))

    def response(self, offset: NDArray[Any]) -> Array:
        """Return the magnitude of the transform at offsets in lines, relative to that at zero."""
        index = np.arange(self.size) - self.size / 2.0
        phase = 2.0 * np.pi / self.size * np.multiply.outer(np.asarray(offset, dtype=np.float64), index)
        real, imaginary = np.cos(phase) @ self.samples, np.sin(phase) @ self.samples
        magnitude: Array = np.hypot(real, imaginary) / float(self.samples.sum())
        return magnitude


@lru_cache(maxsize=64)
def make_window(name: WindowName, size: int, *, beta: float | None = None) -> Window:
    """Return a window.

    Parameters
    ----------
    name
        One of :data:`WINDOWS`. Hamming has 0.54 and 0.46; ``blackmanharris`` and ``nuttall`` have four
        terms, ``flattop`` five (those of SciPy).
    size
        Number of samples, 2 or more.
    beta
        Shape of a Kaiser window, 14 unless given; no other has one.

    Examples
    --------
    >>> hann = make_window("hann", 1024)
    >>> hann.coherent_gain, hann.noise_bandwidth, round(hann.scalloping, 2)
    (0.5, 1.5, 1.42)
    """
    from scipy.signal import get_window

    if name not in WINDOWS:
        raise ValueError(f"a window is one of {', '.join(WINDOWS)}; found {name!r}")
    if size < 2:
        raise ValueError(f"expected a window of 2 samples or more, found {size}")
    if beta is not None and (name != "kaiser" or not 0.0 <= beta <= 100.0):
        raise ValueError(f"only a Kaiser window has a beta, of 0 to 100; found {beta:g} for {name}")
    if name == "kaiser" and beta is None:
        beta = 14.0
    kind = {"rectangular": "boxcar", "kaiser": ("kaiser", beta)}.get(name, name)
    samples: Array = np.array(get_window(kind, size, fftbins=True), dtype=np.float64)
    samples.flags.writeable = False
    return Window(name, samples, beta)
