"""The interval meter against sums made directly, the grid against exact rationals."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.level import IntervalGrid, IntervalMeter, decibels

F = Fraction


@given(
    rate=st.sampled_from([F(48000), F("5000.024"), F(44100), F(3)]),
    interval=st.sampled_from([F("0.125"), F(1, 3), F(1), F("0.4567")]),
    sample=st.integers(0, 10**13),
)
def test_the_grid_is_exact(rate, interval, sample):
    grid = IntervalGrid(rate, interval)
    number = floor(F(sample) / rate / interval)
    assert grid.index(sample) == number
    assert grid.start(number) == ceil(number * interval * rate) <= sample < grid.start(number + 1)
    expected = [ceil(j * interval * rate) for j in range(number, number + 5)]
    assert grid.starts(number, number + 4).tolist() == expected


def collect(meter, signal, sizes, start=0):
    parts, at = [], 0
    for size in [*sizes, signal.shape[1]]:
        sums = meter.feed(signal[:, at : at + size], start + at)
        at = min(at + size, signal.shape[1])
        parts += [] if sums is None else [sums]
    rest = meter.rest()
    parts += [] if rest is None else [rest]
    return parts


def naive(signal, rate, interval, start):
    """The definition, interval by interval."""
    table = {}
    for column in range(signal.shape[1]):
        table.setdefault(floor(F(start + column) / rate / interval), []).append(column)
    return {number: signal[:, columns] for number, columns in table.items()}


@pytest.mark.contract("N8")
@given(
    sizes=st.lists(st.integers(0, 60), max_size=20),
    start=st.integers(0, 500),
    interval=st.sampled_from([F(1, 10), F(1, 30), F(7, 100), F(1, 100), F(10)]),
)
def test_intervals_hold_what_lies_in_them(sizes, start, interval):
    rate = F(100)
    signal = np.random.default_rng(0).standard_normal((2, 300))
    parts = collect(IntervalMeter(2, rate, interval), signal, sizes, start)
    expected = naive(signal, rate, interval, start)
    numbers = [part.first + k for part in parts for k in range(len(part.count))]
    assert numbers == sorted(expected)
    for part in parts:
        for k in range(len(part.count)):
            block = expected[part.first + k]
            assert part.count[k] == block.shape[1]
            assert part.rms()[:, k] == pytest.approx(np.sqrt((block**2).mean(axis=1)), rel=1e-13)
            assert part.peak()[:, k].tolist() == np.abs(block).max(axis=1).tolist()
            assert part.peak_to_peak()[:, k].tolist() == np.ptp(block, axis=1).tolist()
            assert part.last[:, k].tolist() == block[:, -1].tolist()


@given(sizes=st.lists(st.integers(1, 60), max_size=20))
def test_totals_do_not_depend_on_cutting(sizes):
    signal = np.random.default_rng(0).standard_normal((2, 300)) * np.geomspace(1e-3, 1e3, 300)
    meter = IntervalMeter(2, F(100), F(1, 9))
    collect(meter, signal, sizes)
    totals = meter.totals()
    assert totals.count.tolist() == [300]
    assert totals.rms()[:, 0] == pytest.approx(np.sqrt((signal**2).mean(axis=1)), rel=1e-13)
    assert totals.peak()[:, 0].tolist() == np.abs(signal).max(axis=1).tolist()
    assert totals.last[:, 0].tolist() == signal[:, -1].tolist()


@pytest.mark.contract("F7")
def test_an_interval_that_lost_samples_is_left_out():
    meter = IntervalMeter(1, F(10), F(1))
    ones = np.ones((1, 100))
    assert meter.feed(ones[:, :25], 0).first == 0  # 0 and 1 are whole, 2 is open
    sums = meter.feed(ones[:, :20], 33)  # 25 to 32 are lost: 2 and 3 are not whole
    assert (sums.first, sums.count.tolist()) == (4, [10])
    assert meter.missing == 8
    assert meter.rest().count.tolist() == [3]
    assert meter.totals().count.tolist() == [45]


@pytest.mark.contract("F7")
def test_a_loss_that_ends_on_the_grid_spoils_nothing_more():
    meter = IntervalMeter(1, F(10), F(1))
    ones = np.ones((1, 20))
    meter.feed(ones, 0)
    sums = meter.feed(ones, 50)
    assert (sums.first, sums.count.tolist(), meter.missing) == (5, [10, 10], 30)


def test_a_loss_within_one_interval_and_no_whole_one_after():
    meter = IntervalMeter(1, F(10), F(1))
    meter.feed(np.ones((1, 3)), 0)
    assert meter.feed(np.ones((1, 5)), 5) is None  # interval 0 is complete but spoiled
    assert meter.rest() is None
    assert meter.totals().count.tolist() == [8]


def test_nothing_gives_nothing():
    meter = IntervalMeter(1, F(10), F(1))
    assert meter.feed(np.empty((1, 0)), 0) is None
    assert meter.rest() is meter.totals() is None


def test_many_small_intervals_keep_the_sum():
    # A plain running sum loses 1e-16 of the total at each of a million steps; what it loses is kept.
    meter = IntervalMeter(1, F(1), F(1))
    meter.feed(np.full((1, 1), 1e8), 0)
    meter.feed(np.full((1, 1_000_000), 1e-1), 1)
    meter.feed(np.full((1, 1_000_000), 1e-1), 1_000_001)
    assert meter.totals().squares[0, 0] == pytest.approx(1e16 + 2e4, rel=2e-16)


def test_decibels():
    found = decibels(np.array([1.0, 20e-6, 0.0, np.nan]), 20e-6)
    assert found[0] == pytest.approx(93.9794, abs=1e-4)
    assert found[1:].tolist()[:2] == [0.0, -np.inf]
    assert np.isnan(found[3])
