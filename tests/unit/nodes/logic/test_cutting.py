"""Rechunk and Select: which samples come, where, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab import AsyncPipeline, Graph
from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FrameError, ParamError
from streamlab.nodes.logic.rechunk import Rechunk
from streamlab.nodes.logic.select import Select
from streamlab.testing import virtual_time
from streamlab.testing.harness import cut, run_node

RATE = 8000


def ramp(count, start=0, **more):
    """Samples whose values are their positions."""
    info = StreamInfo([ChannelInfo("x", "V"), ChannelInfo("y", "V")], RATE)
    x = np.arange(start, start + count, dtype=float)
    more.setdefault("timestamp", 1_000_000 + start * 125)
    return DataFrame.from_samples(np.stack([x, -x]), info, start_sample=start, **more)


def firsts(run):
    return [(frame.start_sample, frame.n, frame.span, frame.gap) for frame in run]


@pytest.mark.contract("M1")
@given(
    total=st.integers(0, 200),
    sizes=st.lists(st.integers(0, 40), max_size=10),
    size=st.integers(1, 50),
    hop=st.integers(1, 60),
)
def test_frame_k_begins_at_k_times_hop(total, sizes, size, hop):
    run = run_node("Rechunk", cut(ramp(total), sizes), config={"size": size, "hop": hop, "rest": "drop"})
    assert len(run) == max(0, (total - size) // hop + 1)
    for k, frame in enumerate(run):
        expected = np.arange(k * hop, k * hop + size)
        assert np.array_equal(frame.samples, np.stack([expected, -expected]))
        assert (frame.sequence_id, frame.start_sample, frame.gap) == (k, k * hop, 0)
        assert frame.timestamp == 1_000_000 + 125 * k * hop
        assert frame.advance == hop


@pytest.mark.contract("M1")
@given(total=st.integers(0, 100), size=st.integers(1, 30), hop=st.integers(1, 30))
def test_the_rest_is_what_no_frame_has_had(total, size, hop):
    run = run_node("Rechunk", cut(ramp(total), [7] * 20), config={"size": size, "hop": hop})
    had = {int(x) for frame in run for x in frame.samples[0]}
    whole = range(max(0, (total - size) // hop + 1))
    kept = {k * hop + i for k in whole for i in range(size)} | set(range(len(whole) * hop, total))
    assert had == kept
    assert all(frame.n == size for frame in run.outputs[:-1])


@pytest.mark.contract("M1", "F7")
def test_no_frame_spans_a_gap():
    frames = [ramp(10), ramp(7, 13, gap=3), ramp(5, 20)]
    run = run_node("Rechunk", frames, config={"size": 4})
    assert firsts(run) == [
        (0, 4, None, 0), (4, 4, None, 0), (8, 2, None, 0),
        (13, 4, None, 3), (17, 4, None, 0), (21, 4, None, 0),
    ]  # fmt: skip
    assert [frame.samples[0, 0] for frame in run] == [0, 4, 8, 13, 17, 21]
    run = run_node("Rechunk", frames, config={"size": 4, "rest": "drop"})
    assert firsts(run) == [
        (0, 4, None, 0),
        (4, 4, None, 0),
        (13, 4, None, 3),
        (17, 4, None, 0),
        (21, 4, None, 0),
    ]


@pytest.mark.contract("M1", "F7")
@virtual_time
async def test_overlap_and_left_out_samples_are_no_gap_in_a_graph_and_dropped_ones_are():
    # The frame that would have come next, at 8, did not: the gap is counted from there.
    for hop, rest, gaps in ((2, "drop", [0, 0, 0, 0, 6, 0]), (6, "pass", [0, 0, 3, 0])):
        graph = Graph().add("cut", "Rechunk", size=4, hop=hop, rest=rest).add("numbers", "Statistics")
        graph.connect("cut", "numbers")
        pipeline = AsyncPipeline(graph, collect=["cut", "numbers"])
        report = await pipeline.run([ramp(11), ramp(7, 14, gap=3)])
        assert [frame.gap for frame in report.outputs["cut"]] == gaps, hop
        assert [frame.gap for frame in report.outputs["numbers"]] == gaps


@pytest.mark.contract("G7")
def test_what_cannot_be_cut():
    for axis in ("none", "band"):
        with pytest.raises(ParamError, match="a cut needs samples over time"):
            Rechunk.stream_info(Rechunk(size=4), **{"in": StreamInfo(["x"], 10, axis)})
    with pytest.raises(FrameError, match="overlap cannot be cut anew"):
        Rechunk(size=4).process(ramp(10, span=5))


def test_another_stream_begins_anew():
    node = Rechunk(size=4)
    node.process(ramp(3))
    other = DataFrame(payload={"z": [5.0] * 5}, sample_rate=10, start_sample=3)
    frames = node.process(other)
    assert [(frame.channels, frame.n) for frame in frames] == [(("x", "y"), 3), (("z",), 4)]


# ------------------------------------------------------------------------------ select

ABC = StreamInfo([ChannelInfo("a", "Pa", range=(-1, 1)), ChannelInfo("b", "V"), ChannelInfo("c", "g")], 10)


@pytest.mark.contract("M1", "F8")
@pytest.mark.parametrize(
    ("config", "rows", "names"),
    [
        ({"keep": ["c", "a"]}, [2, 0], ["c", "a"]),
        ({"drop": ["b"]}, [0, 2], ["a", "c"]),
        ({"rename": {"b": "volts", "a": "b"}}, [0, 1, 2], ["b", "volts", "c"]),
        ({"keep": ["b"], "rename": {"b": "a"}}, [1], ["a"]),
    ],
)
def test_select(config, rows, names):
    samples = np.arange(12.0).reshape(3, 4)
    frame = DataFrame.from_samples(samples, ABC, timestamp=5, sequence_id=2, gap=3, metadata={"k": 1}).seal()
    out = Select(**config).process(frame)
    assert np.array_equal(out.samples, samples[rows])
    assert not np.shares_memory(out.samples, samples)  # a node behind it may work in place
    assert out.channels == tuple(names)
    assert [item.unit for item in out.info.channels] == [ABC.channels[row].unit for row in rows]
    assert (out.timestamp, out.sequence_id, out.gap, dict(out.metadata)) == (5, 2, 3, {"k": 1})


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"keep": ["a", "d"]}, r"/keep/1: no channel 'd'; expected one of a, b, c"),
        ({"drop": ["a", "b", "c"]}, "/drop: no channel would be left"),
        ({"keep": ["a"], "rename": {"b": "x"}}, r"/rename/b: no channel 'b' is kept; expected one of a"),
        ({"rename": {"a": "b"}}, "two channels would have one name; found 'b'"),
    ],
)
def test_selections_that_do_not_fit(config, message):
    with pytest.raises(ParamError, match=message):
        Select.stream_info(Select(**config), **{"in": ABC})


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "nothing is selected"),
        ({"keep": ["a"], "drop": ["b"]}, "keep and drop are both given"),
        ({"keep": ["a", "a"]}, "/keep/1: channel names must differ; found 'a' twice"),
        ({"keep": []}, "too few items"),
    ],
)
def test_selections_that_say_nothing(config, message):
    with pytest.raises(ParamError, match=message):
        Select(**config)
