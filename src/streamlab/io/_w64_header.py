"""The beginning of a W64 file: WAV with names of 16 bytes and sizes of 64 bits (Sony Pictures Digital)."""

import struct

from streamlab.dsp.pcm import Encoding, width

__all__ = ["header"]

_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_RIFF_TAIL = bytes.fromhex("2e91cf11a5d628db04c10000")
_LIST_TAIL = bytes.fromhex("2f91cf11a5d628db04c10000")
_HEAD = 24  # bytes of a chunk's name and size, which counts them


def header(channels: int, rate: int, encoding: Encoding, data_bytes: int, texts: bytes = b"") -> bytes:
    """Return the first bytes of a file of samples; ``texts`` is a LIST chunk of a WAV file."""
    size = width(encoding)
    frame = channels * size
    kind = 3 if encoding.startswith("float") else 1
    form = struct.pack("<HHIIHH", kind, channels, rate, min(rate * frame, 0xFFFFFFFF), frame, 8 * size)
    middle = b"wave" + _TAIL + _chunk(b"fmt " + _TAIL, form)
    if texts:
        middle += _chunk(b"list" + _LIST_TAIL, texts[8:])
    middle += b"data" + _TAIL + struct.pack("<Q", _HEAD + data_bytes)
    total = _HEAD + len(middle) + data_bytes  # not filled up: libsndfile takes what is there for samples
    return b"riff" + _RIFF_TAIL + struct.pack("<Q", total) + middle


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<Q", _HEAD + len(data)) + data + bytes(-len(data) % 8)
