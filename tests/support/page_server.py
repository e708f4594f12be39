"""The server of the page as a user starts it: a process of its own, with a client that holds its token."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from command import COMMAND, environment

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
    process = subprocess.Popen(
        [
            *COMMAND, "serve", *map(str, arguments), "--project", str(project), "--no-browser",
            "--port", str(port), "--token-file", str(told),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment(),
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
