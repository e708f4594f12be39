"""Masks: bounds between points in closed form, the worst point, floating."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.mask import Mask, MaskLine

INF, NAN = math.inf, math.nan


def test_bounds_are_straight_over_the_logarithm():
    line = MaskLine([(100, 0), (1000, 30), (10_000, 30)])
    x = np.array([50.0, 100.0, 200.0, math.sqrt(1e5), 1000.0, 5000.0, 10_000.0, 10_001.0])
    expected = [NAN, 0, 30 * math.log10(2), 15, 30, 30, 30, NAN]
    np.testing.assert_allclose(line.at(x, stricter="min"), expected, rtol=1e-12)
    linear = MaskLine([(0, 0), (10, 5)], axis="linear")
    assert linear.at(np.array([0.0, 4.0, 10.0]), stricter="min").tolist() == [0, 2, 5]


def test_on_a_step_the_stricter_bound_counts():
    line = MaskLine([(1, 10), (5, 10), (5, 20), (9, 20)], axis="linear")
    x = np.array([4.999, 5.0, 5.001])
    assert line.at(x, stricter="min").tolist() == [10, 10, 20]
    assert line.at(x, stricter="max").tolist() == [10, 20, 20]


X = np.array([100.0, 200.0, 400.0, 800.0])
FLAT = Mask(MaskLine([(100, 3), (800, 3)]), MaskLine([(100, -3), (800, -3)]))


def test_the_worst_point_and_how_many_are_outside():
    result = FLAT.judge(X, np.array([0.0, 3.0, 3.5, -4.0]))
    assert result.margin.tolist() == [3.0, 0.0, -0.5, -1.0]
    assert (result.worst, result.outside, result.unknown, result.offset) == (3, 2, 0, 0.0)


def test_one_bound_and_points_without_any():
    upper = Mask(MaskLine([(150, 1), (500, 1)]), None).judge(X, np.array([99.0, 0.5, 2.0, 99.0]))
    np.testing.assert_array_equal(upper.margin, [NAN, 0.5, -1.0, NAN])
    lower = Mask(None, MaskLine([(150, 1), (500, 1)])).judge(X, np.array([-9.0, 0.5, 2.0, INF]))
    np.testing.assert_array_equal(lower.margin, [NAN, -0.5, 1.0, NAN])
    assert (upper.worst, upper.outside) == (2, 1)
    away = Mask(MaskLine([(1, 1), (2, 1)]), None).judge(X, np.zeros(4))
    assert (away.worst, away.outside) == (None, 0)


def test_what_is_not_known_does_not_pass_unseen():
    result = FLAT.judge(X, np.array([NAN, 0.0, INF, -INF]))
    np.testing.assert_array_equal(result.margin, [NAN, 3.0, -INF, -INF])
    assert (result.unknown, result.outside) == (1, 2)


@given(values=st.lists(st.floats(-50, 50), min_size=4, max_size=4), shift=st.floats(-100, 100))
def test_floating_finds_the_best_offset(values, shift):
    floating = Mask(FLAT.upper, FLAT.lower, floating=True)
    y = np.array(values)
    result = floating.judge(X, y + shift)
    spread = y.max() - y.min()
    assert result.margin.min() == pytest.approx(3.0 - spread / 2, abs=1e-9)  # no offset does better
    assert result.margin == pytest.approx(floating.judge(X, y).margin, abs=1e-9)
    fixed = FLAT.judge(X, y + shift + result.offset)
    assert fixed.margin == pytest.approx(result.margin, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: MaskLine([(1, 1)]), "two points or more, found 1"),
        (lambda: MaskLine([(0, 1), (1, 1)]), "positive x on a logarithmic axis, found 0"),
        (lambda: MaskLine([(2, 1), (1, 1)]), "rising order, found 2 before 1"),
        (lambda: MaskLine([(1, 1), (2, NAN)]), "finite points"),
        (lambda: MaskLine([(1, 1), (2, 1)], axis="octave"), "log or linear; found 'octave'"),
        (lambda: Mask(None, None), "found neither"),
        (lambda: Mask(FLAT.upper, None, floating=True), "needs both bounds"),
        (lambda: FLAT.judge(X, np.zeros(3)), r"same length, found \(4,\) and \(3,\)"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
