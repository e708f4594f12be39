"""The short-time Fourier transform of a stream."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.segments import Segmenter, hop_for
from streamlab.dsp.window import WindowName, make_window

__all__ = ["Stft", "line_frequencies"]

Complex = NDArray[np.complex128]


def line_frequencies(size: int, rate: float) -> Array:
    """Return the frequencies in Hz of the size // 2 + 1 lines of a segment."""
    return np.arange(size // 2 + 1, dtype=np.float64) * (rate / size)


class Stft:
    """Transform windowed segments at fixed places of the stream: bits independent of how it is cut.

    Segment k begins at sample k times :attr:`hop`.

    Parameters
    ----------
    channels
        Number of rows.
    rate
        Sample rate in Hz.
    size
        Samples of a segment: lines are rate / size apart.
    window, beta
        See :func:`streamlab.dsp.window.make_window`.
    overlap
        Part of a segment that it shares with the next, 0 to less than 1.
    remove_mean
        Take its mean from each segment first, so that an offset does not leak into the lines beside 0 Hz.
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
        remove_mean: bool = False,
    ) -> None:
        from scipy.fft import rfft

        self.channels, self.rate = channels, rate
        self.window = make_window(window, size, beta=beta)
        self.frequencies = line_frequencies(size, rate)
        self.hop = hop_for(size, overlap)
        self._segments = Segmenter(channels, size, self.hop)
        self._transform = rfft
        self._remove_mean = remove_mean

    @property
    def count(self) -> int:
        """Segments since the beginning."""
        return self._segments.count

    def reset(self) -> None:
        """Forget the signal: the next sample is the first."""
        self._segments.reset()

    def transforms(self, samples: NDArray[Any]) -> Iterator[Complex]:
        """Yield X of each segment that a block completes, (channels, lines); to be run to its end."""
        for segment in self._segments.feed(samples):
            if self._remove_mean:
                segment = segment - segment.mean(axis=1, keepdims=True)
            yield self._transform(segment * self.window.samples, axis=-1)

    def block(self, samples: NDArray[Any]) -> Complex:
        """Return X / sum w of each segment that a block completes, (channels, lines, k).

        A tone of amplitude a on a line has magnitude a / 2 there (a at 0 Hz), and the phase that it has at
        the first sample of the segment.
        """
        columns = list(self.transforms(samples))
        if not columns:
            return np.empty((self.channels, len(self.frequencies), 0), dtype=np.complex128)
        return np.stack(columns, axis=-1) / float(self.window.samples.sum())
