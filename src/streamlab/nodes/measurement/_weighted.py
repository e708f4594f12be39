"""What may be weighted like sound, and what a channel is called once it is."""

from streamlab.core import ChannelInfo, StreamInfo
from streamlab.dsp.weighting import LOWEST_RATE
from streamlab.errors import Problem
from streamlab.units import quantity_of

__all__ = ["cannot_weight", "is_weighted"]

# Sound pressure, its level in a recording, and the noise voltage of sound equipment (IEC 60268-1).
_QUANTITIES = ("pressure", "voltage", "ratio")
_PLAIN_UNITS = ("", "FS")


def is_weighted(channel: ChannelInfo) -> bool:
    """Whether a FrequencyWeighting has been at work on the channel."""
    return channel.quantity[1:10] == "-weighted"


def cannot_weight(weighting: str, info: StreamInfo, rows: list[int], param: str) -> list[Problem]:
    """Return what keeps a frequency weighting from these rows; the pointer of the first is ``param``."""
    problems = []
    for channel in [info.channels[row] for row in rows] if weighting != "Z" else ():
        if is_weighted(channel):
            found = f"{channel.name}: {channel.quantity}"
            problems.append(Problem(param, "the signal is weighted already", "one weighting", found))
        elif channel.unit not in _PLAIN_UNITS and quantity_of(channel.unit) not in _QUANTITIES:
            expected = "Pa (or V, FS, no unit)"
            what = f"{weighting}-weighting is for sound"
            problems.append(Problem(param, what, expected, f"{channel.name} in {channel.unit}"))
    if info.sample_rate is not None and info.sample_rate < LOWEST_RATE and weighting != "Z":
        found = f"{float(info.sample_rate):g} Hz"
        what = f"{weighting}-weighting needs a higher sample rate"
        problems.append(Problem(param, what, f"at least {LOWEST_RATE:g} Hz", found))
    return problems
