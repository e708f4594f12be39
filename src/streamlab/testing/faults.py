"""Nodes that fail, hang or leave early, at the moment a test asks for."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Literal

from streamlab.core import DataFrame, param
from streamlab.testing.nodes import Probed, Ticks

__all__ = [
    "FAULTS",
    "EarlyClose",
    "Failing",
    "FailingAsync",
    "FailingRun",
    "FailingSource",
    "Hanging",
    "HangingThread",
    "InjectedFault",
]

Moment = Literal["create", "configure", "process", "flush", "result", "destroy", "reset", "never"]


class InjectedFault(Exception):
    """What a node of this module raises. Its text is the moment."""


class Failing(Probed):
    """Raises InjectedFault at a moment of its life; in ``process`` at ``times`` frames from ``first`` on."""

    at: Moment = param(default="process", doc="When it raises")
    first: int = param(default=0, doc="First frame that fails, counted from 0", ge=0, le=10**9)
    times: int = param(default=10**9, doc="How many frames fail in a row", ge=0, le=10**9)

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._count = -1

    def fail(self, moment: str) -> None:
        """Raise, if this is the moment."""
        if moment == self.at:
            raise InjectedFault(moment)

    def count_frame(self, frame: DataFrame) -> None:
        """Count a frame, and raise if it is one that fails."""
        self.seen.frames.append(frame)
        self._count += 1
        if self.first <= self._count < self.first + self.times:
            self.fail("process")

    async def on_create(self, config: Mapping[str, Any]) -> None:
        await super().on_create(config)
        self.fail("create")

    def configure(self, *infos: Any, **_: Any) -> None:
        super().configure(*infos)
        self.fail("configure")

    def process(self, frame: DataFrame) -> Any:
        self.count_frame(frame)
        return frame

    def flush(self) -> Any:
        super().flush()
        self.fail("flush")

    def result(self) -> Any:
        self.fail("result")
        return None

    def reset(self) -> None:
        super().reset()
        self._count = -1
        self.fail("reset")

    async def on_destroy(self) -> None:
        await super().on_destroy()
        self.fail("destroy")


class FailingAsync(Failing):
    """As Failing, with a ``process`` that awaits."""

    async def process(self, frame: DataFrame) -> Any:
        await asyncio.sleep(0)
        self.count_frame(frame)
        return frame


class FailingRun(Failing):
    """As Failing, from its own ``run``."""

    async def run(self, rx: Any, tx: Any) -> None:
        async for frame in rx:
            self.count_frame(frame)
            await tx.send(frame)
        tx.close("completed")


class FailingSource(Ticks):
    """A source that raises instead of giving frame ``first``, or hangs there."""

    first: int = param(default=0, doc="Frame that does not come", ge=0, le=10**9)
    hangs: bool = param(default=False, doc="Await for ever instead of raising")

    def frames(self) -> Iterator[DataFrame] | AsyncIterator[DataFrame]:
        return self._hanging() if self.hangs else self._failing()

    def _failing(self) -> Iterator[DataFrame]:
        for frame in self._plain():
            if frame.sequence_id == self.first:
                raise InjectedFault("frames")
            yield frame

    async def _hanging(self) -> AsyncIterator[DataFrame]:
        for frame in self._plain():
            if frame.sequence_id == self.first:
                await asyncio.get_running_loop().create_future()
            yield frame


class Hanging(Probed):
    """Awaits for ever: at frame ``first``, or at another moment of its life."""

    at: Literal["create", "process", "destroy"] = param(default="process", doc="When it hangs")
    first: int = param(default=0, doc="First frame that hangs, counted from 0", ge=0, le=10**9)

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._count = -1

    async def hang(self, moment: str) -> None:
        """Await for ever, if this is the moment."""
        if moment == self.at:
            self.seen.events.append(f"hangs in {moment}")
            await asyncio.get_running_loop().create_future()

    async def on_create(self, config: Mapping[str, Any]) -> None:
        await super().on_create(config)
        await self.hang("create")

    async def process(self, frame: DataFrame) -> DataFrame:
        self._count += 1
        self.seen.frames.append(frame)
        if self._count >= self.first:
            await self.hang("process")
        return frame

    async def on_destroy(self) -> None:
        await super().on_destroy()
        await self.hang("destroy")


class HangingThread(Probed):
    """Blocks its thread at frame ``first`` until the test opens ``probe(name).thread_gate``."""

    blocking = True
    first: int = param(default=0, doc="First frame that hangs, counted from 0", ge=0, le=10**9)

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._count = -1

    def process(self, frame: DataFrame) -> DataFrame:
        self._count += 1
        self.seen.frames.append(frame)
        if self._count >= self.first:
            self.seen.thread_gate.passage()
        return frame


class EarlyClose(Probed):
    """Reads ``count`` frames, hands them on, and is done: closes its input, or (untidy) just returns."""

    count: int = param(default=1, doc="Frames read", ge=0, le=10**9)
    tidy: bool = param(default=True, doc="Close both ends before it returns")

    async def run(self, rx: Any, tx: Any) -> None:
        for _ in range(self.count):
            frame = await rx.recv()
            self.seen.frames.append(frame)
            await tx.send(frame)
        if self.tidy:
            rx.close()
            tx.close("completed")


FAULTS: tuple[type[Probed], ...] = (
    Failing,
    FailingAsync,
    FailingRun,
    FailingSource,
    Hanging,
    HangingThread,
    EarlyClose,
)
