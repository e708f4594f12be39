"""Ratios of the engine's cost to a baseline, in processor time, as JSON: run as a script, without coverage.

Processor time is what this process was given: a neighbour that takes the machine away for a while does not
count. The best of several tries counts, and trying ends with the first one that is good enough.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from functools import partial

from streamlab.cli.bench.chains import bare, engine, queues
from streamlab.cli.bench.pools import bare_tasks, empty_jobs

TRIES = 8

PAIRS: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
    "S1": (partial(engine, 1024, 1, 2500, channel_capacity=10), partial(bare, 1024, 1, 2500)),
    "S2": (partial(engine, 1024, 16, 2000, channel_capacity=10), partial(bare, 1024, 16, 2000)),
    "S5": (partial(engine, 1024, 8, 1000, channel_capacity=1), partial(queues, 1024, 8, 1000)),
    "S9": (partial(empty_jobs, 600), partial(bare_tasks, 600)),
}


def spent(work: Callable[[], float]) -> float:
    """Processor time that a piece of work takes, in seconds."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def best_ratio(name: str, good_enough: float) -> float:
    """The smallest ratio of some tries, engine and baseline by turns."""
    mine, other = PAIRS[name]
    best = float("inf")
    for _ in range(TRIES):
        best = min(best, spent(mine) / spent(other))
        if best <= good_enough:
            break
    return best


if __name__ == "__main__":
    limits = json.loads(sys.argv[1])
    print(json.dumps({name: best_ratio(name, limit) for name, limit in limits.items()}))
