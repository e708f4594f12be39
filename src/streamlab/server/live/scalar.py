"""Scalar: the newest number of each channel, with what it was in between."""

import numpy as np

from streamlab.core.info import StreamInfo
from streamlab.server.live.blocks import Block
from streamlab.server.live.frames import Flag, Kind
from streamlab.server.live.options import ScalarOptions
from streamlab.server.live.reducer import Piece, Reducer

__all__ = ["ScalarReducer"]


class ScalarReducer(Reducer):
    """Newest, smallest, largest and mean value since the piece before, in double precision."""

    kind = Kind.SCALAR
    period = 0.1

    def __init__(self, info: StreamInfo, options: ScalarOptions) -> None:
        super().__init__(info, options.channels, 256)
        count = len(self.channels)
        self._last = np.full(count, np.nan)
        self._low = np.full(count, np.nan)
        self._high = np.full(count, np.nan)
        self._sum = np.zeros(count)
        self._count = 0
        self._end = 0

    def feed(self, block: Block) -> None:
        """Take a block."""
        self.lost += block.lost
        samples = self.picked(block.samples)
        if not samples.shape[1]:
            return
        if samples.dtype.kind == "c":
            samples = np.abs(samples)
        if self.info.axis != "time":  # of an axis of points only the newest frame says anything
            self._low = np.full(len(self.channels), np.nan)
            self._high, self._sum, self._count = self._low, np.zeros(len(self.channels)), 0
        self._last = samples[:, -1]
        self._low = np.fmin(self._low, np.fmin.reduce(samples, axis=1))
        self._high = np.fmax(self._high, np.fmax.reduce(samples, axis=1))
        self._sum = self._sum + samples.sum(axis=1)
        self._count += samples.shape[1]
        self._end = block.end

    def take(self) -> list[Piece]:
        """Return one piece, if anything came."""
        if not self._count:
            return []
        values = np.stack([self._last, self._low, self._high, self._sum / self._count], axis=1)
        rate = self.info.sample_rate
        seconds = 0.0 if rate is None else float(self._end / rate)
        flags = Flag.GAP if self.lost else Flag.NONE
        self._low = np.full(len(self.channels), np.nan)
        self._high = self._low
        self._sum, self._count = np.zeros(len(self.channels)), 0
        return [Piece(values.tobytes(), self._end, columns=4, time=seconds, flags=flags, lost=self.counted())]
