"""An outlet gives every frame to all of its readers, and looks like a sender to a node that sends itself."""

from __future__ import annotations

import asyncio

import pytest

from streamlab.core import ProcessingNode
from streamlab.core.channel import channel
from streamlab.engine import AsyncPipeline
from streamlab.engine.outlet import Collector, Outlet
from streamlab.errors import ChannelClosed, EdgeOverflow, EndOfStream, WouldBlock
from streamlab.testing import registered, virtual_time
from streams import chain, conserved, drain, frame, frames, gaps, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


def outlet(*edges, taps=()):
    """An outlet with its readers: edges given as (capacity, policy)."""
    ends = [channel(*edge) for edge in edges]
    made = Outlet([tx for tx, _ in ends])
    made.taps.extend(taps)
    return made, [rx for _, rx in ends]


def ended(rx) -> tuple[list[int], str, int]:
    got = []
    while True:
        try:
            got.append(rx.try_recv().sequence_id)
        except EndOfStream as end:
            return got, end.reason, end.gap


# -- sending


@pytest.mark.contract("F4", "B4")
@virtual_time
async def test_send_gives_to_those_with_room_first_and_waits_for_the_others():
    collector = Collector()
    out, (slow, quick) = outlet((1,), (5,), taps=[collector])
    await out.send(frame(0))
    sending = asyncio.create_task(out.send(frame(1)))
    await asyncio.sleep(1)
    assert not sending.done()
    assert (slow.statistics().queued, quick.statistics().queued) == (1, 2)
    assert numbers(collector.frames) == [0, 1]
    one, two = slow.try_recv(), quick.try_recv()
    assert one is two
    slow.release()
    await sending
    assert out.sent == 2


@virtual_time
async def test_try_send_gives_to_all_or_none_subscribers_included():
    tap, subscriber = channel(2)
    out, (first, second) = outlet((3,), (1,), taps=[tap])
    out.try_send(frame(0))
    with pytest.raises(WouldBlock, match="a reader of this output has no room"):
        out.try_send(frame(1))
    second.try_recv()
    second.release()
    out.try_send(frame(2))
    second.try_recv()
    second.release()
    # Both edges have room now; a reader beside them that has none must not miss a frame either.
    with pytest.raises(WouldBlock):
        out.try_send(frame(3))
    assert [rx.statistics().sent for rx in (first, second, subscriber)] == [2, 2, 2]
    assert out.sent == 2


@virtual_time
async def test_a_reader_that_is_gone_is_left_out_and_when_all_edges_are_gone_it_is_said():
    tap, subscriber = channel(5)
    out, (first, second) = outlet((5,), (5,), taps=[tap])
    first.close()
    await out.send(frame(0))
    assert not out.closed
    assert (second.statistics().sent, subscriber.statistics().sent) == (1, 1)
    second.close()
    assert out.closed
    for call in (lambda: out.try_send(frame(1)), out.clone):
        with pytest.raises(ChannelClosed, match="this output was closed, or nobody reads it any more"):
            call()
    with pytest.raises(ChannelClosed):
        await out.send(frame(1))
    alone, _ = outlet(taps=[channel(1)[0]])
    alone.taps[0].close()
    await alone.send(frame(0))  # without edges there is nobody who could leave
    assert (alone.taps, alone.closed) == ([], False)


@virtual_time
async def test_a_reader_that_leaves_while_it_is_waited_for_is_left_out():
    tap, subscriber = channel(1)
    out, (rx,) = outlet((1,), taps=[tap])
    await out.send(frame(0))
    sending = asyncio.create_task(out.send(frame(1)))
    await asyncio.sleep(1)
    subscriber.close()
    assert (await rx.recv()).sequence_id == 0
    assert (await rx.recv()).sequence_id == 1
    await sending
    assert out.taps == []
    sending = asyncio.create_task(out.send(frame(2)))
    await asyncio.sleep(1)
    rx.close()
    with pytest.raises(ChannelClosed, match="nobody reads this output any more"):
        await sending


@virtual_time
async def test_an_edge_that_may_not_overflow_says_so_to_the_node():
    out, _ = outlet((1, "error"))
    out.try_send(frame(0))
    with pytest.raises(EdgeOverflow):
        out.try_send(frame(1))


# -- room


@virtual_time
async def test_room_is_reserved_on_all_edges_or_none():
    out, (first, second) = outlet((2,), (1,))
    assert out.try_reserve()
    assert not out.try_reserve()
    assert (first.statistics().reserved, second.statistics().reserved) == (1, 1)
    await out.send(frame(0))  # uses what was reserved
    assert (first.statistics().reserved, second.statistics().queued) == (0, 1)
    waiting = asyncio.create_task(out.reserve())
    await asyncio.sleep(1)
    assert not waiting.done()
    second.try_recv()
    second.release()
    await waiting
    out.cancel_reservations()
    assert (first.statistics().reserved, second.statistics().reserved) == (0, 0)
    assert out.pushes_back


@virtual_time
async def test_room_on_edges_whose_readers_left_is_no_longer_needed():
    out, (first, second) = outlet((1,), (1,))
    first.close()
    assert not out.try_reserve()  # it has to be looked at
    await out.reserve()
    assert second.statistics().reserved == 1
    second.close()
    with pytest.raises(ChannelClosed):
        await out.reserve()


@pytest.mark.parametrize(
    ("edges", "taps", "pushes"),
    [
        ([(1, "block")], 0, True),
        ([(1, "latest")], 0, False),
        ([(1, "drop_oldest"), (1, "block")], 0, True),
        ([(1, "latest")], 1, True),
        ([], 0, True),
    ],
)
def test_who_can_make_the_sender_wait(edges, taps, pushes):
    out, _ = outlet(*edges, taps=[Collector()] * taps)
    assert out.pushes_back is pushes


@virtual_time
async def test_statistics_are_those_of_the_first_edge():
    out, _ = outlet((3,), (2,))
    out.try_send(frame(0))
    assert (out.statistics().capacity, out.statistics().queued) == (3, 1)
    with pytest.raises(ChannelClosed, match="nobody reads this output"):
        outlet()[0].statistics()


def test_a_collector_keeps_whatever_way_a_frame_comes():
    collector = Collector()
    assert collector.has_room
    assert collector.offer(frame(0))
    asyncio.run(collector.send(frame(1)))
    collector.close("failed", gap=3)
    assert numbers(collector.frames) == [0, 1]


# -- ends and clones


@pytest.mark.contract("E6")
@virtual_time
async def test_the_stream_is_over_when_the_last_clone_is_closed_and_ends_with_the_gravest_reason():
    tap, subscriber = channel(9)
    out, (rx,) = outlet((9,), taps=[tap])
    twin = out.clone()
    third = twin.clone()
    out.try_send(frame(0))
    out.close("failed", gap=1)
    out.close("completed", gap=50)
    late, late_subscriber = channel(9)
    twin.taps.append(late)  # a reader that came later reads what any of them sends
    third.try_send(frame(1))
    third.close()
    twin.try_send(frame(2))
    assert rx.statistics().open_senders == 1
    twin.close("stopped", gap=2)
    assert (out.sent, twin.sent) == (3, 3)
    assert ended(rx) == ([0, 1, 2], "failed", 3)
    assert ended(subscriber) == ([0, 1, 2], "failed", 3)
    assert ended(late_subscriber) == ([1, 2], "failed", 3)


@pytest.mark.contract("E6")
@virtual_time
async def test_ending_ends_clones_that_were_left_open():
    tap, subscriber = channel(9)
    out, (gone, rx) = outlet((9,), (9,), taps=[tap])
    gone.close()
    twin = out.clone()  # of what is still read
    twin.try_send(frame(0))
    out.close()
    out.end("cancelled")
    out.end("failed")
    assert twin.closed
    assert ended(rx) == ended(subscriber) == ([0], "cancelled", 0)


class Spread(ProcessingNode):
    """Sends every frame from a task of its own, through a clone that it never closes."""

    async def run(self, rx, tx):
        async def send(end, item):
            await asyncio.sleep(1 / (1 + item.sequence_id))
            await end.send(item)

        async with asyncio.TaskGroup() as group:
            async for item in rx:
                group.create_task(send(tx.clone(), item))


@pytest.mark.contract("N2", "E6", "E7")
@virtual_time
async def test_a_node_may_send_from_many_tasks_and_forget_to_close():
    with registered(Spread):
        nodes = [node("spread", "Spread"), node("end", "PassAsync")]
        pipeline = AsyncPipeline(chain(*nodes), collect=["spread", "end"])
        report = await pipeline.run(frames(4))
    assert numbers(report.outputs["end"]) == numbers(report.outputs["spread"]) == [3, 2, 1, 0]
    assert (report.reason, report.nodes["spread"].emitted) == ("completed", 4)
    conserved(pipeline)


@pytest.mark.contract("E7")
@virtual_time
async def test_a_subscription_that_comes_late_reads_what_clones_send():
    class Cloned(ProcessingNode):
        async def run(self, rx, tx):
            twin = tx.clone()
            tx.close()
            async for item in rx:
                await twin.send(item)
            twin.close()

    with registered(Cloned):
        pipeline = AsyncPipeline(chain(node("a", "Cloned"), node("b", "PassAsync")))
        async with pipeline:
            await pipeline.trigger(frame(0))
            await asyncio.sleep(1)
            seen = pipeline.subscribe("a")
            await pipeline.trigger(frame(1))
            pipeline.finish()
            assert numbers([item async for item in seen]) == [1]
        conserved(pipeline)


@pytest.mark.contract("F7", "N2")
@pytest.mark.parametrize("clones", [0, 3])
@virtual_time
async def test_the_gap_at_the_end_of_the_input_is_inherited_once(clones):
    class Cloned(ProcessingNode):
        async def run(self, rx, tx):
            twins = [tx.clone() for _ in range(clones)]
            async for item in rx:
                await tx.send(item)
            for end in (*twins, tx):
                end.close()

    with registered(Cloned):
        nodes = [node("skip", "Failing", first=2, on_error="skip"), node("a", "Cloned")]
        pipeline = AsyncPipeline(graph(nodes, "skip > a"))
        seen = pipeline.subscribe("a")
        async with pipeline:
            for item in frames(5):
                await pipeline.trigger(item)
            pipeline.finish()
            await pipeline.wait()
        got = []
        with pytest.raises(EndOfStream) as end:
            while True:
                got.append(await seen.recv())
    assert (numbers(got), gaps(got), end.value.gap) == ([0, 1], [0, 0], 12)


@virtual_time
async def test_frames_sent_by_a_node_itself_are_drained_in_order():
    out, (rx,) = outlet((20,))
    for item in frames(6):
        out.try_send(item)
    out.close()
    assert numbers(await drain(rx)) == list(range(6))
