"""Peaks: tones of known frequency and height between the lines of a spectrum."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FrameError, ParamError
from streamlab.nodes.measurement.peaks import Peaks
from streamlab.testing.harness import run_node

RATE = 1000
INFO = StreamInfo([ChannelInfo("x", "Pa"), ChannelInfo("y", "Pa")], RATE)


def spectrum(x, y=None, **config):
    samples = np.stack([x, np.zeros(len(x)) if y is None else y])
    frame = DataFrame.from_samples(samples, INFO, metadata={"k": 1})
    (out,) = run_node("Spectrum", [frame], config={"size": 1000, "scaling": "amplitude", **config}).outputs
    return out


def tone(frequency, amplitude=1.0, count=5000):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(count) / RATE + 0.7)


@pytest.mark.contract("M26")
@pytest.mark.parametrize("window", ["hann", "flattop", "blackmanharris", "rectangular"])
@pytest.mark.parametrize("offset", [0.0, 0.17, 0.37, 0.5])
def test_a_tone_between_two_lines(window, offset):
    noise = 1e-3 * np.random.default_rng(8).standard_normal(5000)  # 57 dB below the tone
    given = spectrum(tone(200.0 + offset, 3.0) + noise, window=window)
    run = run_node("Peaks", [given], config={"count": 1, "window": window, "least": 0.1})
    table = run.result["x"]
    # Under a rectangular window the tone's own mirror at -200 Hz pulls by its side lobes.
    close = 0.05 if window == "rectangular" else 0.01
    assert table["frequency"] == pytest.approx([200.0 + offset], abs=close)
    assert 20 * math.log10(table["height"][0] / 3.0) == pytest.approx(0.0, abs=0.1 if close > 0.01 else 0.01)
    assert table["units"] == {"frequency": "Hz", "height": "Pa"}
    assert run.result["y"]["frequency"] == []


@pytest.mark.contract("M26")
def test_the_highest_first_and_nothing_beyond_the_last():
    given = spectrum(tone(100.2, 1.0) + tone(300.4, 3.0) + tone(310.1, 2.0), tone(50.0))
    out = run_node("Peaks", [given], config={"count": 5, "least": 0.5})[0]
    assert out.payload["x.frequency"][:3] == pytest.approx([300.4, 310.1, 100.2], abs=0.01)
    assert out.payload["x.height"][:3] == pytest.approx([3.0, 2.0, 1.0], rel=2e-3)
    assert np.isnan(out.samples[:2, 3:]).all()
    assert out.channels == ("x.frequency", "x.height", "y.frequency", "y.height")
    assert [channel.unit for channel in out.info.channels] == ["Hz", "Pa", "Hz", "Pa"]
    assert (out.info.axis, out.n, out.advance, dict(out.metadata)) == ("none", 5, given.advance, {"k": 1})
    config = {"count": 5, "least": 0.5, "apart": 20.0}
    assert run_node("Peaks", [given], config=config).result["x"]["frequency"] == pytest.approx(
        [300.4, 100.2], abs=0.01
    )
    config = {"count": 5, "least": 0.5, "low": 305.0}
    assert run_node("Peaks", [given], config=config).result["x"]["frequency"] == pytest.approx(
        [310.1], abs=0.01
    )


@pytest.mark.contract("M26")
def test_a_part_of_a_spectrum_has_its_tones_at_the_same_place():
    given = spectrum(tone(200.3), low=150.0, high=400.0)
    assert given.info.points[0] == 150.0
    for config in ({}, {"low": 190.0, "high": 210.0}):
        run = run_node("Peaks", [given], config={"count": 1, "least": 0.1, **config})
        assert run.result["x"]["frequency"] == pytest.approx([200.3], abs=0.01)


@pytest.mark.contract("M26", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"low": 5.0, "high": 4.0}, None, "/low: low is above high"),
        ({"beta": 5.0}, None, "/beta"),
        ({}, INFO, "tones are found in a spectrum; expected a frequency axis"),
        (
            {},
            StreamInfo(["x"], 1, "frequency", [1, 2]),
            "expected a frequency axis of 3 lines or more; found 2",
        ),
        ({}, StreamInfo(["x"], 1, "frequency", [1, 2, 4]), "the lines are not evenly spaced"),
        (
            {},
            StreamInfo([ChannelInfo("x", "dB")], 1, "frequency", [1, 2, 3]),
            "heights are those of amplitude",
        ),
        (
            {},
            StreamInfo([ChannelInfo("x", "Pa2/Hz", "PSD")], 1, "frequency", [1, 2, 3]),
            "heights are those of amplitude or RMS",
        ),
    ],
)
def test_what_has_no_peaks(config, info, message):
    with pytest.raises(ParamError, match=message):
        Peaks.stream_info(Peaks(**config), **{"in": info})


def test_a_frame_that_does_not_fit_its_axis():
    info = StreamInfo(["x"], 1, "frequency", [1, 2, 3])
    with pytest.raises(FrameError, match="the axis has 3 points; found 2 values"):
        Peaks().process(DataFrame.from_samples(np.zeros((1, 2)), info))
