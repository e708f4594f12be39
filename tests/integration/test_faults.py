"""Every fault in every mode ends in a named state, is heard once, and leaves nothing behind (L2, L4, L5)."""

import asyncio

import pytest

from streamlab.engine import AsyncPipeline, Pipeline, PipelinePool
from streamlab.errors import NodeError, NotRunning
from streamlab.testing import assert_conserved, probe, virtual_time
from streamlab.testing.faults import InjectedFault
from streams import chain, conserved, frame, frames, node, numbers

pytestmark = [pytest.mark.usefixtures("test_nodes"), pytest.mark.contract("L2", "L5")]

MOMENTS = ["create", "configure", "process", "flush", "result", "destroy"]
MODES = {
    "fused": {"fuse": True},
    "unfused": {"fuse": False},
    "inline": {"executor": "inline", "channel_capacity": 1},
    "thread": {"executor": "thread"},
    "thread unfused": {"executor": "thread", "fuse": False, "channel_capacity": 1},
}
KINDS = ["Failing", "FailingAsync", "FailingRun"]


def around(bad, **settings):
    """A chain with the bad node in its middle and nodes around it that notice their lives."""
    nodes = [node("before", "Recorder", probe="before"), bad, node("after", "Recorder", probe="after")]
    return chain(*nodes, **settings)


def ended_once(*names):
    """Every node that was made was destroyed, once for each time it was made."""
    for name in names:
        events = probe(name).events
        assert events.count("create") == events.count("destroy"), (name, events)


def exists_in(kind, moment):
    """A node with its own loop is neither configured nor flushed: the plain one stands in for it there."""
    return "Failing" if kind == "FailingRun" and moment in ("configure", "flush") else kind


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
@virtual_time
async def test_a_fault_in_a_stream(moment, mode, kind):
    kind = exists_in(kind, moment)
    pipeline = AsyncPipeline(around(node("bad", kind, at=moment, first=1, probe="bad"), **MODES[mode]))
    moves = []
    pipeline.listen(lambda old, new: moves.append(new))
    seen = pipeline.subscribe("after", capacity=10)
    with pytest.raises(NodeError) as caught:
        await pipeline.run(frames(5))
    error = caught.value
    assert error.node_id == "bad"
    assert error.phase == ("run" if (kind, moment) == ("FailingRun", "process") else moment)
    assert isinstance(error.__cause__, InjectedFault)
    assert str(error.__cause__) == moment
    assert pipeline.state == moves[-1] == pipeline.report.state == "failed"
    assert pipeline.report.errors == [error]
    assert pipeline.report.reason == ("completed" if moment == "destroy" else "failed")
    assert await pipeline.stop() is pipeline.report  # it was heard already
    ended_once("before", "after")
    assert probe("bad").events.count("destroy") == (0 if moment == "create" else 1)
    if moment not in ("result", "destroy"):  # these come when the stream has completed
        with pytest.raises(NodeError):
            while True:
                await seen.recv()
    if moment == "process":
        assert set(probe("after").numbers) <= {0}
        assert pipeline.report.failed == 1
    if moment in ("flush", "result", "destroy"):
        assert probe("after").numbers == list(range(len(probe("after").numbers)))
    conserved(pipeline)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", ["Failing", "FailingAsync"])
@virtual_time
async def test_a_fault_in_a_single_shot(moment, kind):
    pipeline = Pipeline(around(node("bad", kind, at=moment, probe="bad")))
    with pytest.raises(NodeError, match=f"node 'bad' failed in {moment}") as caught:
        await pipeline.execute_once(frame(0))
    assert isinstance(caught.value.__cause__, InjectedFault)
    assert pipeline.report.state == "failed"
    assert pipeline.report.errors == [caught.value]
    ended_once("before", "after")
    assert_conserved(pipeline.report, pipeline.plan)
    if moment in ("process", "configure"):
        assert probe("after").frames == []


@pytest.mark.parametrize("moment", [*MOMENTS, "reset"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1, 3])
@virtual_time
async def test_a_fault_in_a_pool(moment, kind, width, caplog):
    kind = exists_in(kind, moment)
    async with PipelinePool(around(node("bad", kind, at=moment, probe="bad")), width) as pool:
        jobs = [await pool.execute(item) for item in frames(4)]
        results = await asyncio.gather(*(_outcome(job) for job in jobs))
    failed = [result for result in results if isinstance(result, NodeError)]
    good = [result for result in results if not isinstance(result, NodeError)]
    if moment == "destroy":
        assert (len(failed), "node 'bad' failed in destroy" in caplog.text) == (0, True)
    elif moment == "reset":
        # Whoever got an instance that had been used: a job that waits for nothing leaves its own to the next.
        assert len(failed) == {1: 2, 3: 2 if kind == "Failing" else 1}[width]
    else:
        assert len(failed) == 4
    for error in failed:
        assert (error.node_id, str(error.__cause__)) == ("bad", moment)
    for result in good:
        assert numbers(result.outputs["after"]) == [result.number]
        assert_conserved(result.report, pool.plan)
    ended_once("before", "after")


async def _outcome(job):
    try:
        return await job
    except NodeError as error:
        return error


@pytest.mark.contract("L4")
@pytest.mark.parametrize("moment", ["process", "destroy"])
@pytest.mark.parametrize("mode", MODES)
@virtual_time
async def test_a_node_that_hangs_in_a_stream(moment, mode):
    pipeline = AsyncPipeline(around(node("bad", "Hanging", at=moment, probe="bad"), **MODES[mode]))
    await pipeline.start()
    await pipeline.trigger(frame(0))
    if moment == "destroy":
        with pytest.raises(NodeError, match="node 'bad' failed in destroy"):
            await pipeline.stop(timeout=3)
    else:
        await pipeline.stop(timeout=3)
    assert pipeline.state == ("failed" if moment == "destroy" else "stopped")
    assert pipeline.report.reason == ("stopped" if moment == "destroy" else "cancelled")
    ended_once("before", "after", "bad")
    conserved(pipeline)


@pytest.mark.contract("L4")
@virtual_time
async def test_a_node_that_hangs_in_a_single_shot():
    for moment in ("create", "process", "destroy"):
        pipeline = Pipeline(around(node("bad", "Hanging", at=moment, probe=moment)))
        with pytest.raises(NodeError if moment == "destroy" else TimeoutError):
            async with asyncio.timeout(100):
                await pipeline.execute_once(frame(0))
        assert pipeline.report.state == "failed", moment
        ended_once("before", "after")


@pytest.mark.contract("L4")
@virtual_time
async def test_a_single_shot_cancelled_while_its_nodes_are_destroyed_ends_soon():
    pipeline = Pipeline(around(node("bad", "Hanging", at="destroy", probe="bad")))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await pipeline.execute_once(frame(0))
    assert asyncio.get_running_loop().time() == 6.0
    assert (pipeline.report.state, pipeline.report.frames_out) == ("failed", 1)
    ended_once("before", "after")


@pytest.mark.contract("L4")
@virtual_time
async def test_a_node_that_hangs_in_a_pool():
    for moment in ("create", "process", "destroy"):
        pool = PipelinePool(around(node("bad", "Hanging", at=moment, probe=moment)), 1)
        job = await pool.execute(frame(0))
        await asyncio.sleep(1)
        job.cancel()
        if moment == "destroy":
            assert numbers((await job).outputs["after"]) == [0]  # it was done before
        else:
            with pytest.raises(asyncio.CancelledError):
                await job
        async with asyncio.timeout(100):
            await pool.close()
        ended_once("before", "after")


@pytest.mark.contract("L4")
@pytest.mark.parametrize("fuse", [True, False])
def test_a_call_that_never_returns_in_a_stream_on_a_thread(fuse):
    async def main():
        bad = node("bad", "HangingThread", first=1, probe="bad")
        pipeline = AsyncPipeline(around(bad, executor="thread", fuse=fuse))
        await pipeline.start()
        for item in frames(4):
            await pipeline.trigger(item)
        while len(probe("bad").frames) < 2:
            await asyncio.sleep(0.001)
        report = await pipeline.stop(timeout=0.05)
        assert len(report.abandoned) == 1
        assert (pipeline.state, report.reason) == ("stopped", "cancelled")
        conserved(pipeline)
        assert probe("after").events.count("destroy") == 1

    asyncio.run(main())
    probe("bad").thread_gate.open()


@pytest.mark.parametrize("mode", MODES)
@virtual_time
async def test_a_slow_node_loses_nothing(mode):
    pipeline = AsyncPipeline(around(node("slow", "Slow", seconds=3.0), **MODES[mode]))
    report = await pipeline.run(frames(7))
    assert probe("after").numbers == list(range(7))
    assert (report.reason, report.undelivered) == ("completed", 0)
    assert asyncio.get_running_loop().time() == 21.0
    conserved(pipeline)


def test_a_slow_call_on_a_thread_loses_nothing():
    async def main():
        pipeline = AsyncPipeline(around(node("slow", "SlowThread", seconds=0.01)))
        await pipeline.run(frames(7))
        conserved(pipeline)

    asyncio.run(main())
    assert probe("after").numbers == list(range(7))


@pytest.mark.contract("E6")
@pytest.mark.parametrize("tidy", [True, False])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("source", [True, False])
@virtual_time
async def test_a_node_that_leaves_early_in_a_stream(mode, tidy, source):
    spec = around(node("bad", "EarlyClose", count=2, tidy=tidy), **MODES[mode])
    if source:
        spec["nodes"].insert(0, node("src", "Ticks"))
        spec["connections"].insert(0, {"from": "src", "to": "before"})
    pipeline = AsyncPipeline(spec)
    report = await pipeline.run(None if source else frames(2))
    assert probe("after").numbers == [0, 1]
    assert (pipeline.state, report.reason, report.errors) == ("stopped", "completed", [])
    ended_once("before", "after")
    conserved(pipeline)


@pytest.mark.contract("E6", "E5")
@virtual_time
async def test_triggers_into_a_stream_that_its_reader_left_are_refused():
    pipeline = AsyncPipeline(around(node("bad", "EarlyClose", count=1)))
    await pipeline.start()
    with pytest.raises(NotRunning):
        for number in range(100):
            await pipeline.trigger(frame(number))
            await asyncio.sleep(1)
    report = await pipeline.stop()
    assert probe("after").numbers == [0]
    assert report.errors == []
    conserved(pipeline)
