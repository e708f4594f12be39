"""An application called as a server calls it, without one: exact headers, HTTP and WebSocket handshakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from streamlab.server.access import Access
from streamlab.server.app import make_app
from streamlab.server.project import Project
from streamlab.server.service import Service

PORT = 8710
HOST = f"127.0.0.1:{PORT}"
ORIGIN = f"http://{HOST}"


@dataclass
class Answer:
    """What came back: a status, headers (names in lower case) and a body; of an open socket status 101."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error."""
        return str(self.json["error"]["code"])


class App:
    """A service with its guard on a project."""

    def __init__(self, folder: Path, **parts: Any) -> None:
        self.access = Access.on(PORT, parts.pop("names", ()))
        self.service = Service(Project(folder), self.access, **parts)
        self.app = make_app(self.service)

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of a program that may do everything."""
        return {"authorization": f"Bearer {self.access.token}"}

    @property
    def cookie(self) -> dict[str, str]:
        """Headers of the page."""
        pair = self.access.set_cookie("edit").partition(";")[0]
        return {"cookie": pair, "origin": ORIGIN}

    def call(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | Iterable[tuple[str, str]] = (),
        body: Any = None,
        *,
        host: str | None = HOST,
        raw_path: str | None = None,
    ) -> Answer:
        """Send a request, its body as JSON unless it is bytes."""
        return asyncio.run(self._call(method, path, headers, body, host, raw_path))

    async def _call(
        self, method: str, path: str, headers: Any, body: Any, host: str | None, raw_path: str | None
    ) -> Answer:
        listed = list(headers.items() if isinstance(headers, dict) else headers)
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {name.lower() for name, _ in listed}
        if body is not None and not isinstance(body, bytes) and "content-type" not in names:
            listed.append(("content-type", "application/json"))
        if body is not None and "content-length" not in names:
            listed.append(("content-length", str(len(data))))
        scope = self._scope("http", path, listed, host, raw_path) | {"method": method}
        sent: list[Any] = []
        parts = [data[at : at + 65536] for at in range(0, len(data), 65536)] or [b""]
        waiting = [
            {"type": "http.request", "body": part, "more_body": at < len(parts) - 1}
            for at, part in enumerate(parts)
        ]

        async def receive() -> Any:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = next(item for item in sent if item["type"] == "http.response.start")
        return _answer(start, sent, "http.response.body")

    def connect(
        self, path: str, headers: dict[str, str] | Iterable[tuple[str, str]] = (), *, host: str | None = HOST
    ) -> Answer:
        """Try a WebSocket handshake; an open socket is closed at once."""
        return asyncio.run(self._connect(path, headers, host))

    async def _connect(self, path: str, headers: Any, host: str | None) -> Answer:
        listed = list(headers.items() if isinstance(headers, dict) else headers)
        scope = self._scope("websocket", path, listed, host, None)
        scope |= {"subprotocols": [], "extensions": {"websocket.http.response": {}}}
        sent: list[Any] = []
        waiting = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

        async def receive() -> Any:
            return waiting.pop(0) if waiting else {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        for item in sent:
            if item["type"] == "websocket.accept":
                return Answer(101, {}, b"")
            if item["type"] == "websocket.http.response.start":
                return _answer(item, sent, "websocket.http.response.body")
        return Answer(403, {}, b"")

    def _scope(
        self, kind: str, path: str, headers: list[tuple[str, str]], host: str | None, raw_path: str | None
    ) -> dict[str, Any]:
        plain, _, query = path.partition("?")
        listed = [] if host is None else [(b"host", host.encode("latin-1"))]
        listed += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        raw = quote(plain) if raw_path is None else raw_path
        return {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": plain if raw_path is None else unquote(raw_path),
            "raw_path": raw.encode("latin-1"),
            "root_path": "",
            "query_string": query.encode("latin-1"),
            "headers": listed,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", PORT),
            "state": {},
        }


def _answer(start: Any, sent: list[Any], kind: str) -> Answer:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    body = b"".join(item.get("body", b"") for item in sent if item["type"] == kind)
    return Answer(start["status"], headers, body)
