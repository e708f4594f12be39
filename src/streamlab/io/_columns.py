"""A stream as a table: a row per sample, with its time and, off the time axis, its place."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import StreamInfo
from streamlab.dsp.bands import nominal_frequencies
from streamlab.errors import FrameError
from streamlab.io._blocks import Block, is_continuous

__all__ = ["lead_columns", "lead_names", "times_at"]

_PLAIN_AXES = ("time", "none")  # whose samples need no column of their own beside the time


def lead_names(info: StreamInfo) -> tuple[str, ...]:
    """Return the names of the columns before the channels, none of them a channel's.

    ``time`` in seconds, or ``timestamp`` where the stream has no rate; then ``frequency`` in Hz, ``order``,
    or ``point`` where the stream does not say where its points lie.
    """
    names = ["timestamp" if info.sample_rate is None else "time"]
    if info.axis not in _PLAIN_AXES:
        names.append(("order" if info.axis == "order" else "frequency") if info.points else "point")
    for place, name in enumerate(names):
        while name in info.names:
            name += "_"
        names[place] = name
    return tuple(names)


def lead_columns(block: Block) -> list[NDArray[Any]]:
    """Return the columns before the channels, one value per sample of the block.

    Time is float64 in seconds on the source's axis, each correctly rounded, or int64 in microseconds since
    the epoch. Bands of a fraction of an octave stand under their nominal frequency. Raises FrameError for a
    frame that has other points than the stream.
    """
    info = block.info
    lengths = [frame.n for frame in block.frames]
    if is_continuous(info):
        return [times_at(block.start_sample, block.n, info.sample_rate or Fraction(1))]
    if info.sample_rate is None:
        when: NDArray[Any] = block.timestamps()
    else:
        when = np.concatenate([times_at(frame.start_sample, 1, info.sample_rate) for frame in block.frames])
    columns = [np.repeat(when, lengths)]
    if info.axis not in _PLAIN_AXES:
        columns.append(_places(block, lengths))
    return columns


def _places(block: Block, lengths: Sequence[int]) -> NDArray[Any]:
    info = block.info
    if not info.points:
        return np.concatenate([np.arange(length) for length in lengths])
    for length in lengths:
        if length != len(info.points):
            raise FrameError(f"the axis has {len(info.points)} points; found {length} values")
    nominal = nominal_frequencies(info.points) if info.axis == "band" else None
    return np.tile(np.array(nominal or info.points, dtype=float), len(lengths))


def times_at(start: int, count: int, rate: Fraction) -> NDArray[np.float64]:
    """Return the times of samples in seconds, each correctly rounded, (count,)."""
    top, bottom = rate.denominator, rate.numerator
    if max(abs(start) + count, 1) * top < 2**53 and bottom < 2**53:  # the division is the only rounding
        times: NDArray[np.float64] = np.arange(start, start + count) * top / bottom
        return times
    return np.array([index * top / bottom for index in range(start, start + count)])
