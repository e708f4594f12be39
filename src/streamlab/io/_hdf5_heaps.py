"""Global heaps of HDF5 files, where texts lie: looked at first, as the library goes round in some for ever.

HDF5 File Format Specification 3.0, III.E: a signature, the size of the collection, then objects with a
number, a count of references and a size; number 0 is the room that is left.
"""

import struct
from pathlib import Path

from streamlab.errors import FileError

__all__ = ["check_heaps"]

_MARK = b"GCOL\x01\0\0\0"
_HEAD = 16  # bytes before the first object, and of an object before its data
_LOOKED_AT = 1 << 24  # bytes at the beginning and at the end of a file, where its metadata is


def check_heaps(path: Path) -> None:
    """Raise FileError for a heap whose objects do not follow one another to its end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for begin in sorted({0, max(0, size - _LOOKED_AT)}):
            file.seek(begin)
            data = file.read(_LOOKED_AT)
            at = data.find(_MARK)
            while at >= 0:
                if not _is_whole(data[at : at + _LOOKED_AT]):
                    message = f"is damaged: the heap at byte {begin + at} does not end"
                    raise FileError(path, message, hint="its texts cannot be read")
                at = data.find(_MARK, at + 1)


def _is_whole(heap: bytes) -> bool:
    if len(heap) < _HEAD:
        return True
    (size,) = struct.unpack_from("<Q", heap, 8)
    at = _HEAD
    while at + _HEAD <= min(size, len(heap)):
        number, length = struct.unpack_from("<H6xQ", heap, at)
        step = _HEAD + length + -length % 8 if number else length
        if step < _HEAD or at + step > size:
            return False
        at += step
    return True
