"""Ends at a bad moment: a stop between frames of one pull, a reader that comes late, a cut-off destroy."""

from __future__ import annotations

import asyncio
import threading

import pytest

import streamlab
from streamlab.core import ProcessingNode, Source
from streamlab.engine import AsyncPipeline, PipelinePool
from streamlab.errors import NodeError, NotRunning
from streamlab.testing import probe, registered, virtual_time
from streams import chain, conserved, frame, frames, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


@pytest.mark.contract("E6")
@virtual_time
async def test_a_stop_between_frames_of_one_pull_does_not_wait_for_those_that_are_not_due():
    class Bursts(Source):
        realtime = True

        def frames(self):
            yield frames(1000)  # 4 ms each

    with registered(Bursts):
        nodes = [node("src", "Bursts"), node("z", "Gated", probe="z")]
        pipeline = AsyncPipeline(chain(*nodes, channel_capacity=1))
        await pipeline.start()
        await asyncio.sleep(0.1)
        stopping = asyncio.create_task(pipeline.stop())
        await asyncio.sleep(0.1)
        probe("z").gate.open()
        report = await stopping
        assert (report.reason, asyncio.get_running_loop().time()) == ("stopped", 0.2)
        assert probe("z").numbers == list(range(50))  # those that were due by then
    conserved(pipeline)


@pytest.mark.contract("E7")
@virtual_time
async def test_who_subscribes_while_the_pipeline_stops_cannot_hold_it_up():
    pipeline = AsyncPipeline(chain(node("a", "Gated", probe="a"), node("b", "Pass")))
    await pipeline.start()
    for item in frames(5):
        await pipeline.trigger(item)
    stopping = asyncio.create_task(pipeline.stop())
    await asyncio.sleep(1)
    assert pipeline.state == "stopping"
    seen = pipeline.subscribe("b", capacity=2)
    probe("a").gate.open()
    report = await stopping
    assert (report.frames_out, report.reason) == (5, "stopped")
    assert numbers([item async for item in seen]) == [0, 1]
    counts = seen.statistics()
    assert (counts.sent, counts.dropped, counts.undelivered) == (5, 0, 3)


@pytest.mark.contract("E5", "E6")
@virtual_time
async def test_a_trigger_that_waits_when_its_reader_leaves_is_refused():
    nodes = [node("a", "EarlyClose", count=2), node("b", "Gated", probe="b")]
    pipeline = AsyncPipeline(chain(*nodes, channel_capacity=1))
    await pipeline.start()
    for item in frames(2):
        await pipeline.trigger(item)
    waiting = asyncio.create_task(pipeline.trigger(frame(2)))
    await asyncio.sleep(1)
    assert not waiting.done()
    probe("b").gate.let(1)
    for trigger in (waiting, pipeline.trigger(frame(3))):
        with pytest.raises(NotRunning, match="the pipeline takes no more triggers: who read them has ended"):
            await trigger
    probe("b").gate.open()
    assert (await pipeline.wait()).reason == "completed"
    assert probe("b").numbers == [0, 1]
    conserved(pipeline)


@pytest.mark.contract("L4", "N3")
@virtual_time
async def test_an_on_destroy_that_is_cut_off_is_reported_and_the_others_still_happen():
    class Cut(ProcessingNode):
        def process(self, item):
            return item

        async def on_destroy(self):
            raise asyncio.CancelledError

    with registered(Cut):
        pipeline = AsyncPipeline(chain(node("a", "Pass", probe="a"), node("cut", "Cut")))
        with pytest.raises(NodeError, match="node 'cut' failed in destroy: on_destroy was cut off"):
            await pipeline.run(frames(1))
        assert probe("a").events[-1] == "destroy"


@pytest.mark.contract("P2")
@virtual_time
async def test_a_reset_may_await():
    class Late(ProcessingNode):
        def process(self, item):
            return item

        async def reset(self):
            await asyncio.sleep(1)
            probe("late").events.append("reset")

    with registered(Late):
        async with PipelinePool(chain(node("a", "Late")), max_concurrent=1) as pool:
            results = await pool.map(frames(3))
            assert [numbers(result.outputs["a"]) for result in results] == [[0], [1], [2]]
            assert probe("late").events == ["reset", "reset"]
            assert asyncio.get_running_loop().time() == 2.0


@pytest.mark.contract("E4")
def test_run_works_inside_a_loop_of_another_thread():
    got = []

    async def inside():
        got.append(streamlab.run(chain(node("a", "Pass")), triggers=frames(2), collect=["a"]))

    thread = threading.Thread(target=lambda: asyncio.run(inside()))
    thread.start()
    thread.join()
    assert numbers(got[0].outputs["a"]) == [0, 1]


@pytest.mark.contract("E11")
@virtual_time
async def test_a_stream_in_which_someone_has_just_left_is_not_stalled():
    # The first reader leaves while everybody else waits for it: its end is news for all of them.
    nodes = [
        node("src", "Ticks"),
        node("gone", "EarlyClose", count=3, probe="gone"),
        node("rest", "PassRun", probe="rest"),
    ]
    pipeline = AsyncPipeline(chain(*nodes, channel_capacity=1))
    report = await pipeline.run()
    assert (report.reason, report.errors) == ("completed", [])
    assert probe("rest").numbers == [0, 1, 2]
    conserved(pipeline)
