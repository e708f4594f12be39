"""Finite impulse responses: designs against their specification, streams against plain convolution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.fir import FirFilter, OverlapSave, design_fir, hilbert_taps, kaiser_taps

RATE = 8000.0
GRID = np.linspace(0.0, RATE / 2, 4001)


def amplitude(taps, frequencies=GRID, rate=RATE):
    """The real response of symmetric taps about their middle, by the definition."""
    index = np.arange(len(taps)) - (len(taps) - 1) / 2
    return np.cos(2 * np.pi * np.outer(frequencies / rate, index)) @ taps


@pytest.mark.parametrize(
    ("kind", "edges", "passes"),
    [
        ("lowpass", 1000.0, lambda f: f < 1000),
        ("highpass", 1000.0, lambda f: f > 1000),
        ("bandpass", (1000.0, 2500.0), lambda f: (f > 1000) & (f < 2500)),
        ("bandstop", (1000.0, 2500.0), lambda f: (f < 1000) | (f > 2500)),
    ],
)
@pytest.mark.parametrize("attenuation", [40.0, 80.0, 120.0])
def test_a_design_keeps_its_specification(kind, edges, passes, attenuation):
    taps = design_fir(kind, edges, RATE, transition=200.0, attenuation=attenuation)
    assert len(taps) % 2 == 1
    assert np.array_equal(taps, taps[::-1])
    found = amplitude(taps)
    away = np.min([np.abs(GRID - edge) for edge in np.atleast_1d(edges)], axis=0) >= 100.0
    ideal = passes(GRID).astype(float)
    # Kaiser's formula for the number of taps is an estimate, and two transitions add.
    assert 20 * np.log10(np.abs(found - ideal)[away].max()) <= -attenuation + 2.0
    assert amplitude(taps, np.atleast_1d(edges)) == pytest.approx(0.5, abs=0.005)


def test_taps_are_the_ideal_response_under_the_window():
    taps = design_fir("lowpass", 1000.0, RATE, transition=200.0, attenuation=80.0)
    count, beta = kaiser_taps(80.0, 200.0, RATE)
    index = np.arange(count) - (count - 1) / 2
    ideal = 2 * 1000 / RATE * np.sinc(2 * 1000 / RATE * index) * np.kaiser(count, beta)
    assert taps == pytest.approx(ideal / ideal.sum(), abs=1e-15)


@pytest.mark.parametrize("attenuation", [60.0, 100.0])
def test_a_hilbert_transformer_turns_a_cosine_into_a_sine(attenuation):
    taps = hilbert_taps(200.0, RATE, attenuation=attenuation)
    assert np.array_equal(taps, -taps[::-1])
    half = (len(taps) - 1) // 2
    time = np.arange(4 * len(taps)) / RATE
    for frequency in (200.0, 1234.5, 3800.0):
        out = np.convolve(np.cos(2 * np.pi * frequency * time + 0.3), taps, "valid")
        expected = np.sin(2 * np.pi * frequency * time + 0.3)[half:-half]
        assert np.abs(out - expected).max() < 1.2 * 10 ** (-attenuation / 20)


@pytest.mark.parametrize(
    ("attenuation", "beta"), [(15.0, 0.0), (30.0, 2.117), (50.0, 4.533), (100.0, 10.061)]
)
def test_the_beta_of_kaiser(attenuation, beta):
    """Values of Kaiser's formulas as tables of filter design print them."""
    assert kaiser_taps(attenuation, 100.0, RATE)[1] == pytest.approx(beta, abs=2e-3)


SIGNAL = np.random.default_rng(3).standard_normal((2, 700))
TAPS = np.random.default_rng(4).standard_normal(31)
PLAIN = np.stack([np.convolve(row, TAPS)[: SIGNAL.shape[1]] for row in SIGNAL])


def cut(kernel, signal, sizes):
    parts, at = [], 0
    for size in [*sizes, signal.shape[1]]:
        parts.append(kernel.block(signal[:, at : at + size]))
        at = min(at + size, signal.shape[1])
    return np.concatenate(parts, axis=1)


@given(sizes=st.lists(st.integers(0, 90), max_size=12), down=st.integers(1, 40))
def test_direct_sums_do_not_depend_on_cutting(sizes, down):
    kernel = FirFilter(TAPS, 2, down=down)
    whole = kernel.block(SIGNAL)
    assert whole == pytest.approx(PLAIN[:, ::down], abs=1e-13)
    kernel.reset()
    assert np.array_equal(cut(kernel, SIGNAL, sizes), whole)


def test_direct_sums_sample_by_sample():
    whole = FirFilter(TAPS, 2).block(SIGNAL)
    assert np.array_equal(cut(FirFilter(TAPS, 2), SIGNAL, [1] * 700), whole)
    assert cut(FirFilter(TAPS, 2, down=7), SIGNAL, [1] * 700).shape == (2, 100)


LONG = np.random.default_rng(5).standard_normal((2, 6000))


@given(sizes=st.lists(st.integers(0, 2500), max_size=8), length=st.sampled_from([1, 2, 301]))
def test_fast_convolution_does_not_depend_on_cutting(sizes, length):
    taps = np.random.default_rng(length).standard_normal(length)

    def all_of(kernel, sizes):
        return np.concatenate([cut(kernel, LONG, sizes), kernel.flush()], axis=1)

    kernel = OverlapSave(taps, 2)
    whole = all_of(kernel, [])
    expected = np.stack([np.convolve(row, taps)[:6000] for row in LONG])
    assert whole == pytest.approx(expected, abs=1e-14 * np.abs(taps).sum() * np.abs(LONG).max())
    assert np.array_equal(all_of(kernel, sizes), whole)  # flush began anew


def test_stretches_come_out_whole_and_the_rest_at_the_end():
    kernel = OverlapSave(np.ones(129), 1)
    assert kernel.hop == 1024 - 128
    assert kernel.block(np.ones((1, kernel.hop - 1))).shape == (1, 0)
    assert kernel.block(np.ones((1, 1))).shape == (1, kernel.hop)
    assert kernel.flush().shape == (1, 0)


def test_a_symmetric_response_is_late_by_its_delay():
    taps = design_fir("lowpass", 1000.0, RATE, transition=400.0)
    signal = np.sin(2 * np.pi * 200 * np.arange(1000) / RATE)[np.newaxis]
    for kernel in (FirFilter(taps, 1), OverlapSave(taps, 1)):
        assert kernel.delay == (len(taps) - 1) / 2
        delay = int(kernel.delay)
        out = kernel.block(signal)
        if isinstance(kernel, OverlapSave):
            out = np.concatenate([out, kernel.flush()], axis=1)
        assert out[:, len(taps) :] == pytest.approx(signal[:, len(taps) - delay : -delay], abs=2e-4)


def test_no_channels_and_no_samples():
    assert FirFilter(TAPS, 0).block(np.zeros((0, 5))).shape == (0, 5)
    assert FirFilter(TAPS, 2, down=3).block(np.zeros((2, 0))).shape == (2, 0)
    assert OverlapSave(TAPS, 2).block(np.zeros((2, 0))).shape == (2, 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: design_fir("low", 1.0, RATE, transition=1.0), "lowpass, highpass.*'low'"),
        (lambda: design_fir("lowpass", (1.0, 2.0), RATE, transition=1.0), "one edge"),
        (lambda: design_fir("bandpass", 10.0, RATE, transition=1.0), "two edges"),
        (lambda: design_fir("lowpass", 40.0, RATE, transition=100.0), "50 Hz or more between 0 Hz and 40 Hz"),
        (lambda: design_fir("bandpass", (200.0, 250.0), RATE, transition=100.0), "100 Hz or more.*found 50"),
        (lambda: design_fir("bandpass", (250.0, 200.0), RATE, transition=100.0), "found -50 Hz"),
        (lambda: design_fir("highpass", 3990.0, RATE, transition=100.0), "50 Hz or more.*found 10"),
        (lambda: kaiser_taps(5.0, 10.0, RATE), "above 8 and up to 250 dB, found 5"),
        (lambda: kaiser_taps(60.0, 0.0, RATE), "between 0 and 4000 Hz, found 0"),
        (lambda: kaiser_taps(60.0, 1e-3, RATE), "needs 29.* taps: expected at most 1048576"),
        (lambda: FirFilter(np.zeros(0), 1), "k >= 1"),
        (lambda: FirFilter(np.ones(3), 1, down=0), "1 or more, found 0"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
