"""A node at work in its segment: in place, awaited; what it raises and returns, and what that costs."""

from __future__ import annotations

import asyncio
import logging

import numpy as np
import pytest

from step_kit import TimesFactor, at, burst, scales
from streamlab.core import DataFrame, ProcessingNode, StreamInfo
from streamlab.engine import AsyncPipeline
from streamlab.engine.metrics import NodeMetrics
from streamlab.errors import NodeError
from streamlab.testing import registered, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers


@pytest.fixture(autouse=True)
def types():
    with registered(TimesFactor), registered():
        yield


# -- in place


@pytest.mark.contract("F4", "N5")
@virtual_time
async def test_work_in_place_gives_what_work_on_a_copy_gives_and_spoils_nobodys_frame():
    given = frames(5)
    for fuse in (True, False):
        pipeline = AsyncPipeline(chain(*scales(3), fuse=fuse), collect=["end"])
        report = await pipeline.run(given)
        assert [item.samples[0].tolist() for item in report.outputs["end"]] == [
            [8.0 * value for value in range(4 * number, 4 * number + 4)] for number in range(5)
        ]
    assert [item.samples[0, 0] for item in given] == [0, 4, 8, 12, 16]


@pytest.mark.contract("L2")
@pytest.mark.parametrize("before", ["fail", "skip"])  # a node that may skip is worked on by itself
@pytest.mark.parametrize("fuse", [True, False])
@virtual_time
async def test_a_failure_in_place_names_node_and_frame(fuse, before):
    nodes = [node("n0", "TimesFactor", on_error=before), node("end", "TimesFactor", refuses=16.0)]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse, channel_capacity=1), collect=["end"])
    with pytest.raises(NodeError, match="'end' failed in process at frame 2: ValueError: met 16") as caught:
        await pipeline.run(frames(5))
    assert (caught.value.sequence_id, type(caught.value.__cause__)) == (2, ValueError)
    assert numbers(pipeline.report.outputs["end"]) == [0, 1]
    assert conserved(pipeline).nodes["end"].failed == 1


@pytest.mark.contract("L3", "F7")
@pytest.mark.parametrize("before", ["fail", "skip"])
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_frame_that_fails_in_place_is_skipped_and_the_burst_is_logged_once(
    fuse, executor, before, caplog
):
    items = [frame(number, *([7.0] if number in (1, 2, 5) else [1.0])) for number in range(7)]
    nodes = [
        node("n0", "TimesFactor", on_error=before),
        node("end", "TimesFactor", refuses=14.0, on_error="skip"),
    ]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse, executor=executor), collect=["end"])
    with caplog.at_level(logging.WARNING, logger="streamlab"):
        report = await burst(pipeline, items)
    out = report.outputs["end"]
    assert (numbers(out), gaps(out)) == ([0, 3, 4, 6], [0, 2, 0, 1])
    assert [record.getMessage() for record in caplog.records] == [
        "node 'end' failed in process at frame 1: ValueError: met 14; the frame is skipped, as will be those "
        "that fail after it",
        "node 'end' works again after 2 skipped frames",
        "node 'end' failed in process at frame 5: ValueError: met 14; the frame is skipped, as will be those "
        "that fail after it",
        "node 'end' works again after 1 skipped frames",
    ]
    assert conserved(pipeline).nodes["end"].failed == 3


# -- awaited


@pytest.mark.contract("F6")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_node_with_two_inputs_hears_of_every_change_of_either(awaits):
    heard = []

    class Plain(ProcessingNode):
        inputs = ("a", "b")

        def configure(self, a, b):
            heard.append((float(a.sample_rate), float(b.sample_rate)))

        def process(self, a, b):
            return a

    class Awaits(Plain):
        async def process(self, a, b):
            return a

    def at(rate, number):
        info = StreamInfo(["x"], rate)
        return DataFrame.from_samples(np.zeros((1, 4)), info, sequence_id=number, start_sample=4 * number)

    with registered(Plain, Awaits):
        nodes = [node("l", "Pass"), node("r", "Pass"), node("both", "Awaits" if awaits else "Plain")]
        pipeline = AsyncPipeline(graph(nodes, [("l", "both.a", {}), ("r", "both.b", {})]))
        async with pipeline:
            for number, rates in enumerate([(8, 8), (8, 8), (8, 16), (16, 16), (8, 8)]):
                await pipeline.trigger(at(rates[0], number), to="l")
                await pipeline.trigger(at(rates[1], number), to="r")
    assert heard == [(8, 8), (8, 16), (16, 16), (8, 8)]


@pytest.mark.contract("L3", "F7")
@virtual_time
async def test_a_node_that_is_awaited_skips_and_recovers_too(caplog):
    nodes = [node("a", "FailingAsync", first=1, times=2, on_error="skip")]
    pipeline = AsyncPipeline(chain(*nodes), collect=["a"])
    with caplog.at_level(logging.WARNING, logger="streamlab"):
        report = await pipeline.run(frames(5))
    assert (numbers(report.outputs["a"]), gaps(report.outputs["a"])) == ([0, 3, 4], [0, 8, 0])
    assert [record.getMessage()[:44] for record in caplog.records] == [
        "node 'a' failed in process at frame 1: Injec",
        "node 'a' works again after 2 skipped frames",
    ]
    conserved(pipeline)


@pytest.mark.contract("L4", "E6")
@virtual_time
async def test_a_frame_in_work_when_the_run_is_cut_off_is_undelivered():
    pipeline = AsyncPipeline(chain(node("a", "Slow", seconds=100.0), node("b", "Pass")))
    await pipeline.start()
    for item in frames(3):
        await pipeline.trigger(item)
    await asyncio.sleep(1)
    report = await pipeline.stop(timeout=1)
    assert asyncio.get_running_loop().time() == 2.0
    assert report.nodes["a"].undelivered == 1
    assert report.edges["trigger -> a"].undelivered == 3
    conserved(pipeline)


# -- what a node raises and returns


@pytest.mark.contract("L2")
@virtual_time
async def test_a_node_may_raise_the_engines_own_error_and_it_gets_the_number_of_the_frame():
    class Speaks(ProcessingNode):
        def process(self, item):
            raise NodeError("its probe", message="the cable is loose")

    with registered(Speaks):
        pipeline = AsyncPipeline(chain(node("a", "Speaks")))
        with pytest.raises(NodeError, match="'its probe' failed in process: the cable is loose") as caught:
            await pipeline.run([frame(3)])
    assert caught.value.sequence_id == 3


@pytest.mark.contract("L2")
@pytest.mark.parametrize("engines_own", [False, True])
@virtual_time
async def test_a_node_that_does_not_like_its_stream_says_so_at_the_frame_that_brings_it(engines_own):
    class Particular(ProcessingNode):
        def configure(self, info):
            if info.sample_rate == 500:
                raise NodeError("its probe", message="too slow") if engines_own else ValueError("too slow")

        def process(self, item):
            return item

    with registered(Particular):
        pipeline = AsyncPipeline(chain(node("a", "Particular")), collect=["a"])
        words = "'its probe' failed in process: too slow" if engines_own else "'a' failed in configure: V"
        with pytest.raises(NodeError, match=words) as caught:
            await pipeline.run([at(1000, 0), at(1000, 1), at(500, 2)])
    assert caught.value.sequence_id == 2
    assert numbers(pipeline.report.outputs["a"]) == [0, 1]


@pytest.mark.contract("N9")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_node_with_several_outputs_may_give_nothing(awaits):
    class Plain(ProcessingNode):
        outputs = ("a", "b")

        def process(self, item):
            return {"a": item, "b": [item, item]} if item.sequence_id else None

    class Awaits(Plain):
        async def process(self, item):
            return Plain.process(self, item)

    with registered(Plain, Awaits):
        pipeline = AsyncPipeline(chain(node("p", "Awaits" if awaits else "Plain")), collect=["p.a", "p.b"])
        report = await pipeline.run(frames(3))
    assert (numbers(report.outputs["p.a"]), numbers(report.outputs["p.b"])) == ([1, 2], [1, 1, 2, 2])
    conserved(pipeline)


@pytest.mark.contract("N9", "L2")
@pytest.mark.parametrize(
    ("result", "words"),
    [
        (frame(0), r"expected a mapping with the ports \['a', 'b'\], found DataFrame"),
        ({"c": frame(0)}, r"expected a mapping with the ports \['a', 'b'\], found \{'c'"),
        ({"a": frame(0), "b": 5}, "expected a frame, a list of frames or None, found int"),
        (5, r"expected a mapping with the ports \['a', 'b'\], found 5"),
    ],
    ids=["a frame", "another port", "no frame", "a number"],
)
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_what_does_not_fit_the_ports_is_said_with_what_would(result, words, awaits):
    class Plain(ProcessingNode):
        outputs = ("a", "b")

        def process(self, item):
            return result

    class Awaits(Plain):
        async def process(self, item):
            return result

    with registered(Plain, Awaits):
        pipeline = AsyncPipeline(chain(node("p", "Awaits" if awaits else "Plain")))
        with pytest.raises(NodeError, match=words) as caught:
            await pipeline.run(frames(2))
    assert caught.value.node_id == "p"
    conserved(pipeline)


@pytest.mark.contract("N9")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_node_without_outputs_takes_and_gives_nothing(awaits):
    taken = []

    class Ends(ProcessingNode):
        outputs = ()

        def process(self, item):
            taken.append(item.sequence_id)
            return item

    class Awaits(Ends):
        async def process(self, item):
            return Ends.process(self, item)

    with registered(Ends, Awaits):
        pipeline = AsyncPipeline(chain(node("a", "Pass"), node("z", "Awaits" if awaits else "Ends")))
        report = await pipeline.run(frames(3))
    assert (taken, report.nodes["z"].frames_in) == ([0, 1, 2], 3)
    conserved(pipeline)


def test_the_time_per_frame_is_that_of_the_frames_that_were_timed():
    assert NodeMetrics().busy == 0.0
    assert NodeMetrics(frames_in=640, timed=10, timed_seconds=0.25).busy == 0.025
