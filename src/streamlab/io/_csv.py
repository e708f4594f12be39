"""Tables of text: CSV, TSV and their kin, one stream on the time axis of their stamps."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from streamlab.core import StreamInfo
from streamlab.errors import FileError
from streamlab.io._csv_cells import Cells
from streamlab.io._csv_form import CsvLayout, CsvOptions
from streamlab.io._csv_layout import find_layout
from streamlab.io._csv_lines import LineBlock, cells_of, line_blocks
from streamlab.io._labels import bands_of
from streamlab.io._rows import Rows
from streamlab.io._time_axis import TimeAxis
from streamlab.io.recording import NO_GAPS, Gaps, Recording, StoredStream, rate_name

__all__ = ["CsvRecording"]

_MAX_POINTS = 1 << 20  # that are kept in memory
_HINTS = {
    "back": "sort the rows; or leave these out with disorder: drop; or give `rate`, and time: ''",
    "same": "where stamps are coarser than the rate, give `rate` and leave them out with time: ''",
    "uneven": "give the true `rate`, or a larger `tolerance` (0.5 takes the nearest sample)",
    "one": "give it by `rate`, in Hz",
}


class CsvRecording(Recording):
    """A table of text that is open for reading.

    It is read through once to see its time stamps; the places of the blocks are kept, so that a stretch is
    found without reading what is before it.
    """

    title = "a table of text"

    _file: BinaryIO | None = None
    _latest: Any = None  # stamp so far

    def __init__(self, path: Path, options: CsvOptions | None = None) -> None:
        self._options = options or CsvOptions()
        self._blocks: list[tuple[int, int, int]] = []  # first row, offset, line
        self._rows = 0
        self._cut = 0  # the line in which the file was cut off, 0 if it was not
        self._map = Rows(NO_GAPS)
        self._dropped: set[int] = set()  # lines whose time is not later than before
        super().__init__(path)

    def open(self) -> Iterable[StoredStream]:
        layout = self._layout = find_layout(self.path, self._options)
        self._cells = Cells(self.path, layout)
        self._file = self.path.open("rb")
        self.facts, self.notes = layout.facts, layout.notes
        axis = self._time_axis(layout)
        points: list[float] = []
        for block, lines, numbers in self._tables():
            self._blocks.append((self._rows, block.offset, block.number))
            if axis is not None:
                stamps = self._cells.stamps(lines, numbers)
                if self._options.disorder == "drop":
                    stamps = self._in_order(stamps, numbers)
                axis.add(stamps)
                self._rows += len(stamps)
            else:
                self._rows += len(lines)
                points += self._points(lines, numbers)
        if self._dropped:
            lines_left_out = f"{len(self._dropped)} rows are left out: their time is not later than before"
            self.notes = [*self.notes, f"{lines_left_out} (first in line {min(self._dropped)})"]
        if self._cut:
            self.notes = [*self.notes, f"cut off in line {self._cut}"]
        return [self._stream(axis) if layout.axis == "time" else self._other_stream(points)]

    def _time_axis(self, layout: CsvLayout) -> TimeAxis | None:
        if layout.clock is None:
            return None
        options = self._options
        return TimeAxis(
            self.path,
            self._line_of,
            tick=layout.clock.tick,
            rate=layout.rate,
            tolerance=options.tolerance,
            hints=_HINTS,
        )

    def _stream(self, axis: TimeAxis | None) -> StoredStream:
        layout, start, offset = self._layout, None, 0
        gaps: Gaps = NO_GAPS
        if axis is None or layout.clock is None:
            rate, length = layout.rate, self._rows
        else:
            found = axis.finish()
            rate, length, gaps = found.rate, found.length, found.gaps
            start, offset = (found.micro, 0) if layout.clock.absolute else (None, found.micro)
            if found.wander > 1:
                note = f"its time stamps wander by up to {found.wander:.2g} periods from an even rate"
                self.notes = [*self.notes, note]
        info = StreamInfo(layout.channels.values(), rate)
        self._map = Rows(gaps)
        return StoredStream(rate_name(rate), info, length, start, offset, gaps)

    def _other_stream(self, points: Sequence[float]) -> StoredStream:
        layout = self._layout
        fall = next((at for at, (a, b) in enumerate(pairwise(points), 1) if not a < b), 0)
        if fall or not all(map(isfinite, points)):
            what = f"{layout.axis} does not ascend"
            raise FileError(self.path, f"{self._line_of(fall)}: {what}" if fall else f"its {what}")
        axis, places = layout.axis, bands_of(points)
        if axis == "frequency" and places:
            axis, points = "band", places
        return StoredStream(axis, StreamInfo(layout.channels.values(), None, axis, points), len(points))

    def _points(self, lines: Sequence[str], numbers: Sequence[int]) -> list[float]:
        """Return the places of rows on an axis of frequency or order."""
        place = self._layout.points
        if place < 0 or not lines:
            return []
        if self._rows > _MAX_POINTS:
            raise FileError(self.path, f"has more than {_MAX_POINTS} points on its axis")
        points: list[float] = self._cells.values(lines, numbers, [place])[0].tolist()
        return points

    def _in_order(self, stamps: NDArray[Any], numbers: Sequence[int]) -> NDArray[Any]:
        """Return the stamps that are later than all before; remember the lines of the others."""
        if not len(stamps):
            return stamps
        so_far = np.maximum.accumulate(stamps)
        before = np.concatenate([[stamps[0] - 1 if self._latest is None else self._latest], so_far[:-1]])
        later = stamps > before if self._latest is None else stamps > np.maximum(before, self._latest)
        self._latest = so_far[-1] if self._latest is None else max(so_far[-1], self._latest)
        if later.all():
            return stamps
        self._dropped.update(numbers[at] for at in np.flatnonzero(~later).tolist())
        if len(self._dropped) > _MAX_POINTS:
            raise FileError(
                self.path, f"has more than {_MAX_POINTS} rows whose time is not later than before"
            )
        return stamps[later]

    # -- reading

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        places = list(self._layout.channels)
        chosen = [places[row] for row in rows]
        begin, end = self._map.at(first), self._map.at(last)
        at = max(0, bisect_right(self._blocks, begin, key=lambda block: block[0]) - 1)
        row, offset, number = self._blocks[at] if self._blocks else (0, 0, 1)
        for _, lines, numbers in self._tables(offset, number):
            low, high = max(begin - row, 0), min(end - row, len(lines))
            if low < high:
                values = self._cells.values(lines[low:high], numbers[low:high], chosen)
                yield from self._map.pieces(row + low, values)
            row += len(lines)
            if row >= end:
                break
        if row < end:
            raise FileError(self.path, f"ends after row {row}: it was cut while it was read")
        if self._cut and last == stream.length:
            raise FileError(self.path, f"is cut off in line {self._cut}", hint="what is there was read")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    # -- lines

    def _tables(
        self, offset: int | None = None, number: int = 0
    ) -> Iterator[tuple[LineBlock, list[str], Sequence[int]]]:
        """Yield the rows of the table from a place on: block, lines, and the numbers of the lines."""
        layout, file = self._layout, self._file
        if file is None:
            raise FileError(self.path, "is closed")
        if offset is None:
            offset, number = layout.offset, layout.number
        for block in line_blocks(file, self.path, offset, number, layout.encoding, layout.newline):
            lines, numbers = block.lines, range(block.number, block.number + len(block.lines))
            kept: Sequence[int] = numbers
            if not all(lines) or any(line[0] in "# \t\r" for line in lines):
                kept = [at for at, line in zip(numbers, lines, strict=True) if _is_row(line)]
                lines = [line for line in lines if _is_row(line)]
            if not block.ended and lines and self._broken(lines[-1]):
                self._cut = kept[-1]
                lines, kept = lines[:-1], kept[:-1]
            self._cells.check_widths(lines, kept)
            if self._dropped and not self._dropped.isdisjoint(kept):
                pairs = [pair for pair in zip(lines, kept, strict=True) if pair[1] not in self._dropped]
                lines, kept = [line for line, _ in pairs], [at for _, at in pairs]
            yield block, lines, kept

    def _broken(self, line: str) -> bool:
        """Whether the last line of a file, which has no end, is less than a row."""
        cells = cells_of(line, self._layout.delimiter)
        if len(cells) < self._layout.width:
            return True
        numbers = (cells[place] for place in self._layout.channels)
        return any(self._cells.number(cell) is None for cell in numbers)

    def _line_of(self, row: int) -> str:
        """Return where a row is, in words."""
        at = max(0, bisect_right(self._blocks, row, key=lambda block: block[0]) - 1)
        first, offset, number = self._blocks[at]
        for _, _, numbers in self._tables(offset, number):
            return f"line {numbers[row - first]}" if row - first < len(numbers) else f"row {row + 1}"
        return f"row {row + 1}"


def _is_row(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
