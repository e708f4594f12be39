"""Channel: the bounded edge between two nodes. Many senders, one receiver, one event loop, no lock.

A frame occupies a slot from the moment it is sent (or a slot reserved) until its receiver is done with it,
so an edge of capacity c never holds more than c frames, those being worked on included. Cancelling a wait
leaves everything as it was.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Self

from streamlab.core.channel_state import (
    POLICIES,
    REASONS,
    ChannelState,
    ChannelStatistics,
    InLine,
    Policy,
    gravest,
    wait_ready,
)
from streamlab.core.frame import DataFrame
from streamlab.core.params import whole_number
from streamlab.errors import ChannelClosed, EdgeOverflow, EndOfStream, WouldBlock

__all__ = ["Receiver", "Sender", "channel"]


class Sender:
    """The end that frames go into. ``clone`` makes a further one; the stream ends when all are closed."""

    __slots__ = ("_held", "_open", "_waiting", "state")

    def __init__(self, state: ChannelState) -> None:
        self.state = state
        self._open = True
        self._held = 0
        self._waiting: list[asyncio.Future[bool]] = []

    async def send(self, frame: DataFrame) -> None:
        """Hand over a frame, waiting for a slot where the policy is ``block``.

        Cancelled while it waits, nothing was sent.

        Raises ChannelClosed when either end is closed, EdgeOverflow when the edge is full and the policy is
        ``error``.
        """
        if not self.offer(frame):
            await self.reserve()
            self.commit(frame)

    def try_send(self, frame: DataFrame) -> None:
        """Hand over a frame now.

        Raises WouldBlock when the edge is full and its policy is ``block``; else as ``send``.
        """
        self.check_open()
        state = self.state
        policy = state.policy
        if policy == "block":
            if state.send_waiters or state.free <= 0:
                raise WouldBlock(f"edge {state.label} is full ({state.capacity} frames)")
        elif policy in ("drop_oldest", "latest"):
            # These two promise the newest frames, so only what is queued counts: a frame in work cannot be
            # dropped any more.
            limit = 1 if policy == "latest" else state.capacity
            while len(state.queue) >= limit:
                oldest = state.queue.popleft()
                state.lost_head += oldest.advance + oldest.gap
                state.dropped += 1
        elif state.free <= 0:
            if policy == "error":
                raise EdgeOverflow(
                    f"edge {state.label} overflowed: it holds {state.capacity} frames, policy 'error'"
                )
            state.sent += 1
            state.dropped += not state.loose
            state.lost_tail += frame.advance + frame.gap
            return
        self._put(frame)

    def offer(self, frame: DataFrame) -> bool:
        """Hand over a frame unless that means waiting: returns False then.

        Uses the slot that was reserved, if there is one.

        Raises ChannelClosed, EdgeOverflow.
        """
        state = self.state
        if self._open and state.receiver_open and state.policy == "block":
            if self._held:
                self._held -= 1
                state.reserved -= 1
            elif state.send_waiters or len(state.queue) + state.taken + state.reserved >= state.capacity:
                return False
            self._put(frame)
        else:
            self.try_send(frame)
        return True

    async def reserve(self) -> None:
        """Wait for a slot and hold it; ``commit`` fills it, ``cancel_reservation`` gives it back.

        No-op unless ``block``. Raises ChannelClosed when either end is closed.
        """
        line = self.stand_in_line()
        if line is None:
            return
        try:
            await line.future
        except BaseException:
            if self.leave_line(line):  # granted and cancelled in one turn of the loop: for the next in line
                self.cancel_reservation()
            raise
        self.leave_line(line)
        if not self._open or not self.state.receiver_open:
            self.cancel_reservation()
            self.check_open()

    def stand_in_line(self) -> InLine | None:
        """Ask for a slot: None where it is held now, or none is needed, else what to wait for.

        Raises ChannelClosed.
        """
        if self.try_reserve():
            return None
        line = InLine(self.state)
        self._waiting.append(line.future)
        return line

    def leave_line(self, line: InLine) -> bool:
        """Wait no longer. Returns whether a slot was granted: it is held now."""
        self._waiting.remove(line.future)
        granted = line.leave()
        self._held += granted
        return granted

    def try_reserve(self) -> bool:
        """Hold a slot if one is free now.

        Always true for an edge that does not block. Raises ChannelClosed.
        """
        self.check_open()
        state = self.state
        if state.policy != "block":
            return True
        if state.send_waiters or state.free <= 0:
            return False
        state.reserved += 1
        self._held += 1
        return True

    def reserve_more(self, most: int) -> int:
        """Hold up to ``most`` further slots that are free now, and return how many.

        None on an edge that does not block. Raises ChannelClosed.
        """
        self.check_open()
        state = self.state
        if state.policy != "block" or state.send_waiters:
            return 0
        count = max(0, min(most, state.free))
        state.reserved += count
        self._held += count
        return count

    def commit_all(self, frames: Sequence[DataFrame]) -> None:
        """Send frames into slots that are ``held``. Raises ChannelClosed."""
        self.check_open()
        state = self.state
        self._held -= len(frames)
        state.reserved -= len(frames)
        state.sent += len(frames)
        state.queue.extend(frames)
        if state.recv_waiter is not None:
            state.wake_receiver()

    def commit(self, frame: DataFrame) -> None:
        """Send a frame into the slot that was reserved. Raises ChannelClosed, EdgeOverflow."""
        self.check_open()
        if self._held:
            self._held -= 1
            self.state.reserved -= 1
            self._put(frame)
        else:
            self.try_send(frame)

    def cancel_reservation(self) -> None:
        """Give a reserved slot back, if one is held."""
        if self._held:
            self._held -= 1
            self.state.reserved -= 1
            self.state.grant()

    @property
    def held(self) -> int:
        """Slots reserved here; none once an end is closed."""
        return self._held if self._open and self.state.receiver_open else 0

    def close(self, reason: str = "completed", *, gap: int = 0) -> None:
        """End this sender. When it is the last one, the stream ends after the frames before.

        ``reason`` is completed, stopped, cancelled or failed; of several senders' the gravest wins. ``gap``
        counts samples lost after the last frame. Closing twice is fine. Raises ValueError.
        """
        if reason not in REASONS:
            raise ValueError(f"reason: expected one of {', '.join(REASONS)}, found {reason!r}")
        if not self._open:
            return
        self._open = False
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(False)
        while self._held:
            self.cancel_reservation()
        state = self.state
        state.senders -= 1
        state.gap_at_end += gap
        state.reason = gravest([state.reason or "completed", reason])
        if state.senders == 0:
            state.wake_receiver()

    def clone(self) -> "Sender":
        """Return a further sender into the same channel. Raises ChannelClosed when this one is closed."""
        self.check_open()
        self.state.senders += 1
        return Sender(self.state)

    @property
    def has_room(self) -> bool:
        """Whether a frame can be handed over without waiting."""
        state = self.state
        return state.policy != "block" or (not state.send_waiters and state.free > 0)

    @property
    def crowded(self) -> bool:
        """Whether the next frame would cost one, by this edge's policy."""
        state = self.state
        return state.policy != "block" and len(state.queue) >= (
            1 if state.policy == "latest" else state.capacity
        )

    @property
    def closed(self) -> bool:
        """Whether sending is over: this end was closed or the receiver is gone."""
        return not self._open or not self.state.receiver_open

    def statistics(self) -> ChannelStatistics:
        """Return what is in the channel and what went through it."""
        return self.state.statistics()

    def _put(self, frame: DataFrame) -> None:
        state = self.state
        state.sent += 1
        if state.lost_tail:
            frame = frame.replace(gap=frame.gap + state.lost_tail).seal()
            state.lost_tail = 0
        state.queue.append(frame)
        if state.recv_waiter is not None:
            state.wake_receiver()

    def check_open(self) -> None:
        """Raise ChannelClosed when either end is closed."""
        if not self._open:
            raise ChannelClosed(f"edge {self.state.label}: this sender was closed")
        if not self.state.receiver_open:
            raise ChannelClosed(f"edge {self.state.label}: its receiver is closed")


class Receiver:
    """The end that frames come out of, in the order they were sent. One reader.

    The slot of a frame is given back at the next ``recv``, at ``close`` or, sooner, by ``release``.
    """

    __slots__ = ("state",)

    def __init__(self, state: ChannelState) -> None:
        self.state = state

    async def recv(self) -> DataFrame:
        """Return the next frame, waiting for it. Cancelled while it waits, nothing is lost.

        Raises EndOfStream (with the reason) when all senders are closed and nothing is left, ChannelClosed
        after ``close``.
        """
        state = self.state
        if state.taken:
            state.release(state.taken)
        while not self.ready:
            await self.wait()
        return self.try_recv()

    def try_recv(self) -> DataFrame:
        """Return the next frame if there is one. Raises WouldBlock, EndOfStream, ChannelClosed."""
        state = self.state
        if not state.receiver_open:
            raise ChannelClosed(f"edge {state.label}: this receiver was closed")
        if state.taken:
            state.release(state.taken)
        return self.take()

    def take(self) -> DataFrame:
        """As ``try_recv``, but the slots of frames taken before stay held.

        For readers that release one by one.
        """
        state = self.state
        if not state.queue:
            if state.senders == 0:
                raise EndOfStream(state.reason or "completed", state.trailing_gap)
            raise WouldBlock(f"edge {state.label} is empty")
        frame = state.queue.popleft()
        state.received += 1
        state.taken += 1
        if state.lost_head:
            frame = frame.replace(gap=frame.gap + state.lost_head).seal()
            state.lost_head = 0
        return frame

    def take_more(self, most: int) -> list[DataFrame]:
        """Take up to ``most`` frames that wait in the queue: as ``take``, one after the other."""
        state = self.state
        if state.lost_head:
            return [self.take()] if state.queue and most > 0 else []
        popleft = state.queue.popleft
        frames = [popleft() for _ in range(min(most, len(state.queue)))]
        state.received += len(frames)
        state.taken += len(frames)
        return frames

    def release(self, count: int = 1) -> None:
        """Give back the slots of the ``count`` oldest frames taken: their outputs are accepted downstream."""
        self.state.release(count)

    @property
    def ready(self) -> bool:
        """Whether ``take`` would give a frame or the end now."""
        state = self.state
        return bool(state.queue) or state.senders == 0 or not state.receiver_open

    async def wait(self) -> None:
        """Wait until ``ready``. One waiter at a time."""
        if self.ready:
            return
        await wait_ready((self.state,))

    def close(self) -> None:
        """Read no more: senders get ChannelClosed, frames still queued stay uncounted as done.

        Closing twice is fine.
        """
        state = self.state
        if not state.receiver_open:
            return
        if state.taken:
            state.release(state.taken)
        state.receiver_open = False
        state.queue.clear()  # counted as undelivered, and held by nobody any more
        state.drop_waiters()
        state.wake_receiver()

    def __aiter__(self) -> AsyncIterator[DataFrame]:
        return self

    async def __anext__(self) -> DataFrame:
        try:
            return await self.recv()
        except EndOfStream:
            raise StopAsyncIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def statistics(self) -> ChannelStatistics:
        """Return what is in the channel and what went through it."""
        return self.state.statistics()


def channel(capacity: int, policy: Policy = "block", *, label: str = "channel") -> tuple[Sender, Receiver]:
    """Make a channel of ``capacity`` frames and return its two ends.

    ``policy`` says what a full edge does with a further frame: ``block`` waits, ``drop_oldest`` keeps the
    newest ``capacity`` in the queue, ``latest`` the newest one, ``drop_newest`` keeps what is there,
    ``error`` raises EdgeOverflow. Drops are counted and mark a gap on the next frame.

    Raises ValueError when the capacity is not a whole number of at least 1 or the policy is unknown.
    """
    whole_number("capacity", capacity)
    if policy not in POLICIES:
        raise ValueError(f"policy: expected one of {', '.join(POLICIES)}, found {policy!r}")
    state = ChannelState(capacity, policy, label)
    return Sender(state), Receiver(state)
