"""Tap: reads an output along and never makes it wait. What is not fetched in time is lost, and counted."""

from collections import deque
from time import time

from streamlab.core.frame import DataFrame
from streamlab.errors import ChannelClosed

__all__ = ["RING_BYTES", "RING_SECONDS", "LeakyTap"]

RING_BYTES = 32 * 2**20
"""Samples that a tap keeps, and that may wait in it: 2^22 numbers."""
RING_SECONDS = 2.0
_RING_FRAMES = 256
"""Of slow streams it keeps this many frames, however long they take."""


class LeakyTap:
    """A reader beside the edges (:class:`streamlab.engine.Tap`) that always has room.

    ``fetch`` returns what has come since it was last called; ``ring`` is what was fetched lately, for views
    that begin later. ``emitted`` is when the newest frame came, in Unix seconds.
    """

    has_room = True

    def __init__(self) -> None:
        self.ring: deque[DataFrame] = deque()
        self.emitted = 0.0
        self.ended: str | None = None
        self.trailing_gap = 0
        self._waiting: deque[DataFrame] = deque()
        self._bytes = 0
        self._ring_bytes = 0
        self._left = False
        self._lost = 0

    # -- the graph's side: in its own turn, so nothing more is done than must be

    def offer(self, frame: DataFrame) -> bool:
        """Take a frame. Raises ChannelClosed once the tap was detached."""
        if self._left:
            raise ChannelClosed("nobody reads along any more")
        self._waiting.append(frame)
        self._bytes += frame.samples.nbytes
        self.emitted = time()
        while self._bytes > RING_BYTES and len(self._waiting) > 1:
            lost = self._waiting.popleft()
            self._bytes -= lost.samples.nbytes
            self._lost += lost.advance + lost.gap
        return True

    async def send(self, frame: DataFrame) -> None:
        """Take a frame."""
        self.offer(frame)

    def close(self, reason: str = "completed", *, gap: int = 0) -> None:
        """The stream has ended."""
        self.ended = reason
        self.trailing_gap = gap

    def detach(self) -> None:
        """Read no more: the graph lets go of the tap with its next frame."""
        self._left = True
        self._waiting.clear()
        self.ring.clear()
        self._bytes = self._ring_bytes = 0

    # -- the reader's side

    def fetch(self) -> list[DataFrame]:
        """Return the frames that have come. One before which some were lost says so in its ``gap``."""
        frames = list(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        if self._lost and frames:
            frames[0] = frames[0].replace(gap=frames[0].gap + self._lost).seal()
            self._lost = 0
        for frame in frames:
            self._keep(frame)
        return frames

    def _keep(self, frame: DataFrame) -> None:
        ring = self.ring
        ring.append(frame)
        self._ring_bytes += frame.samples.nbytes
        rate = frame.info.sample_rate
        while len(ring) > 1:
            old = ring[0]
            seconds = 0.0 if rate is None else (frame.start_sample - old.start_sample) / float(rate)
            enough = len(ring) > _RING_FRAMES and seconds > RING_SECONDS
            if self._ring_bytes <= RING_BYTES and not enough:
                break
            self._ring_bytes -= ring.popleft().samples.nbytes
