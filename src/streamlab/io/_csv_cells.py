"""The cells of a table of text as numbers and time stamps; a bad one is named by line and column."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io._csv_form import EMPTY, CsvLayout
from streamlab.io._csv_lines import cells_of
from streamlab.io._labels import clean

__all__ = ["Cells"]


class Cells:
    """Reads rows of one table, given as lines and the numbers of the lines. Raises FileError."""

    def __init__(self, path: Path, layout: CsvLayout) -> None:
        self._path, self._layout = path, layout
        mark = re.escape(layout.delimiter)
        form = rf"(?:(?<={mark})|^) *(?={mark}|$)"  # of an empty cell; runs of blanks have none between them
        self._empty = None if layout.delimiter in ("", " ") else re.compile(form, re.MULTILINE)

    def check_widths(self, lines: Sequence[str], numbers: Sequence[int]) -> None:
        """Refuse a row that has another number of cells."""
        mark, width = self._layout.delimiter, self._layout.width
        if not mark:
            return
        if mark == " ":
            fitting = {width} >= set(map(len, map(str.split, lines)))
        else:
            fitting = {width - 1} >= set(map(str.count, lines, [mark] * len(lines)))
        if not fitting:
            for line, number in zip(lines, numbers, strict=True):
                self._cells(line, number)

    def stamps(self, lines: Sequence[str], numbers: Sequence[int]) -> NDArray[Any]:
        """Return the time stamps of rows, in ticks of their clock."""
        layout, clock = self._layout, self._layout.clock
        mark, place = layout.delimiter, layout.time[0]
        if clock is None:
            return np.zeros(0)
        if len(layout.time) == 1 and mark and mark != " " and not any('"' in line for line in lines):
            cells = [line.split(mark, place + 1)[place] for line in lines]
        else:
            cells = [layout.stamp(cells_of(line, mark)) for line in lines]
        try:
            return clock.parse(cells)
        except ValueError:
            pass
        for cell, number in zip(cells, numbers, strict=True):
            try:
                clock.parse([cell])
            except ValueError:
                hint = "it is not as those in the rows before"
                raise self._bad(number, place, cell, "is no time stamp", hint) from None
        raise FileError(self._path, f"lines {numbers[0]} to {numbers[-1]}: time stamps of two forms")

    def values(
        self, lines: Sequence[str], numbers: Sequence[int], places: Sequence[int]
    ) -> NDArray[np.float64]:
        """Return the numbers of rows, (len(places), rows)."""
        mark = self._layout.decimal
        texts = lines if mark == "." else [line.replace(mark, ".") for line in lines]
        values = self._at_once(texts, places)
        if values is None and self._empty is not None and not any('"' in line for line in texts):
            filled = self._empty.sub("nan", "\n".join(texts)).split("\n")
            values = self._at_once(filled, places)
        return self._one_by_one(lines, numbers, places) if values is None else values

    def number(self, cell: str) -> float | None:
        """Return the number in a cell, NaN where it is empty, None where it is something else."""
        text = cell.strip()
        try:
            if "_" not in text:
                return float(text if self._layout.decimal == "." else text.replace(self._layout.decimal, "."))
        except ValueError:
            pass
        return float("nan") if text.lower() in EMPTY else None

    def _at_once(self, lines: Sequence[str], places: Sequence[int]) -> NDArray[np.float64] | None:
        """Return the numbers where all cells have one; None where one has none."""
        mark = self._layout.delimiter
        try:
            table = np.loadtxt(
                lines, delimiter=None if mark in (" ", "") else mark, comments=None, quotechar='"',
                usecols=places, ndmin=2, dtype=np.float64,
            )  # fmt: skip
        except ValueError:
            return None
        return np.ascontiguousarray(table.T) if len(table) == len(lines) else None

    def _one_by_one(
        self, lines: Sequence[str], numbers: Sequence[int], places: Sequence[int]
    ) -> NDArray[np.float64]:
        values = np.empty((len(places), len(lines)))
        for at, (line, number) in enumerate(zip(lines, numbers, strict=True)):
            cells = self._cells(line, number)
            for row, place in enumerate(places):
                value = self.number(cells[place])
                if value is None:
                    raise self._bad(number, place, cells[place], "is not a number")
                values[row, at] = value
        return values

    def _cells(self, line: str, number: int) -> list[str]:
        cells = cells_of(line, self._layout.delimiter)
        if len(cells) != self._layout.width:
            message = f"line {number} has {len(cells)} cells; the table has {self._layout.width}"
            raise FileError(self._path, message)
        return cells

    def _bad(self, number: int, place: int, cell: str, what: str, hint: str = "") -> FileError:
        name = self._layout.names[place] or f"column {place + 1}"
        message = f"line {number}, column {name!r}: {clean(cell)[:50]!r} {what}"
        return FileError(self._path, message, hint=hint)
