"""Halving the rate: an elliptic filter, two all-passes, no alias."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ellipk, ellipkm1

from streamlab.dsp.design import response
from streamlab.dsp.halfband import (
    PASS,
    STOP_DB,
    HalfbandDecimator,
    allpass_coefficients,
    halfband_gain,
    path_sections,
)

SIGNAL = np.random.default_rng(8).standard_normal((2, 900))


def decibels(gain):
    return 20 * np.log10(np.abs(gain) + 1e-300)


def test_pass_and_stop_band():
    frequency = np.linspace(0, 0.5, 20_001)
    found = decibels(halfband_gain(2 * np.pi * frequency))
    assert np.abs(found[frequency <= PASS / 2]).max() < 1e-10
    assert found[frequency >= 0.5 - PASS / 2].max() < -STOP_DB
    # Power complementary: what one half of the spectrum lets through the other keeps.
    power = 10 ** (found / 10)
    assert power + power[::-1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("count", [2, 4, 6])
def test_the_attenuation_is_that_of_an_elliptic_filter_of_this_order(count):
    """The degree equation K'(k1) / K(k1) = n K'(k) / K(k), n = 2 count + 1, gives the discrimination."""
    k = math.tan(math.pi * PASS / 2) ** 2
    order = 2 * count + 1
    wanted = order * ellipkm1(k * k) / ellipk(k * k)
    low, high = 1e-40, 0.5
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if ellipkm1(middle) / ellipk(middle) > wanted else (low, middle)
    ideal = 10 * math.log10(1 + 1 / math.sqrt(low))
    delay = np.exp(-2j * np.pi * np.linspace(0.5 - PASS / 2, 0.5, 5001))
    paths = [np.ones(5001, complex), delay]
    for number, c in enumerate(allpass_coefficients(count)):
        paths[number % 2] = paths[number % 2] * (c + delay**2) / (1 + c * delay**2)
    assert -decibels(sum(paths) / 2).max() == pytest.approx(ideal, abs=0.05)


def test_paths_are_all_passes():
    for path in (0, 1):
        gain = response(path_sections(path), np.linspace(0, 0.5, 100), 1.0)
        assert np.abs(gain) == pytest.approx(1.0, abs=1e-12)


def test_an_odd_number_of_all_passes(monkeypatch):
    monkeypatch.setattr("streamlab.dsp.halfband._COEFFICIENTS", allpass_coefficients(5))
    assert path_sections(0).shape == (2, 6)
    assert path_sections(0)[1].tolist()[2] == 0.0
    assert np.abs(response(path_sections(0), np.array([0.1]), 1.0)) == pytest.approx(1.0)


@pytest.mark.parametrize("frequency", [0.01, 0.1, PASS / 2, 0.3, 0.45])
def test_a_tone_comes_out_with_the_gain_of_the_formula(frequency):
    time = np.arange(4000)
    tone = np.exp(2j * np.pi * frequency * time)
    kernel = HalfbandDecimator(2)
    real, imaginary = kernel.block(np.stack([tone.real, tone.imag]))
    found = (real + 1j * imaginary)[500:]
    expected = halfband_gain(np.array([2 * np.pi * frequency]))[0] * tone[::2][500:]
    assert found == pytest.approx(expected, abs=1e-12)


@given(sizes=st.lists(st.integers(0, 60), max_size=30))
def test_bits_do_not_depend_on_cutting(sizes):
    kernel = HalfbandDecimator(2)
    whole = kernel.block(SIGNAL)
    kernel.reset()
    parts, at = [], 0
    for size in [*sizes, 900]:
        parts.append(kernel.block(SIGNAL[:, at : at + size]))
        at = min(at + size, 900)
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert whole.shape == (2, 450)
