"""Spectrum: the averaged spectrum of a signal."""

from collections.abc import Iterable
from typing import Any

from streamlab.core import param
from streamlab.dsp.spectrum import Average
from streamlab.errors import Problem
from streamlab.nodes.measurement._spectral import SpectralNode


class Spectrum(SpectralNode):
    """Measure the averaged spectrum: amplitude, RMS or power of tones, density of noise, in units or dB.

    Input    real (channels, n) over time, with a sample rate
    Output   (channels, lines) on a frequency axis; ``span`` is how far one moves on in samples
    Kind     stream-wise                     State   the open segment and the average
    Gaps     no segment spans one; an average of so many segments begins anew behind it, one over the whole
             stream goes on and has what is missing as its gap
    Settles  with its first segment
    Errors   ParamError without a sample rate, for lines beyond half of it, a level of what has none
    Source   P. D. Welch, IEEE Trans. AU-15, 1967; F. J. Harris, Proc. IEEE 66, 1978

    Segments of ``size`` samples begin every size * (1 - overlap) samples. Without ``averages`` all of the
    stream makes one spectrum, given at its end; with it every so many segments do, and what is left at the
    end is left out. ``average`` is linear (of the squares), the largest of each line (max), or exponential:
    then each segment gives a spectrum, in which the newest weighs 1 / averages. One-sided: a tone of
    amplitude a on a line reads a (amplitude) or a / sqrt 2 (rms) there, and the sum of a psd times the
    distance of its lines is the mean square. Between two lines a tone reads up to 1.42 dB less under a Hann
    window, 0.01 dB under flattop. A spectrum needs no settling beyond its first segment. The result is the
    highest line of the newest spectrum: ``{channel: {"highest": value, "frequency": Hz, "averages": segments,
    "missing": samples}}``.

    Example
    -------
    >>> import numpy as np
    >>> from streamlab.core import DataFrame
    >>> tone = 3.0 * np.sin(2 * np.pi * 100 * np.arange(4000) / 1000)
    >>> node = Spectrum(size=1000, scaling="amplitude")
    >>> _ = node.process(DataFrame(payload={"x": tone}, sample_rate=1000))
    >>> (frame,) = node.flush()
    >>> round(float(frame.payload["x"][100]), 6), frame.info.points[100]
    (3.0, 100.0)
    """

    averages: int | None = param(default=None, doc="Segments per spectrum; all when not given", ge=1)
    average: Average = param(default="linear", doc="How segments make an average")
    remove_mean: bool = param(default=False, doc="Take its mean from each segment first")

    def _removes_mean(self) -> bool:
        return self.remove_mean

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """An exponential average has a number of segments."""
        yield from super().check_params(params, given)
        if params.average == "exponential" and params.averages is None:
            yield Problem("/averages", "an exponential average needs averages", "a count", "nothing")
