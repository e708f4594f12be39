"""A chart of characters: levels over time, as high as a few lines and as wide as the terminal."""

import math
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from streamlab.core import Samples

__all__ = ["band_chart", "chart", "columns_of"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_SPAN = 60  # decibels that the scale covers at most
_PLAIN = " .:-=+*#@"  # where the terminal has no block characters


def chart(
    values: Samples, *, width: int, seconds: float, limit: float | None = None, height: int = 6
) -> Iterator[str]:
    """Yield the lines of a bar chart of levels in dB, with its scale on the left and time below.

    Each column has the mean power of its stretch of time; a few values make columns several characters wide.
    ``limit`` is drawn above the chart where it is not exceeded. The scale goes down by 60 dB at most; what is
    below, such as silence, leaves a column empty.
    """
    columns = columns_of(values, width)
    columns = [value for value in columns for _ in range(max(1, min(width, 48) // len(columns)))]
    drawn = list(_bars(columns, limit, height))
    yield from drawn
    if len(drawn) > 1:
        yield f"{'':7} {_time_scale(seconds, len(columns))}"


def band_chart(
    marks: Sequence[str], values: Sequence[float], *, width: int, height: int = 6
) -> Iterator[str]:
    """Yield the lines of a bar chart of band levels in dB, with what ``marks`` says of a band below it."""
    each = max(1, min(2, width // max(1, len(values))))
    drawn = list(_bars([value for value in values for _ in range(each)], None, height))
    yield from drawn
    if len(drawn) > 1:
        line = ""
        for place, mark in enumerate(marks):
            if mark and len(line) <= max(0, place * each - 1):
                line = line.ljust(place * each) + mark
        yield f"{'':7} {line} Hz"


def _bars(columns: Sequence[float], limit: float | None, height: int) -> Iterator[str]:
    finite = [value for value in columns if math.isfinite(value)]
    if not finite:
        yield "  (silence)"
        return
    high = math.ceil(max(finite))
    low = max(math.floor(min(finite) - 1), high - _SPAN)
    marks = _BLOCKS if _shows(_BLOCKS) else _PLAIN
    if limit is not None and limit > high:
        dash = "╌" if _shows("╌") else "-"
        yield f"{limit:7.1f} {dash * max(0, len(columns) - 6)} limit"
    step = (high - low) / height
    for line in reversed(range(height)):
        bottom = low + line * step
        cells = "".join(_cell(value, bottom, step, marks) for value in columns)
        label = high if line == height - 1 else low if line == 0 else None
        yield f"{label:7.1f} {cells}" if label is not None else f"{'':7} {cells}"


def _cell(value: float, bottom: float, step: float, marks: str) -> str:
    if not math.isfinite(value):
        return " "
    part = (value - bottom) / step
    return marks[max(0, min(len(marks) - 1, round(part * (len(marks) - 1))))]


def columns_of(values: Samples, width: int) -> Sequence[float]:
    """Return at most ``width`` levels, each of the mean power of a stretch of the given ones."""
    count = min(width, len(values))
    power = 10.0 ** (np.asarray(values) / 10.0)
    edges = np.linspace(0, len(values), count + 1).round().astype(int)
    means = np.add.reduceat(power, edges[:-1]) / np.diff(edges)
    with np.errstate(divide="ignore"):
        columns: list[float] = (10.0 * np.log10(means)).tolist()
    return columns


def _time_scale(seconds: float, width: int) -> str:
    left, middle, right = "0 s", f"{seconds / 2:.4g} s", f"{seconds:.4g} s"
    if width < len(left + middle + right) + 8:
        return f"{left}{right:>{max(1, width - len(left))}}"
    half = width // 2
    line = left + middle.rjust(half - len(left) + len(middle) // 2)
    return line + right.rjust(width - len(line))


def _shows(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
