"""WorkerProcess: a process of our own that answers one request after the other.

It is started by its own entry (``python -m streamlab.engine.worker``), never forked, and does not outlive
this process: its link ends with us, and on Linux the kernel kills it should it be busy then.
"""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from streamlab.core.clock import external_work
from streamlab.core.registry import registered_places
from streamlab.engine.process.link import NOBODY, PREFIX, Op, cut_messages
from streamlab.engine.process.wire import Codec
from streamlab.engine.threads import ThreadWorker
from streamlab.errors import WorkerLost

__all__ = ["WorkerProcess", "available"]

_ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
}
"""Workers share the cores already: linear algebra that starts threads in each would only get in the way."""

_DYING_SECONDS = 1.0
"""How long a process may take to end once its link is closed."""

Answer = Callable[[bytes], Any]
"""Makes the value of a request from the body of its answer."""


def available() -> bool:
    """Whether this platform can hand a child its end of the link: POSIX, that is."""
    return os.name == "posix" and bool(sys.executable)


class WorkerProcess:
    """A child process and our end of the link to it; made by ``start``.

    ``label`` names what it does in messages. ``on_death`` is called when it dies while nothing is asked of it
    (otherwise whoever asked hears of it).
    """

    def __init__(
        self, label: str, codec: Codec, process: "subprocess.Popen[bytes]", link: socket.socket
    ) -> None:
        self.label = label
        self.codec = codec
        self.killed = False
        self.on_death: list[Callable[[WorkerLost], None]] = []
        self._closing = False
        self._process = process
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._pending: deque[tuple[asyncio.Future[Any], Answer | None]] = deque()
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._burial: asyncio.Task[None] | None = None
        self._lost: WorkerLost | None = None
        link.setblocking(False)
        self._loop.add_reader(link.fileno(), self._readable)

    @classmethod
    async def start(cls, label: str, codec: Codec, descriptors: Iterable[int] = ()) -> Self:
        """Start a process, which is given the descriptors (shared memory), and wait until it answers.

        Raises WorkerLost when it does not.
        """
        ours, theirs = socket.socketpair()
        try:
            process = _spawn(theirs.fileno(), tuple(descriptors))
        except BaseException as error:
            ours.close()
            if isinstance(error, OSError):
                raise WorkerLost(f"the worker process of {label} cannot be started: {error}") from error
            raise
        finally:
            theirs.close()
        self = cls(label, codec, process, ours)
        try:
            await self.ask(Op.HELLO, NOBODY, {"path": sys.path, "types": registered_places()})
        except BaseException:
            await self.close(0.0)
            raise
        return self

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether nothing can be asked of it any more."""
        return self._burial is not None

    @property
    def busy(self) -> bool:
        """Whether it owes an answer."""
        return bool(self._pending)

    # -- requests

    async def ask(self, op: Op, number: int, value: Any) -> Any:
        """Send a request with a value and return the answer's.

        Raises what the worker raised, WorkerLost when it is gone, WireError for a value that cannot travel.
        """
        return await self.request(op, number, self.codec.pack(value))

    async def request(self, op: Op, number: int, body: bytes, answer: Answer | None = None) -> Any:
        """Send a request and return what ``answer`` makes of the reply's body (None: its value).

        ``answer`` is called also when the caller was cancelled meanwhile. Raises as ``ask``.
        """
        if self._burial is not None:
            await asyncio.wait([self._burial])
            raise self._lost or WorkerLost(f"the worker process of {self.label} has ended")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._pending.append((future, answer))
        self._send(PREFIX.pack(len(body), op, number) + body)
        with external_work(self._loop):
            return await future

    def tell(self, op: Op, number: int) -> None:
        """Send a message that has no answer."""
        if self._burial is None:
            self._send(PREFIX.pack(0, op, number))

    def _send(self, data: bytes) -> None:
        sent = 0
        if not self._outgoing:
            try:
                sent = self._link.send(data)
            except BlockingIOError:
                pass
            except OSError:
                return  # it is dying; the end of the link will tell
        if sent < len(data):
            if not self._outgoing:
                self._loop.add_writer(self._link.fileno(), self._writable)
            self._outgoing += data[sent:]

    def _writable(self) -> None:
        try:
            del self._outgoing[: self._link.send(self._outgoing)]
        except BlockingIOError:
            return
        except OSError:
            self._outgoing.clear()
        if not self._outgoing:
            self._loop.remove_writer(self._link.fileno())

    def _readable(self) -> None:
        try:
            data = self._link.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._incoming += data
        try:
            for op, body in cut_messages(self._incoming):
                self._heard(op, body)
        except ValueError:  # what comes is no message: something in there has written into the link
            self.kill()
            data = b""
        if not data:
            self._end_of_link(_DYING_SECONDS)

    def _heard(self, op: Op, body: bytes) -> None:
        if op is Op.LOG:
            name, level, text = self.codec.unpack(body)
            logging.getLogger(name).log(level, "%s", text)
            return
        future, answer = self._pending.popleft()
        try:
            if op is Op.ERROR:
                raise self.codec.unpack(body)
            value = self.codec.unpack(body) if answer is None else answer(body)
        except BaseException as error:
            if not future.cancelled():
                future.set_exception(error)
            return
        if not future.cancelled():
            future.set_result(value)

    # -- its end

    def kill(self) -> None:
        """End it now, whatever it is doing."""
        if self._process.returncode is None:
            self.killed = True
            self._process.kill()

    async def settle(self, grace: float) -> bool:
        """Wait until it has answered everything.

        Returns False if it had not after ``grace`` seconds, and was killed for it.
        """
        if not self._pending or self._burial is not None:
            return True
        try:
            async with asyncio.timeout(grace):
                await self.request(Op.NOTHING, NOBODY, b"")  # answered in its turn, behind the others
        except TimeoutError:
            self.kill()
            await self.close()
            return False
        except WorkerLost:
            pass
        return True

    async def close(self, grace: float = _DYING_SECONDS) -> None:
        """Let the process end, kill it after ``grace`` seconds, and wait until it is gone. Twice is fine."""
        self._closing = True
        if grace <= 0:
            self.kill()
        self._end_of_link(grace)
        if self._burial is not None and not self._burial.done():
            await asyncio.wait([self._burial])

    def _end_of_link(self, grace: float) -> None:
        """Close our end, which ends the worker, and see how it dies."""
        if self._burial is None:
            self._loop.remove_reader(self._link.fileno())
            self._loop.remove_writer(self._link.fileno())
            self._link.close()
            self._burial = self._loop.create_task(self._bury(grace), name=f"streamlab:end of {self.label}")

    async def _bury(self, grace: float) -> None:
        reaper = ThreadWorker(f"end of {self.label}")
        code = await reaper.call(self._wait, grace)
        await reaper.close()
        how = (
            f"was killed by signal {-code} ({_signal_name(-code)})" if code < 0 else f"ended with code {code}"
        )
        self._lost = WorkerLost(f"the worker process of {self.label} (pid {self.pid}) {how}")
        if not (self._pending or self._closing or self.killed):
            for listener in self.on_death:
                listener(self._lost)
        for future, _ in self._pending:
            if not future.done():
                future.set_exception(self._lost)
        self._pending.clear()

    def _wait(self, grace: float) -> int:
        try:
            return self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _spawn(link: int, descriptors: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    """Start the worker's entry with these descriptors, out of reach of the terminal's Ctrl-C."""
    package = str(Path(__file__).parents[3])
    known = os.environ.get("PYTHONPATH")
    environment = os.environ | _ONE_THREAD | {"PYTHONPATH": package + (os.pathsep + known if known else "")}
    command = [sys.executable, "-P", "-m", "streamlab.engine.worker", str(link), str(os.getpid())]
    return subprocess.Popen(
        [*command, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        pass_fds=(link, *descriptors),
        env=environment,
        process_group=0,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
