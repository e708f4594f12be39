"""S11 and S12: what an idle pipeline takes, and what ten million frames leave behind.

Each is measured in a process of its own, whose memory nothing else has used before.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from typing import Any

from streamlab.cli.bench.chains import chain, line, node
from streamlab.cli.bench.machine import resident
from streamlab.cli.bench.rows import Bench
from streamlab.engine import AsyncPipeline

__all__ = ["endless", "idle"]

FRAMES = 10_000_000
"""Frames that S12 is about. Without ``--full`` a tenth of them, ``--quick`` some thousands."""


def idle(runs: Bench) -> None:
    """S11: pipelines of five nodes that have started and wait for triggers."""
    count = 50 if runs.quick else 1000
    taken = _measured(runs, "idle_pipelines", count, repeats=3)
    what = f"{count} idle pipelines of 5 nodes: memory each"
    if taken[0]["kilobytes"] is None:
        runs.missing("S11/memory", what, "this system does not say what a process takes", goal=50)
    else:
        runs.add("S11/memory", what, "kB", [each["kilobytes"] for each in taken], goal=50)
    whole = [each["checked"] + each["started"] for each in taken]
    runs.add("S11/time", "the same: graph checked, nodes made, started", "us", whole, goal=300)
    runs.add("S11/check", "of it: to check and plan the graph", "us", [each["checked"] for each in taken])


def endless(runs: Bench) -> None:
    """S12: resident memory along S1."""
    frames = FRAMES if runs.full else runs.scaled(FRAMES // 10)
    what = f"growth of resident memory over {frames:.0e} frames of S1"
    if resident() is None:
        runs.missing("S12", what, "this system does not say what a process takes", goal=2)
        return
    (taken,) = _measured(runs, "long_stream", frames, repeats=1)
    note = "" if frames >= FRAMES else f"the goal is about {FRAMES:.0e} frames: --full"
    runs.add("S12", what, "MB", [taken["megabytes"]], goal=2, note=note)
    runs.add("S12/peak", "resident memory at its highest", "MB", [taken["highest"]])


def _measured(runs: Bench, function: str, count: int, *, repeats: int) -> list[dict[str, Any]]:
    """Run a function of this module in fresh processes and return what each printed."""
    script = f"from streamlab.cli.bench import memory; memory.{function}({count})"
    answers: list[dict[str, Any]] = []

    def measure() -> float:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{function} ended with {done.returncode}: {done.stderr.strip()}")
        answers.append(json.loads(done.stdout))
        return 0.0

    runs.in_turn(measure, repeats=repeats, warm=False)
    return answers


# -- what runs in the other process


def idle_pipelines(count: int) -> None:
    """Print what ``count`` started pipelines take, as JSON."""
    gains = [node(f"gain{number}", "Gain") for number in range(3)]
    graph = line([node("gen", "SineGenerator"), *gains, node("stats", "Statistics")])
    print(json.dumps(asyncio.run(_idle(graph, count))))


async def _idle(graph: dict[str, Any], count: int) -> dict[str, Any]:
    async with AsyncPipeline(graph):  # imports, interned infos, tables: once for all
        pass
    gc.collect()
    before = resident()
    began = time.perf_counter()
    pipelines = [AsyncPipeline(graph) for _ in range(count)]
    checked = time.perf_counter()
    for pipeline in pipelines:
        await pipeline.start()
    started = time.perf_counter()
    after = resident()
    for pipeline in pipelines:
        await pipeline.stop()
    return {
        "kilobytes": None if before is None or after is None else (after - before) / 1e3 / count,
        "checked": 1e6 * (checked - began) / count,
        "started": 1e6 * (started - checked) / count,
    }


def long_stream(frames: int) -> None:
    """Print how resident memory grew along a stream, as JSON. The first twentieth of it warms up."""
    print(json.dumps(asyncio.run(_long(frames))))


async def _long(frames: int) -> dict[str, float]:
    pipeline = AsyncPipeline(chain(1024, 1, frames))
    warm = frames // 20
    seen: list[int] = []
    parent = os.getppid()

    def look() -> None:
        if os.getppid() != parent:
            sys.exit("nobody waits for the answer any more")
        if pipeline.metrics().frames_out >= warm:
            seen.append(resident() or 0)

    await pipeline.start()
    ending = asyncio.ensure_future(pipeline.wait())
    while not ending.done():
        await asyncio.wait([ending], timeout=0.05)
        look()
    arrived = ending.result().nodes["stats"].frames_out
    if arrived != frames:
        raise RuntimeError(f"{arrived} of {frames} frames arrived")
    return {"megabytes": (max(seen) - seen[0]) / 1e6, "highest": max(seen) / 1e6}
