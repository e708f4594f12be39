"""Waiting for several channels at once: the first of several receivers, room at each or at all senders."""

import asyncio
from collections.abc import Iterable

from streamlab.core.channel import Receiver, Sender
from streamlab.core.channel_state import InLine, wait_ready
from streamlab.core.frame import DataFrame
from streamlab.errors import ChannelClosed

__all__ = ["send_all", "send_each", "wait_any"]


async def wait_any(receivers: Iterable[Receiver]) -> None:
    """Wait until one of several receivers is ready (all of one event loop, each read by the caller only)."""
    await wait_ready([receiver.state for receiver in receivers])


async def send_all(senders: Iterable[Sender], frame: DataFrame) -> None:
    """Send to all or none: hold a slot everywhere first.

    Ends of its own, so that slots held here are nobody else's.
    """
    twins: list[Sender] = []
    try:
        for sender in senders:
            twins.append(sender.clone())
        for twin in twins:
            await twin.reserve()
        for twin in twins:
            twin.check_open()  # one that closed while we waited for the others
        for twin in twins:
            twin.commit(frame)
    finally:
        for twin in twins:
            twin.close()


async def send_each(senders: Iterable[Sender], frame: DataFrame) -> list[Sender]:
    """Send to each as soon as it has room, whoever is first; returns those that turned out to be closed.

    Cancelled, those who had no room until then have not got it.
    """
    closed: list[Sender] = []
    lines: dict[asyncio.Future[bool], tuple[Sender, InLine]] = {}
    try:
        for sender in senders:
            try:
                line = sender.stand_in_line()
            except ChannelClosed:
                closed.append(sender)
                continue
            if line is None:
                sender.commit(frame)
            else:
                lines[line.future] = sender, line
        while lines:
            await asyncio.wait(lines, return_when=asyncio.FIRST_COMPLETED)
            for future in [future for future in lines if future.done()]:
                sender, line = lines.pop(future)
                sender.leave_line(line)
                try:
                    sender.commit(frame)
                except ChannelClosed:
                    sender.cancel_reservation()
                    closed.append(sender)
    finally:
        for sender, line in lines.values():
            if sender.leave_line(line):
                sender.cancel_reservation()
    return closed
