"""The data sets of a universal file, found one after the other: where they are and what their header says.

Universal File Format, data set 58 "function at nodal DOF" as SDRC documented it (kept by the University of
Cincinnati, SDRL), and its binary form 58b. Data sets stand between lines of "    -1".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from streamlab.errors import FileError

__all__ = ["Axis58", "Function", "Sheet", "data_sets"]

_LONGEST = 8192  # bytes of a line: a record has 80, and some pad
_MARK = b"-1"
_HEADER = 11  # lines
_BINARY = re.compile(rb"\s*58b\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Axis58:
    """Records 8 to 11: what an axis is, its label and its unit."""

    kind: int
    label: str
    unit: str


@dataclass(slots=True)
class Function:
    """A data set 58: its header, and where its values are, from byte ``begin`` to before ``end``.

    ``ids`` are the five lines of text; ``count`` values (pairs where the abscissa is ``uneven``) of
    ``width`` bytes, ``complex`` or real, behind an abscissa of ``x_width`` bytes where that is uneven;
    ``order`` is that of the bytes, empty for text.
    """

    line: int
    order: str
    ids: list[str]
    kind: int
    entity: str
    node: int
    direction: int
    count: int
    uneven: bool
    complex: bool
    width: int
    first: Fraction
    step: Fraction
    doubt: Fraction  # half the last digit of the step
    abscissa: Axis58
    ordinate: Axis58
    denominator: Axis58
    x_width: int = 4
    begin: int = 0
    end: int = 0
    whole: bool = True


@dataclass(slots=True)
class Sheet:
    """Another data set: its number and its lines, as far as they may matter."""

    number: int
    lines: list[str] = field(default_factory=list)
    raw: str = ""  # the first line with its blanks


def data_sets(file: BinaryIO, path: Path) -> Iterator[Function | Sheet]:
    """Yield the data sets of a file in their order. Raises FileError with the line."""
    number = 0
    size = file.seek(0, 2)
    file.seek(0)
    while True:
        line = file.readline(_LONGEST)
        number += 1
        if not line:
            return
        if line.strip() != _MARK:
            if line.strip():
                raise FileError(
                    path, f"line {number}: a data set begins with a line of -1; found {line[:40]!r}"
                )
            continue
        head = file.readline(_LONGEST)
        number += 1
        while head.strip() == _MARK:  # one that nobody opened was closed
            head = file.readline(_LONGEST)
            number += 1
        if not head.strip():
            if not head:
                return
            raise FileError(path, f"line {number}: the number of a data set is missing")
        kind = head.split()[0].lower()
        if kind in (b"58", b"58b"):
            function = _function(file, path, head, number, size)
            number += _HEADER
            if function.order:
                number += _go_behind(file, function.end)
            else:
                number += _skip_text(file, function)
            yield function
        else:
            sheet = Sheet(int(kind) if kind.isdigit() else 0)
            number += _skip_sheet(file, sheet)
            yield sheet


def _function(file: BinaryIO, path: Path, head: bytes, number: int, size: int) -> Function:
    """Read the header of a data set 58."""
    records = []
    for at in range(1, _HEADER + 1):
        line = file.readline(_LONGEST)
        if not line.endswith((b"\n", b"\r")):
            raise FileError(path, f"line {number + at}: the header of a data set 58 ends before its end")
        records.append(_text(line))
    try:
        function = _parse(records, number + 1)
    except ValueError as error:
        raise FileError(path, f"{error} in the data set 58 that begins in line {number}") from None
    function.begin = file.tell()
    if head.split()[0].lower() == b"58b":
        form = _BINARY.match(head)
        order, floats = (int(form[1]), int(form[2])) if form else (1, 2)
        if order not in (1, 2) or floats != 2:
            message = f"line {number}: binary numbers of form {order}, {floats} are not read"
            raise FileError(path, message, hint="IEEE 754, little or big endian, is")
        function.order = "<" if order == 1 else ">"
        _find_end(file, path, function, size)
    return function


def _parse(records: list[str], line: int) -> Function:
    dof, form = records[5], records[6]
    head = _fixed(dof, (5, 10, 5, 10))
    kind, rest = _whole(head[0] or "0", "function type"), dof[30:]
    entity, node, direction = rest[1:11].strip(), _whole(rest[11:21] or "0", "node"), rest[21:25]
    fields = _fixed(form, (10, 10, 10, 13, 13, 13))
    if not all(fields[:3]) or " " in "".join(field.strip() for field in fields[:3]):
        fields = [*form.split(), "", "", "", "", "", ""][:6]
    data, count, spacing = (_whole(one, "data form") for one in fields[:3])
    if data not in (2, 4, 5, 6):
        raise ValueError(f"ordinate data type {data} is none of 2, 4, 5, 6")
    if count < 0 or spacing not in (0, 1):
        raise ValueError(f"{count} values with spacing {spacing} make no sense")
    step, doubt = _decimal(fields[4])
    axes = [_axis(record) for record in records[7:11]]
    return Function(
        line, "", [one.strip() for one in records[:5]], kind, entity, node,
        _whole(direction.strip() or "0", "direction"), count, spacing == 0, data in (5, 6),
        4 if data in (2, 5) else 8, _decimal(fields[3])[0], step, doubt, axes[0], axes[1], axes[2],
    )  # fmt: skip


def _fixed(record: str, widths: tuple[int, ...]) -> list[str]:
    fields, at = [], 0
    for width in widths:
        fields.append(record[at : at + width].strip())
        at += width
    return fields


def _axis(record: str) -> Axis58:
    kind, *_ = _fixed(record, (10, 5, 5, 5))
    label, unit = record[26:46].strip(), record[47:67].strip()
    return Axis58(
        _whole(kind or "0", "data type of an axis"), *("" if one == "NONE" else one for one in (label, unit))
    )


def _whole(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text.strip()[:20]!r} is no {what}") from None


def _decimal(text: str) -> tuple[Fraction, Fraction]:
    """Return a number exactly as it is written, and half a unit of its last digit."""
    text = (text.strip() or "0").upper().replace("D", "E")
    match = re.fullmatch(r"([+-]?)(\d*)\.?(\d*)(?:E([+-]?\d{1,3}))?", text)
    if match is None or not (match[2] or match[3]):
        raise ValueError(f"{text[:20]!r} is no number")
    power = int(match[4] or 0) - len(match[3])
    value = Fraction(int(match[2] + match[3])) * Fraction(10) ** power
    return (-value if match[1] == "-" else value), Fraction(10) ** power / 2


def _find_end(file: BinaryIO, path: Path, function: Function, size: int) -> None:
    """Find where binary values end: where the line stands that closes their data set.

    By the book an uneven abscissa has 4 bytes. Some programs give it the 8 of the values, and some write
    values of 8 bytes and say 4: what is in the file counts.
    """
    forms = [(function.width, 4), (function.width, function.width), (8, 8)]
    number = 2 if function.complex else 1
    for width, x_width in forms:
        end = function.begin + function.count * (number * width + function.uneven * x_width)
        if _closes(file, end):
            function.width, function.x_width, function.end = width, x_width, end
            return
    function.end = function.begin + function.count * (number * function.width + function.uneven * 4)
    if function.end < size:
        message = (
            f"the data set 58b that begins in line {function.line - 1} does not end where its header says"
        )
        raise FileError(path, message)
    function.end, function.whole = size, False


def _closes(file: BinaryIO, end: int) -> bool:
    """Whether a data set is closed behind a byte, but for an empty line."""
    if end >= 1 << 62:
        return False
    file.seek(end)
    line = file.readline(_LONGEST)
    return (line if line.strip() else file.readline(_LONGEST)).strip() == _MARK


def _go_behind(file: BinaryIO, end: int) -> int:
    """Go behind binary values and the line that closes them; returns the number of lines."""
    file.seek(end)
    if file.readline(_LONGEST).strip():
        return 1
    file.readline(_LONGEST)
    return 2


def _skip_text(file: BinaryIO, function: Function) -> int:
    """Go behind values in text and the line that closes them; returns the number of lines."""
    lines = 0
    while True:
        at = file.tell()
        line = file.readline(_LONGEST)
        lines += 1
        if line.strip() == _MARK or not line:
            function.end, function.whole = at, bool(line)
            return lines


def _skip_sheet(file: BinaryIO, sheet: Sheet) -> int:
    lines = 0
    while True:
        line = file.readline(_LONGEST)
        lines += 1
        if line.strip() == _MARK or not line:
            return lines
        if len(sheet.lines) < 12:
            sheet.raw = sheet.raw or _text(line)
            sheet.lines.append(_text(line).strip())


def _text(line: bytes) -> str:
    line = line.rstrip(b"\r\n")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
