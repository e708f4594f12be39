"""OctaveBands against closed forms: tones in the middle of a band, nominal labels of IEC 61260-1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.octave_bands import OctaveBands
from streamlab.testing.harness import cut, run_node

RATE = 48000
PA = StreamInfo([ChannelInfo("mic", "Pa")], RATE)
ONE_PASCAL = 20 * math.log10(1 / 20e-6)
# IEC 61260-1:2014, table E.1.
DECADES = [["20", "25", "31.5", "40", "50", "63", "80"],
           ["100", "125", "160", "200", "250", "315", "400", "500", "630", "800"],
           ["1k", "1.25k", "1.6k", "2k", "2.5k", "3.15k", "4k", "5k", "6.3k", "8k"],
           ["10k", "12.5k", "16k", "20k"]]  # fmt: skip
THIRDS = [label for decade in DECADES for label in decade]


def tone(seconds, frequency, rms=1.0, info=PA):
    time = np.arange(round(seconds * float(info.sample_rate))) / float(info.sample_rate)
    samples = math.sqrt(2) * rms * np.sin(2 * np.pi * frequency * time)
    return DataFrame.from_samples(np.tile(samples, (len(info.names), 1)), info)


@pytest.mark.contract("M23")
@pytest.mark.parametrize("number", [-14, -3, 0, 5, 12])
def test_a_tone_in_the_middle_of_a_third_octave_has_its_level_there_and_nowhere_else(number):
    exact = 1000.0 * 10 ** (number / 10)
    run = run_node("OctaveBands", cut(tone(4.0, exact), [4799] * 40))
    assert len(run) == 4
    for frame in run.outputs[2:]:
        assert (frame.info.axis, frame.sample_rate, frame.advance, frame.n) == ("band", 1, 1, 31)
        place = int(np.argmax(frame.samples[0]))
        assert frame.info.points[place] == pytest.approx(exact)
        assert frame.samples[0, place] == pytest.approx(ONE_PASCAL, abs=0.02)
        others = np.delete(frame.samples[0], [max(0, place - 1), place, min(30, place + 1)])
        assert others.max() < ONE_PASCAL - 40  # the next but one, class 1: 3 dB below what table 1 asks there


@pytest.mark.contract("M23")
def test_the_result_has_the_nominal_labels():
    run = run_node("OctaveBands", [tone(3.0, 1000.0)])
    table = run.result["mic"]
    assert list(table) == [*THIRDS, "units", "duration", "missing"]
    assert table["1k"] == pytest.approx(ONE_PASCAL, abs=0.02)
    assert table["units"]["1k"] == "dB re 20 uPa"
    assert (table["duration"], table["missing"]) == (3.0, 0)
    octaves = run_node("OctaveBands", [tone(1.0, 1000.0)], config={"fraction": 1, "low": 31.5, "high": 16000})
    assert list(octaves.result["mic"])[:10] == THIRDS[2::3]


@pytest.mark.contract("M23")
def test_bands_that_the_rate_does_not_allow_are_left_out_and_it_says_so():
    info = StreamInfo([ChannelInfo("mic", "Pa")], 44100)
    table = run_node("OctaveBands", [tone(1.0, 1000.0, info=info)]).result["mic"]
    assert list(table)[:30] == THIRDS[:30]
    assert table["note"].startswith("without the band 20k Hz: 20k Hz needs a sample rate of 47")


@pytest.mark.contract("M23")
def test_rms_is_in_the_unit_of_the_channel():
    info = StreamInfo([ChannelInfo("a", "m/s2"), ChannelInfo("b", "m/s2")], RATE)
    run = run_node("OctaveBands", [tone(3.0, 1000.0, 2.5, info)], config={"value": "RMS", "low": 100.0})
    band = run[2].info.points.index(1000.0)
    assert run[2].samples[:, band] == pytest.approx([2.5, 2.5], rel=2e-3)
    assert [channel.label for channel in run[2].info.channels] == ["a [m/s2]", "b [m/s2]"]
    assert run.result["b"]["units"]["1k"] == "m/s2"


@pytest.mark.contract("M23")
@pytest.mark.parametrize("value", ["LF", "LFmax", "LS"])
def test_time_weighted_levels_rise_with_their_time_constant(value):
    """10 lg(1 - exp(-t / tau)) below the steady level after t."""
    tau = 1.0 if value == "LS" else 0.125
    run = run_node(
        "OctaveBands", [tone(2.0, 1000.0)], config={"value": value, "interval": 0.25, "low": 500.0}
    )
    band = run[0].info.points.index(1000.0)
    for k, frame in enumerate(run):
        expected = ONE_PASCAL + 10 * math.log10(1 - math.exp(-0.25 * (k + 1) / tau))
        assert frame.samples[0, band] == pytest.approx(expected, abs=0.3 if k == 0 else 0.1)


@pytest.mark.contract("M23")
def test_frames_say_when_the_bank_was_settling():
    node = OctaveBands(interval=0.5)
    frames = node.process(tone(4.0, 1000.0))
    assert 1.0 < node.settling < 1.5
    assert ["settling" in frame.metadata for frame in frames] == [True] * 3 + [False] * 5
    assert [frame.timestamp for frame in frames] == [500_000 * k for k in range(8)]


@pytest.mark.contract("M23", "F7")
def test_behind_a_gap_it_begins_anew_and_says_what_is_missing():
    first, second = tone(2.0, 1000.0), tone(3.0, 1000.0)
    later = second.replace(start_sample=round(2.5 * RATE), gap=RATE // 2, timestamp=2_500_000)
    run = run_node("OctaveBands", [first, later], config={"low": 500.0})
    told = [(frame.start_sample, "partial" in frame.metadata) for frame in run]
    assert told == [(0, False), (1, False), (3, False), (4, False), (5, True)]
    assert run[4].metadata["partial"] == 0.5
    assert [frame.timestamp for frame in run][2:] == [3_000_000, 4_000_000, 5_000_000]
    assert run.result["mic"]["missing"] == RATE // 2


@pytest.mark.contract("M23", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"low": 100.0, "high": 50.0}, None, "/low: low is above high"),
        ({"fraction": 25}, None, "fraction"),
        ({"value": "LI"}, None, "value"),
        ({"low": 30_000.0, "high": 40_000.0}, PA, "/low: the sample rate allows none of these bands"),
        ({"interval": 3e-5}, PA, "/interval: the interval is shorter than 2 samples"),
        ({"reference": "1 V"}, PA, "/reference"),
        ({}, StreamInfo(["a"]), "a filter bank needs samples over time"),
        ({}, StreamInfo(["a"], 10, "band"), "a filter bank needs samples over time"),
    ],
)
def test_what_has_no_bands(config, info, message):
    with pytest.raises(ParamError, match=message):
        OctaveBands.stream_info(OctaveBands(**config), **{"in": info})
