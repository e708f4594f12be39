"""Names and units out of the headers of files, as StreamLab writes them and as people do."""

import re
from collections.abc import Iterable, Sequence

from streamlab.core import ChannelInfo
from streamlab.dsp.bands import bands_between, nominal_frequency
from streamlab.units import plain_symbol, quantity_of

__all__ = [
    "bands_of",
    "channel_of",
    "clean",
    "distinct",
    "is_time_name",
    "is_unit_row",
    "time_unit",
    "unit_of",
]

_BRACKETS = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\s*")
_PARENTHESES = re.compile(r"(.*\S)\s*\(([^()]*)\)\s*")
_DIVIDED = re.compile(r"(.*\S)\s*/\s*([^/]+(?:/[^/]+)?)\s*")  # "p / Pa": DIN 1313, ISO 80000-1
_REFERENCE = re.compile(r"\s+(?:re|rel\.?|bez\.?)\s+", re.IGNORECASE)
_OTHER = {
    "dB",
    "%",
    "-",
    "1",
    "dB(A)",
    "dB(C)",
    "dB(Z)",
    "counts",
    "l/min",
    "m3/h",
    "kWh",
    "VA",
    "EU",
    "sone",
    "phon",
}
_TIME = re.compile(
    r"(?:date|time|time ?stamp|date ?time|t|ts|zeit|datum|zeitstempel|elapsed(?: time)?|time ?\(?utc\)?|"
    r"unix ?time|epoch|x[ _-]?(?:value|axis)s?)(?: (s|sec|ms|us|ns|min|h))?",
    re.IGNORECASE,
)
_TIME_UNITS = {
    "seconds": "s", "second": "s", "secs": "s", "milliseconds": "ms", "millis": "ms", "microseconds": "us",
    "micros": "us", "nanoseconds": "ns", "minutes": "min", "hours": "h",
}  # fmt: skip
_SPELT_OUT = {
    "volt": "V", "volts": "V", "amp": "A", "amps": "A", "ampere": "A", "pascal": "Pa", "pascals": "Pa",
    "newton": "N", "newtons": "N", "g's": "g", "gs": "g", "gn": "g", "celsius": "degC", "deg c": "degC",
    "deg f": "degF", "fahrenheit": "degF", "kelvin": "K", "hertz": "Hz", "seconds": "s",
    "second": "s", "sec": "s", "degrees": "deg", "percent": "%", "meters": "m", "metre": "m", "metres": "m",
}  # fmt: skip
_LONGEST = 200


def channel_of(label: str) -> ChannelInfo:
    """Return name and unit of a column: ``mic1.Leq [dB re 20 uPa]``, ``Pressure (bar)``, ``p / Pa``.

    What stands in brackets is a unit; in parentheses or behind a stroke it is one if it is known as such.
    """
    text = clean(label)
    if match := _BRACKETS.fullmatch(text):
        unit, reference = unit_of(match[2])
        return ChannelInfo(match[1], unit, reference=reference)
    for form in (_PARENTHESES, _DIVIDED):
        match = form.fullmatch(text)
        if match and _known(match[2]):
            unit, reference = unit_of(match[2])
            return ChannelInfo(match[1], unit, reference=reference)
    return ChannelInfo(text)


def unit_of(text: str) -> tuple[str, str]:
    """Return the symbol of a unit as StreamLab writes it, and the reference of a level if there is one."""
    parts = _REFERENCE.split(clean(text), maxsplit=1)
    unit = plain_symbol(_SPELT_OUT.get(parts[0].lower(), parts[0]))
    return ("" if unit in ("-", "1") else unit), (parts[1].strip() if len(parts) > 1 else "")


def is_unit_row(cells: Sequence[str]) -> bool:
    """Whether the cells below the names are their units: all known or empty, and at least one known."""
    texts = [cell.strip().strip("[]()") for cell in cells]
    return any(map(_known, texts)) and all(not text or _known(text) for text in texts)


def clean(text: str) -> str:
    """Return a name from a file as it can be shown: no control characters, no line breaks, bounded."""
    shown = "".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST])
    return shown.strip()[:_LONGEST]


def distinct(names: Iterable[str], other: str = "channel") -> list[str]:
    """Return the names made different: a second ``a`` is ``a (2)``, an empty one ``channel 3``."""
    seen: set[str] = set()
    result = []
    counts: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        base = name or f"{other} {number}"
        unique = base
        while unique in seen:
            counts[base] = counts.get(base, 1) + 1
            unique = f"{base} ({counts[base]})"
        seen.add(unique)
        result.append(unique)
    return result


def is_time_name(name: str) -> bool:
    """Whether a column of this name is the time of the others."""
    return time_unit(name) is not None


def time_unit(name: str) -> str | None:
    """Return the unit that the name of a column of time says, empty if it says none; None for another name.

    ``time`` and ``Zeit`` say none, ``millis``, ``timestamp_ns`` and ``t_us`` do.
    """
    plain = name.replace("_", " ").strip()
    if plain.lower() in _TIME_UNITS:
        return _TIME_UNITS[plain.lower()]
    match = _TIME.fullmatch(plain)
    return None if match is None else (match[1] or "").lower().replace("sec", "s")


def bands_of(points: Sequence[float]) -> tuple[float, ...]:
    """Return the exact centres of octaves or third octaves whose nominal frequencies these are; else none."""
    if len(points) < 2 or not 0.0 < points[0] < points[-1] < 1e7:
        return ()
    for fraction in (1, 3):
        bands = bands_between(fraction, points[0], points[-1])
        if [nominal_frequency(fraction, band.centre) for band in bands] == list(points):
            return tuple(band.centre for band in bands)
    return ()


def _known(text: str) -> bool:
    part = _REFERENCE.split(text.strip(), maxsplit=1)[0]
    symbol = plain_symbol(_SPELT_OUT.get(part.lower(), part))
    return symbol in _OTHER or bool(quantity_of(symbol))
