"""Waiting for several channels at once: the first of several receivers, room at all of several senders."""

from collections.abc import Iterable

from streamlab.core.channel import Receiver, Sender
from streamlab.core.channel_state import wait_ready
from streamlab.core.frame import DataFrame

__all__ = ["send_all", "wait_any"]


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
