"""Fractional-octave bands: exact frequencies, nominal labels, limits."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.bands import (
    attenuation_limits,
    bands_between,
    limit_breakpoints,
    nominal_frequencies,
    nominal_label,
)

# IEC 61260-1:2014, table E.1.
THIRDS = [
    "25",
    "31.5",
    "40",
    "50",
    "63",
    "80",
    "100",
    "125",
    "160",
    "200",
    "250",
    "315",
    "400",
    "500",
    "630",
    "800",
    "1k",
    "1.25k",
    "1.6k",
    "2k",
    "2.5k",
    "3.15k",
    "4k",
    "5k",
    "6.3k",
    "8k",
    "10k",
    "12.5k",
    "16k",
    "20k",
]
OCTAVES = ["31.5", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k"]


def test_nominal_frequencies_of_annex_e():
    assert [band.label for band in bands_between(3, 25, 20_000)] == THIRDS
    assert [band.label for band in bands_between(1, 31.5, 16_000)] == OCTAVES
    assert [band.label for band in bands_between(3, 0.8, 1.25)] == ["0.8", "1", "1.25"]
    assert [band.label for band in bands_between(3, 8e4, 1e5)] == ["80k", "100k"]


@given(fraction=st.integers(1, 24), first=st.integers(-60, 40), count=st.integers(2, 50))
def test_nominal_frequencies_of_any_fraction(fraction, first, count):
    """Bands in a row have the numbers of their labels, whatever the fraction: it is found from them."""
    exponents = (first + np.arange(count)) / fraction + (0 if fraction % 2 else 1 / (2 * fraction))
    points = 1000 * (10**0.3) ** exponents
    labels = [nominal_label(fraction, point) for point in points]
    numbers = [float(label.replace("k", "")) * (1000 if "k" in label else 1) for label in labels]
    assert nominal_frequencies(points.tolist()) == pytest.approx(numbers, rel=1e-12)


def test_what_is_no_row_of_bands_has_no_nominal_frequencies():
    assert nominal_frequencies([]) is None
    assert nominal_frequencies([0.0, 1000.0]) is None
    assert nominal_frequencies([1000.0, 1010.0]) is None
    assert nominal_frequencies([10**2.6]) == (400.0,)


def test_exact_frequencies():
    thirds = bands_between(3, 20, 20_000)
    assert [band.number for band in thirds] == list(range(-17, 14))
    for band in thirds:
        assert band.centre == pytest.approx(1000 * 10 ** (band.number / 10), rel=1e-14)
        assert band.upper / band.lower == pytest.approx(10**0.1, rel=1e-14)
        assert band.lower * band.upper == pytest.approx(band.centre**2, rel=1e-14)
    # 5.4: of an even fraction 1 kHz is a band edge, not a centre.
    (half,) = bands_between(2, 1200, 1200)
    assert (half.number, half.lower) == (0, pytest.approx(1000.0, rel=1e-14))
    assert half.centre == pytest.approx(1188.502, abs=1e-3)


@given(
    fraction=st.integers(1, 24),
    low=st.floats(0.01, 1e5),
    ratio=st.floats(1.0, 1e3),
)
def test_bands_join_and_hold_what_was_asked(fraction, low, ratio):
    bands = bands_between(fraction, low, low * ratio)
    assert bands[0].lower * (1 - 1e-8) <= low <= bands[0].upper * (1 + 1e-8)
    assert bands[-1].lower * (1 - 1e-8) <= low * ratio <= bands[-1].upper * (1 + 1e-8)
    for one, other in pairwise(bands):
        assert one.upper == pytest.approx(other.lower, rel=1e-12)
    labels = [band.label for band in bands]
    assert len(set(labels)) == len(labels)
    for band in bands:
        value = float(band.label.removesuffix("k")) * (1000 if band.label.endswith("k") else 1)
        assert value == pytest.approx(band.centre, rel=0.02)


@pytest.mark.parametrize(
    ("fraction", "centre", "label"),
    # Annex E.3: three digits where the first is 1 to 4, two where it is 5 to 9.
    [
        (24, 1014.495, "1.01k"),
        (24, 41.567, "41.6"),
        (6, 530.884, "530"),
        (12, 917.28, "920"),
        (6, 74.9894, "75"),
        (2, 841.395, "840"),
        (2, 1188.502, "1.19k"),
        (12, 4.9977, "5"),
        (24, 9.98, "10"),
    ],
)
def test_other_fractions_are_rounded(fraction, centre, label):
    assert nominal_label(fraction, centre) == label


def test_breakpoints_of_third_octaves():
    """As they are printed in many tables, from the formula of 5.10."""
    expected = [1, 1.02667, 1.05575, 1.08746, 1.12202, 1.12202, 1.29437, 1.88173, 3.05365, 5.39195]
    assert limit_breakpoints(3) == pytest.approx(expected, abs=6e-6)
    octaves = [1, 1.09018, 1.18850, 1.29569, 1.41254, 1.41254, 1.99526, 3.98107, 7.94328, 15.84893]
    assert limit_breakpoints(1) == pytest.approx(octaves, abs=6e-6)


@pytest.mark.parametrize("fraction", [1, 3, 24])
def test_limits_mirror_and_go_linearly_between_breakpoints(fraction):
    breaks = limit_breakpoints(fraction)
    ratios = np.concatenate([breaks[:4], breaks[5:]])
    least, largest = attenuation_limits(fraction, ratios)
    assert least == pytest.approx([-0.4] * 4 + [1.2, 16.6, 40.5, 60.0, 70.0], abs=1e-9)
    assert largest.tolist() == pytest.approx([0.4, 0.5, 0.7, 1.4] + [np.inf] * 5)
    mirrored = attenuation_limits(fraction, 1 / ratios)
    assert np.allclose(mirrored[0], least)
    assert np.allclose(mirrored[1], largest)
    middle = np.sqrt(breaks[6] * breaks[7])
    assert attenuation_limits(fraction, [middle])[0] == pytest.approx((16.6 + 40.5) / 2)
    assert attenuation_limits(fraction, [breaks[4] * (1 - 1e-9)])[1] == pytest.approx(5.3, abs=1e-5)
    assert attenuation_limits(fraction, [1000.0], 2)[0] == [60.0]


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="1 to 24 bands an octave, found 25"):
        bands_between(25, 20, 20_000)
    with pytest.raises(ValueError, match="found 30 and 20"):
        bands_between(3, 30, 20)
    with pytest.raises(ValueError, match="found 0 and 20"):
        bands_between(3, 0, 20)
