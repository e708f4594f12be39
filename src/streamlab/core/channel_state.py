"""What the two ends of a channel share: the queue, its slots, who waits, and what went through it."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from streamlab.core.frame import DataFrame

__all__ = [
    "POLICIES",
    "REASONS",
    "ChannelState",
    "ChannelStatistics",
    "InLine",
    "Policy",
    "WaitMonitor",
    "gravest",
]

Policy = Literal["block", "drop_oldest", "drop_newest", "latest", "error"]
POLICIES: tuple[Policy, ...] = get_args(Policy)

REASONS = ("completed", "stopped", "cancelled", "failed")
"""How a stream may end, the gravest last."""


def gravest(reasons: Iterable[str]) -> str:
    """Return the gravest of several reasons: a stream made of others ends no better than any of them."""
    return max(reasons, key=REASONS.index)


@dataclass(frozen=True, slots=True)
class ChannelStatistics:
    """A look at a channel: what is in it now and what went through it so far (frames)."""

    capacity: int
    policy: Policy
    queued: int
    taken: int
    reserved: int
    sent: int
    received: int
    done: int
    dropped: int
    failed: int
    undelivered: int
    waiting_senders: int
    open_senders: int
    receiver_open: bool
    reason: str


class WaitMonitor(Protocol):
    """Told when someone begins and ends to wait on a channel; finds streams that cannot move."""

    def waits(
        self, state: "ChannelState", side: Literal["send", "recv"], future: "asyncio.Future[Any]"
    ) -> None:
        """``side`` begins to wait for ``future``."""

    def moves(self, state: "ChannelState", side: Literal["send", "recv"]) -> None:
        """``side`` waits no longer."""


class ChannelState:
    """What both ends share. Slots in use = queued + taken + reserved."""

    __slots__ = (
        "capacity", "done", "dropped", "failed", "gap_at_end", "label", "loose", "lost_head", "lost_tail",
        "monitor", "policy", "queue", "reason", "received", "receiver_open", "recv_waiter", "reserved",
        "send_waiters", "senders", "sent", "taken",
    )  # fmt: skip

    def __init__(self, capacity: int, policy: Policy, label: str) -> None:
        self.capacity = capacity
        self.policy = policy
        self.label = label
        self.queue: deque[DataFrame] = deque()
        self.taken = 0
        self.reserved = 0
        self.senders = 1
        self.receiver_open = True
        self.reason = ""
        self.gap_at_end = 0
        self.recv_waiter: asyncio.Future[None] | None = None
        self.send_waiters: deque[asyncio.Future[bool]] = deque()
        self.sent = self.received = self.done = self.dropped = self.failed = 0
        self.loose = False
        self.lost_head = 0  # samples dropped before the frame at the head of the queue
        self.lost_tail = 0  # samples dropped after the frame at its tail
        self.monitor: WaitMonitor | None = None

    @property
    def free(self) -> int:
        """Slots that nobody holds."""
        return self.capacity - len(self.queue) - self.taken - self.reserved

    def put_quietly(self, frames: Sequence[DataFrame]) -> None:
        """Queue frames in ``free`` slots; the receiver is not woken, for the caller does its work at once."""
        self.sent += len(frames)
        self.queue.extend(frames)

    def wake_receiver(self) -> None:
        """Let the receiver look again."""
        waiter = self.recv_waiter
        if waiter is not None:
            self.recv_waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def grant(self) -> None:
        """Give free slots to the senders that wait for them, first come, first served."""
        waiters = self.send_waiters
        while waiters and self.free > 0:
            waiter = waiters.popleft()
            if not waiter.done():
                self.reserved += 1
                waiter.set_result(True)

    def drop_waiters(self) -> None:
        """Wake the senders that wait; none of them gets a slot."""
        while self.send_waiters:
            waiter = self.send_waiters.popleft()
            if not waiter.done():
                waiter.set_result(False)

    def release(self, count: int = 1) -> None:
        """``count`` frames taken are done with: their outputs are accepted downstream."""
        self.taken -= count
        self.done += count
        if self.send_waiters:
            self.grant()

    def fail(self, count: int = 1) -> None:
        """``count`` frames taken could not be processed."""
        self.taken -= count
        self.failed += count
        if self.send_waiters:
            self.grant()

    def discard(self, count: int = 1) -> None:
        """``count`` frames taken were not wanted (no partner at a join)."""
        self.taken -= count
        self.dropped += count
        if self.send_waiters:
            self.grant()

    def abandon(self) -> None:
        """The receiver was cut off: what it held and what is queued will not be delivered."""
        self.taken = 0
        self.receiver_open = False
        self.queue.clear()  # counted as undelivered, and held by nobody any more
        self.drop_waiters()
        self.wake_receiver()

    def loosen(self) -> None:
        """Stop pushing back: from now on what does not fit is thrown away and counted as undelivered."""
        if self.policy == "block":
            self.policy = "drop_newest"
            self.loose = True
            self.drop_waiters()

    @property
    def undelivered(self) -> int:
        """Frames sent that nobody finished, dropped or failed on - what is still on its way included."""
        return self.sent - self.done - self.dropped - self.failed

    @property
    def trailing_gap(self) -> int:
        """Samples lost after the last frame in the queue; meant for the end of the stream."""
        return self.gap_at_end + self.lost_head + self.lost_tail

    def statistics(self) -> ChannelStatistics:
        """Return a look at the channel."""
        return ChannelStatistics(
            capacity=self.capacity,
            policy=self.policy,
            queued=len(self.queue),
            taken=self.taken,
            reserved=self.reserved,
            sent=self.sent,
            received=self.received,
            done=self.done,
            dropped=self.dropped,
            failed=self.failed,
            undelivered=self.undelivered,
            waiting_senders=sum(not waiter.done() for waiter in self.send_waiters),
            open_senders=self.senders,
            receiver_open=self.receiver_open,
            reason=self.reason,
        )


class InLine:
    """A sender in line for a slot: ``future`` is true once one is reserved for it, false at an end."""

    __slots__ = ("_state", "future")

    def __init__(self, state: ChannelState) -> None:
        self._state = state
        self.future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        state.send_waiters.append(self.future)
        if state.monitor is not None:
            state.monitor.waits(state, "send", self.future)

    def leave(self) -> bool:
        """Wait no longer. Returns whether a slot is reserved for who waited."""
        if self._state.monitor is not None:
            self._state.monitor.moves(self._state, "send")
        # One that is cancelled is passed over when a slot becomes free.
        return not self.future.cancel() and not self.future.cancelled() and self.future.result()


async def wait_ready(states: Sequence[ChannelState]) -> None:
    """Wait until one of several channels has a frame, or an end, for its receiver.

    Raises RuntimeError when one of them is being waited for already: a channel has one reader.
    """
    for state in states:
        if state.queue or state.senders == 0 or not state.receiver_open:
            return
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    for state in states:
        if state.recv_waiter is not None:
            raise RuntimeError(f"edge {state.label} is being waited for already: a channel has one reader")
    for state in states:
        state.recv_waiter = waiter
        if state.monitor is not None:
            state.monitor.waits(state, "recv", waiter)
    try:
        await waiter
    finally:
        for state in states:
            if state.recv_waiter is waiter:
                state.recv_waiter = None
            if state.monitor is not None:
                state.monitor.moves(state, "recv")
