"""Whether a sound file is as long as its header says.

libsndfile takes what is there and says nothing where a file was cut off, so its header is read once more.
"""

import os
import struct
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

__all__ = ["chunks", "first_chunks", "missing_bytes"]

_OPEN = 0xFFFFFFFF  # a size left open: the recording was cut off, or the 64-bit size stands elsewhere
_W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_WAVE = b"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


def missing_bytes(path: Path) -> int:
    """Return how many bytes of samples a sound file's header promises beyond the end of the file.

    Knows WAV, RF64 (EBU Tech 3306), W64, AIFF and AU. 0 for a whole file, for one whose header leaves the
    size open (a recording that was cut off), and for other formats.
    """
    total = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(40)
        if start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE":
            end = _end_of_wav(file)
        elif start[:16] == _W64_RIFF and start[24:] == _W64_WAVE:
            end = _end_of_w64(file)
        elif start[:4] == b"FORM" and start[8:12] in (b"AIFF", b"AIFC"):
            end = _end_of_aiff(file)
        elif start[:4] in (b".snd", b"dns.") and len(start) >= 12:
            offset, size = struct.unpack(">II" if start[:1] == b"." else "<II", start[4:12])
            end = 0 if size == _OPEN else offset + size
        else:
            end = 0
    return max(0, end - total)


def first_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield the chunks of a WAV, RF64 or W64 file up to its samples; none of another file."""
    file.seek(0)
    start = file.read(40)
    found: Iterator[tuple[bytes, int, int]] = iter(())
    if start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE":
        found = chunks(file, 12, "<4sI")
    elif start[:16] == _W64_RIFF and start[24:] == _W64_WAVE:
        found = chunks(file, 40, "<16sQ", counted=24, align=8)
    return takewhile(lambda chunk: chunk[0][:4] != b"data", found)


def _end_of_wav(file: BinaryIO) -> int:
    """Return where the samples end by the header, 0 if it does not say."""
    large = 0  # the size of the samples where 32 bits do not hold it
    for name, size, place in chunks(file, 12, "<4sI"):
        if name == b"ds64":
            file.seek(place + 8)
            large = int.from_bytes(file.read(8), "little")
        elif name == b"data":
            size = large if size == _OPEN else size
            return place + size if size else 0
    return 0


def _end_of_w64(file: BinaryIO) -> int:
    found = chunks(file, 40, "<16sQ", counted=24, align=8)
    return next((place + size for name, size, place in found if name[:4] == b"data"), 0)


def _end_of_aiff(file: BinaryIO) -> int:
    return next((place + size for name, size, place in chunks(file, 12, ">4sI") if name == b"SSND"), 0)


def chunks(
    file: BinaryIO, at: int, form: str, *, counted: int = 0, align: int = 2, end: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each chunk from ``at`` on, the size of what is in it, and where that begins.

    ``form`` is that of name and size, ``counted`` how many of its bytes the size has in it; ``end`` is where
    they end, at the end of the file if it is not given.
    """
    head, total = struct.calcsize(form), os.fstat(file.fileno()).st_size if end is None else end
    while at + head <= total:
        file.seek(at)
        name, size = struct.unpack(form, file.read(head))
        at, size = at + head, max(0, size - counted)
        yield name, size, at
        at += size + -size % align
