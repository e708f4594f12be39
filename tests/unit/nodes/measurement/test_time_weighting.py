"""TimeWeighting against the closed form of an exponential window, IEC 61672-1:2013, 5.8."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.time_weighting import TimeWeighting
from streamlab.testing.harness import cut, join, run_node

RATE = 8000
PA = StreamInfo([ChannelInfo("mic", "Pa")], RATE)
ONE_PASCAL = 20 * math.log10(1 / 20e-6)


def frame(samples, info=PA, **header):
    return DataFrame.from_samples(np.array(samples, dtype=float, ndmin=2), info, **header)


def levels(samples, **config):
    return join(run_node("TimeWeighting", cut(frame(samples), [700] * 60), config=config).outputs).samples[0]


@pytest.mark.contract("M29")
@pytest.mark.parametrize(("time", "tau"), [("F", 0.125), ("S", 1.0)])
def test_it_rises_and_falls_with_its_time_constant(time, tau):
    out = levels(np.concatenate([np.ones(3 * RATE), np.zeros(2 * RATE)]), time=time)
    for seconds in (0.05, 0.125, 1.0, 2.9):
        expected = ONE_PASCAL + 10 * math.log10(1 - math.exp(-seconds / tau))
        assert out[round(seconds * RATE) - 1] == pytest.approx(expected, abs=1e-6)
    fall = out[3 * RATE] - out[4 * RATE]
    assert fall == pytest.approx(10 / math.log(10) / tau, abs=1e-6)  # 34.7 and 4.34 dB/s


@pytest.mark.contract("M29")
def test_i_rises_fast_and_falls_slowly():
    out = levels(np.concatenate([np.ones(RATE), np.zeros(RATE)]), time="I")
    assert out[round(0.035 * RATE) - 1] == pytest.approx(
        ONE_PASCAL + 10 * math.log10(1 - math.exp(-1)), abs=1e-6
    )
    assert out[RATE] - out[2 * RATE - 1] == pytest.approx(10 / math.log(10) / 1.5, abs=2e-3)


@pytest.mark.contract("M29")
@pytest.mark.parametrize(("time", "settling"), [("F", 0.625), ("S", 5.0), ("I", 7.5)])
def test_it_is_settled_when_it_says_so(time, settling):
    node = TimeWeighting(time=time)
    out = node.process(frame(np.ones(8 * RATE))).samples[0]
    assert node.settling == settling
    assert out[round(settling * RATE)] == pytest.approx(ONE_PASCAL, abs=0.03)


@pytest.mark.contract("M29", "F6")
def test_what_comes_out_is_described():
    info = StreamInfo([ChannelInfo("a", "Pa", "A-weighted sound"), ChannelInfo("b", "V")], RATE)
    one = TimeWeighting.stream_info(TimeWeighting(time="S"), **{"in": info})
    assert [(c.label, c.quantity) for c in one.channels] == [
        ("a [dB re 20 uPa]", "LAS"),
        ("b [dB re 1 V]", "LS"),
    ]
    other = TimeWeighting.stream_info(TimeWeighting(output="rms", channels=["b"]), **{"in": info})
    assert [(c.label, c.quantity) for c in other.channels] == [
        ("a [Pa]", "A-weighted sound"),
        ("b [V]", "RMS (F)"),
    ]
    (out,) = run_node(
        "TimeWeighting", [frame(np.ones((2, 20)), info)], config={"output": "rms", "channels": ["b"]}
    ).outputs
    assert out.samples[0].tolist() == [1.0] * 20
    assert out.samples[1, -1] == pytest.approx(math.sqrt(1 - math.exp(-20 / RATE / 0.125)), rel=1e-12)


@pytest.mark.contract("M29", "F7")
def test_behind_a_gap_it_begins_anew():
    run = run_node("TimeWeighting", [frame(np.ones(100)), frame(np.ones(100), start_sample=150, gap=50)])
    assert np.array_equal(run[0].samples, run[1].samples)


@pytest.mark.contract("M29", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"reference": "x"}, None, "/reference"),
        ({"reference": "1 V"}, PA, "/reference: the reference does not go with the unit"),
        ({"channels": ["z"]}, PA, "no channel 'z'"),
        ({}, StreamInfo(["x"]), "a time weighting needs samples over time"),
    ],
)
def test_what_cannot_be_weighted(config, info, message):
    with pytest.raises(ParamError, match=message):
        TimeWeighting.stream_info(TimeWeighting(**config), **{"in": info})
