"""Plot: a figure with what belongs to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Plot", "Table", "listed", "number"]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers that a plot shows: a row for each label, a column for each name, with their unit."""

    corner: str
    columns: list[str]
    rows: list[tuple[str, list[float]]]
    unit: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure, what it is called as a file, its title, remarks on how to read it, and it in words."""

    name: str
    title: str
    figure: Any
    caption: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    table: Table | None = None


def number(value: float) -> str:
    """Return a value as a sentence has it: five digits."""
    if math.isnan(value):
        return "no number"
    if math.isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    return f"{value:.5g}".replace("-", "\N{MINUS SIGN}")


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: ``a, b and c``."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1] if words else "") if part)
