"""Writers that put several frames to the disk at once: a call to a library costs as much as many samples."""

import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import DataFrame, StreamInfo
from streamlab.errors import FileError
from streamlab.io._files import OutputFile
from streamlab.io._writer import FileWriter

__all__ = ["Block", "BlockWriter", "is_continuous"]

SECONDS = 0.5
"""What came in is on its way to the disk after so many seconds, where the format can keep it."""


def is_continuous(info: StreamInfo) -> bool:
    """Whether samples follow one another at a rate; otherwise each frame has a place in time of its own."""
    return info.axis == "time" and info.sample_rate is not None


class Block:
    """Frames of one stream that are written together.

    ``fresh`` says that the first is not the continuation of what was written before: it begins a stretch.
    Within a block of a continuous stream nothing is missing.
    """

    def __init__(self, frames: Sequence[DataFrame], fresh: bool) -> None:
        self.frames = frames
        self.fresh = fresh
        self.info = frames[0].info
        self.start_sample = frames[0].start_sample
        self.timestamp = frames[0].timestamp

    @property
    def samples(self) -> NDArray[Any]:
        """The samples side by side, (channels, n)."""
        if len(self.frames) == 1:
            return self.frames[0].samples
        return np.concatenate([frame.samples for frame in self.frames], axis=1)

    @property
    def layers(self) -> NDArray[Any]:
        """The frames one behind the other, (frames, channels, points)."""
        return np.stack([frame.samples for frame in self.frames])

    @property
    def n(self) -> int:
        """Samples per channel."""
        return sum(frame.n for frame in self.frames)

    def starts(self) -> NDArray[np.int64]:
        """The first sample of each frame on the source's axis, (frames,)."""
        return np.array([frame.start_sample for frame in self.frames], dtype=np.int64)

    def timestamps(self) -> NDArray[np.int64]:
        """The time of each frame in microseconds, (frames,)."""
        return np.array([frame.timestamp for frame in self.frames], dtype=np.int64)


class BlockWriter(FileWriter):
    """A writer that gathers frames and puts them to the disk together.

    A block is written when it is large enough, when the stream is broken, at the end, and - where ``paced`` -
    when half a second has passed since the last one: so much is lost at most when the process is killed. The
    first frame is a block of its own, so that there is a file that opens from the beginning.
    Frames wait as they are, sealed and not copied. After a block that could not be written there is no other.
    """

    paced = True
    block_values = 1 << 17

    _values = 0
    _next: int | None = None
    _fresh = True
    _written_at = 0.0
    _failed: BaseException | None = None
    _first: DataFrame | None = None
    _opened = False

    def begin(self, file: OutputFile, info: StreamInfo) -> None:
        self._waiting: list[DataFrame] = []
        self._values, self._next, self._fresh, self._failed = 0, None, True, None
        self._first, self._opened, self._written_at = None, False, 0.0  # the first is due at once

    def write(self, file: OutputFile, frame: DataFrame) -> None:
        if self._failed is not None:
            raise self._failed
        if self._first is None or not self._first.n:
            self._first = frame
        if not frame.n:
            return
        broken = self._next is not None and frame.start_sample != self._next
        if broken and is_continuous(frame.info):
            self._put(file)
            self._fresh = True
        self._waiting.append(frame)
        self._values += frame.samples.size
        self._next = frame.start_sample + (frame.n if is_continuous(frame.info) else frame.advance)
        late = self.paced and time.monotonic() - self._written_at >= SECONDS
        if late or self._values >= self.block_values:
            self._put(file)

    def end(self, file: OutputFile) -> None:
        try:
            self._put(file)
            if self._first is not None and not self._opened and self._failed is None:
                self._open(file)
        finally:
            self.close(file)

    def flush(self) -> None:
        if self._failed is not None:  # and the graph went on without the frames: it must not look complete
            raise self._failed
        super().flush()

    def _put(self, file: OutputFile) -> None:
        waiting, self._waiting = self._waiting, []
        self._values = 0
        if waiting:
            fresh, self._fresh = self._fresh, False
            try:
                if not self._opened:
                    self._open(file)
                self.put(file, Block(waiting, fresh))
            except BaseException as error:
                self._failed = error
                raise
        self._written_at = time.monotonic()

    def _open(self, file: OutputFile) -> None:
        self._opened = True
        if self._first is not None:
            self.open(file, self._first)

    def one_size(self, file: OutputFile, block: Block, points: int) -> None:
        """Raise FileError unless every frame of the block has so many points."""
        for frame in block.frames:
            if frame.n != points:
                raise FileError(
                    file.current,
                    f"the stream's frames have {points} points, and now {frame.n}",
                    hint="a table (Parquet, Arrow, CSV) holds frames of any length",
                )

    @abstractmethod
    def open(self, file: OutputFile, frame: DataFrame) -> None:
        """Write what stands at the beginning; ``frame`` is the first with samples, if there is one."""

    @abstractmethod
    def put(self, file: OutputFile, block: Block) -> None:
        """Write a block."""

    def close(self, file: OutputFile) -> None:
        """Write what stands at the end and let go; also where the file stays incomplete."""
