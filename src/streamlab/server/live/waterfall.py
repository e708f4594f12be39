"""Waterfall: spectra as rows of bytes. The client has the colours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.info import StreamInfo
from streamlab.server.live.blocks import Block
from streamlab.server.live.frames import Flag, Kind
from streamlab.server.live.options import WaterfallOptions
from streamlab.server.live.points import Points
from streamlab.server.live.reducer import Piece, Reducer
from streamlab.server.live.transform import spectrum_source

__all__ = ["WaterfallReducer"]

_MAX_WAITING = 512
"""Rows that wait to be sent at most."""


class WaterfallReducer(Reducer):
    """Each row holds the largest of all spectra since the row before, in ``row_seconds`` of the stream.

    Where samples were lost a row without data stands for all that is missing.
    """

    kind = Kind.WATERFALL

    def __init__(self, info: StreamInfo, options: WaterfallOptions) -> None:
        names = None if options.channel is None else [options.channel]
        super().__init__(info, names, 1)
        self._options = options
        self._source = spectrum_source(info, self.channels, options)
        spacing = self._source.spacing
        self._per_row = max(1, round(1.0 / (options.rate * spacing))) if spacing else 1
        self.row_seconds = self._per_row * spacing
        self._largest: NDArray[np.float64] | None = None
        self._in_row = 0
        self._rows: list[bytes] = []
        self._number = 0
        self._time = 0.0
        self._points: Points | None = None

    @property
    def points(self) -> Points:
        """How lines become points."""
        if self._points is None or self._points.lines != len(self._source.lines):
            self._points = Points.of_lines(self._source.lines, self._options.columns, self._options.scale)
        return self._points

    def describe(self) -> dict[str, Any]:
        return {
            "axis": self._source.axis,
            "x": self.points.x.tolist(),
            "columns": len(self.points.x),
            "row_seconds": self.row_seconds,
            **self._source.document(),
        }

    def channel_documents(self) -> list[dict[str, Any]]:
        return [self._source.channel(item) for item in self.channels]

    def feed(self, block: Block) -> None:
        """Take a block."""
        if block.lost and self._number:
            self.lost += block.lost
            self._largest, self._in_row = None, 0
            self._put(bytes(len(self.points.x)))
        for square in self._source.spectra(block, self.picked(block.samples)):
            self._largest = square.copy() if self._largest is None else np.fmax(self._largest, square)
            self._in_row += 1
            if self._in_row >= self._per_row:
                self._put(self._row(self._largest))
                self._largest, self._in_row = None, 0
        rate = self.info.sample_rate
        self._time = 0.0 if rate is None else float(block.end / rate)

    def _row(self, square: NDArray[np.float64]) -> bytes:
        values = self.points.largest(self._source.shown(square))[0]
        if not self._source.decibels:
            factor = 10.0 if self._options.scaling in ("power", "psd") else 20.0
            with np.errstate(divide="ignore"):
                values = factor * np.log10(np.abs(values))
        low, high = self._options.floor, self._options.ceiling
        share = np.clip((values - low) / (high - low), 0.0, 1.0)
        row = np.where(np.isnan(share), 0.0, 1.0 + np.round(254.0 * np.nan_to_num(share)))
        return row.astype(np.uint8).tobytes()

    def _put(self, row: bytes) -> None:
        self._rows.append(row)
        self._number += 1
        del self._rows[:-_MAX_WAITING]

    def take(self) -> list[Piece]:
        """Return the rows that are complete."""
        if not self._rows:
            return []
        count = len(self._rows)
        payload = b"".join(self._rows)
        self._rows.clear()
        return [
            Piece(
                payload,
                self._number - count,
                columns=len(self.points.x),
                rows=count,
                time=self._time,
                flags=Flag.GAP if self.lost else Flag.NONE,
                lost=self.counted(),
            )
        ]

    def restart(self) -> None:
        self._largest, self._in_row = None, 0
