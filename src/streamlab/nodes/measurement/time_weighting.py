"""TimeWeighting: the running level of a sound level meter's detector."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, StreamInfo, param
from streamlab.dsp import detector
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, not_over_time, rows_of
from streamlab.nodes.measurement._metrics import no_level, problems_with, reference_for
from streamlab.nodes.measurement._weighted import is_weighted


class TimeWeighting(ProcessingNode):
    """Give the time-weighted level of a signal at each sample: F, S or I.

    Input    real (channels, n) over time, with a sample rate
    Output   same shape: levels in dB, or RMS values in the unit
    Kind     sample-wise                     State   one number per channel (two with I)
    Gaps     passed on; behind one the detector begins anew, from nothing
    Settles  within five time constants, the node's ``settling``: F 0.63 s, S 5 s, I 7.5 s
    Errors   ParamError without a sample rate, for a reference in another unit
    Source   IEC 61672-1:2013, 3.8 and 5.8; I: annex C of its first edition (2002)

    The mean square under an exponential window of 125 ms (F) or 1 s (S), exact for a signal that is constant
    over each sample; it falls by 34.7 or 4.3 dB/s. I rises with 35 ms and falls by 2.9 dB/s. Settled, within
    0.03 dB of a steady level, after five time constants: 0.625 s, 5 s, 7.5 s (the node's ``settling``). For
    LAF stand behind FrequencyWeighting; SoundLevel gives extremes per interval. A value that is not a number
    stays in the state of its channel: all are NaN until a gap.

    Example
    -------
    >>> node = TimeWeighting(time="F", reference="20 uPa")
    >>> frame = node.process(DataFrame(payload={"mic": np.ones(6000)}, sample_rate=48000))
    >>> round(float(frame.payload["mic"][-1]), 2)  # after one time constant: 10 lg(1 - 1 / e) below 93.98 dB
    91.99
    """

    kind = "sample-wise"

    time: detector.TimeWeighting = param(default="F", doc="Time weighting")
    output: Literal["level", "rms"] = param(default="level", doc="Decibels, or the unit of the channel")
    reference: str | None = param(
        default=None, doc="Reference of levels, such as '20 uPa'; by default that of the unit (ISO 1683)"
    )
    channels: list[str] | None = param(
        default=None, doc="Channels to weight; all when not given", min_length=1
    )

    settling = 0.0  # seconds, known with the stream

    def configure(self, info: StreamInfo) -> None:
        """Set up the detectors."""
        self._out = self.stream_info(self, **{"in": info}) or info
        self._rows = rows_of(info, self.channels)
        self._detector = detector.time_weighting(self.time, len(self._rows), float(info.sample_rate or 1))
        self.settling = self._detector.settling
        references = [reference_for(self.reference, info.channels[row]).value for row in self._rows]
        self._zero = np.array(references).reshape(-1, 1)

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the levels."""
        self.follow(frame.info)
        if frame.gap:
            self._detector.reset()
        samples = frame.samples.copy()
        power = self._detector.block(samples[self._rows])
        levels = self.output == "level"
        samples[self._rows] = detector.power_decibels(power, self._zero) if levels else np.sqrt(power)
        return frame.replace(samples=samples, info=self._out)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The same channels, their levels."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a time weighting") + missing_channels(info, params.channels)
        rows = [] if problems else rows_of(info, params.channels)
        chosen = [info.channels[row] for row in rows]
        problems += problems_with(params.reference, (), chosen)
        problems += no_level(chosen, "/output") if params.output == "level" else []
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = list(info.channels)
        for row in rows:
            channel = channels[row]
            weighting = channel.quantity[0] if is_weighted(channel) else ""
            if params.output == "level":
                text = reference_for(params.reference, channel).text
                channels[row] = ChannelInfo(channel.name, "dB", f"L{weighting}{params.time}", text)
            else:
                channels[row] = ChannelInfo(channel.name, channel.unit, f"RMS ({weighting}{params.time})")
        return info.replace(channels=channels)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """The reference is one."""
        return problems_with(params.reference, (), ())
