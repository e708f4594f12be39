"""How the cost of a frame grows with nodes, channels, frame size and pipelines: at most linearly."""

import asyncio
import gc
import time
from collections.abc import Sequence
from functools import partial

from streamlab.cli.bench.chains import bare_star, engine, line, node
from streamlab.cli.bench.nodes import Reader
from streamlab.cli.bench.rows import Bench
from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline

__all__ = ["by_channels", "by_nodes", "by_pipelines", "by_size"]


def by_nodes(runs: Bench) -> None:
    """1 to 64 gains in a row, fused, in segments of their own, and in a plain loop; frames of 64."""

    def fused(gains: int) -> float:
        return engine(64, gains, runs.frames_for(10 + gains))

    def split(gains: int) -> float:
        return engine(64, gains, runs.frames_for(15 + 8 * gains), fuse=False)

    def plain(gains: int) -> float:
        return bare_star(64, gains, runs.frames_for(4 + gains / 2))

    columns = {"engine": fused, "engine, fuse false": split, "bare*": plain}
    runs.grow("growth/nodes", "gains in a row, 64 samples", "gains", (1, 2, 4, 8, 16, 32, 64), columns)


def by_channels(runs: Bench) -> None:
    """1 to 1024 channels of 1024 samples."""

    def frames(channels: int) -> int:
        return runs.frames_for(20 + 4 * channels)

    columns = {
        "engine": lambda channels: engine(1024, 1, frames(channels), channels=channels),
        "bare*": lambda channels: bare_star(1024, 1, frames(channels), channels=channels),
    }
    points = (1, 4, 16, 64, 256, 512, 1024)
    runs.grow("growth/channels", "1 gain, 1024 samples a channel", "channels", points, columns)


def by_size(runs: Bench) -> None:
    """64 to 65536 samples in a frame."""

    def frames(size: int) -> int:
        return runs.frames_for(15 + size / 300)

    columns = {
        "engine": lambda size: engine(size, 1, frames(size)),
        "bare*": lambda size: bare_star(size, 1, frames(size)),
    }
    points = (64, 256, 1024, 4096, 16384, 32768, 65536)
    runs.grow("growth/size", "1 gain, 1 channel", "samples", points, columns)


def by_pipelines(runs: Bench) -> None:
    """1 to 1000 pipelines in one loop: time for a frame of 64 samples in each of them."""
    points = (1, 10, 100) if runs.quick else (1, 10, 100, 1000)
    columns = {"engine": partial(_side_by_side, runs)}
    runs.grow("growth/pipelines", "a frame in each of them, 64 samples", "pipelines", points, columns)


def _side_by_side(runs: Bench, count: int) -> float:
    return asyncio.run(_triggered(count, runs.frames_for(30 * count)))


async def _triggered(count: int, rounds: int) -> float:
    nodes = [node("gen", "SineGenerator", frame_size=64), node("gain", "Gain"), node("reader", "BenchReader")]
    graph = line(nodes)
    pipelines = [AsyncPipeline(graph) for _ in range(count)]
    for pipeline in pipelines:
        await pipeline.start()
    await _round(pipelines, 0)  # the first frame of a stream sets things up
    gc.collect()  # of the start, which is not what a frame costs
    began = time.perf_counter()
    for number in range(1, rounds + 1):
        await _round(pipelines, number)
    took = time.perf_counter() - began
    for pipeline in pipelines:
        await pipeline.stop()
    return 1e6 * took / rounds


async def _round(pipelines: Sequence[AsyncPipeline], number: int) -> None:
    """Give each pipeline a frame, and wait until the last of them has arrived."""
    Reader.expect(len(pipelines))
    for pipeline in pipelines:
        await pipeline.trigger(DataFrame(0, number))
    await Reader.all_here.wait()
