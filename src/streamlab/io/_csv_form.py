"""What is known of a table of text: beforehand, and once its beginning was looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from streamlab.core import ChannelInfo
from streamlab.core.info import Axis
from streamlab.io._stamps import Clock

__all__ = ["EMPTY", "CsvLayout", "CsvOptions"]

EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "#n/a", "-", "--", "---"})
"""Cells, in small letters, that say that there is no value: NaN."""


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """What is known of a table beforehand; None is found out. See the parameters of ``CsvFile``."""

    delimiter: str | None = None
    decimal: str | None = None
    skip: int | None = None
    time: str | None = None
    time_format: str | None = None
    rate: Fraction | None = None
    tolerance: float = 0.25
    disorder: Literal["error", "drop"] = "error"


@dataclass(slots=True)
class CsvLayout:
    """How the table lies in the file.

    ``offset`` and ``number`` say where its first row begins, in bytes and as a line; ``width`` how many cells
    a row has; ``channels`` which of them hold numbers, by their place; ``time`` which of them are the stamp,
    or ``points`` which of them is the place on the ``axis``, where that is another than time.
    """

    encoding: str
    newline: bytes
    delimiter: str
    decimal: str
    offset: int
    number: int
    width: int
    names: list[str]
    channels: dict[int, ChannelInfo]
    time: tuple[int, ...] = ()
    clock: Clock | None = None
    rate: Fraction | None = None
    axis: Axis = "time"
    points: int = -1
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def stamp(self, cells: Sequence[str]) -> str:
        """Return the stamp of a row."""
        return cells[self.time[0]] if len(self.time) == 1 else " ".join(cells[at] for at in self.time)
