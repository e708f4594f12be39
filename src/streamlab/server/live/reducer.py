"""What all reducers have in common: blocks in, pieces of a picture out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.info import ChannelInfo, StreamInfo
from streamlab.core.samples import Samples
from streamlab.server.live.blocks import Block
from streamlab.server.live.frames import Flag, Kind

__all__ = ["CannotShow", "Piece", "Reducer", "channel_document", "chosen_rows", "over_time", "ranges_of"]


class CannotShow(Exception):
    """A view cannot show what comes; the text says why, for people."""


@dataclass(slots=True)
class Piece:
    """A frame without what only its stream knows."""

    payload: bytes
    first: int = 0
    columns: int = 0
    rows: int = 0
    time: float = 0.0
    flags: Flag = Flag.NONE
    lost: int = 0
    trigger: int = 0


class Reducer(ABC):
    """Makes pieces of one kind of view from the blocks of one stream, whose info does not change.

    Raises CannotShow when it is made for a stream that it cannot show.
    """

    kind: Kind
    period = 0.0
    """Seconds between two pieces at least."""

    def __init__(self, info: StreamInfo, names: Sequence[str] | None, most: int) -> None:
        self.info = info
        self.rows = chosen_rows(info, names, most)
        self.all_rows = self.rows == list(range(len(info.names)))
        self.channels = [info.channels[row] for row in self.rows]
        self.lost = 0

    def picked(self, samples: Samples) -> Samples:
        """Return the rows that are shown."""
        return samples if self.all_rows else samples[self.rows]

    @abstractmethod
    def feed(self, block: Block) -> None:
        """Take a block."""

    @abstractmethod
    def take(self) -> list[Piece]:
        """Return what is new since the last call."""

    def end(self) -> list[Piece]:
        """The stream has ended: return the rest. A piece with the flag is sent in any case."""
        return self.take()

    def restart(self) -> None:
        """Forget averages and held peaks."""
        self.lost = 0

    def describe(self) -> dict[str, Any]:
        """Return what goes into the description besides options and channels."""
        return {}

    def channel_documents(self) -> list[dict[str, Any]]:
        """Return the channels that are shown, in order."""
        return [channel_document(item) for item in self.channels]

    def counted(self) -> int:
        """Return samples lost since the last call."""
        lost, self.lost = self.lost, 0
        return lost


def channel_document(channel: ChannelInfo) -> dict[str, Any]:
    """Return a channel as descriptions have it."""
    return {
        "name": channel.name,
        "unit": channel.unit,
        "quantity": channel.quantity,
        "reference": channel.reference,
        "range": None if channel.range is None else list(channel.range),
    }


def chosen_rows(info: StreamInfo, names: Sequence[str] | None, most: int) -> list[int]:
    """Return the rows of these channels; without names the first ones. Raises CannotShow."""
    if names is None:
        return list(range(min(most, len(info.names))))
    missing = [name for name in names if name not in info]
    if missing:
        have = ", ".join(info.names) or "none"
        raise CannotShow(f"no channel {missing[0]!r}; channels: {have}")
    return [info.row(name) for name in dict.fromkeys(names)]


def ranges_of(channels: Sequence[ChannelInfo]) -> NDArray[np.float64]:
    """Return (channels, 2) smallest and largest value that can be represented."""
    return np.array([item.range or (-inf, inf) for item in channels], dtype=np.float64).reshape(-1, 2)


def over_time(info: StreamInfo, what: str) -> float:
    """Return the sample rate in Hz. Raises CannotShow where the samples do not lie over time."""
    if info.axis != "time" or info.sample_rate is None:
        axis = "without a sample rate" if info.axis == "time" else f"on the axis {info.axis!r}"
        raise CannotShow(f"{what} shows samples over time; these lie {axis}")
    return float(info.sample_rate)
