"""Resample against the band-limited signal itself, known at any time."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.conditioning.resample import Resample
from streamlab.testing.harness import cut, join, run_node


def tone(count, rate, frequency, start=0):
    return np.sin(2 * np.pi * frequency * (start + np.arange(count)) / float(rate) + 0.4)


def frame(samples, rate, **header):
    info = StreamInfo([ChannelInfo("x", "Pa")], rate)
    return DataFrame.from_samples(np.asarray(samples, dtype=float)[None], info, **header)


@pytest.mark.contract("M28")
@pytest.mark.parametrize(
    ("rate", "to", "frequency"),
    [
        (1000, 1500.0, 100.0),
        (48000, 44100.0, 15_000.0),
        (44100, 48000.0, 19_800.0),
        (51200, 3200.0, 1_400.0),
        ("5000.024", 1000.0, 320.0),
        (1000, 1000.0, 400.0),
    ],
)
def test_a_tone_is_where_and_what_it_was(rate, to, frequency):
    given = frame(tone(6000, Fraction(rate), frequency), rate)
    out = join(run_node("Resample", cut(given, [571] * 10), config={"rate": to}).outputs)
    exact = Fraction(str(to)) / Fraction(rate)
    assert out.n == math.ceil(6000 * exact)
    assert out.sample_rate == Fraction(str(to))
    edge = math.ceil(80 * max(1, exact)) + 1  # where zeros stand for what is not there
    inner = slice(edge, out.n - edge)
    expected = tone(out.n, to, frequency)
    assert np.abs(out.samples[0] - expected)[inner].max() < 2e-5  # 1e-4 dB is 1.2e-5


@pytest.mark.contract("M28")
@pytest.mark.parametrize("frequency", [500.0, 560.0, 900.0, 1900.0])
def test_nothing_folds(frequency):
    given = frame(tone(40_000, 4000, frequency), 4000)
    out = join(run_node("Resample", [given], config={"rate": 1000.0}).outputs)
    level = 20 * math.log10(np.abs(out.samples[0, 100:-100]).max())
    assert level < -117


@pytest.mark.contract("M28", "F5")
def test_numbers_and_times_are_those_of_the_grid():
    given = frame(tone(4000, 1000, 50.0), 1000, start_sample=1_000_001, timestamp=7_000_000)
    run = run_node("Resample", cut(given, [333] * 12), config={"rate": 600.0})
    at = math.ceil(1_000_001 * Fraction(600, 1000))
    for out in run:
        assert out.start_sample == at
        at += out.n
    # Sample 600 001 stands at 1000.00167 s, 0.67 ms behind the first input sample.
    assert run[0].timestamp == 7_000_000 + math.floor(600_001 * 10**6 / 600) - 1_000_001_000
    assert at == math.ceil(1_004_001 * Fraction(600, 1000))


@pytest.mark.contract("M28", "F7")
def test_behind_a_gap_it_goes_on_along_the_same_grid():
    rate, to, frequency = 48000, 44100.0, 3000.0
    first = frame(tone(3000, rate, frequency), rate)
    second = frame(tone(4000, rate, frequency, 5001), rate, start_sample=5001, gap=2001, timestamp=104_187)
    run = run_node("Resample", [first, second], config={"rate": to})
    ratio = Fraction(44100, 48000)
    before = [out for out in run if out.start_sample < 4000]
    behind = [out for out in run if out.start_sample >= 4000]
    assert sum(out.n for out in before) == math.ceil(3000 * ratio)
    assert behind[0].start_sample == math.ceil(5001 * ratio)
    assert sum(out.n for out in behind) == math.ceil(9001 * ratio) - math.ceil(5001 * ratio)
    joined = join(behind)
    expected = tone(joined.n, to, frequency, behind[0].start_sample)
    assert np.abs(joined.samples[0] - expected)[90:-90].max() < 2e-5
    assert behind[0].timestamp == pytest.approx(behind[0].start_sample / 44100 * 1e6, abs=1)


@pytest.mark.contract("M28", "G7")
@pytest.mark.parametrize("info", [StreamInfo(["x"]), StreamInfo(["x"], 10, "frequency", [1, 2])])
def test_what_cannot_be_resampled(info):
    with pytest.raises(ParamError, match="resampling needs samples over time; expected a sample rate"):
        Resample.stream_info(Resample(rate=10.0), **{"in": info})
