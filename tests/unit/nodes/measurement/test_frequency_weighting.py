"""FrequencyWeighting against table 3 of IEC 61672-1:2013, by sines sent through it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.frequency_weighting import FrequencyWeighting
from streamlab.testing.harness import cut, join, run_node

RATE = 48000
PA = StreamInfo([ChannelInfo("mic", "Pa", "sound pressure")], RATE)

# Nominal frequency -> (A, C) in dB; the exact one is 10^(n / 10).
TABLE_3 = {16: (-56.7, -8.5), 100: (-19.1, -0.3), 1000: (0.0, 0.0), 8000: (-1.1, -3.0), 16000: (-6.6, -8.5)}


@pytest.mark.contract("M21")
@pytest.mark.parametrize("nominal", TABLE_3)
def test_sines_come_out_as_in_table_3(nominal):
    frequency = 10 ** (round(10 * math.log10(nominal)) / 10)
    time = np.arange(RATE) / RATE
    given = DataFrame.from_samples(np.sin(2 * np.pi * frequency * time)[None], PA)
    for weighting, expected in zip("AC", TABLE_3[nominal], strict=True):
        run = run_node("FrequencyWeighting", cut(given, [999] * 48), config={"weighting": weighting})
        out = join(run.outputs).samples[0, RATE // 2 :]
        phase = 2 * np.pi * frequency * time[RATE // 2 :]
        parts = np.linalg.lstsq(np.stack([np.sin(phase), np.cos(phase)], axis=1), out, rcond=None)[0]
        # The table is rounded to 0.1 dB.
        assert 20 * math.log10(np.hypot(*parts)) == pytest.approx(expected, abs=0.06)
    (same,) = run_node("FrequencyWeighting", [given], config={"weighting": "Z"})
    assert np.array_equal(same.samples, given.samples)


@pytest.mark.contract("M21", "F6")
def test_the_quantity_says_that_it_is_weighted():
    node = FrequencyWeighting()
    out = node.process(DataFrame.from_samples(np.zeros((1, 4)), PA))
    assert (out.info.channels[0].unit, out.info.channels[0].quantity) == ("Pa", "A-weighted sound pressure")
    assert node.settling == pytest.approx(3 * math.log(10) / (2 * math.pi * 20.598997), rel=1e-3)


@pytest.mark.contract("M21", "F7")
def test_behind_a_gap_it_begins_anew():
    noise = np.random.default_rng(1).standard_normal((1, 400))
    first = DataFrame.from_samples(noise, PA)
    second = DataFrame.from_samples(noise.copy(), PA, start_sample=900, gap=500)
    run = run_node("FrequencyWeighting", [first, second])
    assert np.array_equal(run[0].samples, run[1].samples)
    assert run[1].gap == 500


@pytest.mark.contract("M21", "G7")
@pytest.mark.parametrize(
    ("info", "config", "message"),
    [
        (
            StreamInfo([ChannelInfo("acc", "m/s2")], RATE),
            {},
            "/weighting: A-weighting is for sound; expected Pa .*; found acc in m/s2",
        ),
        (StreamInfo([ChannelInfo("level", "dB")], RATE), {"weighting": "C"}, "C-weighting is for sound"),
        (StreamInfo(["x"], 2000), {}, "needs a higher sample rate; expected at least 2500 Hz; found 2000 Hz"),
        (StreamInfo(["x"]), {}, "a frequency weighting needs samples over time"),
        (PA, {"channels": ["mik"]}, "no channel 'mik'"),
        (
            StreamInfo([ChannelInfo("mic", "Pa", "A-weighted sound pressure")], RATE),
            {"weighting": "C"},
            "the signal is weighted already",
        ),
    ],
)
def test_what_cannot_be_weighted(info, config, message):
    with pytest.raises(ParamError, match=message):
        FrequencyWeighting.stream_info(FrequencyWeighting(**config), **{"in": info})


@pytest.mark.contract("M21")
@pytest.mark.parametrize("unit", ["Pa", "mPa", "V", "mV", "FS", "", "1"])
def test_what_can_be_weighted(unit):
    info = StreamInfo([ChannelInfo("x", unit)], RATE)
    assert FrequencyWeighting.stream_info(FrequencyWeighting(), **{"in": info}).channels[0].unit == unit
