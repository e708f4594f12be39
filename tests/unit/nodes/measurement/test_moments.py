"""Moments against closed forms: sine, square, triangle, normal noise, with an offset and without."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.moments import Moments
from streamlab.testing.harness import cut, join, run_node

RATE = 1000
INFO = StreamInfo([ChannelInfo("x", "m/s2")], RATE)
EVERY = ["mean", "deviation", "RMS", "skewness", "kurtosis", "crest", "max", "min"]
TIME = np.arange(2000) / RATE
PHASE = TIME * 10 % 1
SIGNALS = {
    # mean square, kurtosis, crest; of a sampled triangle they differ from 1/3 and 1.8 by the sampling
    "sine": (np.sin(2 * np.pi * 10 * TIME), 0.5, 1.5, math.sqrt(2)),
    "square": (np.where(PHASE < 0.5, 1.0, -1.0), 1.0, 1.0, 1.0),
    "triangle": (1 - 4 * np.abs(PHASE - 0.5), 1 / 3, 1.8, math.sqrt(3)),
}


def frame(samples, **header):
    return DataFrame.from_samples(np.asarray(samples, dtype=float)[None], INFO, **header)


@pytest.mark.contract("M30")
@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("signal", SIGNALS)
def test_shapes(signal, offset):
    samples, square, kurtosis, crest = SIGNALS[signal]
    config = {"interval": 0.5, "metrics": EVERY}
    run = run_node("Moments", cut(frame(samples + offset), [123] * 20), config=config)
    out = join(run.outputs)
    close = 2e-3 if signal == "triangle" else 1e-9 if not offset else 1e-6
    table = run.result["x"]
    for values in ({name.removeprefix("x."): row[k] for name, row in out.payload.items()} for k in range(4)):
        for metric in EVERY:
            assert table[metric] == pytest.approx(values[metric], rel=1e-6, abs=1e-6)
        assert values["mean"] == pytest.approx(offset, abs=1e-9 * max(1, offset))
        assert values["deviation"] == pytest.approx(math.sqrt(square), rel=close)
        assert values["kurtosis"] == pytest.approx(kurtosis, rel=close)
        assert values["skewness"] == pytest.approx(0.0, abs=1e-6)
        assert (values["max"], values["min"]) == pytest.approx((offset + 1, offset - 1), rel=1e-12)
        if not offset:
            assert values["crest"] == pytest.approx(crest, rel=close)
            assert values["RMS"] == pytest.approx(math.sqrt(square), rel=close)
    assert (table["duration"], table["missing"]) == (2.0, 0)
    units = dict.fromkeys(EVERY, "m/s2") | dict.fromkeys(("skewness", "kurtosis", "crest"), "1")
    assert table["units"] == units
    assert [channel.unit for channel in out.info.channels] == list(units.values())


@pytest.mark.contract("M30")
def test_normal_and_exponential_noise():
    rng = np.random.default_rng(4)
    normal = run_node("Moments", [frame(rng.standard_normal(200_000))]).result["x"]
    assert normal["kurtosis"] == pytest.approx(3.0, abs=0.05)  # chance: sqrt(24 / n) = 0.011
    assert normal["skewness"] == pytest.approx(0.0, abs=0.025)
    skewed = run_node("Moments", [frame(rng.exponential(2.0, 200_000))]).result["x"]
    assert skewed["mean"] == pytest.approx(2.0, abs=0.02)
    assert skewed["skewness"] == pytest.approx(2.0, abs=0.1)
    assert skewed["kurtosis"] == pytest.approx(9.0, abs=1.0)


@pytest.mark.contract("M30", "F7")
def test_an_interval_that_lost_samples_is_left_out():
    first, second = frame(np.ones(1500)), frame(np.full(1800, 2.0), start_sample=1700, gap=200)
    run = run_node("Moments", [first, second], config={"interval": 1.0, "metrics": ["mean"]})
    told = [(out.start_sample, out.samples[0].tolist(), out.metadata.get("partial")) for out in run]
    assert told == [(0, [1.0], None), (2, [2.0], None), (3, [2.0], 0.5)]
    assert run.result["x"]["missing"] == 200
    assert run.result["x"]["duration"] == 3.3


@pytest.mark.contract("M30", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"metrics": ["mean", "mean"]}, None, "/metrics/1: 'mean' is there twice"),
        ({"metrics": ["median"]}, None, "metrics"),
        (
            {"interval": 1e-4},
            INFO,
            "/interval: the interval is shorter than a sample; expected at least 0.001 s",
        ),
        ({}, StreamInfo(["x"]), "a moment needs samples over time"),
    ],
)
def test_what_has_no_moments(config, info, message):
    with pytest.raises(ParamError, match=message):
        Moments.stream_info(Moments(**config), **{"in": info})
