"""Timestamps for nodes that make frames of their own."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from streamlab.core import DataFrame

__all__ = ["Clockwork"]


class Clockwork:
    """Timestamps of samples, counted from one frame: the size of frames does not show in the rounding.

    ``metadata`` is that of the newest frame, ``origin`` the first sample since the start or the last gap.
    """

    def __init__(self, rate: Fraction) -> None:
        self.rate = rate
        self.metadata: Mapping[str, Any] | None = None
        self.origin = 0
        self._timestamp = 0

    def note(self, frame: DataFrame, due: int | None) -> bool:
        """Take note of a frame with samples; say whether it does not begin with the sample that is due."""
        self.metadata = frame.metadata
        if frame.start_sample == due:
            return False
        self.origin, self._timestamp = frame.start_sample, frame.timestamp
        return True

    def at(self, sample: int) -> int:
        """Return the time of a sample in microseconds since the epoch."""
        return self.between(sample / self.rate)

    def between(self, time: Fraction) -> int:
        """Return the same for a time of the stream in seconds."""
        return self._timestamp + int(time * 10**6 // 1 - self.origin / self.rate * 10**6 // 1)
