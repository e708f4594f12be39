"""The guard: stands before the whole application, HTTP and WebSocket alike, and lets in who may come in.

Everything is refused that is not allowed here. What it checks, in this order: the host that was asked for
(against DNS rebinding), the origin (against other sites), the token or cookie, what the role may do, the
type and the size of what is sent. Each answer gets the headers that keep a page from being misused.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from streamlab.server.access import Access, Role
from streamlab.server.errors import error_body

__all__ = ["CSP", "Guard", "SECURITY_HEADERS"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 16 * 2**20
"""Bytes of a JSON body: those of the largest graph file."""
MAX_UPLOAD = 4 * 2**30
"""Bytes of a file that is uploaded."""

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
_SAFE = ("GET", "HEAD")
_UPLOAD = re.compile("/api/files/.+")


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: App, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] not in ("http", "websocket"):
            raise RuntimeError(f"an unknown kind of connection: {scope['type']!r}")
        send = _with_headers(send)
        refusal = self._stranger(scope)
        if refusal is not None:
            await refusal.send(scope, receive, send)
            return
        if self._is_link(scope):
            await self._follow_link(scope, receive, send)
            return
        role = self._role(scope)
        refusal = _Refusal(401, "no-token", _NO_TOKEN) if role is None else self._may(scope, role)
        if refusal is not None:
            await refusal.send(scope, receive, send)
            return
        scope.setdefault("state", {})["role"] = role
        if scope["type"] == "http":
            limit = MAX_UPLOAD if _is_upload(scope) else MAX_BODY
            await _Limited(self.app, limit)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    # -- where it comes from

    def _stranger(self, scope: Scope) -> "_Refusal | None":
        """Refuse what another site makes a browser send: it has our cookie, and may know no better."""
        hosts = _headers(scope, b"host")
        if len(hosts) != 1 or not self.access.allows_host(hosts[0]):
            asked = hosts[0] if len(hosts) == 1 else f"{len(hosts)} of them"
            return _Refusal(403, "host", f"this server does not answer for the host {asked!r}", _HOST_HINT)
        origins = _headers(scope, b"origin")
        if len(origins) > 1 or (origins and origins[0] != f"http://{hosts[0]}"):
            return _Refusal(403, "origin", f"not from this server's page: origin {origins[0]!r}")
        if "cross-site" in _headers(scope, b"sec-fetch-site"):
            return _Refusal(403, "origin", "this request was made by another site", _PASTE_HINT)
        if scope["type"] == "websocket" and not origins and self._bearer(scope) is None:
            return _Refusal(403, "origin", "a WebSocket needs an Origin, or a bearer token")
        return None

    # -- who it is

    def _bearer(self, scope: Scope) -> Role | None:
        listed = _headers(scope, b"authorization")
        return self.access.role_of_bearer(listed[0]) if len(listed) == 1 else None

    def _role(self, scope: Scope) -> Role | None:
        if _headers(scope, b"authorization"):
            return self._bearer(scope)
        return self._cookie_role(scope)

    def _cookie_role(self, scope: Scope) -> Role | None:
        return self.access.role_of_cookie("; ".join(_headers(scope, b"cookie")))

    def _may(self, scope: Scope, role: Role) -> "_Refusal | None":
        if scope["type"] == "websocket" or scope["method"] in _SAFE:
            return None
        if role == "view":
            return _Refusal(403, "view-only", "this session may look, but change nothing")
        if scope["method"] == "DELETE":
            return None
        kinds = _headers(scope, b"content-type")
        kind = kinds[0].partition(";")[0].strip().lower() if len(kinds) == 1 else ""
        wanted = "application/octet-stream" if _is_upload(scope) else "application/json"
        if kind != wanted:
            found = kind or "nothing"
            return _Refusal(415, "content-type", f"expected a body of type {wanted}, found {found}")
        return None

    # -- the link that is printed

    @staticmethod
    def _is_link(scope: Scope) -> bool:
        at_door = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
        return at_door and any(name == "token" for name, _ in _query(scope))

    async def _follow_link(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a browser its cookie for the token, and send it on to an address without the token."""
        listed = _query(scope)
        role = self.access.role_of_link(next(value for name, value in listed if name == "token"))
        held = self._cookie_role(scope)
        if role is None and held is None:
            await _Refusal(401, "no-token", _OLD_TOKEN).send(scope, receive, send)
            return
        rest = urlencode([(name, value) for name, value in listed if name != "token"])
        headers = [(b"location", f"/?{rest}".encode() if rest else b"/"), (b"cache-control", b"no-store")]
        headers.append((b"content-length", b"0"))
        if role is not None and not (role == "view" and held == "edit"):
            headers.append((b"set-cookie", self.access.set_cookie(role).encode()))
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


_NO_TOKEN = "open this page by the link that streamlab serve has printed: it holds the token"
_OLD_TOKEN = "this link is not of the running server, or was used up: take the one that it has printed"
_HOST_HINT = "streamlab serve --allow-host NAME lets it answer for another name"
_PASTE_HINT = "paste the link into the address bar"


class _Refusal:
    """An answer that is no."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        self.status = status
        self.body = error_body(code, message, hint=hint)
        self.words = f"{message}. {hint}".removesuffix(" ")

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it: as a page to who asked for one, as JSON to a program."""
        page = scope["type"] == "http" and not scope["path"].startswith("/api")
        text = _page(self.words) if page else json.dumps(self.body)
        kind = "text/html; charset=utf-8" if page else "application/json"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(text.encode())).encode()),
            (b"cache-control", b"no-store"),
        ]
        if scope["type"] == "websocket":
            await receive()  # the handshake
            if "websocket.http.response" not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": 1008, "reason": self.words[:100]})
                return
        kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
        await send({"type": f"{kind}.start", "status": self.status, "headers": headers})
        await send({"type": f"{kind}.body", "body": text.encode()})


def _page(words: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>StreamLab</title></head>'
        f"<body><main><h1>StreamLab</h1><p>{escape(words)}</p></main></body></html>"
    )


class _Limited:
    """Ends a request whose body is larger than it may be, whatever its headers have said."""

    def __init__(self, app: App, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _Refusal(413, "too-large", f"the body is larger than {self._limit} bytes")
        told = _headers(scope, b"content-length")
        if told and not (told[0].isdecimal() and int(told[0]) <= self._limit):
            await refusal.send(scope, receive, send)
            return
        seen = 0
        state = {"over": False, "started": False}

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                state["over"] = True
                return {"type": "http.disconnect"}  # whoever reads it hears no more
            return message

        async def checked(message: Message) -> None:
            if state["over"] and not state["started"]:
                return  # what is said of half a body says nothing
            state["started"] = True
            await send(message)

        try:
            await self._app(scope, counted, checked)
        except Exception:
            if not state["over"]:
                raise
        if state["over"] and not state["started"]:
            await refusal.send(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            ours = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
            message["headers"] = [*message.get("headers", ()), *ours]
        await send(message)

    return sending


def _headers(scope: Scope, name: bytes) -> list[str]:
    listed: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value.decode("latin-1") for key, value in listed if key.lower() == name]


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _is_upload(scope: Scope) -> bool:
    return scope["method"] == "PUT" and bool(_UPLOAD.fullmatch(scope["path"]))
