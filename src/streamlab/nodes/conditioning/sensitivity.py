"""Sensitivity: what a transducer measured, from the volts that it gave."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, rows_of
from streamlab.units import conversion, plain_symbol, quantity_of

_ELECTRICAL = ("voltage", "current", "charge")


class Sensitivity(ProcessingNode):
    """Divide by a transducer's sensitivity: volts become pascals, g, newtons.

    Input    (channels, n) in V, A or C with any prefix; without a unit it is taken to be V, A or C
    Output   same shape, in the unit behind the stroke of ``unit``
    Kind     sample-wise                     State   none
    Gaps     passed on
    Settles  at once: each sample for itself
    Errors   ParamError when the input is not electrical, or ``unit`` is not one such as mV/Pa

    ``sensitivity`` is in ``unit``, such as 50 mV/Pa or 100 mV/g; ``sensitivity_db`` is the same in decibels
    re one V (A, C) per unit, as microphones have it: -26 dB re 1 V/Pa are 50.1 mV/Pa. The channel's range
    follows, and the sensitivity in V (A, C) per unit stays with it as a fact.

    Example
    -------
    >>> from streamlab.core import ChannelInfo, StreamInfo
    >>> frame = DataFrame(payload={"mic": [0.05, -0.1]}, info=StreamInfo([ChannelInfo("mic", "V")], 48000))
    >>> out = Sensitivity(sensitivity=50.0, unit="mV/Pa").process(frame)
    >>> out.payload["mic"].tolist(), out.info.channels[0].unit
    ([1.0, -2.0], 'Pa')
    """

    kind = "sample-wise"

    sensitivity: float | None = param(
        default=None, doc="What the transducer gives per unit measured, in unit", unit="unit", gt=0, le=1e15
    )
    sensitivity_db: float | None = param(
        default=None, doc="The same in decibels re 1 V (A, C) per unit", unit="dB", ge=-300, le=300
    )
    unit: str = param(
        default="mV/Pa", doc="Electrical unit per unit measured: mV/Pa, mV/g, pC/N", min_length=3
    )
    quantity: str = param(default="", doc="What is measured, in words, such as sound pressure")
    channels: list[str] | None = param(
        default=None, doc="Channels of this transducer; all when not given", min_length=1
    )

    def configure(self, info: StreamInfo) -> None:
        """Find the factor of each row."""
        self._out = self.stream_info(self, **{"in": info}) or info
        self._divisors = np.ones((len(info.names), 1))
        for row in rows_of(info, self.channels):
            self._divisors[row] = _divisor(self, info.channels[row])

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame in the unit measured."""
        self.follow(frame.info)
        return frame.replace(samples=frame.samples / self._divisors, info=self._out)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The channels in the unit measured; what is not electrical is a problem."""
        info = inputs["in"]
        if info is None:
            return None
        electrical, measured = _split(params.unit)
        problems = missing_channels(info, params.channels)
        channels = list(info.channels)
        for row in [] if problems else rows_of(info, params.channels):
            channel = channels[row]
            if channel.unit and quantity_of(channel.unit) != quantity_of(electrical):
                what = f"a sensitivity in {params.unit} needs a {quantity_of(electrical)}"
                hint = "the channel is calibrated already" if channel.unit == measured else ""
                problems.append(Problem("", what, f"{channel.name} in V, mV or alike", channel.label, hint))
                continue
            divisor = _divisor(params, channel)
            bounds = channel.range and (channel.range[0] / divisor, channel.range[1] / divisor)
            quantity = params.quantity or _QUANTITIES.get(measured, channel.quantity)
            channels[row] = replace(
                channel, unit=measured, quantity=quantity, sensitivity=_per_unit(params), range=bounds
            )
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info.replace(channels=channels)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """One sensitivity, in an electrical unit per unit of something."""
        if (params.sensitivity is None) == (params.sensitivity_db is None):
            found = "neither" if params.sensitivity is None else "both"
            yield Problem(
                "/sensitivity", "a transducer has one sensitivity", "sensitivity or sensitivity_db", found
            )
        electrical, measured = _split(params.unit)
        if quantity_of(electrical) not in _ELECTRICAL or not measured:
            what = "a sensitivity is an electrical unit per unit measured"
            yield Problem("/unit", what, "such as mV/Pa, mV/g or pC/N", repr(params.unit))


_QUANTITIES = {
    "Pa": "sound pressure",
    "g": "acceleration",
    "m/s2": "acceleration",
    "m/s": "velocity",
    "N": "force",
}


def _split(unit: str) -> tuple[str, str]:
    """Split ``mV/Pa`` into mV and Pa, ``mV/(m/s2)`` into mV and m/s2."""
    electrical, _, measured = plain_symbol(unit).partition("/")
    return electrical, measured.removeprefix("(").removesuffix(")")


def _base(electrical: str) -> str:
    return {"voltage": "V", "current": "A", "charge": "C"}[quantity_of(electrical)]


def _per_unit(params: Any) -> float:
    """The sensitivity in V, A or C per unit."""
    if params.sensitivity is None:
        return float(10.0 ** (params.sensitivity_db / 20.0))
    electrical, _ = _split(params.unit)
    return float(params.sensitivity * conversion(electrical, _base(electrical)).factor)


def _divisor(params: Any, channel: ChannelInfo) -> float:
    """What to divide numbers in the channel's own unit by."""
    base = _base(_split(params.unit)[0])
    return _per_unit(params) * conversion(base, channel.unit or base).factor
