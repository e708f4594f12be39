"""Moments: closed forms, SciPy as the oracle, any cutting, offsets that would eat the digits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from streamlab.dsp.statistics import IntervalMoments, Moments

F = Fraction
SIGNAL = np.stack(
    [
        np.random.default_rng(13).gamma(2.0, 1.0, 1200),
        np.random.default_rng(14).standard_normal(1200) * np.geomspace(1e-3, 1e3, 1200),
    ]
)
TURN = 2 * np.pi * np.arange(4000) / 4000


def of(signal, sizes=()):
    moments, at = Moments(len(signal)), 0
    for size in [*sizes, signal.shape[1]]:
        moments.add(signal[:, at : at + size])
        at = min(at + size, signal.shape[1])
    return moments


@pytest.mark.parametrize(
    ("signal", "crest", "kurtosis", "rms"),
    [
        (np.sin(TURN), math.sqrt(2), 1.5, math.sqrt(0.5)),
        (np.sign(np.sin(TURN + 1e-3)), 1.0, 1.0, 1.0),
        (2 / np.pi * np.arcsin(np.sin(TURN)), math.sqrt(3), 1.8, 1 / math.sqrt(3)),
    ],
)
def test_sine_square_and_triangle(signal, crest, kurtosis, rms):
    moments = of(signal[np.newaxis])
    assert moments.crest()[0] == pytest.approx(crest, rel=2e-3)
    assert moments.kurtosis()[0] == pytest.approx(kurtosis, rel=2e-3)
    assert moments.rms()[0] == pytest.approx(rms, rel=2e-3)
    assert moments.skewness()[0] == pytest.approx(0.0, abs=2e-3)


@given(sizes=st.lists(st.integers(0, 400), max_size=10), offset=st.sampled_from([0.0, 1e6]))
def test_moments_are_those_of_scipy_however_it_is_cut(sizes, offset):
    moments = of(SIGNAL + offset, sizes)
    digits = 1e-12 if offset == 0.0 else 1e-8  # the samples themselves lost six digits
    assert moments.count == 1200
    assert moments.mean() == pytest.approx(SIGNAL.mean(axis=1) + offset, rel=1e-12)
    assert moments.deviation() == pytest.approx(SIGNAL.std(axis=1), rel=digits)
    assert moments.skewness() == pytest.approx(stats.skew(SIGNAL, axis=1), rel=digits, abs=1e-8)
    assert moments.kurtosis() == pytest.approx(stats.kurtosis(SIGNAL, axis=1, fisher=False), rel=digits)
    assert moments.high.tolist() == (SIGNAL + offset).max(axis=1).tolist()
    assert moments.low.tolist() == (SIGNAL + offset).min(axis=1).tolist()


def test_sample_by_sample():
    one, whole = of(SIGNAL, [1] * 1200), of(SIGNAL)
    for name in ("mean", "variance", "rms", "skewness", "kurtosis", "crest", "peak"):
        assert getattr(one, name)() == pytest.approx(getattr(whole, name)(), rel=1e-9)


def test_nothing_silence_and_nan():
    moments = Moments(2)
    for name in ("mean", "variance", "deviation", "rms", "skewness", "kurtosis", "crest", "peak"):
        assert np.isnan(getattr(moments, name)()).all()
    moments.add(np.zeros((2, 5)))
    moments.add(np.empty((2, 0)))
    assert moments.rms().tolist() == [0.0, 0.0]
    assert np.isnan(moments.crest()).all()
    assert np.isnan(moments.kurtosis()).all()
    moments.add(np.array([[np.nan], [1.0]]))
    assert np.isnan(moments.mean()).tolist() == [True, False]
    moments.reset()
    assert moments.count == 0


def collect(kernel, sizes, start):
    parts, at = [], 0
    for size in [*sizes, 1200]:
        parts.append(kernel.feed(SIGNAL[:, at : at + size], start + at))
        at = min(at + size, 1200)
    return [part for part in [*parts, kernel.rest()] if part is not None]


@pytest.mark.contract("N8")
@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(0, 300), max_size=10),
    start=st.integers(0, 300),
    interval=st.sampled_from([F(1, 10), F(7, 30), F(20)]),
)
def test_intervals(sizes, start, interval):
    rate = F(100)
    kernel = IntervalMoments(2, rate, interval)
    parts = collect(kernel, sizes, start)
    numbers = np.array([(start + k) / rate // interval for k in range(1200)])
    found = 0
    for part in parts:
        for k in range(len(part.count)):
            inside = SIGNAL[:, numbers == part.first + k]
            assert part.count[k] == inside.shape[1]
            assert part.start[k] == start + int(np.argmax(numbers == part.first + k))
            assert part.mean[:, k] == pytest.approx(inside.mean(axis=1), rel=1e-10)
            assert part.deviation[:, k] == pytest.approx(inside.std(axis=1), rel=1e-10)
            if inside.shape[1] > 2:
                expected = stats.kurtosis(inside, axis=1, fisher=False)
                assert part.kurtosis[:, k] == pytest.approx(expected, rel=1e-9)
                assert part.crest[:, k] == pytest.approx(
                    np.abs(inside).max(axis=1) / np.sqrt((inside**2).mean(axis=1)), rel=1e-10
                )
            found += 1
    assert found == len(set(numbers.tolist()))
    assert kernel.total.count == 1200


@pytest.mark.contract("F7")
def test_an_interval_that_lost_samples_is_left_out():
    kernel = IntervalMoments(2, F(100), F(1))
    first = kernel.feed(SIGNAL[:, :250], 0)
    assert (first.first, first.count.tolist()) == (0, [100, 100])
    later = kernel.feed(SIGNAL[:, :400], 330)
    assert (later.first, later.start.tolist()) == (4, [400, 500, 600])
    assert later.mean[:, 0] == pytest.approx(SIGNAL[:, 70:170].mean(axis=1))
    assert kernel.missing == 80
    assert kernel.rest().count.tolist() == [30]
    kernel.reset()
    assert kernel.rest() is kernel.next is kernel.feed(np.empty((2, 0)), 0) is None
