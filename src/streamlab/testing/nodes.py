"""Nodes for tests: they hold up, wait, remember, hold back, cut anew. Those that fail are in ``faults``.

Each has a parameter ``probe``: under that name a test finds what the node did (:func:`probe`).
``with registered():`` makes the type names known for as long as a test needs them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo, Verdict, param
from streamlab.core.registry import register, unregister
from streamlab.core.verdict import Outcome
from streamlab.testing.probes import Probe, clear_probes, probe

__all__ = [
    "AddBoth",
    "Fork",
    "Gated",
    "GatedThread",
    "HoldBack",
    "Judge",
    "Pass",
    "PassAsync",
    "PassRun",
    "Probed",
    "Recorder",
    "Recut",
    "Repeat",
    "Slow",
    "SlowThread",
    "Ticks",
    "registered",
]


class Probed(ProcessingNode):
    """Base of the test nodes: notes its life in a probe."""

    probe: str = param(default="", doc="Name under which a test finds what the node did")

    @cached_property
    def seen(self) -> Probe:
        """The probe; the same for as long as the node lives."""
        return probe(self.probe)

    async def on_create(self, config: Mapping[str, Any]) -> None:
        self.seen.events.append("create")
        self.seen.configs.append(dict(config))

    def configure(self, *infos: Any, **_: Any) -> None:
        self.seen.events.append("configure")

    def flush(self) -> Any:
        self.seen.events.append("flush")
        return None

    def reset(self) -> None:
        super().reset()
        self.seen.events.append("reset")

    async def on_destroy(self) -> None:
        self.seen.events.append("destroy")


# -- one frame in, one frame out


class Pass(Probed):
    """Hands every frame on: a plain call, which the engine may fuse."""

    def process(self, frame: DataFrame) -> DataFrame:
        return frame


class PassAsync(Probed):
    """Hands every frame on, by a coroutine that never waits."""

    async def process(self, frame: DataFrame) -> DataFrame:
        return frame


class PassRun(Probed):
    """Hands every frame on from a loop of its own, multiplied by ``factor``."""

    factor: float = param(default=1.0, doc="Factor", unit="1", unbounded="a test may try anything")

    async def run(self, rx: Any, tx: Any) -> None:
        async for frame in rx:
            self.seen.frames.append(frame)
            await tx.send(frame.with_samples(frame.samples * self.factor))
        tx.close("completed")


class Recorder(Probed):
    """Remembers every frame and hands it on."""

    def process(self, frame: DataFrame) -> DataFrame:
        self.seen.enter(frame)
        self.seen.leave()
        return frame


class Gated(Probed):
    """Awaits its gate (``probe(name).gate``) with every frame."""

    async def process(self, frame: DataFrame) -> DataFrame:
        self.seen.enter(frame)
        try:
            await self.seen.gate.passage()
        finally:
            self.seen.leave()
        return frame


class GatedThread(Probed):
    """Blocks its thread at a gate (``probe(name).thread_gate``) with every frame."""

    blocking = True

    def process(self, frame: DataFrame) -> DataFrame:
        self.seen.enter(frame)
        try:
            self.seen.thread_gate.passage()
        finally:
            self.seen.leave()
        return frame


class Slow(Probed):
    """Awaits ``seconds`` with every frame."""

    seconds: float = param(default=1.0, doc="Time per frame", unit="s", ge=0, le=1e6)

    async def process(self, frame: DataFrame) -> DataFrame:
        self.seen.enter(frame)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.seen.leave()
        return frame


class SlowThread(Probed):
    """Blocks its thread for ``seconds`` of real time with every frame."""

    blocking = True
    seconds: float = param(default=0.01, doc="Time per frame", unit="s", ge=0, le=60)

    def process(self, frame: DataFrame) -> DataFrame:
        self.seen.enter(frame)
        try:
            time.sleep(self.seconds)
        finally:
            self.seen.leave()
        return frame


# -- other numbers of frames, ports


class HoldBack(Probed):
    """Gives each frame only when ``count`` more have come, the rest at the end: a node with a delay."""

    count: int = param(default=1, doc="Frames held back", ge=0, le=1000)

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._held: list[DataFrame] = []

    @classmethod
    def delay(cls, params: Any) -> int:
        return int(params.count)

    def process(self, frame: DataFrame) -> DataFrame | None:
        self._held.append(frame)
        return self._held.pop(0) if len(self._held) > self.count else None

    def flush(self) -> list[DataFrame]:
        super().flush()
        held, self._held = self._held, []
        return held

    def reset(self) -> None:
        super().reset()
        self._held = []


class Repeat(Probed):
    """Gives every frame ``count`` times (0: never), numbered anew."""

    renumbers = True
    count: int = param(default=2, doc="How often each frame comes", ge=0, le=1000)

    def process(self, frame: DataFrame) -> list[DataFrame]:
        return [frame] * self.count


class Recut(Probed):
    """Cuts the stream into frames of ``frame_size`` samples; a gap and the end let shorter ones through."""

    kind = "stream-wise"
    frame_size: int = param(default=16, doc="Samples per frame", ge=1, le=1_000_000)

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._blocks: list[Any] = []
        self._begin = self._anchor = DataFrame(start_sample=-1)
        self._length = 0

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        return inputs["in"]

    def process(self, frame: DataFrame) -> list[DataFrame]:
        out: list[DataFrame] = []
        due = self._begin.start_sample + self._length
        if frame.start_sample != due or frame.info is not self._begin.info:
            out += self._cut(self._length)
            self._begin = self._anchor = frame
        elif not self._length:
            self._begin = frame.replace(timestamp=self._begin.timestamp)
        self._blocks.append(frame.samples)
        self._length += frame.n
        while self._length >= self.frame_size:
            out += self._cut(self.frame_size)
        return out

    def flush(self) -> list[DataFrame]:
        super().flush()
        return self._cut(self._length)

    def reset(self) -> None:
        super().reset()
        self._blocks, self._length = [], 0
        self._begin = self._anchor = DataFrame(start_sample=-1)

    def _cut(self, size: int) -> list[DataFrame]:
        if not size:
            return []
        samples = np.concatenate(self._blocks, axis=1)
        frame = self._begin.replace(samples=samples[:, :size].copy())
        start, anchor = frame.start_sample + size, self._anchor
        # Counted from where the stream began, so that the size of the frames does not show in the rounding.
        period = 1_000_000 / (frame.sample_rate or Fraction(1_000_000))
        timestamp = anchor.timestamp + start * period // 1 - anchor.start_sample * period // 1
        self._begin = frame.replace(samples=samples[:, :0], start_sample=start, timestamp=timestamp, gap=0)
        self._blocks, self._length = [samples[:, size:]], self._length - size
        return [frame]


class Fork(Probed):
    """Gives every frame to both outputs, or to ``a`` and ``b`` in turn."""

    outputs = ("a", "b")
    mode: Literal["both", "turns"] = param(default="both", doc="Where frames go")

    def process(self, frame: DataFrame) -> dict[str, DataFrame]:
        if self.mode == "both":
            return {"a": frame, "b": frame}
        return {"b" if frame.sequence_id % 2 else "a": frame}


class AddBoth(Probed):
    """Adds two inputs sample by sample."""

    inputs = ("a", "b")

    def process(self, a: DataFrame, b: DataFrame) -> DataFrame:
        self.seen.frames.append(a)
        return a.with_samples(a.samples + b.samples)


class Judge(Probed):
    """Gives a verdict that says PASS, over the frames it has seen."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._count = 0

    def process(self, frame: DataFrame) -> DataFrame:
        self._count += 1
        return frame

    def result(self) -> Verdict:
        return Verdict(Outcome.PASS, "it always does", count=self._count)

    def reset(self) -> None:
        super().reset()
        self._count = 0


# -- a source


class Ticks(Probed, Source):
    """A source that counts: sample k of every channel is k. ``count`` frames, or for ever without one."""

    count: int | None = param(default=None, doc="Frames; null: for ever", ge=0, le=10**9)
    frame_size: int = param(default=4, doc="Samples per frame", ge=0, le=1_000_000)
    sample_rate: float = param(default=1000.0, doc="Sample rate", unit="Hz", gt=0, le=1e9)
    channels: list[str] = param(default=["x"], doc="Channels", min_length=1)
    lost_before: list[int] = param(default=[], doc="Frames before which samples are lost")
    lost: int = param(default=4, doc="How many samples are lost there", ge=0, le=10**9)
    awaits: bool = param(default=False, doc="Be an async generator")
    period: float = param(
        default=0.0, doc="Seconds awaited before each frame (async)", unit="s", ge=0, le=1e9
    )
    realtime: bool = param(default=False, doc="Let the engine pace the frames")

    async def on_create(self, config: Mapping[str, Any]) -> None:
        await super().on_create(config)
        self.info = StreamInfo(self.channels, self.sample_rate)

    def frames(self) -> Iterator[DataFrame] | AsyncIterator[DataFrame]:
        self.seen.events.append("frames")
        return self._awaiting() if self.awaits or self.period else self._plain()

    def _plain(self) -> Iterator[DataFrame]:
        number = start = 0
        rate = Fraction(str(self.sample_rate))
        info = StreamInfo(self.channels, rate)
        try:
            while self.count is None or number < self.count:
                start += self.lost if number in self.lost_before else 0
                row = np.arange(start, start + self.frame_size, dtype=float)
                frame = DataFrame.from_samples(
                    np.tile(row, (len(self.channels), 1)),
                    info,
                    timestamp=int(start * 1_000_000 / rate),
                    sequence_id=number,
                    start_sample=start,
                )
                self.seen.frames.append(frame)
                yield frame
                number += 1
                start += self.frame_size
        finally:
            self.seen.events.append("frames closed")

    async def _awaiting(self) -> AsyncIterator[DataFrame]:
        plain = self._plain()
        try:
            for frame in plain:
                await asyncio.sleep(self.period)
                yield frame
        finally:
            plain.close()  # type: ignore[attr-defined]


@contextmanager
def registered(*classes: type[ProcessingNode]) -> Iterator[None]:
    """Make test nodes known by their class names (none given: all of the kit's), and forget them after."""
    from streamlab.testing import faults

    kit = (
        Pass, PassAsync, PassRun, Recorder, Gated, GatedThread, Slow, SlowThread, HoldBack, Repeat, Recut,
        Fork, AddBoth, Judge, Ticks, *faults.FAULTS,
    )  # fmt: skip
    chosen = classes or kit
    for cls in chosen:
        # By place, where it has one: worker processes can then make the kit's nodes too.
        register(cls.__name__, cls if classes else f"{cls.__module__}:{cls.__name__}")
    try:
        yield
    finally:
        clear_probes()
        for cls in chosen:
            unregister(cls.__name__)
