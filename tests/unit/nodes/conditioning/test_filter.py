"""Filter against the closed forms of its families, by sines sent through it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.conditioning.filter import Filter
from streamlab.testing.harness import cut, join, run_node

RATE = 8000
INFO = StreamInfo([ChannelInfo("x", "V"), ChannelInfo("y", "V")], RATE)


def frame(x, **header):
    x = np.asarray(x, dtype=float)
    return DataFrame.from_samples(np.stack([x, x]), INFO, **header)


def through(given, **config):
    return join(run_node("Filter", cut(given, [777] * 40), config=config).outputs).samples[0]


def gain_of(frequency, **config):
    """Gain in dB for a sine, by least squares over the second half of two seconds."""
    time = np.arange(2 * RATE) / RATE
    out = through(frame(np.sin(2 * np.pi * frequency * time)), **config)[RATE:]
    phase = 2 * np.pi * frequency * time[RATE:]
    (sine, cosine), *_ = np.linalg.lstsq(np.stack([np.sin(phase), np.cos(phase)], axis=1), out, rcond=None)
    return 20 * math.log10(math.hypot(sine, cosine))


def warped(frequency):
    return math.tan(math.pi * frequency / RATE)


@pytest.mark.contract("M20")
@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("frequency", [300.0, 1000.0, 2500.0])
def test_butterworth_low_pass_and_high_pass(order, frequency):
    """|H|^2 = 1 / (1 + x^2n) over the warped frequency."""
    x = warped(frequency) / warped(1000.0)
    for response, ratio in (("lowpass", x), ("highpass", 1 / x)):
        expected = -10 * math.log10(1 + ratio ** (2 * order))
        found = gain_of(frequency, response=response, cutoff=1000.0, order=order)
        assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.contract("M20")
@pytest.mark.parametrize("response", ["bandpass", "bandstop"])
@pytest.mark.parametrize("frequency", [250.0, 500.0, 700.0, 1000.0, 1800.0])
def test_butterworth_bands(response, frequency):
    low, high = warped(500.0), warped(1000.0)
    w = warped(frequency)
    x = abs(w * w - low * high) / (w * (high - low))
    x = x if response == "bandpass" else 1 / x
    expected = -10 * math.log10(1 + x ** (2 * 3))
    found = gain_of(frequency, response=response, low=500.0, high=1000.0, order=3)
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.contract("M20")
@pytest.mark.parametrize(
    ("family", "losses", "loss"),
    [
        ("butterworth", {}, 3.0103),
        ("bessel", {}, 3.0103),
        ("chebyshev1", {"ripple": 0.5}, 0.5),
        ("chebyshev2", {"attenuation": 40.0}, 40.0),
        ("elliptic", {"ripple": 0.1, "attenuation": 70.0}, 0.1),
    ],
)
def test_at_its_edge_each_family_loses_what_it_says(family, losses, loss):
    found = gain_of(1000.0, family=family, cutoff=1000.0, **losses)
    assert found == pytest.approx(-loss, abs=1e-4)


@pytest.mark.contract("M20")
def test_a_notch_takes_out_its_centre_and_half_the_power_at_its_bandwidth():
    config = {"response": "notch", "cutoff": 1000.0, "q": 5.0}
    assert gain_of(1000.0, **config) < -120
    # Edges of the bandwidth: geometric about the centre, over the warped frequency 200 Hz apart.
    half = math.tan(math.pi * 200.0 / RATE)
    w0 = warped(1000.0)
    edge = (half * (1 + w0 * w0) + math.sqrt((half * (1 + w0 * w0)) ** 2 + 4 * w0 * w0)) / 2
    frequency = math.atan(edge) * RATE / math.pi
    assert gain_of(frequency, **config) == pytest.approx(-3.0103, abs=1e-3)
    assert gain_of(300.0, **config) == pytest.approx(0.0, abs=0.05)


@pytest.mark.contract("M20")
@pytest.mark.parametrize(
    "config",
    [
        {"cutoff": 50.0, "order": 2},
        {"cutoff": 50.0, "order": 8},
        {"response": "bandpass", "low": 400.0, "high": 500.0},
        {"response": "notch", "cutoff": 50.0},
    ],
)
def test_it_settles_in_the_time_it_says(config):
    node = Filter(**config)
    impulse = np.zeros(4 * RATE)
    impulse[0] = 1.0
    out = node.process(frame(impulse)).samples[0][1:]
    settled = round(node.settling * RATE)
    assert 0 < settled < 3 * RATE
    top = np.abs(out).max()
    assert np.abs(out[settled:]).max() < 3e-3 * top  # 60 dB for the slowest part alone
    assert np.abs(out[settled // 3 :]).max() > 3e-3 * top


@pytest.mark.contract("M20", "F7")
def test_behind_a_gap_it_begins_anew():
    noise = np.random.default_rng(1).standard_normal(400)
    first, second = frame(noise[:200]), frame(noise[200:], start_sample=500, gap=300)
    run = run_node("Filter", [first, second], config={"cutoff": 100.0})
    (alone,) = run_node("Filter", [frame(noise[200:])], config={"cutoff": 100.0})
    assert np.array_equal(run[1].samples, alone.samples)
    assert (run[1].gap, run[1].start_sample) == (300, 500)


@pytest.mark.contract("M20")
def test_a_steady_start_does_not_ring_and_a_zero_start_does():
    config = {"response": "highpass", "cutoff": 10.0}
    assert np.abs(through(frame(np.full(500, 5.0)), start="steady", **config)).max() < 1e-9
    assert np.abs(through(frame(np.full(500, 5.0)), **config)).max() > 4.0


@pytest.mark.contract("M20", "F8")
def test_other_channels_are_left_alone():
    (out,) = run_node(
        "Filter", [frame(np.ones(10), metadata={"k": 1})], config={"cutoff": 1.0, "channels": ["x"]}
    )
    assert np.abs(out.samples[0]).max() < 0.1
    assert np.array_equal(out.samples[1], np.ones(10))
    assert dict(out.metadata) == {"k": 1}


@pytest.mark.contract("M20")
def test_not_a_number_stays_in_its_channel_until_a_gap():
    samples = np.ones((2, 10))
    samples[0, 3] = np.nan
    node = Filter(cutoff=100.0)
    out = node.process(DataFrame.from_samples(samples, INFO))
    assert np.isnan(out.samples[0, 3:]).all()
    assert np.isfinite(out.samples[1]).all()
    assert np.isfinite(node.process(frame(np.ones(10), gap=5)).samples).all()


@pytest.mark.contract("G7", "M20")
@pytest.mark.parametrize(
    ("info", "config", "message"),
    [
        (StreamInfo(["x"]), {"cutoff": 1.0}, "a filter needs samples over time; expected a sample rate"),
        (StreamInfo(["x"], 10, "band"), {"cutoff": 1.0}, "a filter needs samples over time"),
        (
            INFO,
            {"cutoff": 4000.0},
            "/cutoff: cutoff is not below half the sample rate; expected below 4000 Hz",
        ),
        (INFO, {"response": "bandpass", "low": 1.0, "high": 5000.0}, "/high: .*; found 5000 Hz"),
        (INFO, {"cutoff": 1e-6}, "/cutoff: 1e-06 Hz is too low for a rate of 8000 Hz"),
        (INFO, {"response": "notch", "cutoff": 3000.0, "q": 0.1}, "/cutoff: expected a quality factor above"),
        (INFO, {"cutoff": 1.0, "channels": ["z"]}, "no channel 'z'"),
    ],
)
def test_streams_that_cannot_be_filtered(info, config, message):
    with pytest.raises(ParamError, match=message):
        Filter.stream_info(Filter(**config), **{"in": info})


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "/cutoff: a lowpass needs cutoff"),
        ({"cutoff": 1.0, "low": 1.0}, "/low: a lowpass has no low"),
        ({"response": "bandpass", "low": 5.0}, "/high: a bandpass needs high"),
        ({"response": "bandstop", "low": 5.0, "high": 5.0}, "/low: low is not below high"),
        (
            {"family": "elliptic", "cutoff": 1.0, "ripple": 1.0},
            "elliptic filters need an attenuation",
        ),
        ({"family": "chebyshev1", "cutoff": 1.0}, "/ripple: .*chebyshev1 filters need a ripple"),
        ({"cutoff": 1.0, "ripple": 1.0}, "/ripple: butterworth filters have no ripple"),
        ({"cutoff": 1.0, "order": 25}, "order"),
    ],
)
def test_parts_that_do_not_fit(config, message):
    with pytest.raises(ParamError, match=message):
        Filter(**config)
