"""Units and the reference values of levels.

A unit is its symbol as printed in a header ("Pa", "m/s2", "V"). A level is 20 lg(x / x0) for a field quantity
and needs the reference x0: ISO 1683:2015 names the preferred ones.
"""

import math
import re
from dataclasses import dataclass

__all__ = ["REFERENCES", "Reference", "db_from_ratio", "default_reference", "parse_reference"]


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference of a level: ``value`` in ``unit``, and the text it was written as."""

    value: float
    unit: str
    text: str

    @property
    def label(self) -> str:
        """The unit of a level with this reference, as it is printed: ``dB re 20 uPa``."""
        return f"dB re {self.text}"


# ISO 1683:2015, table 1 (sound in gases, vibration); 1 V, 1 A and full scale (AES17) as the field uses them.
REFERENCES: dict[str, Reference] = {
    "Pa": Reference(20e-6, "Pa", "20 uPa"),
    "m/s2": Reference(1e-6, "m/s2", "1 um/s2"),
    "m/s": Reference(1e-9, "m/s", "1 nm/s"),
    "m": Reference(1e-12, "m", "1 pm"),
    "W": Reference(1e-12, "W", "1 pW"),
    "V": Reference(1.0, "V", "1 V"),
    "A": Reference(1.0, "A", "1 A"),
    "FS": Reference(1.0, "FS", "1 FS"),
    "": Reference(1.0, "", "1"),
}

_PREFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_TEXT = re.compile(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(\S*)\s*")


def default_reference(unit: str) -> Reference:
    """Return the preferred reference of a unit (ISO 1683), or one of it where the standard names none."""
    known = REFERENCES.get(unit)
    return known if known is not None else Reference(1.0, unit, f"1 {unit}")


def parse_reference(text: str) -> Reference:
    """Read a reference such as ``20 uPa``, ``1 V`` or ``1e-6 m/s2``.

    Raises ValueError when the text is not a positive number and a unit.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"a reference is a number and a unit, such as '20 uPa'; found {text!r}")
    try:
        number = float(match[1])
    except ValueError:
        number = math.nan
    symbol = match[2]
    prefix, unit = _split_prefix(symbol)
    value = number * _PREFIX[prefix]
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"a reference is a positive number and a unit; found {text!r}")
    return Reference(_tidy(value), unit, f"{match[1]} {symbol}".strip())


def _split_prefix(symbol: str) -> tuple[str, str]:
    if symbol in REFERENCES:
        return "", symbol
    if len(symbol) > 1 and symbol[0] in _PREFIX and symbol[1:] in REFERENCES:
        return symbol[0], symbol[1:]
    return "", symbol


def _tidy(value: float) -> float:
    """Undo the rounding of prefix arithmetic (20 * 1e-6 is not 20e-6 in binary)."""
    return float(f"{value:.15g}")


def db_from_ratio(ratio: float) -> float:
    """Return 20 lg(ratio); minus infinity at zero, NaN for NaN. For field quantities (ISO 80000-8)."""
    if math.isnan(ratio):
        return math.nan
    return 20.0 * math.log10(ratio) if ratio > 0 else -math.inf
