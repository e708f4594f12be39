"""The table sine against exact rational phases, the noises against their statistics."""

from __future__ import annotations

from fractions import Fraction
from math import pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

from streamlab.dsp.generate import PinkNoise, TableSine, WhiteNoise, exact_number


def exact_sine(n: int, frequency: Fraction, rate: Fraction, phase: float = 0.0) -> float:
    """Return the sine at the exactly reduced phase: the definition, in rational arithmetic."""
    turns = n * frequency / rate
    return sin(2 * pi * float(turns - turns.numerator // turns.denominator) + phase)


def block(frequency, rate, size, start, **more):
    out = np.empty(size)
    TableSine(exact_number(frequency), exact_number(rate), size).block(start, out, **more)
    return out


@pytest.mark.contract("N4")
@pytest.mark.parametrize(
    ("frequency", "rate"), [(440.0, 48000.0), (441.7, 48000), (0.1, 5000.024), (25599.9, 51200.0)]
)
@pytest.mark.parametrize(
    ("start", "tolerance"), [(0, 1e-12), (47_000, 1e-12), (10**6 * 1024, 1e-9), (10**15, 1e-9)]
)
def test_the_sine_is_that_of_the_exact_phase(frequency, rate, start, tolerance):
    found = block(frequency, rate, 1024, start, phase=0.25)
    expected = [
        exact_sine(n, Fraction(str(frequency)), Fraction(str(rate)), 0.25) for n in range(start, start + 1024)
    ]
    assert np.abs(found - expected).max() < tolerance


@pytest.mark.contract("N4")
def test_one_hertz_at_eight():
    half = 2**-0.5
    assert block(1.0, 8.0, 9, 0) == pytest.approx([0, half, 1, half, 0, -half, -1, -half, 0], abs=1e-15)


@pytest.mark.contract("N4")
def test_several_blocks_at_once_have_the_same_bits():
    sine = TableSine(Fraction(4417, 10), Fraction(48000), 100)
    starts = [0, 100, 200, 10**9]
    together = np.empty((4, 100))
    sine.blocks(starts, together, amplitude=0.7, phase=0.1)
    one = np.empty(100)
    for row, start in zip(together, starts, strict=True):
        sine.block(start, one, amplitude=0.7, phase=0.1)
        assert np.array_equal(row, one)


def test_equal_sines_share_their_tables():
    first, second = (TableSine(Fraction(440), Fraction(48000), 1024) for _ in range(2))
    assert np.shares_memory(first._sines, second._sines)
    with pytest.raises(ValueError, match="read-only"):
        first._sines[0] = 1.0


def test_cycles_are_exact():
    assert TableSine(Fraction(1), Fraction(3), 10).cycles(10**18 + 1) == Fraction((10**18 + 1) % 3, 3)


@settings(max_examples=50)
@given(cuts=st.lists(st.integers(0, 700), max_size=8), kind=st.sampled_from([WhiteNoise, PinkNoise]))
def test_noise_does_not_depend_on_cutting(cuts, kind):
    whole = np.empty((2, sum(cuts) + 10))
    kind(2, 5).block(whole)
    noise, parts = kind(2, 5), []
    for size in [*cuts, 10]:
        parts.append(np.empty((2, size)))
        noise.block(parts[-1])
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_white_noise_is_normal_and_flat():
    samples = np.empty((2, 1 << 20))
    WhiteNoise(2, 1).block(samples)
    count = samples.shape[1]
    assert np.abs(samples.mean(axis=1)).max() < 5 / count**0.5
    assert samples.std(axis=1) == pytest.approx(1.0, abs=5 / (2 * count) ** 0.5)
    assert (samples**4).mean(axis=1) == pytest.approx(
        3.0, abs=5 * (96 / count) ** 0.5
    )  # kurtosis of a normal
    assert abs(np.corrcoef(samples)[0, 1]) < 5 / count**0.5
    power = np.abs(np.fft.rfft(samples[0])[1:]) ** 2 / count
    bands = power[: len(power) // 16 * 16].reshape(16, -1).mean(axis=1)
    assert bands == pytest.approx(1.0, abs=5 * (16 / len(power)) ** 0.5)


def test_the_seed_decides():
    def first(kind, seed):
        out = np.empty((1, 4))
        kind(1, seed).block(out)
        return out[0].tolist()

    for kind in (WhiteNoise, PinkNoise):
        assert first(kind, 3) == first(kind, 3) != first(kind, 4)


def test_the_pink_filter_falls_by_three_decibels_per_octave():
    # The response, taken as the transform of the impulse response, not from the design.
    impulse = np.zeros(1 << 21)
    impulse[0] = 1.0
    response = sosfilt(PinkNoise(1, 0)._sections, impulse)
    assert float(response @ response) == pytest.approx(
        1.0, abs=1e-9
    )  # white noise of RMS 1 becomes pink of RMS 1
    magnitude = 20 * np.log10(np.abs(np.fft.rfft(response)))
    frequency = np.fft.rfftfreq(1 << 21)
    wanted = frequency >= 1e-5
    deviation = magnitude[wanted] + 10 * np.log10(frequency[wanted])
    assert deviation.max() - deviation.min() < 0.12
