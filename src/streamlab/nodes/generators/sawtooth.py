"""Sawtooth: a ramp that begins again each period."""

from typing import ClassVar

from streamlab.dsp.waveform import Shape
from streamlab.nodes.generators._periodic import Periodic


class Sawtooth(Periodic):
    """Make a ramp that rises from 0 to +amplitude, falls to -amplitude at half the period and rises again.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter, exact phase
    Gaps     end here
    Errors   ParamError for a frequency that is not below half the sample rate

    Band-limited: it holds the harmonics below half the sample rate and no others, within 1e-7, and overshoots
    beside the jump by 9 % of it (Gibbs). With ``band_limited: false`` it is the ideal wave looked at once per
    sample, with the harmonics above half the rate folded back. The ideal wave has an RMS of amplitude /
    sqrt(3) and a total harmonic distortion of 80.3 %.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = Sawtooth(frequency=1.0, sample_rate=8.0, frame_size=8, band_limited=False)
    >>> node.process(DataFrame(0, 0)).payload["main_channel"].tolist()
    [0.0, 0.25, 0.5, 0.75, -1.0, -0.75, -0.5, -0.25]
    """

    form: ClassVar[Shape] = "sawtooth"
