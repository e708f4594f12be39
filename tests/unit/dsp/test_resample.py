"""Resampling a stream: tones come out exactly in time, nothing folds, bits under any cutting."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.dsp.interpolate import interpolate
from streamlab.dsp.resample import Resampler

F = Fraction
RATES = [F(48000), F(44100), F(51200), F(8000), F("5000.024"), F(96000)]
NOISE = np.random.default_rng(15).standard_normal((2, 1500))


def whole(kernel, signal):
    return np.concatenate([kernel.block(signal), kernel.flush()], axis=1)


@settings(max_examples=60)
@given(
    rate_in=st.sampled_from(RATES),
    rate_out=st.sampled_from(RATES),
    sizes=st.lists(st.integers(0, 400), max_size=8),
)
def test_bits_do_not_depend_on_cutting(rate_in, rate_out, sizes):
    kernel = Resampler(2, rate_in, rate_out)
    expected = whole(kernel, NOISE)
    assert expected.shape == (2, ceil(1500 * rate_out / rate_in))
    parts, at = [], 0
    for size in [*sizes, 1500]:
        parts.append(kernel.block(NOISE[:, at : at + size]))
        at = min(at + size, 1500)
    parts.append(kernel.flush())
    assert np.array_equal(np.concatenate(parts, axis=1), expected)
    # The interpolation of whole signals is an implementation of its own of the same filter.
    other = interpolate("resample", NOISE, 0, rate_in, rate_out, 0, expected.shape[1])
    assert np.abs(expected - other).max() < 1e-12


def test_sample_by_sample():
    kernel = Resampler(2, F(48000), F(44100))
    parts = [kernel.block(NOISE[:, k : k + 1]) for k in range(1500)]
    parts.append(kernel.flush())
    assert np.array_equal(np.concatenate(parts, axis=1), whole(Resampler(2, F(48000), F(44100)), NOISE))


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(48000, 44100), (44100, 48000), (51200, 8000), (8000, 51200)]
)
@pytest.mark.parametrize("part", [0.05, 0.5, 0.9])
def test_a_tone_comes_out_at_its_place(rate_in, rate_out, part):
    frequency = part * min(rate_in, rate_out) / 2
    time = np.arange(8000) / rate_in
    out = whole(Resampler(1, F(rate_in), F(rate_out)), np.sin(2 * np.pi * frequency * time + 0.2)[np.newaxis])
    expected = np.sin(2 * np.pi * frequency * np.arange(out.shape[1]) / rate_out + 0.2)
    away = slice(out.shape[1] // 4, -out.shape[1] // 4)
    assert np.abs(out[0] - expected)[away].max() < 1.2e-5  # 1e-4 dB


@pytest.mark.parametrize(("rate_in", "rate_out"), [(48000, 16000), (48000, 44100), (51200, 2000)])
def test_nothing_folds(rate_in, rate_out):
    """Tones from half the new rate on are down by 118 dB."""
    time = np.arange(40_000) / rate_in
    for frequency in (0.5 * rate_out, 0.51 * rate_out, 0.7 * rate_out, 0.499 * rate_in):
        if frequency >= rate_in / 2:
            continue
        out = whole(Resampler(1, F(rate_in), F(rate_out)), np.cos(2 * np.pi * frequency * time)[np.newaxis])
        away = slice(out.shape[1] // 4, -out.shape[1] // 4)
        assert np.abs(out[0, away]).max() < 10 ** (-118 / 20)


def test_a_constant_stays_and_equal_rates_copy():
    ones = np.ones((1, 3000))
    for rates in ((F(48000), F(44100)), (F(3), F(1)), (F(1), F(3))):
        out = whole(Resampler(1, *rates), ones)
        assert np.abs(out[0, 700:-700] - 1).max(initial=0.0) < 1e-13
    assert whole(Resampler(2, F(48000), F(48000)), NOISE) == pytest.approx(NOISE, abs=1e-13)


def test_outputs_come_as_soon_as_they_can():
    kernel = Resampler(1, F(3), F(1))
    assert kernel.ahead == 240
    assert kernel.block(np.ones((1, 240))).shape == (1, 0)
    assert kernel.block(np.ones((1, 1))).shape == (1, 1)
    assert kernel.block(np.ones((1, 2))).shape == (1, 0)
    assert kernel.block(np.ones((1, 1))).shape == (1, 1)
    assert kernel.flush().shape == (1, ceil(244 / 3) - 2)
    assert kernel.flush().shape == (1, 0)


def test_what_is_kept_is_bounded():
    kernel = Resampler(1, F(48000), F(44100))
    for _ in range(50):
        kernel.block(np.ones((1, 1000)))
    assert kernel._kept.shape[1] < 500


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="positive rates in Hz, found 0 and 1"):
        Resampler(1, F(0), F(1))
