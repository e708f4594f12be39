"""Gain, Offset and Mix."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab import AsyncPipeline, Graph
from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FrameError, ParamError
from streamlab.nodes.conditioning.gain import Gain
from streamlab.nodes.conditioning.mix import Mix
from streamlab.nodes.conditioning.offset import Offset
from streamlab.testing import virtual_time
from streamlab.testing.harness import run_node


def mono(*values, **more):
    return DataFrame(payload={"main_channel": list(values)}, **more)


@pytest.mark.contract("N5")
@pytest.mark.parametrize(
    ("gain", "given", "expected"), [(2.0, [1, 2, 3], [2, 4, 6]), (0.5, [2, 4, 6], [1, 2, 3])]
)
def test_gain_scales(gain, given, expected):
    frame = mono(*given).seal()
    assert Gain(gain=gain).process(frame).payload["main_channel"].tolist() == expected
    assert frame.payload["main_channel"].tolist() == given


@pytest.mark.contract("N5")
def test_gain_in_decibels():
    assert Gain(gain_db=6.0206).process(mono(1.0)).samples[0, 0] == pytest.approx(2.0, abs=1e-7)
    with pytest.raises(ParamError, match="gain and gain_db are both given"):
        Gain(gain=2.0, gain_db=6.0)


@pytest.mark.contract("N5", "F8")
def test_gain_on_named_channels():
    frame = DataFrame(payload={"a": [1.0], "b": [1.0], "c": [1.0]}, metadata={"k": 1}).seal()
    out = Gain(gain=3.0, channels=["c", "a"]).process(frame)
    assert {name: row.tolist() for name, row in out.payload.items()} == {"a": [3.0], "b": [1.0], "c": [3.0]}
    assert dict(out.metadata) == {"k": 1}
    assert frame.samples.tolist() == [[1.0], [1.0], [1.0]]


@pytest.mark.contract("G7")
def test_gain_on_a_channel_that_is_not_there():
    node = Gain(channels=["mic2"])
    with pytest.raises(ParamError, match=r"no channel 'mic2'.*did you mean 'mic1'"):
        Gain.stream_info(node, **{"in": StreamInfo(["mic1", "tacho"])})
    # The same without an engine, where nobody asks stream_info first.
    frame = DataFrame(payload={"mic1": [1.0], "tacho": [0.0]})
    with pytest.raises(ParamError, match=r"no channel 'mic2'; expected one of mic1, tacho; found 'mic2'"):
        node.process(frame)
    with pytest.raises(ParamError) as caught:
        Gain(channels=["none", "tacho", "mic2"]).process(frame)
    assert [problem.pointer for problem in caught.value.problems] == ["/channels/0", "/channels/2"]


def test_gain_changes_live():
    node = Gain(gain=2.0)
    node.update(gain=5.0)
    assert node.process(mono(1.0)).samples[0, 0] == 5.0


def test_mix_adds_row_by_row():
    a = DataFrame(payload={"left": [1.0, 2.0], "right": [3.0, 4.0]}, metadata={"who": "a"}, gap=1).seal()
    b = DataFrame(payload={"x": [10.0, 20.0], "y": [30.0, 40.0]}, metadata={"who": "b", "more": 2}, gap=5)
    run = run_node("Mix", [(a, b)], config={"gain_a": 2.0, "gain_b": 0.1})
    assert run[0].samples == pytest.approx(np.array([[3.0, 6.0], [9.0, 12.0]]))
    assert run[0].channels == ("left", "right")
    assert (dict(run[0].metadata), run[0].gap) == ({"who": "a"}, 1)  # what is b's is for the join to add


@pytest.mark.contract("F8", "F7")
@virtual_time
async def test_mix_in_a_graph_has_the_metadata_of_both_and_the_larger_gap():
    graph = Graph().add("left", "Gain").add("right", "Gain", gain=10.0).add("sum", "Mix")
    graph.connect("left", "sum.a").connect("right", "sum.b")
    pipeline = AsyncPipeline(graph, collect=["sum"])
    async with pipeline:
        for number, (gap_a, gap_b) in enumerate([(0, 0), (3, 5), (7, 0)]):
            who = {"who": "a", "same": number}
            await pipeline.trigger(DataFrame(0, number, {"x": [1.0]}, who, gap=gap_a), to="left")
            who = {"who": "b", "same": number, "more": 2}
            await pipeline.trigger(DataFrame(0, number, {"x": [1.0]}, who, gap=gap_b), to="right")
    frames = pipeline.report.outputs["sum"]
    assert [frame.samples.tolist() for frame in frames] == [[[11.0]]] * 3
    assert [frame.gap for frame in frames] == [0, 5, 7]
    assert [dict(frame.metadata) for frame in frames] == [
        {"who": "a", "same": number, "b.who": "b", "more": 2} for number in range(3)
    ]


@pytest.mark.contract("G7")
@pytest.mark.parametrize("policy", ["zip", "latest", "align"])
def test_two_rates_at_a_mix_are_one_problem(policy):
    graph = Graph().add("a", "SineGenerator").add("b", "SineGenerator", sample_rate=44100.0).add("sum", "Mix")
    graph.node_options("sum", join={"policy": policy}).connect("a", "sum.a").connect("b", "sum.b")
    said = [problem.message for problem in graph.problems()]
    assert (
        said
        == {
            "zip": ["'sum' zips streams of different sample rates"],
            "latest": ["streams to add have one rate"],
            "align": [],
        }[policy]
    )


@pytest.mark.contract("G7")
def test_mix_refuses_streams_that_do_not_fit():
    node = Mix()
    pascal = StreamInfo([ChannelInfo("a", "Pa")], 48000)
    cases = [
        (
            StreamInfo([ChannelInfo("a", "V")], 48000),
            "channels to add have one unit; expected a .Pa.; found a .V.",
        ),
        (
            StreamInfo([ChannelInfo("a", "Pa")], 44100),
            "expected 48000 Hz; found 44100 Hz - join them by align",
        ),
        (StreamInfo([ChannelInfo("a", "Pa"), ChannelInfo("b", "Pa")], 48000), "as many channels"),
    ]
    for other, message in cases:
        with pytest.raises(ParamError, match=message):
            Mix.stream_info(node, a=pascal, b=other)
        with pytest.raises(ParamError, match=message):
            node.process(
                *(DataFrame.from_samples(np.ones((len(info.names), 1)), info) for info in (pascal, other))
            )
    assert Mix.stream_info(node, a=pascal, b=None) is pascal
    assert Mix.stream_info(node, a=None, b=pascal) is None


def test_mix_refuses_frames_of_other_lengths():
    with pytest.raises(FrameError, match="1 samples in a and 2 in b - join"):
        Mix().process(mono(1.0), mono(1.0, 2.0))


# ------------------------------------------------------------------------------ offset


@pytest.mark.contract("M2", "F8")
def test_offset_adds_to_named_channels():
    info = StreamInfo([ChannelInfo("a", "degC"), ChannelInfo("b", "V")], 10)
    frame = DataFrame.from_samples(np.array([[1.0, 2.0], [3.0, 4.0]]), info, gap=2, metadata={"k": 1}).seal()
    out = Offset(offset=0.5, channels=["a"]).process(frame)
    assert out.samples.tolist() == [[1.5, 2.5], [3.0, 4.0]]
    assert (out.info, out.gap, dict(out.metadata)) == (info, 2, {"k": 1})
    assert frame.samples.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert Offset(offset=-1.0).process(mono(1.0)).samples[0, 0] == 0.0


@pytest.mark.contract("M2", "G7")
def test_one_number_is_not_added_to_volts_and_pascals():
    info = StreamInfo([ChannelInfo("a", "Pa"), ChannelInfo("b", "V")], 10)
    with pytest.raises(ParamError, match=r"added to channels of one unit; expected a \[Pa\]; found b \[V\]"):
        Offset.stream_info(Offset(offset=1.0), **{"in": info})
    assert Offset.stream_info(Offset(offset=1.0, channels=["b"]), **{"in": info}) is info
    with pytest.raises(ParamError, match="no channel 'c'"):
        Offset.stream_info(Offset(offset=1.0, channels=["c"]), **{"in": info})
