"""B6 and the channel by itself: a wait that is cancelled leaves everything as it was."""

import asyncio

import pytest

from streamlab.core import channel
from streamlab.core.channel_waits import send_all
from streamlab.engine import AsyncPipeline
from streamlab.errors import ChannelClosed, EdgeOverflow, EndOfStream, WouldBlock
from streamlab.testing import probe, virtual_time
from streams import chain, conserved, drain, frame, frames, node, numbers

pytestmark = [pytest.mark.usefixtures("test_nodes"), pytest.mark.contract("B6")]


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def cancel(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@virtual_time
async def test_a_cancelled_send_sent_nothing():
    tx, rx = channel(1)
    await tx.send(frame(0))
    waiting = asyncio.create_task(tx.send(frame(1)))
    await settle()
    await cancel(waiting)
    assert tx.statistics().waiting_senders == 0
    assert numbers([await rx.recv()]) == [0]
    rx.release()
    await tx.send(frame(2))
    tx.close()
    assert numbers(await drain(rx)) == [2]


@virtual_time
async def test_a_send_cancelled_in_the_turn_in_which_it_got_its_slot_passes_it_on():
    tx, rx = channel(1)
    await tx.send(frame(0))
    first = asyncio.create_task(tx.send(frame(1)))
    second = asyncio.create_task(tx.clone().send(frame(2)))
    await settle()
    await rx.recv()
    rx.release()  # the slot is granted to the first ...
    await cancel(first)  # ... which is gone before it could use it
    await second
    assert numbers([await rx.recv()]) == [2]
    assert (rx.statistics().reserved, rx.statistics().sent) == (0, 2)


@virtual_time
async def test_a_cancelled_recv_loses_nothing():
    tx, rx = channel(2)
    waiting = asyncio.create_task(rx.recv())
    await settle()
    tx.try_send(frame(0))  # wakes the receiver ...
    await cancel(waiting)  # ... which is cancelled in the same turn
    assert numbers([await rx.recv()]) == [0]
    assert rx.statistics().received == 1


@virtual_time
async def test_many_random_cancellations_lose_and_double_nothing():
    import random

    chance = random.Random(1)
    tx, rx = channel(2)
    sent, received = [], []

    async def sender(number):
        try:
            await tx.send(frame(number))
        except asyncio.CancelledError:
            return
        sent.append(number)

    async def receiver():
        while True:
            item = await rx.recv()
            received.append(item.sequence_id)
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)

    reader = asyncio.create_task(receiver())
    for number in range(400):
        task = asyncio.create_task(sender(number))
        await asyncio.sleep(0)
        if chance.random() < 0.4:
            task.cancel()
        if chance.random() < 0.1:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            reader = asyncio.create_task(receiver())
    await asyncio.sleep(1)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    assert received == sent
    assert 100 < len(sent) < 400
    assert (rx.statistics().reserved, rx.statistics().waiting_senders) == (0, 0)


@virtual_time
async def test_a_cancelled_trigger_was_not_given():
    pipeline = AsyncPipeline(chain(node("sink", "Gated", probe="sink"), channel_capacity=1))
    async with pipeline:
        await pipeline.trigger(frame(0))
        waiting = asyncio.create_task(pipeline.trigger(frame(1)))
        await settle()
        await cancel(waiting)
        probe("sink").gate.open()
        await pipeline.trigger(frame(2))
    assert probe("sink").numbers == [0, 2]
    conserved(pipeline)


@virtual_time
async def test_send_all_gives_to_all_or_none():
    ends = [channel(1), channel(1)]
    senders = [tx for tx, _ in ends]
    senders[1].try_send(frame(0))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await send_all(senders, frame(1))
    assert [rx.statistics().reserved for _, rx in ends] == [0, 0]
    assert [rx.statistics().queued for _, rx in ends] == [0, 1]
    ends[1][1].close()
    with pytest.raises(ChannelClosed):
        await send_all(senders, frame(2))
    assert ends[0][1].statistics().queued == 0


@virtual_time
async def test_recv_after_close_says_so():
    tx, rx = channel(2)
    await tx.send(frame(0))
    rx.close()
    rx.close()
    with pytest.raises(ChannelClosed, match="this receiver was closed"):
        await rx.recv()
    with pytest.raises(ChannelClosed, match="its receiver is closed"):
        await tx.send(frame(1))
    with pytest.raises(ChannelClosed):
        rx.try_recv()


@virtual_time
async def test_closing_the_receiver_wakes_who_waits_to_receive():
    _tx, rx = channel(1)
    waiting = asyncio.create_task(rx.recv())
    await settle()
    rx.close()
    with pytest.raises(ChannelClosed):
        await waiting


@virtual_time
async def test_closing_the_receiver_wakes_who_waits_to_send():
    tx, rx = channel(1)
    await tx.send(frame(0))
    waiting = [asyncio.create_task(tx.send(frame(number))) for number in (1, 2)]
    await settle()
    assert tx.statistics().waiting_senders == 2
    with rx:
        pass
    for task in waiting:
        with pytest.raises(ChannelClosed):
            await task
    assert tx.closed


@pytest.mark.contract("E6")
@virtual_time
async def test_the_end_travels_behind_the_frames_with_its_reason():
    tx, rx = channel(3)
    other = tx.clone()
    for item in frames(2):
        tx.try_send(item)
    tx.close("stopped", gap=3)
    tx.close("failed")  # closing twice is fine, and says nothing new
    other.try_send(frame(7))
    other.close()
    assert numbers(await drain(rx)) == [0, 1, 7]
    with pytest.raises(EndOfStream) as end:
        await rx.recv()
    assert (end.value.reason, end.value.gap) == ("stopped", 3)
    with pytest.raises(ChannelClosed):
        other.clone()


@virtual_time
async def test_reservations_are_used_or_given_back():
    tx, rx = channel(2)
    assert tx.try_reserve()
    await tx.reserve()
    assert not tx.try_reserve()
    assert not tx.clone().has_room
    tx.cancel_reservation()
    tx.commit(frame(0))
    tx.cancel_reservation()  # none is held: nothing happens
    tx.commit(frame(1))
    with pytest.raises(WouldBlock):
        tx.commit(frame(2))
    assert rx.statistics().queued == 2


@virtual_time
async def test_try_recv_and_edges_that_do_not_block():
    tx, rx = channel(1, "error")
    with pytest.raises(WouldBlock):
        rx.try_recv()
    assert tx.try_reserve()
    tx.try_send(frame(0))
    with pytest.raises(EdgeOverflow):
        tx.try_send(frame(1))
    assert numbers([rx.try_recv()]) == [0]
    tx.close()
    with pytest.raises(EndOfStream):
        rx.try_recv()


@pytest.mark.parametrize("capacity", [0, -1, 1.5, True, "2"])
def test_a_capacity_is_a_whole_number(capacity):
    with pytest.raises(ValueError, match="capacity"):
        channel(capacity)


def test_an_unknown_policy_and_an_unknown_reason_are_refused():
    with pytest.raises(ValueError, match="policy: expected one of block"):
        channel(1, "sometimes")
    with pytest.raises(ValueError, match="reason"):
        channel(1)[0].close("tired")
