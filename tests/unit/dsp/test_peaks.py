"""Tones between lines: place and height."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.peaks import find_peaks
from streamlab.dsp.spectrum import SpectrumAverager
from streamlab.dsp.window import WINDOWS

RATE, SIZE = 1024.0, 1024


def peaks_of(signal, window="hann", scaling="amplitude", **options):
    kernel = SpectrumAverager(len(signal), RATE, SIZE, window=window)
    kernel.block(signal)
    return find_peaks(kernel.spectrum(scaling), kernel.window, RATE, **options)


def tone(frequency, amplitude=1.0, phase=0.0, size=SIZE):
    return amplitude * np.cos(2 * np.pi * frequency * np.arange(size) / RATE + phase)


@given(frequency=st.floats(100.0, 400.0), phase=st.floats(0, 6.3), window=st.sampled_from(WINDOWS))
def test_a_tone_between_lines(frequency, phase, window):
    found = peaks_of(tone(frequency, 2.0, phase)[np.newaxis], window, count=1)
    # Windows with high side lobes let the other side of the spectrum through: 1 / (pi 200) at 100 Hz. The
    # flat top says least about the place.
    place = {"rectangular": 1e-2, "hamming": 1e-3, "flattop": 5e-4}.get(window, 5e-5)
    assert found.frequency[0, 0] == pytest.approx(frequency, abs=place)
    height = {"rectangular": 2e-3, "hamming": 2e-4}.get(window, 2e-5)
    assert found.amplitude[0, 0] == pytest.approx(2.0, rel=height)


def test_with_noise_60_db_below():
    """Within 0.01 line for a Hann window."""
    rng = np.random.default_rng(3)
    for frequency in np.linspace(200, 201, 21):
        signal = tone(frequency) + rng.standard_normal(SIZE) * 1e-3 / np.sqrt(2)
        found = peaks_of(signal[np.newaxis], count=1)
        assert found.frequency[0, 0] == pytest.approx(frequency, abs=0.01)
        assert found.amplitude[0, 0] == pytest.approx(1.0, rel=1e-3)


def test_peaks_are_sorted_and_bounded():
    signal = np.stack([tone(100.3) + tone(203.7, 3.0) + tone(310.2, 0.5), tone(150.0, 0.2)])
    found = peaks_of(signal, "blackmanharris", count=4, least=0.1)
    assert found.frequency[0, :3] == pytest.approx([203.7, 100.3, 310.2], abs=1e-3)
    assert found.amplitude[0, :3] == pytest.approx([3.0, 1.0, 0.5], rel=1e-3)
    assert np.isnan(found.frequency[0, 3])
    assert found.frequency[1, 0] == pytest.approx(150.0, abs=1e-3)
    assert np.isnan(found.amplitude[1, 1:]).all()
    inside = peaks_of(signal, "blackmanharris", count=1, least=0.1, low=220.0, high=400.0)
    assert inside.frequency[0, 0] == pytest.approx(310.2, abs=1e-3)
    near = peaks_of(tone(100.0)[np.newaxis] + tone(107.0, 0.9), count=3, least=0.05, apart=20.0)
    assert np.isnan(near.frequency[0, 1:]).all()


def test_of_rms_spectra_too_and_of_silence_nothing():
    assert peaks_of(tone(99.6)[np.newaxis], scaling="rms", count=1).amplitude[0, 0] == pytest.approx(
        np.sqrt(0.5), rel=1e-4
    )
    assert np.isnan(peaks_of(np.zeros((1, SIZE)), count=2).frequency).all()
