"""Universal files: the functions of data sets 58 and 58b as streams."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from streamlab.core import ChannelInfo
from streamlab.core.info import Axis
from streamlab.errors import FileError
from streamlab.io._describe import date_of
from streamlab.io._grouping import StoredChannel, grouped
from streamlab.io._labels import clean, unit_of
from streamlab.io._rows import Rows
from streamlab.io._stamps import find_clock
from streamlab.io._time_axis import TimeAxis, plain_rate
from streamlab.io._uff58 import Exact, exact_line
from streamlab.io._uff_places import Place, Values, joined
from streamlab.io._uff_sets import Function, Sheet, data_sets
from streamlab.io.recording import Recording, StoredStream, steps

__all__ = ["UffRecording"]

_CHUNK = 1 << 18  # bytes of text that are turned into numbers at once
_MAX_FUNCTIONS = 1 << 18
_MAX_POINTS = 1 << 20
_AXES: dict[int, Axis] = {17: "time", 18: "frequency", 20: "order"}  # data types of an abscissa
_SPECTRA = (2, 3, 4, 5, 6, 9, 10, 12)  # function types over frequency
_QUANTITIES = {
    2: "stress", 3: "strain", 5: "temperature", 6: "heat flux", 8: "displacement", 9: "reaction force",
    11: "velocity", 12: "acceleration", 13: "force", 15: "pressure", 16: "mass", 17: "time", 18: "frequency",
    19: "speed of rotation", 20: "order",
}  # fmt: skip
_SI = {8: "m", 11: "m/s", 12: "m/s2", 13: "N", 15: "Pa", 16: "kg", 19: "rpm"}
_DIRECTIONS = {1: "+X", 2: "+Y", 3: "+Z", 4: "+RX", 5: "+RY", 6: "+RZ"}
_STARTED = re.compile(r"start(?:ed)?[ :=]+(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)", re.IGNORECASE)


class UffRecording(Recording):
    """A universal file that is open for reading.

    Values in text are turned into numbers once, in a temporary file; binary ones are read where they are.
    """

    title = "a universal file (UFF 58)"

    _file: BinaryIO | None = None
    _spool: Any = None
    _si = False

    def open(self) -> Iterable[StoredStream]:
        file = self._file = self.path.open("rb")
        self._members: dict[str, Sequence[StoredChannel]] = {}
        channels = []
        count = 0
        for one in data_sets(file, self.path):
            if isinstance(one, Sheet):
                self._learn(one)
                continue
            count += 1
            if count > _MAX_FUNCTIONS:
                raise FileError(self.path, f"has more than {_MAX_FUNCTIONS} functions")
            behind = file.tell()
            channel = self._channel(one, count)
            file.seek(behind)
            if channel is not None:
                channels.append(channel)
        if not channels:
            what = "functions over time, frequency or order"
            raise FileError(self.path, f"has no {what} (data set 58)", hint="; ".join(self.notes[:3]))
        for stream, members in grouped(joined(channels)):
            self._members[stream.name] = members
            yield stream

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        places: list[Values] = [self._members[stream.name][row].place for row in rows]
        lie = Rows(stream.gaps)
        end = lie.at(last)
        size = stream.length if stream.rate is None else 1 << 16
        for part in steps(lie.at(first), end, len(rows), multiple, size * len(rows)):
            values = [place.read(part.start, part.stop) for place in places]
            held = min(map(len, values))
            yield from lie.pieces(part.start, np.stack([one[:held] for one in values]))
            if held < len(part):
                raise FileError(
                    self.path, f"ends after value {part.start + held}: it was cut while it was read"
                )
        cut = [place.name for place in places if place.cut]
        if cut and last == stream.length:
            raise FileError(self.path, f"is cut off in function {cut[0]!r}", hint="what is there was read")

    def close(self) -> None:
        for file in (self._file, self._spool):
            if file is not None:
                file.close()

    # -- what a function is

    def _learn(self, sheet: Sheet) -> None:
        """Keep what a header (151) says; data set 164 tells whether units are those of the SI."""
        if sheet.number == 151:
            names = ("model", "description", "program", "created")
            for name, line in zip(names, sheet.lines, strict=False):
                if line and not line.startswith("NONE"):
                    self.facts = {**self.facts, name: clean(line)}
        elif sheet.number == 164 and sheet.lines:
            self._si = sheet.raw[:10].strip() == "1"

    def _learn_graph(self, one: Function) -> None:
        """Keep what a file of ours says of the graph that wrote it."""
        if "written by" not in self.facts:
            told = {"written by": one.ids[1], "graph": one.ids[4].removeprefix("graph ")}
            known = {name: clean(text) for name, text in told.items() if text and text != "NONE"}
            self.facts = {**self.facts, **known}

    def _channel(self, one: Function, number: int) -> StoredChannel | None:
        """Return a function as a channel; None, with a note, where it is over something else."""
        name = _name(one, number)
        axis = _AXES.get(one.abscissa.kind)
        if one.abscissa.kind in (0, 1):
            axis = "time" if one.kind == 1 else "frequency" if one.kind in _SPECTRA else None
        if axis is None or (axis == "time" and one.complex):
            what = _QUANTITIES.get(one.abscissa.kind, "something unknown")
            self.notes = [*self.notes, f"function {name!r} is left out: it is over {what}"]
            return None
        place, held = self._place(one, name)
        if place.cut:
            text = f"function {name!r} is cut off: {held} of {one.count} values are there"
            self.notes = [*self.notes, text]
        info = ChannelInfo(name, *self._unit(one))
        start = _start(one)
        if axis == "time":
            exact = exact_line(one.ids[3])
            if exact is not None and not one.uneven and _agrees(exact, one):
                self._learn_graph(one)
                place.at = exact.start_sample
                start = exact.timestamp if date_of(exact.timestamp) else None
                return StoredChannel(info, exact.rate, held, place, start, exact.timestamp)
            return self._over_time(one, info, place, held, start)
        if held > _MAX_POINTS:
            raise FileError(self.path, f"function {name!r} has more than {_MAX_POINTS} points")
        if one.uneven:
            points = tuple(place.read(0, held, "x").astype(np.float64).tolist())
        else:
            points = tuple(float(one.first + k * one.step) for k in range(held))
        if not _ascends(points):
            self.notes = [*self.notes, f"function {name!r} is left out: its {axis} does not ascend"]
            return None
        return StoredChannel(info, None, held, place, start, axis=axis, points=points)

    def _over_time(
        self, one: Function, info: ChannelInfo, place: Place, held: int, start: int | None
    ) -> StoredChannel:
        if one.uneven:
            axis = TimeAxis(self.path, lambda row: f"function {info.name!r}, value {row + 1}")
            for part in steps(0, held, 1, 1, 1 << 16):
                axis.add(place.read(part.start, part.stop, "x").astype(np.float64))
            found = axis.finish()
            return StoredChannel(
                info, found.rate, found.length, place, _later(start, found.micro), found.micro, found.gaps
            )
        if one.step <= one.doubt:
            message = f"function {info.name!r} has a step of {float(one.step):g} s between its values"
            raise FileError(self.path, message)
        rate = plain_rate(1 / (one.step + one.doubt), 1 / (one.step - one.doubt))
        offset = round(one.first * 10**6)
        if abs(offset) > _LATEST:
            raise FileError(self.path, f"function {info.name!r} begins at {float(one.first):g} s")
        return StoredChannel(info, rate, held, place, _later(start, offset), offset)

    def _unit(self, one: Function) -> tuple[str, str]:
        """Return unit and quantity of the values."""
        quantity = one.ordinate.label or _QUANTITIES.get(one.ordinate.kind, "")
        unit = unit_of(one.ordinate.unit)[0] or (_SI.get(one.ordinate.kind, "") if self._si else "")
        below = unit_of(one.denominator.unit)[0] if one.denominator.kind else ""
        quantity = clean(quantity).lower()
        if quantity in ("unknown", clean(one.ordinate.unit).lower()):
            quantity = ""
        return (f"{unit or 1}/{below}" if below else unit), quantity

    # -- where its values are

    def _place(self, one: Function, name: str) -> tuple[Place, int]:
        """Return the place of a function's values and how many are there."""
        if not one.order:
            return self._spooled(one, name)
        base = f"{one.order}{'c' if one.complex else 'f'}{one.width * (2 if one.complex else 1)}"
        fields: list[tuple[str, str]] = [("y", base)]
        if one.uneven:
            fields.insert(0, ("x", f"{one.order}f{one.x_width}"))
        kind = np.dtype(fields)
        held = min(one.count, (one.end - one.begin) // kind.itemsize)
        if self._file is None:
            raise FileError(self.path, "is closed")
        return Place(self._file, one.begin, kind, name, held < one.count), held

    def _spooled(self, one: Function, name: str) -> tuple[Place, int]:
        """Turn values in text into binary ones."""
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(prefix="streamlab-uff-")  # noqa: SIM115 - closed by close
        file, spool = self._file, self._spool
        if file is None:
            raise FileError(self.path, "is closed")
        each = (2 if one.complex else 1) + one.uneven
        fields = [("y", "<c16" if one.complex else "<f8")]
        kind = np.dtype([("x", "<f8"), *fields] if one.uneven else fields)
        begin = spool.seek(0, 2)
        wanted = one.count * each
        file.seek(one.begin)
        rest, left = b"", one.end - one.begin
        while left and wanted:
            data = file.read(min(_CHUNK, left))
            left -= len(data)
            cut = data.rfind(b"\n") + 1 if left else len(data)
            if not cut and left:
                raise FileError(self.path, f"function {name!r}: a line of values has no end")
            numbers = self._numbers(rest + data[:cut], name)[:wanted]
            rest = data[cut:]
            spool.write(numbers.tobytes())
            wanted -= len(numbers)
        held = one.count - -(-wanted // each)
        return Place(spool, begin, kind, name, held < one.count), held

    def _numbers(self, text: bytes, name: str) -> NDArray[np.float64]:
        words = text.split()
        try:
            return np.array(list(map(float, words)))
        except ValueError:
            pass
        try:
            return np.array([float(word.upper().replace(b"D", b"E")) for word in _parted(text)])
        except ValueError as error:
            what = str(error).rpartition(":")[2].strip()
            raise FileError(self.path, f"function {name!r}: {what[:40]} is no number") from None


def _parted(text: bytes) -> list[bytes]:
    """Return the numbers of lines in which some stand without a blank between them: cut behind exponents."""
    return re.findall(rb"[^\sEeDd]+(?:[EeDd][+-]?\d{2,3}|(?=\s)|$)|\S+", text)


def _name(one: Function, number: int) -> str:
    """Return what a function is called: by its entity, node and direction, else by its first line."""
    entity, title = (clean("" if text.upper() == "NONE" else text) for text in (one.entity, one.ids[0]))
    if len(one.entity) == 10 and title.startswith(entity):
        return title  # the field has ten signs, and the name more
    sign = _DIRECTIONS.get(abs(one.direction), "")
    sign = sign.replace("+", "-") if one.direction < 0 else sign
    if one.node and not (entity or title):
        entity = f"node {one.node}"
    elif one.node and one.direction:
        entity = f"{entity or title} {one.node}"
    return f"{entity or title} {sign}".strip() if one.node else entity or title or f"function {number}"


def _start(one: Function) -> int | None:
    """Return when a function begins, if a line says so: the date in the third is that of the file."""
    for line in one.ids:
        if match := _STARTED.search(line):
            try:
                return int(find_clock(match[1], "", ".", None).parse([match[1]])[0])
            except ValueError:
                return None
    return None


_LATEST = 1 << 60  # microseconds


def _agrees(exact: Exact, one: Function) -> bool:
    """Whether the exact rate is what the header says with six digits: the line is not a leftover."""
    return abs(1 / exact.rate - one.step) <= 2 * one.doubt and abs(exact.timestamp) < _LATEST


def _later(start: int | None, offset: int) -> int | None:
    return None if start is None else start + offset


def _ascends(points: Sequence[float]) -> bool:
    return all(map(isfinite, points)) and all(a < b for a, b in pairwise(points))
