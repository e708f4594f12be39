"""Units: exact factors within a quantity, a sentence between two."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.units import conversion, plain_symbol, quantity_of

KNOWN = [
    "Pa",
    "kPa",
    "mbar",
    "atm",
    "psi",
    "m/s2",
    "mm/s2",
    "g",
    "mg",
    "in/s2",
    "m/s",
    "mm/s",
    "um",
    "in",
    "mil",
]
KNOWN += [
    "V",
    "uV",
    "A",
    "pC",
    "N",
    "lbf",
    "Nm",
    "K",
    "degC",
    "degF",
    "rad",
    "deg",
    "Hz",
    "1/min",
    "rpm",
    "%",
    "1",
]


@pytest.mark.contract("M2")
@pytest.mark.parametrize(
    ("have", "want", "value", "expected"),
    [
        ("g", "m/s2", 1.0, 9.80665),  # ISO 80000-3, exact
        ("mV", "V", 3.0, 0.003),
        ("in/s", "mm/s", 1.0, 25.4),  # the inch, exact
        ("mil", "um", 1.0, 25.4),
        ("atm", "kPa", 1.0, 101.325),  # NIST SP 811, B.8
        ("psi", "kPa", 1.0, 6.894757293168361),
        ("lbf", "N", 1.0, 4.4482216152605),
        ("km/h", "m/s", 36.0, 10.0),
        ("rpm", "Hz", 1500.0, 25.0),
        ("1/min", "Hz", 60.0, 1.0),
        ("deg", "rad", 180.0, math.pi),
        ("degC", "K", 25.0, 298.15),
        ("degF", "degC", 212.0, 100.0),
        ("degC", "degF", -40.0, -40.0),
        ("m/s\u00b2", "g", 9.80665, 1.0),
        ("\u00b5V", "mV", 1000.0, 1.0),
        ("\u00b0C", "degF", 0.0, 32.0),
        ("%", "1", 50.0, 0.5),
    ],
)
def test_values_of_the_tables(have, want, value, expected):
    rule = conversion(have, want)
    assert value * rule.factor + rule.offset == pytest.approx(expected, rel=1e-15, abs=1e-13)


@pytest.mark.contract("M2")
@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN), st.floats(-1e6, 1e6))
def test_there_and_back(have, want, value):
    if quantity_of(have) != quantity_of(want):
        with pytest.raises(ValueError, match=f"{have} measures {quantity_of(have)} and {want} measures"):
            conversion(have, want)
        return
    there, back = conversion(have, want), conversion(want, have)
    assert (value * there.factor + there.offset) * back.factor + back.offset == pytest.approx(
        value, rel=1e-12, abs=1e-9
    )
    assert Fraction(conversion(have, have).factor) == 1


@pytest.mark.contract("M2")
@pytest.mark.parametrize("unit", ["dB", "", "FS", "kkg", "mmin", "furlong"])
def test_what_is_no_unit_is_not_converted(unit):
    assert quantity_of(unit) == ""
    with pytest.raises(ValueError, match="is not a unit that can be converted"):
        conversion(unit, "Pa")


def test_spelling():
    assert [plain_symbol(text) for text in ("m/s^2", " \u03bcPa ", "k\u03a9")] == ["m/s2", "uPa", "kOhm"]
    assert quantity_of("kg") == "mass"  # not a thousand times the acceleration of gravity
