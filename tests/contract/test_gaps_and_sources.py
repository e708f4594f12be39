"""F7, E4, N7: losses travel to the end; what limits a source; what may change while it runs."""

import asyncio

import pytest

import streamlab
from streamlab.core import Outcome, ProcessingNode
from streamlab.engine import AsyncPipeline
from streamlab.errors import EndOfStream, NotRunning, ParamError
from streamlab.testing import probe, registered, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


async def all_of(reader):
    got = []
    try:
        while True:
            got.append(await reader.recv())
    except EndOfStream as end:
        return got, end


# -- F7: gaps travel


@pytest.mark.contract("F7")
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("kind", ["Pass", "PassAsync", "PassRun", "Gain"])
@virtual_time
async def test_a_loss_at_the_source_travels_to_the_end(kind, fuse):
    nodes = [node("src", "Ticks", count=5, lost_before=[2, 4], lost=6), node("a", kind), node("b", kind)]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse), collect=["src", "b"])
    report = await pipeline.run()
    for name in ("src", "b"):
        assert gaps(report.outputs[name]) == [0, 0, 6, 0, 6]
        assert [item.start_sample for item in report.outputs[name]] == [0, 4, 14, 18, 28]


@pytest.mark.contract("F7")
@virtual_time
async def test_a_node_that_cuts_anew_marks_where_samples_are_missing():
    nodes = [node("src", "Ticks", count=4, lost_before=[2], lost=100), node("cut", "Recut", frame_size=3)]
    pipeline = AsyncPipeline(chain(*nodes), collect=["cut"])
    out = (await pipeline.run()).outputs["cut"]
    assert [item.samples[0].tolist() for item in out] == [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7],
        [108, 109, 110],
        [111, 112, 113],
        [114, 115],
    ]
    assert gaps(out) == [0, 0, 0, 100, 0, 0]
    assert numbers(out) == list(range(6))


@pytest.mark.contract("F7")
@pytest.mark.parametrize("kind", ["Pass", "PassAsync", "PassRun", "HoldBack"])
@virtual_time
async def test_a_trailing_gap_goes_through_every_kind_of_node(kind):
    tail = [node("gate", "Gated", probe="g"), node("a", kind), node("b", "Pass")]
    edges = [("src", "gate", {"policy": "drop_newest", "capacity": 1}), "gate > a > b"]
    pipeline = AsyncPipeline(graph([node("src", "Pass"), *tail], edges))
    seen = pipeline.subscribe("b")
    async with pipeline:
        for item in frames(4):
            await pipeline.trigger(item)
            await asyncio.sleep(1)
        probe("g").gate.open()
        pipeline.finish()
        got, end = await all_of(seen)
    assert (numbers(got), end.gap) == ([0], 12)


# -- the source's limits, live parameters


@pytest.mark.contract("E4")
@pytest.mark.parametrize("awaits", [True, False])
@virtual_time
async def test_duration_counts_seconds_of_signal_to_the_sample(awaits):
    pipeline = AsyncPipeline(
        chain(node("src", "Ticks", frame_size=8, awaits=awaits)), collect=["src"], duration=0.0205
    )
    report = await pipeline.run()
    assert [item.n for item in report.outputs["src"]] == [8, 8, 5]
    assert (report.seconds, report.reason) == (pytest.approx(0.021), "completed")


@pytest.mark.contract("E4", "E10")
@virtual_time
async def test_a_realtime_source_gives_each_frame_when_its_last_sample_is_due():
    pipeline = AsyncPipeline(
        chain(node("src", "Ticks", count=5, frame_size=100, realtime=True), node("a", "Pass"))
    )
    seen = pipeline.subscribe("a")
    when = []
    async with pipeline:
        async for _ in seen:
            when.append(asyncio.get_running_loop().time())
    assert when == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.mark.contract("E6")
@virtual_time
async def test_a_realtime_source_stops_without_waiting_for_its_next_frame():
    pipeline = AsyncPipeline(
        chain(node("src", "Ticks", frame_size=1000, realtime=True), node("a", "Recorder", probe="a"))
    )
    await pipeline.start()
    await asyncio.sleep(2.5)
    report = await pipeline.stop()
    assert asyncio.get_running_loop().time() == 2.5
    assert (probe("a").numbers, report.reason) == ([0, 1], "stopped")
    conserved(pipeline)


@pytest.mark.contract("E4")
@pytest.mark.parametrize("given", [[], None])
@virtual_time
async def test_a_source_that_gives_nothing_for_a_while_goes_on(given):
    from streamlab.core import Source

    class Hesitant(Source):
        outputs = ("a", "b")

        def frames(self):
            for number in range(30):
                yield {"a": frame(number)} if number >= 15 else {"a": given}

    class Shy(Source):
        def frames(self):
            for number in range(30):
                yield frame(number) if number >= 15 else given

    with registered(Hesitant, Shy):
        nodes = [
            node("src", "Hesitant"),
            node("shy", "Shy"),
            node("a", "Pass"),
            node("b", "Pass"),
            node("c", "Pass"),
        ]
        edges = [("src.a", "a", {}), ("src.b", "b", {}), "shy > c"]
        pipeline = AsyncPipeline(graph(nodes, edges, channel_capacity=3), collect=["a", "b", "c"])
        report = await pipeline.run()
    assert numbers(report.outputs["a"]) == numbers(report.outputs["c"]) == list(range(15, 30))
    assert report.outputs["b"] == []
    conserved(pipeline)


@pytest.mark.contract("N5", "N7")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_live_parameters_change_between_two_frames_all_or_none(executor):
    pipeline = AsyncPipeline(chain(node("amp", "Gain", gain=2.0), executor=executor), collect=["amp"])
    async with pipeline:
        await pipeline.trigger(frame(0, 1, start=0))
        await asyncio.sleep(1)
        await pipeline.update("amp", gain=5.0)
        with pytest.raises(ParamError, match="gain"):
            await pipeline.update("amp", gain="loud")
        with pytest.raises(KeyError, match="no node 'amplifier'"):
            await pipeline.update("amplifier", gain=1.0)
        await pipeline.trigger(frame(1, 1, start=1))
    assert [item.samples[0, 0] for item in pipeline.report.outputs["amp"]] == [2, 5]
    with pytest.raises(NotRunning):
        await pipeline.update("amp", gain=1.0)


@pytest.mark.contract("B1")
@pytest.mark.parametrize("capacity", [1, 2, 7])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@pytest.mark.parametrize("between", [[], [node("amp", "Gain", gain=2.0)]])
@virtual_time
async def test_a_source_pulls_no_more_than_its_edge_can_hold(capacity, executor, between):
    """In front of a closed gate it stops at exactly the slots that there are, however it is read."""
    nodes = [node("src", "Ticks", probe="src", count=50), *between, node("gate", "Gated", probe="gate")]
    pipeline = AsyncPipeline(chain(*nodes, channel_capacity=capacity, executor=executor))
    async with pipeline:
        await asyncio.sleep(1)
        counters = pipeline.metrics()
        assert counters.nodes["src"].frames_in == pipeline.plan.max_in_flight
        assert {edge.queued for edge in counters.edges.values()} == {capacity}
        probe("gate").gate.open()
        await pipeline.wait()
    assert probe("gate").numbers == list(range(50))
    conserved(pipeline)


# -- F7: what is lost at the end


@pytest.mark.contract("F7", "N10")
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread", "process"])
def test_what_is_lost_at_the_end_is_stated_by_who_states_what_is_lost(tmp_path, executor, fuse):
    """Six frames of four samples, the last three of them skipped: no node sees a frame behind the loss."""
    nodes = [
        node("src", "Ticks", count=6),
        node("bad", "Failing", first=3, on_error="skip"),
        node("level", "Level", interval=0.004, metrics=["RMS"]),
        node("limit", "Limit", value="RMS", upper=1e3),
        node("file", "CsvWriter", path=str(tmp_path / "out.csv")),
    ]
    document = graph(nodes, "src > bad > level > limit, bad > file", executor=executor, fuse=fuse)
    report = streamlab.run(document)
    assert report.nodes["bad"].failed == 3
    assert report.results["level"]["x"]["missing"] == 12
    assert report.results["file"]["missing"] == 12
    verdict = report.results["limit"]
    assert verdict.outcome is Outcome.INVALID
    assert verdict.reason.startswith("12 samples were lost; of those that came, ")


@pytest.mark.contract("F7")
@pytest.mark.parametrize("kind", ["HearsEnd", "HearsEndAwaiting", "HearsEndOwnLoop"])
@virtual_time
async def test_every_node_hears_what_was_lost_at_the_end_before_its_tail(kind):
    heard = []

    class HearsEnd(ProcessingNode):
        def process(self, frame):
            return frame

        def ended(self, gap):
            heard.append(gap)

        def flush(self):
            heard.append("flush")

    class HearsEndAwaiting(HearsEnd):
        async def process(self, frame):
            return frame

    class HearsEndOwnLoop(HearsEnd):
        async def run(self, rx, tx):
            await super().run(rx, tx)

    with registered(HearsEnd, HearsEndAwaiting, HearsEndOwnLoop):
        nodes = [
            node("src", "Ticks", count=5),
            node("bad", "Failing", first=4, on_error="skip"),
            node("n", kind),
        ]
        await AsyncPipeline(chain(*nodes)).run()
        assert heard == [4, "flush"]
        heard.clear()
        await AsyncPipeline(chain(nodes[0], nodes[2])).run()
        assert heard == ["flush"]
