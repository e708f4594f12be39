"""The course of a level over time, taken from the frames of a Level node."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamlab.core import DataFrame, Samples

__all__ = ["Course", "course_of"]


@dataclass(frozen=True)
class Course:
    """Leq of each interval and channel.

    ``time`` has the beginning of each interval in seconds, ``levels`` is (channels, intervals) in ``unit``.
    Intervals that the recording fills in part only are left out, unless there are no others.
    """

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

    def extremes(self, channel: str) -> tuple[float, float, float]:
        """Return the highest level of a channel, when it was, and the lowest."""
        row = self.levels[self.channels.index(channel)]
        at = int(np.argmax(row))
        return float(row[at]), float(self.time[at]), float(row.min())


def course_of(frames: Sequence[DataFrame]) -> Course:
    """Return the course of Leq in the frames of a Level node, of which there is at least one."""
    whole = [frame for frame in frames if "partial" not in frame.metadata] or list(frames)
    info = whole[0].info
    rows = [row for row, channel in enumerate(info.channels) if channel.quantity == "Leq"]
    first = info.channels[rows[0]]
    rate = float(info.sample_rate or 1)
    starts = [np.arange(frame.start_sample, frame.start_sample + frame.n) for frame in whole]
    return Course(
        channels=tuple(info.names[row].removesuffix(".Leq") for row in rows),
        unit=f"{first.unit} re {first.reference}",
        interval=1.0 / rate,
        time=np.concatenate(starts) / rate,
        levels=np.concatenate([frame.samples[rows] for frame in whole], axis=1),
    )
