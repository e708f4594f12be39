"""Percentiles from classes against sorted values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.histogram import Histogram

SHARES = [0.0, 1.0, 5.0, 10.0, 50.0, 90.0, 95.0, 99.0, 100.0]


@given(
    values=st.lists(st.floats(-300, 300), min_size=1, max_size=300),
    step=st.sampled_from([0.01, 0.1, 3.0]),
    sizes=st.lists(st.integers(0, 60), max_size=6),
)
def test_percentiles_are_those_of_the_values_within_a_class(values, step, sizes):
    signal = np.array([values, values[::-1]])
    histogram, at = Histogram(2, step), 0
    for size in [*sizes, len(values)]:
        histogram.add(signal[:, at : at + size])
        at = min(at + size, len(values))
    assert histogram.total.tolist() == [len(values)] * 2
    found = histogram.exceeded(SHARES)
    assert np.array_equal(found[0], found[1])
    ordered = np.sort(values)
    for share, value in zip(SHARES, found[0].tolist(), strict=True):
        below = len(values) * (1 - share / 100)
        # The number of values below it is right, once it may move by one class either way.
        assert (ordered <= value - step * 1.000001).sum() <= below + 1e-9
        assert (ordered < value + step * 1.000001).sum() >= below - 1e-9
    assert (np.diff(found[0]) <= 0).all()


def test_an_even_spread_has_even_percentiles():
    histogram = Histogram(1, 0.01)
    histogram.add(np.linspace(40.0, 80.0, 400_000, endpoint=False)[np.newaxis])
    assert histogram.exceeded([10, 50, 90, 95])[0] == pytest.approx([76.0, 60.0, 44.0, 42.0], abs=1e-3)


def test_silence_counts_as_below_all_and_nan_not_at_all():
    histogram = Histogram(2)
    histogram.add(np.array([[-np.inf, -np.inf, 60.0, np.nan], [np.nan] * 4]))
    assert histogram.total.tolist() == [3, 0]
    assert histogram.exceeded([10, 90])[0] == pytest.approx([60.007, -np.inf], abs=1e-6)
    assert np.isnan(histogram.exceeded(50)).tolist() == [[False], [True]]


def test_values_beyond_all_classes():
    histogram = Histogram(2, 1e-3)
    histogram.add(np.array([[1e9, 1e9, 1.0], [1e9, 1e9, 1e9]]))
    assert histogram.exceeded([50, 90]).tolist()[0] == [np.inf, pytest.approx(1.0003, abs=1e-9)]
    assert histogram.exceeded([10, 90]).tolist()[1] == [np.inf, np.inf]
    histogram.reset()
    histogram.add(np.full((2, 2), -1e9))
    assert histogram.exceeded([10, 90]).tolist() == [[-np.inf] * 2] * 2


def test_memory_is_bounded_by_the_range():
    histogram = Histogram(1, 0.01)
    for _ in range(50):
        histogram.add(np.random.default_rng(0).uniform(30, 90, (1, 10_000)))
    assert histogram._counts.nbytes <= 8 * (6000 + 2 * 512)
    assert histogram.total.tolist() == [500_000]


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="positive step, found 0"):
        Histogram(1, 0.0)
    with pytest.raises(ValueError, match=r"0 to 100 %, found \[101.0\]"):
        Histogram(1).exceeded(101)
    with pytest.raises(ValueError, match=r"\(1, n\), found \(2, 3\)"):
        Histogram(1).add(np.zeros((2, 3)))
