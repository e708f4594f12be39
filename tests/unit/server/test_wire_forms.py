"""Binary frames and messages: what goes in comes out, and garbage is an error of one kind, never a crash."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from live_kit import read
from streamlab.server.live.frames import HEAD_BYTES, Flag, FrameHead, Kind
from streamlab.server.worker.wire import Wire

u32 = st.integers(0, 2**32 - 1)
heads = st.builds(
    FrameHead, st.sampled_from(Kind), u32, u32, u32, st.integers(0, 31).map(Flag), st.integers(0, 65535),
    first=st.integers(0, 2**64 - 1), columns=u32, rows=u32, time=st.floats(allow_nan=False),
    emitted=st.floats(0, 1e10), lost=u32, trigger=u32,
)  # fmt: skip


@given(heads, st.binary(max_size=100))
def test_a_frame_is_read_as_it_was_written_by_another_reader(head: FrameHead, payload: bytes) -> None:
    frame = head.frame(payload)
    assert len(frame) % 8 == 0
    (other,) = read(frame)
    ours = FrameHead.unpacked(frame)
    assert ours.length == len(frame)
    assert other.payload.startswith(payload)
    names = ("kind", "flags", "channels", "stream", "generation", "sequence", "first", "columns", "rows")
    for name in (*names, "time", "lost", "trigger"):
        assert getattr(ours, name) == getattr(other, name) == getattr(head, name)


@given(st.binary(max_size=200), st.integers(0, 63), st.integers(0, 255), heads)
def test_what_is_no_frame_is_a_value_error(data: bytes, at: int, byte: int, head: FrameHead) -> None:
    spoilt = bytearray(head.frame(b"12345678"))
    spoilt[at] = byte
    for strange in (data, data[:HEAD_BYTES], bytes(spoilt), bytes(spoilt[:-1])):
        try:
            read_head = FrameHead.unpacked(strange)
        except ValueError:
            continue
        assert read_head.length <= len(strange)


class Transport(asyncio.Transport):
    """Takes what is written, and remembers that it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()
        self.closed = False

    def writelines(self, list_of_data: Any) -> None:
        for part in list_of_data:
            self.data += part

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers()) | st.binary(max_size=40)), st.data())
def test_messages_come_in_order_however_they_are_cut(messages: list[Any], data: st.DataObject) -> None:
    sender = Wire(lambda message: None, lambda: None)
    sent = Transport()
    sender.connection_made(sent)
    for message in messages:
        (sender.send_frame if isinstance(message, bytes) else sender.send)(message)
    got: list[Any] = []
    receiver = Wire(got.append, lambda: None, got.append)
    receiver.connection_made(Transport())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent.data)), max_size=6)))
    places = [0, *cuts, len(sent.data)]
    for a, b in pairwise(places):
        receiver.data_received(bytes(sent.data[a:b]))
    assert got == [json.loads(json.dumps(item)) if isinstance(item, dict) else item for item in messages]


@given(st.binary(min_size=1, max_size=200))
def test_garbage_on_the_wire_ends_it_or_waits_for_more(garbage: bytes) -> None:
    transport = Transport()
    wire = Wire(lambda message: None, lambda: None, lambda frame: FrameHead.unpacked(frame))
    wire.connection_made(transport)
    wire.data_received(garbage)  # raises nothing


def test_a_message_that_is_no_object_ends_the_wire() -> None:
    for body in (b"1", b"[]", b"null", b'"x"', b"{", b"\xff"):
        transport = Transport()
        wire = Wire(lambda message: message.pop("event"), lambda: None)
        wire.connection_made(transport)
        wire.data_received(len(body).to_bytes(4, "little") + bytes(4) + body)
        assert transport.closed
