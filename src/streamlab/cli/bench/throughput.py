"""S1 to S5: what a frame costs in the engine, against plain loops and against a task for each node."""

from functools import partial

from streamlab.cli.bench.chains import bare, bare_star, blocks, engine, queues
from streamlab.cli.bench.rows import Bench

__all__ = ["against_queues", "s1", "s2", "s3", "s4", "versus_loops"]


def versus_loops(
    runs: Bench,
    id: str,
    size: int,
    gains: int,
    capacity: int,
    frames: int,
    goals: tuple[float | None, float | None],
) -> None:
    """Measure the chain in the engine, in both plain loops and in blocks, run beside run."""
    count = runs.scaled(frames)
    mine, plain, star, floor = runs.in_turn(
        partial(engine, size, gains, count, channel_capacity=capacity),
        partial(bare, size, gains, count),
        partial(bare_star, size, gains, count),
        partial(blocks, size, gains, count),
    )
    what = f"{size} samples, {gains} gain{'s' if gains > 1 else ''}, capacity {capacity}"
    runs.add(id, what, "us/frame", mine)
    runs.compare(f"{id}/bare", "engine / bare", mine, plain, goal=goals[0])
    runs.compare(f"{id}/bare*", "engine / bare*", mine, star, goal=goals[1])
    runs.compare(f"{id}/blocks", "engine / bare* in blocks", mine, floor)


def s1(runs: Bench) -> None:
    """One gain."""
    versus_loops(runs, "S1", 1024, 1, 10, 6000, (0.33, 1.0))


def s2(runs: Bench) -> None:
    """Sixteen gains."""
    versus_loops(runs, "S2", 1024, 16, 10, 4000, (0.28, 0.5))


def s3(runs: Bench) -> None:
    """Small frames, deep edges."""
    versus_loops(runs, "S3/k1", 64, 1, 64, 12000, (0.35, None))
    versus_loops(runs, "S3/k16", 64, 16, 64, 8000, (0.15, 0.15))


def s4(runs: Bench) -> None:
    """Large frames."""
    versus_loops(runs, "S4/k1", 8192, 1, 10, 2000, (0.25, 1.5))
    versus_loops(runs, "S4/k16", 8192, 16, 10, 1200, (0.35, 1.0))


def against_queues(runs: Bench) -> None:
    """S5: capacity 1, where nothing can be joined, against a queue and a task for each node."""
    count = runs.scaled(3000)
    mine, other = runs.in_turn(
        partial(engine, 1024, 8, count, channel_capacity=1), partial(queues, 1024, 8, count)
    )
    runs.add("S5", "1024 samples, 8 gains, capacity 1", "us/frame", mine)
    runs.compare("S5/queue", "engine / asyncio.Queue(1) per node", mine, other, goal=0.5)
