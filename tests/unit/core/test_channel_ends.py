"""The two ends of a channel, one thing at a time: who is woken, who is refused, what a closed end leaves."""

from __future__ import annotations

import asyncio

import pytest

from streamlab.core.channel import channel
from streamlab.core.channel_waits import send_all, wait_any
from streamlab.errors import ChannelClosed, EdgeOverflow, EndOfStream, WouldBlock
from streamlab.testing import virtual_time
from streams import drain, frame, frames, gaps, numbers


@pytest.mark.contract("B6")
@virtual_time
async def test_a_sender_that_is_closed_while_it_waits_has_sent_nothing():
    tx, rx = channel(1, label="a -> b")
    other = tx.clone()
    tx.try_send(frame(0))
    waiting = [asyncio.create_task(tx.send(frame(1))), asyncio.create_task(other.send(frame(2)))]
    await asyncio.sleep(1)
    assert rx.statistics().waiting_senders == 2
    tx.close("stopped")
    with pytest.raises(ChannelClosed, match="edge a -> b: this sender was closed"):
        await waiting[0]
    assert rx.statistics().waiting_senders == 1
    assert (await rx.recv()).sequence_id == 0
    assert (await rx.recv()).sequence_id == 2  # the place of the closed one went to the next in line
    await waiting[1]
    other.close()
    with pytest.raises(EndOfStream) as end:
        await rx.recv()
    assert end.value.reason == "stopped"
    assert (rx.statistics().sent, rx.statistics().done) == (2, 2)


@virtual_time
async def test_what_a_closed_sender_had_reserved_is_free_for_others():
    tx, rx = channel(2)
    other = tx.clone()
    assert tx.try_reserve()
    assert tx.try_reserve()
    waiting = asyncio.create_task(other.send(frame(0)))
    await asyncio.sleep(1)
    assert not waiting.done()
    tx.close()
    await waiting
    assert (rx.statistics().queued, rx.statistics().reserved) == (1, 0)


@pytest.mark.contract("B6")
@virtual_time
async def test_a_sender_that_is_closed_in_the_turn_in_which_it_got_its_slot_gives_it_back():
    tx, rx = channel(1)
    other = tx.clone()
    tx.try_send(frame(0))
    waiting = asyncio.create_task(tx.send(frame(1)))
    await asyncio.sleep(1)
    rx.try_recv()
    rx.release()
    tx.close()
    with pytest.raises(ChannelClosed):
        await waiting
    assert (rx.statistics().reserved, rx.statistics().sent) == (0, 1)
    other.try_send(frame(2))


@virtual_time
async def test_where_nobody_has_to_wait_nothing_is_reserved():
    tx, rx = channel(1, "latest")
    for number in range(3):
        await tx.reserve()
        assert rx.statistics().reserved == 0
        tx.commit(frame(number))
    assert rx.try_recv().sequence_id == 2


@pytest.mark.contract("E6")
@pytest.mark.parametrize(
    ("first", "last", "graver"),
    [
        ("stopped", "completed", "stopped"),
        ("completed", "stopped", "stopped"),
        ("stopped", "failed", "failed"),
        ("failed", "cancelled", "failed"),
    ],
)
@virtual_time
async def test_a_stream_of_several_senders_ends_with_the_last_and_the_gravest_reason(first, last, graver):
    tx, rx = channel(4)
    other = tx.clone()
    tx.try_send(frame(0))
    tx.close(first, gap=2)
    tx.close("cancelled", gap=50)  # closed already
    other.try_send(frame(1))
    assert rx.statistics().reason == first
    other.close(last, gap=3)
    assert numbers([await rx.recv(), await rx.recv()]) == [0, 1]
    with pytest.raises(EndOfStream) as end:
        await rx.recv()
    assert (end.value.reason, end.value.gap) == (graver, 5)


@pytest.mark.contract("B3")
@virtual_time
async def test_a_full_edge_that_does_not_block_overflows_or_drops_by_its_policy():
    for policy, kept, lost, end_gap in (
        ("drop_oldest", [3, 4], [12, 0], 0),
        ("latest", [4], [16], 0),
        ("drop_newest", [0, 1], [0, 0], 12),
    ):
        tx, rx = channel(2, policy)
        assert not tx.crowded
        for item in frames(5):
            tx.try_send(item)
        assert tx.crowded
        assert tx.has_room  # nobody has to wait here
        tx.close()
        got = [rx.take() for _ in range(rx.statistics().queued)]
        assert (numbers(got), gaps(got)) == (kept, lost)
        with pytest.raises(EndOfStream) as end:
            rx.take()
        assert end.value.gap == end_gap
        assert rx.statistics().dropped == 5 - len(kept)
    tx, rx = channel(1, "error", label="a -> b")
    tx.try_send(frame(0))
    with pytest.raises(EdgeOverflow, match="edge a -> b overflowed: it holds 1 frames, policy 'error'"):
        await tx.send(frame(1))
    assert rx.statistics().sent == 1


@pytest.mark.contract("F7", "B3")
@virtual_time
async def test_frames_in_work_count_for_the_edge_that_keeps_what_it_has():
    tx, rx = channel(2, "drop_newest")
    tx.try_send(frame(0))
    tx.try_send(frame(1))
    assert rx.try_recv().sequence_id == 0
    tx.try_send(frame(2))  # one in work and one in the queue: no room
    assert rx.try_recv().sequence_id == 1
    tx.try_send(frame(3))
    got = rx.try_recv()
    assert (got.sequence_id, got.gap) == (3, 4)


@virtual_time
async def test_a_channel_has_one_reader():
    _, rx = channel(1, label="a -> b")
    waiting = asyncio.create_task(rx.recv())
    await asyncio.sleep(1)
    with pytest.raises(
        RuntimeError, match="edge a -> b is being waited for already: a channel has one reader"
    ):
        await rx.recv()
    (_, other) = channel(1)
    with pytest.raises(RuntimeError, match="one reader"):
        await wait_any([other, rx])
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    waiting = asyncio.create_task(wait_any([other, rx]))  # nobody waits any more, for neither of them
    await asyncio.sleep(1)
    waiting.cancel()


@virtual_time
async def test_who_waits_for_one_of_several_goes_on_with_the_first_that_has_something():
    ends = [channel(1) for _ in range(3)]
    readers = [rx for _, rx in ends]
    sends = [tx for tx, _ in ends]
    for wake in (lambda: sends[1].try_send(frame(0)), sends[2].close, readers[0].close):
        waiting = asyncio.create_task(wait_any(readers))
        await asyncio.sleep(1)
        assert not waiting.done()
        wake()
        await waiting
        await wait_any(readers)  # still so
        readers = [rx for rx in readers if not rx.ready]
    assert readers == []


@virtual_time
async def test_a_reader_that_is_closed_twice_or_in_between_is_closed():
    tx, rx = channel(2)
    tx.try_send(frame(0))
    tx.try_send(frame(1))
    with rx:
        assert (await rx.recv()).sequence_id == 0
    rx.close()
    counts = rx.statistics()
    assert (counts.done, counts.queued, counts.taken, counts.undelivered) == (1, 0, 0, 1)
    assert tx.closed
    for call in (rx.try_recv, lambda: tx.try_send(frame(2)), tx.clone, tx.try_reserve):
        with pytest.raises(ChannelClosed, match=r"this receiver was closed|its receiver is closed"):
            call()
    with pytest.raises(ChannelClosed):
        await rx.recv()


@virtual_time
async def test_an_empty_channel_says_so_until_its_end():
    tx, rx = channel(1, label="a -> b")
    with pytest.raises(WouldBlock, match="edge a -> b is empty"):
        rx.try_recv()
    await asyncio.gather(tx.send(frame(0)), rx.wait())
    await rx.wait()  # it is ready
    tx.close()
    assert numbers(await drain(rx)) == [0]
    assert numbers(await drain(rx)) == []


@pytest.mark.contract("B1")
@virtual_time
async def test_slots_are_given_back_one_by_one_done_failed_or_unwanted():
    tx, rx = channel(3)
    for item in frames(3):
        tx.try_send(item)
    for _ in range(3):
        rx.take()
    with pytest.raises(WouldBlock, match="is full"):
        tx.try_send(frame(3))
    waiting = [asyncio.create_task(tx.send(frame(number))) for number in (3, 4, 5)]
    await asyncio.sleep(1)
    for give_back, count in ((rx.release, 1), (rx.state.fail, 2), (rx.state.discard, 3)):
        give_back()
        await asyncio.sleep(1)
        assert [task.done() for task in waiting].count(True) == count
    counts = rx.statistics()
    assert (counts.done, counts.failed, counts.dropped, counts.queued) == (1, 1, 1, 3)


@pytest.mark.contract("E5")
@virtual_time
async def test_send_all_gives_to_none_where_one_closes_meanwhile():
    (one, rx_one), (two, rx_two) = channel(1), channel(1)
    two.try_send(frame(0))
    sending = asyncio.create_task(send_all([one, two], frame(1)))
    await asyncio.sleep(1)
    assert rx_one.statistics().reserved == 1
    rx_one.close()
    assert (await rx_two.recv()).sequence_id == 0
    rx_two.release()
    with pytest.raises(ChannelClosed):
        await sending
    counts = rx_two.statistics()
    assert (counts.queued, counts.reserved, counts.open_senders) == (0, 0, 1)
