"""Integrals and derivatives: closed forms for tones, the identity at w = 1000, offsets, cutting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.integrate import Differentiator, Integrator, scale_by_omega

RATE = 51200.0
NOISE = np.random.default_rng(11).standard_normal((2, 1500))


def cut(kernel, sizes, signal=NOISE):
    parts, at = [], 0
    for size in [*sizes, signal.shape[1]]:
        parts.append(kernel.block(signal[:, at : at + size]))
        at = min(at + size, signal.shape[1])
    return np.concatenate(parts, axis=1)


def kernels():
    return [
        *(Integrator(2, RATE, high_pass=100.0, times=times) for times in (1, 2)),
        *(Differentiator(2, RATE, times=times) for times in (1, 2)),
    ]


@pytest.mark.parametrize("number", range(4))
@given(sizes=st.lists(st.integers(0, 300), max_size=10))
def test_bits_do_not_depend_on_cutting(number, sizes):
    kernel = kernels()[number]
    whole = kernel.block(NOISE)
    kernel.reset()
    assert np.array_equal(cut(kernel, sizes), whole)


def gain(kernel, frequency, settle):
    """Complex gain for a tone, with the delay taken out."""
    count = settle + 4096
    phase = 2 * np.pi * frequency / RATE * np.arange(count)
    tone = np.stack([np.cos(phase), np.sin(phase)])
    out = kernel.block(tone)
    analytic = (out[0] + 1j * out[1]) * np.exp(-1j * phase)
    return analytic[settle:].mean() * np.exp(2j * np.pi * frequency / RATE * kernel.delay)


def high_pass(frequency, edge, order):
    """A Butterworth high-pass by the bilinear transform with its edge prewarped, in closed form."""
    s = 1j * np.tan(np.pi * frequency / RATE) / np.tan(np.pi * edge / RATE)
    poles = np.exp(1j * np.pi * (2 * np.arange(order) + order + 1) / (2 * order))
    return s**order / np.prod(s - poles)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("order", [3, 4, 6])
@pytest.mark.parametrize("part", [0.002, 0.01, 0.1, 0.25, 0.4])
def test_a_tone_is_divided_by_j_omega(times, order, part):
    frequency = part * RATE
    kernel = Integrator(2, RATE, high_pass=50.0, times=times, order=order)
    found = gain(kernel, frequency, 3 * int(kernel.settling * RATE))
    expected = high_pass(frequency, 50.0, order) / (2j * np.pi * frequency) ** times
    ratio = found / expected
    assert 20 * math.log10(abs(ratio)) == pytest.approx(0.0, abs=0.001 if part <= 0.1 else 0.01)
    assert np.degrees(np.angle(ratio)) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("part", [0.001, 0.01, 0.1, 0.25, 0.4])
def test_a_tone_is_multiplied_by_j_omega(times, part):
    frequency = part * RATE
    ratio = gain(Differentiator(2, RATE, times=times), frequency, 100) / (2j * np.pi * frequency) ** times
    assert 20 * math.log10(abs(ratio)) == pytest.approx(0.0, abs=0.001)
    assert np.degrees(np.angle(ratio)) == pytest.approx(0.0, abs=0.01)


def test_at_159_hz_a_metre_per_second_squared_is_a_millimetre_per_second_and_a_micrometre():
    """ISO 20816-1 works with all three; at w = 1000 / s they have the same numbers."""
    frequency = 1000 / (2 * np.pi)
    for times, expected in ((1, 1e-3), (2, 1e-6)):
        kernel = Integrator(2, RATE, high_pass=5.0, times=times)
        assert abs(gain(kernel, frequency, int(2 * kernel.settling * RATE))) == pytest.approx(
            expected, rel=2e-4
        )


@pytest.mark.parametrize("times", [1, 2])
def test_an_offset_vanishes(times):
    kernel = Integrator(1, RATE, high_pass=20.0, times=times)
    out = kernel.block(np.full((1, 2 * 51_200), 9.81))
    peak = np.abs(out).max()
    assert np.abs(out[0, int(kernel.settling * RATE) + 1000 :]).max() < 2e-3 * peak
    assert np.abs(out[0, -100:]).max() < 1e-9 * peak


@pytest.mark.parametrize("times", [1, 2])
def test_a_derivative_undoes_an_integral(times):
    time = np.arange(40_000) / RATE
    signal = np.sin(2 * np.pi * 3000 * time)[np.newaxis]
    integral, derivative = (
        Integrator(1, RATE, high_pass=30.0, times=times),
        Differentiator(1, RATE, times=times),
    )
    out = derivative.block(integral.block(signal))
    delay = integral.delay + derivative.delay
    expected = signal[0, 20_000 - delay : -delay]
    # The high-pass turns the phase a little: 4 poles at a hundredth of the frequency.
    assert out[0, 20_000:] == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("times", [1, 2, -1, -2])
def test_in_frequency(times):
    frequencies = np.array([0.0, 5.0, 10.0, 100.0])
    values = np.ones((2, 4), dtype=complex)
    found = scale_by_omega(values, frequencies, times, low=10.0)
    expected = np.array([0, 0, *(2j * np.pi * np.array([10.0, 100.0])) ** -times])
    assert found == pytest.approx(np.stack([expected] * 2))
    magnitudes = scale_by_omega(np.ones(4), frequencies, times)
    assert magnitudes[1:] == pytest.approx((2 * np.pi * frequencies[1:]) ** -times)
    assert magnitudes.dtype == np.float64
    assert magnitudes[0] == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Integrator(1, RATE, high_pass=1.0, times=3), "once or twice, found 3"),
        (lambda: Integrator(1, RATE, high_pass=1.0, times=2, order=2), "order 3 or more, found 2"),
        (lambda: Integrator(1, RATE, high_pass=0.0), "between 0 and 25600 Hz"),
        (lambda: Differentiator(1, RATE, times=0), "once or twice, found 0"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
