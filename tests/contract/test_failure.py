"""L2, L3: a node that raises ends the run at once and is heard once, or is left out frame by frame."""

import asyncio
import logging

import pytest

from streamlab.engine import AsyncPipeline
from streamlab.errors import EndOfStream, NodeError, NotRunning
from streamlab.testing import probe, virtual_time
from streamlab.testing.faults import InjectedFault
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true")


@pytest.mark.contract("L2")
@pytest.mark.parametrize("kind", ["Failing", "FailingAsync", "FailingRun"])
@virtual_time
async def test_a_failure_is_seen_at_once_and_raised_once(kind):
    pipeline = AsyncPipeline(chain(node("ok", "Pass"), node("bad", kind, first=2), node("end", "PassAsync")))
    await pipeline.start()
    for item in frames(3):
        await pipeline.trigger(item)
    await until(lambda: pipeline.state == "failed")
    with pytest.raises(NodeError) as caught:
        await pipeline.trigger(frame(3))
    error = caught.value
    assert error.node_id == "bad"
    assert error.sequence_id == (2 if kind != "FailingRun" else None)
    assert isinstance(error.__cause__, InjectedFault)
    assert await pipeline.stop() is pipeline.report  # it was raised already
    report = conserved(pipeline)
    assert (report.state, report.reason, report.errors) == ("failed", "failed", [error])
    assert report.failed == 1
    assert report.nodes["end"].frames_out + report.edges["bad -> end"].undelivered == 2


@pytest.mark.contract("L2")
@pytest.mark.parametrize("way", ["stop", "wait", "leave", "run"])
@virtual_time
async def test_whoever_comes_first_gets_the_error_and_the_next_one_the_report(way):
    pipeline = AsyncPipeline(chain(node("bad", "Failing")))
    with pytest.raises(NodeError, match="node 'bad' failed in process at frame 0"):
        if way == "run":
            await pipeline.run(frames(2))
        elif way == "leave":
            async with pipeline:
                await pipeline.trigger(frame(0))
                await until(lambda: pipeline.state == "failed")
        else:
            await pipeline.start()
            await pipeline.trigger(frame(0))
            await until(lambda: pipeline.state == "failed")
            await getattr(pipeline, way)()
    assert await pipeline.stop() is pipeline.report
    assert await pipeline.wait() is pipeline.report


@pytest.mark.contract("L2")
@virtual_time
async def test_blocked_triggers_wake_with_the_error():
    pipeline = AsyncPipeline(chain(node("a", "Gated", probe="a"), node("bad", "Failing"), channel_capacity=1))
    await pipeline.start()
    await pipeline.trigger(frame(0))
    blocked = [asyncio.create_task(pipeline.trigger(frame(number))) for number in (1, 2, 3)]
    await asyncio.sleep(1)
    assert not any(task.done() for task in blocked)
    probe("a").gate.let(1)
    results = await asyncio.gather(*blocked, return_exceptions=True)
    assert [type(result) for result in results[1:]] == [NodeError, NodeError]
    assert await pipeline.stop() is pipeline.report
    conserved(pipeline)


@pytest.mark.contract("L2", "E7")
@virtual_time
async def test_subscriptions_end_with_the_error_after_the_frames_before_it():
    pipeline = AsyncPipeline(chain(node("a", "Pass"), node("bad", "Failing", first=2)))
    before, after = pipeline.subscribe("a"), pipeline.subscribe("bad")
    with pytest.raises(NodeError) as caught:
        await pipeline.run(frames(2 + 1))
    for seen, count in ((before, 2), (after, 2)):
        got = []
        with pytest.raises(NodeError) as again:
            async for item in seen:
                got.append(item)
        assert numbers(got)[:count] == [0, 1]
        assert again.value is caught.value


@pytest.mark.contract("L2")
@virtual_time
async def test_the_users_task_is_never_cancelled_by_a_failure():
    pipeline = AsyncPipeline(chain(node("bad", "Failing")))
    with pytest.raises(NodeError):
        async with pipeline:
            await pipeline.trigger(frame(0))
            await asyncio.sleep(100)
            went_on = asyncio.get_running_loop().time()
    assert went_on == 100
    assert asyncio.current_task().cancelling() == 0


@pytest.mark.contract("L2")
@virtual_time
async def test_further_failures_are_kept_with_the_first():
    nodes = [
        node("src", "Pass"),
        node("bad", "Failing", first=1),
        node("worse", "Failing", at="destroy"),
        node("none", "Failing", at="result"),
    ]
    pipeline = AsyncPipeline(graph(nodes, "src > bad, src > worse, src > none"))
    with pytest.raises(NodeError) as caught:
        await pipeline.run(frames(5))
    found = {(error.node_id, error.phase) for error in (caught.value, *caught.value.others)}
    assert found == {("bad", "process"), ("worse", "destroy"), ("none", "result")}
    assert pipeline.report.errors == [caught.value, *caught.value.others]


@pytest.mark.contract("L2")
@pytest.mark.parametrize("moment", ["configure", "process", "flush", "result", "destroy"])
@virtual_time
async def test_every_moment_of_failure_is_named(moment):
    pipeline = AsyncPipeline(chain(node("a", "Pass"), node("bad", "Failing", at=moment)))
    with pytest.raises(NodeError) as caught:
        await pipeline.run(frames(2))
    assert (caught.value.node_id, caught.value.phase) == ("bad", moment)
    assert (str(caught.value.__cause__), pipeline.state) == (moment, "failed")
    assert pipeline.report.state == "failed"
    conserved(pipeline)


@pytest.mark.contract("L2")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_source_that_raises_is_named(executor):
    nodes = [node("src", "FailingSource", first=3, executor=executor), node("a", "Recorder", probe="a")]
    pipeline = AsyncPipeline(chain(*nodes))
    with pytest.raises(NodeError, match="node 'src' failed in frames"):
        await pipeline.run()
    assert probe("a").numbers == [0, 1, 2][: len(probe("a").frames)]
    report = conserved(pipeline)
    assert (report.nodes["src"].frames_in, report.nodes["src"].failed) == (4, 1)


@pytest.mark.contract("L2")
@pytest.mark.parametrize("given", [17, "text", [1, 2], {"nowhere": None}])
@pytest.mark.parametrize("kind", ["Returns", "ReturnsAsync", "ReturnsPorts"])
@virtual_time
async def test_what_is_no_frame_is_refused_with_the_name_of_the_node(kind, given):
    from streamlab.core import ProcessingNode
    from streamlab.testing import registered

    class Returns(ProcessingNode):
        def process(self, item):
            return given

    class ReturnsAsync(ProcessingNode):
        async def process(self, item):
            return given

    class ReturnsPorts(ProcessingNode):
        outputs = ("a", "b")

        def process(self, item):
            return given

    with registered(Returns, ReturnsAsync, ReturnsPorts):
        pipeline = AsyncPipeline(graph([node("bad", kind)]))
        with pytest.raises(
            NodeError, match=r"node 'bad' failed in process.*expected (a frame|frames|a mapping)"
        ):
            await pipeline.run(frames(1))
        conserved(pipeline)


SKIPS = [("Failing", True), ("Failing", False), ("FailingAsync", True)]


@pytest.mark.contract("L3", "F7")
@pytest.mark.parametrize(("kind", "fuse"), SKIPS)
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_skip_leaves_out_that_frame_and_no_other(kind, fuse, executor, caplog):
    nodes = [
        node("a", "Pass"),
        node("bad", kind, first=2, times=3, on_error="skip"),
        node("end", "Recorder", probe="end"),
    ]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse, executor=executor))
    with caplog.at_level(logging.WARNING, logger="streamlab"):
        report = await pipeline.run(frames(8))
    assert probe("end").numbers == [0, 1, 5, 6, 7]
    assert gaps(probe("end").frames) == [0, 0, 12, 0, 0]
    assert (report.nodes["bad"].failed, report.nodes["bad"].frames_out, report.failed) == (3, 5, 3)
    assert (report.reason, report.errors) == ("completed", [])
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "node 'bad' failed in process at frame 2" in caplog.messages[0]
    assert "works again after 3 skipped frames" in caplog.messages[1]
    conserved(pipeline)


@pytest.mark.contract("L3", "F7")
@pytest.mark.parametrize("place", ["last", "fused", "unfused"])
@virtual_time
async def test_frames_skipped_at_the_end_are_a_trailing_gap(place):
    behind = [] if place == "last" else [node("end", "Pass")]
    nodes = [node("bad", "Failing", first=2, on_error="skip"), *behind]
    pipeline = AsyncPipeline(chain(*nodes, fuse=place == "fused"))
    seen = pipeline.subscribe(nodes[-1]["id"])
    await pipeline.run(frames(5))
    got = []
    with pytest.raises(EndOfStream) as end:
        while True:
            got.append(await seen.recv())
    assert (numbers(got), gaps(got), end.value.gap) == ([0, 1], [0, 0], 12)


@pytest.mark.contract("L3")
@virtual_time
async def test_skip_does_not_hide_what_concerns_the_whole_stream():
    for moment in ("create", "flush", "result", "destroy"):
        pipeline = AsyncPipeline(chain(node("bad", "Failing", at=moment, on_error="skip")))
        with pytest.raises(NodeError, match=f"failed in {moment}"):
            await pipeline.run(frames(2))


@pytest.mark.contract("L2", "E7")
@virtual_time
async def test_after_the_end_nothing_can_be_read_or_given():
    pipeline = AsyncPipeline(chain(node("bad", "Failing")))
    with pytest.raises(NodeError):
        await pipeline.run(frames(1))
    with pytest.raises(NotRunning, match="pipeline is failed"):
        pipeline.subscribe("bad")
    with pytest.raises(NodeError):
        await pipeline.trigger(frame(9))
