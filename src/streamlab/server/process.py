"""WorkerProcess: the server's end of a process that runs a graph. It cannot take the server down with it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from streamlab.server.errors import ApiError
from streamlab.server.worker.wire import Wire

__all__ = ["WorkerProcess"]

_ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
}
_START_SECONDS = 60.0
_LINE = 2000
"""Characters of a line of output that are kept."""

Listener = Callable[[dict[str, Any]], None]


class WorkerProcess:
    """A child process with a wire to it.

    ``on_event``, ``on_frame`` and ``on_line`` (level, text) hear what it says unasked, ``after`` is called
    when a piece of that was worked through, ``on_death`` when it ends without having been told to. All may
    be set at any time: a spare process has nobody to talk to yet.
    """

    def __init__(self) -> None:
        self.wire = Wire(self._heard, self._lost, lambda frame: self.on_frame(frame), lambda: self.after())
        self.on_event: Listener = lambda message: None
        self.on_frame: Callable[[bytes], None] = lambda frame: None
        self.on_line: Callable[[str, str], None] = lambda level, text: None
        self.after: Callable[[], None] = lambda: None
        self.on_death: Callable[[str], None] = lambda how: None
        self.gone = False
        self.uses = 0
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self._closing = False
        self._process: asyncio.subprocess.Process | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers: list[asyncio.Task[None]] = []
        self._burial: asyncio.Task[None] | None = None

    async def start(self, nodes: Sequence[Path] = ()) -> None:
        """Start the process; ``ready`` says when it can be used. Raises ApiError 503."""
        if os.name != "posix":
            raise ApiError(503, "worker", "graphs run in worker processes, which this platform does not have")
        ours, theirs = socket.socketpair()
        package = str(Path(__file__).parents[2])
        known = os.environ.get("PYTHONPATH")
        path = package + (os.pathsep + known if known else "")
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "streamlab.server.worker",
                str(theirs.fileno()),
                str(os.getpid()),
                *map(str, nodes),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                env=os.environ | _ONE_THREAD | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
                process_group=0,  # out of reach of the terminal's Ctrl-C
            )
        except OSError as error:
            ours.close()
            raise ApiError(503, "worker", f"a worker process cannot be started: {error}") from error
        finally:
            theirs.close()
        ours.setblocking(False)
        await asyncio.get_running_loop().create_connection(lambda: self.wire, sock=ours)
        for stream, level in ((self._process.stdout, "info"), (self._process.stderr, "warning")):
            if stream is not None:
                self._readers.append(asyncio.create_task(self._read(stream, level), name="streamlab:output"))

    def release(self) -> None:
        """Listen to it no more: the one who did is done with it."""
        self.on_event = lambda message: None
        self.on_death = lambda how: None
        self.on_frame = lambda frame: None
        self.on_line = lambda level, text: None
        self.after = lambda: None

    async def ready(self) -> None:
        """Wait until it answers. Raises ApiError 503 when it dies before."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                await asyncio.shield(self._ready)
        except TimeoutError:
            raise ApiError(503, "worker", "a worker process does not answer") from None

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return None if self._process is None else self._process.pid

    async def ask(self, op: str, *, within: float | None = None, **body: Any) -> dict[str, Any]:
        """Send a request and return the answer.

        Raises what the worker raised as ApiError; ApiError 409 when it is gone, TimeoutError after
        ``within`` seconds.
        """
        await self.ready()
        if self.gone:
            raise ApiError(409, "state", "the process of this pipeline has ended")
        self._number += 1
        number = self._number
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        self.wire.send({"id": number, "op": op, **body})
        try:
            async with asyncio.timeout(within):
                return await future
        finally:
            self._pending.pop(number, None)

    # -- what it says

    def _heard(self, message: dict[str, Any]) -> None:
        number = message.pop("re", None)
        if number is None:
            if message.get("event") == "ready":
                if not self._ready.done():
                    self._ready.set_result(None)
            else:
                self.on_event(message)
            return
        future = self._pending.get(number)
        if future is None or future.done():
            return
        error = message.get("error")
        if isinstance(error, dict) and "status" in message:
            future.set_exception(_remote_error(message["status"], error))
        else:
            future.set_result(message)

    async def _read(self, stream: asyncio.StreamReader, level: str) -> None:
        """Read what it prints, line by line, whatever it is."""
        while True:
            try:
                line = await stream.readuntil()
            except asyncio.IncompleteReadError as end:
                line = end.partial
            except asyncio.LimitOverrunError as over:
                line = await stream.read(over.consumed)
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self.on_line(level, text if len(text) <= _LINE else f"{text[:_LINE]}...")

    # -- its end

    def _lost(self) -> None:
        if self._burial is None:
            self._burial = asyncio.get_running_loop().create_task(self._bury(), name="streamlab:burial")

    async def _bury(self) -> None:
        """See how it ended, and tell whoever waits for it."""
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(1.0):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self.gone = True
        how = f"the worker process (pid {process.pid}) {_how(process.returncode or 0)}"
        lost = ApiError(409, "state", how)
        for future in self._pending.values():
            if not future.done():
                future.set_exception(lost)
        if not self._ready.done():
            self._ready.set_exception(ApiError(503, "worker", how))
            self._ready.exception()  # looked at, whether or not somebody waits for it
        if not self._closing:
            self.on_death(how)

    def kill(self) -> None:
        """End it now, whatever it is doing; its death is told as one that nobody asked for."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """End it and wait until it is gone. Twice is fine."""
        self._closing = True
        if self._process is None:
            return
        self.wire.close()
        self._lost()
        if self._burial is not None:
            await asyncio.wait([self._burial])


def _remote_error(status: int, error: dict[str, Any]) -> ApiError:
    """Return what the worker has answered as if it had been raised here."""
    from streamlab.errors import Problem

    problems = [Problem(**item) for item in error.get("problems", ())]
    return ApiError(status, error["code"], error["message"], hint=error.get("hint", ""), problems=problems)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    return f"was killed by signal {-code} ({name})"
