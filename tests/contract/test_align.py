"""E3 by align: streams of different rates, numbering and origin, put together by sample time in a graph."""

import asyncio

import numpy as np
import pytest

from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo, param
from streamlab.engine import AsyncPipeline, Graph
from streamlab.errors import GraphError, NodeError, ParamError, Problem
from streamlab.testing import registered, virtual_time
from streams import conserved, frame, frames, gaps, graph, node, numbers

pytestmark = [pytest.mark.usefixtures("test_nodes"), pytest.mark.contract("E3")]


class Both(ProcessingNode):
    """Puts the channels of two inputs into one frame, and notes the gap that it saw."""

    inputs = ("a", "b")

    @classmethod
    def stream_info(cls, params, **inputs):
        if None in inputs.values():
            return None
        names = [f"{port}.{name}" for port, info in inputs.items() for name in info.names]
        return StreamInfo(names, inputs["a"].sample_rate)

    def process(self, a, b):
        info = self.stream_info(self, a=a.info, b=b.info)
        metadata = {**a.metadata, "gaps": [a.gap, b.gap]}
        return a.replace(samples=np.vstack([a.samples, b.samples]), info=info, metadata=metadata)


class BothAwaited(Both):
    async def process(self, a, b):
        return Both.process(self, a, b)


@pytest.fixture
def both():
    with registered(Both, BothAwaited):
        yield


def ticks(id, rate, size, **config):
    return node(id, "Ticks", sample_rate=rate, frame_size=size, channels=[id], **config)


def joined(nodes, edges, settings=None, **join):
    nodes = [*nodes, node("both", "Both", join={"policy": "align", **join})]
    return AsyncPipeline(graph(nodes, edges, **(settings or {})), collect=["both"])


def samples(out):
    return np.hstack([item.samples for item in out])


@pytest.mark.contract("E3", "E8")
@pytest.mark.parametrize("awaits", [True, False])
@pytest.mark.parametrize("settings", [{}, {"executor": "thread"}, {"channel_capacity": 1, "fuse": False}])
@virtual_time
async def test_streams_of_two_rates_meet_on_the_grid_of_the_first(both, settings, awaits):
    # Sample k of Ticks is k: the slow stream has 250 t, drawn as a straight line on the grid of 1 kHz.
    nodes = [ticks("fast", 1000, 16, count=10, awaits=awaits), ticks("slow", 250, 3, count=40)]
    edges = [("fast", "both.a", {}), ("slow", "both.b", {})]
    pipeline = joined(nodes, edges, settings, fill="linear")
    report = await pipeline.run()
    out = report.outputs["both"]
    assert [(item.n, item.start_sample) for item in out] == [(16, 16 * number) for number in range(10)]
    grid = np.arange(160)
    slow = np.minimum(grid / 4, 119)  # its last sample is held
    np.testing.assert_array_equal(samples(out), [grid, slow])
    assert report.dropped == report.failed == 0
    assert report.reason == "completed"
    conserved(pipeline)


@pytest.mark.contract("E3", "G9")
@virtual_time
async def test_branches_that_number_their_frames_differently_are_put_together(both):
    def edges(*, join):
        nodes = [
            ticks("src", 1000, 10, count=6),
            node("cut", "Recut", frame_size=7),
            node("both", "Both", join={"policy": join}),
        ]
        return graph(nodes, ["src > cut", ("src", "both.a", {}), ("cut", "both.b", {})])

    with pytest.raises(GraphError, match="different numbering"):
        AsyncPipeline(edges(join="zip"))
    pipeline = AsyncPipeline(edges(join="align"), collect=["both"])
    out = (await pipeline.run()).outputs["both"]
    np.testing.assert_array_equal(samples(out), [np.arange(60)] * 2)
    assert (numbers(out), gaps(out)) == (list(range(6)), [0] * 6)
    conserved(pipeline)


@virtual_time
async def test_before_all_inputs_have_begun_the_first_waits_and_pushes_back(both):
    nodes = [node("left", "PassAsync"), node("right", "PassAsync")]
    edges = [("left", "both.a", {}), ("right", "both.b", {})]
    pipeline = joined(nodes, edges, {"channel_capacity": 3})
    async with pipeline:
        for number in range(6):  # three on each edge
            await pipeline.trigger(frame(number), to="left")
        with pytest.raises(TimeoutError):
            await pipeline.trigger(frame(6), to="left", timeout=5)
        assert pipeline.metrics().edges["left -> both.a"].queued == 3
        for number in range(6):
            await pipeline.trigger(frame(number), to="right")
        pipeline.finish()
        await pipeline.wait()
    assert numbers(pipeline.report.outputs["both"]) == list(range(6))
    assert conserved(pipeline).dropped == 0


@pytest.mark.contract("E3", "F7", "E6")
@virtual_time
async def test_gaps_of_either_input_and_of_both_are_gaps_of_what_comes_out(both):
    # Lost before frame 2: [20, 30) of one, before frame 1: [16, 26) of the other.
    nodes = [
        ticks("a", 1000, 10, count=5, lost_before=[2], lost=10),
        ticks("b", 1000, 16, count=4, lost_before=[1], lost=10),
    ]
    pipeline = joined(nodes, [("a", "both.a", {}), ("b", "both.b", {})])
    out = (await pipeline.run()).outputs["both"]
    assert [(item.start_sample, item.n) for item in out] == [(0, 10), (10, 6), (30, 10), (40, 10), (50, 10)]
    assert gaps(out) == [0, 0, 14, 0, 0]
    assert [item.metadata["gaps"] for item in out] == [[gap, gap] for gap in gaps(out)]
    np.testing.assert_array_equal(samples(out)[0], samples(out)[1])
    conserved(pipeline)


@pytest.mark.contract("E3", "F7")
@virtual_time
async def test_after_its_deadline_a_frame_is_dropped_and_the_next_bears_the_gap(both):
    nodes = [node("left", "PassAsync"), node("right", "PassAsync")]
    pipeline = joined(nodes, [("left", "both.a", {}), ("right", "both.b", {})], deadline=2.0)
    async with pipeline:
        for number in (0, 1):
            await pipeline.trigger(frame(number), to="left")
        await asyncio.sleep(1.9)
        assert pipeline.metrics().dropped == 0
        await asyncio.sleep(0.2)
        assert pipeline.metrics().dropped == 1
        for number in (0, 1, 2):
            await pipeline.trigger(frame(number), to="right")
        await pipeline.trigger(frame(2), to="left")
        pipeline.finish()
        await pipeline.wait()
    out = pipeline.report.outputs["both"]
    assert (numbers(out), gaps(out)) == ([1, 2], [4, 0])
    assert conserved(pipeline).edges["left -> both.a"].dropped == 1


@pytest.mark.contract("E3", "E6")
@pytest.mark.parametrize("short", ["a", "b"])
@virtual_time
async def test_the_stream_ends_with_the_first_of_its_inputs(both, short):
    counts = {"a": 20, "b": 20, short: 3}
    nodes = [ticks(name, 1000, 10, count=count) for name, count in counts.items()]
    pipeline = joined(nodes, [("a", "both.a", {}), ("b", "both.b", {})])
    seen = pipeline.subscribe("both")
    report = await pipeline.run()
    assert samples(report.outputs["both"]).shape == (2, 30)
    assert numbers([item async for item in seen]) == [0, 1, 2]
    assert report.reason == "completed"
    conserved(pipeline)


@pytest.mark.contract("E3", "F8")
@virtual_time
async def test_metadata_of_both_inputs_arrive_and_a_conflict_keeps_both():
    nodes = [
        node("left", "PassAsync"),
        node("right", "PassAsync"),
        node("add", "AddBoth", join={"policy": "align"}),
    ]
    pipeline = AsyncPipeline(graph(nodes, [("left", "add.a", {}), ("right", "add.b", {})]), collect=["add"])
    left = frame(0).replace(metadata={"take": 1, "mic": "left"})
    right = frame(0).replace(metadata={"mic": "right", "place": "hall"})
    async with pipeline:
        await pipeline.trigger(left, to="left")
        await pipeline.trigger(right, to="right")
    out = pipeline.report.outputs["add"][0]
    assert dict(out.metadata) == {"take": 1, "mic": "left", "b.mic": "right", "place": "hall"}


@pytest.mark.contract("E3", "L2")
@pytest.mark.parametrize("kind", ["Both", "BothAwaited"])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_stream_without_a_rate_ends_the_run_with_the_name_of_edge_and_node(both, executor, kind):
    nodes = [node("left", "PassAsync"), node("right", "PassAsync")]
    nodes.append(node("both", kind, join={"policy": "align"}))
    edges = [("left", "both.a", {}), ("right", "both.b", {})]
    pipeline = AsyncPipeline(graph(nodes, edges, executor=executor))
    await pipeline.start()
    await pipeline.trigger(frame(0), to="left")
    await pipeline.trigger(DataFrame(0, 0, {"x": [1.0]}), to="right")
    with pytest.raises(NodeError, match=r"'both' failed in join: .*'right -> both.b' brings"):
        await pipeline.wait()
    conserved(pipeline)


@pytest.mark.contract("E3", "L3")
@virtual_time
async def test_a_node_that_skips_at_an_align_loses_that_group_only():
    class Picky(ProcessingNode):
        inputs = ("a", "b")

        def process(self, a, b):
            if a.sequence_id == 1:
                raise ValueError("not this one")
            return a

    with registered(Picky):
        nodes = [
            node("top", "Pass"),
            node("picky", "Picky", on_error="skip", join={"policy": "align"}),
        ]
        edges = [("top", "picky.a", {}), ("top", "picky.b", {})]
        pipeline = AsyncPipeline(graph(nodes, edges), collect=["picky"])
        report = await pipeline.run(frames(4))
    assert (numbers(report.outputs["picky"]), gaps(report.outputs["picky"])) == ([0, 2, 3], [0, 4, 0])
    conserved(pipeline)


@pytest.mark.contract("E3", "L2")
@virtual_time
async def test_a_node_that_fails_at_an_align_fails_the_frame_that_it_got():
    class Picky(ProcessingNode):
        inputs = ("a", "b")

        async def process(self, a, b):
            raise ValueError("none at all")

    with registered(Picky):
        nodes = [node("top", "Pass"), node("picky", "Picky", join={"policy": "align", "rate": 500})]
        pipeline = AsyncPipeline(graph(nodes, [("top", "picky.a", {}), ("top", "picky.b", {})]))
        with pytest.raises(NodeError, match="none at all"):
            await pipeline.run(frames(4))
    assert conserved(pipeline).edges["top -> picky.a"].failed == 1


@pytest.mark.contract("E3", "G7")
def test_what_cannot_be_aligned_is_refused_and_what_comes_out_has_the_rate_of_the_grid():
    spectra = StreamInfo(["x"], None, "frequency")

    class Known(Source):
        rate: float | None = param(default=None, doc="Rate", unit="Hz", gt=0, le=1e6)

        @classmethod
        def stream_info(cls, params, **inputs):
            return spectra if params.rate is None else StreamInfo(["x"], params.rate)

        def frames(self):
            yield from ()

    class Band(ProcessingNode):
        upper: float = param(doc="Upper edge", unit="Hz", gt=0, le=1e6)

        @classmethod
        def stream_info(cls, params, **inputs):
            info = inputs["in"]
            if info is not None and 2 * params.upper > info.sample_rate:
                found = f"{params.upper:g} Hz at {float(info.sample_rate):g} Hz"
                raise ParamError([Problem("/upper", "above half the rate", "less", found)])
            return info

        def process(self, item):
            return item

    def problems(first, second, **join):
        nodes = [
            node("a", "Known", **first),
            node("b", "Known", **second),
            node("both", "AddBoth", join={"policy": "align", **join}),
            node("band", "Band", upper=400.0),
        ]
        edges = [("a", "both.a", {}), ("b", "both.b", {}), "both > band"]
        return [str(item) for item in Graph.load(graph(nodes, edges)).problems()]

    with registered(Known, Band):
        assert problems({"rate": 1000.0}, {"rate": 300.0}) == []
        assert problems({"rate": 300.0}, {"rate": 1000.0}, rate=900.0) == []
        assert "400 Hz at 300 Hz" in problems({"rate": 300.0}, {"rate": 1000.0})[0]
        assert "400 Hz at 500 Hz" in problems({"rate": 1000.0}, {"rate": 1000.0}, rate=500.0)[0]
        assert problems({"rate": 1000.0}, {}) == [
            "/nodes/2 (node 'both'): 'both' aligns a stream that has no sample rate; expected a sample rate "
            "on every input; found StreamInfo([x], frequency) from 'b' - zip, latest and merge need none"
        ]
