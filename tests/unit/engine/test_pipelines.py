"""Pipelines as they are called: what they refuse, run() without asyncio, nodes made and destroyed."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import pytest

import streamlab
from streamlab.core import ProcessingNode
from streamlab.engine import AsyncPipeline, Graph, Pipeline
from streamlab.engine.threads import ThreadWorker
from streamlab.errors import GraphError, NodeError, NoTriggerInput, NotRunning, StreamLabError
from streamlab.testing import probe, registered, virtual_time
from streams import chain, conserved, frame, frames, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


def passing(**settings):
    return chain(node("a", "Pass"), **settings)


# -- refusals


@pytest.mark.contract("E4")
@pytest.mark.parametrize("duration", [0, -1.0, float("nan"), float("inf"), True, "3"])
def test_a_duration_is_a_number_of_seconds(duration):
    with pytest.raises(ValueError, match="duration: expected a number > 0 in s"):
        AsyncPipeline(chain(node("s", "Ticks")), duration=duration)
    with pytest.raises(ValueError, match="duration: expected a number > 0 in s"):
        streamlab.run(chain(node("s", "Ticks")), duration=duration)


@pytest.mark.contract("E5")
@pytest.mark.parametrize("what", [None, 5, {"x": [1.0]}])
@virtual_time
async def test_what_is_no_frame_is_no_trigger(what):
    pipeline = AsyncPipeline(passing())
    async with pipeline:
        with pytest.raises(TypeError, match="a trigger is a DataFrame; found "):
            await pipeline.trigger(what)
        await pipeline.trigger(frame(0))
    assert conserved(pipeline).frames_out == 1


@pytest.mark.contract("E7")
def test_what_shall_be_collected_must_be_there():
    with pytest.raises(KeyError, match="no node 'b'; nodes: a"):
        AsyncPipeline(passing(), collect=["b"])
    with pytest.raises(KeyError, match=r"no output 'a.left'; outputs of 'a': a.out"):
        AsyncPipeline(passing(), collect=["a.left"])


@pytest.mark.contract("E5")
@virtual_time
async def test_before_and_after_its_life_a_pipeline_says_what_it_cannot_do():
    pipeline = AsyncPipeline(passing())
    assert (pipeline.metrics().state, pipeline.seconds, pipeline.report.frames_in) == ("created", 0.0, 0)
    with pytest.raises(NotRunning, match="cannot finish: the pipeline is created"):
        pipeline.finish()
    with pytest.raises(GraphError, match=r"the graph only waits for triggers \(at 'a'\); give run\(\) some"):
        await pipeline.run()
    assert pipeline.state == "created"
    await pipeline.run(frames(2))
    pipeline.finish()  # it is finished
    assert (pipeline.metrics().state, pipeline.metrics().frames_in) == ("stopped", 2)
    source = AsyncPipeline(chain(node("s", "Ticks", count=3)))
    with pytest.raises(NoTriggerInput, match="its sources run by themselves"):
        await source.run(frames(1))
    assert source.state == "stopped"


@virtual_time
async def test_a_pipeline_may_be_awaited_where_it_is_made():
    pipeline = await AsyncPipeline.from_json(passing(), collect=["a"])
    assert numbers((await pipeline.run(frames(2))).outputs["a"]) == [0, 1]
    outputs = await Pipeline.from_json(passing()).execute_once(frame(4))
    assert numbers(outputs["a"]) == [4]


# -- run(), without asyncio


class Announces(ProcessingNode):
    """Tells the test, from whatever thread it is in, that a frame has come."""

    came = threading.Event()

    def process(self, item):
        self.came.set()
        return item


@pytest.mark.contract("E4")
def test_run_works_with_and_without_a_running_loop():
    def work():
        return streamlab.run(passing(), triggers=frames(3), collect=["a"])

    async def inside():
        before = asyncio.get_running_loop()
        report = work()  # as in a notebook
        assert asyncio.get_running_loop() is before
        return report

    for report in (work(), asyncio.run(inside())):
        assert numbers(report.outputs["a"]) == [0, 1, 2]
        assert (report.state, report.reason, report.frames_in) == ("stopped", "completed", 3)


@pytest.mark.contract("L2")
def test_what_a_run_inside_a_loop_dies_of_is_raised_there():
    async def inside(document):
        streamlab.run(document, triggers=frames(3))

    with pytest.raises(NodeError, match="node 'bad' failed in process at frame 1"):
        asyncio.run(inside(chain(node("bad", "Failing", first=1))))
    with pytest.raises(GraphError, match="unknown node type"):
        asyncio.run(inside(chain(node("bad", "Nope"))))


@pytest.mark.contract("L5", "L7")
@pytest.mark.parametrize("moment", ["at once", "later"])
def test_an_interrupt_of_a_run_inside_a_loop_ends_it_and_leaves_nothing(moment):
    def press():
        if moment == "later":
            Announces.came.wait(30)
        else:
            while not any(thread.name == "streamlab:run" for thread in threading.enumerate()):
                time.sleep(0)
        os.kill(os.getpid(), signal.SIGINT)

    Announces.came.clear()
    interrupting = threading.Thread(target=press)
    handler = signal.getsignal(signal.SIGINT)

    async def inside():
        with registered(Announces):
            nodes = [node("src", "Ticks", period=0.001, probe="src"), node("tell", "Announces")]
            interrupting.start()
            try:
                streamlab.run(chain(*nodes))
            finally:
                interrupting.join()
                for thread in threading.enumerate():
                    if thread.name == "streamlab:run":
                        thread.join(30)
                events = probe("src").events
                assert events.count("create") == events.count("destroy") <= 1

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(inside())
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.contract("L7", "L4")
def test_a_second_interrupt_does_not_wait_for_a_call_that_never_returns():
    came, gate = threading.Event(), threading.Event()

    class Stuck(ProcessingNode):
        def process(self, item):
            came.set()
            gate.wait(30)
            return item

    def press_twice():
        came.wait(30)
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)  # two signals at once are one

    async def inside():
        with registered(Stuck):
            pressing.start()
            try:
                streamlab.run(chain(node("a", "Stuck")), triggers=frames(1))
            finally:
                assert not gate.is_set()
                pressing.join()
                gate.set()

    pressing = threading.Thread(target=press_twice)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(inside())


# -- nodes made and destroyed


@pytest.mark.contract("N3", "L6")
@virtual_time
async def test_on_create_and_on_destroy_may_be_plain_functions():
    events = []

    class Plain(ProcessingNode):
        def on_create(self, config):
            events.append(("create", dict(config)))

        def process(self, item):
            return item

        def on_destroy(self):
            events.append("destroy")

    with registered(Plain):
        document = chain(node("p", "Plain", anything=5), node("bad", "Failing", at="create"))
        with pytest.raises(NodeError, match="node 'bad' failed in create: InjectedFault: create"):
            await AsyncPipeline(document).run(frames(1))
        await AsyncPipeline(chain(node("p", "Plain", anything=5))).run(frames(1))
    assert events == [("create", {"anything": 5}), "destroy"] * 2


@pytest.mark.contract("N3", "L4")
@virtual_time
async def test_nodes_are_destroyed_last_to_first_and_one_that_fails_or_hangs_keeps_none_of_the_others():
    order = []

    class Notes(ProcessingNode):
        async def on_destroy(self):
            order.append(self.job or "first")

        def process(self, item):
            return item

    with registered(Notes):
        nodes = [
            node("one", "Notes"),
            node("hangs", "Hanging", at="destroy"),
            node("bad", "Failing", at="destroy"),
            node("four", "Notes"),
        ]
        pipeline = AsyncPipeline(chain(*nodes))
        with pytest.raises(NodeError, match="node 'bad' failed in destroy: InjectedFault: destroy") as caught:
            await pipeline.run(frames(1))
    assert [str(error) for error in caught.value.others] == [
        "node 'hangs' failed in destroy: on_destroy did not return within 30 s"
    ]
    assert order == ["first", "first"]
    assert asyncio.get_running_loop().time() == 30.0
    assert (pipeline.report.reason, pipeline.report.frames_out) == ("completed", 1)


@pytest.mark.contract("G7", "L6")
@virtual_time
async def test_a_start_that_the_open_sources_forbid_destroys_what_was_made():
    from graph_kit import known_types

    with known_types():
        nodes = [
            node("s", "Steady", late=True, rate=100.0),
            node("low", "KnowsCutoff", cutoff=80.0),
            node("z", "Recorder", probe="z"),
        ]
        pipeline = AsyncPipeline(chain(*nodes))
        seen = pipeline.subscribe("z")
        with pytest.raises(GraphError, match="the cutoff is above half the sample rate"):
            await pipeline.start()
        assert (pipeline.state, probe("z").events) == ("failed", ["create", "destroy"])
        with pytest.raises(GraphError, match="above half"):
            await seen.recv()
        shot = Pipeline(chain(*nodes))
        with pytest.raises(GraphError, match="above half"):
            await shot.execute_once()
        assert (shot.report.state, len(shot.report.errors)) == ("failed", 1)


@pytest.mark.contract("N1", "L4")
@virtual_time
async def test_a_single_shot_may_be_cancelled_and_says_so():
    shot = Pipeline(chain(node("a", "Hanging", probe="a")))
    task = asyncio.create_task(shot.execute_once(frame(0)))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (shot.report.state, shot.report.reason, shot.report.errors) == ("failed", "cancelled", [])
    assert probe("a").events[-1] == "destroy"


@pytest.mark.contract("N1")
@virtual_time
async def test_a_single_shot_has_fresh_nodes_and_a_report_of_its_own():
    shot = Pipeline(chain(node("a", "HoldBack", count=2, probe="a")))
    reports = []
    for number in range(3):
        assert numbers((await shot.execute_once(frame(number)))["a"]) == [number]
        reports.append(shot.report)
    assert probe("a").made == 3
    assert [report.frames_in for report in reports] == [1, 1, 1]
    assert len({id(report) for report in reports}) == 3


# -- threads


@virtual_time
async def test_a_thread_returns_and_raises_what_the_call_does():
    worker = ThreadWorker("one")
    assert not worker.busy
    assert await worker.call(lambda a, b: a + b, 1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 / 0)
    # A future cannot hold StopIteration: it would end whoever awaits it as if all were well.
    with pytest.raises(RuntimeError, match="StopIteration raised in a worker thread"):
        await worker.call(next, iter(()))
    names = {thread.name for thread in threading.enumerate()}
    assert "streamlab:one" in names
    assert await worker.close()
    assert await worker.close()
    assert await ThreadWorker("never used").close()


@pytest.mark.contract("L4")
@virtual_time
async def test_a_thread_that_does_not_come_back_is_given_up_and_its_answer_heard_by_nobody():
    gate = threading.Event()
    worker = ThreadWorker("slow")
    task = asyncio.create_task(worker.call(gate.wait, 30))
    while not worker.busy:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await worker.close(grace=0.05)
    gate.set()


@pytest.mark.contract("G3")
def test_a_graph_with_problems_makes_no_pipeline_of_any_kind():
    document = graph([node("a", "Pass"), node("a", "Pass")])
    for make in (AsyncPipeline, Pipeline, Graph.spec):
        with pytest.raises(StreamLabError, match="duplicate id 'a'"):
            make(Graph.load(document))
