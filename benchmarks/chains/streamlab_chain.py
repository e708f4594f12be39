"""The chain in StreamLab, and in the loops that it is compared with: the argument says which.

The tests of ``streamlab bench`` show that the loops compute what the engine does.
"""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from work import expected, main

from streamlab.cli.bench import chains
from streamlab.engine import AsyncPipeline


def engine(size: int, gains: int, frames: int, *, fuse: bool = True) -> tuple[float, float]:
    graph = chains.chain(size, gains, frames, channel_capacity=10, fuse=fuse)
    report = asyncio.run(AsyncPipeline(graph).run())
    whole = report.results["stats"]["ch0"]["RMS"]  # of all frames: as of one frame so long
    if abs(whole - expected(size * frames, gains, 1)) > 1e-9:
        sys.exit(f"RMS of {frames} frames of {size}: {whole}")
    return report.duration, expected(size, gains, frames)


def loop(run: Callable[..., float], size: int, gains: int, frames: int) -> tuple[float, float]:
    return run(size, gains, frames) * frames / 1e6, expected(size, gains, frames)


SYSTEMS: dict[str, Callable[[int, int, int], tuple[float, float]]] = {
    "StreamLab": engine,
    "StreamLab, fuse false": partial(engine, fuse=False),
    "bare": partial(loop, chains.bare),
    "bare*": partial(loop, chains.bare_star),
    "asyncio.Queue": partial(loop, partial(chains.queues, capacity=10)),
}

if __name__ == "__main__":
    main(SYSTEMS[sys.argv[1]], version("streamlab-core"))
