"""Nodes and helpers for tests of graphs: some know a rate, a unit, a delay, some count their instances.

Their names are none that a node of the catalogue would have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Source, StreamInfo, param
from streamlab.core.registry import register, unregister
from streamlab.engine import Graph
from streamlab.errors import ParamError, Problem


class Steady(Source):
    """Frames of one channel at a known rate; counts how often it was made and opened."""

    made: ClassVar[int] = 0
    opened: ClassVar[int] = 0

    rate: float = param(default=1000.0, doc="Sample rate", unit="Hz", gt=0, le=1e6)
    frames_wanted: int = param(default=4, doc="Frames", ge=0, le=10_000)
    frame_size: int = param(default=8, doc="Samples in a frame", ge=1, le=4096)
    channel: str = param(default="x", doc="Channel")
    unit: str = param(default="", doc="Unit of the channel")
    late: bool = param(default=False, doc="Say rate and unit when opened, not before")

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        type(self).made += 1

    async def on_create(self, config: Mapping[str, Any]) -> None:
        type(self).opened += 1
        self.info = StreamInfo([ChannelInfo(self.channel, self.unit)], self.rate)

    def frames(self) -> Iterator[DataFrame]:
        info = StreamInfo([ChannelInfo(self.channel, self.unit)], self.rate)
        for number in range(self.frames_wanted):
            start = number * self.frame_size
            values = np.arange(start, start + self.frame_size, dtype=float)[np.newaxis]
            yield DataFrame.from_samples(values, info, sequence_id=number, start_sample=start)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        return None if params.late else StreamInfo([ChannelInfo(params.channel, params.unit)], params.rate)


class Pass(ProcessingNode):
    """Hands its frames on; counts its instances, calls and openings."""

    made: ClassVar[int] = 0
    opened: ClassVar[int] = 0
    calls: ClassVar[int] = 0

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        type(self).made += 1

    async def on_create(self, config: Mapping[str, Any]) -> None:
        type(self).opened += 1

    def process(self, frame: DataFrame) -> DataFrame:
        type(self).calls += 1
        return frame


class Plain(ProcessingNode):
    """No parameters and nothing to open: any key in its config is unknown."""

    def process(self, frame: DataFrame) -> DataFrame:
        return frame


class AsyncPass(ProcessingNode):
    async def process(self, frame: DataFrame) -> DataFrame:
        return frame


class RunPass(ProcessingNode):
    async def run(self, rx: Any, tx: Any) -> None:
        async for frame in rx:
            await tx.send(frame)


class Blocking(ProcessingNode):
    blocking = True

    def process(self, frame: DataFrame) -> DataFrame:
        return frame


class Neither(ProcessingNode):
    """Neither process nor run."""


class Pair(ProcessingNode):
    """Two inputs, the first is handed on."""

    inputs = ("a", "b")

    def process(self, a: DataFrame, b: DataFrame) -> DataFrame:
        return a


class TwoWays(ProcessingNode):
    """Two outputs."""

    outputs = ("low", "high")

    def process(self, frame: DataFrame) -> dict[str, DataFrame]:
        return {"low": frame, "high": frame}


class DelaysFrames(ProcessingNode):
    """Holds back ``count`` frames before its first output, and delivers them at the end."""

    count: int = param(default=1, doc="Frames held back", ge=0, le=1000)

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._held: deque[DataFrame] = deque()

    def process(self, frame: DataFrame) -> DataFrame | None:
        self._held.append(frame)
        return self._held.popleft() if len(self._held) > self.count else None

    def flush(self) -> list[DataFrame]:
        return list(self._held)

    @classmethod
    def delay(cls, params: Any) -> int:
        return int(params.count)


class CutsAnew(ProcessingNode):
    """Stream-wise, so its frames are numbered anew."""

    kind = "stream-wise"

    def process(self, frame: DataFrame) -> DataFrame:
        return frame


class KnowsCutoff(ProcessingNode):
    cutoff: float = param(doc="Cutoff", unit="Hz", gt=0, le=1e6)

    def process(self, frame: DataFrame) -> DataFrame:
        return frame

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        info = inputs["in"]
        if info is not None and info.sample_rate is not None and params.cutoff > info.sample_rate / 2:
            most = f"at most {float(info.sample_rate / 2):g} Hz"
            text = "the cutoff is above half the sample rate"
            raise ParamError([Problem("/cutoff", text, most, f"{params.cutoff:g} Hz", "lower the cutoff")])
        return info


class WeighsPressure(ProcessingNode):
    """Weighs sound pressure only."""

    def process(self, frame: DataFrame) -> DataFrame:
        return frame

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        info = inputs["in"]
        strange = [channel for channel in info.channels if channel.unit != "Pa"] if info is not None else []
        if strange:
            raise ParamError([Problem("", "only sound pressure can be weighted", "Pa", strange[0].label)])
        return info


class BadChecks(ProcessingNode):
    value: float = param(default=1.0, doc="Value", unbounded="a test")

    def process(self, frame: DataFrame) -> DataFrame:
        return frame

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        raise ZeroDivisionError("in its own checks")


class BadInfo(Plain):
    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        raise ZeroDivisionError("in its own info")


class Merging(Plain):
    """For joins by merge."""


TYPES: dict[str, type[ProcessingNode]] = {
    cls.__name__: cls
    for cls in (
        Steady, Pass, Plain, AsyncPass, RunPass, Blocking, Neither, Pair, TwoWays, DelaysFrames, CutsAnew,
        KnowsCutoff, WeighsPressure, BadChecks, BadInfo, Merging,
    )
}  # fmt: skip


@contextmanager
def known_types(types: Mapping[str, type[ProcessingNode]] = TYPES) -> Iterator[None]:
    """Make the types known for the time of a test, their counters at zero."""
    for name, cls in types.items():
        register(name, cls)
        for counter in ("made", "opened", "calls"):
            if hasattr(cls, counter):
                setattr(cls, counter, 0)
    try:
        yield
    finally:
        for name in types:
            unregister(name)


def graph(nodes: Mapping[str, Any], *connections: str | Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """Return a document: ``graph({"a": "Steady", "b": ("DelaysFrames", {"count": 2})}, "a -> b")``."""
    entries = []
    for id, what in nodes.items():
        kind, config, options = (*((what,) if isinstance(what, str) else what), {}, {})[:3]
        entries.append({"id": id, "type": kind, **({"config": config} if config else {}), **options})
    edges = [
        dict(zip(("from", "to"), edge.split(" -> "), strict=True)) if isinstance(edge, str) else dict(edge)
        for edge in connections
    ]
    return {"nodes": entries, "connections": edges, **rest}


def problems(document: Any) -> list[Problem]:
    """What validation says of a document."""
    return Graph.load(document).problems()


def by_pointer(document: Any) -> dict[str, Problem]:
    """The problems by their place; a place with two problems fails the test."""
    found = problems(document)
    assert len({item.pointer for item in found}) == len(found), [str(item) for item in found]
    return {item.pointer: item for item in found}
