"""One chain - sine, gains, mean and RMS - in the engine, and in four ways without it.

All do the same work on the same numbers and answer in microseconds a frame:

- ``engine``: the chain as a graph, its source a ``Clock`` that ticks as fast as it is let;
- ``bare``: a plain loop as one writes it with NumPy - ``numpy.sin``, a new array for every step;
- ``bare_star``: a plain loop with the engine's own arithmetic - the sine from tables, gains in place;
- ``blocks``: that loop once for many frames, as the engine does under load: the floor for any engine;
- ``queues``: a task for each node and an ``asyncio.Queue`` between two of them.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from streamlab.dsp.generate import TableSine
from streamlab.dsp.statistics import mean_and_rms
from streamlab.engine import AsyncPipeline
from streamlab.engine.block import MAX_SAMPLES

__all__ = [
    "FREQUENCY",
    "GAIN",
    "RATE",
    "bare",
    "bare_star",
    "blocks",
    "chain",
    "engine",
    "graph_of",
    "line",
    "node",
    "queues",
    "stream",
]

RATE = 48000
FREQUENCY = 440.0
GAIN = 1.0001


def node(id: str, type: str, **config: Any) -> dict[str, Any]:
    """Return a node of a graph."""
    return {"id": id, "type": type, "config": config}


def graph_of(
    nodes: Sequence[dict[str, Any]], edges: Iterable[tuple[str, str]], **settings: Any
) -> dict[str, Any]:
    """Return a graph; ``settings`` are those of ``pipeline_config``."""
    connections = [{"from": source, "to": target} for source, target in edges]
    return {"pipeline_config": settings, "nodes": list(nodes), "connections": connections}


def line(nodes: Sequence[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    """Return a graph whose nodes stand in a row."""
    return graph_of(nodes, pairwise(each["id"] for each in nodes), **settings)


def chain(size: int, gains: int, frames: int, *, channels: int = 1, **settings: Any) -> dict[str, Any]:
    """Return the chain as a graph: clock, sine, gains, statistics."""
    names = [f"ch{number}" for number in range(channels)]
    nodes = [
        node("clock", "Clock", rate=RATE / size, frames=frames),
        node("gen", "SineGenerator", frequency=FREQUENCY, frame_size=size, channels=names),
        *(node(f"gain{number}", "Gain", gain=GAIN) for number in range(gains)),
        node("stats", "Statistics"),
    ]
    return line(nodes, **settings)


def engine(size: int, gains: int, frames: int, *, channels: int = 1, **settings: Any) -> float:
    """Run the chain. Raises RuntimeError when not every frame arrived."""
    return stream(chain(size, gains, frames, channels=channels, **settings), "stats", frames)


def stream(graph: dict[str, Any], sink: str, frames: int) -> float:
    """Run a graph from its source and return the microseconds for each of its ``frames``."""
    report = asyncio.run(AsyncPipeline(graph).run())
    arrived = report.nodes[sink].frames_out
    if arrived != frames:
        raise RuntimeError(f"{arrived} of {frames} frames arrived")
    return 1e6 * report.duration / frames


def bare(size: int, gains: int, frames: int, *, channels: int = 1) -> float:
    """The plain loop with ``numpy.sin`` and a new array for every step."""
    step = 2 * np.pi * FREQUENCY / RATE
    index = np.arange(size)
    began = time.perf_counter()
    for number in range(frames):
        samples = np.sin(step * (index + number * size))[np.newaxis]
        if channels > 1:
            samples = np.repeat(samples, channels, axis=0)
        for _ in range(gains):
            samples = samples * GAIN
        mean_and_rms(samples)
    return 1e6 * (time.perf_counter() - began) / frames


def bare_star(size: int, gains: int, frames: int, *, channels: int = 1) -> float:
    """The plain loop with the engine's arithmetic: the sine from tables, gains in place."""
    table = TableSine(Fraction(FREQUENCY), Fraction(RATE), size)
    samples = np.empty((channels, size))
    began = time.perf_counter()
    for number in range(frames):
        table.block(number * size, samples[0])
        if channels > 1:
            samples[1:] = samples[0]
        for _ in range(gains):
            samples *= GAIN
        mean_and_rms(samples)
    return 1e6 * (time.perf_counter() - began) / frames


def blocks(size: int, gains: int, frames: int) -> float:
    """The loop of ``bare_star`` over blocks of as many frames as the engine joins at most."""
    many = max(1, min(frames, MAX_SAMPLES // size))
    if many == 1:
        return bare_star(size, gains, frames)
    table = TableSine(Fraction(FREQUENCY), Fraction(RATE), size)
    samples = np.empty((many, size))
    rounds = max(1, frames // many)
    began = time.perf_counter()
    for number in range(rounds):
        first = number * many * size
        table.blocks(list(range(first, first + many * size, size)), samples)
        for _ in range(gains):
            samples *= GAIN
        mean_and_rms(samples)
    return 1e6 * (time.perf_counter() - began) / (rounds * many)


def queues(size: int, gains: int, frames: int, *, capacity: int = 1) -> float:
    """The engine's arithmetic with a task for each node and a queue between two of them."""
    return asyncio.run(_queues(size, gains, frames, capacity))


async def _queues(size: int, gains: int, frames: int, capacity: int) -> float:
    lines: list[asyncio.Queue[Any]] = [asyncio.Queue(capacity) for _ in range(gains + 1)]
    table = TableSine(Fraction(FREQUENCY), Fraction(RATE), size)

    async def source() -> None:
        for number in range(frames):
            samples = np.empty((1, size))
            table.block(number * size, samples[0])
            await lines[0].put(samples)
        await lines[0].put(None)

    async def gain(rx: "asyncio.Queue[Any]", tx: "asyncio.Queue[Any]") -> None:
        while (samples := await rx.get()) is not None:
            await tx.put(samples * GAIN)
        await tx.put(None)

    async def sink(rx: "asyncio.Queue[Any]") -> None:
        while (samples := await rx.get()) is not None:
            mean_and_rms(samples)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        group.create_task(source())
        for rx, tx in pairwise(lines):
            group.create_task(gain(rx, tx))
        group.create_task(sink(lines[-1]))
    return 1e6 * (time.perf_counter() - began) / frames
