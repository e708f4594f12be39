"""Means, extremes and images of curves against the same sums over all of them at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.dsp.limits import mask_curve
from streamlab.nodes.judgement.mask import Mask
from streamlab.report.curves import Curves, Floated, scale_of
from streamlab.report.waterfall import MOST_ROWS, MOST_SPECTRA, Waterfall, bins_of

pytestmark = pytest.mark.contract("W44")


@pytest.mark.parametrize(
    ("channel", "scale"),
    [
        (ChannelInfo("a", "dB", "Leq", "20 uPa"), "level"),
        (ChannelInfo("a", "dB", "PSD", "(20 uPa)2/Hz"), "level"),
        (ChannelInfo("a", "Pa", "RMS"), "field"),
        (ChannelInfo("a", "Pa", "amplitude"), "field"),
        (ChannelInfo("a", "Pa2", "power"), "power"),
        (ChannelInfo("a", "Pa2/Hz", "PSD"), "power"),
        (ChannelInfo("a", "(m/s2)2/Hz", "envelope PSD"), "power"),
    ],
)
def test_values_are_averaged_by_what_they_are(channel, scale):
    assert scale_of(channel) == scale


def test_the_mean_is_one_of_powers_weighted_by_time():
    # Two seconds of 60 dB and half a second of 80 dB: (2 * 10^6 + 0.5 * 10^8) / 2.5, by definition.
    curves = Curves(["level", "field", "power"], 2)
    curves.add(np.array([[60.0, -np.inf], [3.0, 0.0], [2.0, 1.0]]), weight=2.0)
    curves.add(np.array([[80.0, -np.inf], [4.0, 0.0], [7.0, 1.0]]), weight=0.5)
    level = 10 * np.log10((2 * 10**6 + 0.5 * 10**8) / 2.5)
    field = np.sqrt((2 * 9 + 0.5 * 16) / 2.5)
    assert curves.mean() == pytest.approx(np.array([[level, -np.inf], [field, 0.0], [3.0, 1.0]]), rel=1e-12)
    assert (curves.count, curves.judged) == (2, 2)
    assert curves.last[0, 0] == 80.0


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 30))
def test_extremes_are_those_of_the_curves_that_are_judged(seed, count, points):
    random = np.random.default_rng(seed)
    given, judged = random.normal(50, 20, (count, 2, points)), random.random(count) < 0.5
    curves = Curves(["level", "level"], points)
    for values, one in zip(given, judged, strict=True):
        curves.add(values, judged=bool(one))
    looked_at = given[judged] if judged.any() else given
    np.testing.assert_array_equal(curves.low, looked_at.min(axis=0))
    np.testing.assert_array_equal(curves.high, looked_at.max(axis=0))
    expected = 10 * np.log10((10 ** (given / 10)).mean(axis=0))
    np.testing.assert_allclose(curves.mean(), expected, rtol=1e-12)
    np.testing.assert_array_equal(curves.last, given[-1])


@given(st.integers(0, 2**32 - 1))
def test_a_floated_curve_is_the_one_that_the_mask_names(seed):
    random = np.random.default_rng(seed)
    places = (100.0, 200.0, 400.0, 800.0, 1600.0)
    info = StreamInfo([ChannelInfo("a", "dB"), ChannelInfo("b", "dB")], 1, "band", places)
    upper, lower = [[100.0, 3.0], [1600.0, 3.0]], [[200.0, -3.0], [800.0, -2.0]]
    mask = Mask(upper=upper, lower=lower, floating=True)
    at = np.array(places)
    floated = Floated(mask_curve(upper, at), mask_curve(lower, at), [0, 1])
    for number in range(6):
        values = random.normal(60, 2, (2, 5))
        mask.process(DataFrame.from_samples(values, info, start_sample=number, span=1))
        floated.add(values, number)
    verdict = mask.result()
    assert floated.worst == pytest.approx(verdict.margin)
    assert (floated.position, "ab"[floated.channel]) == (verdict.time, verdict.channel)
    assert floated.curve[places.index(verdict.frequency)] == pytest.approx(verdict.value)


def test_a_floated_curve_that_is_no_number_is_passed_by():
    floated = Floated(np.array([1.0, np.nan]), np.array([-1.0, np.nan]), [0])
    floated.add(np.array([[np.nan, 0.0]]), 0)
    assert floated.curve is None
    floated.add(np.array([[0.5, np.nan]]), 1)  # what is not judged may be anything
    assert (floated.position, floated.worst) == (1, 1.0)


@given(st.integers(1, 5000), st.floats(0.01, 100))
def test_rows_hold_every_line_once(lines, step):
    points = np.arange(lines) * step
    first = bins_of(points)
    assert len(first) <= MOST_ROWS
    assert first[0] == 0
    assert (np.diff(first) > 0).all()
    if lines <= MOST_ROWS:
        assert len(first) == lines


@pytest.mark.parametrize("count", [10, 1024, 5000])
@pytest.mark.parametrize("lines", [64, 2049])
def test_a_tone_that_lasts_for_one_spectrum_is_in_the_image(count, lines):
    points = np.arange(lines) * 10.0
    random = np.random.default_rng(count + lines)
    waterfall = Waterfall(1, points)
    tones = {(int(random.integers(count)), int(random.integers(lines))) for _ in range(20)}
    for column in range(count):
        values = np.full((1, lines), -100.0)
        for when, line in tones:
            if when == column:
                values[0, line] = 0.0
        waterfall.add(values, column)
    cells, edges, first = waterfall.cells[0], waterfall.edges(), waterfall.first_lines
    assert cells.shape[0] <= MOST_SPECTRA
    assert cells.shape[0] * waterfall.width >= count
    seen = set()
    for when, line in tones:
        column = int(np.searchsorted(edges, when, side="right")) - 1
        row = int(np.searchsorted(first, line, side="right")) - 1
        assert cells[column, row] == 0.0
        seen.add((column, row))
    assert int((cells == 0.0).sum()) == len(seen)  # and nowhere else


def test_time_without_spectra_is_a_hole_in_the_image():
    waterfall = Waterfall(1, np.arange(4.0))
    waterfall.add(np.ones((1, 4)), 100)
    waterfall.add(np.ones((1, 4)), 103)
    assert np.isnan(waterfall.cells[0, :, 0]).tolist() == [False, True, True, False]
    waterfall.add(np.full((1, 4), 2.0), 99)  # before the first: the image begins there
    assert waterfall.cells[0, 0, 0] == 2.0
