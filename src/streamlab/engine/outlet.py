"""Outlet: where the frames of one output port go. The same frame to every reader, nothing copied."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from streamlab.core.channel import Sender
from streamlab.core.channel_state import ChannelStatistics, gravest
from streamlab.core.channel_waits import send_each
from streamlab.core.frame import DataFrame
from streamlab.errors import ChannelClosed, WouldBlock

__all__ = ["Collector", "Outlet", "Tap"]


class Tap(Protocol):
    """A reader beside the edges: a subscription or a collector.

    One that always has room says so by a true ``never_waits``, and then several frames may be handed on at
    once.
    """

    @property
    def has_room(self) -> bool:
        """Whether it can take a frame without waiting."""

    def offer(self, frame: DataFrame) -> bool:
        """Take the frame now; False when it has to wait."""

    async def send(self, frame: DataFrame) -> None:
        """Take the frame, waiting for room."""

    def close(self, reason: str = ..., *, gap: int = ...) -> None:
        """The stream has ended."""


class Collector:
    """Keeps every frame of a port (``collect=``; the outputs of a job). It always has room."""

    __slots__ = ("frames",)

    has_room = never_waits = True

    def __init__(self) -> None:
        self.frames: list[DataFrame] = []

    def offer(self, frame: DataFrame) -> bool:
        """Take the frame."""
        self.frames.append(frame)
        return True

    async def send(self, frame: DataFrame) -> None:
        """Take the frame."""
        self.frames.append(frame)

    def close(self, reason: str = "completed", *, gap: int = 0) -> None:
        """Nothing to end."""


class _Stream:
    """What an outlet and its clones have in common: one stream, over when the last of them is closed."""

    __slots__ = ("gap", "reason", "senders", "sent", "taps")

    def __init__(self) -> None:
        self.senders: list[Outlet] = []
        self.sent = 0
        self.reason = "completed"
        self.gap = 0
        self.taps: list[Tap] = []


class Outlet:
    """Hands frames to every reader of a port, in order.

    First to all that have room, then to those that must be waited for. The output of a node with several
    may lose all its readers: what it gives then goes nowhere, as long as another one is read.

    Looks like a Sender to a node that drives its own channels.
    """

    __slots__ = ("_closed", "_had_edges", "_lossy", "_others", "_stream", "edges", "inherit", "taps")

    def __init__(self, edges: list[Sender], stream: _Stream | None = None) -> None:
        self._stream = stream or _Stream()
        self._stream.senders.append(self)
        self.edges = edges
        self.taps = self._stream.taps  # one list for all clones
        self._had_edges = bool(edges)
        self._lossy = any(edge.state.policy != "block" for edge in edges)
        self._closed = False
        self._others: Sequence[Outlet] = ()
        self.inherit: Callable[[str, int], tuple[str, int]] | None = None

    @classmethod
    def of_node(cls, edges: Mapping[str, list[Sender]]) -> "dict[str, Outlet]":
        """Return an outlet for each port of a node."""
        outlets = {port: cls(senders) for port, senders in edges.items()}
        if len(outlets) > 1:
            for outlet in outlets.values():
                outlet._others = [other for other in outlets.values() if other is not outlet]
        return outlets

    @property
    def pushes_back(self) -> bool:
        """Whether a reader can make the sender wait."""
        return bool(self.taps) or not self._lossy or any(edge.state.policy == "block" for edge in self.edges)

    def offer(self, frame: DataFrame) -> list[Sender | Tap] | None:
        """Give the frame to all that have room.

        Returns what ``settle`` must see to, None when everyone has it.

        Raises ChannelClosed when every edge of the node was closed by its reader.
        """
        late: list[Sender | Tap] | None = None
        if not self.edges:
            self._check_read()
        for edge in self.edges:
            try:
                if edge.offer(frame):
                    continue
            except ChannelClosed:
                self._forget(edge)
                continue
            late = [edge] if late is None else [*late, edge]
        for tap in tuple(self.taps) if self.taps else ():
            try:
                if tap.offer(frame):
                    continue
            except ChannelClosed:
                self._forget(tap)
                continue
            late = [tap] if late is None else [*late, tap]
        if late is None and self._lossy and any(edge.crowded for edge in self.edges):
            return []
        return late

    async def settle(self, frame: DataFrame, late: list[Sender | Tap]) -> None:
        """Wait for the readers that had no room: each gets the frame as soon as it has.

        Where an edge would drop its next frame, give its reader a turn first.
        """
        if not late:
            await asyncio.sleep(0)
            return
        senders = [reader for reader in late if isinstance(reader, Sender)]
        if len(senders) > 1:
            # One that waits for what another makes of this frame must not keep it from that other.
            for reader in await send_each(senders, frame):
                self._forget(reader)
            late = [other for other in late if other not in senders]
        for other in late:
            try:
                await other.send(frame)
            except ChannelClosed:
                self._forget(other)

    def _forget(self, reader: Sender | Tap) -> None:
        """Leave out a reader that is gone.

        The edges are in a new list then: the old one may be being walked through.
        """
        self.edges = [edge for edge in self.edges if edge is not reader]
        self.taps[:] = [tap for tap in self.taps if tap is not reader]
        self._check_read()

    def _check_read(self) -> None:
        if self._had_edges and not self.edges and not any(other.read for other in self._others):
            raise ChannelClosed("nobody reads this output any more")

    @property
    def read(self) -> bool:
        """Whether an edge has a reader."""
        return not all(edge.closed for edge in self.edges)

    async def send(self, frame: DataFrame) -> None:
        """Give the frame to every reader, waiting for those without room.

        Raises ChannelClosed when all edges are closed.
        """
        self._check_open()
        self._stream.sent += 1
        late = self.offer(frame.seal())
        if late is not None:
            await self.settle(frame, late)

    def try_send(self, frame: DataFrame) -> None:
        """Give the frame to every reader now.

        Raises WouldBlock (and gives it to none) when one has no room, ChannelClosed.
        """
        self._check_open()
        if not all(reader.has_room for reader in (*self.edges, *self.taps)):
            raise WouldBlock("a reader of this output has no room")
        self._stream.sent += 1
        self.offer(frame.seal())

    def _check_open(self) -> None:
        if self.closed:
            raise ChannelClosed("this output was closed, or nobody reads it any more")

    async def reserve(self) -> None:
        """Hold a slot on every edge, so that the next frame need not wait.

        Raises ChannelClosed when all edges are closed.
        """
        for edge in self.edges:
            try:
                await edge.reserve()
            except ChannelClosed:
                self._forget(edge)

    @property
    def holds(self) -> bool:
        """Whether a slot is reserved on some edge."""
        return any(edge.held for edge in self.edges)

    def cancel_reservations(self) -> None:
        """Give back what is still reserved."""
        for edge in self.edges:
            while edge.held:
                edge.cancel_reservation()

    def try_reserve(self) -> bool:
        """Hold a slot on every edge if all have one free now."""
        for at, edge in enumerate(self.edges):
            if edge.closed or not edge.try_reserve():
                for other in self.edges[:at]:
                    other.cancel_reservation()
                return False
        return True

    def reserve_more(self, most: int) -> int:
        """Hold up to ``most`` further slots on every edge, the same number on each, and return how many.

        Raises ChannelClosed when all edges are closed.
        """
        for edge in [edge for edge in self.edges if edge.closed]:
            self._forget(edge)
        if not self.edges or not self._taps_never_wait():
            return 0
        held = [edge.reserve_more(most) for edge in self.edges]
        count = min(held)
        for edge, more in zip(self.edges, held, strict=True):
            for _ in range(more - count):
                edge.cancel_reservation()
        return count

    def takes(self, count: int) -> bool:
        """Whether every reader is still there with so many slots held, or never waits."""
        ready = all(edge.held >= count and not edge.closed for edge in self.edges)
        return ready and bool(self.edges) and self._taps_never_wait()

    def _taps_never_wait(self) -> bool:
        return not self.taps or all(getattr(tap, "never_waits", False) for tap in self.taps)

    def offer_all(self, frames: Sequence[DataFrame]) -> None:
        """Give each of the frames to every reader, who all have slots for them (``takes``)."""
        for edge in self.edges:
            edge.commit_all(frames)
        for tap in tuple(self.taps):
            try:
                for frame in frames:
                    tap.offer(frame)
            except ChannelClosed:
                self._forget(tap)

    def close(self, reason: str = "completed", *, gap: int = 0) -> None:
        """End the stream for every reader."""
        if self._closed:
            return
        self._closed = True
        stream = self._stream
        stream.senders.remove(self)
        if self.inherit is not None:
            reason, total = self.inherit(reason, gap)
            gap = gap if stream.senders else total  # once for all of them
        stream.reason = gravest([stream.reason, reason])
        stream.gap += gap
        for edge in self.edges:
            edge.close(reason, gap=gap)
        if not stream.senders:
            for tap in self.taps:
                tap.close(stream.reason, gap=stream.gap)

    def end(self, reason: str) -> None:
        """End the stream for every reader, clones that were left open included."""
        for sender in tuple(self._stream.senders):
            sender.close(reason)

    def clone(self) -> "Outlet":
        """Return a further sender to the same readers. Raises ChannelClosed when this one is closed."""
        self._check_open()
        twin = Outlet([edge.clone() for edge in self.edges if not edge.closed], self._stream)
        twin._had_edges, twin._others, twin.inherit = self._had_edges, self._others, self.inherit
        return twin

    @property
    def sent(self) -> int:
        """Frames that a node which drives its channels has sent here, through clones too."""
        return self._stream.sent

    @property
    def closed(self) -> bool:
        """Whether sending is over."""
        left = self._had_edges and not self.read
        return self._closed or (left and not any(other.read for other in self._others))

    def statistics(self) -> ChannelStatistics:
        """Return the statistics of the first edge. Raises ChannelClosed when there is none."""
        if not self.edges:
            raise ChannelClosed("nobody reads this output")
        return self.edges[0].statistics()
