"""Levels against values from outside: the calibrated tones of a standard, a bank of third-octave filters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from streamlab.core import DataFrame
from streamlab.testing.harness import run_node

# ISO 532-1:2017, electronic attachment: digital full scale is 2 sqrt(2) Pa (a full-scale sine has 100 dB).
FULL_SCALE = 2 * math.sqrt(2)


@pytest.mark.parametrize(("name", "level"), [("2 (250 Hz 80 dB)", 80.0), ("3 (1 kHz 60 dB)", 60.0)])
def test_the_calibrated_tones_of_iso_532_1(shared_data, name, level):
    path = shared_data / "iso532-1" / f"Test signal {name}.wav"
    config = {"path": str(path), "full_scale": FULL_SCALE, "unit": "Pa", "channels": ["mic"]}
    recording = run_node("WavFile", config=config)
    run = run_node("Level", recording.outputs, config={"interval": 0.125})
    assert run.result["mic"]["Leq"] == pytest.approx(level, abs=0.05)
    assert run.result["mic"]["units"]["Leq"] == "dB re 20 uPa"
    assert run.result["mic"]["crest"] == pytest.approx(math.sqrt(2), rel=0.01)
    whole = [
        float(row) for frame in run if "partial" not in frame.metadata for row in frame.payload["mic.Leq"]
    ]
    assert len(whole) == math.floor(run.result["mic"]["duration"] / 0.125)
    steady = whole[2:-2]  # the tones fade in and out
    assert steady == pytest.approx([level] * len(steady), abs=0.05)


def test_pink_noise_has_equal_third_octaves():
    """Bands by Butterworth filters of order 6 at the exact midband frequencies of IEC 61260-1 (base ten)."""
    rate, seconds = 48000, 120
    config = {"color": "pink", "seed": 11, "frame_size": rate * seconds, "sample_rate": float(rate)}
    samples = run_node("Noise", [DataFrame(0, 0)], config=config)[0].samples[0]
    levels = []
    for number in range(-17, 14):  # 20 Hz to 20 kHz
        middle = 1000.0 * 10 ** (number / 10)
        edges = [middle * 10**-0.05, min(middle * 10**0.05, 0.4999 * rate)]
        band = sosfilt(butter(3, edges, "bandpass", fs=rate, output="sos"), samples)[rate:]
        levels.append(10 * math.log10(float(np.mean(band**2))))
    levels = np.array(levels)
    # Chance moves the level of a band of width B by 4.34 / sqrt(B T) dB: 0.18 dB at 20 Hz.
    assert np.abs(levels - levels.mean()).max() < 0.5
    slope = np.polyfit(np.arange(len(levels)) / 3, levels, 1)[0]
    assert abs(slope) < 0.02  # equal bands: -3.01 dB per octave in density
    assert math.sqrt(np.mean(samples**2)) == pytest.approx(1.0, abs=0.05)


def test_white_noise_rises_by_three_decibels_per_octave_in_third_octaves():
    rate, seconds = 48000, 60
    config = {"seed": 5, "frame_size": rate * seconds}
    samples = run_node("Noise", [DataFrame(0, 0)], config=config)[0].samples[0]
    levels = []
    for number in range(-10, 12):
        middle = 1000.0 * 10 ** (number / 10)
        edges = [middle * 10**-0.05, middle * 10**0.05]
        band = sosfilt(butter(3, edges, "bandpass", fs=rate, output="sos"), samples)[rate:]
        levels.append(10 * math.log10(float(np.mean(band**2))))
    slope = np.polyfit(np.arange(len(levels)) * math.log2(10) / 10, levels, 1)[0]
    assert slope == pytest.approx(3.0103, abs=0.05)
