"""E2, B4: each output of a node has readers of its own, who come and go without a word in what others get."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from streamlab.core import DataFrame, ProcessingNode
from streamlab.core.channel import channel
from streamlab.engine import AsyncPipeline
from streamlab.engine.outlet import Outlet
from streamlab.errors import ChannelClosed
from streamlab.testing import registered, virtual_time
from streamlab.testing.nodes import Fork, Ticks
from streams import conserved, frame, graph, node, numbers


class ForkAsync(Fork):
    async def process(self, frame: DataFrame) -> dict[str, DataFrame]:
        return super().process(frame)


class ForkRun(ProcessingNode):
    outputs = ("a", "b")

    async def run(self, rx: Any, tx: Any) -> None:
        async for item in rx:
            await tx["a"].send(item)
            await tx["b"].send(item)


class ForkSource(Ticks):
    outputs = ("a", "b")

    def frames(self) -> Iterator[Any]:
        return ({"a": frame, "b": frame} for frame in self._plain())


@pytest.fixture(autouse=True)
def _types() -> Iterator[None]:
    with registered(), registered(ForkAsync, ForkRun, ForkSource):
        yield


def forked(kind: str, left: dict[str, Any], right: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A node with two outputs, one to each of two nodes."""
    nodes, edges = [node("fork", kind, count=20) if kind == "ForkSource" else node("fork", kind)], []
    if kind != "ForkSource":
        nodes.insert(0, node("src", "Ticks", count=20))
        edges.append("src > fork")
    edges += [("fork.a", left["id"], {}), ("fork.b", right["id"], {})]
    return graph([*nodes, left, right], edges, channel_capacity=2, **settings)


@pytest.mark.contract("E2", "E6", "B4")
@pytest.mark.parametrize("kind", ["Fork", "ForkAsync", "ForkRun", "ForkSource"])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@pytest.mark.parametrize("leaver", ["a", "b"])
@virtual_time
async def test_who_leaves_one_output_does_not_end_the_other(kind, executor, leaver):
    early, whole = node("early", "EarlyClose", count=3), node("whole", "Recorder")
    ends = (early, whole) if leaver == "a" else (whole, early)
    pipeline = AsyncPipeline(forked(kind, *ends, executor=executor), collect=["early", "whole"])
    report = await pipeline.run()
    assert numbers(report.outputs["whole"]) == list(range(20))
    assert numbers(report.outputs["early"]) == [0, 1, 2]
    assert (report.reason, report.errors) == ("completed", [])
    conserved(pipeline)


@pytest.mark.contract("E6", "N2")
@pytest.mark.parametrize("kind", ["Fork", "ForkAsync", "ForkRun", "ForkSource"])
@virtual_time
async def test_when_all_outputs_are_left_the_node_ends(kind):
    ends = (node("early", "EarlyClose", count=3), node("later", "EarlyClose", count=6))
    pipeline = AsyncPipeline(forked(kind, *ends), collect=["early", "later"])
    report = await pipeline.run()
    assert numbers(report.outputs["later"]) == list(range(6))
    assert report.nodes["fork"].emitted < 2 * 20  # it did not go on for nobody
    assert report.reason == "completed"
    conserved(pipeline)


@virtual_time
async def test_an_output_without_readers_swallows_until_the_last_one_of_the_node_is_gone():
    (left_tx, left), (right_tx, right) = channel(2), channel(2)
    outlets = Outlet.of_node({"a": [left_tx], "b": [right_tx]})
    left.close()
    for number in range(3):
        await outlets["a"].send(frame(number))
    outlets["a"].try_send(frame(3))
    twin = outlets["a"].clone()
    assert not outlets["a"].closed
    assert not twin.closed
    right.close()
    assert outlets["a"].closed
    for sender in (outlets["a"], outlets["b"], twin):
        with pytest.raises(ChannelClosed):
            await sender.send(frame(4))
    with pytest.raises(ChannelClosed, match="nobody reads this output any more"):
        outlets["a"].offer(frame(5))  # a node that only ever gives to this one hears of it, too


# -- several readers of a source, which hands on several frames in one go


class LeavesLater(ProcessingNode):
    """Takes a frame, and is gone a second later."""

    async def run(self, rx: Any, tx: Any) -> None:
        await tx.send(await rx.recv())
        await asyncio.sleep(1)
        rx.close()


@pytest.mark.contract("E2", "E6", "B4")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_reader_that_leaves_while_a_source_waits_for_another_does_not_end_it(executor):
    """There was room for it; by the time that there is room for the other one, it is gone."""
    with registered(LeavesLater):
        nodes = [
            node("src", "Ticks", count=20),
            node("early", "LeavesLater"),
            node("whole", "Slow", seconds=3.0),
        ]
        edges = [("src", "early", {"capacity": 9}), ("src", "whole", {"capacity": 1})]
        pipeline = AsyncPipeline(graph(nodes, edges, executor=executor), collect=["whole"])
        report = await pipeline.run()
    assert numbers(report.outputs["whole"]) == list(range(20))
    assert report.reason == "completed"
    conserved(pipeline)


@virtual_time
async def test_frames_are_handed_on_one_by_one_where_a_reader_has_gone_meanwhile():
    (early_tx, early), (whole_tx, whole) = channel(4), channel(4)
    out = Outlet([early_tx, whole_tx])
    assert out.try_reserve()
    assert out.reserve_more(9) == 3
    assert out.takes(4)
    early.close()
    assert not out.takes(4)
    for number in range(4):
        await out.send(frame(number))
    assert [whole.take().sequence_id for _ in range(4)] == [0, 1, 2, 3]
    assert out.edges == [whole_tx]
    whole.close()
    with pytest.raises(ChannelClosed):
        out.reserve_more(9)
