"""Probes and gates: how a test sees into nodes that the engine made, and holds them up."""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field

from streamlab.core.frame import DataFrame

__all__ = ["Gate", "Probe", "ThreadGate", "clear_probes", "probe"]


class Gate:
    """Lets coroutines pass one by one, or all once it is open. Closed at first."""

    def __init__(self) -> None:
        self._open = False
        self._permits = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many stand before the gate."""
        return sum(not waiter.done() for waiter in self._waiting)

    def open(self) -> None:
        """Let everyone pass from now on."""
        self._open = True
        while self._waiting:
            self._wake()

    def close(self) -> None:
        """Let nobody pass from now on."""
        self._open = False

    def let(self, count: int = 1) -> None:
        """Let ``count`` more pass, those who wait first."""
        self._permits += count
        while self._permits and self._waiting:
            self._permits -= self._wake()

    async def passage(self) -> None:
        """Wait until the gate lets the caller pass."""
        if self._open:
            return
        if self._permits:
            self._permits -= 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def _wake(self) -> int:
        waiter = self._waiting.popleft()
        if waiter.done():
            return 0
        waiter.set_result(None)
        return 1


class ThreadGate:
    """As Gate, for calls that block their thread. ``open`` is final."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = False
        self._permits = 0
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many stand before the gate."""
        return self._waiting

    def open(self) -> None:
        """Let everyone pass from now on."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def let(self, count: int = 1) -> None:
        """Let ``count`` more pass."""
        with self._changed:
            self._permits += count
            self._changed.notify_all()

    def passage(self) -> None:
        """Block until the gate lets the caller pass."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._open or self._permits)
                if not self._open:
                    self._permits -= 1
            finally:
                self._waiting -= 1


@dataclass(slots=True)
class Probe:
    """What the test nodes of one name did.

    ``events`` is their life in order (``create``, ``configure``, ``reset``, ``flush``, ``destroy``),
    ``frames`` what they were given, ``made`` how many there were, ``configs`` what ``on_create`` got;
    ``working`` how many are inside ``process`` now and ``peak`` how many were at once.
    """

    events: list[str] = field(default_factory=list)
    frames: list[DataFrame] = field(default_factory=list)
    configs: list[dict[str, object]] = field(default_factory=list)
    gate: Gate = field(default_factory=Gate)
    thread_gate: ThreadGate = field(default_factory=ThreadGate)
    working: int = 0
    peak: int = 0

    @property
    def made(self) -> int:
        """Instances whose ``on_create`` was called."""
        return self.events.count("create")

    @property
    def numbers(self) -> list[int]:
        """The ``sequence_id`` of each frame."""
        return [frame.sequence_id for frame in self.frames]

    def enter(self, frame: DataFrame) -> None:
        """Work on a frame begins."""
        self.frames.append(frame)
        self.working += 1
        self.peak = max(self.peak, self.working)

    def leave(self) -> None:
        """Work on a frame ends."""
        self.working -= 1


_probes: dict[str, Probe] = {}


def probe(name: str) -> Probe:
    """Return the probe of the test nodes whose parameter ``probe`` has this name."""
    return _probes.setdefault(name, Probe())


def clear_probes() -> None:
    """Forget all probes and let go of every thread that still stands at a gate."""
    for item in _probes.values():
        item.thread_gate.open()
    _probes.clear()
