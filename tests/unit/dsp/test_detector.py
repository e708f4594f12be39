"""Detectors: closed forms of one pole, the definition of impulse, bits under any cutting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.detector import ExponentialDetector, ImpulseDetector, power_decibels, time_weighting

SIGNAL = np.random.default_rng(6).standard_normal((2, 900)) * np.geomspace(1.0, 1e-3, 900)


def cut(kernel, sizes):
    parts, at = [], 0
    for size in [*sizes, SIGNAL.shape[1]]:
        parts.append(kernel.block(SIGNAL[:, at : at + size]))
        at = min(at + size, SIGNAL.shape[1])
    return np.concatenate(parts, axis=1)


# At 1 Hz the impulse detector works in stretches of 15 samples, so that their ends are met.
@given(
    sizes=st.lists(st.integers(0, 120), max_size=12),
    kind=st.sampled_from("FSI"),
    rate=st.sampled_from([1.0, 1000.0]),
)
def test_bits_do_not_depend_on_cutting(sizes, kind, rate):
    kernel = time_weighting(kind, 2, rate)
    whole = kernel.block(SIGNAL)
    kernel.reset()
    assert np.array_equal(cut(kernel, sizes), whole)


def test_sample_by_sample():
    for kind in "FSI":
        assert np.array_equal(
            cut(time_weighting(kind, 2, 1.0), [1] * 900), time_weighting(kind, 2, 1.0).block(SIGNAL)
        )


@pytest.mark.parametrize("constant", [0.01, 0.125, 1.0])
def test_a_step_rises_and_falls_exponentially(constant):
    rate = 1000.0
    detector = ExponentialDetector(1, rate, constant)
    time = np.arange(1, 2001) / rate
    rise = detector.block(np.full((1, 2000), 3.0))[0]
    assert rise == pytest.approx(9.0 * -np.expm1(-time / constant), rel=1e-9)
    fall = detector.block(np.zeros((1, 500)))[0]
    assert fall == pytest.approx(rise[-1] * np.exp(-time[:500] / constant), rel=1e-9)


@pytest.mark.parametrize("rate", [1.0, 700.0, 48000.0])
def test_impulse_is_its_definition(rate):
    rise = ExponentialDetector(2, rate, 0.035).block(SIGNAL)
    held = np.zeros(2)
    expected = np.empty_like(rise)
    for k in range(rise.shape[1]):
        held = np.maximum(rise[:, k], held * math.exp(-1 / (rate * 1.5)))
        expected[:, k] = held
    assert ImpulseDetector(2, rate).block(SIGNAL) == pytest.approx(expected, rel=1e-12)


def test_settling_and_levels():
    assert time_weighting("F", 1, 100.0).settling == 0.625
    assert time_weighting("I", 1, 100.0).settling == 7.5
    # After that time a steady level is reached within 0.03 dB.
    assert -10 * math.log10(1 - math.exp(-5)) < 0.03
    assert power_decibels(np.array([4.0, 400.0, 0.0]), 2.0).tolist() == [0.0, 20.0, -math.inf]


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="F, S, I; found 'fast'"):
        time_weighting("fast", 1, 48000.0)
    with pytest.raises(ValueError, match="found 0 Hz and 1 s"):
        ExponentialDetector(1, 0.0, 1.0)
