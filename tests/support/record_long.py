"""A long recording by one writer, in a process of its own: ``record_long.py FOLDER NAME CONFIG SUFFIX``.

Prints by how many MB the peak of memory has grown behind the first two seconds, and MB of samples per second.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, StreamInfo, node_class

CHANNELS, RATE, SIZE = 16, 48_000, 4800
SECONDS = 120


def peak() -> float:
    """The most that this process ever had in RAM, in MB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def record(path: Path, name: str, config: dict[str, str], seconds: int) -> None:
    """Write noise on every channel."""
    info = StreamInfo([ChannelInfo(f"c{k}", "Pa") for k in range(CHANNELS)], RATE)
    samples = np.random.default_rng(0).standard_normal((CHANNELS, SIZE))
    node = node_class(name)(path=str(path), **config)
    for k in range(seconds * RATE // SIZE):
        node.process(DataFrame.from_samples(samples, info, start_sample=k * SIZE, sequence_id=k).seal())
    node.flush()
    path.unlink()


def main(folder: str, name: str, config: str, suffix: str) -> None:
    """Record two seconds to have all loaded, then two minutes."""
    path, told = Path(folder, f"take.{suffix}"), json.loads(config)
    record(path, name, told, 2)
    before, begun = peak(), time.perf_counter()
    record(path, name, told, SECONDS)
    took = time.perf_counter() - begun
    print(json.dumps([peak() - before, CHANNELS * RATE * SECONDS * 8 / took / 1e6]))


if __name__ == "__main__":
    main(*sys.argv[1:5])
