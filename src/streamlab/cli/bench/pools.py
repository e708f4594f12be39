"""S9, P4 and S10: what a job costs, how jobs make waves, how they use a second core."""

import asyncio
import subprocess
import sys
import time
from functools import partial
from typing import Any

from streamlab.cli.bench.chains import chain, line, node
from streamlab.cli.bench.machine import cores
from streamlab.cli.bench.rows import Bench, ratios
from streamlab.core import DataFrame
from streamlab.engine import PipelinePool
from streamlab.engine.spec import EXECUTORS

__all__ = ["bare_tasks", "empty_jobs", "jobs", "speed_up", "waves"]

EMPTY = line([node("x", "Gain")])
"""The least that a job can do."""


def jobs(runs: Bench) -> None:
    """S9: jobs that do nothing, one after the other and queued, against bare tasks."""
    count = runs.scaled(4000)
    queued, single, task = runs.in_turn(
        partial(empty_jobs, count), partial(single_jobs, count), partial(bare_tasks, count)
    )
    rate = [1e6 / microseconds for microseconds in queued]
    what = "jobs that do nothing, one warm instance, inline"
    runs.add("S9", what, "jobs/s", rate, goal=20000, bound=1000, more=True)
    runs.add("S9/one", "the same, each awaited before the next", "us/job", single, goal=50, bound=1000)
    runs.compare("S9/task", "a job / a bare asyncio task", queued, task)


def empty_jobs(count: int) -> float:
    """Microseconds a job, the pool's queue kept full."""

    async def measure() -> float:
        async with PipelinePool(EMPTY, 1) as pool:
            await (await pool.execute(DataFrame(0, 0)))
            began = time.perf_counter()
            async for _ in pool.map(DataFrame(0, number) for number in range(count)):
                pass
            return 1e6 * (time.perf_counter() - began) / count

    return asyncio.run(measure())


def single_jobs(count: int) -> float:
    """Microseconds a job, each awaited before the next is given."""

    async def measure() -> float:
        async with PipelinePool(EMPTY, 1) as pool:
            await (await pool.execute(DataFrame(0, 0)))
            began = time.perf_counter()
            for number in range(count):
                await (await pool.execute(DataFrame(0, number)))
            return 1e6 * (time.perf_counter() - began) / count

    return asyncio.run(measure())


def bare_tasks(count: int) -> float:
    """Microseconds for a task that does nothing, made and awaited: what asyncio itself takes for a job."""

    async def nothing() -> None:
        pass

    async def measure() -> float:
        began = time.perf_counter()
        for _ in range(count):
            await asyncio.create_task(nothing())
        return 1e6 * (time.perf_counter() - began) / count

    return asyncio.run(measure())


def waves(runs: Bench) -> None:
    """P4: ten jobs of 50 ms take ten waves at width 1, four at width 3, three at width 4."""
    for width, ideal in ((3, 200), (4, 150), (1, 500)):
        (taken,) = runs.in_turn(partial(_wave_time, width), repeats=3)
        what = f"10 jobs of 50 ms at width {width} (ideal {ideal})"
        runs.add(f"P4/{width}", what, "ms", taken, goal=1.1 * ideal, bound=1.1 * ideal)


def _wave_time(width: int) -> float:
    graph = line([node("x", "BenchWait", seconds=0.05)])

    async def measure() -> float:
        async with PipelinePool(graph, width) as pool:
            began = time.perf_counter()
            await pool.map([DataFrame(0, number) for number in range(10)])
            return 1e3 * (time.perf_counter() - began)

    return asyncio.run(measure())


def speed_up(runs: Bench) -> None:
    """S10: two jobs that keep a processor busy, on one worker process and on two."""
    what = "two CPU-bound jobs on two processes: speed-up"
    if "process" not in EXECUTORS:
        runs.missing("S10", what, "there is no executor 'process' yet", goal=1.8, more=True)
        return
    if cores() < 2:
        runs.missing("S10", what, "this machine has one core", goal=1.8, more=True)
        return
    frames = runs.scaled(20000)
    one, two, alone, both = runs.in_turn(
        partial(_two_jobs, 1, frames),
        partial(_two_jobs, 2, frames),
        partial(_two_loops, frames, together=False),
        partial(_two_loops, frames, together=True),
        repeats=3,
    )
    runs.add("S10", what, "times", ratios(one, two), goal=1.8, more=True)
    bare = "the same of two Python loops without the engine: what is free here"
    runs.add("S10/machine", bare, "times", ratios(alone, both))


def _two_loops(frames: int, *, together: bool) -> float:
    """Seconds for two processes that only count, one after the other or side by side."""
    command = [sys.executable, "-c", f"for _ in range({400 * frames}): pass"]
    began = time.perf_counter()
    first = subprocess.Popen(command)
    try:
        if not together:
            first.wait()
        subprocess.run(command, check=True)
    finally:
        first.wait()
    return time.perf_counter() - began


def _two_jobs(width: int, frames: int) -> float:
    """Seconds for two jobs on workers that are warm."""
    graph = chain(64, 4, frames, channel_capacity=1)
    options: dict[str, Any] = {"executor": "process"}

    async def both(pool: PipelinePool) -> None:
        for job in [await pool.execute() for _ in range(2)]:
            await job

    async def measure() -> float:
        async with PipelinePool(graph, width, **options) as pool:
            await both(pool)
            began = time.perf_counter()
            await both(pool)
            return time.perf_counter() - began

    return asyncio.run(measure())
