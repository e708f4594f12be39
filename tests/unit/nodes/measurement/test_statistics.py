"""Statistics."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, FrameRun, StreamInfo
from streamlab.nodes.measurement.statistics import Statistics
from streamlab.testing.harness import run_node


def mono(*values, **more):
    return DataFrame(payload={"main_channel": list(values)}, **more)


def test_statistics_are_those_that_print_shows():
    frame = mono(1.0, 2.0, 3.0, sample_rate=10).replace(
        start_sample=70, gap=3, metadata={"k": 1}, timestamp=5
    )
    run = run_node("Statistics", [frame])
    out = run[0]
    assert out.channels == ("main_channel.mean", "main_channel.RMS")
    assert out.samples[:, 0] == pytest.approx([2.0, 2.160246899469287], rel=1e-15)
    assert (out.start_sample, out.span, out.gap, out.timestamp, dict(out.metadata)) == (70, 3, 3, 5, {"k": 1})
    assert out.time == 7
    assert out.info.axis == "none"


def test_statistics_over_all():
    run = run_node("Statistics", [mono(1.0, 2.0), mono(), mono(6.0)])
    assert len(run) == 2
    assert run.result["main_channel"] == pytest.approx({"mean": 3.0, "RMS": (41 / 3) ** 0.5, "count": 3})
    assert run_node("Statistics", []).result is None


def test_units_and_order():
    info = StreamInfo([ChannelInfo("a", "Pa"), ChannelInfo("b", "V")], 10)
    out = Statistics().process(DataFrame.from_samples(np.array([[1.0, 1.0], [-3.0, 3.0]]), info))
    assert [channel.label for channel in out.info.channels] == [
        "a.mean [Pa]",
        "a.RMS [Pa]",
        "b.mean [V]",
        "b.RMS [V]",
    ]
    assert out.samples[:, 0].tolist() == [1.0, 1.0, 0.0, 3.0]


def test_several_frames_at_once():
    info = StreamInfo(["a", "b"], 100)
    block = np.random.default_rng(0).standard_normal((2, 5, 64))
    frames = [
        DataFrame.from_samples(block[:, k].copy(), info, sequence_id=k, start_sample=64 * k) for k in range(5)
    ]
    one, many = Statistics(), Statistics()
    expected = [one.process(frame) for frame in frames]
    run = FrameRun(frames, block, info, range(0, 5 * 64, 64))
    assert list(many.measure(run)) == expected
    assert many.result() == one.result()
