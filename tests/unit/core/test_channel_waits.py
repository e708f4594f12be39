"""Room at each of several channels, for who gives them all the same frame."""

from __future__ import annotations

import asyncio

import pytest

from streamlab.core.channel import channel
from streamlab.core.channel_waits import send_each
from streamlab.testing import virtual_time
from streams import frame


@pytest.mark.contract("B4")
@virtual_time
async def test_each_reader_gets_a_frame_as_soon_as_it_has_room_whatever_the_order():
    (one_tx, one), (two_tx, two), (gone_tx, gone) = channel(1), channel(1), channel(1)
    for tx in (one_tx, two_tx, gone_tx):
        await tx.send(frame(0))
    sending = asyncio.create_task(send_each([one_tx, two_tx, gone_tx], frame(1)))
    await asyncio.sleep(1)
    assert (await two.recv()).sequence_id == 0
    assert (await two.recv()).sequence_id == 1  # although the first still has no room
    assert not sending.done()
    gone.close()
    assert (await one.recv()).sequence_id == 0
    assert (await one.recv()).sequence_id == 1
    assert await sending == [gone_tx]


@pytest.mark.contract("B6")
@virtual_time
async def test_a_send_to_several_that_is_cancelled_leaves_no_slot_behind():
    (one_tx, one), (two_tx, two) = channel(1), channel(1)
    for tx in (one_tx, two_tx):
        await tx.send(frame(0))
    sending = asyncio.create_task(send_each([one_tx, two_tx], frame(1)))
    await asyncio.sleep(1)
    one.try_recv()
    one.release()  # it is granted the slot in the turn in which it is cancelled
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    two.try_recv()
    two.release()
    for tx, rx in ((one_tx, one), (two_tx, two)):
        look = rx.statistics()
        assert (look.queued, look.reserved, look.waiting_senders) == (0, 0, 0)
        tx.try_send(frame(2))
        assert rx.try_recv().sequence_id == 2


@virtual_time
async def test_a_send_to_several_leaves_out_those_that_are_closed_from_the_start():
    (one_tx, one), (two_tx, two) = channel(1), channel(1)
    one.close()
    assert await send_each([one_tx, two_tx], frame(0)) == [one_tx]
    assert two.try_recv().sequence_id == 0
