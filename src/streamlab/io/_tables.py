"""Recordings that are Arrow tables: which columns are channels, which is their time, where the gaps lie."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import ChannelInfo, StreamInfo
from streamlab.errors import FileError
from streamlab.io._arrow_table import KEY
from streamlab.io._beside import is_layered
from streamlab.io._blocks import is_continuous
from streamlab.io._describe import Description
from streamlab.io._exact_axis import ExactAxis
from streamlab.io._labels import channel_of, clean, distinct, is_time_name, unit_of
from streamlab.io._rows import Rows
from streamlab.io._stamps import TICKS, tick_of_epoch
from streamlab.io._time_axis import TimeAxis
from streamlab.io.recording import MAX_CHANNELS, Recording, StoredStream, rate_name

__all__ = ["TableRecording", "check_size"]

_UNIT_KEYS = (b"unit", b"units", b"unit_string")
_MOST = 1 << 30  # bytes of numbers that a small file may unpack to
_RATIO = 10_000  # how many times its size any file may


class TableRecording(Recording):
    """A table that is open for reading. Formats say how to read its rows; ``rate`` is for one without time.

    A file of ours gives back the stream that was recorded. In any other the channels are the columns of
    numbers, and the time is the column of time stamps, or that which is called so.
    """

    library = "pyarrow"

    def __init__(self, path: Path, rate: Fraction | None = None, time: str | None = None) -> None:
        self._rate, self._time = rate, time
        super().__init__(path)

    # -- what a format says

    @abstractmethod
    def schema(self) -> Any:
        """Open the file and return the schema of its table."""

    @abstractmethod
    def rows(self) -> int:
        """Return how many rows there are."""

    @abstractmethod
    def batches(self, columns: Sequence[str], first: int) -> Iterator[tuple[int, Any]]:
        """Yield record batches from the one on that has row ``first``, each with the number of its first."""

    def ended(self) -> None:
        """Raise FileError after the last row where the file is cut off."""

    # -- what it makes of that

    def open(self) -> Iterable[StoredStream]:
        import pyarrow

        self._types = pyarrow.types
        schema = self.schema()
        if len(schema) > MAX_CHANNELS:
            raise FileError(
                self.path, f"has {len(schema)} columns; {MAX_CHANNELS} are the most that can be read"
            )
        about = Description.from_json((schema.metadata or {}).get(KEY, b""))
        if about is not None:
            self.facts = about.facts()
            if is_continuous(about.info) and self._is_ours(schema, about):
                return [self._recorded(about)]
            if is_layered(about.info) and self._is_ours(schema, about):
                return [self._layer(about)]
        return [self._found(schema)]

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        lie = Rows(stream.gaps)
        begin, end = lie.at(first), lie.at(last)
        names = [self._columns[row] for row in rows]
        for row, values in self._values(names, begin, end):
            yield from lie.pieces(row, values)
        if last == stream.length:
            self.ended()

    def _values(
        self, names: Sequence[str], begin: int, end: int
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Yield row and values, (columns, rows), of the rows from ``begin`` to ``end``."""
        if begin >= end:
            return
        for row, batch in self.batches(names, begin):
            low, high = max(0, begin - row), min(batch.num_rows, end - row)
            for at in range(low, high, _PIECE):
                part = batch.slice(at, min(_PIECE, high - at))
                yield row + at, np.stack([self._numbers(part.column(name)) for name in names])
            if row + batch.num_rows >= end:
                return

    @staticmethod
    def _numbers(column: Any) -> NDArray[np.float64]:
        """Return a column as doubles; a value that is missing is NaN."""
        values: NDArray[np.float64] = column.cast("float64", safe=False).to_numpy(zero_copy_only=False)
        return values

    # -- a file of ours

    def _is_ours(self, schema: Any, about: Description) -> bool:
        names = [*about.columns, *about.info.names]
        return schema.names == names and all(self._is_number(field.type) for field in schema)

    def _recorded(self, about: Description) -> StoredStream:
        rate = about.info.sample_rate or Fraction(1)
        axis = ExactAxis(self.path, rate)
        for row, values in self._values(about.columns[:1], 0, self.rows()):
            axis.add(values[0], row)
        self._columns = list(about.info.names)
        first, length, gaps = axis.finish(about.start_sample)
        start, offset = about.place(first - about.start_sample)
        return StoredStream(rate_name(rate), about.info, length, start, offset, gaps)

    def _layer(self, about: Description) -> StoredStream:
        """Return the one frame of a table of points, such as a spectrum."""
        info = about.info
        if self.rows() != len(info.points):
            message = (
                f"holds {info.axis} frames over time ({self.rows()} points), which are no stream of samples"
            )
            raise FileError(self.path, message, hint="read it as a table, or play what it was made of")
        self._columns = list(info.names)
        stream = StreamInfo(info.channels, None, info.axis, info.points)
        start, offset = about.place()
        return StoredStream(info.axis, stream, len(info.points), start, offset)

    # -- any other file

    def _found(self, schema: Any) -> StoredStream:
        time = self._time_column(schema)
        channels, columns = [], []
        for field in schema:
            if field.name == time:
                continue
            if not self._is_number(field.type):
                text = f"column {clean(field.name)!r} is left out: it has no numbers"
                self.notes = [*self.notes, text] if len(self.notes) < 20 else self.notes
            elif schema.names.count(field.name) == 1 and not field.name.startswith("__index_level_"):
                channels.append(_channel(field))
                columns.append(field.name)
        if not channels:
            raise FileError(self.path, "has no columns of numbers", hint="; ".join(self.notes[:3]))
        names = distinct([channel.name for channel in channels])
        self._columns = columns
        infos = [replace(channel, name=name) for channel, name in zip(channels, names, strict=True)]
        if time is None:
            if self._rate is None:
                hint = "give the rate by `rate`, in Hz, or the column of time by `time`"
                raise FileError(self.path, "has no column of time", hint=hint)
            return StoredStream(rate_name(self._rate), StreamInfo(infos, self._rate), self.rows())
        axis, absolute = self._axis(schema, time)
        found = axis.finish()
        info = StreamInfo(infos, found.rate)
        start, offset = (found.micro, 0) if absolute else (None, found.micro)
        return StoredStream(rate_name(found.rate), info, found.length, start, offset, found.gaps)

    def _time_column(self, schema: Any) -> str | None:
        if self._time == "":
            return None
        if self._time is not None:
            if schema.names.count(self._time) != 1:
                have = ", ".join(clean(name) for name in schema.names[:50])
                raise FileError(self.path, f"has no column {self._time!r}", hint=f"columns: {have}")
            return self._time
        stamps = [field.name for field in schema if self._types.is_timestamp(field.type)]
        named = [
            field.name
            for field in schema
            if is_time_name(channel_of(field.name).name)
            and self._is_number(field.type)
            and (_unit(field) in TICKS or not _unit(field))  # T in degC is a temperature
        ]
        for name in [*stamps, *named]:
            if schema.names.count(name) == 1:
                return str(name)
        return None

    def _axis(self, schema: Any, time: str) -> tuple[TimeAxis, bool]:
        """Return the axis of a column of time, and whether it counts from the epoch."""
        field = schema.field(time)
        stamped = self._types.is_timestamp(field.type)
        unit = field.type.unit if stamped else _unit(field)
        whole = stamped or self._types.is_integer(field.type)
        if not stamped and not self._is_number(field.type):
            raise FileError(self.path, f"column {clean(time)!r} is no time: it has no numbers")
        hints = {"uneven": "give `rate` and an empty `time` where the rows are evenly spaced after all"}
        axis: TimeAxis | None = None
        absolute = stamped
        for _, batch in self.batches([time], 0):
            column = batch.column(time)
            if column.null_count:
                raise FileError(self.path, f"column {clean(time)!r} has rows without a time")
            stamps = column.cast("int64").to_numpy() if whole else self._numbers(column)
            if axis is None and len(stamps):
                tick = TICKS.get(unit) or tick_of_epoch(abs(float(stamps[0])))
                absolute = absolute or 1e8 <= float(stamps[0]) * float(tick) < 1e11
                axis = TimeAxis(
                    self.path, lambda row: f"row {row + 1}", tick=tick, rate=self._rate, hints=hints
                )
            if axis is not None:
                axis.add(stamps)
        if axis is None:
            raise FileError(self.path, "has no rows")
        return axis, absolute

    def _is_number(self, kind: Any) -> bool:
        types = self._types
        return bool(types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind))


_PIECE = 1 << 16  # rows that are turned into numbers at once


def check_size(path: Path, unpacked: int) -> None:
    """Raise FileError where a small file claims to hold very much: a bomb, or damaged."""
    size = path.stat().st_size
    if unpacked > _MOST and unpacked > _RATIO * size:
        message = f"claims to hold {unpacked / 1e9:.3g} GB of numbers in a file of {size} bytes"
        raise FileError(path, message, hint="it is damaged, or made to fill the memory")


def _unit(field: Any) -> str:
    told = field.metadata or {}
    for key in _UNIT_KEYS:
        if key in told:
            return clean(told[key].decode(errors="replace"))
    return channel_of(field.name).unit


def _channel(field: Any) -> ChannelInfo:
    told = field.metadata or {}
    if not any(key in told for key in _UNIT_KEYS):
        return channel_of(field.name)
    quantity, reference = (
        clean(told.get(key, b"").decode(errors="replace")) for key in (b"quantity", b"reference")
    )
    unit, other = unit_of(_unit(field))
    return ChannelInfo(clean(field.name), unit, quantity, reference or other)
