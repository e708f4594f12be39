"""Columns lose no sample that is the smallest or largest, wherever the stream is cut (U3)."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.server.live.columns import (
    CLIP_MARK,
    GAP_MARK,
    NAN_MARK,
    ColumnReducer,
    Stretch,
    samples_per_column,
)

FREE = np.array([[-np.inf, np.inf]])

sizes = st.fractions(min_value=1, max_value=40, max_denominator=97)


def table(stretches: list[Stretch]) -> dict[int, tuple[np.ndarray, int]]:
    """Columns by their number: no number twice."""
    found: dict[int, tuple[np.ndarray, int]] = {}
    for item in stretches:
        for at in range(len(item.marks)):
            assert item.first + at not in found
            found[item.first + at] = item.values[at], int(item.marks[at])
    return found


def cut(data: st.DataObject, total: int) -> list[int]:
    """Places to cut a stream at, ends included."""
    inner = data.draw(st.lists(st.integers(0, total), max_size=8))
    return sorted([0, total, *inner])


@pytest.mark.contract("U3")
@given(st.data(), sizes, st.integers(0, 10**12), st.integers(1, 3))
def test_every_column_has_the_extremes_of_its_samples_however_the_stream_is_cut(
    data: st.DataObject, size: Fraction, start: int, channels: int
) -> None:
    total = data.draw(st.integers(1, 300))
    seed = data.draw(st.integers(0, 2**32 - 1))
    samples = np.random.default_rng(seed).standard_normal((channels, total))
    reducer = ColumnReducer(size, np.repeat(FREE, channels, axis=0))
    stretches: list[Stretch] = []
    places = cut(data, total)
    for a, b in itertools.pairwise(places):
        stretches += reducer.feed(samples[:, a:b], start + a)
    stretches += reducer.flush()
    columns = table(stretches)
    # By the definition: column k holds the samples floor(k s) to floor((k + 1) s) - 1.
    expected: dict[int, list[int]] = {}
    k = start * size.denominator // size.numerator
    for sample in range(start, start + total):
        while (k + 1) * size.numerator // size.denominator <= sample:
            k += 1
        expected.setdefault(k, []).append(sample - start)
    assert list(columns) == list(expected)
    for column, members in expected.items():
        values, marks = columns[column]
        part = samples[:, members]
        assert np.array_equal(values, np.stack([part.min(1), part.max(1)], axis=1).astype(np.float32))
        assert marks == 0


@pytest.mark.contract("U3")
@given(st.data(), sizes)
def test_a_spike_of_one_sample_stands_in_its_column(data: st.DataObject, size: Fraction) -> None:
    total = data.draw(st.integers(1, 400))
    at = data.draw(st.integers(0, total - 1))
    height = data.draw(st.sampled_from([-1e6, 1e6, np.inf, -np.inf]))
    samples = np.zeros((2, total))
    samples[1, at] = height
    reducer = ColumnReducer(size, np.repeat(FREE, 2, axis=0))
    places = cut(data, total)
    stretches = [item for a, b in itertools.pairwise(places) for item in reducer.feed(samples[:, a:b], a)]
    columns = table(stretches + reducer.flush())
    seen = [k for k, (values, _) in columns.items() if height in values[1]]
    assert seen == [reducer.column_of(at)]
    assert all(not values[0].any() for values, _ in columns.values())


@given(st.data(), sizes)
def test_a_hole_is_marked_where_the_stream_goes_on_and_joins_nothing(
    data: st.DataObject, size: Fraction
) -> None:
    before, hole, after = (data.draw(st.integers(1, 120)) for _ in range(3))
    reducer = ColumnReducer(size, FREE)
    first, second = np.full((1, before), 1.0), np.full((1, after), 2.0)
    stretches = reducer.feed(first, 0) + reducer.feed(second, before + hole) + reducer.flush()
    columns = table(stretches)
    last, goes_on = reducer.column_of(before - 1), reducer.column_of(before + hole)
    for k, (values, marks) in columns.items():
        low, high = values[0]
        both = k == last == goes_on
        assert (low, high) == ((1.0, 2.0) if both else (1.0, 1.0) if k <= last else (2.0, 2.0))
        assert marks == (GAP_MARK if k == goes_on else 0)
    assert not any(last < k < goes_on for k in columns)


def test_what_is_no_number_is_left_out_of_the_extremes_and_marked() -> None:
    reducer = ColumnReducer(Fraction(4), np.repeat(FREE, 2, axis=0))
    samples = np.array([[1.0, np.nan, 3.0, 2.0, np.nan, np.nan, np.nan, np.nan], np.arange(8.0)])
    (stretch,) = reducer.feed(samples, 0)
    assert stretch.values[0].tolist() == [[1.0, 3.0], [0.0, 3.0]]
    assert np.isnan(stretch.values[1, 0]).all()
    assert stretch.values[1, 1].tolist() == [4.0, 7.0]
    assert stretch.marks.tolist() == [NAN_MARK, NAN_MARK]


def test_what_reaches_the_range_is_marked() -> None:
    reducer = ColumnReducer(Fraction(2), np.array([[-1.0, 1.0]]))
    (stretch,) = reducer.feed(np.array([[0.0, 0.999, 1.0, 0.0, 0.0, -1.0]]), 0)
    assert stretch.marks.tolist() == [0, CLIP_MARK, CLIP_MARK]


def test_a_number_beyond_float32_is_infinite_and_not_lost() -> None:
    reducer = ColumnReducer(Fraction(1), FREE)
    (stretch,) = reducer.feed(np.array([[1e300, -1e300]]), 0)
    assert stretch.values[:, 0].tolist() == [[np.inf, np.inf], [-np.inf, -np.inf]]


@pytest.mark.parametrize(
    ("window", "rate", "columns", "size"),
    [
        (2.0, Fraction(48000), 1200, Fraction(80)),
        (2.0, Fraction(44100), 1200, Fraction(147, 2)),
        (2.0, Fraction(625003, 125), 1200, Fraction(625003 * 2, 125 * 1200)),
        (0.1, Fraction(48000), 1200, Fraction(4)),
        (10.0, Fraction(8), 1200, Fraction(1)),
        (2.0, None, 300, Fraction(1)),
    ],
)
def test_the_samples_of_a_column_are_exact(
    window: float, rate: Fraction | None, columns: int, size: Fraction
) -> None:
    assert samples_per_column(window, rate, columns) == size
