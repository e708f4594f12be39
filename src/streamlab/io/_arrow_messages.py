"""The messages of an Arrow IPC stream, looked at before anything is unpacked.

Apache Arrow, "Arrow Columnar Format", encapsulated messages: -1, the length of the metadata, the metadata (a
FlatBuffers table of Message.fbs), the body. Read here is only what says how large a batch is going to be.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["BATCH", "MAGIC", "SCHEMA", "Message", "Messages"]

MAGIC = b"ARROW1\0\0"  # of the file format; a stream begins behind it
SCHEMA, BATCH = 1, 3

_CONTINUED = 0xFFFFFFFF
_LONGEST = 1 << 26  # bytes of metadata
_BUFFERS = 1 << 22


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is whole: its kind, its rows, and the bytes that its body has when it is unpacked."""

    kind: int
    rows: int
    unpacked: int


class Messages:
    """The messages from where a file stands.

    ``finished`` says afterwards whether the end was marked, ``cut`` whether the last message was not whole.
    Raises ValueError for what is no message.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self.finished = False
        self.cut = False

    def __iter__(self) -> Iterator[Message]:
        file = self._file
        while head := file.read(8):
            mark, length = struct.unpack("<II", head.ljust(8, b"\0"))
            if len(head) < 8:
                self.cut = True
                return
            if mark != _CONTINUED:
                raise ValueError("a message does not begin as it should")
            if length == 0:
                self.finished = True
                return
            if length > _LONGEST:
                raise ValueError(f"a message has {length} bytes of metadata")
            metadata = file.read(length)
            begin = file.tell()
            if len(metadata) < length:
                self.cut = True
                return
            try:
                table = _Table.root(metadata)
                kind, body = table.number(1, "<B"), table.number(3, "<q")
                header = table.table(2)
                batch = header if kind == BATCH else header.table(1) if kind == _DICTIONARY else None
                rows = batch.number(0, "<q") if batch is not None else 0
                packed = batch.buffers(2) if batch is not None and batch.has(3) else None
            except (struct.error, IndexError):
                raise ValueError("the metadata of a message cannot be read") from None
            if body < 0 or rows < 0:
                raise ValueError("a message has a negative size")
            if begin + body > self._size:
                self.cut = True
                return
            yield Message(kind, rows, body if packed is None else self._unpacked(begin, packed))
            file.seek(begin + body)

    def _unpacked(self, begin: int, buffers: list[tuple[int, int]]) -> int:
        """Return the bytes that compressed buffers say that they unpack to."""
        total = 0
        for offset, stored in buffers:
            if stored < 8 or offset < 0:
                continue
            self._file.seek(begin + offset)
            (claimed,) = struct.unpack("<q", self._file.read(8).ljust(8, b"\0"))
            if claimed < -1:
                raise ValueError("a message has a negative size")
            total += stored if claimed == -1 else claimed
        return total


_DICTIONARY = 2


class _Table:
    """A table of FlatBuffers. Raises struct.error where it points out of the data."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        (back,) = self._unpack("<i", at)
        self._fields = at - back
        (self._size,) = self._unpack("<H", self._fields)

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        (at,) = struct.unpack_from("<I", data, 0)
        return cls(data, at)

    def _unpack(self, form: str, at: int) -> tuple[int, ...]:
        if at < 0:
            raise struct.error("before the beginning")
        return struct.unpack_from(form, self._data, at)

    def _place(self, field: int) -> int:
        """Return where a field is, 0 where it is left out."""
        entry = 4 + 2 * field
        if entry + 2 > self._size:
            return 0
        (offset,) = self._unpack("<H", self._fields + entry)
        return self._at + offset if offset else 0

    def has(self, field: int) -> bool:
        return self._place(field) != 0

    def number(self, field: int, form: str) -> int:
        place = self._place(field)
        return self._unpack(form, place)[0] if place else 0

    def table(self, field: int) -> "_Table":
        place = self._place(field)
        if not place:
            raise struct.error("a table is missing")
        return _Table(self._data, place + self._unpack("<I", place)[0])

    def buffers(self, field: int) -> list[tuple[int, int]]:
        """Return a vector of structs of two 64-bit numbers: where each buffer is, and how long."""
        place = self._place(field)
        if not place:
            return []
        place += self._unpack("<I", place)[0]
        (count,) = self._unpack("<I", place)
        if count > _BUFFERS:
            raise struct.error("too many buffers")
        flat = self._unpack(f"<{2 * count}q", place + 4)
        return list(zip(flat[::2], flat[1::2], strict=True))
