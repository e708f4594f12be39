"""ConvertUnit: the same quantity in another unit."""

from dataclasses import replace
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, rows_of
from streamlab.units import Conversion, conversion, plain_symbol


class ConvertUnit(ProcessingNode):
    """Give channels in another unit of the same quantity: g in m/s2, mV in V, degF in degC.

    Input    any real frame, (channels, n)   Output  same shape, the channels in unit ``to``
    Kind     sample-wise                     State   none
    Gaps     passed on
    Settles  at once: each sample for itself
    Errors   ParamError when a unit is unknown, or measures something else than ``to``
    Source   factors: SI brochure, 9th edition; NIST SP 811; g = 9.80665 m/s2 (ISO 80000-3)

    What is known of a channel (range, the sensitivity of its transducer) follows. Volts do not become
    pascals here: that takes a transducer, see Sensitivity. A level in dB is not a unit in this sense.

    Example
    -------
    >>> from streamlab.core import ChannelInfo, StreamInfo
    >>> frame = DataFrame(payload={"x": [1.0, -0.5]}, info=StreamInfo([ChannelInfo("x", "g")], 1000))
    >>> out = ConvertUnit(to="m/s2").process(frame)
    >>> out.payload["x"].tolist(), out.info.channels[0].unit
    ([9.80665, -4.903325], 'm/s2')
    """

    kind = "sample-wise"

    to: str = param(doc="Unit to convert to, such as Pa, m/s2, mm/s, mV or degC", min_length=1)
    assume: str | None = param(default=None, doc="Unit of channels that come without one", min_length=1)
    channels: list[str] | None = param(
        default=None, doc="Channels to convert; all when not given", min_length=1
    )

    def configure(self, info: StreamInfo) -> None:
        """Find factor and offset of each row."""
        self._out = self.stream_info(self, **{"in": info}) or info
        self._factors = np.ones((len(info.names), 1))
        self._offsets = np.zeros((len(info.names), 1))
        for row in rows_of(info, self.channels):
            rule = _rule(self, info.channels[row])
            self._factors[row], self._offsets[row] = rule.factor, rule.offset
        self._shifts = bool(self._offsets.any())

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame in the other unit."""
        self.follow(frame.info)
        samples = frame.samples * self._factors
        if self._shifts:
            samples += self._offsets
        return frame.replace(samples=samples, info=self._out)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The channels in their new unit; what cannot be converted is a problem."""
        info = inputs["in"]
        if info is None:
            return None
        problems = missing_channels(info, params.channels)
        channels = list(info.channels)
        for row in [] if problems else rows_of(info, params.channels):
            channel = channels[row]
            try:
                channels[row] = _described(channel, _rule(params, channel), plain_symbol(params.to))
            except ValueError as error:
                have = f"{channel.name} in {channel.unit}" if channel.unit else f"{channel.name} without unit"
                problems.append(
                    Problem("/to", f"{error}", f"a unit to convert {have} to", params.to, _hint(channel))
                )
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info.replace(channels=channels)


def _rule(params: Any, channel: ChannelInfo) -> Conversion:
    return conversion(channel.unit or params.assume or "", params.to)


def _described(channel: ChannelInfo, rule: Conversion, unit: str) -> ChannelInfo:
    sensitivity = None if channel.sensitivity is None else channel.sensitivity / rule.factor
    bounds = channel.range
    if bounds is not None:
        bounds = bounds[0] * rule.factor + rule.offset, bounds[1] * rule.factor + rule.offset
    return replace(channel, unit=unit, sensitivity=sensitivity, range=bounds)


def _hint(channel: ChannelInfo) -> str:
    if not channel.unit:
        return "say with assume what the numbers are in"
    if channel.reference:
        return "a level is converted by its reference: give that to the node that makes the level"
    return "between quantities stands a transducer: Sensitivity" if channel.unit.endswith("V") else ""
