"""Interpolation against closed forms, and its bits under any cutting."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.interpolate import FILLS, interpolate, support

F = Fraction
RATES = [F(8), F(10), F(44100), F(48000), F(51200), F("5000.024"), F("0.994"), F("44100.12345678901")]


def at(fill, samples, rate_in, rate_out, k0, k1, *, first=0, offset=None):
    block = np.atleast_2d(np.asarray(samples, dtype=float))
    return interpolate(fill, block, first, F(rate_in), F(rate_out), k0, k1, offset or F(0))[0].tolist()


def test_hold_takes_the_newest_sample_not_later():
    assert at("hold", [1, 2, 3, 4], 2, 4, 0, 8) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert at("hold", [1, 2, 3, 4], 4, 2, 0, 2) == [1, 3]
    # 1/3 s and 2/3 s lie after the samples at 0.25 s and 0.5 s
    assert at("hold", [1, 2, 3, 4], 4, 3, 0, 3) == [1, 2, 3]


def test_linear_is_exact_on_a_straight_line():
    line = 3.0 + 2.0 * np.arange(10) / 8
    assert at("linear", line, 8, 40, 0, 45) == pytest.approx(3.0 + 2.0 * np.arange(45) / 40, abs=1e-14)


def test_a_sample_that_coincides_is_taken_as_it_is():
    samples = [1.0, np.nan, np.inf, 4.0]
    assert at("linear", samples, 2, 2, 0, 1) == [1.0]
    assert at("linear", samples, 2, 1, 0, 2) == [1.0, np.inf]
    np.testing.assert_array_equal(at("resample", samples, 2, 2, 0, 4), samples)
    np.testing.assert_array_equal(at("linear", [np.inf, np.inf], 1, 2, 0, 2), [np.inf, np.nan])


def test_an_offset_moves_the_output_times():
    assert at("linear", [0, 1, 2, 3], 1, 1, 0, 3, offset=F(1, 4)) == [0.25, 1.25, 2.25]
    assert at("hold", [5, 6, 7], 1, 1, 100, 102, first=100, offset=F(99, 100)) == [5, 6]


def test_beyond_the_ends_hold_and_linear_clamp_and_resample_takes_zero():
    assert at("hold", [1, 2], 1, 1, -2, 4) == [1, 1, 1, 2, 2, 2]
    assert at("linear", [1, 2], 1, 2, -1, 5) == [1, 1, 1.5, 2, 2, 2]
    assert at("resample", [1, 2], 1, 1, -2, 4) == [0, 0, 1, 2, 0, 0]
    assert at("resample", [1, 2], 1, 1, 500, 502) == [0, 0]
    assert at("resample", [1, 2], 1, 1, -502, -500) == [0, 0]


def test_times_stay_exact_far_from_the_origin():
    k0 = 10**12
    base = k0 * 441 // 480  # the input sample at the time of output sample k0
    samples = np.arange(8.0)
    found = at("linear", samples, 44100, 48000, k0, k0 + 4, first=base)
    expected = [float(F(k, 48000) * 44100 - base) for k in range(k0, k0 + 4)]
    assert found == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(48000, 44100), (44100, 48000), ("5000.024", 48000), (48000, 4000)]
)
def test_resample_returns_the_sine_between_its_samples(rate_in, rate_out):
    rate_in, rate_out = F(rate_in), F(rate_out)
    frequency = float(min(rate_in, rate_out) * 9 / 20)  # at the edge of the pass band
    before, after = support("resample", rate_in, rate_out)
    time = np.arange(-before, 2000 + after) / float(rate_in)
    samples = np.stack([np.sin(2 * np.pi * frequency * time), np.ones(time.shape)])
    k1 = int(2000 * rate_out / rate_in)
    found = interpolate("resample", samples, -before, rate_in, rate_out, 0, k1)
    expected = np.sin(2 * np.pi * frequency * np.arange(k1) / float(rate_out))
    assert np.abs(found[0] - expected).max() < 1e-5  # 1e-4 dB of ripple
    assert np.abs(found[1] - 1).max() < 1e-14


@pytest.mark.parametrize(("rate_in", "rate_out"), [(48000, 8000), (48000, 44100), ("5000.024", "4000.1")])
def test_resample_lets_no_alias_through(rate_in, rate_out):
    rate_in, rate_out = F(rate_in), F(rate_out)
    before, after = support("resample", rate_in, rate_out)
    time = np.arange(-before, 3000 + after) / float(rate_in)
    k1 = int(3000 * rate_out / rate_in)
    for part in (1.0, 1.02, 1.08):  # just beyond the output's Nyquist frequency
        samples = np.sin(2 * np.pi * part * float(rate_out / 2) * time + 0.3)[None]
        found = interpolate("resample", samples, -before, rate_in, rate_out, 0, k1)
        assert np.abs(found).max() < 10 ** (-118 / 20)


@given(
    data=st.data(),
    fill=st.sampled_from(FILLS),
    rate_in=st.sampled_from(RATES),
    rate_out=st.sampled_from(RATES),
)
def test_bits_do_not_depend_on_cutting(data, fill, rate_in, rate_out):
    if rate_in / rate_out > 10:
        rate_in, rate_out = rate_out, rate_in
    offset = F(data.draw(st.integers(-50, 50)), 7) / rate_in
    k0 = data.draw(st.integers(-300, 10**9))
    before, after = support(fill, rate_in, rate_out)
    total = 40

    def needed(first, last):
        times = [F(k) / rate_out + offset for k in (first, last - 1)]
        return int(times[0] * rate_in // 1) - before, int(times[1] * rate_in // 1) + after + 1

    low, high = needed(k0, k0 + total)
    samples = np.random.default_rng(3).standard_normal((2, high - low))
    whole = interpolate(fill, samples, low, rate_in, rate_out, k0, k0 + total, offset)
    cuts = sorted(data.draw(st.sets(st.integers(1, total - 1), max_size=6)))
    parts = []
    for start, stop in zip([0, *cuts], [*cuts, total], strict=True):
        a, b = needed(k0 + start, k0 + stop)
        block = samples[:, a - low : b - low]
        parts.append(interpolate(fill, block, a, rate_in, rate_out, k0 + start, k0 + stop, offset))
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_nothing_asked_gives_nothing_and_no_input_is_an_error():
    empty = np.empty((3, 0))
    assert interpolate("hold", empty, 0, F(1), F(1), 5, 5).shape == (3, 0)
    with pytest.raises(ValueError, match="at least one input sample"):
        interpolate("linear", empty, 0, F(1), F(1), 0, 1)
    with pytest.raises(ValueError, match="hold, linear, resample"):
        support("cubic", F(1), F(1))
