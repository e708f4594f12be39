"""Integrate against the closed form: 1 / (j w) and -1 / w^2, with a Butterworth high-pass."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.integrate import Integrate
from streamlab.testing.harness import cut, join, run_node

RATE = 10_000


def stream(unit, rate=RATE):
    return StreamInfo([ChannelInfo("x", unit, "vibration")], rate)


def frame(samples, unit="m/s2", **header):
    return DataFrame.from_samples(np.asarray(samples, dtype=float)[None], stream(unit), **header)


def parts(samples, frequency):
    """Complex amplitude about the zero of time, by least squares."""
    phase = 2 * np.pi * frequency * (np.arange(len(samples))) / RATE
    fit, *_ = np.linalg.lstsq(np.stack([np.cos(phase), -np.sin(phase)], axis=1), samples, rcond=None)
    return complex(*fit)


def integrated(frequency, unit, to, **config):
    """Complex gain at a frequency, the delay taken off."""
    count = 2 * RATE
    given = frame(np.cos(2 * np.pi * frequency * np.arange(count) / RATE), unit)
    node = Integrate(to=to, **config)
    out = join(run_node(node, cut(given, [777] * 30)).outputs).samples[0]
    shifted = out[node.lag :]
    half = len(shifted) // 2
    half -= half % round(RATE / math.gcd(round(frequency), RATE))  # whole periods in
    return parts(shifted[half:], frequency), node


@pytest.mark.contract("M27")
@pytest.mark.parametrize(
    ("unit", "to", "frequency", "scale", "times"),
    [
        ("m/s2", "mm/s", 100, 1e3, 1),
        ("g", "mm/s", 250, 9806.65, 1),
        ("m/s2", "um", 100, 1e6, 2),
        ("g", "um", 50, 9.80665e6, 2),
        ("mm/s", "um", 1000, 1e3, 1),
        ("mm/s2", "m", 40, 1e-3, 2),
        ("m/s2", "m/s", 4000, 1.0, 1),
        ("m/s2", "in/s", 100, 1 / 0.0254, 1),
    ],
)
def test_gain_and_phase_in_the_unit_asked_for(unit, to, frequency, scale, times):
    found, _ = integrated(frequency, unit, to, high_pass=2.0)
    omega = 2 * math.pi * frequency
    x = math.tan(math.pi * 2.0 / RATE) / math.tan(math.pi * frequency / RATE)
    s = 1j / x  # of the high-pass, over the warped frequency
    # Butterworth of order 4: (s^2 + 0.7654 s + 1)(s^2 + 1.8478 s + 1).
    high_pass = s**4 / np.prod([s * s + 2 * math.sin(math.pi * k / 8) * s + 1 for k in (1, 3)])
    expected = scale / (1j * omega) ** times * high_pass
    assert 20 * math.log10(abs(found / expected)) == pytest.approx(0.0, abs=0.01)
    assert np.angle(found / expected) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.contract("M27")
def test_one_metre_per_second_squared_at_159_hertz():
    """ISO 20816-1: at w = 1000 / s 1 m/s2 is 1 mm/s is 1 um."""
    frequency = 1000 / (2 * math.pi)
    given = frame(math.sqrt(2) * np.sin(1000.0 * np.arange(62_832) / RATE))
    for to in ("mm/s", "um"):
        (out,) = run_node("Integrate", [given], config={"to": to, "high_pass": 1.0}).outputs
        rms = math.sqrt(np.mean(out.samples[0, -31_416:] ** 2))
        assert rms == pytest.approx(1.0, rel=1e-3)
        assert out.info.channels[0].unit == to
    assert out.info.channels[0].quantity == "displacement"
    assert frequency == pytest.approx(159.155, abs=1e-3)


@pytest.mark.contract("M27")
@pytest.mark.parametrize("to", ["mm/s", "um"])
def test_an_offset_leaves_nothing_once_settled(to):
    node = Integrate(to=to)
    out = node.process(frame(np.full(3 * RATE, 9.80665))).samples[0]
    settled = math.ceil(node.settling * RATE)
    assert settled < RATE
    top = np.abs(out).max()
    assert top > 10.0  # it does ring
    assert np.abs(out[settled:]).max() < 5e-3 * top
    assert np.abs(out[-10:]).max() < 1e-6 * top


@pytest.mark.contract("M27", "F7")
def test_behind_a_gap_it_begins_anew():
    noise = np.random.default_rng(1).standard_normal(500)
    run = run_node(
        "Integrate", [frame(noise), frame(noise, start_sample=700, gap=200)], config={"to": "mm/s"}
    )
    assert np.array_equal(run[0].samples, run[1].samples)
    assert run[1].gap == 200


@pytest.mark.contract("M27", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"to": "Pa"}, None, "/to: what comes out is velocity or displacement"),
        ({"to": "m/s2"}, None, "/to: what comes out is velocity or displacement"),
        (
            {"to": "mm/s"},
            stream("Pa"),
            "/to: mm/s is not what 'x' integrates to; .*found Pa, which is pressure",
        ),
        ({"to": "mm/s"}, stream(""), "found no unit"),
        ({"to": "mm/s"}, stream("m/s"), "/to: mm/s is not what 'x' integrates to"),
        (
            {"to": "um", "order": 2},
            stream("g"),
            "/order: the high-pass leaves an offset in; expected above 2",
        ),
        (
            {"to": "mm/s", "high_pass": 6000.0},
            stream("g"),
            "/high_pass: .*5000 Hz, half the rate; found 6000",
        ),
        ({"to": "mm/s"}, StreamInfo([ChannelInfo("x", "g")]), "an integral needs samples over time"),
        (
            {"to": "um"},
            StreamInfo([ChannelInfo("x", "g"), ChannelInfo("y", "m/s")], 100),
            "/to: channels integrate once and twice",
        ),
    ],
)
def test_what_cannot_be_integrated(config, info, message):
    with pytest.raises(ParamError, match=message):
        Integrate.stream_info(Integrate(**config), **{"in": info})
