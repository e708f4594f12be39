"""L1, L4-L6, N3: the states of a pipeline, starting and stopping, and what its nodes live through."""

import asyncio
from itertools import pairwise

import pytest

from streamlab.core.lifecycle import STATES, TRANSITIONS, Lifecycle
from streamlab.engine import AsyncPipeline
from streamlab.errors import IllegalTransition, NodeError, NotRunning
from streamlab.testing import probe, virtual_time
from streams import chain, conserved, frame, frames, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


@pytest.mark.contract("L1")
@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_the_table_has_every_legal_move_and_no_other(old, new):
    life = Lifecycle()
    life._state = old
    heard = []
    life.listen(lambda before, after: heard.append((before, after)))
    if new in TRANSITIONS[old]:
        life.move(new)
        assert (life.state, heard) == (new, [(old, new)])
    else:
        with pytest.raises(IllegalTransition, match=f"cannot go from '{old}' to '{new}'"):
            life.move(new)
        assert (life.state, heard) == (old, [])


@pytest.mark.contract("L1")
@virtual_time
async def test_listeners_hear_every_move_until_they_are_forgotten():
    pipeline = AsyncPipeline(chain(node("a", "Pass")))
    heard, other = [], []
    forget = pipeline.listen(lambda old, new: heard.append((old, new)))
    pipeline.listen(lambda old, new: other.append(new))
    assert pipeline.state == "created"
    await pipeline.run(frames(1))
    moves = ["created", "starting", "running", "stopping", "stopped"]
    assert heard == list(pairwise(moves))
    forget()
    forget()
    await pipeline.run(frames(1))
    assert len(heard) == 4
    assert len(other) == 8


@pytest.mark.contract("L1")
@pytest.mark.parametrize("state", ["starting", "running", "stopping", "stopped", "failed"])
@virtual_time
async def test_a_listener_that_raises_harms_nobody(state, caplog):
    kind = "Failing" if state == "failed" else "Pass"
    pipeline = AsyncPipeline(chain(node("a", kind)))
    heard = []

    def listener(old, new):
        if new == state:
            raise ValueError("a bad listener")

    pipeline.listen(listener)
    pipeline.listen(lambda old, new: heard.append(new))
    try:
        report = await pipeline.run(frames(2))
    except NodeError:
        report = pipeline.report
    assert pipeline.state == heard[-1] == ("failed" if state == "failed" else "stopped")
    assert report.frames_in == (1 if state == "failed" else 2) or state == "failed"
    assert "a bad listener" in caplog.text


@pytest.mark.contract("L4")
@virtual_time
async def test_stop_twice_returns_the_same_report():
    pipeline = AsyncPipeline(chain(node("a", "Pass")))
    await pipeline.start()
    await pipeline.trigger(frame(0))
    first = await pipeline.stop()
    assert await pipeline.stop() is first
    assert (first.state, first.reason, first.frames_in, first.frames_out) == ("stopped", "stopped", 1, 1)


@pytest.mark.contract("L4")
@virtual_time
async def test_two_stops_at_once_both_return_the_report():
    pipeline = AsyncPipeline(chain(node("a", "Slow", seconds=1.0)))
    await pipeline.start()
    for item in frames(3):
        await pipeline.trigger(item)
    one, two = await asyncio.gather(pipeline.stop(), pipeline.stop())
    assert one is two
    assert one.frames_out == 3


@pytest.mark.contract("L4")
@virtual_time
async def test_start_while_running_is_refused_and_changes_nothing():
    pipeline = AsyncPipeline(chain(node("a", "Recorder", probe="a")))
    async with pipeline:
        with pytest.raises(NotRunning, match="cannot start: the pipeline is running"):
            await pipeline.start()
        await pipeline.trigger(frame(0))
    assert probe("a").made == 1
    assert probe("a").numbers == [0]


@pytest.mark.contract("L4", "N3")
@virtual_time
async def test_a_start_after_a_stop_works_with_fresh_nodes():
    pipeline = AsyncPipeline(chain(node("a", "HoldBack", count=1, probe="a")), collect=["a"])
    for _ in range(3):
        report = await pipeline.run(frames(3))
        assert numbers(report.outputs["a"]) == [0, 1, 2]
        assert report.frames_in == 3
    assert probe("a").events == ["create", "configure", "flush", "destroy"] * 3


@pytest.mark.contract("L4", "L2")
@virtual_time
async def test_a_start_after_a_failure_works_too():
    pipeline = AsyncPipeline(chain(node("a", "Failing", first=1, probe="a")))
    for _ in range(2):
        with pytest.raises(NodeError):
            await pipeline.run(frames(3))
        assert pipeline.state == "failed"
    assert probe("a").events.count("destroy") == 2


@pytest.mark.contract("L4", "E6")
@virtual_time
async def test_stop_with_a_timeout_drains_first_and_cuts_off_the_rest():
    pipeline = AsyncPipeline(chain(node("a", "Slow", seconds=1.0, probe="a"), node("b", "PassAsync")))
    await pipeline.start()
    for item in frames(8):
        await pipeline.trigger(item)
    report = await pipeline.stop(timeout=3.5)
    assert asyncio.get_running_loop().time() == pytest.approx(3.5)
    assert (report.state, report.reason) == ("stopped", "cancelled")
    edge = conserved(pipeline).edges["trigger -> a"]
    assert (edge.frames_in, edge.frames_out, edge.undelivered) == (8, 3, 5)
    assert report.nodes["a"].undelivered == 1
    assert report.nodes["b"].frames_out == 3


@pytest.mark.contract("L4")
@pytest.mark.parametrize("moment", ["process", "destroy"])
@virtual_time
async def test_a_node_that_awaits_for_ever_cannot_hang_a_stop(moment):
    pipeline = AsyncPipeline(chain(node("a", "Hanging", at=moment, probe="a"), node("b", "Pass")))
    await pipeline.start()
    await pipeline.trigger(frame(0))
    if moment == "destroy":
        with pytest.raises(
            NodeError, match="node 'a' failed in destroy: on_destroy did not return within 1 s"
        ):
            await pipeline.stop(timeout=2)
    else:
        await pipeline.stop(timeout=2)
    report = conserved(pipeline)
    assert asyncio.get_running_loop().time() == (3 if moment == "destroy" else 2)
    assert report.state == pipeline.state == ("failed" if moment == "destroy" else "stopped")
    assert report.undelivered == (1 if moment == "process" else 0)


@pytest.mark.contract("L4")
@virtual_time
async def test_a_start_that_hangs_can_be_cancelled():
    nodes = [node("a", "Pass", probe="a"), node("b", "Hanging", at="create", probe="b")]
    pipeline = AsyncPipeline(chain(*nodes))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await pipeline.start()
    assert pipeline.state == "failed"
    assert probe("a").events == ["create", "destroy"]
    assert probe("b").events == ["create", "hangs in create"]


@pytest.mark.contract("L4")
@virtual_time
async def test_stop_during_a_start_that_hangs_ends_it():
    pipeline = AsyncPipeline(chain(node("b", "Hanging", at="create")))
    starting = asyncio.create_task(pipeline.start())
    await asyncio.sleep(1)
    report = await pipeline.stop(timeout=1)
    assert report.state == pipeline.state == "failed"
    with pytest.raises(NotRunning, match="start was cancelled"):
        await starting


@pytest.mark.contract("L4")
@virtual_time
async def test_a_thread_that_never_returns_is_abandoned_and_named():
    pipeline = AsyncPipeline(chain(node("stuck", "HangingThread", first=1, probe="s"), node("b", "Pass")))
    await pipeline.start()
    for item in frames(3):
        await pipeline.trigger(item)
    while len(probe("s").frames) < 2:
        await asyncio.sleep(0.001)
    report = await pipeline.stop(timeout=0.05)
    assert report.abandoned == ["the thread of node 'stuck', in a call that does not return"]
    assert (report.state, report.reason) == ("stopped", "cancelled")
    probe("s").thread_gate.open()
    conserved(pipeline)


@pytest.mark.contract("L6", "N3")
@pytest.mark.parametrize("fuse", [True, False])
@virtual_time
async def test_a_start_is_all_or_nothing(fuse):
    nodes = [
        node("a", "Pass", probe="a"),
        node("b", "Pass", probe="b"),
        node("c", "Failing", at="create", probe="c"),
        node("d", "Pass", probe="d"),
    ]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse))
    seen = pipeline.subscribe("d")
    with pytest.raises(NodeError, match="node 'c' failed in create: InjectedFault: create") as caught:
        await pipeline.start()
    assert (caught.value.node_id, caught.value.phase) == ("c", "create")
    assert pipeline.state == pipeline.report.state == "failed"
    assert pipeline.report.errors == [caught.value]
    lives = {name: probe(name).events for name in "abcd"}
    assert lives == {"a": ["create", "destroy"], "b": ["create", "destroy"], "c": ["create"], "d": []}
    with pytest.raises(NodeError):
        await seen.recv()
    with pytest.raises(NodeError):
        await pipeline.trigger(frame(0))
    assert await pipeline.stop() is pipeline.report


@pytest.mark.contract("L6")
@virtual_time
async def test_when_a_failed_start_cannot_even_be_undone_both_errors_are_kept():
    nodes = [node("a", "Failing", at="destroy"), node("b", "Failing", at="create")]
    pipeline = AsyncPipeline(chain(*nodes))
    with pytest.raises(NodeError) as caught:
        await pipeline.start()
    assert [(error.node_id, error.phase) for error in caught.value.others] == [("a", "destroy")]


ENDS = ["completed", "stopped", "failed", "cancelled", "aborted"]


@pytest.mark.contract("N3", "L5")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("fuse", [True, False])
@virtual_time
async def test_every_end_destroys_every_node_once(end, fuse):
    nodes = [
        node("a", "Pass", probe="a"),
        node("b", "Failing", probe="b", first=1, at="process" if end == "failed" else "never"),
        node("c", "PassRun", probe="c"),
        node("d", "Slow", probe="d", seconds=1.0),
    ]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse))
    if end == "completed":
        await pipeline.run(frames(3))
    elif end == "failed":
        with pytest.raises(NodeError):
            await pipeline.run(frames(3))
    elif end == "aborted":
        with pytest.raises(ZeroDivisionError):
            async with pipeline:
                await pipeline.trigger(frame(0))
                await asyncio.sleep(0.1)
                _ = 1 / 0
    else:
        await pipeline.start()
        for item in frames(3):
            await pipeline.trigger(item)
        await pipeline.stop(timeout=1.5 if end == "cancelled" else None)
    assert pipeline.state == ("failed" if end == "failed" else "stopped")
    wanted = "cancelled" if end == "aborted" else end
    assert pipeline.report.reason == wanted
    for name in "abcd":
        assert (probe(name).events[0], probe(name).events[-1]) == ("create", "destroy"), name
        assert probe(name).events.count("create") == probe(name).events.count("destroy") == 1
    conserved(pipeline)


@pytest.mark.contract("N3")
@virtual_time
async def test_on_create_gets_the_config_as_the_graph_has_it():
    pipeline = AsyncPipeline(chain(node("a", "Repeat", probe="a", count=3), node("b", "Pass", probe="b")))
    await pipeline.run(frames(1))
    assert probe("a").configs == [{"probe": "a", "count": 3}]
    assert probe("b").configs == [{"probe": "b"}]


@virtual_time
async def test_calls_before_the_start_say_so():
    pipeline = AsyncPipeline(graph([node("a", "Pass")]))
    for call in (pipeline.stop, pipeline.wait):
        with pytest.raises(NotRunning, match="never started"):
            await call()
    with pytest.raises(NotRunning, match="cannot finish"):
        pipeline.finish()
    with pytest.raises(NotRunning, match="cannot update"):
        await pipeline.update("a")
    assert pipeline.metrics() is pipeline.report
    assert pipeline.seconds == 0.0


@pytest.mark.contract("L5")
@virtual_time
async def test_cancelling_a_run_leaves_nothing_behind():
    pipeline = AsyncPipeline(chain(node("src", "Ticks"), node("a", "Slow", probe="a")))
    running = asyncio.create_task(pipeline.run())
    await asyncio.sleep(3.5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (pipeline.state, pipeline.report.reason) == ("stopped", "cancelled")
    assert probe("a").events[-1] == "destroy"
    assert asyncio.all_tasks() == {asyncio.current_task()}
    conserved(pipeline)
