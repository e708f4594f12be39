"""RemoveDc against the closed form of its filter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.conditioning.remove_dc import RemoveDc
from streamlab.testing.harness import cut, join, run_node

RATE = 1000
INFO = StreamInfo([ChannelInfo("x", "V"), ChannelInfo("y", "V")], RATE)


def frame(x, y=None, **header):
    x = np.asarray(x, dtype=float)
    return DataFrame.from_samples(np.stack([x, x if y is None else np.asarray(y, float)]), INFO, **header)


def filtered(given, **config):
    return join(run_node("RemoveDc", cut(given, [100] * 60), config=config).outputs).samples


@pytest.mark.contract("M3")
@pytest.mark.parametrize("value", [5.0, -1e6, 0.1])
def test_a_constant_is_nothing_from_the_first_sample_on(value):
    assert np.array_equal(filtered(frame(np.full(5000, value))), np.zeros((2, 5000)))


@pytest.mark.contract("M3")
@pytest.mark.parametrize(("frequency", "cutoff"), [(2.0, 2.0), (50.0, 2.0), (10.0, 100.0), (400.0, 30.0)])
def test_gain_and_phase_are_those_of_the_bilinear_high_pass(frequency, cutoff):
    # H = s / (s + w) with s = j tan(pi f / fs), w = tan(pi fc / fs): -3.01 dB and 45 degrees at the cutoff.
    time = np.arange(6000) / RATE
    out = filtered(frame(3.0 + np.sin(2 * np.pi * frequency * time)), cutoff=cutoff)[0]
    ratio = math.tan(math.pi * frequency / RATE) / math.tan(math.pi * cutoff / RATE)
    response = 1j * ratio / (1 + 1j * ratio)
    expected = abs(response) * np.sin(2 * np.pi * frequency * time + np.angle(response))
    settled = slice(5000, None)
    assert np.abs(out[settled] - expected[settled]).max() < 1e-9
    if frequency == cutoff:
        assert 20 * math.log10(abs(response)) == pytest.approx(-3.0103, abs=1e-4)


@pytest.mark.contract("M3")
def test_a_step_decays_with_the_time_constant():
    out = filtered(frame(np.r_[np.zeros(100), np.ones(2000)]), cutoff=1.0)[0]
    after = out[100 + round(RATE / (2 * math.pi))] / out[100]
    assert after == pytest.approx(math.exp(-1), abs=2e-3)


@pytest.mark.contract("M3", "F8")
def test_other_channels_are_left_alone():
    given = frame(np.full(10, 2.0), np.full(10, 7.0), metadata={"k": 1})
    (out,) = run_node("RemoveDc", [given], config={"channels": ["x"]})
    assert np.array_equal(out.samples, np.stack([np.zeros(10), np.full(10, 7.0)]))
    assert dict(out.metadata) == {"k": 1}


@pytest.mark.contract("M3", "F7")
def test_behind_a_gap_it_begins_anew():
    run = run_node("RemoveDc", [frame(np.arange(10.0)), frame(np.full(10, 500.0), start_sample=60, gap=50)])
    assert run[0].samples[0, -1] != 0
    assert np.array_equal(run[1].samples, np.zeros((2, 10)))
    assert run[1].gap == 50


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    ("info", "config", "message"),
    [
        (StreamInfo(["x"]), {}, "a filter needs samples over time; expected a sample rate"),
        (StreamInfo(["x"], 10, "band"), {}, "a filter needs samples over time"),
        (
            INFO,
            {"cutoff": 500.0},
            "/cutoff: .*not below half the sample rate; expected below 500 Hz; found 500 Hz",
        ),
        (INFO, {"channels": ["z"]}, "no channel 'z'"),
    ],
)
def test_streams_that_cannot_be_filtered(info, config, message):
    with pytest.raises(ParamError, match=message):
        RemoveDc.stream_info(RemoveDc(**config), **{"in": info})
