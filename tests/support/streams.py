"""Short ways to write graphs and frames in tests."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from streamlab.core import DataFrame, StreamInfo
from streamlab.core.channel import Receiver
from streamlab.engine import AsyncPipeline, Report
from streamlab.testing.conserved import assert_conserved

INFO = StreamInfo(["x"], 1000)


def node(id: str, type: str, **config: Any) -> dict[str, Any]:
    """A node; keys that belong beside the config are put there."""
    beside = {key: config.pop(key) for key in ("on_error", "isolate", "executor", "join") if key in config}
    return {"id": id, "type": type, "config": config, **beside}


def graph(nodes: list[dict[str, Any]], edges: str | list[Any] = "", **settings: Any) -> dict[str, Any]:
    """A graph; edges as ``"a > b > c, a > d"`` or as a list with such texts and (from, to, options)."""
    connections: list[dict[str, Any]] = []
    for part in edges.split(",") if isinstance(edges, str) else edges:
        if isinstance(part, str):
            names = [name.strip() for name in part.split(">")]
            connections += [{"from": a, "to": b} for a, b in pairwise(names)]
        else:
            connections.append({"from": part[0], "to": part[1], **part[2]})
    return {"version": 1, "pipeline_config": settings, "nodes": nodes, "connections": connections}


def chain(*nodes: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """The nodes one after the other."""
    return graph(list(nodes), " > ".join(item["id"] for item in nodes), **settings)


def frame(number: int, *values: float, start: int | None = None, gap: int = 0) -> DataFrame:
    """Frame ``number`` of a stream at 1 kHz; without values it has four, counted on from those before it."""
    row = np.array(values or range(4 * number, 4 * number + 4), dtype=float)
    begin = start if start is not None else number * len(row)
    return DataFrame.from_samples(
        row[None, :].copy(), INFO, timestamp=begin * 1000, sequence_id=number, start_sample=begin, gap=gap
    )


def frames(count: int) -> list[DataFrame]:
    """The first ``count`` frames of a stream."""
    return [frame(number) for number in range(count)]


def numbers(listed: list[DataFrame]) -> list[int]:
    """The ``sequence_id`` of each frame."""
    return [item.sequence_id for item in listed]


def gaps(listed: list[DataFrame]) -> list[int]:
    """The gap of each frame."""
    return [item.gap for item in listed]


def sealed(listed: list[DataFrame]) -> list[DataFrame]:
    """The frames as the engine hands them on."""
    return [item.seal() for item in listed]


def conserved(pipeline: AsyncPipeline) -> Report:
    """The pipeline's report, whose counters have been checked against its plan."""
    assert_conserved(pipeline.report, pipeline.plan)
    return pipeline.report


async def drain(receiver: Receiver) -> list[DataFrame]:
    """All frames until the end of the stream."""
    return [item async for item in receiver]
