"""The header of a WAV file, written so that it can grow into RF64.

EBU Tech 3306 (RF64): a JUNK chunk at the start keeps the place of the ds64 chunk that holds 64-bit sizes.
"""

import struct

from streamlab.dsp.pcm import Encoding, width

__all__ = ["HEADER_SIZE", "header"]

HEADER_SIZE = 12 + 36 + 48 + 12 + 8
_LARGEST = 0xFFFFFFFF  # in an RF64 header: see ds64
_SWITCH = _LARGEST  # size from which on a file is RF64
_EXTENSIBLE = 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def header(channels: int, rate: int, encoding: Encoding, data_bytes: int) -> bytes:
    """Return the first bytes of a file of samples: WAV, or RF64 where 32 bits do not hold the size."""
    size = width(encoding)
    kind = 3 if encoding.startswith("float") else 1
    frame = channels * size
    form = struct.pack(
        "<4sIHHIIHHHHIH14s", b"fmt ", 40, _EXTENSIBLE, channels, rate, rate * frame, frame, 8 * size,
        22, 8 * size, 0, kind, _GUID_TAIL,
    )  # fmt: skip
    riff, samples = HEADER_SIZE - 8 + data_bytes + data_bytes % 2, data_bytes // frame
    fact = struct.pack("<4sII", b"fact", 4, min(samples, _LARGEST))
    if riff <= _SWITCH:
        begin = struct.pack("<4sI4s4sI28x", b"RIFF", riff, b"WAVE", b"JUNK", 28)
        return begin + form + fact + struct.pack("<4sI", b"data", data_bytes)
    begin = struct.pack(
        "<4sI4s4sIQQQI", b"RF64", _LARGEST, b"WAVE", b"ds64", 28, riff, data_bytes, samples, 0
    )
    return begin + form + fact + struct.pack("<4sI", b"data", _LARGEST)
