"""Levels: meters of root mean square and peak."""

from math import exp
from typing import Any

import numpy as np

from streamlab.core.info import StreamInfo
from streamlab.server.live.blocks import Block
from streamlab.server.live.frames import Flag, Kind
from streamlab.server.live.options import LevelsOptions
from streamlab.server.live.reducer import Piece, Reducer, over_time, ranges_of

__all__ = ["LevelsReducer"]

_PART = 0.005
"""Seconds over which the mean square is taken before it goes into the exponential average: a twenty-fifth of
the fastest meter's time constant."""


class LevelsReducer(Reducer):
    """Per channel: exponentially averaged RMS, peak since the piece before, held peak, clipped samples."""

    kind = Kind.LEVELS
    period = 0.05

    def __init__(self, info: StreamInfo, options: LevelsOptions) -> None:
        super().__init__(info, options.channels, 256)
        self._rate = over_time(info, "a level meter")
        self._options = options
        self._ranges = ranges_of(self.channels)
        count = len(self.channels)
        self._square = np.full(count, np.nan)
        self._peak = np.full(count, np.nan)
        self._held = np.full(count, np.nan)
        self._held_at = np.zeros(count)
        self._clipped = np.zeros(count)
        self._end = 0
        self._fresh = False

    def feed(self, block: Block) -> None:
        """Take a block. A lost piece leaves the meters where they are."""
        self.lost += block.lost
        samples = self.picked(block.samples)
        n = samples.shape[1]
        if not n:
            return
        part = max(1, min(n, round(_PART * self._rate)))
        for at in range(0, n, part):
            self._step(samples[:, at : at + part], (block.start + at) / self._rate)
        self._end = block.start + n
        self._fresh = True

    def _step(self, samples: Any, time: float) -> None:
        n = samples.shape[1]
        square = np.einsum("cn,cn->c", samples, samples) / n
        weight = 1.0 - exp(-n / (self._rate * self._options.time_constant))
        known = np.isfinite(self._square)
        self._square = np.where(known, self._square + weight * (square - self._square), square)
        peak = np.abs(samples).max(axis=1)
        self._peak = np.fmax(self._peak, peak)
        over = (self._held_at + self._options.hold < time) | ~(self._held >= peak)
        self._held = np.where(over, peak, self._held)
        self._held_at = np.where(over, time, self._held_at)
        beyond = (samples <= self._ranges[:, :1]) | (samples >= self._ranges[:, 1:])
        self._clipped += beyond.sum(axis=1)

    def take(self) -> list[Piece]:
        """Return one piece, if anything came."""
        if not self._fresh:
            return []
        values = np.stack([np.sqrt(self._square), self._peak, self._held, self._clipped], axis=1)
        flags = Flag.CLIPPED if self._clipped.any() else Flag.NONE
        if self.lost:
            flags |= Flag.GAP
        self._peak = np.full(len(self.channels), np.nan)
        self._clipped = np.zeros(len(self.channels))
        self._fresh = False
        with np.errstate(over="ignore"):
            payload = values.astype(np.float32).tobytes()
        return [
            Piece(
                payload, self._end, columns=4, time=self._end / self._rate, flags=flags, lost=self.counted()
            )
        ]

    def restart(self) -> None:
        self._held = np.full(len(self.channels), np.nan)
