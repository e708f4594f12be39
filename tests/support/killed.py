"""A recorder to be killed: writes the same stream to every format.

    python killed.py FOLDER SEED PACE

At the pace of the clock (``live``), or as fast as it goes (``fast``), so that the kill falls into a write.

``count`` in the folder says how many samples every writer has taken, in 8 bytes that outlive the process.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from pathlib import Path

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, StreamInfo, node_class

RATE = 8000
INFO = StreamInfo([ChannelInfo("up", "Pa"), ChannelInfo("down", "V")], RATE)
LOST = 1000
"""Samples that are missing every so often."""
EVERY = 2400
"""Samples between two losses."""

WRITERS: dict[str, tuple[str, dict[str, str]]] = {
    "take.csv": ("CsvWriter", {}),
    "take.wav": ("WavWriter", {}),
    "take.w64": ("WavWriter", {}),
    "take.arrows": ("ArrowWriter", {}),
    "take.arrow": ("ArrowWriter", {}),
    "take.h5": ("Hdf5Writer", {}),
    "take5.mat": ("MatWriter", {}),
    "take73.mat": ("MatWriter", {"version": "7.3"}),
    "take.uff": ("UffWriter", {}),
    "take.parquet": ("ParquetWriter", {}),
}


def position(count: int) -> int:
    """Return where a sample lies on the stream's axis, given how many came before it."""
    return count + count // EVERY * LOST


def main(folder: Path, seed: int, live: bool) -> None:
    """Record until killed."""
    rng = np.random.default_rng(seed)
    nodes: list[ProcessingNode] = [
        node_class(name)(path=str(folder / path), **config) for path, (name, config) in WRITERS.items()
    ]
    with open(folder / "count", "r+b") as file:
        told = mmap.mmap(file.fileno(), 8)
    taken, number = 0, 0
    begun = time.monotonic()
    while True:
        size = min(int(rng.integers(1, 400)), EVERY - taken % EVERY)
        start = position(taken)
        values = np.arange(start, start + size, dtype=float)
        frame = DataFrame.from_samples(
            np.stack([values, -values]), INFO,
            timestamp=start * 10**6 // RATE, sequence_id=number, start_sample=start,
            gap=LOST if taken and taken % EVERY == 0 else 0,
        ).seal()  # fmt: skip
        if live:
            time.sleep(max(0.0, begun + (taken + size) / RATE - time.monotonic()))
        for node in nodes:
            node.process(frame)
        taken, number = taken + size, number + 1
        told[:8] = struct.pack("<q", taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "live")
