"""Units and the reference values of levels.

A unit is its symbol as printed in a header ("Pa", "m/s2", "V"). A level is 20 lg(x / x0) for a field quantity
and needs the reference x0: ISO 1683:2015 names the preferred ones. A number in one unit becomes one in
another of the same quantity by the factors of the SI (BIPM, 9th edition) and NIST SP 811: exact, but for pi.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "Conversion",
    "Reference",
    "conversion",
    "db_from_ratio",
    "default_reference",
    "parse_reference",
    "plain_symbol",
    "quantity_of",
    "reference_in",
]


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


# ISO 1683:2015 (sound in gases, vibration); 1 V, 1 A and full scale (AES17) as the field uses them.
_PREFERRED = {
    "pressure": "20 uPa",
    "acceleration": "1 um/s2",
    "velocity": "1 nm/s",
    "length": "1 pm",
    "force": "1 uN",
    "voltage": "1 V",
    "current": "1 A",
    "ratio": "1",
}
_WITH_PREFIX = ("Pa", "m/s2", "m/s", "m", "N", "V", "A", "W")  # in the text of a reference

_PREFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_TEXT = re.compile(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(\S*)\s*")


def default_reference(unit: str) -> Reference:
    """Return the preferred reference of what a unit measures (ISO 1683), its value in that unit.

    One of the unit where the standard names none.

    Examples
    --------
    >>> default_reference("kPa")
    Reference(value=2e-08, unit='kPa', text='20 uPa')
    """
    text = _PREFERRED.get(quantity_of(unit))
    if text is not None:
        return reference_in(parse_reference(text), unit)
    return Reference(1.0, unit, f"1 {unit}".strip())


def reference_in(reference: Reference, unit: str) -> Reference:
    """Return a reference with its value in another unit of the same quantity, as numbers in it need it.

    Numbers without a unit are taken to be in the reference's own. Raises ValueError, in words, where the two
    measure different things.
    """
    if unit in ("", reference.unit):
        return reference
    rule = conversion(reference.unit or "1", unit)
    if rule.offset:
        raise ValueError(f"{unit} does not begin where {reference.unit} does")
    return Reference(_tidy(reference.value * rule.factor), unit, reference.text)


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
    if len(symbol) > 1 and symbol[0] in _PREFIX and symbol[1:] in _WITH_PREFIX:
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


# Quantity, and what one of the unit is in the coherent SI unit, exactly.
_QUANTITIES: dict[str, dict[str, int | str | Fraction]] = {
    "pressure": {
        "Pa": 1,
        "bar": 100_000,
        "atm": 101_325,
        "psi": Fraction("4.4482216152605") / Fraction("0.0254") ** 2,
    },
    "acceleration": {"m/s2": 1, "g": "9.80665", "in/s2": "0.0254", "ft/s2": "0.3048"},
    "velocity": {"m/s": 1, "in/s": "0.0254", "ft/s": "0.3048", "km/h": Fraction(5, 18)},
    "length": {"m": 1, "in": "0.0254", "ft": "0.3048", "mil": "0.0000254"},
    "voltage": {"V": 1},
    "current": {"A": 1},
    "charge": {"C": 1},
    "resistance": {"Ohm": 1},
    "power": {"W": 1},
    "force": {"N": 1, "lbf": "4.4482216152605"},
    "torque": {"Nm": 1},
    "mass": {"kg": 1, "lb": "0.45359237"},
    "time": {"s": 1, "min": 60, "h": 3600},
    "frequency": {"Hz": 1, "1/min": Fraction(1, 60), "rpm": Fraction(1, 60)},
    "angle": {"rad": 1, "deg": Fraction(math.pi) / 180, "rev": Fraction(2 * math.pi)},
    "temperature": {"K": 1, "degC": 1, "degF": Fraction(5, 9)},
    "ratio": {"1": 1, "%": Fraction(1, 100), "ppm": Fraction(1, 10**6), "um/m": Fraction(1, 10**6)},
}
_UNITS = {
    symbol: (quantity, Fraction(factor))
    for quantity, units in _QUANTITIES.items()
    for symbol, factor in units.items()
}
_PREFIXED = {
    "Pa",
    "bar",
    "m/s2",
    "g",
    "m/s",
    "m",
    "V",
    "A",
    "C",
    "Ohm",
    "W",
    "N",
    "Nm",
    "s",
    "Hz",
    "rad",
    "K",
}
_ZERO = {"degC": Fraction("273.15"), "degF": Fraction("459.67") * 5 / 9}  # where their scales begin, in K
_SPELT = {
    "\u00b2": "2",
    "^2": "2",
    "\u00b0": "deg",
    "\u00b5": "u",
    "\u03bc": "u",
    "\u03a9": "Ohm",
    "\u2126": "Ohm",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """From one unit to another of the same quantity: value * ``factor`` + ``offset``."""

    factor: float
    offset: float


def plain_symbol(text: str) -> str:
    """Return a unit's symbol as StreamLab writes it.

    A power is a plain digit (``m/s2``), a degree is ``degC`` or ``deg``, micro is ``u``.
    """
    symbol = text.strip()
    for other, plain in _SPELT.items():
        symbol = symbol.replace(other, plain)
    return symbol


def quantity_of(symbol: str) -> str:
    """Return what a unit measures ("pressure"), or nothing for a unit that is not known."""
    known = _known(symbol)
    return known[0] if known else ""


def conversion(have: str, want: str) -> Conversion:
    """Return how a number in the unit ``have`` becomes one in ``want``.

    Raises ValueError in the user's words when one of them is unknown, or when they measure different things.
    """
    here, there = _known(have), _known(want)
    for symbol, known in ((have, here), (want, there)):
        if known is None:
            raise ValueError(f"{symbol!r} is not a unit that can be converted")
    if here is None or there is None or here[0] != there[0]:
        first, second = (known[0] if known else "" for known in (here, there))
        raise ValueError(f"{have} measures {first} and {want} measures {second}")
    factor = here[1] / there[1]
    shift = (_ZERO.get(plain_symbol(have), Fraction(0)) - _ZERO.get(plain_symbol(want), Fraction(0))) / there[
        1
    ]
    return Conversion(float(factor), float(shift))


def _known(text: str) -> tuple[str, Fraction] | None:
    """Return quantity and exact factor of a unit, with a prefix or without."""
    symbol = plain_symbol(text)
    if symbol in _UNITS:
        return _UNITS[symbol]
    prefix, unit = symbol[:1], symbol[1:]
    if prefix in _PREFIX and unit in _PREFIXED:
        quantity, factor = _UNITS[unit]
        return quantity, factor * Fraction(f"{_PREFIX[prefix]:g}")
    return None
