"""The two sockets: control (JSON, in order, nothing lost) and data (binary, the newest as fast as read)."""

import asyncio
import json
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from streamlab import __version__
from streamlab.errors import StreamLabError
from streamlab.server.errors import ApiError, told
from streamlab.server.service import Service
from streamlab.server.sessions import DataLane, Session

__all__ = ["Control", "Data"]

_MESSAGES_A_SECOND = 200
_ANSWER = struct.Struct("<II")

_FAREWELL_SECONDS = 2.0

_GOING_AWAY, _BAD_DATA, _POLICY, _TRY_LATER = 1001, 1003, 1008, 1013


class _Rate:
    """Counts messages of the last second."""

    def __init__(self) -> None:
        self._since = 0.0
        self._count = 0

    def over(self) -> bool:
        """Count one more; whether there are too many."""
        now = time.monotonic()
        if now - self._since > 1.0:
            self._since, self._count = now, 0
        self._count += 1
        return self._count > _MESSAGES_A_SECOND


class Control:
    """The control socket's endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._does: dict[str, Callable[[Session, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "reset": self._reset,
            "ping": self._ping,
        }

    async def serve(self, socket: WebSocket) -> None:
        """Serve one client until it leaves."""
        sessions, pipelines = self._service.sessions, self._service.pipelines
        if sessions.full:
            await socket.close(_TRY_LATER, "there are too many clients")
            return
        await socket.accept()
        session = sessions.open(socket.state.role)
        session.tell(
            {
                "type": "hello",
                "session": session.id,
                "version": __version__,
                "role": session.role,
                "time": time.time(),
                "pipelines": [each.described() for each in pipelines],
            }
        )
        try:
            await _together(self._read(socket, session), self._write(socket, session))
        finally:
            sessions.close(session)
            for hub in session.remove_all():
                pipelines.unsubscribe(hub)

    async def _write(self, socket: WebSocket, session: Session) -> None:
        while True:
            messages = await session.next()
            if messages is None:
                await _close(socket, _POLICY, "the client does not read")
                return
            for text in messages:
                await socket.send_text(text)

    async def _read(self, socket: WebSocket, session: Session) -> None:
        rate = _Rate()
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if rate.over():
                await _close(socket, _POLICY, "too many messages")
                return
            text = message.get("text")
            if text is None:
                await _close(socket, _BAD_DATA, "expected text")
                return
            session.tell(await self._answer(session, text))

    async def _answer(self, session: Session, text: str) -> dict[str, Any]:
        number: Any = None
        try:
            asked = json.loads(text)
            if not isinstance(asked, dict) or not isinstance(asked.get("op"), str):
                raise ApiError(400, "bad-request", "expected an object with 'op'")
            number = asked.get("id")
            does = self._does.get(asked["op"])
            if does is None:
                have = ", ".join(self._does)
                raise ApiError(400, "bad-request", f"no operation {asked['op'][:40]!r}; there are: {have}")
            return {**await does(session, asked), "re": number}
        except (ValueError, RecursionError) as error:
            if isinstance(error, StreamLabError):
                return _error(told(error), number)
            return _error(ApiError(400, "bad-request", f"not JSON: {error}"), number)
        except StreamLabError as error:
            return _error(told(error), number)

    async def _subscribe(self, session: Session, asked: dict[str, Any]) -> dict[str, Any]:
        options = asked.get("options", {})
        if not isinstance(options, dict):
            raise ApiError(400, "bad-request", "expected options as an object")
        hub = await self._service.pipelines.subscribe(
            _text(asked, "pipeline"), _text(asked, "output"), _text(asked, "kind"), options
        )
        session.add(hub)
        request = hub.request
        answer = {"type": "subscribed", "stream": hub.number}
        if hub.problem is not None:
            session.tell({"type": "stream", "stream": hub.number, "error": hub.problem})
        return answer | {key: request[key] for key in ("kind", "output", "options")}

    async def _unsubscribe(self, session: Session, asked: dict[str, Any]) -> dict[str, Any]:
        hub = session.remove(_stream(asked))
        if hub is None:
            raise ApiError(404, "not-found", "this session looks at no such stream")
        self._service.pipelines.unsubscribe(hub)
        return {"type": "unsubscribed", "stream": hub.number}

    async def _reset(self, session: Session, asked: dict[str, Any]) -> dict[str, Any]:
        hub = session.hubs.get(_stream(asked))
        if hub is None:
            raise ApiError(404, "not-found", "this session looks at no such stream")
        if session.role != "edit":
            raise ApiError(403, "view-only", "this session may look, but change nothing")
        await self._service.pipelines.reset(hub)
        return {"type": "done"}

    async def _ping(self, session: Session, asked: dict[str, Any]) -> dict[str, Any]:
        return {"type": "pong", "time": time.time()}


def _text(asked: dict[str, Any], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or not value:
        raise ApiError(400, "bad-request", f"expected {key!r} as text")
    return value


def _stream(asked: dict[str, Any]) -> int:
    value = asked.get("stream")
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(400, "bad-request", "expected 'stream' as a number")
    return value


def _error(error: ApiError, number: Any) -> dict[str, Any]:
    return {"type": "error", "re": number, **error.body()}


class Data:
    """The data socket's endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def serve(self, socket: WebSocket) -> None:
        """Serve one client until it, or its session, ends."""
        session = self._service.sessions.get(socket.query_params.get("session", ""))
        if session is None:
            await socket.close(_POLICY, "no such session: open the control socket first")
            return
        await socket.accept()
        lane = session.open_lane()
        try:
            await _together(self._read(socket, lane), self._write(socket, lane))
            await _close(socket, _GOING_AWAY, "its session has ended")
        finally:
            lane.close()

    async def _write(self, socket: WebSocket, lane: DataLane) -> None:
        while True:
            bundle = await lane.next()
            if bundle is None:
                return
            await socket.send_bytes(bundle)

    async def _read(self, socket: WebSocket, lane: DataLane) -> None:
        rate = _Rate()
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes")
            if data is None or len(data) != _ANSWER.size:
                await _close(socket, _BAD_DATA, "expected an answer of 8 bytes")
                return
            if rate.over():
                await _close(socket, _POLICY, "too many messages")
                return
            lane.answer(_ANSWER.unpack(data)[0])


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    """Close a socket and read what is still under way: behind it comes the other side's farewell."""
    if WebSocketState.DISCONNECTED in (socket.application_state, socket.client_state):
        return
    await socket.close(code, reason)
    with suppress(TimeoutError, RuntimeError):
        async with asyncio.timeout(_FAREWELL_SECONDS):
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass


async def _together(*works: Any) -> None:
    """Run until one of them ends; the others are ended with it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
            raise error
