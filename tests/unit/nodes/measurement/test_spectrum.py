"""Spectrum against closed forms: tones on and between lines, Parseval, averages, gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.spectrum import Spectrum
from streamlab.testing.harness import cut, run_node

RATE = 1000
PA = StreamInfo([ChannelInfo("mic", "Pa")], RATE)


def frame(samples, info=PA, **header):
    return DataFrame.from_samples(np.array(samples, dtype=float, ndmin=2), info, **header)


def tone(count, frequency, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(count) / RATE + 0.3)


def spectra(samples, **config):
    return run_node("Spectrum", cut(frame(samples), [333] * 20), config=config)


@pytest.mark.contract("M24")
@pytest.mark.parametrize("window", ["rectangular", "hann", "blackmanharris", "flattop"])
def test_a_tone_on_a_line_by_every_scale(window):
    # Lines 10 Hz apart; the noise bandwidth of a window in lines is that of table W.
    bandwidth = {"rectangular": 1.0, "hann": 1.5, "blackmanharris": 2.0044, "flattop": 3.7702}[window]
    expected = {
        "amplitude": 3.0,
        "rms": 3.0 / math.sqrt(2),
        "power": 4.5,
        "psd": 4.5 / (10 * bandwidth),
        "esd": 4.5 / (10 * bandwidth) * 0.1,
    }
    for scaling, value in expected.items():
        run = spectra(tone(3000, 200.0, 3.0), size=100, scaling=scaling, window=window)
        (out,) = run.outputs
        assert out.info.points[20] == 200.0
        assert out.samples[0, 20] == pytest.approx(value, rel=1e-4)
        assert run.result["mic"]["highest"] == out.samples[0, 20]
        assert run.result["mic"]["frequency"] == 200.0
        assert (run.result["mic"]["averages"], run.result["mic"]["missing"]) == (59, 0)
    units = {"amplitude": "Pa", "rms": "Pa", "power": "Pa2", "psd": "Pa2/Hz", "esd": "Pa2 s/Hz"}
    for scaling, unit in units.items():
        said = Spectrum.stream_info(Spectrum(scaling=scaling), **{"in": PA})
        assert (said.channels[0].unit, said.axis, said.sample_rate) == (unit, "frequency", RATE)
    acceleration = StreamInfo([ChannelInfo("a", "m/s2")], RATE)
    said = Spectrum.stream_info(Spectrum(scaling="psd"), **{"in": acceleration})
    assert said.channels[0].unit == "(m/s2)2/Hz"


@pytest.mark.contract("M24")
@pytest.mark.parametrize(
    ("window", "loss"), [("rectangular", 3.9224), ("hann", 1.4236), ("flattop", 0.0098), ("nuttall", 0.8506)]
)
def test_between_two_lines_a_tone_loses_what_table_w_says(window, loss):
    (out,) = spectra(tone(100_000, 205.0), size=100, scaling="amplitude", window=window, overlap=0.77)
    assert 20 * math.log10(out.samples[0].max()) == pytest.approx(-loss, abs=0.01)


@pytest.mark.contract("M24")
@pytest.mark.parametrize("size", [100, 101])
def test_the_sum_of_a_density_is_the_mean_square(size):
    noise = np.random.default_rng(3).standard_normal(size * 30)
    (out,) = spectra(noise, size=size, scaling="psd", window="rectangular", overlap=0.0)
    assert out.samples[0].sum() * RATE / size == pytest.approx(np.mean(noise**2), rel=1e-12)


@pytest.mark.contract("M24")
def test_levels_have_the_reference_of_the_unit():
    loud = 10 ** (94 / 20) * 20e-6 * math.sqrt(2)
    (out,) = spectra(tone(1000, 200.0, loud), size=100, decibels=True)
    assert out.samples[0, 20] == pytest.approx(94.0, abs=1e-6)
    assert out.info.channels[0].label == "mic [dB re 20 uPa]"
    (density,) = spectra(tone(1000, 200.0, loud), size=100, decibels=True, scaling="psd")
    assert density.samples[0, 20] == pytest.approx(94.0 - 10 * math.log10(15), abs=1e-6)
    assert density.info.channels[0].label == "mic [dB re (20 uPa)2/Hz]"


@pytest.mark.contract("M24")
def test_so_many_segments_make_a_spectrum():
    levels = [1.0, 3.0, 5.0, 2.0, 4.0, 6.0, 9.0]
    signal = np.concatenate([tone(100, 200.0, level) for level in levels])
    config = {"size": 100, "overlap": 0.0, "scaling": "power"}
    linear = spectra(signal, averages=3, **config)
    powers = [out.samples[0, 20] for out in linear]
    assert powers == pytest.approx([(1 + 9 + 25) / 6, (4 + 16 + 36) / 6], rel=1e-9)
    assert [(out.start_sample, out.advance, out.timestamp) for out in linear] == [
        (0, 300, 0),
        (300, 300, 300_000),
    ]
    largest = spectra(signal, averages=3, average="max", **config)
    assert [out.samples[0, 20] for out in largest] == pytest.approx([12.5, 18.0], rel=1e-9)
    running = spectra(signal, averages=2, average="exponential", **config)
    expected, value = [], 0.0
    for k, level in enumerate(levels):
        value += (level**2 / 2 - value) / min(k + 1, 2)
        expected.append(value)
    assert [out.samples[0, 20] for out in running] == pytest.approx(expected, rel=1e-9)
    assert [out.start_sample for out in running] == [0, 100, 200, 300, 400, 500, 600]


@pytest.mark.contract("M24")
def test_overlapping_spectra_move_on_by_their_hops():
    run = spectra(tone(1000, 200.0), size=100, overlap=0.75, averages=4)
    assert [(out.start_sample, out.advance) for out in run] == [(100 * k, 100) for k in range(9)]


@pytest.mark.contract("M24")
def test_resolution_and_the_lines_that_are_given():
    (out,) = spectra(tone(5000, 200.0), resolution=2.5, low=100.0, high=300.0, scaling="amplitude")
    assert out.info.points == tuple(np.arange(100.0, 300.1, 2.5))
    assert out.samples[0, 40] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.contract("M24")
def test_the_mean_is_removed_when_asked():
    constant = np.full(500, 7.0)
    (with_mean,) = spectra(constant, size=100)
    (without,) = spectra(constant, size=100, remove_mean=True)
    assert with_mean.samples[0, 0] == pytest.approx(7.0)
    assert np.abs(without.samples).max() < 1e-12


def with_a_gap():
    """A tone of 1 for 250 samples, 50 lost, then a tone of 3."""
    first, second = frame(tone(250, 200.0)), frame(tone(400, 200.0, 3.0))
    return [first, second.replace(start_sample=300, gap=50, timestamp=300_000)]


@pytest.mark.contract("M24", "F7")
def test_an_average_of_so_many_begins_anew_behind_a_gap():
    config = {"size": 100, "overlap": 0.0, "averages": 2, "scaling": "amplitude"}
    run = run_node("Spectrum", with_a_gap(), config=config)
    assert [out.samples[0, 20] for out in run] == pytest.approx([1.0, 3.0, 3.0], rel=1e-9)
    assert [(out.start_sample, out.timestamp) for out in run] == [(0, 0), (300, 300_000), (500, 500_000)]
    assert run.result["mic"]["missing"] == 50
    # Of the three hundred samples before the gap the last segment made no whole average.
    config["averages"] = 3
    (only,) = run_node("Spectrum", with_a_gap(), config=config)
    assert (only.start_sample, only.samples[0, 20]) == (300, pytest.approx(3.0, rel=1e-9))


@pytest.mark.contract("M24", "F7")
def test_an_average_over_all_goes_on_behind_a_gap_and_says_so():
    run = run_node("Spectrum", with_a_gap(), config={"size": 100, "overlap": 0.0, "scaling": "power"})
    (out,) = run.outputs
    assert out.samples[0, 20] == pytest.approx((2 * 0.5 + 4 * 4.5) / 6, rel=1e-9)
    assert (out.start_sample, out.advance, out.gap) == (0, 700, 50)
    assert run.result["mic"]["averages"] == 6


def test_without_a_whole_segment_there_is_nothing():
    run = spectra(np.ones(99), size=100)
    assert (run.outputs, run.result) == ([], None)


@pytest.mark.contract("M24", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"size": 100, "resolution": 1.0}, None, "/resolution: size says what the resolution is"),
        ({"decibels": True, "scaling": "amplitude"}, None, "/decibels: a level is not of amplitude"),
        ({"beta": 3.0}, None, "/beta: only a Kaiser window has a beta"),
        ({"low": 5.0, "high": 4.0}, None, "/low: low is above high"),
        ({"average": "exponential"}, None, "/averages: an exponential average needs averages"),
        ({"reference": "x"}, None, "/reference"),
        ({"reference": "1 V"}, PA, "/reference"),
        ({"resolution": 700.0}, PA, "/resolution: the resolution does not go with the sample rate"),
        ({"high": 600.0}, PA, "/high: high is above half the sample rate; expected at most 500 Hz"),
        ({"size": 10, "low": 110.0, "high": 190.0}, PA, "/low: no line lies between low and high"),
        ({}, StreamInfo(["x"]), "a spectrum needs samples over time"),
        ({}, StreamInfo(["x"], 10, "frequency"), "a spectrum needs samples over time"),
    ],
)
def test_what_has_no_spectrum(config, info, message):
    with pytest.raises(ParamError, match=message):
        Spectrum.stream_info(Spectrum(**config), **{"in": info})
