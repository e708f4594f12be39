"""The course of a level over time, taken from the frames of a SoundLevel node."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamlab.core import DataFrame, Samples

__all__ = ["Course", "course_of"]


@dataclass(frozen=True)
class Course:
    """One level, such as LAeq, of each interval and channel.

    ``time`` has the beginning of each interval in seconds, ``levels`` is (channels, intervals) in ``unit``.
    Intervals that the recording fills in part only are left out, unless there are no others.
    """

    symbol: str
    channels: tuple[str, ...]
    unit: str
    interval: float
    time: Samples
    levels: Samples

    @property
    def end(self) -> float:
        """Where the last interval ends, in seconds."""
        return float(self.time[-1]) + self.interval

    def mean_over_channels(self) -> Samples:
        """Return the level of the channels' mean power in each interval."""
        power = 10.0 ** (self.levels / 10.0)
        with np.errstate(divide="ignore"):
            return np.asarray(10.0 * np.log10(power.mean(axis=0)))


def course_of(frames: Sequence[DataFrame], symbol: str) -> Course:
    """Return the course of a level in the frames of a SoundLevel node, of which there is at least one."""
    whole = [frame for frame in frames if "partial" not in frame.metadata] or list(frames)
    info = whole[0].info
    rows = [row for row, channel in enumerate(info.channels) if channel.quantity == symbol]
    first = info.channels[rows[0]]
    rate = float(info.sample_rate or 1)
    starts = [np.arange(frame.start_sample, frame.start_sample + frame.n) for frame in whole]
    return Course(
        symbol=symbol,
        channels=tuple(info.names[row].removesuffix(f".{symbol}") for row in rows),
        unit=f"{first.unit} re {first.reference}",
        interval=1.0 / rate,
        time=np.concatenate(starts) / rate,
        levels=np.concatenate([frame.samples[rows] for frame in whole], axis=1),
    )
