"""Sessions: a client's control socket with what it is told, and its data socket with what it looks at."""

import asyncio
import json
import secrets
import time
from collections import Counter, deque
from contextlib import suppress
from typing import Any

from streamlab.server.hub import Cursor, StreamHub
from streamlab.server.live.frames import bundle_head

__all__ = ["CREDIT", "DataLane", "Session", "Sessions"]

CREDIT = 2
"""Bundles that a client may leave unanswered: more would only wait in buffers and be stale when seen."""
_MAX_SESSIONS = 64
_MAX_WAITING = 4096
"""Messages that wait for a client that does not read; beyond it is cut off, and begins anew."""


class DataLane:
    """What a data socket is sent: bundles of the newest, as many as were answered."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._cursors: dict[int, Cursor] = {}
        self._wake = asyncio.Event()
        self._number = 0
        self._answered = -1
        self.closed = False

    def wake(self) -> None:
        """Something new may be there."""
        self._wake.set()

    def answer(self, bundle: int) -> None:
        """The client is done with a bundle, and with those before it."""
        if self._answered < bundle < self._number:
            self._answered = bundle
            self._wake.set()

    def forget(self, stream: int) -> None:
        """The client looks at a stream no more."""
        self._cursors.pop(stream, None)

    def close(self) -> None:
        """Send no more."""
        self.closed = True
        self._wake.set()

    async def next(self) -> bytes | None:
        """Wait until there is something to send and the client may be sent it; None at the end."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self.closed:
                return None
            if self._number - 1 - self._answered >= CREDIT:
                continue
            frames = [
                frame
                for number, hub in self._session.hubs.items()
                for frame in hub.fetch(self._cursors.setdefault(number, Cursor()))
            ]
            if frames:
                head = bundle_head(self._number, len(frames), time.time())
                self._number += 1
                return b"".join([head, *frames])


class Session:
    """One client: a queue of messages, the streams it has subscribed to, and its data lane."""

    def __init__(self, role: str) -> None:
        self.id = secrets.token_urlsafe(16)
        self.role = role
        self.hubs: dict[int, StreamHub] = {}
        self.lane: DataLane | None = None
        self.overrun = False
        self._counts: Counter[int] = Counter()
        self._waiting: deque[str] = deque()
        self._metrics: dict[str, str] = {}
        self._wake = asyncio.Event()

    # -- messages

    def tell(self, message: dict[str, Any], text: str | None = None) -> None:
        """Queue a message. Of metrics only the newest waits; all else is sent, in order."""
        text = json.dumps(message, ensure_ascii=False, allow_nan=False) if text is None else text
        if message["type"] == "metrics":
            self._metrics[message["pipeline"]] = text
        elif len(self._waiting) < _MAX_WAITING:
            self._waiting.append(text)
        else:
            self.overrun = True
        self._wake.set()

    async def next(self) -> list[str] | None:
        """Wait for messages; None when the client was too slow for them."""
        await self._wake.wait()
        self._wake.clear()
        if self.overrun:
            return None
        messages = [*self._waiting, *self._metrics.values()]
        self._waiting.clear()
        self._metrics.clear()
        return messages

    # -- streams

    def add(self, hub: StreamHub) -> None:
        """Look at a stream, once more."""
        self._counts[hub.number] += 1
        self.hubs[hub.number] = hub
        hub.listeners.add(self.wake_lane)
        self.wake_lane()

    def remove(self, number: int) -> StreamHub | None:
        """Look at a stream once less; returns it if it was looked at."""
        hub = self.hubs.get(number)
        if hub is None:
            return None
        self._counts[number] -= 1
        if not self._counts[number]:
            del self._counts[number], self.hubs[number]
            hub.listeners.discard(self.wake_lane)
            if self.lane is not None:
                self.lane.forget(number)
        return hub

    def remove_all(self) -> list[StreamHub]:
        """Look at nothing any more; returns each stream as often as it was looked at."""
        listed = [self.hubs[number] for number, count in self._counts.items() for _ in range(count)]
        for hub in self.hubs.values():
            hub.listeners.discard(self.wake_lane)
        self.hubs.clear()
        self._counts.clear()
        return listed

    def wake_lane(self) -> None:
        """Something new may be there for the data lane."""
        if self.lane is not None:
            self.lane.wake()

    def open_lane(self) -> DataLane:
        """Return a new data lane; the one before ends."""
        if self.lane is not None:
            self.lane.close()
        self.lane = DataLane(self)
        self.lane.wake()
        return self.lane

    def close(self) -> None:
        """End both."""
        if self.lane is not None:
            self.lane.close()


class Sessions:
    """All clients."""

    def __init__(self) -> None:
        self._all: dict[str, Session] = {}

    @property
    def full(self) -> bool:
        """Whether there are as many as there may be."""
        return len(self._all) >= _MAX_SESSIONS

    def any(self) -> bool:
        """Whether there is anybody."""
        return bool(self._all)

    def open(self, role: str) -> Session:
        """Begin a session."""
        session = Session(role)
        self._all[session.id] = session
        return session

    def get(self, name: str) -> Session | None:
        """Return a session by its id, which nobody can guess."""
        return self._all.get(name)

    def close(self, session: Session) -> None:
        """End a session."""
        with suppress(KeyError):
            del self._all[session.id]
        session.close()

    def tell(self, message: dict[str, Any]) -> None:
        """Tell everybody; the text is made once."""
        if self._all:
            text = json.dumps(message, ensure_ascii=False, allow_nan=False)
            for session in self._all.values():
                session.tell(message, text)
