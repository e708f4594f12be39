"""Peaks between samples against tones of a known peak, and signals that SciPy has interpolated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import firwin, lfilter, resample

from streamlab.dsp.true_peak import LAG, TruePeak


@pytest.mark.contract("M22")
@pytest.mark.parametrize(
    ("share", "close"),  # of the rate; dB
    [(0.001, 0.001), (0.02, 0.02), (1 / 6, 0.03), (0.2, 0.03), (0.25, 0.07), (1 / 3, 0.25)],
)
def test_a_tone_has_its_peak_wherever_its_samples_lie(share, close):
    levels, samples = [], []
    for phase in np.linspace(0.0, np.pi, 37):
        tone = np.cos(2 * np.pi * share * np.arange(4000) + phase)[np.newaxis]
        levels.append(20 * math.log10(TruePeak(1).block(tone)[:, 100:].max()))
        samples.append(20 * math.log10(np.abs(tone).max()))
    assert np.abs(levels).max() <= close
    if share in (1 / 6, 1 / 4):  # each sample of a short cycle comes again: all miss the crest alike
        assert min(samples) == pytest.approx(20 * math.log10(math.cos(math.pi * share)), abs=0.01)


def test_noise_has_the_peak_of_what_lies_between_its_samples():
    """White noise up to 0.3 of the rate, interpolated 32-fold by a Fourier transform."""
    noise = lfilter(firwin(301, 0.55), 1.0, np.random.default_rng(3).standard_normal(20_000))
    noise[:200] = noise[-200:] = 0.0
    noise = lfilter(firwin(301, 0.55), 1.0, noise)
    exact = np.abs(resample(noise, 32 * len(noise))).max()
    found = TruePeak(1).block(np.pad(noise, (0, LAG))[np.newaxis]).max()
    assert 20 * math.log10(found / exact) == pytest.approx(0.0, abs=0.05)


@given(sizes=st.lists(st.integers(0, 40), max_size=12), seed=st.integers(0, 99))
def test_bits_do_not_depend_on_cutting(sizes, seed):
    signal = np.random.default_rng(seed).standard_normal((3, 300))
    whole = TruePeak(3).block(signal)
    kernel, parts, at = TruePeak(3), [], 0
    for size in [*sizes, 300]:
        parts.append(kernel.block(signal[:, at : at + size]))
        at = min(at + size, 300)
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert (whole >= np.abs(signal)).all()
    kernel.reset()
    assert np.array_equal(kernel.block(signal), whole)


def test_many_samples_are_worked_on_tile_by_tile():
    signal = np.random.default_rng(1).standard_normal((40, 1000))
    rows = [TruePeak(1).block(row[np.newaxis])[0] for row in signal]
    assert np.array_equal(TruePeak(40).block(signal), np.stack(rows))


def test_a_constant_and_silence_have_their_own_value():
    assert np.array_equal(TruePeak(1).block(np.zeros((1, 50))), np.zeros((1, 50)))
    assert TruePeak(1).block(np.full((1, 50), -2.0)) == pytest.approx(np.full((1, 50), 2.0), rel=1e-14)


def test_what_is_not_a_number_leaves_after_its_neighbourhood():
    signal = np.ones((2, 100))
    signal[0, 40] = np.nan
    found = TruePeak(2).block(signal)
    assert np.isnan(found[0, 40])
    assert np.isfinite(found[0, :40]).all()
    assert np.isfinite(found[0, 41 + 2 * LAG :]).all()
    assert np.isfinite(found[1]).all()
