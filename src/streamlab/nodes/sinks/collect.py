"""Collect: keep frames for the one who asked."""

from collections import deque
from typing import Literal

from streamlab.core import DataFrame, ProcessingNode, param


class Collect(ProcessingNode):
    """Keep the frames that pass; they are the node's result, as a list.

    Input    any frame                       Output  the same frame
    Kind     frame-wise                      State   the frames kept, at most ``limit``
    Gaps     passed on                       Errors  none

    Example
    -------
    >>> node = Collect(limit=2)
    >>> for number in range(5):
    ...     frame = node.process(DataFrame(0, number))
    >>> [frame.sequence_id for frame in node.result()]
    [3, 4]
    """

    limit: int | None = param(default=1000, doc="Frames to keep; null for all", unit="frames", ge=1)
    keep: Literal["last", "first"] = param(default="last", doc="Which ones, where more than limit come")

    _kept: deque[DataFrame] | None = None

    def process(self, frame: DataFrame) -> DataFrame:
        """Keep the frame and pass it on."""
        if self._kept is None:
            self._kept = deque(maxlen=self.limit)
        if self.keep == "last" or len(self._kept) != self.limit:
            self._kept.append(frame)
        return frame

    def result(self) -> list[DataFrame]:
        """The frames kept, oldest first."""
        return list(self._kept or ())

    def reset(self) -> None:
        super().reset()
        self._kept = None
