"""Nodes that tests have made in worker processes. Registered by place: workers import this module."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo, Verdict, param
from streamlab.core.registry import register, unregister
from streamlab.core.verdict import Outcome


class OwnError(Exception):
    """Known to this process and to the worker; its constructor takes more than its text."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code


class WherePid(ProcessingNode):
    """Marks each frame with the process that it went through; its result is that too."""

    async def on_create(self, config: Mapping[str, Any]) -> None:
        self.frames = 0

    def process(self, frame: DataFrame) -> DataFrame:
        self.frames += 1
        return frame.replace(metadata={**frame.metadata, "pid": os.getpid()})

    def result(self) -> dict[str, int]:
        return {"pid": os.getpid(), "frames": self.frames}

    def reset(self) -> None:
        super().reset()
        self.frames = 0


class KnowsGraph(ProcessingNode):
    """Says which graph it belongs to, as it was known when it was opened."""

    async def on_create(self, config: Mapping[str, Any]) -> None:
        self.known = self.context

    def process(self, frame: DataFrame) -> DataFrame:
        return frame.replace(metadata={"context": self.result()})

    def result(self) -> list[str]:
        return [self.known.graph, self.known.graph_hash, self.known.node]


class Trouble(ProcessingNode):
    """Does something bad at frame ``at``."""

    does: str = param(doc="raise, own, local, die, exit, spin, sleep, log, write or object")
    at: int = param(default=0, doc="Frame", ge=0, le=1000)

    def process(self, frame: DataFrame) -> DataFrame:
        if frame.sequence_id != self.at:
            return frame
        if self.does == "raise":
            raise ValueError("as asked", 7)
        if self.does == "own":
            raise OwnError("as asked", 7)
        if self.does == "local":

            class Local(Exception):
                pass

            raise Local("nobody else knows me")
        if self.does == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.does == "exit":
            os._exit(3)
        while self.does == "spin":
            pass
        if self.does == "sleep":
            time.sleep(600)
        if self.does == "log":
            logging.getLogger("lab").warning("frame %d is odd", frame.sequence_id)
        if self.does == "write":
            for number in range(3, 64):
                try:
                    os.write(number, b"\xff" * 64)
                except OSError:
                    continue
        if self.does == "object":
            return frame.replace(metadata={"thing": object()})
        return frame


class TroubleInLife(ProcessingNode):
    """Raises at a moment of its life."""

    at: str = param(doc="create, configure, flush, result, destroy or hang")

    async def on_create(self, config: Mapping[str, Any]) -> None:
        self.fail("create")

    def fail(self, moment: str) -> None:
        if self.at == moment:
            raise OwnError(moment, 1)

    def configure(self, info: StreamInfo) -> None:
        self.fail("configure")

    def process(self, frame: DataFrame) -> DataFrame:
        return frame

    def flush(self) -> None:
        self.fail("flush")

    def result(self) -> Any:
        self.fail("result")

    async def on_destroy(self) -> None:
        self.fail("destroy")
        while self.at == "hang":
            pass


class Rates(Source):
    """Frames at 100 Hz; raises, hangs or gives nonsense at the third if asked to."""

    count: int = param(default=5, doc="Frames", ge=0, le=10_000)
    third: str = param(default="", doc="raise, spin or nonsense")
    closed: str = param(default="", doc="File made when the generator is closed", path="output")

    async def on_create(self, config: Mapping[str, Any]) -> None:
        self.info = StreamInfo(["x"], 100)

    def frames(self) -> Iterator[DataFrame]:
        try:
            for number in range(self.count):
                if number == 2:
                    if self.third == "raise":
                        raise OwnError("third", 3)
                    while self.third == "spin":
                        pass
                    if self.third == "nonsense":
                        yield "no frame"  # type: ignore[misc]
                block = np.full((1, 10), float(number))
                yield DataFrame.from_samples(block, self.info, sequence_id=number, start_sample=10 * number)
        finally:
            if self.closed:
                Path(self.closed).write_text("closed")


class TwoWays(Source):
    """A source with two outputs."""

    outputs = ("low", "high")

    def frames(self) -> Iterator[dict[str, Any]]:
        for number in range(4):
            frame = DataFrame(number, number, {"x": [float(number)]}, sample_rate=10, start_sample=number)
            yield (
                {"low": frame, "high": [frame, frame.replace(sequence_id=number + 10)]}
                if number % 2
                else {"high": frame}
            )


class Awaiting(Source):
    """A source that awaits: it stays in the caller's loop."""

    async def frames(self) -> AsyncIterator[DataFrame]:
        for number in range(3):
            yield DataFrame(number, number, {"x": [1.0]}, {"pid": os.getpid()})


class Doubtful(ProcessingNode):
    """Judges, and can be adjusted."""

    limit: float = param(default=1.0, doc="Limit", unit="1", ge=0, le=100, live=True)

    def process(self, frame: DataFrame) -> DataFrame:
        return frame.replace(metadata={"limit": self.limit})

    def result(self) -> Verdict:
        return Verdict(Outcome.PASS, "all is well", 0.5, "Pa", 1.0, "x", 0.5, 3)


class Paths(ProcessingNode):
    """Two outputs of different frames."""

    outputs = ("whole", "half")

    def process(self, frame: DataFrame) -> dict[str, Any]:
        half = frame.replace(samples=frame.samples[:, ::2].copy())
        return {"whole": frame, "half": [half, half]}


TYPES = (WherePid, KnowsGraph, Trouble, TroubleInLife, Rates, TwoWays, Awaiting, Doubtful, Paths)


def workers() -> list[psutil.Process]:
    """The worker processes of this process."""
    return [child for child in psutil.Process().children() if "streamlab.engine.worker" in child.cmdline()]


@contextmanager
def worker_types() -> Iterator[None]:
    """Make the types known here and, by their place, in workers."""
    for cls in TYPES:
        register(cls.__name__, f"worker_nodes:{cls.__name__}")
    try:
        yield
    finally:
        for cls in TYPES:
            unregister(cls.__name__)
