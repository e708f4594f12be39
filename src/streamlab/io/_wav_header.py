"""The beginning of a WAV file, written so that it can grow into RF64.

EBU Tech 3306 (RF64): a JUNK chunk at the start keeps the place of the ds64 chunk that holds 64-bit sizes.
"""

import struct

from streamlab.dsp.pcm import Encoding, width
from streamlab.io._describe import Description, software

__all__ = ["header", "text_chunk"]

_LARGEST = 0xFFFFFFFF  # in an RF64 header: see ds64
_SWITCH = _LARGEST  # size from which on a file is RF64
_EXTENSIBLE = 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def header(channels: int, rate: int, encoding: Encoding, data_bytes: int, texts: bytes = b"") -> bytes:
    """Return the first bytes of a file of samples: WAV, or RF64 where 32 bits do not hold the size.

    ``texts`` is what :func:`text_chunk` returns.
    """
    size = width(encoding)
    kind = 3 if encoding.startswith("float") else 1
    frame = channels * size
    form = struct.pack(
        "<4sIHHIIHHHHIH14s", b"fmt ", 40, _EXTENSIBLE, channels, rate, min(rate * frame, _LARGEST), frame,
        8 * size, 22, 8 * size, 0, kind, _GUID_TAIL,
    )  # fmt: skip
    samples = data_bytes // frame
    fact = struct.pack("<4sII", b"fact", 4, min(samples, _LARGEST))
    middle = form + fact + texts
    riff = 4 + 36 + len(middle) + 8 + data_bytes + data_bytes % 2
    if riff <= _SWITCH:
        begin = struct.pack("<4sI4s4sI28x", b"RIFF", riff, b"WAVE", b"JUNK", 28)
        return begin + middle + struct.pack("<4sI", b"data", data_bytes)
    begin = struct.pack(
        "<4sI4s4sIQQQI", b"RF64", _LARGEST, b"WAVE", b"ds64", 28, riff, data_bytes, samples, 0
    )
    return begin + middle + struct.pack("<4sI", b"data", _LARGEST)


def text_chunk(about: Description, full_scale: float) -> bytes:
    """Return a LIST chunk of type INFO: software, date, and as its comment the description in JSON.

    Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft).
    """
    texts = {b"ISFT": software(), b"ICMT": about.to_json(full_scale=full_scale)}
    if about.date is not None:
        texts[b"ICRD"] = f"{about.date:%Y-%m-%d}"
    parts = [b"INFO"]
    for name, text in texts.items():
        data = text.encode() + b"\0"
        parts.append(struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2))
    body = b"".join(parts)
    return struct.pack("<4sI", b"LIST", len(body)) + body
