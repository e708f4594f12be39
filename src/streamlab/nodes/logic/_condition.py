"""A condition on a stream, frame by frame: one number of a channel lies within bounds, with hysteresis."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.limits import Bounds
from streamlab.errors import Problem
from streamlab.nodes._channels import bounds_problems, missing_channels

Number = Literal["last", "mean", "max", "min", "RMS"]


_NUMBERS: dict[Number, Callable[[Samples], Any]] = {
    "last": lambda row: row[-1],
    "mean": lambda row: np.mean(row),
    "max": lambda row: np.max(row),
    "min": lambda row: np.min(row),
    "RMS": lambda row: np.sqrt(np.mean(row * row)),
}


class Conditional(ProcessingNode):
    """A node that decides by one number of each frame whether a condition holds.

    It holds from a number within the bounds until one that lies outside by more than ``hysteresis``, or is
    NaN. For an empty frame it does not hold, whatever it does for the next one; nor at the beginning.
    """

    value: str | None = param(
        default=None, doc="Channel that decides; needed where there are several", min_length=1
    )
    lower: float | None = param(
        default=None,
        doc="Smallest value within the bounds, in the channel's unit",
        unit="unit",
        ge=-1e300,
        le=1e300,
    )
    upper: float | None = param(
        default=None,
        doc="Largest value within the bounds, in the channel's unit",
        unit="unit",
        ge=-1e300,
        le=1e300,
    )
    hysteresis: float = param(
        default=0.0, doc="How far outside the condition still holds", unit="unit", ge=0, le=1e300
    )
    of: Number = param(default="last", doc="The number of a frame that decides")

    _holds = False

    def reset(self) -> None:
        super().reset()
        self._holds = False

    def decide(self, frame: DataFrame) -> bool:
        """Return whether the condition holds, this frame included."""
        if not frame.n:
            return False
        row = frame.samples[0 if self.value is None else frame.info.row(self.value)]
        number = np.asarray(_NUMBERS[self.of](row))
        distance = float(Bounds(self.lower, self.upper).distance(number))
        self._holds = distance >= 0 or (self._holds and distance >= -self.hysteresis)
        return self._holds

    @classmethod
    def problems_with(cls, params: Any, info: StreamInfo | None) -> list[Problem]:
        """Return what is wrong with the stream that decides."""
        if info is None:
            return []
        if params.value is None and len(info.names) != 1:
            have = ", ".join(info.names) or "no channel"
            return [Problem("/value", "it is not said which channel decides", f"one of {have}", "nothing")]
        problems = missing_channels(info, None if params.value is None else [params.value], "value")
        return [Problem("/value", item.message, item.expected, item.found, item.hint) for item in problems]

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """There is a bound, and the lower is not above the upper."""
        return bounds_problems(params, "a condition")
