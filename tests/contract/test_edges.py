"""B1-B4, B7: how much an edge holds, and what a full one does with a further frame."""

import asyncio

import pytest

from streamlab.core import channel
from streamlab.engine import AsyncPipeline
from streamlab.errors import EdgeOverflow, EndOfStream, NodeError, WouldBlock
from streamlab.testing import probe, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


async def accepted(pipeline):
    """Trigger until there is no room any more; return how many were taken."""
    count = 0
    while True:
        try:
            await pipeline.trigger(frame(count), timeout=1)
        except TimeoutError:
            return count
        count += 1


def line(length, kind):
    nodes = [node(f"n{number}", kind) for number in range(length - 1)]
    return [*nodes, node("sink", "Gated", probe="sink")]


@pytest.mark.contract("B1", "B2")
@pytest.mark.parametrize("kind", ["Pass", "PassAsync", "PassRun"])
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("capacity", [1, 2, 5])
@pytest.mark.parametrize("length", [1, 2, 3, 4])
@virtual_time
async def test_a_gated_sink_holds_exactly_what_the_plan_says(length, capacity, fuse, kind):
    pipeline = AsyncPipeline(chain(*line(length, kind), channel_capacity=capacity, fuse=fuse))
    fused = fuse and kind == "Pass"
    edges = 2 if fused and length > 1 else length
    assert pipeline.plan.max_in_flight == edges * capacity
    async with pipeline:
        count = await accepted(pipeline)
        assert count == pipeline.plan.max_in_flight
        probe("sink").gate.open()
    assert probe("sink").numbers == list(range(count))
    assert conserved(pipeline).frames_out == count


@pytest.mark.contract("B1")
@pytest.mark.parametrize("capacity", [1, 3])
@virtual_time
async def test_a_thread_holds_no_more_than_the_plan_says(capacity):
    nodes = [node("a", "Pass", executor="thread"), node("sink", "GatedThread", probe="sink", isolate=True)]
    pipeline = AsyncPipeline(chain(*nodes, channel_capacity=capacity))
    async with pipeline:
        for number in range(2 * capacity):
            await pipeline.trigger(frame(number))
        with pytest.raises(TimeoutError):
            await pipeline.trigger(frame(99), timeout=0.05)
        assert max(edge.queued for edge in pipeline.metrics().edges.values()) == capacity
        probe("sink").thread_gate.open()
    assert probe("sink").numbers == list(range(2 * capacity))
    conserved(pipeline)


@pytest.mark.contract("B1")
@pytest.mark.parametrize("awaits", [False, True])
@pytest.mark.parametrize("capacity", [1, 2])
@virtual_time
async def test_a_source_makes_no_frame_that_has_nowhere_to_go(capacity, awaits):
    source = node("src", "Ticks", probe="src", awaits=awaits)
    pipeline = AsyncPipeline(chain(source, node("sink", "Gated", probe="sink"), channel_capacity=capacity))
    async with pipeline:
        await asyncio.sleep(10)
        assert len(probe("src").frames) == capacity
        probe("sink").gate.let(3)
        await asyncio.sleep(10)
        assert len(probe("src").frames) == capacity + 3
        probe("sink").gate.open()
        report = await pipeline.stop()
    assert probe("sink").frames == probe("src").frames
    assert report.undelivered == 0
    conserved(pipeline)


@pytest.mark.contract("B1")
@virtual_time
async def test_a_node_with_its_own_loop_frees_a_slot_when_it_asks_for_the_next_frame():
    tx, rx = channel(2)
    tx.try_send(frame(0))
    tx.try_send(frame(1))
    with pytest.raises(WouldBlock):
        tx.try_send(frame(2))
    await rx.recv()
    with pytest.raises(WouldBlock):
        tx.try_send(frame(2))
    await rx.recv()
    tx.try_send(frame(2))
    assert rx.statistics().taken == 1
    rx.close()
    assert rx.statistics().done == 2


@pytest.mark.contract("B2")
@virtual_time
async def test_a_trigger_that_timed_out_is_not_given_later():
    pipeline = AsyncPipeline(chain(node("sink", "Gated", probe="sink"), channel_capacity=2))
    async with pipeline:
        for number in (0, 1):
            await pipeline.trigger(frame(number), timeout=0.5)
        for number in (2, 3, 4):
            with pytest.raises(TimeoutError, match="no room"):
                await pipeline.trigger(frame(number), timeout=0.5)
        assert asyncio.get_running_loop().time() == pytest.approx(1.5)
        probe("sink").gate.open()
        await pipeline.trigger(frame(5), timeout=0.5)
    assert probe("sink").numbers == [0, 1, 5]
    assert conserved(pipeline).frames_in == 3


@pytest.mark.contract("B2")
@virtual_time
async def test_waiting_triggers_are_served_in_the_order_in_which_they_came():
    pipeline = AsyncPipeline(chain(node("sink", "Gated", probe="sink"), channel_capacity=1))
    async with pipeline, asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(pipeline.trigger(frame(number)))
        await asyncio.sleep(1)
        assert probe("sink").numbers == [0]
        probe("sink").gate.open()
    assert probe("sink").numbers == list(range(6))


KEPT = {
    "drop_oldest": ([0, 8, 9], [0, 28, 0], 0, 7),
    "drop_newest": ([0, 1], [0, 0], 32, 8),
    "latest": ([0, 9], [0, 32], 0, 8),
}


@pytest.mark.contract("B3", "F7")
@pytest.mark.parametrize("policy", KEPT)
@virtual_time
async def test_a_full_edge_drops_by_its_policy_and_marks_the_gap(policy):
    edge = ("src", "sink", {"policy": policy, "capacity": 2})
    nodes = [node("src", "Pass"), node("sink", "Gated", probe="sink")]
    pipeline = AsyncPipeline(graph(nodes, [edge]))
    seen = pipeline.subscribe("sink")
    async with pipeline:
        for number in range(10):
            await pipeline.trigger(frame(number))
            await asyncio.sleep(1)
        probe("sink").gate.open()
        pipeline.finish()
        out = [item async for item in seen]
    kept, lost, trailing, dropped = KEPT[policy]
    assert (numbers(out), gaps(out)) == (kept, lost)
    metrics = conserved(pipeline).edges["src -> sink"]
    assert (metrics.frames_in, metrics.dropped, metrics.trailing_gap) == (10, dropped, trailing)
    with pytest.raises(EndOfStream) as end:
        await seen.recv()
    assert end.value.gap == trailing


@pytest.mark.contract("B3")
@virtual_time
async def test_an_edge_that_may_not_overflow_ends_the_run():
    edge = ("src", "sink", {"policy": "error", "capacity": 2})
    nodes = [node("src", "Pass"), node("sink", "Gated", probe="sink")]
    pipeline = AsyncPipeline(graph(nodes, [edge]))
    with pytest.raises(NodeError, match=r"edge src -> sink overflowed") as caught:
        await pipeline.run(frames(5))
    assert isinstance(caught.value.__cause__, EdgeOverflow)
    assert caught.value.node_id == "src"
    assert pipeline.state == "failed"
    conserved(pipeline)


@pytest.mark.contract("B4")
@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "latest"])
@virtual_time
async def test_a_slow_branch_that_drops_does_not_slow_its_sibling(policy):
    nodes = [
        node("src", "Ticks", count=50, period=0.1),
        node("fast", "Recorder", probe="fast"),
        node("slow", "Slow", probe="slow", seconds=1.0),
    ]
    edges = ["src > fast", ("src", "slow", {"policy": policy, "capacity": 2})]
    pipeline = AsyncPipeline(graph(nodes, edges))
    when = []
    seen = pipeline.subscribe("fast")
    async with pipeline:
        async for _ in seen:
            when.append(asyncio.get_running_loop().time())
    assert when == pytest.approx([0.1 * (number + 1) for number in range(50)])
    assert probe("fast").numbers == list(range(50))
    assert 0 < len(probe("slow").frames) < 10
    report = conserved(pipeline)
    assert report.edges["src -> slow"].dropped == 50 - len(probe("slow").frames)
    assert report.edges["src -> fast"].dropped == 0


@pytest.mark.contract("B4")
@virtual_time
async def test_with_block_both_branches_see_every_frame():
    nodes = [
        node("src", "Ticks", count=20),
        node("fast", "Recorder", probe="fast"),
        node("slow", "Slow", probe="slow", seconds=1.0),
    ]
    pipeline = AsyncPipeline(graph(nodes, "src > fast, src > slow", channel_capacity=2))
    await pipeline.run()
    assert probe("fast").numbers == probe("slow").numbers == list(range(20))
    assert asyncio.get_running_loop().time() == pytest.approx(20.0)
    conserved(pipeline)


@pytest.mark.contract("B7")
def test_capacities_come_from_the_edge_the_graph_or_the_default():
    nodes = [node("a", "PassAsync"), node("b", "PassAsync"), node("c", "PassAsync")]
    edges = ["a > b", ("b", "c", {"capacity": 3})]

    def capacities(**settings):
        plan = AsyncPipeline(graph(nodes, edges, **settings)).plan
        return {edge.id: edge.capacity for edge in plan.edges}

    assert capacities() == {"trigger -> a": 10, "a -> b": 10, "b -> c": 3}
    assert capacities(channel_capacity=4) == {"trigger -> a": 4, "a -> b": 4, "b -> c": 3}


@pytest.mark.contract("B7")
@pytest.mark.parametrize(
    ("frame_size", "channels", "capacity"),
    [(16, 1, 64), (1024, 1, 32), (1024, 8, 4), (8192, 1, 4), (65536, 4, 2)],
)
def test_auto_follows_from_the_size_of_the_frames_and_is_shown(frame_size, channels, capacity):
    names = [f"c{number}" for number in range(channels)]
    sine = node("gen", "SineGenerator", frame_size=frame_size, channels=names)
    plan = AsyncPipeline(graph([sine, node("to", "PassAsync")], "gen > to", channel_capacity="auto")).plan
    assert {edge.id: edge.capacity for edge in plan.edges}["gen -> to"] == capacity
    assert f"edge gen -> to: {capacity} frames, block" in str(plan)
