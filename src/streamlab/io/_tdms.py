"""TDMS files of LabVIEW and its kin, read with nptdms."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from streamlab.core import ChannelInfo
from streamlab.errors import FileError
from streamlab.io._grouping import StoredChannel, grouped
from streamlab.io._labels import clean, is_time_name, unit_of
from streamlab.io._rows import Rows
from streamlab.io._time_axis import EvenAxis, TimeAxis, plain_rate
from streamlab.io.recording import MAX_CHANNELS, Recording, StoredStream, steps

__all__ = ["TdmsRecording"]

_PIECE = 1 << 16  # values of a channel that are read at once
_FACTS = 50
_MAX_SCALES = 1000
_UNKNOWN = np.datetime64("1904-01-01T00:00:00", "us")  # zero of LabVIEW's clock: the time is relative
_LATEST = 1 << 60  # microseconds
_DOUBT = Fraction(1, 10**13)  # of an increment, which is a float


class TdmsRecording(Recording):
    """A TDMS file that is open for reading: channels by rate, scaled as the file says.

    A channel has its rate by the waveform properties (``wf_increment``), else by a channel of time beside it
    in its group, else by ``rate``; one with none of these is left out, with a note.
    """

    title = "a TDMS file"
    library = "nptdms"

    _file: Any = None
    _bytes: BinaryIO | None = None

    def __init__(self, path: Path, rate: Fraction | None = None) -> None:
        self._rate = rate
        super().__init__(path)

    def open(self) -> Iterable[StoredStream]:
        import nptdms
        import nptdms.log

        # What it warns of would go to the terminal of whoever reads; what matters is said by the notes here.
        nptdms.log.log_manager.set_level(logging.CRITICAL)
        self._bytes = self.path.open("rb")  # nptdms leaves a file of its own open where it fails
        file = self._file = nptdms.TdmsFile.open(self._bytes)
        self._check_scales(file.properties)
        self.facts = _facts(file.properties)
        self._members: dict[str, Sequence[StoredChannel]] = {}
        channels = []
        count = 0
        for group in file.groups():
            members = group.channels()
            self._check_scales(group.properties)
            for member in members:
                self._check_scales(member.properties)
            count += len(members)
            if count > MAX_CHANNELS:
                raise FileError(self.path, f"has more than {MAX_CHANNELS} channels")
            axes = _TimeChannels(self.path, members)
            channels += [one for member in members if (one := self._channel(member, axes)) is not None]
        self._look_for_cut()
        if not channels:
            hint = "give the rate by `rate`, in Hz" if count else "; ".join(self.notes[:3])
            raise FileError(self.path, "has no channels of numbers with a rate", hint=hint)
        for stream, found in grouped(channels):
            self._members[stream.name] = found
            yield stream

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        channels = [self._members[stream.name][row].place for row in rows]
        lie = Rows(stream.gaps)
        for part in steps(lie.at(first), lie.at(last), len(rows), multiple, _PIECE * len(rows)):
            values = [np.asarray(one.read_data(part.start, len(part)), np.float64) for one in channels]
            held = min(map(len, values))
            yield from lie.pieces(part.start, np.stack([one[:held] for one in values]))
            if held < len(part):
                raise FileError(self.path, f"is cut off after sample {part.start + held}")
        if self._cut and last == stream.length:
            raise FileError(self.path, self._cut, hint="what is there was read")

    def close(self) -> None:
        for file in (self._file, self._bytes):
            if file is not None:
                file.close()

    def _channel(self, channel: Any, axes: "_TimeChannels") -> StoredChannel | None:
        """Return a channel with its place in time; None, with a note, where it has none or is no number."""
        told: Mapping[str, Any] = channel.properties
        kind = channel.dtype
        if kind is None or kind.kind not in "iufb" or not len(channel):
            if len(channel) and kind is not None and kind.kind != "M":
                self.notes = [*self.notes, f"channel {clean(channel.name)!r} is left out: it has no numbers"]
            return None
        if axes.is_time(channel):
            return None
        unit = str(told.get("unit_string") or told.get("NI_UnitDescription") or "")
        info = ChannelInfo(clean(channel.name), unit_of(unit)[0], clean(str(told.get("description", ""))))
        group = clean(channel.group_name)
        rate = _rate(told.get("wf_increment"))
        axis = axes.beside(channel) if rate is None else None
        if axis is not None:
            start, offset = (axis.micro, 0) if axes.absolute else (None, axis.micro)
            return StoredChannel(info, axis.rate, axis.length, channel, start, offset, axis.gaps, group=group)
        rate = rate or self._rate
        if rate is None:
            self.notes = [*self.notes, f"channel {info.name!r} is left out: the file has no rate for it"]
            return None
        start, offset = _start(told.get("wf_start_time")), _micro(told.get("wf_start_offset", 0.0))
        start = None if start is None else start + offset
        return StoredChannel(info, rate, len(channel), channel, start, offset, group=group)

    def _check_scales(self, properties: Mapping[str, Any]) -> None:
        """Refuse more scalings than a file can have: nptdms looks for each that is claimed."""
        claimed = properties.get("NI_Number_Of_Scales", 0)
        if isinstance(claimed, int) and claimed > _MAX_SCALES:
            raise FileError(self.path, f"is damaged: it claims {claimed} scalings of one channel")

    _cut = ""

    def _look_for_cut(self) -> None:
        status = self._file.file_status
        if status.incomplete_final_segment:
            lost = [
                (clean(path), one.expected_length - one.read_length)
                for path, one in (status.channel_statuses or {}).items()
                if one.expected_length > one.read_length
            ]
            more = f": {lost[0][1]} samples of {lost[0][0]} are missing" if lost else ""
            self._cut = f"is cut off in its last segment{more}"
            self.notes = [*self.notes, self._cut]


class _TimeChannels:
    """The channels of a group that are the time of the others, and the even axis that they make."""

    def __init__(self, path: Path, members: Sequence[Any]) -> None:
        self._path = path
        self._time = [one for one in members if _is_time(one)] if len(members) > 1 else []
        self._found: dict[str, EvenAxis] = {}
        self.absolute = any(one.dtype is not None and one.dtype.kind == "M" for one in self._time)

    def is_time(self, channel: Any) -> bool:
        """Whether a channel is the time of others."""
        return any(one is channel for one in self._time)

    def beside(self, channel: Any) -> EvenAxis | None:
        """Return the axis of the time channel that is as long as a channel, if there is one."""
        for one in self._time:
            if len(one) == len(channel) and len(one) > 1:
                if one.path not in self._found:
                    self._found[one.path] = self._axis(one)
                return self._found[one.path]
        return None

    def _axis(self, channel: Any) -> EvenAxis:
        dates = channel.dtype.kind == "M"
        name = clean(channel.name)
        tick = Fraction(1, 10**6) if dates else Fraction(1)
        axis = TimeAxis(self._path, lambda row: f"channel {name!r}, value {row + 1}", tick=tick)
        for part in steps(0, len(channel), 1, 1, _PIECE):
            values = channel.read_data(part.start, len(part))
            axis.add(values.astype("datetime64[us]").astype(np.int64) if dates else values.astype(float))
        return axis.finish()


def _is_time(channel: Any) -> bool:
    kind = channel.dtype
    if kind is None or "wf_increment" in channel.properties:
        return False
    return kind.kind == "M" or (kind.kind in "iuf" and is_time_name(clean(channel.name)))


def _rate(increment: Any) -> Fraction | None:
    """Return the rate of a waveform's increment in seconds, which is a float."""
    if not isinstance(increment, float | int) or not isfinite(increment) or not 0 < increment < 1e12:
        return None
    exact = Fraction(increment)
    return plain_rate(1 / (exact * (1 + _DOUBT)), 1 / (exact * (1 - _DOUBT)))


def _start(value: Any) -> int | None:
    """Return a date in microseconds since the epoch; None for none, and for LabVIEW's zero."""
    if not isinstance(value, np.datetime64) or np.isnat(value):
        return None
    moment = value.astype("datetime64[us]")
    micro = int(moment.astype(np.int64))
    return None if moment == _UNKNOWN or abs(micro) > _LATEST else micro


def _micro(seconds: Any) -> int:
    valid = isinstance(seconds, float | int) and isfinite(seconds) and abs(seconds) * 10**6 < _LATEST
    return round(seconds * 10**6) if valid else 0


def _facts(properties: Mapping[str, Any]) -> dict[str, str]:
    told = {clean(str(name)): clean(str(value)) for name, value in list(properties.items())[:_FACTS]}
    return {name: value for name, value in told.items() if name and value}
