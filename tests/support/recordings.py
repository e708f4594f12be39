"""Reading the recordings that tests compare with: only as much of a format as one file needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def read_uff58(path: Path) -> tuple[np.ndarray, float]:
    """Return the samples (n,) and the rate of a universal file with one real, evenly spaced data set 58.

    Universal File Format, data set 58 (text: six numbers a line) and 58b (binary, little endian).
    """
    data = path.read_bytes()
    lines = data.split(b"\n", 13)
    kind, axis = lines[1].split()[0], lines[8].split()
    count, step = int(axis[1]), float(axis[4])
    if kind == b"58b":
        samples = np.frombuffer(lines[13], dtype="<f4", count=count).astype(float)
    else:
        samples = np.array(lines[13].split()[:count], dtype=float)
    return samples, 1.0 / step
