"""E1, E9 and S8 (E10 of the contract): what waits, how long, and for whom."""

import asyncio
import time
from typing import Any

import numpy as np

from streamlab.cli.bench.chains import RATE, line, node
from streamlab.cli.bench.nodes import Arrival
from streamlab.cli.bench.rows import Bench
from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline

__all__ = ["loop_lag", "overlap", "trigger_to_sink"]


def overlap(runs: Bench) -> None:
    """E1: two nodes that await 20 ms for each of ten frames do so side by side."""
    graph = line([node("first", "BenchWait", seconds=0.02), node("second", "BenchWait", seconds=0.02)])

    async def measure() -> float:
        report = await AsyncPipeline(graph).run(DataFrame(0, number) for number in range(10))
        return 1e3 * report.duration

    (taken,) = runs.in_turn(lambda: asyncio.run(measure()), repeats=3)
    runs.add("E1", "10 frames through 2 nodes of 20 ms (side by side 220)", "ms", taken, goal=242, bound=220)


def loop_lag(runs: Bench) -> None:
    """E9: how late the caller's loop is while 64 channels are transformed in a thread, at full speed."""
    names = [f"ch{number}" for number in range(64)]
    nodes = [
        node("clock", "Clock") | {"executor": "inline"},
        node("gen", "SineGenerator", channels=names),
        node("fft", "BenchSpectrum"),
    ]
    graph = line(nodes, executor="thread")
    seconds = 0.3 if runs.quick else 3.0
    (taken,) = runs.in_turn(lambda: asyncio.run(_lag(graph, seconds)), repeats=3, warm=False)
    what = "lag of the loop beside 64 channels of FFT in a thread, p99"
    runs.add("E9", what, "ms", taken, goal=20.0, bound=20.0)


async def _lag(graph: dict[str, Any], seconds: float) -> float:
    lags = []
    async with AsyncPipeline(graph):
        ends = time.perf_counter() + seconds
        while (now := time.perf_counter()) < ends:
            await asyncio.sleep(0.001)
            lags.append(time.perf_counter() - now - 0.001)
    return float(1e3 * np.quantile(lags, 0.99))


def trigger_to_sink(runs: Bench) -> None:
    """S8: sine, gain, sink; a frame every 21.3 ms, as a sound card has it."""
    graph = line([node("gen", "SineGenerator"), node("amp", "Gain", gain=2.0), node("sink", "BenchArrival")])
    middles: list[float] = []

    def measure() -> float:
        waited = asyncio.run(_paced(graph, 20 if runs.quick else 300))
        middles.append(float(np.median(waited)))
        return float(np.quantile(waited, 0.99))

    (p99,) = runs.in_turn(measure, repeats=3, warm=False)
    runs.add("S8", "trigger to sink (E10), 1024 samples in real time, p99", "ms", p99, goal=1.0, bound=2.0)
    runs.add("S8/median", "the same, median", "ms", middles)


async def _paced(graph: dict[str, Any], frames: int) -> list[float]:
    """Milliseconds from trigger to sink of each frame."""
    Arrival.at.clear()
    given = []
    loop = asyncio.get_running_loop()
    async with AsyncPipeline(graph) as pipeline:
        began = loop.time()
        for number in range(frames):
            await asyncio.sleep(began + number * 1024 / RATE - loop.time())
            given.append(time.perf_counter())
            await pipeline.trigger(DataFrame(0, number))
    return [1e3 * (Arrival.at[number] - at) for number, at in enumerate(given)]
