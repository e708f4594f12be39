"""Sound levels against IEC 61672-1:2013: toneburst responses, decay, peaks, level references."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from recordings import read_uff58
from streamlab.dsp.detector import time_weighting
from streamlab.dsp.soundlevel import SoundLevelMeter
from streamlab.dsp.weighting import weighting_gain

F = Fraction
# Table 4: duration of a 4 kHz toneburst in ms; LAFmax - LA, LASmax - LA, LAE - LA in dB.
TABLE_4 = [
    (1000, 0.0, -2.0, 0.0),
    (500, -0.1, -4.1, -3.0),
    (200, -1.0, -7.4, -7.0),
    (100, -2.6, -10.2, -10.0),
    (50, -4.8, -13.1, -13.0),
    (20, -8.3, -17.0, -17.0),
    (10, -11.1, -20.0, -20.0),
    (5, -14.1, -23.0, -23.0),
    (2, -18.0, -27.0, -27.0),
    (1, -21.0, None, -30.0),
    (0.5, -24.0, None, -33.0),
    (0.25, -27.0, None, -36.0),
]
RATES = [44100, 48000, 51200, 96000]


def burst(rate, frequency, seconds, *, total, cycles_late=0.0):
    """A tone of amplitude sqrt(2) that begins at a zero crossing at 0.1 s and lasts so long, then silence."""
    time = np.arange(int(total * rate)) / rate - 0.1
    tone = math.sqrt(2) * np.sin(2 * np.pi * (frequency * time + cycles_late))
    return np.where((time >= 0) & (time < seconds - 1e-12), tone, 0.0)[np.newaxis]


def spread(seconds):
    """What A takes from a burst because it is not only 4 kHz, in dB: by its finely sampled spectrum."""
    rate = 1_536_000
    signal = burst(rate, 4000.0, seconds, total=seconds + 0.2)[0]
    power = np.abs(np.fft.rfft(signal)) ** 2
    gain = weighting_gain("A", np.fft.rfftfreq(len(signal), 1 / rate))
    return 10 * math.log10((power * 10 ** (gain / 10)).sum() / power.sum())


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("milliseconds", "fast", "slow", "exposure"), TABLE_4)
def test_toneburst_responses_of_table_4(rate, milliseconds, fast, slow, exposure):
    seconds = milliseconds / 1000
    signal = burst(rate, 4000.0, seconds, total=seconds + 0.4)
    steady = float(weighting_gain("A", np.array(4000.0))) + 20 * math.log10(1 / 20e-6)
    widened = steady if milliseconds > 20 else 20 * math.log10(1 / 20e-6) + spread(seconds)
    for time, constant, table in (("F", 0.125, fast), ("S", 1.0, slow)):
        if table is None:
            continue
        meter = SoundLevelMeter(1, F(rate), F(10), time=time)
        meter.feed(signal, 0)
        levels = meter.rest()
        # The limits of class 1 are 0.5 dB and more.
        assert levels.highest.item() - steady == pytest.approx(table, abs=0.2)
        assert levels.exposure.item() - steady == pytest.approx(exposure, abs=0.2)
        goal = 10 * math.log10(-math.expm1(-seconds / constant))  # the formula below the table
        assert levels.highest.item() - widened == pytest.approx(goal, abs=0.05)
        assert levels.exposure.item() - widened == pytest.approx(10 * math.log10(seconds), abs=0.03)


@pytest.mark.parametrize(("kind", "rate_of_decay"), [("F", 34.7), ("S", 4.34), ("I", 2.9)])
def test_after_the_signal_levels_decay_at_the_rate_of_the_standard(kind, rate_of_decay):
    """5.8: at least 25 dB/s for F, 3.4 to 5.3 dB/s for S; the design goals are 34.7 and 4.3."""
    detector = time_weighting(kind, 1, 48000.0)
    detector.block(np.ones((1, 240_000)))
    levels = 10 * np.log10(detector.block(np.zeros((1, 96_001)))[0])
    start = 24_000 if kind == "I" else 0  # the stage of 35 ms has to fall first
    assert (levels[start] - levels[start + 48_000]) == pytest.approx(rate_of_decay, abs=0.05)


@pytest.mark.parametrize(("milliseconds", "table"), [(20, -3.6), (5, -8.8), (2, -12.6)])
def test_impulse_responses_to_single_bursts(milliseconds, table):
    """IEC 60651:1979, table 8 (2 kHz): the characteristics I that later standards keep for information."""
    signal = burst(48000, 2000.0, milliseconds / 1000, total=0.3)
    highest = time_weighting("I", 1, 48000.0).block(signal).max()
    assert 10 * math.log10(highest) == pytest.approx(table, abs=0.1)


@pytest.mark.parametrize("rate", [48000, 51200, 96000, 192000])
@pytest.mark.parametrize(
    ("frequency", "cycles", "sign", "table", "limit"),
    [
        (31.5, 1.0, 1, 2.5, 2.0),
        (500.0, 1.0, 1, 3.5, 1.0),
        (8000.0, 1.0, 1, 3.4, 2.0),
        (500.0, 0.5, 1, 2.4, 1.0),
        (500.0, 0.5, -1, 2.4, 1.0),
    ],
)
def test_peaks_of_table_5(rate, frequency, cycles, sign, table, limit):
    """LCpeak - LC of one cycle and of a half, 5.13; limits of class 1."""
    steady = float(weighting_gain("C", np.array(frequency))) + 20 * math.log10(1 / 20e-6)
    found = []
    for late in range(8):  # where the samples lie within the cycle is not ours to choose
        time = (np.arange(rate // 2) + late / 8) / rate - 0.1
        inside = (time >= 0) & (time < cycles / frequency)
        signal = np.where(inside, sign * math.sqrt(2) * np.sin(2 * np.pi * frequency * time), 0.0)
        meter = SoundLevelMeter(1, F(rate), F(10))
        meter.feed(signal[np.newaxis], 0)
        found.append(meter.rest().peak.item() - steady)
    assert max(abs(one - table) for one in found) <= limit
    # Much closer than the limits: the crest is found between the samples, wherever they lie.
    assert max(abs(one - table) for one in found) <= 0.15


def test_references_of_levels():
    """1 Pa is 93.979 dB, a tone with a peak of 1 Pa 90.969 dB; LAE = LAeq + 10 lg T; A is 0 dB at 1 kHz."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(8 * 48000) / 48000)[np.newaxis]
    meter = SoundLevelMeter(1, F(48000), F(2), weighting="A", peak_weighting="Z")
    levels = meter.feed(tone, 0)
    assert levels.equivalent[0, 1:] == pytest.approx(90.9691, abs=1e-4)
    assert levels.exposure[0, 1:] == pytest.approx(90.9691 + 3.0103, abs=1e-4)
    assert levels.last[0, 1:] == pytest.approx(90.969, abs=0.01)  # less than 0.01 dB of ripple
    assert levels.peak[0] == pytest.approx(93.9794, abs=1e-4)
    assert meter.totals().exposure.item() == pytest.approx(90.9691 + 9.0309, abs=2e-3)
    assert meter.exceeded([10, 90])[0] == pytest.approx(90.969, abs=0.02)


def test_a_microphone_recording(shared_data):
    """Levels found with pyuff and phonometry: Leq 57.11 dB, LAeq 54.44 dB."""
    samples, rate = read_uff58(shared_data / "uff" / "Sample_UFF58b_bin.uff")
    assert (len(samples), rate) == (79_292, pytest.approx(65536, abs=0.1))
    found = {}
    for weighting in "ZA":
        meter = SoundLevelMeter(1, F(65536), F(1), weighting=weighting)
        meter.feed(samples[np.newaxis], 0)
        found[weighting] = meter.totals().equivalent.item()
    assert found["Z"] == pytest.approx(57.11, abs=0.005)
    assert found["A"] == pytest.approx(54.44, abs=0.005)
