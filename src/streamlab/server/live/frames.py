"""The data lane's binary frames, byte by byte as docs/reference/page-api.md has them. Little-endian."""

import struct
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag
from typing import Self

__all__ = ["BUNDLE_HEAD", "HEAD_BYTES", "Flag", "FrameHead", "Kind", "bundle_head", "padded"]

_HEAD = struct.Struct("<4sBBHIIIIQIIddII")
HEAD_BYTES = _HEAD.size
_MAGIC = b"SLF1"

_BUNDLE = struct.Struct("<4sIIId")
BUNDLE_HEAD = _BUNDLE.size
_BUNDLE_MAGIC = b"SLB1"

_U32 = 2**32 - 1


class Kind(IntEnum):
    """What a frame holds."""

    DESCRIPTION = 0
    STRIP = 1
    SCOPE = 2
    SPECTRUM = 3
    WATERFALL = 4
    LEVELS = 5
    SCALAR = 6


class Flag(IntFlag):
    """What is to be known of a frame before it is drawn."""

    NONE = 0
    GAP = 1
    CLIPPED = 2
    EOS = 4
    PEAK = 8
    RESET = 16


@dataclass(frozen=True, slots=True)
class FrameHead:
    """The head of a frame. ``length`` is that of the whole frame in bytes."""

    kind: Kind
    stream: int
    generation: int
    sequence: int = 0
    flags: Flag = Flag.NONE
    channels: int = 0
    length: int = HEAD_BYTES
    first: int = 0
    columns: int = 0
    rows: int = 0
    time: float = 0.0
    emitted: float = 0.0
    lost: int = 0
    trigger: int = 0

    def packed(self) -> bytes:
        """Return the 64 bytes."""
        return _HEAD.pack(
            _MAGIC, self.kind, self.flags, self.channels, self.length, self.stream, self.generation,
            self.sequence & _U32, self.first, self.columns, self.rows, self.time, self.emitted,
            min(self.lost, _U32), self.trigger,
        )  # fmt: skip

    def frame(self, payload: bytes) -> bytes:
        """Return head and payload, padded, with the length put in."""
        payload = padded(payload)
        return replace(self, length=HEAD_BYTES + len(payload)).packed() + payload

    @classmethod
    def unpacked(cls, data: bytes | memoryview, at: int = 0) -> Self:
        """Read the head of a frame. Raises ValueError when there is none."""
        if len(data) - at < HEAD_BYTES:
            raise ValueError(f"a frame's head has {HEAD_BYTES} bytes; found {len(data) - at}")
        (
            magic, kind, flags, channels, length, stream, generation, sequence, first, columns, rows, time,
            emitted, lost, trigger,
        ) = _HEAD.unpack_from(data, at)  # fmt: skip
        if magic != _MAGIC:
            raise ValueError(f"not a frame: {magic!r}")
        if length < HEAD_BYTES or length % 8 or len(data) - at < length:
            raise ValueError(f"a frame of {length} bytes among {len(data) - at}")
        return cls(
            Kind(kind), stream, generation, sequence, Flag(flags), channels, length, first, columns, rows,
            time, emitted, lost, trigger,
        )  # fmt: skip


def bundle_head(number: int, count: int, sent: float) -> bytes:
    """Return the head of a message with ``count`` frames."""
    return _BUNDLE.pack(_BUNDLE_MAGIC, number & _U32, count, 0, sent)


def padded(payload: bytes, fill: bytes = b"\0") -> bytes:
    """Return the payload with what it lacks to a multiple of 8 bytes."""
    return payload + fill * (-len(payload) % 8)
