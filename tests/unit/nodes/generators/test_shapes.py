"""Dc, MultiTone, Square, Triangle, Sawtooth, Pulse and ToneBurst against closed forms."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from streamlab.core import DataFrame, node_class
from streamlab.errors import ParamError
from streamlab.testing.harness import join, run_node


def signal(name, seconds=1.0, **config):
    node = node_class(name)(**config)
    count = math.ceil(seconds * node.sample_rate / node.frame_size)
    return join(run_node(node, [DataFrame(0, k) for k in range(count)]).outputs).samples[0]


def exact_turn(n, frequency, rate=48000, start=0):
    return (Fraction(str(start)) + n * Fraction(str(frequency)) / Fraction(str(rate))) % 1


IDEAL = {
    "Square": lambda turn: 1 if turn < Fraction(1, 2) else -1,
    "Sawtooth": lambda turn: float(2 * ((turn + Fraction(1, 2)) % 1) - 1),
    "Triangle": lambda turn: float(1 - abs((4 * turn + 1) % 4 - 2)),
}
# Fourier series of the ideal waves: amplitude of the sine of harmonic k.
SERIES = {
    "Square": lambda k: 4 / (math.pi * k) if k % 2 else 0.0,
    "Sawtooth": lambda k: (2 if k % 2 else -2) / (math.pi * k),
    "Triangle": lambda k: (8 if k % 4 == 1 else -8) / (math.pi * k) ** 2 if k % 2 else 0.0,
}


@pytest.mark.contract("M9")
@pytest.mark.parametrize("name", list(IDEAL))
@pytest.mark.parametrize("begin", [0, 10**15])
def test_the_phase_is_exact_after_any_time(name, begin):
    node = node_class(name)(frequency=441.7, frame_size=1000, amplitude=3.0, band_limited=False)
    node._count = begin * 1000
    found = node.process(DataFrame(0, 0)).samples[0]
    turns = [exact_turn(begin * 1000 + n, 441.7) for n in range(1000)]
    assert found == pytest.approx([3 * IDEAL[name](turn) for turn in turns], abs=1e-12)


@pytest.mark.contract("M9")
@pytest.mark.parametrize("name", list(IDEAL))
@pytest.mark.parametrize("frequency", [997.3, 5000.1])
def test_a_band_limited_wave_is_its_series_up_to_half_the_rate(name, frequency):
    found = signal(name, 0.02, frequency=frequency, phase=0.7)
    turns = np.array([float(exact_turn(n, frequency)) for n in range(len(found))])
    parts = [
        SERIES[name](k) * np.sin(k * (2 * np.pi * turns + 0.7))
        for k in range(1, math.ceil(24000 / frequency))
    ]
    assert np.abs(found - sum(parts)).max() < 2e-7


@pytest.mark.contract("M9")
@pytest.mark.parametrize(
    ("name", "rms", "thd"),
    [
        ("Square", 1.0, 0.483426),
        ("Triangle", 1 / math.sqrt(3), 0.121153),
        ("Sawtooth", 1 / math.sqrt(3), 0.803078),
    ],
)
@pytest.mark.parametrize("band_limited", [True, False])
def test_rms_and_distortion_are_those_of_the_ideal_wave(name, rms, thd, band_limited):
    # 10 periods of 4800 samples: little folds back, and little lies above half the rate.
    found = signal(name, frequency=10.0, frame_size=48000, band_limited=band_limited)
    found = found - found.mean()
    assert math.sqrt(np.mean(found**2)) == pytest.approx(rms, rel=2e-4)
    fundamental = abs(np.fft.rfft(found)[10]) / len(found) * math.sqrt(2)
    rest = math.sqrt(np.mean(found**2) - fundamental**2)
    assert rest / fundamental == pytest.approx(thd, abs=5e-4)


@pytest.mark.contract("M9")
def test_harmonics_of_a_sampled_square_have_their_closed_form():
    # DFT of N/2 ones and N/2 minus ones: amplitude 4 / (N sin(pi k / N)) at odd k, nothing at even k.
    size = 48
    found = signal("Square", frequency=1000.0, frame_size=48000, band_limited=False)
    lines = np.abs(np.fft.rfft(found))[::1000] * 2 / 48000
    k = np.arange(1, size // 2)
    expected = np.where(k % 2, 4 / (size * np.sin(np.pi * k / size)), 0.0)
    assert np.abs(lines[1 : size // 2] - expected).max() < 1e-12


@pytest.mark.contract("M9")
def test_a_tacho_of_1500_rpm():
    found = signal(
        "Pulse",
        seconds=8.0,
        frequency=25.0,
        width=0.001,
        amplitude=5.0,
        sample_rate=44100.0,
        frame_size=44100,
    )
    edges = np.flatnonzero(np.diff(found) > 0) + 1
    assert set(found.tolist()) == {0.0, 5.0}
    assert edges.tolist() == [44100 * k // 25 for k in range(1, 200)]
    widths = np.flatnonzero(np.diff(found) < 0)[1:] + 1 - edges
    assert set(widths.tolist()) <= {44, 45}  # 44.1 samples


@pytest.mark.contract("M9")
def test_a_burst_is_whole_cycles_and_silence():
    # IEC 61672-1, table 4: 4 kHz for 10 ms. RMS over the burst is amplitude / sqrt(2).
    found = signal("ToneBurst", frequency=4000.0, cycles=40, interval=0.5, begin=0.1, amplitude=2.0)
    n = np.arange(48000)
    expected = np.zeros(48000)
    for first in (4800, 28800):
        inside = (n >= first) & (n < first + 480)
        expected[inside] = 2 * np.sin(2 * np.pi * 4000 * (n[inside] - first) / 48000)
    assert np.abs(found[:48000] - expected).max() < 1e-11
    assert np.mean(found[4800:5280] ** 2) == pytest.approx(2.0, rel=1e-12)


@pytest.mark.contract("M9")
@pytest.mark.parametrize("interval", [0.0123457, None])
@pytest.mark.parametrize("frame_size", [1, 100, 1024])
def test_bursts_may_begin_between_samples(interval, frame_size):
    frequency, begin, cycles = 997.3, 0.0010011, 3
    found = signal(
        "ToneBurst",
        0.05,
        frequency=frequency,
        cycles=cycles,
        interval=interval,
        begin=begin,
        frame_size=frame_size,
    )
    first = math.ceil(begin * 48000)
    expected = []
    for n in range(len(found)):
        since = Fraction(n - first, 48000)
        if interval is not None and since >= 0:
            since %= Fraction(str(interval))
        turn = since * Fraction(str(frequency))
        expected.append(math.sin(2 * math.pi * float(turn % 1)) if 0 <= turn < cycles else 0.0)
    assert np.abs(found - expected).max() < 1e-11


@pytest.mark.contract("M9")
def test_a_burst_that_is_long_over():
    node = node_class("ToneBurst")(frame_size=10)
    node._count = 10**18
    assert node.process(DataFrame(0, 0)).samples.tolist() == [[0.0] * 10]


@pytest.mark.contract("M9")
def test_each_of_several_tones_is_a_sine_of_its_own():
    config = {
        "frequencies": [441.7, 997.0, 0.0],
        "amplitudes": [1.0, 0.5, 2.0],
        "phases": [0.0, 1.0, math.pi / 2],
    }
    found = signal("MultiTone", amplitude=2.0, **config)
    turns = [[float(exact_turn(n, f)) for f in config["frequencies"]] for n in range(len(found))]
    parts = 2 * np.array(config["amplitudes"]) * np.sin(2 * np.pi * np.array(turns) + config["phases"])
    assert np.abs(found - parts.sum(axis=1)).max() < 5e-12


@pytest.mark.contract("M9")
def test_low_crest_keeps_the_power_and_lowers_the_peak():
    harmonics = [100.0 * k for k in range(1, 33)]
    plain, low = (
        signal("MultiTone", frequencies=harmonics, frame_size=48000, low_crest=low) for low in (False, True)
    )
    for found in (plain, low):
        assert np.mean(found**2) == pytest.approx(32 / 2, rel=1e-9)
    crest = [np.abs(found).max() / math.sqrt(16) for found in (plain, low)]
    assert crest[0] > 5  # sines that begin together
    assert crest[1] < 2.0  # one sine has 1.41


def test_a_constant():
    run = run_node(
        "Dc", [DataFrame(0, 0)], config={"value": -2.5, "frame_size": 3, "channels": ["a", "b"], "unit": "V"}
    )
    assert run[0].samples.tolist() == [[-2.5] * 3] * 2
    assert [channel.unit for channel in run[0].info.channels] == ["V", "V"]


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("Square", {"frequency": 24000.0}, "/frequency: the frequency is not below half the sample rate"),
        (
            "Triangle",
            {"frequency": 0.3},
            "/frequency: .* more than 65536 harmonics .* expected at least 0.366 Hz",
        ),
        (
            "Pulse",
            {"width": 1e-5},
            "/width: a pulse is shorter than a sample; expected at least 2.08333e-05 s",
        ),
        (
            "Pulse",
            {"frequency": 100.0, "width": 0.01},
            "/width: a pulse is not over before the next one; expected below",
        ),
        (
            "ToneBurst",
            {"interval": 0.0009},
            "/interval: a burst is not over before the next one; expected at least 0.001 s",
        ),
        ("ToneBurst", {"frequency": 24001.0}, "above half the sample rate"),
        ("MultiTone", {"frequencies": [1.0, 24001.0]}, "/frequencies/1: .* expected from 0 to 24000 Hz"),
        ("MultiTone", {"frequencies": [-1.0]}, "/frequencies/0"),
        ("MultiTone", {"amplitudes": [1.0]}, "/amplitudes: there is one for each tone; expected 2"),
        ("MultiTone", {"phases": [0.0, 0.0], "low_crest": True}, "the phases are given already"),
    ],
)
def test_what_cannot_be_made(name, config, message):
    with pytest.raises(ParamError, match=message):
        node_class(name)(**config)
