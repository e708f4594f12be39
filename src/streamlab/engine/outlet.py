"""Outlet: where the frames of one output port go. The same frame to every reader, nothing copied."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from streamlab.core.channel import Sender
from streamlab.core.channel_state import ChannelStatistics
from streamlab.core.frame import DataFrame
from streamlab.errors import ChannelClosed, WouldBlock

__all__ = ["Collector", "Outlet", "Tap"]


class Tap(Protocol):
    """A reader beside the edges: a subscription or a collector."""

    def offer(self, frame: DataFrame) -> bool:
        """Take the frame now; False when it has to wait."""

    async def send(self, frame: DataFrame) -> None:
        """Take the frame, waiting for room."""

    def close(self, reason: str = ..., *, gap: int = ...) -> None:
        """The stream has ended."""


class Collector:
    """Keeps every frame of a port (``collect=``; the outputs of a job)."""

    __slots__ = ("frames",)

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


class Outlet:
    """Hands frames to every reader of a port, in order.

    First to all that have room, then to those that must be waited for.

    Looks like a Sender to a node that drives its own channels.
    """

    __slots__ = ("_closed", "_had_edges", "_lossy", "_sent", "_shares", "edges", "inherit", "taps")

    def __init__(self, edges: list[Sender]) -> None:
        self.edges = edges
        self.taps: list[Tap] = []
        self._had_edges = bool(edges)
        self._lossy = any(edge.state.policy != "block" for edge in edges)
        self._closed = False
        self._shares = [1]
        self._sent = [0]
        self.inherit: Callable[[str, int], tuple[str, int]] | None = None

    @property
    def pushes_back(self) -> bool:
        """Whether a reader can make the sender wait."""
        return bool(self.taps) or not self._lossy or any(edge.state.policy == "block" for edge in self.edges)

    def offer(self, frame: DataFrame) -> list[Sender | Tap] | None:
        """Give the frame to all that have room.

        Returns what ``settle`` must see to, None when everyone has it.

        Raises ChannelClosed when every edge was closed by its reader.
        """
        late: list[Sender | Tap] | None = None
        for edge in self.edges:
            try:
                if edge.offer(frame):
                    continue
            except ChannelClosed:
                self._forget(edge)
                continue
            late = [edge] if late is None else [*late, edge]
        for tap in self.taps:
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
        """Wait for the readers that had no room.

        Where an edge would drop its next frame, give its reader a turn first.
        """
        for reader in late:
            try:
                await reader.send(frame)
            except ChannelClosed:
                self._forget(reader)
        if not late:
            await asyncio.sleep(0)

    def _forget(self, reader: Sender | Tap) -> None:
        """Leave out a reader that is gone (in new lists: the old ones may be being walked through)."""
        self.edges = [edge for edge in self.edges if edge is not reader]
        self.taps = [tap for tap in self.taps if tap is not reader]
        if self._had_edges and not self.edges:
            raise ChannelClosed("nobody reads this output any more")

    async def send(self, frame: DataFrame) -> None:
        """Give the frame to every reader, waiting for those without room.

        Raises ChannelClosed when all edges are closed.
        """
        self._check_open()
        self._sent[0] += 1
        late = self.offer(frame.seal())
        if late is not None:
            await self.settle(frame, late)

    def try_send(self, frame: DataFrame) -> None:
        """Give the frame to every reader now.

        Raises WouldBlock (and gives it to none) when one has no room, ChannelClosed.
        """
        self._check_open()
        if not all(edge.has_room for edge in self.edges):
            raise WouldBlock("a reader of this output has no room")
        self._sent[0] += 1
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
        """Hold up to ``most`` further slots on every edge, the same number on each, and return how many."""
        if self.taps or not self.edges:
            return 0
        held = [edge.reserve_more(most) for edge in self.edges]
        count = min(held)
        for edge, more in zip(self.edges, held, strict=True):
            for _ in range(more - count):
                edge.cancel_reservation()
        return count

    def takes(self, count: int) -> bool:
        """Whether every reader has so many slots held and nobody else reads along."""
        return not self.taps and bool(self.edges) and all(edge.held >= count for edge in self.edges)

    def offer_all(self, frames: Sequence[DataFrame]) -> None:
        """Give each of the frames to every reader, who all have slots for them (``takes``)."""
        for edge in self.edges:
            edge.commit_all(frames)

    def close(self, reason: str = "completed", *, gap: int = 0) -> None:
        """End the stream for every reader."""
        if self._closed:
            return
        self._closed = True
        if self.inherit is not None:
            reason, gap = self.inherit(reason, gap)
        self._shares[0] -= 1
        for edge in self.edges:
            edge.close(reason, gap=gap)
        if self._shares[0] == 0:
            for tap in self.taps:
                tap.close(reason, gap=gap)

    def clone(self) -> "Outlet":
        """Return a further sender to the same readers."""
        twin = Outlet([edge.clone() for edge in self.edges])
        twin.taps = self.taps
        twin._shares = self._shares
        twin._sent = self._sent
        twin.inherit = self.inherit
        self._shares[0] += 1
        return twin

    @property
    def sent(self) -> int:
        """Frames that a node which drives its channels has sent here, through clones too."""
        return self._sent[0]

    @property
    def closed(self) -> bool:
        """Whether sending is over."""
        return self._closed or (self._had_edges and not self.edges)

    def statistics(self) -> ChannelStatistics:
        """Return the statistics of the first edge. Raises ChannelClosed when there is none."""
        if not self.edges:
            raise ChannelClosed("nobody reads this output")
        return self.edges[0].statistics()
