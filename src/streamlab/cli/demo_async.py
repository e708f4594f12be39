"""``streamlab demo async``: a stream with back pressure and a pool of jobs, then what the run has shown."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from streamlab.cli.demo import GAIN, SINE, Checks, hum, rms_of
from streamlab.core import DataFrame, ProcessingNode, register
from streamlab.core.registry import unregister
from streamlab.engine import AsyncPipeline, Job, PipelinePool

__all__ = ["demo_async"]

WIDTH, JOBS = 3, 10
WAITS = (60, 20, 40, 50, 10, 30, 60, 20, 40, 30)
"""Milliseconds that each job's node waits, so that jobs do not end in the order in which they began."""


class _Wait(ProcessingNode):
    """Wait as long as the frame says, and know how many wait at the same time."""

    made: ClassVar[int] = 0
    now: ClassVar[int] = 0
    peak: ClassVar[int] = 0

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        _Wait.made += 1

    async def process(self, frame: DataFrame) -> DataFrame:
        _Wait.now += 1
        _Wait.peak = max(_Wait.peak, _Wait.now)
        try:
            await asyncio.sleep(frame.metadata["wait"] / 1000)
        finally:
            _Wait.now -= 1
        return frame


class _Gate(ProcessingNode):
    """Let nothing through until it is opened."""

    opened: ClassVar[asyncio.Event]

    async def process(self, frame: DataFrame) -> DataFrame:
        await _Gate.opened.wait()
        return frame


@contextmanager
def _types() -> Iterator[None]:
    """Make the demo's own node types known while it runs."""
    register("DemoWait", _Wait)
    register("DemoGate", _Gate)
    _Wait.made = _Wait.now = _Wait.peak = 0
    try:
        yield
    finally:
        unregister("DemoWait")
        unregister("DemoGate")


def demo_async() -> int:
    """Run the demo and return its exit code."""
    checks = Checks()
    with _types():
        asyncio.run(_demo(checks))
    return checks.code


async def _demo(checks: Checks) -> None:
    print("StreamLab: streams and a pool\n")
    print("5 frames through sine 440 Hz -> gain 2.5 -> print, edges of 10 frames")
    frames, source = await _stream()
    print(f"\n{JOBS} jobs on a pool of width {WIDTH}, as they get done")
    done, elapsed = await _pool()
    accepted, bound, arrived = await _pressure()

    print("\nchecked by this run:")
    numbers = [frame.sequence_id for frame in frames]
    checks.check(numbers == list(range(5)), f"stream: 5 triggers in, frames {numbers} out, in order")
    ratio = [rms_of(frame) / rms_of(made) for frame, made in zip(frames, source, strict=True)]
    worst = max(abs(value - GAIN) for value in ratio)
    checks.check(worst < 1e-12, f"stream: RMS out / RMS of the source = {GAIN} within {worst:.1e}")
    error = _phase_error(frames)
    checks.check(error < 1e-12, f"stream: the sine goes on from frame to frame, off by {error:.1e} at most")
    checks.check(
        accepted == bound == arrived,
        f"back pressure: with the sink shut {accepted} triggers were taken, the plan's bound is {bound};"
        f" {arrived} arrived after it opened",
    )
    own = all(result["sequence_id"] == number for number, result in done.items())
    checks.check(own and len(done) == JOBS, f"pool: {len(done)} jobs done, each with its own frame")
    checks.check(_Wait.peak == WIDTH, f"pool: {_Wait.peak} jobs at once at most, the width is {WIDTH}")
    checks.check(_Wait.made <= WIDTH, f"pool: {_Wait.made} instances made for {JOBS} jobs")
    alone = sum(WAITS) / 1000
    checks.check(
        elapsed < 0.75 * alone,
        f"pool: {elapsed * 1000:.0f} ms in all; the waits one after the other are {alone * 1000:.0f} ms",
    )


async def _stream() -> tuple[list[DataFrame], list[DataFrame]]:
    pipeline = AsyncPipeline(hum("Async Output"), collect=["sine_gen", "console_out"])
    await pipeline.start()
    for number in range(5):
        await pipeline.trigger(DataFrame(timestamp=number * 1000, sequence_id=number))
    report = await pipeline.stop()
    return report.outputs["console_out"], report.outputs["sine_gen"]


def _phase_error(frames: list[DataFrame]) -> float:
    """How far the frames, one after the other, are from one sine."""
    samples = np.concatenate([frame.payload["main_channel"] for frame in frames])
    cycles = np.arange(len(samples)) * SINE["frequency"] / SINE["sample_rate"]
    return float(np.abs(samples - GAIN * np.sin(2 * np.pi * (cycles % 1.0))).max())


async def _pool() -> tuple[dict[int, dict[str, Any]], float]:
    graph = {
        "name": "job",
        "nodes": [
            {"id": "sine_gen", "type": "SineGenerator", "config": {"frequency": 880.0, "frame_size": 512}},
            {"id": "work", "type": "DemoWait"},
        ],
        "connections": [{"from": "sine_gen", "to": "work"}],
    }
    clock = asyncio.get_running_loop().time
    done: dict[int, dict[str, Any]] = {}
    began = clock()

    async def tell(job: Job) -> None:
        result = await job
        (frame,) = result.outputs["work"]
        done[job.number] = {"sequence_id": frame.sequence_id}
        print(
            f"  job {job.number} done at {1000 * (clock() - began):5.1f} ms: began at"
            f" {1000 * (result.started_at - began):5.1f} ms, took {1000 * result.duration:4.1f} ms,"
            f" rms {rms_of(frame):.4f}"
        )

    async with PipelinePool(graph, WIDTH) as pool, asyncio.TaskGroup() as listeners:
        for number in range(JOBS):
            job = await pool.execute(DataFrame(number * 500, number, metadata={"wait": WAITS[number]}))
            listeners.create_task(tell(job))
    return done, clock() - began


async def _pressure() -> tuple[int, int, int]:
    """Shut the sink, trigger until nothing more is taken, open it: taken, the plan's bound, arrived."""
    _Gate.opened = asyncio.Event()
    graph = {
        "name": "gate",
        "pipeline_config": {"channel_capacity": 2},
        "nodes": [
            {"id": "sine_gen", "type": "SineGenerator", "config": SINE},
            {"id": "gate", "type": "DemoGate"},
        ],
        "connections": [{"from": "sine_gen", "to": "gate"}],
    }
    pipeline = AsyncPipeline(graph, collect=["gate"])
    await pipeline.start()
    taken = 0
    try:
        while True:
            await pipeline.trigger(DataFrame(0, taken), timeout=0.05)
            taken += 1
    except TimeoutError:
        pass
    _Gate.opened.set()
    report = await pipeline.stop()
    return taken, pipeline.plan.max_in_flight, len(report.outputs["gate"])
