"""Spectrum: the newest one, averaged as asked, with the peaks it has had."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.info import StreamInfo
from streamlab.dsp.spectrum import RunningMean
from streamlab.server.live.blocks import Block
from streamlab.server.live.frames import Flag, Kind
from streamlab.server.live.options import SpectrumOptions
from streamlab.server.live.points import Points
from streamlab.server.live.reducer import Piece, Reducer
from streamlab.server.live.transform import TransformSource, spectrum_source

__all__ = ["SpectrumReducer"]


class SpectrumReducer(Reducer):
    """One spectrum at a time; how the lines became points stands in the description."""

    kind = Kind.SPECTRUM
    period = 1 / 30

    def __init__(self, info: StreamInfo, options: SpectrumOptions) -> None:
        super().__init__(info, options.channels, 16)
        self._options = options
        self._source = spectrum_source(info, self.channels, options)
        # Frames on such an axis were averaged by the node that made them, as its parameters say.
        averages = isinstance(self._source, TransformSource) and options.average != "none"
        self._mean = RunningMean("max" if options.average == "max" else "exponential", options.count)
        self._averages = averages
        self._points: Points | None = None
        self._newest: NDArray[np.float64] | None = None
        self._held: NDArray[np.float64] | None = None
        self._count = 0
        self._end = 0
        self._fresh = False

    def feed(self, block: Block) -> None:
        """Take a block."""
        self.lost += block.lost
        for square in self._source.spectra(block, self.picked(block.samples)):
            if self._averages:
                self._mean.add(square)
                square = self._mean.value if self._mean.value is not None else square
            self._newest = square
            if self._options.hold:
                self._held = square.copy() if self._held is None else np.fmax(self._held, square)
            self._count += 1
            self._fresh = True
        self._end = block.end

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
            **self._source.document(),
        }

    def channel_documents(self) -> list[dict[str, Any]]:
        return [self._source.channel(item) for item in self.channels]

    def take(self) -> list[Piece]:
        """Return the newest spectrum, if there is a new one."""
        if not self._fresh or self._newest is None:
            return []
        self._fresh = False
        values = self._source.shown(self._newest)
        blocks = [self.points.largest(values)]
        flags = Flag.NONE
        if self._held is not None:
            blocks.append(self.points.largest(self._source.shown(self._held)))
            flags |= Flag.PEAK
        blocks.append(self._source.peaks(values))
        if self.lost:
            flags |= Flag.GAP
        with np.errstate(over="ignore"):
            payload = b"".join(np.ascontiguousarray(item, dtype=np.float32).tobytes() for item in blocks)
        rate = self.info.sample_rate
        return [
            Piece(
                payload,
                self._end,
                columns=len(self.points.x),
                rows=self._count,
                time=0.0 if rate is None else float(self._end / rate),
                flags=flags,
                lost=self.counted(),
            )
        ]

    def restart(self) -> None:
        self._mean.reset()
        self._held = None
