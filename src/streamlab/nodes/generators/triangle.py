"""Triangle: a triangle wave."""

from typing import ClassVar

from streamlab.dsp.waveform import Shape
from streamlab.nodes.generators._periodic import Periodic


class Triangle(Periodic):
    """Make a triangle wave from -amplitude to +amplitude, which begins at 0 and rises as a sine does.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter, exact phase
    Gaps     end here
    Errors   ParamError for a frequency that is not below half the sample rate

    Band-limited: it holds the harmonics below half the sample rate and no others, within 1e-7. With
    ``band_limited: false`` it is the ideal wave looked at once per sample, with the harmonics above half the
    rate folded back. The ideal wave has an RMS of amplitude / sqrt(3) and a total harmonic distortion of
    12.1 %.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = Triangle(frequency=1.0, sample_rate=8.0, frame_size=8, band_limited=False)
    >>> node.process(DataFrame(0, 0)).payload["main_channel"].tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0, -0.5, -1.0, -0.5]
    """

    form: ClassVar[Shape] = "triangle"
