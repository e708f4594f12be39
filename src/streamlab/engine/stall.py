"""Finds a stream that cannot move any more.

Everyone waits, and nobody for something that can still happen (E11).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from streamlab.core.channel_state import ChannelState
from streamlab.errors import StalledError

__all__ = ["StallMonitor"]

Side = Literal["send", "recv"]


@dataclass(slots=True)
class _Member:
    """A segment as the monitor sees it: its name, and what it waits for now."""

    name: str = ""
    timed: bool = False
    task: "asyncio.Task[Any] | None" = None
    waits: dict[tuple[ChannelState, Side], "asyncio.Future[Any]"] = field(default_factory=dict)


class StallMonitor:
    """Hears of every wait on an edge. When all segments wait, it asks whether one of them can hope.

    A segment has hope when its wait is over already, has a deadline, or is for someone outside (a trigger
    to come, a subscriber to read) or for a segment that has hope. If some have none, ``on_stall`` is called
    with a StalledError that says who waits for whom.
    """

    def __init__(self, on_stall: Callable[[StalledError], None]) -> None:
        self._on_stall = on_stall
        self._known: dict[int, _Member] = {}
        self._members: dict[int, _Member] = {}  # those that are not over
        self._ends: dict[Side, dict[ChannelState, _Member]] = {"send": {}, "recv": {}}
        self._waiting = 0  # members that wait
        self._check_due = False

    def add(self, index: int, name: str, timed: bool) -> None:
        """Watch a segment. ``timed``: its inputs have a deadline, so it never waits for ever."""
        member = self._known.setdefault(index, _Member())
        member.name, member.timed = name, timed
        self._members[index] = member

    def started(self, index: int, task: "asyncio.Task[Any] | None") -> None:
        """Learn which task is the segment's.

        A node's own helper tasks may wait without the segment being stuck.
        """
        self._members[index].task = task

    def ended(self, index: int) -> None:
        """Forget a segment that is over."""
        member = self._members.pop(index, None)
        if member is not None:
            member.task = None
            if member.waits:
                self._waiting -= 1

    def connect(self, state: ChannelState, sender: int | None, receiver: int | None) -> None:
        """Watch an edge between two segments; None is someone outside."""
        state.monitor = self
        if sender is not None:
            self._ends["send"][state] = self._known.setdefault(sender, _Member())
        if receiver is not None:
            self._ends["recv"][state] = self._known.setdefault(receiver, _Member())

    def waits(self, state: ChannelState, side: Side, future: "asyncio.Future[Any]") -> None:
        """See :class:`~streamlab.core.channel_state.WaitMonitor`."""
        member = self._ends[side].get(state)
        if member is None or member.task is None or asyncio.current_task() is not member.task:
            return
        if not member.waits:
            self._waiting += 1
        member.waits[state, side] = future
        if self._waiting == len(self._members) and not self._check_due and not self._one_moves():
            self._check_due = True
            asyncio.get_running_loop().call_soon(self._check)

    def moves(self, state: ChannelState, side: Side) -> None:
        """See :class:`~streamlab.core.channel_state.WaitMonitor`."""
        member = self._ends[side].get(state)
        if member is None or member.waits.pop((state, side), None) is None:
            return
        if not member.waits and member.task is not None:
            self._waiting -= 1

    def _one_moves(self) -> bool:
        """Whether the wait of some member is over, and it only has not had its turn yet."""
        for member in self._members.values():
            for future in member.waits.values():
                if future.done():
                    return True
        return False

    def _check(self) -> None:
        self._check_due = False
        if self._waiting < len(self._members):
            return
        stuck = list(self._members.values())
        moved = True
        while moved:
            left = [member for member in stuck if not self._has_hope(member, stuck)]
            moved = len(left) < len(stuck)
            stuck = left
        if stuck:
            self._on_stall(StalledError([line for member in stuck for line in self._lines(member)]))

    def _has_hope(self, member: _Member, stuck: list[_Member]) -> bool:
        if member.timed:
            return True
        for (state, side), future in member.waits.items():
            other = self._ends["recv" if side == "send" else "send"].get(state)
            if future.done() or other is None or not any(other is member for member in stuck):
                return True
        return False

    def _lines(self, member: _Member) -> Sequence[tuple[str, str]]:
        lines = []
        for state, side in member.waits:
            if side == "send":
                lines.append(
                    (
                        member.name,
                        f"waits for room on edge {state.label!r}, which holds {state.capacity} frames",
                    )
                )
            else:
                lines.append((member.name, f"waits for a frame on edge {state.label!r}"))
        return lines
