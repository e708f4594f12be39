"""One line of the table: a requirement, what was measured, and how far it is from its limit."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo
from streamlab.core.node import frames_of

__all__ = ["Check", "Point", "Task", "hertz", "measured_by"]


@dataclass(frozen=True, slots=True)
class Point:
    """A value that was measured, where, and between which limits it has to lie."""

    at: str
    value: float
    lower: float
    upper: float

    @property
    def margin(self) -> float:
        """How far the value is inside its limits; negative outside, NaN for NaN."""
        if math.isnan(self.value):
            return math.nan
        return min(self.upper - self.value, self.value - self.lower)

    @property
    def passed(self) -> bool:
        """Whether it is within its limits."""
        return self.margin >= 0.0

    @property
    def used(self) -> float:
        """The share of its limit that a value uses: 0 at the goal, 1 on the limit, more beyond."""
        if not self.passed:
            return 2.0 if math.isnan(self.value) else 1.0 + max(0.0, -self.margin)
        shares = [0.0]
        if 0.0 < self.upper < math.inf:
            shares.append(self.value / self.upper)
        if -math.inf < self.lower < 0.0:
            shares.append(self.value / self.lower)
        elif self.lower > 0.0:
            shares.append(self.lower / self.value)
        return max(shares)


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement with all that was measured for it, in ``unit``, at a sample rate in Hz if at one."""

    requirement: str
    standard: str
    clause: str
    points: tuple[Point, ...]
    unit: str = "dB"
    rate: float | None = None

    @property
    def worst(self) -> Point:
        """The point that comes closest to its limit, as a share of it."""
        return max(self.points, key=lambda point: point.used)

    @property
    def passed(self) -> bool:
        """Whether all points are within their limits; nothing measured is no pass."""
        return bool(self.points) and all(point.passed for point in self.points)


Task = Callable[[], Iterable[Check]]
"""What is measured in one go, between two steps of the progress."""


def hertz(frequency: float, label: str = "") -> str:
    """Return a frequency as it is said, by its nominal label if it has one: ``8 kHz``, ``7.943 kHz``."""
    text = label or (f"{frequency / 1000:.4g}k" if frequency >= 1000.0 else f"{frequency:.4g}")
    return f"{text.removesuffix('k')} {'kHz' if text.endswith('k') else 'Hz'}"


def measured_by(
    node: ProcessingNode, samples: Samples, rate: float, *, unit: str = "Pa", frame_size: int = 4096
) -> tuple[list[DataFrame], Any]:
    """Run one channel ``x`` through a node, frame by frame, to the end; return its frames and its result."""
    info = StreamInfo([ChannelInfo("x", unit)], rate)
    frames: list[DataFrame] = []
    for start in range(0, len(samples), frame_size):
        part = np.ascontiguousarray(samples[np.newaxis, start : start + frame_size])
        out: Any = node.process(DataFrame.from_samples(part, info, start_sample=start))
        frames += frames_of(out)
    frames += frames_of(node.flush())
    return frames, node.result()
