"""Integrate: velocity and displacement from acceleration."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.design import design_sos
from streamlab.dsp.integrate import Integrator
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import not_over_time
from streamlab.units import conversion, plain_symbol, quantity_of

# Coherent units along the way, each the integral of the one before.
_CHAIN = {"acceleration": "m/s2", "velocity": "m/s", "length": "m"}
_QUANTITIES = tuple(_CHAIN)


class Integrate(ProcessingNode):
    """Integrate acceleration to velocity or displacement, or velocity to displacement, without drift.

    Input    real (channels, n) over time, of acceleration or velocity (m/s2, g, mm/s ...)
    Output   same shape, in unit ``to``, some samples late: the node's ``lag``, 10 for once, 5 for twice
    Kind     sample-wise                     State   the last samples and the high-pass, per channel
    Gaps     passed on; behind one the integral begins anew and settles again
    Settles  within the seconds of the node's ``settling``, about 0.29 s at 10 Hz
    Errors   ParamError without a sample rate, for a unit that ``to`` is no integral of, an edge too high
    Source   ISO 20816-1:2016 for the three quantities; the rule is fitted, see below

    The units say how often: m/s2 to mm/s is once, g to um twice. A sum of a few samples stands for the
    integral: with the high-pass, the response is 1 / (j w) or -1 / w^2 within 0.01 dB up to 0.4 of the rate,
    where the trapezoidal rule has lost all. Offset and drift go with a Butterworth ``high_pass`` (-3.01 dB
    there; 10 Hz is the lower end of ISO 20816-3, 2 Hz that for slow machines). After the start and each gap
    what is left of the beginning has fallen by 60 dB within the seconds of the node's ``settling``: about
    0.29 s at 10 Hz and order 4. A value that is not a number stays in the state of its channel: all are NaN
    until a gap.

    Example
    -------
    >>> from streamlab.core import ChannelInfo, StreamInfo
    >>> shake = np.sqrt(2) * np.sin(1000.0 * np.arange(20000) / 10000)  # 1 m/s2 at 159.155 Hz is 1 mm/s
    >>> info = StreamInfo([ChannelInfo("x", "m/s2")], 10000)
    >>> out = Integrate(to="mm/s").process(DataFrame(payload={"x": shake}, info=info))
    >>> round(float(np.sqrt(np.mean(out.payload["x"][-6283:] ** 2))), 3)
    1.0
    """

    kind = "sample-wise"

    to: str = param(doc="Unit of the result, such as mm/s or um", min_length=1)
    high_pass: float = param(
        default=10.0, doc="Edge of the high-pass that keeps drift out", unit="Hz", gt=0, le=1e9
    )
    order: int = param(default=4, doc="Order of the high-pass, above the number of integrals", ge=2, le=24)

    lag = 0  # samples, and seconds: known with the stream
    settling = 0.0

    def configure(self, info: StreamInfo) -> None:
        """Find how often to integrate."""
        self._out = self.stream_info(self, **{"in": info}) or info
        rate = float(info.sample_rate or 1)
        times = _times(self.to, info.channels[0]) if info.channels else 1
        self._kernel = Integrator(
            len(info.names), rate, high_pass=self.high_pass, times=times, order=self.order
        )
        self.lag = self._kernel.delay
        self.settling = self._kernel.settling + self.lag / rate
        self._factors: Samples = np.array([[_factor(self.to, channel)] for channel in info.channels])

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the integral."""
        self.follow(frame.info)
        if frame.gap:
            self._kernel.reset()
        return frame.replace(samples=self._kernel.block(frame.samples) * self._factors, info=self._out)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The same channels in the new unit."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "an integral")
        steps = {_steps(params.to, channel) for channel in info.channels}
        for channel in info.channels:
            if _steps(params.to, channel) < 1:
                what = f"{params.to} is not what {channel.name!r} integrates to"
                have = f"{channel.unit or 'no unit'}{_measures(channel.unit)}"
                problems.append(Problem("/to", what, "acceleration or velocity", have))
        if not problems and len(steps) > 1:
            hint = "take those of one quantity by Select"
            problems.append(Problem("/to", "channels integrate once and twice", "one of them", "both", hint))
        if not problems and steps and params.order <= max(steps):
            what, least = "the high-pass leaves an offset in", f"above {max(steps)}"
            problems.append(Problem("/order", what, least, f"{params.order}"))
        if not problems:
            try:
                rate = float(info.sample_rate or 1)
                design_sos("butterworth", "highpass", params.high_pass, rate, order=params.order)
            except ValueError as error:
                problems.append(Problem("/high_pass", str(error)))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        unit = plain_symbol(params.to)
        quantity = "displacement" if quantity_of(unit) == "length" else quantity_of(unit)
        return info.replace(channels=[ChannelInfo(one.name, unit, quantity) for one in info.channels])

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """What comes out is a velocity or a displacement."""
        if quantity_of(params.to) not in _QUANTITIES[1:]:
            expected = "a unit of velocity or length"
            yield Problem("/to", "what comes out is velocity or displacement", expected, repr(params.to))


def _steps(to: str, channel: ChannelInfo) -> int:
    """Return how often to integrate: 1 or 2, or less where that is not how it goes."""
    have, want = quantity_of(channel.unit), quantity_of(to)
    return _QUANTITIES.index(want) - _QUANTITIES.index(have) if have in _QUANTITIES else 0


def _times(to: str, channel: ChannelInfo) -> Literal[1, 2]:
    return 2 if _steps(to, channel) == 2 else 1


def _factor(to: str, channel: ChannelInfo) -> float:
    """Return what makes the integral of numbers in the channel's unit one in ``to``."""
    into = conversion(channel.unit, _CHAIN[quantity_of(channel.unit)]).factor
    return into * conversion(_CHAIN[quantity_of(to)], to).factor


def _measures(unit: str) -> str:
    return f", which is {quantity_of(unit)}" if quantity_of(unit) else ""
