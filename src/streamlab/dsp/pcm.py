"""Samples as the bytes of a sound file."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENCODINGS", "Encoding", "encode", "width"]

Encoding = Literal["float32", "float64", "pcm16", "pcm24"]
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
_WIDTH: dict[Encoding, int] = {"float32": 4, "float64": 8, "pcm16": 2, "pcm24": 3}


def width(encoding: Encoding) -> int:
    """Return the bytes of a sample."""
    return _WIDTH[encoding]


def encode(samples: NDArray[Any], encoding: Encoding) -> tuple[bytes, int]:
    """Return samples as interleaved little-endian bytes, and how many had to be clipped.

    Parameters
    ----------
    samples : (channels, n) array
        1.0 is full scale. Integers hold -1 to 1 - 2^(1 - bits), rounded to the nearest step; what lies
        outside is clipped, and NaN counts as clipped and becomes 0. Floats hold everything.
    encoding
        How to store them.
    """
    if encoding in ("float32", "float64"):
        with np.errstate(over="ignore"):
            return samples.T.astype("<f4" if encoding == "float32" else "<f8").tobytes(), 0
    steps = 1 << (8 * _WIDTH[encoding] - 1)
    scaled = np.rint(samples.T * steps)
    inside = (scaled >= -steps) & (scaled <= steps - 1)
    clipped = int(scaled.size - np.count_nonzero(inside))
    if clipped:
        scaled = np.nan_to_num(scaled.clip(-steps, steps - 1), copy=False)
    if encoding == "pcm16":
        return scaled.astype("<i2").tobytes(), clipped
    return np.ascontiguousarray(scaled.astype("<i4")).view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), clipped
