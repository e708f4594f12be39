"""Calibrate: a known sensitivity comes back, and what is no calibrator's tone is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.dsp.tone import fit_tone
from streamlab.errors import ParamError
from streamlab.nodes.conditioning.calibrate import Calibrate
from streamlab.testing.harness import cut, run_node

RATE = 48000
INFO = StreamInfo([ChannelInfo("mic", "V")], RATE)
PASCAL = {94.0: 1.002374, 114.0: 10.02374}  # IEC 60942's levels re 20 uPa


def tone(seconds, sensitivity=0.05, level=94.0, frequency=1000.0):
    time = np.arange(round(seconds * RATE)) / RATE
    return sensitivity * PASCAL[level] * math.sqrt(2) * np.sin(2 * np.pi * frequency * time)


def frame(samples, **header):
    return DataFrame.from_samples(np.atleast_2d(samples), INFO, **header)


def calibrated(samples, sizes=(4800,) * 200, **config):
    config = {"level": 94.0, "duration": 1.0, **config}
    return run_node("Calibrate", cut(frame(samples), sizes), config=config).result


@pytest.mark.contract("M8")
@given(
    frequency=st.floats(985.0, 1015.0),
    phase=st.floats(0, 6.28),
    dc=st.floats(-10, 10),
    second=st.floats(0, 0.3),
    third=st.floats(0, 0.03),
)
def test_a_tone_is_found_among_its_harmonics(frequency, phase, dc, second, third):
    angle = 2 * np.pi * frequency * np.arange(12000) / RATE + phase
    found = fit_tone(dc + np.sin(angle) + second * np.sin(2 * angle) + third * np.sin(3 * angle + 1), RATE)
    assert found.frequency == pytest.approx(frequency, abs=1e-2)
    assert 20 * math.log10(found.rms * math.sqrt(2)) == pytest.approx(0, abs=5e-3)  # half of what is promised
    assert found.rest == pytest.approx(math.hypot(second, third), abs=2e-3)


@pytest.mark.contract("M8")
@pytest.mark.parametrize("sizes", [(4800,) * 200, (1000, 1, 77777), (400_000,)])
@pytest.mark.parametrize(
    ("sensitivity", "level", "frequency"), [(0.05, 94.0, 1000.0), (0.0123, 114.0, 1003.7)]
)
def test_a_known_sensitivity_comes_back(sizes, sensitivity, level, frequency):
    noise = 0.002 * sensitivity * np.random.default_rng(1).standard_normal(3 * RATE)
    signal = tone(3.0, sensitivity, level, frequency) + noise + 0.01  # and an offset of 10 mV
    verdict = calibrated(signal, sizes, level=level)
    assert verdict.outcome is Outcome.PASS
    assert 20 * math.log10(verdict.value / sensitivity) == pytest.approx(0.0, abs=0.01)
    assert (verdict.unit, verdict.channel, verdict.time) == ("V/Pa", "mic", 0.0)
    assert f" at {frequency:g} Hz" in verdict.reason


@pytest.mark.contract("M8")
def test_the_calibrator_is_put_on_while_it_runs():
    quiet = 1e-4 * np.random.default_rng(2).standard_normal(RATE)
    rising = tone(0.5) * np.linspace(0.2, 1.0, RATE // 2)
    verdict = calibrated(np.concatenate([quiet, rising, tone(2.0), quiet]))
    assert verdict.outcome is Outcome.PASS
    assert verdict.value == pytest.approx(0.05, rel=1e-3)
    assert verdict.time == pytest.approx(1.5, abs=0.26)


@pytest.mark.contract("M8")
@pytest.mark.parametrize(
    ("samples", "config", "why"),
    [
        (
            tone(3.0) * np.repeat([1.0, 1.05, 1.0, 1.05, 1.0, 1.05], RATE // 2),
            {},
            "the level moves by 0.42 dB",
        ),
        (tone(3.0) * np.linspace(1.0, 2.0, 3 * RATE), {}, "the level moves by"),
        (tone(3.0, frequency=250.0), {}, "the tone is at 250 Hz and not at 1000 Hz"),
        (tone(3.0, frequency=1030.0), {}, "the tone is at 1030 Hz and not at 1000 Hz"),
        (
            tone(3.0) + 0.1 * tone(3.0, frequency=2000.0),
            {},
            "besides the tone there is 10% of something else",
        ),
        (np.random.default_rng(3).standard_normal(3 * RATE), {}, "there is no tone near 1000 Hz"),
        (np.zeros(3 * RATE), {}, "there is no tone near 1000 Hz"),
        (tone(0.75), {}, "the tone lasts 0.75 s of 1 s"),
    ],
    ids=["steps", "ramp", "250 Hz", "1030 Hz", "harmonic", "noise", "silence", "short"],
)
def test_what_is_no_steady_tone_is_refused(samples, config, why):
    verdict = calibrated(samples, **config)
    assert verdict.outcome is Outcome.INVALID
    assert verdict.value is None
    assert why in verdict.reason


@pytest.mark.contract("M8", "F7")
def test_a_steady_stretch_spans_no_gap():
    half = tone(0.75)
    split = [frame(half), frame(half, start_sample=len(half) + 48, gap=48)]
    verdict = run_node("Calibrate", split, config={"level": 94.0, "duration": 1.0}).result
    assert verdict.outcome is Outcome.INVALID
    assert run_node("Calibrate", split, config={"level": 94.0, "duration": 0.75}).result.passed


@pytest.mark.contract("M8", "M4", "N10")
def test_an_overload_makes_it_invalid_and_nothing_is_not_run():
    marked = frame(tone(2.0), metadata={"invalid": "overload on mic at 1 s"})
    verdict = run_node("Calibrate", [marked], config={"level": 94.0, "duration": 1.0}).result
    assert verdict.outcome is Outcome.INVALID
    assert verdict.reason.startswith("overload on mic at 1 s; mic: 0.05 V/Pa")
    assert calibrated(np.zeros(100)).outcome is Outcome.NOT_RUN
    assert run_node("Calibrate", config={"level": 94.0}).result.outcome is Outcome.NOT_RUN


@pytest.mark.contract("M8")
def test_a_vibration_calibrator_in_its_own_unit():
    # 10 m/s2 at 159.155 Hz (omega = 1000), the reference point of ISO 16063-21's comparison.
    time = np.arange(3 * RATE) / RATE
    signal = 0.0102 * 10 * math.sqrt(2) * np.sin(1000 * time)
    config = {"rms": 10.0, "frequency": 159.155, "duration": 1.0}
    verdict = run_node("Calibrate", [frame(signal)], config=config).result
    assert (verdict.value, verdict.unit) == (pytest.approx(0.0102, rel=1e-6), "V/(m/s2)")


@pytest.mark.contract("G7", "N7")
def test_calibrations_that_do_not_fit():
    for config, message in (
        ({}, "it takes what the calibrator gives; expected level or rms; found neither"),
        ({"level": 94.0, "rms": 1.0}, "found both"),
        (
            {"level": 94.0, "interval": 0.005},
            "/interval: an interval holds eight periods or more; .* 0.008 s",
        ),
        ({"level": 94.0, "duration": 0.1}, "/duration: it is shorter than an interval"),
        ({"level": 94.0, "reference": "loud"}, "/reference"),
    ):
        with pytest.raises(ParamError, match=message):
            Calibrate(**config)
    two = StreamInfo(["a", "b"], RATE)
    for info, message in (
        (two, "it is not said which channel is calibrated; expected one of a, b"),
        (StreamInfo(["a"]), "a calibration needs samples over time"),
        (
            StreamInfo(["a"], 2000),
            "the tone is too high for the rate; expected at most 800 Hz; found 1000 Hz",
        ),
    ):
        with pytest.raises(ParamError, match=message):
            Calibrate.stream_info(Calibrate(level=94.0), **{"in": info})
