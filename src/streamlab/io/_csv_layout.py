"""How a table of text is laid out: delimiter, decimal mark, header, units, columns of numbers.

Found from the first lines, as far as it is not given. Instruments put lines of their own before the header,
units below the names, a comma for the decimal point; a table is where rows of the same number of cells begin
that have numbers in them.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from streamlab.core import ChannelInfo
from streamlab.errors import FileError
from streamlab.io._csv_clock import find_time
from streamlab.io._csv_form import EMPTY, CsvLayout, CsvOptions
from streamlab.io._csv_lines import CHUNK, cells_of
from streamlab.io._labels import channel_of, clean, distinct, is_unit_row, unit_of

__all__ = ["find_layout"]

_DELIMITERS = ("\t", ";", "|", ",", " ", "")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_LIKE_NUMBER = re.compile(r"[+-]?\d[\d.,'_ ]*([eE][+-]?\d+)?|[+-]?[.,]\d+|[+-]?(nan|inf)", re.IGNORECASE)
_RATE = re.compile(  # "Sampling rate: 51.2 kHz", "sample_rate_hz = 48000", "Sample Rate (kHz): 2"
    r"sampl(?:e|ing)[ _-]*(?:rate|frequency)([^0-9]{0,20}?)(\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?)\s*"
    r"([kM]?)(?:Hz|\b)",
    re.IGNORECASE,
)
_SEARCH = 1000  # lines before the table at most
_LOOK = 50  # rows of the table that are looked at
_MAX_COLUMNS = 1 << 17


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
    find_time(path, layout, table, units, options, _stated_rate(lines[:first]))
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
    """Return the first rows of the table by their place in ``lines``, and the delimiter.

    The delimiter with most rows, of two the first in the order of ``_DELIMITERS``: cells with decimal commas
    may look like more cells. Blanks, and none, only where there is no other.
    """
    candidates = _DELIMITERS if options.delimiter is None else (options.delimiter,)
    found = [(_rows_from(lines, options.skip or 0, delimiter), delimiter) for delimiter in candidates]
    for group in (found[:4], found[4:5], found[5:]):
        best = max(group, key=lambda one: len(one[0]), default=None)
        if best is not None and best[0]:
            return best
    hint = "a table has one row per line, the same number of cells in each"
    raise FileError(path, "has no rows of numbers", hint=hint)


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
        if len(split) > 1 and not _has_data(split[1]):
            continue  # the header is still to come
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
    told = width == 1 and any(mark in lines[fitting[0]] for mark in ":=") if fitting else False
    if (
        len(fitting) == 2
        and not told
        and is_unit_row(split[fitting[1]])
        and not is_unit_row(split[fitting[0]])
    ):
        names, units, begin = split[fitting[0]], split[fitting[1]], fitting[0]
    elif fitting and fitting[-1] == above[-1]:
        names, begin = split[fitting[-1]], fitting[-1]
    names = (names + [""] * width)[:width]
    plain = [unit.strip("[]() ") for unit in units]
    return names, (plain + [""] * width)[:width], begin


def _facts(lines: Sequence[str], delimiter: str) -> Mapping[str, str]:
    """Return what the lines before the header say in the form ``name: value``."""
    facts = {}
    marks = [mark for mark in (":", "=", delimiter) if mark not in ("", " ")]
    for line in lines[:100]:
        text = line.strip().lstrip("#").strip()
        places = [place for mark in marks if (place := text.find(mark)) > 0]
        if places:
            name, value = text[: min(places)].strip(), text[min(places) + 1 :].strip("\t;|, ")
            if name and value:
                facts[clean(name)] = clean(value)
    return facts


def _stated_rate(lines: Sequence[str]) -> Fraction | None:
    """Return the rate that a line before the header states, in Hz."""
    for line in lines[:100]:
        if match := _RATE.search(line):
            before = re.search(r"([kM])Hz", match[1])
            prefix = (before[1] if before else match[3]).replace("K", "k")
            rate = Fraction(match[2]) * {"": 1, "k": 1000, "M": 10**6, "m": 1}[prefix]
            return rate if rate > 0 else None
    return None


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
