"""Delay and Split."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab import AsyncPipeline, Graph
from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.logic.delay import Delay
from streamlab.nodes.logic.split import Split
from streamlab.testing import virtual_time
from streamlab.testing.harness import cut, join, run_node


def ramp(count, start=0, **more):
    x = np.arange(start, start + count, dtype=float)
    info = StreamInfo([ChannelInfo("x", "Pa"), ChannelInfo("y", "V")], 1000)
    return DataFrame.from_samples(np.stack([x + 1, -x - 1]), info, start_sample=start, **more)


@pytest.mark.contract("M1")
@given(total=st.integers(1, 120), sizes=st.lists(st.integers(0, 30), max_size=12), delay=st.integers(0, 70))
def test_sample_k_is_what_came_as_sample_k_minus_the_delay(total, sizes, delay):
    run = run_node("Delay", cut(ramp(total), sizes), config={"samples": delay, "channels": ["y"]})
    out = join(run.outputs).samples
    expected = np.concatenate([np.zeros(delay), -np.arange(1.0, total + 1)])[:total]
    assert np.array_equal(out[0], np.arange(1.0, total + 1))
    assert np.array_equal(out[1], expected)


@pytest.mark.contract("M1", "F7")
def test_behind_a_gap_a_delay_begins_anew():
    run = run_node("Delay", [ramp(5), ramp(5, 9, gap=4, metadata={"k": 1})], config={"samples": 2})
    assert run[0].samples[0].tolist() == [0, 0, 1, 2, 3]
    assert run[1].samples[0].tolist() == [0, 0, 10, 11, 12]
    assert (run[1].gap, dict(run[1].metadata)) == (4, {"k": 1})


@pytest.mark.contract("M1")
@virtual_time
async def test_a_comb_of_a_signal_and_itself_delayed():
    # x[n] + x[n - 24] of a tone of period 48: half a period later it is its own negative.
    graph = (
        Graph()
        .add("tone", "SineGenerator", frequency=1000.0, frame_size=100)
        .add("late", "Delay", samples=24)
    )
    graph.add("sum", "Mix").connect("tone", "late").connect("tone", "sum.a").connect("late", "sum.b")
    report = await AsyncPipeline(graph, collect=["sum"]).run([DataFrame(0, k) for k in range(5)])
    out = join(report.outputs["sum"]).samples[0]
    assert np.abs(out[24:]).max() < 1e-12
    assert np.abs(out[:24]).max() > 0.99


@pytest.mark.contract("G7")
def test_what_cannot_be_delayed():
    for info, message in ((StreamInfo(["x"], 1, "band"), "over time"), (StreamInfo(["y"]), "no channel 'x'")):
        with pytest.raises(ParamError, match=message):
            Delay.stream_info(Delay(samples=1, channels=["x"]), **{"in": info})


# ------------------------------------------------------------------------------ split


@pytest.mark.contract("M1", "F7", "F8")
def test_both_parts_keep_the_header():
    frame = ramp(3, timestamp=5, sequence_id=7, gap=2, metadata={"k": 1})
    parts = Split(a=["y"]).process(frame)
    assert {port: part.channels for port, part in parts.items()} == {"a": ("y",), "b": ("x",)}
    assert parts["a"].samples.tolist() == [[-1, -2, -3]]
    assert parts["b"].samples.tolist() == [[1, 2, 3]]
    assert [part.info.channels[0].unit for part in parts.values()] == ["V", "Pa"]
    for part in parts.values():
        assert (part.timestamp, part.sequence_id, part.gap, dict(part.metadata)) == (5, 7, 2, {"k": 1})
        assert not np.shares_memory(part.samples, frame.samples)


@pytest.mark.contract("M1")
@virtual_time
async def test_parted_worked_on_and_put_together_again():
    info = StreamInfo(["x", "y"], 1000)
    frames = [ramp(4, 4 * k, sequence_id=k).replace(info=info) for k in range(3)]
    graph = Graph().add("split", "Split", a=["x"], b=["y"]).add("minus", "Gain", gain=-1.0).add("sum", "Mix")
    graph.connect("split.a", "sum.a").connect("split.b", "minus").connect("minus", "sum.b")
    report = await AsyncPipeline(graph, collect=["sum"]).run(frames)
    assert join(report.outputs["sum"]).samples[0].tolist() == [2 * (k + 1) for k in range(12)]


@pytest.mark.contract("G7", "N7")
def test_splits_that_do_not_fit():
    info = StreamInfo(["x", "y"])
    for config, message in (
        ({"a": ["z"]}, "/a/0: no channel 'z'"),
        ({"a": ["x"], "b": ["z"]}, "/b/0: no channel 'z'"),
        ({"a": ["x", "y"]}, "no channel is left for b"),
    ):
        with pytest.raises(ParamError, match=message):
            Split.stream_info(Split(**config), **{"in": info})
    with pytest.raises(ParamError, match="channel names must differ"):
        Split(a=["x", "x"])
    assert Split.stream_info(Split(a=["x"]), **{"in": None}) == {"a": None, "b": None}
