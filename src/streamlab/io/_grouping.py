"""Channels that each have a rate of their own, put together as streams."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from streamlab.core import ChannelInfo, StreamInfo
from streamlab.core.info import Axis
from streamlab.io._labels import distinct
from streamlab.io.recording import NO_GAPS, Gaps, StoredStream, rate_name

__all__ = ["StoredChannel", "grouped"]


@dataclass(frozen=True, slots=True, eq=False)
class StoredChannel:
    """One channel of a format that stores each on its own; ``place`` is what its reader finds it by.

    The rest is as in :class:`~streamlab.io.recording.StoredStream`; ``group`` is the folder it lies in.
    """

    info: ChannelInfo
    rate: Fraction | None
    length: int
    place: Any
    start: int | None = None
    offset: int = 0
    gaps: Gaps = field(default_factory=lambda: NO_GAPS)
    axis: Axis = "time"
    points: tuple[float, ...] = ()
    group: str = ""


def grouped(channels: Iterable[StoredChannel]) -> list[tuple[StoredStream, Sequence[StoredChannel]]]:
    """Return the streams, each with its channels in the order of the file.

    Channels are of one stream that share rate, length, place in time and gaps. A stream is called by the
    group that it alone has, else by its rate. Names that are not distinct in a stream get their group
    before them.
    """
    sets: dict[tuple[Any, ...], list[StoredChannel]] = {}
    for one in channels:
        key = (
            one.rate, one.length, one.start, one.offset, one.gaps.tobytes(), one.axis, one.points,
        )  # fmt: skip
        sets.setdefault(key, []).append(one)
    members = list(sets.values())
    homes = [{one.group for one in stream} for stream in members]
    names = []
    for stream, groups in zip(members, homes, strict=True):
        (group,) = groups if len(groups) == 1 else ("",)
        alone = group and sum(group in other for other in homes) == 1
        first = stream[0]
        names.append(group if alone else rate_name(first.rate) if first.axis == "time" else first.axis)
    return [(_stream(name, stream), stream) for name, stream in zip(distinct(names), members, strict=True)]


def _stream(name: str, channels: Sequence[StoredChannel]) -> StoredStream:
    plain = [one.info.name for one in channels]
    if len(set(plain)) < len(plain) and len({one.group for one in channels}) > 1:
        plain = [f"{one.group}/{one.info.name}" for one in channels]
    infos = [replace(one.info, name=unique) for one, unique in zip(channels, distinct(plain), strict=True)]
    first = channels[0]
    info = StreamInfo(infos, first.rate, first.axis, first.points)
    return StoredStream(name, info, first.length, first.start, first.offset, first.gaps)
