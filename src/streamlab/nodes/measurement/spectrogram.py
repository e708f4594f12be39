"""Spectrogram: how the spectrum of a signal goes over time."""

from streamlab.nodes.measurement._spectral import SpectralNode


class Spectrogram(SpectralNode):
    """Give the spectrum of each segment, one after the other: a waterfall.

    Input    real (channels, n) over time, with a sample rate
    Output   (channels, lines) on a frequency axis, a frame per segment with the time of its first sample
    Kind     stream-wise                     State   the open segment
    Gaps     no segment spans one: the next begins behind it, with the gap
    Settles  with its first segment
    Errors   ParamError without a sample rate, for lines beyond half of it, a level of what has none
    Source   D. Gabor, J. IEE 93, 1946; F. J. Harris, Proc. IEEE 66, 1978

    Segment k begins at sample k * size * (1 - overlap) of its stretch and moves on by as much (``span``). The
    scales are those of Spectrum, whose average this is without averaging. The result is the highest line of
    the newest segment.

    Example
    -------
    >>> import numpy as np
    >>> from streamlab.core import DataFrame
    >>> tone = np.sin(2 * np.pi * 100 * np.arange(400) / 1000)
    >>> frames = Spectrogram(size=200).process(DataFrame(payload={"x": tone}, sample_rate=1000))
    >>> [(frame.start_sample, round(float(frame.payload["x"][20]), 4)) for frame in frames]
    [(0, 0.7071), (100, 0.7071), (200, 0.7071)]
    """
