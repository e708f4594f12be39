"""Nodes that only measure: known by name while the benchmark runs."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo, param, register
from streamlab.core.registry import unregister

__all__ = ["Arrival", "Reader", "bench_nodes"]


class Spectrum(ProcessingNode):
    """A stand-in for analysis: each channel to its spectrum and back."""

    def process(self, frame: DataFrame) -> DataFrame:
        """Transform every channel."""
        return frame.with_samples(np.fft.irfft(np.fft.rfft(frame.samples), frame.n))


class Arrival(ProcessingNode):
    """Notes when each frame arrives, by its number."""

    at: ClassVar[dict[int, float]] = {}

    def process(self, frame: DataFrame) -> None:
        """Keep the time and nothing else."""
        Arrival.at[frame.sequence_id] = time.perf_counter()


class Wait(ProcessingNode):
    """Takes ``seconds`` for a frame and no processor."""

    seconds: float = param(default=0.05, doc="Time a frame takes", unit="s", ge=0, le=10)

    async def process(self, frame: DataFrame) -> DataFrame:
        """Pass the frame on when the time is up."""
        await asyncio.sleep(self.seconds)
        return frame


class Block(Source):
    """The same block again and again, so that making it costs nothing and copies of it can be told."""

    samples: ClassVar[Any] = None
    count: int = param(default=100, doc="Frames", unit="frames", ge=0, le=1 << 30)
    channels: int = param(default=64, doc="Channels", unit="channels", ge=1, le=4096)
    frame_size: int = param(default=1024, doc="Samples in a frame", unit="samples", ge=1, le=1 << 20)

    def frames(self) -> Iterator[DataFrame]:
        """Yield ``count`` frames around one array."""
        info = StreamInfo([f"ch{number}" for number in range(self.channels)], 48000)
        Block.samples = block = np.ones((self.channels, self.frame_size))
        for number in range(self.count):
            start = number * self.frame_size
            yield DataFrame.from_samples(block, info, sequence_id=number, start_sample=start)


class Reader(ProcessingNode):
    """Reads nothing but the address of its frames: counts them, and those that are not the source's block."""

    seen: ClassVar[int] = 0
    copies: ClassVar[int] = 0
    due: ClassVar[int] = 0
    all_here: ClassVar[asyncio.Event]

    @classmethod
    def expect(cls, frames: int) -> None:
        """Begin to count; ``all_here`` is set once so many frames have arrived."""
        cls.seen, cls.copies, cls.due, cls.all_here = 0, 0, frames, asyncio.Event()

    def process(self, frame: DataFrame) -> None:
        """Count."""
        Reader.seen += 1
        if frame.samples is not Block.samples:
            Reader.copies += 1
        if Reader.seen == Reader.due:
            Reader.all_here.set()


_OWN: dict[str, type[ProcessingNode]] = {
    "BenchSpectrum": Spectrum,
    "BenchArrival": Arrival,
    "BenchWait": Wait,
    "BenchBlock": Block,
    "BenchReader": Reader,
}


@contextmanager
def bench_nodes() -> Iterator[None]:
    """Make the nodes known while the block runs."""
    for name, cls in _OWN.items():
        register(name, cls)
    try:
        yield
    finally:
        for name in _OWN:
            unregister(name)
