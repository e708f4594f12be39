"""Long runs whose memory is measured, each in a process of its own: ``python memory_runs.py NAME [ARGS]``.

Prints one line of JSON. Sizes are in MB of 2^20 bytes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

import streamlab
from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo, param
from streamlab.core.registry import register
from streamlab.engine import AsyncPipeline, Graph, PipelinePool

MB = 2**20


def resident() -> float:
    """Memory of this process that is in RAM now."""
    return psutil.Process().memory_info().rss / MB


def peak() -> float:
    """The most that this process ever had in RAM (Linux: VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


# -- a long recording


def recording(warm: str, path: str, out: str) -> dict[str, Any]:
    """Play a short recording, to have all loaded, then a long one, both through a fork."""

    def play(wav: str, folder: str) -> Any:
        graph = Graph("levels").add("mic", "WavFile", path=wav).add("level", "Level", interval=0.125)
        graph.add("frames", "Statistics").add("levels", "CsvWriter", path=f"{folder}-levels.csv")
        graph.add("table", "CsvWriter", path=f"{folder}-frames.csv")
        graph.connect("mic", "level").connect("mic", "frames")
        return streamlab.run(graph.connect("level", "levels").connect("frames", "table"), outputs=out)

    play(warm, "short")
    before = peak()
    began = time.perf_counter()
    report = play(path, "long")
    return {
        "growth": peak() - before,
        "peak": peak(),
        "took": time.perf_counter() - began,
        "seconds": report.seconds,
        "reason": report.reason,
        "levels": report.results["level"],
        "frames": report.nodes["frames"].frames_out,
    }


# -- more than a node can take


class Flood(Source):
    """Frames of half a megabyte, as fast as they are taken or ``rate`` a second."""

    rate: float = param(default=0.0, doc="Frames per second; 0: as they are taken", unit="Hz", ge=0, le=1e6)
    info = StreamInfo([f"c{at}" for at in range(64)], 51200)

    def frames(self) -> Any:
        return self._paced() if self.rate else self._plain()

    def _plain(self) -> Iterator[DataFrame]:
        number = 0
        while True:
            samples = np.full((64, 1024), float(number))
            yield DataFrame.from_samples(samples, self.info, sequence_id=number, start_sample=1024 * number)
            number += 1

    async def _paced(self) -> Any:
        clock = asyncio.get_running_loop().time
        began = clock()
        for frame in self._plain():
            await asyncio.sleep(max(0.0, began + frame.sequence_id / self.rate - clock()))
            yield frame


class Laggard(ProcessingNode):
    """Takes ten times as long for a frame as the source."""

    seconds: float = param(default=0.01, doc="Time per frame", unit="s", ge=0, le=10)

    async def process(self, frame: DataFrame) -> None:
        await asyncio.sleep(self.seconds)


def overload(policy: str, seconds: str) -> dict[str, Any]:
    """Let a source give ten times what its reader can take."""
    register("Flood", Flood)
    register("Laggard", Laggard)
    graph = Graph("flood").add("src", "Flood", rate=1000.0).add("sink", "Laggard", seconds=0.01)
    graph.connect("src", "sink", policy=policy, capacity=10)
    sizes: list[float] = []

    async def main() -> Any:
        async with AsyncPipeline(graph) as pipeline:
            await asyncio.sleep(2.0)
            for _ in range(int(seconds) * 4):
                await asyncio.sleep(0.25)
                sizes.append(resident())
            report = await pipeline.stop(timeout=0)
        return report.edges["src -> sink"]

    edge = asyncio.run(main())
    return {
        "first": sizes[0],
        "growth": max(sizes) - sizes[0],
        "given": edge.frames_in,
        "taken": edge.frames_out,
        "dropped": edge.dropped,
    }


# -- a pool with a long queue


def pool(jobs: str, rounds: str) -> dict[str, Any]:
    """Queue so many jobs at once, hear all of them, and again."""
    graph = Graph("job").add("gen", "SineGenerator").add("amp", "Gain", gain=2.0).add("stat", "Statistics")
    graph.connect("gen", "amp").connect("amp", "stat")
    count = int(jobs)
    sizes: list[float] = []
    traced: list[int] = []

    async def main() -> int:
        waiting = 0
        async with PipelinePool(graph, 4, max_pending=count) as queue:
            for at in range(int(rounds)):
                if at == 2:
                    tracemalloc.start()
                accepted = [await queue.execute(DataFrame(0, number)) for number in range(count)]
                waiting = max(waiting, sum(not job.done for job in accepted))
                results = [await job for job in accepted]
                assert all(len(result.outputs["stat"]) == 1 for result in results)
                del accepted, results
                gc.collect()
                sizes.append(resident())
                traced.append(tracemalloc.get_traced_memory()[0])
        return waiting

    waiting = asyncio.run(main())
    return {
        "waiting": waiting,
        "growth": max(sizes[4:]) - sizes[3],
        "objects": (traced[-1] - traced[3]) / MB,
        "rounds": len(sizes),
    }


if __name__ == "__main__":
    runs = {"recording": recording, "overload": overload, "pool": pool}
    print(json.dumps(runs[sys.argv[1]](*sys.argv[2:])))
