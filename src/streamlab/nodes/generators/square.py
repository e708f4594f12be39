"""Square: a square wave."""

from typing import ClassVar

from streamlab.dsp.waveform import Shape
from streamlab.nodes.generators._periodic import Periodic


class Square(Periodic):
    """Make a square wave: +amplitude for the first half of each period, -amplitude for the second.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter, exact phase
    Gaps     end here
    Errors   ParamError for a frequency that is not below half the sample rate

    Band-limited: it holds the harmonics below half the sample rate and no others, within 1e-7, and overshoots
    beside an edge by 9 % of it (Gibbs). With ``band_limited: false`` it is the ideal wave looked at once per
    sample: two values only, edges on samples, and harmonics above half the rate folded back. The ideal wave
    has an RMS of amplitude and a total harmonic distortion of 48.3 %.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = Square(frequency=1.0, sample_rate=8.0, frame_size=8, band_limited=False)
    >>> node.process(DataFrame(0, 0)).payload["main_channel"].tolist()
    [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]
    """

    form: ClassVar[Shape] = "square"
