"""Nodes that drive their own channels: how they may end, and what the engine makes of it."""

from __future__ import annotations

import asyncio
from itertools import permutations

import pytest

from streamlab.core import ProcessingNode, param
from streamlab.engine import AsyncPipeline
from streamlab.errors import EndOfStream, NodeError
from streamlab.testing import probe, registered, virtual_time
from streams import chain, conserved, frame, frames, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


class Says(ProcessingNode):
    """Hands on what it gets, then says how its stream ended whatever its input says."""

    reason: str = param(default="completed", doc="What it says")

    async def run(self, rx, tx):
        async for item in rx:
            await tx.send(item)
        tx.close(self.reason)


class Both(ProcessingNode):
    """Reads two inputs one after the other, and closes nothing."""

    inputs = ("a", "b")

    async def run(self, rx, tx):
        for port in self.inputs:
            async for item in rx[port]:
                await tx.send(item)


@pytest.fixture(autouse=True)
def types():
    with registered(Says, Both):
        yield


async def end_of(seen):
    got = []
    try:
        while True:
            got.append((await seen.recv()).sequence_id)
    except EndOfStream as end:
        return got, end.reason


@pytest.mark.contract("N2", "N10", "E6")
@pytest.mark.parametrize("reasons", list(permutations(["completed", "stopped", "cancelled", "failed"], 2)))
@virtual_time
async def test_a_stream_made_of_two_ends_no_better_than_either(reasons):
    nodes = [node(reason, "Says", reason=reason) for reason in reasons]
    nodes += [node("both", "Both"), node("z", "Judge")]
    edges = [(reasons[0], "both.a", {}), (reasons[1], "both.b", {}), "both > z"]
    pipeline = AsyncPipeline(graph(nodes, edges))
    seen = pipeline.subscribe("both")
    report = await pipeline.run(frames(2))
    graver = max(reasons, key=["completed", "stopped", "cancelled", "failed"].index)
    assert await end_of(seen) == ([0, 1, 0, 1], graver)
    # What rests on a stream that was cut off is no PASS, even if nobody raised anything.
    assert report.results["z"].outcome == ("PASS" if graver == "stopped" else "INVALID")
    conserved(pipeline)


@pytest.mark.contract("N2", "L2")
@virtual_time
async def test_a_node_may_let_the_end_of_its_input_or_the_loss_of_its_reader_end_it():
    class Recv(ProcessingNode):
        async def run(self, rx, tx):
            while True:
                await tx.send(await rx.recv())

    with registered(Recv):
        pipeline = AsyncPipeline(chain(node("a", "Recv"), node("b", "EarlyClose", count=2)))
        seen = pipeline.subscribe("a")
        async with pipeline:
            for item in frames(2):
                await pipeline.trigger(item)
            pipeline.finish()
            report = await pipeline.wait()
        assert await end_of(seen) == ([0, 1], "completed")
        assert report.reason == "completed"
        nodes = [node("src", "Ticks"), node("a", "Recv"), node("b", "EarlyClose", count=2, probe="b")]
        assert (await AsyncPipeline(chain(*nodes)).run()).reason == "completed"
        assert probe("b").numbers == [0, 1]
        pipeline = AsyncPipeline(chain(node("a", "Recv"), node("b", "Pass")))
        await pipeline.start()
        await pipeline.trigger(frame(0))
        assert (await pipeline.stop()).reason == "stopped"


@pytest.mark.contract("N9")
@pytest.mark.parametrize("reason", ["completed", "stopped", "cancelled", "failed"])
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_no_tail_comes_behind_a_stream_that_was_cut_off(reason, awaits):
    class Tail(ProcessingNode):
        def process(self, item):
            return item

        def flush(self):
            return frame(99)

    class Awaited(Tail):
        async def process(self, item):
            return item

    with registered(Tail, Awaited):
        nodes = [node("says", "Says", reason=reason), node("tail", "Awaited" if awaits else "Tail")]
        pipeline = AsyncPipeline(chain(*nodes))
        seen = pipeline.subscribe("tail")
        await pipeline.run(frames(2))
    tail = [99] if reason in ("completed", "stopped") else []
    assert await end_of(seen) == ([0, 1, *tail], reason)


@pytest.mark.contract("L2")
@pytest.mark.parametrize("engines_own", [False, True])
@virtual_time
async def test_a_node_that_raises_in_its_own_loop_is_named_and_its_frame_counted(engines_own):
    class Raises(ProcessingNode):
        async def run(self, rx, tx):
            async for item in rx:
                if item.sequence_id == 2:
                    raise NodeError("lamp", message="it is dark") if engines_own else KeyError("lamp")
                await tx.send(item)

    with registered(Raises):
        pipeline = AsyncPipeline(chain(node("a", "Raises")), collect=["a"])
        words = "'lamp' failed in process: it is dark" if engines_own else "'a' failed in run: KeyError"
        with pytest.raises(NodeError, match=words):
            await pipeline.run(frames(5))
    counts = conserved(pipeline).nodes["a"]
    assert (counts.frames_in, counts.frames_out, counts.failed) == (3, 2, 1)


@pytest.mark.contract("L4", "E6")
@virtual_time
async def test_a_node_that_is_cut_off_in_its_own_loop_leaves_its_frame_undelivered():
    class Hangs(ProcessingNode):
        async def run(self, rx, tx):
            async for item in rx:
                probe("h").enter(item)
                await asyncio.get_running_loop().create_future()

    with registered(Hangs):
        pipeline = AsyncPipeline(chain(node("a", "Hangs")))
        await pipeline.start()
        for item in frames(3):
            await pipeline.trigger(item)
        await asyncio.sleep(1)
        report = await pipeline.stop(timeout=2)
    assert asyncio.get_running_loop().time() == 3.0
    counts = conserved(pipeline).nodes["a"]
    assert (counts.frames_in, counts.undelivered) == (1, 1)
    assert report.edges["trigger -> a"].undelivered == 3


@pytest.mark.contract("N1")
@virtual_time
async def test_a_node_without_inputs_of_its_own_loop_gets_none():
    class Beacon(ProcessingNode):
        inputs = ()

        async def run(self, rx, tx):
            assert rx is None
            for item in frames(3):
                await tx.send(item)

    with registered(Beacon):
        pipeline = AsyncPipeline(chain(node("a", "Beacon"), node("b", "Pass")), collect=["b"])
        report = await pipeline.run()
    assert numbers(report.outputs["b"]) == [0, 1, 2]
    assert (report.reason, report.nodes["a"].emitted) == ("completed", 3)
    conserved(pipeline)
