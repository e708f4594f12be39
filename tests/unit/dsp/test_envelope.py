"""Envelopes: modulated tones in closed form, SciPy's whole-signal Hilbert transform as the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import hilbert

from streamlab.dsp.design import design_sos
from streamlab.dsp.envelope import Envelope, height_over_median
from streamlab.dsp.sos import SosFilter

RATE = 8000.0
NOISE = np.random.default_rng(12).standard_normal((2, 2000))


@given(sizes=st.lists(st.integers(0, 300), max_size=12))
def test_bits_do_not_depend_on_cutting(sizes):
    kernel = Envelope(2, RATE, low=500.0)
    whole = kernel.block(NOISE)
    kernel.reset()
    parts, at = [], 0
    for size in [*sizes, 2000]:
        parts.append(kernel.block(NOISE[:, at : at + size]))
        at = min(at + size, 2000)
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("carrier", [600.0, 2000.0, 3400.0])
@pytest.mark.parametrize("attenuation", [60.0, 90.0])
def test_depth_and_rate_of_a_modulation_come_back(carrier, attenuation):
    time = np.arange(4000) / RATE
    modulation = 1.0 + 0.5 * np.cos(2 * np.pi * 30 * time)
    kernel = Envelope(1, RATE, low=500.0, attenuation=attenuation)
    out = kernel.block((modulation * np.sin(2 * np.pi * carrier * time))[np.newaxis])[0]
    delay = kernel.delay
    settled = slice(2 * delay, None)
    expected = modulation[delay : 4000 - delay]
    assert np.abs(out[settled] - expected).max() < 2.5 * 10 ** (-attenuation / 20)


def test_of_band_limited_noise_it_is_that_of_the_whole_signal():
    band = SosFilter(design_sos("butterworth", "bandpass", (1200.0, 2500.0), RATE, order=6), 2)
    signal = band.block(NOISE)
    kernel = Envelope(2, RATE, low=500.0)
    out = kernel.block(signal)[:, kernel.delay :]
    expected = np.abs(hilbert(signal, axis=-1))[:, : -kernel.delay]
    inner = slice(200, -200)  # the ends of the whole-signal transform are wrong
    assert np.abs(out - expected)[:, inner].max() < 5e-3 * expected.max()


def test_lines_over_the_median():
    frequencies = np.arange(10.0)
    spectrum = np.ones((1, 10))
    spectrum[0, 6] = 100.0
    found = height_over_median(spectrum, frequencies, 2.0, 8.0)
    assert found[0, 2:9].tolist() == pytest.approx([0, 0, 0, 0, 40, 0, 0])
    assert np.isnan(found[0, [0, 1, 9]]).all()
    with pytest.raises(ValueError, match="between 20 and 30 Hz, found none"):
        height_over_median(spectrum, frequencies, 20.0, 30.0)


def test_a_band_that_reaches_half_the_rate_is_refused():
    with pytest.raises(ValueError, match="between 0 and 4000 Hz, found 5000"):
        Envelope(1, RATE, low=2500.0)
