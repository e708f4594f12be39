"""The server of the page as a user starts it: a process of its own, with a client that holds its token."""

from __future__ import annotations

import json
import signal
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from command import COMMAND, environment
from live_kit import Read, read

READY_SECONDS = 30.0


class RunningServer:
    """``streamlab serve`` on a project."""

    def __init__(self, process: subprocess.Popen[str], url: str, token: str, project: Path) -> None:
        self.process = process
        self.url = url
        """The link that lets a browser in."""
        self.token = token
        self.project = project
        self.base = url.partition("/?")[0]
        self.port = int(self.base.rpartition(":")[2])

    def client(self, **options: Any) -> httpx.Client:
        """Return a client that may do everything."""
        headers = {"authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return httpx.Client(base_url=self.base, headers=headers, timeout=30.0, **options)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """End it as Ctrl-C does; returns its exit code and what it wrote."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            out, _ = self.process.communicate(timeout=20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, _ = self.process.communicate()
            raise AssertionError(f"the server did not end; it wrote:\n{out}") from None
        return self.process.returncode, out


def start_server(project: Path, *arguments: object, port: int = 0) -> RunningServer:
    """Start a server and wait until it answers."""
    told = project.parent / f"token-{time.monotonic_ns()}.json"
    state = project.parent / "state"  # no test leaves keys of sessions with the user
    process = subprocess.Popen(
        [
            *COMMAND, "serve", *map(str, arguments), "--project", str(project), "--no-browser",
            "--port", str(port), "--token-file", str(told),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        env=environment(XDG_STATE_HOME=str(state), XDG_RUNTIME_DIR=""),
    )  # fmt: skip
    ends = time.monotonic() + READY_SECONDS
    try:
        while time.monotonic() < ends and process.poll() is None:
            try:
                known = json.loads(told.read_text(encoding="utf-8"))
                server = RunningServer(process, known["url"], known["token"], project)
                with server.client() as client:
                    client.get("/api/hello").raise_for_status()
                return server
            except (OSError, ValueError, httpx.TransportError):
                time.sleep(0.05)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    process.kill()
    out, _ = process.communicate()
    raise AssertionError(f"the server did not answer; it wrote:\n{out}")


@contextmanager
def serving(project: Path, *arguments: object, port: int = 0) -> Iterator[RunningServer]:
    """Run a server for the length of a block; it has to end cleanly at Ctrl-C."""
    project.mkdir(parents=True, exist_ok=True)
    server = start_server(project, *arguments, port=port)
    try:
        yield server
    except BaseException:
        server.process.kill()
        out, _ = server.process.communicate()
        print(f"the server wrote:\n{out}")
        raise
    if server.process.poll() is None:
        code, out = server.stop()
        assert code == 130, out


class Client:
    """A client of both sockets, as the page is one; everything that comes is kept."""

    def __init__(self, server: RunningServer, *, answers: bool = True) -> None:
        from websockets.sync.client import connect

        headers = {"authorization": f"Bearer {server.token}"}
        self._open = ExitStack()
        self._connect = lambda path: self._open.enter_context(
            connect(
                f"ws://127.0.0.1:{server.port}{path}",
                additional_headers=headers,
                max_size=None,
                max_queue=None,  # a full queue would keep the farewell from being heard
                ping_interval=None,
            )
        )
        self.answers = answers
        self.messages: list[dict[str, Any]] = []
        self.bundles: list[bytes] = []
        try:
            self.control = self._connect("/api/control")
            self.hello = self.receive("hello")
            self.data = self._connect(f"/api/data?session={self.hello['session']}")
        except BaseException:
            self._open.close()
            raise

    def close(self) -> None:
        """Leave."""
        self._open.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def reopen_data(self) -> None:
        """Lose the data socket, and open another one."""
        self.data.close()
        self.data = self._connect(f"/api/data?session={self.hello['session']}")

    def send(self, op: str, **body: Any) -> dict[str, Any]:
        """Send an operation and wait for its answer."""
        self.control.send(json.dumps({"op": op, "id": 77, **body}))
        return self.until(lambda message: message.get("re") == 77)

    def subscribe(self, pipeline: str, output: str, kind: str, **options: Any) -> int:
        """Subscribe and return the stream's number."""
        answer = self.send("subscribe", pipeline=pipeline, output=output, kind=kind, options=options)
        assert answer["type"] == "subscribed", answer
        return int(answer["stream"])

    def receive(self, kind: str, timeout: float = 20.0) -> dict[str, Any]:
        """Wait for a message of a type."""
        return self.until(lambda message: message["type"] == kind, timeout)

    def until(self, wanted: Any, timeout: float = 20.0) -> dict[str, Any]:
        """Return the first message as wanted that was not returned yet; wait for it if need be."""
        for at, message in enumerate(self.messages):
            if wanted(message):
                del self.messages[at]
                return message
        ends = time.monotonic() + timeout
        while time.monotonic() < ends:
            message = json.loads(self.control.recv(timeout=max(0.01, ends - time.monotonic())))
            if wanted(message):
                return message
            self.messages.append(message)
        raise TimeoutError(f"no such message; there were {[item['type'] for item in self.messages[-20:]]}")

    def state(self, name: str, timeout: float = 20.0) -> dict[str, Any]:
        """Wait until a pipeline is in a state."""
        return self.until(
            lambda message: message["type"] == "pipeline" and message["pipeline"]["state"] == name, timeout
        )["pipeline"]

    def bundle(self, timeout: float = 10.0) -> list[Read]:
        """Wait for a bundle, answer it if that is what this client does, and read it."""
        data = self.data.recv(timeout=timeout)
        assert isinstance(data, bytes)
        self.bundles.append(data)
        magic, number, count, _, _ = struct.unpack_from("<4sIIId", data)
        assert magic == b"SLB1"
        if self.answers:
            self.answer(number)
        frames = read(data[24:])
        assert len(frames) == count
        return frames

    def answer(self, number: int) -> None:
        """Say that a bundle was seen."""
        self.data.send(struct.pack("<II", number, 0))

    def frames(self, wanted: Any, timeout: float = 20.0) -> list[Read]:
        """Read bundles until one has a frame as wanted; returns all frames that came."""
        found: list[Read] = []
        ends = time.monotonic() + timeout
        while time.monotonic() < ends:
            found += self.bundle(max(0.01, ends - time.monotonic()))
            if any(wanted(frame) for frame in found):
                return found
        raise TimeoutError("no such frame")
