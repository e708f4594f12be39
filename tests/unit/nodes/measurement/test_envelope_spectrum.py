"""EnvelopeSpectrum against the closed form of a modulated tone."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.envelope_spectrum import EnvelopeSpectrum
from streamlab.testing.harness import cut, run_node

RATE = 10_000
INFO = StreamInfo([ChannelInfo("x", "m/s2")], RATE)
BAND = {"band_low": 1500.0, "band_high": 2500.0}


def frame(samples, **header):
    return DataFrame.from_samples(np.asarray(samples, dtype=float)[None], INFO, **header)


def shaken(seconds, rate, depth, carrier=2000.0, peak=1.0):
    time = np.arange(round(seconds * RATE)) / RATE
    return peak * (1 + depth * np.cos(2 * np.pi * rate * time)) * np.sin(2 * np.pi * carrier * time)


@pytest.mark.contract("M25")
@pytest.mark.parametrize(("rate", "depth"), [(30.0, 0.5), (77.0, 0.1), (5.0, 0.9)])
def test_rate_and_depth_of_a_modulation(rate, depth):
    given = cut(
        frame(shaken(4.0, rate, depth, peak=3.0) + np.sin(2 * np.pi * 400 * np.arange(40_000) / RATE)),
        [999] * 50,
    )
    config = {**BAND, "resolution": 1.0, "scaling": "amplitude", "high": 200.0}
    run = run_node("EnvelopeSpectrum", given, config=config)
    table = run.result["x"]
    assert table["frequency"] == rate
    assert table["highest"] == pytest.approx(3.0 * depth, rel=0.02)
    assert table["units"] == {"highest": "m/s2", "frequency": "Hz"}
    (out,) = run.outputs
    others = np.abs(np.array(out.info.points) - rate) > 3.5
    assert out.samples[0, others].max() < 0.01 * 3.0 * depth


@pytest.mark.contract("M25")
def test_what_has_not_settled_is_left_out_and_the_delay_taken_off():
    """A burst of modulation at a known time stands in the segment of that time."""
    node = EnvelopeSpectrum(**BAND, size=500, overlap=0.0, averages=1, scaling="amplitude", high=200.0)
    signal = shaken(2.0, 40.0, 0.0)
    signal[10_000:12_000] = shaken(0.2, 40.0, 0.8)
    frames = node.process(frame(signal))
    lead = frames[0].start_sample
    settle = round(node.settling * RATE)
    assert 0 < lead < settle < 500
    assert [out.start_sample for out in frames] == list(range(lead, 20_000 - 500 - (settle - lead) + 1, 500))
    line = frames[0].info.points.index(40.0)
    for out in frames:
        first, stop = out.start_sample, out.start_sample + 500
        if first >= 10_100 and stop <= 11_900:
            assert out.samples[0, line] == pytest.approx(0.8, rel=0.02)
        if stop <= 9_900 or first >= 12_100:
            assert out.samples[0, line] < 1e-3  # the start of the filters too is out of the first segment


@pytest.mark.contract("M25")
def test_height_over_the_median():
    noise = np.random.default_rng(5).standard_normal(60_000)
    config = {**BAND, "resolution": 1.0, "over_median": True, "low": 10.0, "high": 400.0}
    quiet = run_node("EnvelopeSpectrum", [frame(noise)], config=config)
    (out,) = quiet.outputs
    assert np.median(out.samples) == pytest.approx(0.0, abs=1e-9)
    assert out.info.channels[0].label == "x [dB re median]"
    # Eleven averages of noise: no line of 391 stands 10 dB over the median by chance.
    assert quiet.result["x"]["highest"] < 10.0
    time = np.arange(60_000) / RATE
    loud = run_node(
        "EnvelopeSpectrum", [frame(noise * (1 + 0.5 * np.cos(2 * np.pi * 90 * time)))], config=config
    )
    assert loud.result["x"]["frequency"] == 90.0
    assert loud.result["x"]["highest"] > 15.0


@pytest.mark.contract("M25", "F7")
def test_behind_a_gap_the_filters_settle_again():
    signal = shaken(1.0, 40.0, 0.5)
    given = [frame(signal), frame(signal, start_sample=15_000, gap=5_000, timestamp=1_500_000)]
    config = {**BAND, "size": 1000, "overlap": 0.0, "averages": 1}
    run = run_node("EnvelopeSpectrum", given, config=config)
    starts = [out.start_sample for out in run]
    half = len(starts) // 2
    assert [start - 15_000 for start in starts[half:]] == starts[:half]
    for one, other in zip(run.outputs[:half], run.outputs[half:], strict=True):
        assert np.array_equal(one.samples, other.samples)
    assert run.result["x"]["missing"] == 5_000


@pytest.mark.contract("M25", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"band_low": 300.0, "band_high": 200.0}, "/band_low: band_low is not below band_high"),
        ({"band_low": 300.0, "band_high": 6000.0}, "/band_high: .* expected below 5000 Hz; found 6000 Hz"),
        ({"band_low": 1.0, "band_high": 2000.0}, "/band_low: the band comes too close to 0 Hz"),
        ({"band_low": 300.0, "band_high": 4999.0}, "/band_low: the band comes too close to 0 Hz"),
        ({**BAND, "over_median": True, "scaling": "psd"}, "/over_median"),
        ({**BAND, "average": "exponential"}, "/averages"),
        ({**BAND, "high": 6000.0}, "/high: high is above half the sample rate"),
    ],
)
def test_what_has_no_envelope(config, message):
    with pytest.raises(ParamError, match=message):
        EnvelopeSpectrum.stream_info(EnvelopeSpectrum(**config), **{"in": INFO})
