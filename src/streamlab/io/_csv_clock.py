"""Which column of a table of text is its time, and how the stamps are read; or what else it is over."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from streamlab.core.info import Axis
from streamlab.errors import FileError
from streamlab.io._csv_form import CsvLayout, CsvOptions
from streamlab.io._labels import channel_of, clean, time_unit, unit_of
from streamlab.io._stamps import TICKS, find_clock, is_stamp

__all__ = ["find_time"]

Rows = Sequence[Sequence[str]]

_NO_UNIT = frozenset({"", "-", "utc", "gmt", "local", "iso", "hh:mm:ss"})
_EVEN = 1e-3  # of a step: how far an unnamed column of time may be from even


def find_time(
    path: Path,
    layout: CsvLayout,
    table: Rows,
    units: Sequence[str],
    options: CsvOptions,
    stated: Fraction | None,
) -> None:
    """Find the column of time, or the columns of date and time of day, and how they are read.

    ``table`` has the first rows, ``stated`` is the rate that the file states before them. Raises FileError.
    """
    place = None if options.time == "" else _time_column(path, layout, table, units, options)
    if place is None:
        layout.rate = options.rate or stated
        if options.time is None:
            layout.axis = _other_axis(layout.names[0], units[0])
        if layout.axis != "time":
            layout.points = 0
        elif layout.rate is None:
            hint = f"name it by `time`, or give the rate of the rows by `rate`, in Hz; {_columns(layout)}"
            raise FileError(path, "has no column of time that is known by its name", hint=hint)
        return
    layout.time = _date_and_time(table, place)
    first, name = layout.stamp(table[0]), layout.names[place] or f"column {place + 1}"
    label = channel_of(layout.names[place])
    unit = unit_of(units[place])[0] or label.unit or time_unit(label.name) or ""
    if unit.lower() in _NO_UNIT:
        unit = ""
    if unit and unit not in TICKS and not is_stamp(first) and options.time_format is None:
        hint = f"units of time: {', '.join(TICKS)}; or give `rate`, and time: ''"
        raise FileError(path, f"column {name!r} is in {unit!r}, which is no unit of time", hint=hint)
    try:
        layout.clock = find_clock(first, unit if unit in TICKS else "", layout.decimal, options.time_format)
    except ValueError:
        message = f"line {layout.number}: {clean(first)!r} in column {name!r} is no time stamp"
        hint = "say how it is written by `time_format`, such as '%d/%m/%Y %H:%M:%S'"
        raise FileError(path, message, hint=hint) from None


def _time_column(
    path: Path, layout: CsvLayout, table: Rows, units: Sequence[str], options: CsvOptions
) -> int | None:
    infos, wanted = [channel_of(name) for name in layout.names], options.time
    if wanted is not None:
        for place, (label, info) in enumerate(zip(layout.names, infos, strict=True)):
            if wanted in (label, info.name):
                return place
        if wanted.isdecimal() and 1 <= int(wanted) <= layout.width:
            return int(wanted) - 1
        raise FileError(path, f"has no column {wanted!r}", hint=_columns(layout))
    first = table[0]
    for place in range(layout.width):
        if is_stamp(first[place]):
            return place
    for place, info in enumerate(infos):
        if time_unit(info.name) is not None and first[place].strip():
            return place
    if (
        layout.width > 1
        and (unit_of(units[0])[0] or infos[0].unit) in TICKS
        and _number(first[0], layout) is not None
    ):
        return 0
    return _unnamed(layout, table) if options.rate is None else None


def _unnamed(layout: CsvLayout, table: Rows) -> int | None:
    """Return the first column that has numbers if it has no name and rises as time does; with a note.

    Steps of one may be a count of rows, and say nothing of time.
    """
    for place in range(layout.width - 1):
        known = [number for row in table if (number := _number(row[place], layout)) is not None]
        if layout.names[place]:
            return None
        if 2 * len(known) < len(table):
            continue  # text, or an instrument's remarks beside the first rows
        steps = [b - a for a, b in pairwise(known)]
        even = len(known) == len(table) > 4 and min(steps) > 0 and max(steps) < min(steps) * (1 + _EVEN)
        if not even or abs(steps[0] - 1) < _EVEN:
            return None
        layout.notes.append(f"column {place + 1}, which has no name, is taken as the time in seconds")
        return place
    return None


def _number(cell: str, layout: CsvLayout) -> float | None:
    try:
        return float(cell if layout.decimal == "." else cell.replace(layout.decimal, "."))
    except ValueError:
        return None


def _other_axis(label: str, unit: str) -> Axis:
    """Return what a first column that is not the time may be: frequencies, or orders."""
    info = channel_of(label)
    if (unit or info.unit) in ("Hz", "kHz") or re.fullmatch(r"freq(uency|\.)?", info.name, re.IGNORECASE):
        return "frequency"
    return "order" if info.name.lower() in ("order", "orders") else "time"


def _date_and_time(table: Rows, place: int) -> tuple[int, ...]:
    """Return the places of a stamp: where a column of dates has the times of day in the next, both."""
    beside = place + 1
    first = table[0]
    dated = ":" not in first[place] and is_stamp(first[place]) and beside < len(first)
    if dated and is_stamp(first[beside]) and first[beside].strip().find(":") in (1, 2):
        return (place, beside)
    return (place,)


def _columns(layout: CsvLayout) -> str:
    return f"columns: {', '.join(name or '(no name)' for name in layout.names[:20])}"
