"""The lines of a text file, in blocks of bounded size, each with its place in the file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from streamlab.errors import FileError

__all__ = ["CHUNK", "LineBlock", "cells_of", "line_blocks"]

CHUNK = 1 << 20
_LONGEST = 4 << 20  # bytes of a line: some hundred thousand numbers


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Some lines: ``offset`` of the first in bytes, its ``number`` from 1, and whether the last one ends."""

    offset: int
    number: int
    lines: list[str]
    ended: bool = True


def line_blocks(
    file: BinaryIO, path: Path, offset: int, number: int, encoding: str, newline: bytes
) -> Iterator[LineBlock]:
    """Yield the lines from ``offset`` on, about a mebibyte at a time; ``number`` is that of the first."""
    file.seek(offset)
    rest = b""
    while True:
        data = file.read(CHUNK)
        cut = data.rfind(newline) + 1
        if data and not cut:
            rest += data
            if len(rest) > _LONGEST:
                raise FileError(
                    path, f"line {number} is longer than {_LONGEST} bytes; is it a table of text?"
                )
            continue
        block, rest = (rest + data[:cut], data[cut:]) if data else (rest, b"")
        if block:
            text = block.decode(encoding, "replace")
            mark = newline.decode()
            ended = text.endswith(mark)
            lines = (text[: -len(mark)] if ended else text).split(mark)
            if "\r" in text:
                lines = [line.rstrip("\r") for line in lines]
            yield LineBlock(offset, number, lines, ended)
            offset, number = offset + len(block), number + len(lines)
        if not data:
            return


def cells_of(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line: at runs of blanks for a blank, as one for none, else as RFC 4180 has it."""
    if delimiter == " ":
        return line.split()
    if not delimiter:
        return [line.strip()]
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:  # a line break or a zero byte in the middle: no row of the table has one cell
        return [line]
