"""What no engine can go below here: memory, the arithmetic itself, the interpreter's own costs."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np

from streamlab.cli.bench.chains import FREQUENCY, GAIN, RATE
from streamlab.cli.bench.rows import Bench
from streamlab.dsp.generate import TableSine
from streamlab.dsp.statistics import mean_and_rms

__all__ = ["limits"]

SIZE = 1024
LARGE = 64 << 20
"""Bytes of an array that no cache holds."""


def limits(runs: Bench) -> None:
    """Measure memory bandwidth, the kernels frame by frame and in blocks, and a call and a turn in Python."""
    far, near = runs.in_turn(partial(_scale, LARGE, runs), partial(_scale, 32 << 10, runs))
    runs.add("limit/memory", "scaling an array of 64 MiB, read and written", "GB/s", far)
    runs.add("limit/cache", "scaling an array of 32 kB", "GB/s", near)
    for many in (1, 8):
        of_frames = "each frame alone" if many == 1 else f"blocks of {many} frames"
        sine, gain, numbers = runs.in_turn(
            partial(_sine, many, runs), partial(_gain, many, runs), partial(_numbers, many, runs)
        )
        runs.add(f"limit/sine{many}", f"sine from tables, 1024 samples, {of_frames}", "us/frame", sine)
        runs.add(f"limit/gain{many}", f"gain in place, {of_frames}", "us/frame", gain)
        runs.add(f"limit/stats{many}", f"mean and RMS, {of_frames}", "us/frame", numbers)
    call, turn = runs.in_turn(partial(_call, runs), partial(_turn, runs))
    runs.add("limit/call", "a method call in Python that does nothing", "us", call)
    runs.add("limit/turn", "a turn of the event loop", "us", turn)


def _timed(body: Callable[[int], object], count: int) -> float:
    """Microseconds that one call takes, ``body`` given its number."""
    began = time.perf_counter()
    for number in range(count):
        body(number)
    return 1e6 * (time.perf_counter() - began) / count


def _scale(size: int, runs: Bench) -> float:
    source, target = np.ones(size // 8), np.ones(size // 8)
    microseconds = _timed(
        lambda number: np.multiply(source, GAIN, out=target), runs.frames_for(2 * size / 2e4, 0.1)
    )
    return 2 * size / 1e3 / microseconds


def _sine(many: int, runs: Bench) -> float:
    table = TableSine(Fraction(FREQUENCY), Fraction(RATE), SIZE)
    out = np.empty((many, SIZE))
    starts = list(range(0, many * SIZE, SIZE))
    if many == 1:
        return _timed(lambda number: table.block(number * SIZE, out[0]), runs.scaled(10000))
    return _timed(lambda number: table.blocks(starts, out), runs.scaled(2000)) / many


def _gain(many: int, runs: Bench) -> float:
    block = np.ones((1, many * SIZE))
    return _timed(lambda number: np.multiply(block, 1.0, out=block), runs.scaled(10000)) / many


def _numbers(many: int, runs: Bench) -> float:
    block = np.ones((1, many, SIZE))
    return _timed(lambda number: mean_and_rms(block), runs.scaled(5000)) / many


class _Nothing:
    def call(self, number: int) -> None:
        pass


def _call(runs: Bench) -> float:
    return _timed(_Nothing().call, runs.scaled(200_000))


def _turn(runs: Bench) -> float:
    async def turns() -> float:
        count = runs.scaled(20000)
        began = time.perf_counter()
        for _ in range(count):
            await asyncio.sleep(0)
        return 1e6 * (time.perf_counter() - began) / count

    return asyncio.run(turns())
