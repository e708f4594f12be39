"""Wire: JSON messages and binary frames over a socket pair, in order, both ways."""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any

__all__ = ["Wire"]

_PREFIX = struct.Struct("<IB3x")
_JSON, _FRAME = 0, 1
_MOST = 1 << 28
"""Bytes of a message at most: more is a wire out of step."""


class Wire(asyncio.Protocol):
    """One end. ``on_message`` gets objects, ``on_frame`` binary frames, ``on_lost`` hears of the end once."""

    def __init__(
        self,
        on_message: Callable[[dict[str, Any]], None],
        on_lost: Callable[[], None],
        on_frame: Callable[[bytes], None] = lambda frame: None,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_message = on_message
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._after = after
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Cut what has come into messages."""
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while len(buffer) - at >= _PREFIX.size:
                length, kind = _PREFIX.unpack_from(buffer, at)
                if length > _MOST or kind not in (_JSON, _FRAME):
                    raise ValueError("not a message")
                end = at + _PREFIX.size + length
                if len(buffer) < end:
                    break
                body = bytes(memoryview(buffer)[at + _PREFIX.size : end])
                at = end
                if kind == _FRAME:
                    self._on_frame(body)
                else:
                    message = json.loads(body)
                    if not isinstance(message, dict):
                        raise ValueError("not an object")
                    self._on_message(message)
        except ValueError:  # something in there has written into the wire
            self.close()
            return
        del buffer[:at]
        self._after()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell it, once."""
        self._transport = None
        self._on_lost()

    # -- our side

    @property
    def backlog(self) -> int:
        """Bytes that wait for the other end to read."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def send(self, message: dict[str, Any]) -> None:
        """Send an object. What is no JSON raises; nothing happens when the other end is gone."""
        body = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
            "utf-8", "replace"
        )
        self._write(_JSON, body)

    def send_frame(self, frame: bytes) -> None:
        """Send a binary frame."""
        self._write(_FRAME, frame)

    def _write(self, kind: int, body: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.writelines((_PREFIX.pack(len(body), kind), body))

    def close(self) -> None:
        """End it after what is under way."""
        if self._transport is not None:
            self._transport.close()
