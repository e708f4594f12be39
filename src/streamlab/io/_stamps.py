"""Time stamps written as text: which form a column of them has, and the numbers that they are.

ISO 8601 dates with a time of day, the same with the day first and points between (31.12.2024), times of day
alone, plain numbers of seconds or of another unit, since the epoch or since the beginning, and any other form
by its `strptime` format. A stamp without a zone is taken as UTC.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["TICKS", "Clock", "find_clock", "is_stamp", "tick_of_epoch"]

_MICRO = Fraction(1, 10**6)
_ISO = re.compile(r"\d{4}([-/])\d\d?\1\d\d?([T ]+\d\d?:\d\d(:\d\d([.,]\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})([T ]+(\d\d?:\d\d(:\d\d([.,]\d+)?)?))?")
_OF_DAY = re.compile(r"(\d+):(\d\d)(?::(\d\d)([.,]\d+)?)?")
_PLAIN = re.compile(r"\d{4}-\d\d?-\d\d?([T ]+\d\d?:\d\d(:\d\d(\.\d+)?)?)?")
_PARTS = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ]+(\d\d?:\d\d))?")
_ZONE = re.compile(r"\s*(Z|UTC|[+-]\d\d:?\d\d)$")
TICKS = {
    "s": Fraction(1), "sec": Fraction(1), "seconds": Fraction(1), "ms": Fraction(1, 1000), "us": _MICRO,
    "ns": Fraction(1, 10**9), "min": Fraction(60), "h": Fraction(3600), "d": Fraction(86400),
}  # fmt: skip
"""The units that a column of time may have, in seconds."""

Form = Literal["number", "iso", "dotted", "of day", "format"]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the stamps of a column are read: their form, the seconds of a tick, and whether they are dates."""

    form: Form
    tick: Fraction
    absolute: bool
    decimal: str = "."
    pattern: str = ""

    def parse(self, cells: Sequence[str]) -> NDArray[np.int64] | NDArray[np.float64]:
        """Return the stamps in ticks. Raises ValueError where one is not as it should be."""
        match self.form:
            case "number":
                return self._numbers(cells)
            case "iso":
                return _iso(cells)
            case "dotted":
                return _iso([_DOTTED.sub(_turn, cell.strip(), count=1) for cell in cells])
            case "of day":
                return np.array([_of_day(cell) for cell in cells])
            case "format":
                return np.array([_by_format(cell.strip(), self.pattern) for cell in cells], np.int64)

    def _numbers(self, cells: Sequence[str]) -> NDArray[np.int64] | NDArray[np.float64]:
        if self.decimal != ".":
            cells = [cell.replace(self.decimal, ".") for cell in cells]
        if any("_" in cell for cell in cells):
            raise ValueError("a number has no underscores")
        try:
            return np.array(list(map(int, cells)), np.int64)
        except (ValueError, OverflowError):
            return np.array(list(map(float, cells)))


def is_stamp(cell: str) -> bool:
    """Whether a cell is a date or a time of day, not a plain number."""
    text = cell.strip()
    return bool(_ISO.fullmatch(text) or _DOTTED.fullmatch(text) or _OF_DAY.fullmatch(text))


def find_clock(cell: str, unit: str, decimal: str, pattern: str | None) -> Clock:
    """Return how the stamps of a column are to be read whose first one is ``cell``.

    Raises ValueError for a form that is not known.
    """
    text = cell.strip()
    if pattern is not None:
        clock = Clock("format", _MICRO, absolute=True, pattern=pattern)
        clock.parse([text])
        return clock
    if _ISO.fullmatch(text):
        return Clock("iso", _MICRO, absolute=True)
    if _DOTTED.fullmatch(text):
        return Clock("dotted", _MICRO, absolute=True)
    if _OF_DAY.fullmatch(text):
        return Clock("of day", Fraction(1), absolute=False)
    first = float(Clock("number", Fraction(1), absolute=False, decimal=decimal).parse([text])[0])
    tick = TICKS[unit] if unit else tick_of_epoch(abs(first))
    absolute = 1e8 <= first * float(tick) < 1e11  # 1973 to 5138: since the epoch
    return Clock("number", tick, absolute, decimal)


def tick_of_epoch(first: float) -> Fraction:
    """Return the tick of a number without a unit: what puts it between 1973 and 5138, or a second."""
    for tick, low in ((1, 1e8), (10**3, 1e11), (10**6, 1e14), (10**9, 1e17)):
        if low <= first < low * 1000:
            return Fraction(1, tick)
    return Fraction(1)


def _iso(cells: Sequence[str]) -> NDArray[np.int64]:
    """Return microseconds since the epoch, to their floor."""
    first = cells[0] if len(cells) else ""
    texts = [cell.strip() for cell in cells]
    if "/" in first:
        texts = [text.replace("/", "-") for text in texts]
    if "," in first:
        texts = [text.replace(",", ".") for text in texts]
    zones: NDArray[np.int64] | int = 0
    if _ZONE.search(first):
        found = [_ZONE.search(text) for text in texts]
        if not all(found):
            raise ValueError("some stamps have a zone and some have none")
        zones = np.array([_offset(match[1]) for match in found if match], np.int64)
        texts = [text[: match.start()] for text, match in zip(texts, found, strict=True) if match]
    if not all(map(_PLAIN.fullmatch, texts)):  # NumPy would take a zone with a warning, and leave it out
        raise ValueError("a stamp is not written as the first one is")
    try:
        stamps = np.array(texts, "datetime64[us]")
    except ValueError:
        stamps = np.array([_PARTS.sub(_padded, text) for text in texts], "datetime64[us]")
    if np.isnat(stamps).any():
        raise ValueError("a stamp is empty")
    return stamps.astype(np.int64) - zones


def _padded(match: re.Match[str]) -> str:
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" + (f"T{match[4]:0>5}" if match[4] else "")


def _offset(zone: str) -> int:
    if zone in ("Z", "UTC"):
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return (-minutes if zone[0] == "-" else minutes) * 60 * 10**6


def _turn(match: re.Match[str]) -> str:
    day, month, year, time = match[1], match[2], match[3], match[5]
    return f"{year}-{month:0>2}-{day:0>2}" + (f" {time:0>5}" if time else "")


def _of_day(cell: str) -> float:
    match = _OF_DAY.fullmatch(cell.strip())
    if match is None:
        raise ValueError(f"{cell!r} is no time of day")
    fraction = float(match[4].replace(",", ".")) if match[4] else 0.0
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0) + fraction


def _by_format(cell: str, pattern: str) -> int:
    when = datetime.strptime(cell, pattern)
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    passed = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86400 + passed.seconds) * 10**6 + passed.microseconds
