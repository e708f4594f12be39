"""FrequencyWeighting: the A, C and Z weightings of sound level meters."""

from dataclasses import replace
from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.dsp.design import settling
from streamlab.dsp.sos import SosFilter
from streamlab.dsp.weighting import Weighting, weighting_sections
from streamlab.errors import ParamError
from streamlab.nodes._channels import missing_channels, not_over_time, rows_of
from streamlab.nodes._through import through
from streamlab.nodes.measurement._weighted import cannot_weight


class FrequencyWeighting(ProcessingNode):
    """Weight sound by frequency as the ear (A), nearly flat (C), or not at all (Z).

    Input    real (channels, n) over time in Pa, V, FS or without unit, at 2500 Hz or more
    Output   same shape and unit, the quantity called ``A-weighted ...``
    Kind     sample-wise                     State   the filter's, a few numbers per channel
    Gaps     passed on; behind one the filter begins anew and settles again
    Settles  within 0.053 s, the node's ``settling``
    Errors   ParamError without a sample rate or below 2500 Hz, for another unit, for what is weighted already
    Source   IEC 61672-1:2013, 5.5, table 3 and annex E

    From 44.1 kHz upwards within 0.01 dB of the design goal from 10 Hz to 20 kHz, below that within 0.05 dB
    up to 0.45 of the rate: meets class 1 electrical design goals (software part). 0 dB at 1 kHz. It settles
    in 0.053 s, by 60 dB at the poles of 20.6 Hz: the node's ``settling``. A value that is not a number stays
    in the state of its channel: all are NaN until a gap.

    Example
    -------
    >>> node = FrequencyWeighting(weighting="A")
    >>> frame = node.process(DataFrame(payload={"mic": [0.0, 0.1, -0.1]}, sample_rate=48000))
    >>> frame.info.channels[0].quantity
    'A-weighted signal'
    """

    kind = "sample-wise"

    weighting: Weighting = param(default="A", doc="Frequency weighting")
    channels: list[str] | None = param(
        default=None, doc="Channels to weight; all when not given", min_length=1
    )

    settling = 0.0  # seconds, known with the stream

    def configure(self, info: StreamInfo) -> None:
        """Design the filter for the stream's rate."""
        self._out = self.stream_info(self, **{"in": info}) or info
        rate = float(info.sample_rate or 1)
        sections = weighting_sections(self.weighting, rate)
        self.settling = settling(sections) / rate
        self._rows = None if self.channels is None else rows_of(info, self.channels)
        self._kernel = SosFilter(sections, len(info.names) if self._rows is None else len(self._rows))

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame weighted."""
        self.follow(frame.info)
        if frame.gap:
            self._kernel.reset()
        return frame.replace(samples=through(self._kernel, frame.samples, self._rows), info=self._out)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The same stream, of weighted quantities."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a frequency weighting") + missing_channels(info, params.channels)
        rows = [] if problems else rows_of(info, params.channels)
        problems += cannot_weight(params.weighting, info, rows, "/weighting")
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = list(info.channels)
        for row in rows:
            quantity = f"{params.weighting}-weighted {channels[row].quantity or 'signal'}"
            channels[row] = replace(channels[row], quantity=quantity)
        return info.replace(channels=channels)
