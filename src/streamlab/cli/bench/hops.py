"""What lies between nodes: the cost of an edge by executor, of a further branch, of a drain."""

import asyncio
import time
from functools import partial

from streamlab.cli.bench.chains import GAIN, engine, graph_of, line, node, stream
from streamlab.cli.bench.nodes import Reader
from streamlab.cli.bench.rows import Bench
from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline
from streamlab.engine.spec import EXECUTORS

__all__ = ["branches", "drain", "edges"]

HOPS = 2
"""Gains that have a thread or a process of their own each."""


def edges(runs: Bench) -> None:
    """What a node costs inside a segment, and what an edge to a segment of its own adds, frames of 64."""
    count = runs.scaled(4000)
    short, fused, split = runs.in_turn(
        partial(engine, 64, 0, count, channel_capacity=1),
        partial(engine, 64, 8, count, channel_capacity=1),
        partial(engine, 64, 8, count, channel_capacity=1, fuse=False),
    )
    inside = [(all - none) / 8 for all, none in zip(fused, short, strict=True)]
    queued = [(apart - all) / 9 for apart, all in zip(split, fused, strict=True)]
    runs.add("hop/fused", "a gain of 64 samples inside a segment", "us/frame", inside)
    runs.add("hop/queued", "an edge between segments in one loop, capacity 1", "us/frame", queued)
    for executor in ("thread", "process"):
        for capacity in (1, 64):
            _elsewhere(runs, executor, capacity)


def _elsewhere(runs: Bench, executor: str, capacity: int) -> None:
    id, what = f"hop/{executor}{capacity}", f"there and back to a {executor}, capacity {capacity}"
    if executor not in EXECUTORS:
        runs.missing(id, what, f"there is no executor {executor!r} yet")
        return
    count = runs.scaled(1500)
    near, far = runs.in_turn(
        lambda: asyncio.run(_there_and_back("inline", capacity, count)),
        lambda: asyncio.run(_there_and_back(executor, capacity, count)),
    )
    hop = [(one - other) / HOPS for one, other in zip(far, near, strict=True)]
    runs.add(id, what, "us/frame", hop)


async def _there_and_back(executor: str, capacity: int, frames: int) -> float:
    """Microseconds a frame through gains that have a worker each, from the time when these are at work."""
    apart = {"isolate": True, "executor": executor}
    gains = [node(f"gain{number}", "Gain", gain=GAIN) | apart for number in range(HOPS)]
    graph = line(
        [node("gen", "SineGenerator", frame_size=64), *gains, node("reader", "BenchReader")],
        channel_capacity=capacity,
    )
    took = 0.0
    async with AsyncPipeline(graph) as pipeline:
        for count in (8, frames):
            Reader.expect(count)
            began = time.perf_counter()
            for number in range(count):
                await pipeline.trigger(DataFrame(0, number))
            await Reader.all_here.wait()
            took = time.perf_counter() - began
    return 1e6 * took / frames


# -- fan-out


def branches(runs: Bench) -> None:
    """S7: one source of 64 x 1024 samples, one to eight readers: what a branch adds, and no copies."""
    count = runs.scaled(4000)
    widths = (1, 2, 4, 8)
    taken = runs.in_turn(*(partial(_fan, width, count) for width in widths))
    for width, samples in zip(widths, taken, strict=True):
        runs.add(
            f"S7/{width}", f"64 x 1024 samples to {width} branch{'es' * (width > 1)}", "us/frame", samples
        )
    each = [(wide - narrow) / 7 for narrow, wide in zip(taken[0], taken[-1], strict=True)]
    runs.add("S7", "a further branch", "us/frame", each, goal=3.0)
    copies = [float(Reader.copies)]
    what = f"of {8 * count} frames at 8 branches, those that were copied"
    runs.add("S7/copies", what, "frames", copies, goal=0, bound=0)


def _fan(width: int, frames: int) -> float:
    names = [f"reader{number}" for number in range(width)]
    nodes = [node("block", "BenchBlock", count=frames), *(node(name, "BenchReader") for name in names)]
    Reader.expect(width * frames)
    return stream(graph_of(nodes, (("block", name) for name in names)), names[-1], frames)


# -- the end of a stream


def drain(runs: Bench) -> None:
    """How long ``stop`` takes on ten segments whose edges are full."""
    (taken,) = runs.in_turn(lambda: asyncio.run(_drain(0.02 if runs.quick else 0.2)))
    runs.add("drain", "stop() of 10 segments of 1024 samples at full speed, capacity 10", "ms", taken)


async def _drain(seconds: float) -> float:
    gains = [node(f"gain{number}", "Gain") for number in range(8)]
    nodes = [node("clock", "Clock"), node("gen", "SineGenerator"), *gains, node("stats", "Statistics")]
    pipeline = AsyncPipeline(line(nodes, fuse=False))
    await pipeline.start()
    await asyncio.sleep(seconds)
    began = time.perf_counter()
    report = await pipeline.stop()
    took = 1e3 * (time.perf_counter() - began)
    if report.undelivered or report.frames_in != report.frames_out:
        raise RuntimeError(f"{report.frames_in} frames in, {report.frames_out} out after a drain")
    return took
