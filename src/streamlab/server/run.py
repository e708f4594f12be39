"""Listening: sockets on the loopback interface unless another is asked for, and uvicorn on them."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from streamlab.errors import StreamLabError
from streamlab.server.access import Access
from streamlab.server.app import make_app
from streamlab.server.keyring import session_keys
from streamlab.server.service import Service

__all__ = [
    "DEFAULT_PORT",
    "Listener",
    "PageServer",
    "bind",
    "is_loopback",
    "make_access",
    "project_folder",
]

DEFAULT_PORT = 8710

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_WILDCARD = ("0.0.0.0", "::", "[::]", "")
_MAX_MESSAGE = 64 * 2**10
"""Bytes of a WebSocket message from a client."""
_PONG_SECONDS = 60.0
"""A page that was suspended for less comes back to the same connection."""
_GRACE = 3
"""Seconds that connections get to end at a stop."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    return host.lower() in _LOOPBACK or host.startswith("127.")


class Listener:
    """Sockets that listen on one port."""

    def __init__(self, host: str, sockets: list[socket.socket]) -> None:
        self.host = host
        self.sockets = sockets
        self.port: int = sockets[0].getsockname()[1]

    @property
    def names(self) -> list[str]:
        """Names besides the loopback ones by which the server is reached."""
        if is_loopback(self.host):
            return []
        return [socket.gethostname().lower()] if self.host in _WILDCARD else [self.host]

    @property
    def address(self) -> str:
        """Host and port as they stand in the link that is printed."""
        name = "127.0.0.1" if is_loopback(self.host) else self.names[0]
        return f"{name}:{self.port}"

    def close(self) -> None:
        """Listen no more."""
        for each in self.sockets:
            each.close()


def bind(host: str, port: int | None) -> Listener:
    """Listen on a host. Without a port the usual one is taken, or any free one if that is taken.

    Raises StreamLabError when the port is taken or the host is not of this machine.
    """
    if port is not None:
        return Listener(host, _listening(host, port))
    try:
        return Listener(host, _listening(host, DEFAULT_PORT))
    except StreamLabError:
        return Listener(host, _listening(host, 0))


def _listening(host: str, port: int) -> list[socket.socket]:
    plain = host.strip("[]") or "0.0.0.0"
    try:
        found = socket.getaddrinfo(plain, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise StreamLabError(f"--host {host}: {error.strerror or error}") from None
    first = found[0]
    sockets = [_socket(first[0], first[4][:2], host)]
    if plain in ("127.0.0.1", "localhost"):
        number = sockets[0].getsockname()[1]
        with contextlib.suppress(StreamLabError, OSError):  # the same on IPv6, where there is one
            other = socket.AF_INET6 if first[0] == socket.AF_INET else socket.AF_INET
            sockets.append(_socket(other, ("::1" if other == socket.AF_INET6 else "127.0.0.1", number), host))
    return sockets


def _socket(family: int, address: tuple[object, ...], host: str) -> socket.socket:
    # With its protocol named, asyncio turns Nagle's algorithm off: it would hold half an answer for 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(128)
        made.setblocking(False)
    except OSError as error:
        made.close()
        raise StreamLabError(f"cannot listen on {host}, port {address[1]}: {error.strerror}") from None
    return made


class PageServer(uvicorn.Server):
    """The server of a service, on sockets that listen already. Signals are for the caller to handle."""

    def __init__(self, service: Service, listener: Listener) -> None:
        self.service = service
        self.listener = listener
        super().__init__(
            uvicorn.Config(
                make_app(service),
                lifespan="on",
                ws="websockets-sansio",
                ws_max_size=_MAX_MESSAGE,
                ws_per_message_deflate=False,  # pictures of signals do not get smaller, but memory goes
                ws_ping_timeout=_PONG_SECONDS,
                log_config=None,
                access_log=False,  # addresses may hold a token
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def run_until_stopped(self, ready: Callable[[], None]) -> None:
        """Serve until ``stop``; ``ready`` is called once requests are answered."""
        serving = asyncio.create_task(self.serve(sockets=self.listener.sockets), name="streamlab:server")
        try:
            while not (self.started or serving.done()):
                await asyncio.sleep(0.01)
            if self.started:
                ready()
            await serving
        finally:
            self.should_exit = True
            if not serving.done():
                await asyncio.wait([serving])
            self.listener.close()

    def stop(self) -> None:
        """End after what is under way."""
        self.should_exit = True

    def abort(self) -> None:
        """End now, graphs included."""
        self.service.pipelines.kill()
        self.should_exit = True


def make_access(listener: Listener, allowed: list[str]) -> Access:
    """Return who may come in at these sockets. Raises StreamLabError for what is no host name."""
    try:
        return Access.on(listener.port, [*listener.names, *allowed], session_keys(listener.port))
    except ValueError as error:
        raise StreamLabError(f"--allow-host {error}") from None


def project_folder(graph: Path | None, folder: Path | None) -> Path:
    """Return the project's folder: the one that is named, that of the graph, or the current one.

    Raises StreamLabError where there is none, or where the graph lies outside.
    """
    chosen = (folder or (graph.parent if graph is not None else Path())).resolve()
    if not chosen.is_dir():
        raise StreamLabError(f"--project {chosen}: no such folder")
    if graph is not None and not graph.resolve().is_relative_to(chosen):
        raise StreamLabError(f"{graph}: the graph lies outside the project {chosen}")
    return chosen
