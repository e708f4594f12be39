"""How a table of text is laid out: delimiter, decimal mark, header, units, the column of time.

Found from the first lines, as far as it is not given. Instruments put lines of their own before the header,
units below the names, a comma for the decimal point; a table is where rows of the same number of cells begin
that have numbers in them.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from streamlab.core import ChannelInfo
from streamlab.core.info import Axis
from streamlab.errors import FileError
from streamlab.io._csv_lines import CHUNK, cells_of
from streamlab.io._labels import channel_of, clean, distinct, is_time_name, is_unit_row, unit_of
from streamlab.io._stamps import TICKS, Clock, find_clock, is_stamp

__all__ = ["EMPTY", "CsvLayout", "CsvOptions", "find_layout"]

EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "#n/a", "-", "--", "---"})
"""Cells, in small letters, that say that there is no value: NaN."""

_DELIMITERS = ("\t", ";", "|", ",", " ", "")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_LIKE_NUMBER = re.compile(r"[+-]?\d[\d.,'_ ]*([eE][+-]?\d+)?|[+-]?[.,]\d+|[+-]?(nan|inf)", re.IGNORECASE)
_RATE = re.compile(
    r"sampl(?:e|ing)[ _-]*(?:rate|frequency)\W*?([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)\s*([kM]?)(?:Hz)?", re.I
)
_SEARCH = 1000  # lines before the table at most
_LOOK = 50  # rows of the table that are looked at
_MAX_COLUMNS = 1 << 17


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """What is known of a table beforehand; None is found out. See the parameters of ``CsvFile``."""

    delimiter: str | None = None
    decimal: str | None = None
    skip: int | None = None
    time: str | None = None
    time_format: str | None = None
    rate: Fraction | None = None
    tolerance: float = 0.25
    disorder: Literal["error", "drop"] = "error"


@dataclass(slots=True)
class CsvLayout:
    """How the table lies in the file.

    ``offset`` and ``number`` say where its first row begins, in bytes and as a line; ``width`` how many cells
    a row has; ``channels`` which of them hold numbers, by their place; ``time`` which of them are the stamp,
    or ``points`` which of them is the place on the ``axis``, where that is another than time.
    """

    encoding: str
    newline: bytes
    delimiter: str
    decimal: str
    offset: int
    number: int
    width: int
    names: list[str]
    channels: dict[int, ChannelInfo]
    time: tuple[int, ...] = ()
    clock: Clock | None = None
    rate: Fraction | None = None
    axis: Axis = "time"
    points: int = -1
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def stamp(self, cells: Sequence[str]) -> str:
        """Return the stamp of a row."""
        return cells[self.time[0]] if len(self.time) == 1 else " ".join(cells[at] for at in self.time)


def find_layout(path: Path, options: CsvOptions) -> CsvLayout:
    """Look at the beginning of a file. Raises FileError where it is no table."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
        whole = len(head) < CHUNK
    encoding, skip = _encoding(path, head)
    newline = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
    raw = head[skip:].split(newline)
    if not whole and len(raw) > 1:
        raw.pop()  # it may go on
    lines = [line.decode(encoding, "replace").rstrip("\r") for line in raw[: _SEARCH + _LOOK + 10]]
    rows, delimiter = _find_table(path, lines, options)
    first = rows[0]
    table = [cells_of(lines[at], delimiter) for at in rows]
    width = max(map(len, table))
    decimal = options.decimal or _decimal(table, delimiter)
    names, units, header = _header(lines, first, delimiter, width, options.skip)
    layout = CsvLayout(
        encoding, newline, delimiter, decimal,
        offset=skip + sum(len(line) + len(newline) for line in raw[:first]), number=first + 1,
        width=width, names=names, channels={}, rate=options.rate,
    )  # fmt: skip
    layout.facts.update(_facts(lines[:header], delimiter))
    if layout.rate is None:
        layout.rate = _stated_rate(lines[:header])
    _find_time(path, layout, table, units, options)
    _find_channels(path, layout, table, units)
    return layout


def _encoding(path: Path, head: bytes) -> tuple[str, int]:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileError(path, "is text in UTF-16", hint="save it as UTF-8")
    if b"\0" in head:
        raise FileError(path, "is no table of text: it has zero bytes in it")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252", 0
    return "utf-8", 0


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell.strip()))


def _has_data(cells: Sequence[str]) -> bool:
    return any(_is_number(cell) for cell in cells)


def _find_table(path: Path, lines: Sequence[str], options: CsvOptions) -> tuple[list[int], str]:
    """Return the first rows of the table by their place in ``lines``, and the delimiter."""
    best: tuple[list[int], str] | None = None
    candidates = _DELIMITERS if options.delimiter is None else (options.delimiter,)
    begin = options.skip or 0
    for delimiter in candidates:
        rows = _rows_from(lines, begin, delimiter)
        if rows and (best is None or rows[0] < best[0][0]):
            wide = len(cells_of(lines[rows[0]], delimiter)) > 1
            if wide or best is None:
                best = rows, delimiter
    if best is None:
        raise FileError(
            path,
            "has no rows of numbers",
            hint="a table has one row per line, the same number of cells in each",
        )
    return best


def _rows_from(lines: Sequence[str], begin: int, delimiter: str) -> list[int]:
    """Return the places of the first rows that have numbers and the same number of cells."""
    for at in range(begin, min(len(lines), begin + _SEARCH)):
        if not _is_row(lines[at]):
            continue
        cells = cells_of(lines[at], delimiter)
        if not _has_data(cells) or (delimiter and len(cells) < 2):
            continue
        rows = [place for place in range(at, min(len(lines), at + _LOOK)) if _is_row(lines[place])]
        split = [cells_of(lines[place], delimiter) for place in rows[:5]]
        same = [row for row in split if len(row) == len(cells) and _has_data(row)]
        if 2 * len(same) > len(rows[:5]):  # a row may be broken
            return [place for place in rows if len(cells_of(lines[place], delimiter)) == len(cells)]
    return []


def _is_row(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _decimal(table: Sequence[Sequence[str]], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    numbers = [cell for cells in table for cell in cells if _is_number(cell)]
    return "," if any("," in cell for cell in numbers) else "."


def _header(
    lines: Sequence[str], first: int, delimiter: str, width: int, skip: int | None
) -> tuple[list[str], list[str], int]:
    """Return the names of the columns, the units below them, and the line where the header begins."""
    above = [at for at in range(skip or 0, first) if lines[at].strip()][-2:]
    split = {at: [clean(cell) for cell in cells_of(lines[at].lstrip("# "), delimiter)] for at in above}
    fitting = [at for at in above if abs(len(split[at]) - width) <= 1 and any(split[at])]
    names: list[str] = []
    units: list[str] = []
    begin = first
    if len(fitting) == 2 and is_unit_row(split[fitting[1]]) and not is_unit_row(split[fitting[0]]):
        names, units, begin = split[fitting[0]], split[fitting[1]], fitting[0]
    elif fitting and fitting[-1] == above[-1]:
        names, begin = split[fitting[-1]], fitting[-1]
    names = (names + [""] * width)[:width]
    return names, (units + [""] * width)[:width], begin


def _facts(lines: Sequence[str], delimiter: str) -> Mapping[str, str]:
    """Return what the lines before the header say in the form ``name: value``."""
    facts = {}
    for line in lines[:100]:
        text = line.strip().lstrip("#").strip()
        for mark in (":", "=", delimiter):
            name, found, value = text.partition(mark) if mark.strip() else (text, "", "")
            if found and name.strip() and value.strip():
                facts[clean(name)] = clean(value.strip(delimiter or None))
                break
    return facts


def _stated_rate(lines: Sequence[str]) -> Fraction | None:
    for line in lines[:100]:
        if match := _RATE.search(line):
            rate = Fraction(match[1]) * {"": 1, "k": 1000, "M": 10**6}[match[2]]
            return rate if rate > 0 else None
    return None


def _find_time(
    path: Path, layout: CsvLayout, table: Sequence[Sequence[str]], units: Sequence[str], options: CsvOptions
) -> None:
    """Find the column of time, or the columns of date and time of day, and how they are read."""
    if options.time == "":
        if layout.rate is None:
            raise FileError(path, "has no column of time", hint="give the rate of its rows by `rate`, in Hz")
        return
    place = _time_column(path, layout, table, units, options.time)
    if place is None:
        layout.axis = _other_axis(layout.names[0], units[0])
        if layout.axis != "time":
            layout.points = 0
        elif layout.rate is None:
            columns = ", ".join(name or "(no name)" for name in layout.names[:20])
            hint = f"name it by `time`, or give the rate of the rows by `rate`, in Hz; columns: {columns}"
            raise FileError(path, "has no column of time that is known by its name", hint=hint)
        return
    layout.time = _date_and_time(table, place)
    first = layout.stamp(table[0])
    unit = units[place] or channel_of(layout.names[place]).unit
    try:
        layout.clock = find_clock(first, unit if unit in TICKS else "", layout.decimal, options.time_format)
    except ValueError:
        name = layout.names[place] or f"column {place + 1}"
        message = f"line {layout.number}: {clean(first)!r} in column {name!r} is no time stamp"
        hint = "say how it is written by `time_format`, such as '%d/%m/%Y %H:%M:%S'"
        raise FileError(path, message, hint=hint) from None


def _time_column(
    path: Path, layout: CsvLayout, table: Sequence[Sequence[str]], units: Sequence[str], wanted: str | None
) -> int | None:
    infos = [channel_of(name) for name in layout.names]
    if wanted is not None:
        for place, (label, info) in enumerate(zip(layout.names, infos, strict=True)):
            if wanted in (label, info.name):
                return place
        if wanted.isdecimal() and 1 <= int(wanted) <= layout.width:
            return int(wanted) - 1
        columns = ", ".join(name or "(no name)" for name in layout.names[:20])
        raise FileError(path, f"has no column {wanted!r}", hint=f"columns: {columns}")
    first = table[0]
    for place in range(layout.width):
        if is_stamp(first[place]):
            return place
    for place, info in enumerate(infos):
        if is_time_name(info.name) and first[place].strip():
            return place
    unit = units[0] or infos[0].unit
    return 0 if unit in TICKS and _is_number(first[0]) and layout.width > 1 else None


def _other_axis(label: str, unit: str) -> Axis:
    """Return what a first column that is not the time may be: frequencies, or orders."""
    info = channel_of(label)
    if (unit or info.unit) in ("Hz", "kHz") or re.fullmatch(r"freq(uency|\.)?", info.name, re.IGNORECASE):
        return "frequency"
    return "order" if info.name.lower() in ("order", "orders") else "time"


def _date_and_time(table: Sequence[Sequence[str]], place: int) -> tuple[int, ...]:
    """Return the places of a stamp: where a column of dates has the times of day in the next, both."""
    beside = place + 1
    first = table[0]
    dated = ":" not in first[place] and is_stamp(first[place]) and beside < len(first)
    if dated and is_stamp(first[beside]) and first[beside].strip().find(":") in (1, 2):
        return (place, beside)
    return (place,)


def _find_channels(
    path: Path, layout: CsvLayout, table: Sequence[Sequence[str]], units: Sequence[str]
) -> None:
    """Find the columns of numbers; a column of text is left out, with a note."""
    places = []
    for place in range(layout.width):
        cells = [row[place].strip() for row in table]
        empty = all(cell.lower() in EMPTY for cell in cells)
        if place in (*layout.time, layout.points) or (empty and not layout.names[place]):
            continue
        if empty or any(map(_LIKE_NUMBER.fullmatch, cells)):
            places.append(place)
        else:
            layout.notes.append(f"column {layout.names[place] or place + 1!r} is text and left out")
    if len(places) > _MAX_COLUMNS:
        raise FileError(path, f"has {len(places)} columns; {_MAX_COLUMNS} are the most that can be read")
    if not places:
        raise FileError(path, "has no column of numbers beside its axis")
    infos = [channel_of(layout.names[place]) for place in places]
    names = distinct([info.name or f"column {place + 1}" for info, place in zip(infos, places, strict=True)])
    for place, info, name in zip(places, infos, names, strict=True):
        unit, reference = unit_of(units[place]) if units[place] else (info.unit, info.reference)
        layout.channels[place] = ChannelInfo(name, unit, reference=reference)
