"""Columns against what NumPy says of the whole signal at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.report.columns import Columns, Mark, covered


def brute(signal: np.ndarray, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """The extremes of each column, taken from the whole signal (NaN: nothing there)."""
    low, high = [], []
    for a, b in zip(columns.edges()[:-1], columns.edges()[1:], strict=True):
        part = signal[:, max(a, 0) : max(b, 0)]
        there = np.isfinite(part) | np.isinf(part)
        low.append([row[some].min() if some.any() else np.nan for row, some in zip(part, there, strict=True)])
        high.append(
            [row[some].max() if some.any() else np.nan for row, some in zip(part, there, strict=True)]
        )
    return np.array(low).T, np.array(high).T


@pytest.mark.contract("W44")
@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=30),
    st.integers(0, 2**32 - 1),
    st.sampled_from([2, 8, 64]),
    st.floats(0, 0.3),
)
def test_columns_are_the_extremes_of_their_stretch_however_the_stream_is_cut(sizes, seed, most, missing):
    random = np.random.default_rng(seed)
    signal = random.standard_normal((2, sum(sizes)))
    signal[random.random(signal.shape) < missing / 10] = np.nan
    columns, at = Columns(2, most), 0
    for size in sizes:
        if at and random.random() < missing:  # a block that never comes
            signal[:, at : at + size] = np.nan
        else:
            columns.add(signal[:, at : at + size], at)
        at += size
    assert columns.used <= most
    assert columns.width & (columns.width - 1) == 0
    low, high = brute(signal, columns)
    np.testing.assert_array_equal(columns.low, low)
    np.testing.assert_array_equal(columns.high, high)


@pytest.mark.contract("W44")
@settings(max_examples=30)
@given(st.integers(0, 10**6 - 1), st.integers(1, 4096), st.sampled_from([-7.0, 7.0]))
def test_a_spike_of_one_sample_is_never_lost(place, size, height):
    signal = np.zeros((1, 10**6))
    signal[0, place] = height
    columns = Columns(1)
    for at in range(0, signal.shape[1], size * 64):
        columns.add(signal[:, at : at + size * 64], at)
    found = columns.high if height > 0 else columns.low
    (column,) = np.flatnonzero(found[0] == height).tolist()
    edges = columns.edges()
    assert edges[column] <= place < edges[column + 1]
    assert columns.width == 512  # 10^6 in at most 2048


def test_a_short_stream_is_kept_as_it_is():
    signal = np.random.default_rng(1).standard_normal((3, 2048))
    columns = Columns(3)
    columns.add(signal[:, :1000], 5_000_000_000)
    columns.add(signal[:, 1000:], 5_000_001_000)
    assert (columns.width, columns.origin) == (1, 5_000_000_000)
    np.testing.assert_array_equal(columns.low, signal)
    np.testing.assert_array_equal(columns.high, signal)


def test_positions_may_come_in_any_order():
    signal = np.arange(40.0).reshape(1, -1)
    columns = Columns(1, 16)
    for at in (20, 0, 30, 10):
        columns.add(signal[:, at : at + 10], at)
    edges = columns.edges()
    assert edges[0] <= 0 < edges[1]
    low, high = brute(signal, columns)
    np.testing.assert_array_equal(columns.low, low)
    np.testing.assert_array_equal(columns.high, high)


def test_a_jump_over_ages_leaves_a_hole_and_takes_no_time():
    columns = Columns(1)
    columns.add(np.ones((1, 10)), 0)
    columns.add(np.full((1, 10), 2.0), 10**15)
    values = columns.high[0]
    assert (values[0], values[-1]) == (1.0, 2.0)
    assert np.isnan(values[1:-1]).all()
    assert columns.used <= 2048


def test_marks_stay_with_their_stretch():
    columns = Columns(1, 8)
    columns.add(np.zeros((1, 4)), 0)
    columns.mark(4, 7, Mark.LOST)
    columns.add(np.zeros((1, 1)), 7, Mark.UNJUDGED)
    assert columns.marks.tolist() == [0, 0, 0, 0, 1, 1, 1, 2]
    assert np.isnan(columns.low[0, 4:7]).all()
    assert covered(columns.marks, Mark.LOST) == [(4, 7)]
    assert covered(columns.marks, Mark.INVALID) == []
    columns.add(np.zeros((1, 8)), 8)
    assert columns.width == 2
    assert columns.marks.tolist() == [0, 0, 1, 3, 0, 0, 0, 0]
    columns.add(np.array([[np.nan, 1.0]]), 2)
    assert columns.marks[1] == Mark.NO_NUMBER
    assert columns.high[0, 1] == 1.0


def test_infinity_is_a_value_and_no_hole():
    columns = Columns(1, 4)
    columns.add(np.array([[-np.inf, -np.inf, 3.0, np.inf, 1.0, 2.0]]), 0)
    assert columns.low[0].tolist() == [-np.inf, 3.0, 1.0]
    assert columns.high[0].tolist() == [-np.inf, np.inf, 2.0]
