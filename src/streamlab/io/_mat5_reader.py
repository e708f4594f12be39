"""MAT files of version 5, read by our own hand: SciPy's reader ends the process over some that are damaged.

MAT-File Format, MathWorks: level 5. A file is a row of elements, each a type, a size and that many bytes.
"""

import struct
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from streamlab.errors import FileError

__all__ = ["variables5"]

_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_STRUCT, _CHAR = 2, 4
_NUMERIC = range(6, 16)
_COMPLEX = 8  # flag, in the second byte
_DEEPEST = 8
_MOST = 10_000  # fields of structs
_UNPACKED = 1 << 30  # bytes that packed variables may have together, whatever the size of the file


def variables5(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the variables: arrays of numbers, texts, structs as dicts; what is none of these is left out.

    Raises ValueError where an element cannot be read - what came before it has been yielded - and FileError
    where variables unpack to more than the memory may take.
    """
    size, allowed = path.stat().st_size, _UNPACKED + 4 * path.stat().st_size
    with path.open("rb") as file:
        order = "<" if file.read(128)[126:128] == b"IM" else ">"
        while tag := file.read(8):
            if len(tag) < 8:
                raise ValueError("an element is cut off")
            kind, length = struct.unpack(f"{order}II", tag)
            if length > size - file.tell():
                raise ValueError("an element is longer than the file")
            if kind not in (_MATRIX, _COMPRESSED):
                raise ValueError(f"an element is of type {kind}")
            data = file.read(length)
            if kind == _COMPRESSED:
                data = _unpacked(path, data, order, allowed)
                allowed -= len(data)
            found = _Reader(data, order).matrix(0)
            if found is not None:
                yield found


def _unpacked(path: Path, data: bytes, order: str, allowed: int) -> bytes:
    inflate = zlib.decompressobj()
    try:
        head = inflate.decompress(data, 8)
        if len(head) < 8:
            raise ValueError("a packed element is cut off")
        kind, length = struct.unpack(f"{order}II", head)
        if length > allowed:
            message = f"claims to hold {length / 1e9:.3g} GB of numbers in a variable of {len(data)} bytes"
            raise FileError(path, message, hint="it is damaged, or made to fill the memory")
        inner = inflate.decompress(inflate.unconsumed_tail, length) if length else b""
    except zlib.error as error:
        raise ValueError(f"a packed element cannot be unpacked: {error}") from None
    if kind != _MATRIX or len(inner) < length:
        raise ValueError("a packed element is cut off")
    return inner


class _Reader:
    """Reads the parts of a matrix from some bytes. Raises ValueError."""

    def __init__(self, data: bytes, order: str) -> None:
        self._data, self._order, self._at = data, order, 0

    def matrix(self, depth: int) -> tuple[str, Any] | None:
        """Return name and value; None for a value of a kind that is left out."""
        if depth > _DEEPEST:
            raise ValueError("structs nest too deep")
        flags = self._numbers(6)
        if len(flags) < 1:
            raise ValueError("a variable has no class")
        kind, told = int(flags[0]) & 255, int(flags[0]) >> 8 & 255
        size = [int(one) for one in self._numbers(5)]
        name = self._element()[1].decode("latin-1")
        if not 2 <= len(size) <= 8 or any(one < 0 for one in size):
            raise ValueError("a variable has no size")
        if kind in _NUMERIC and not told & _COMPLEX:
            return name, self._array(size)
        if kind == _CHAR:
            return name, self._text(size)
        if kind == _STRUCT and prod(size) == 1:
            return name, self._struct(depth)
        return None

    def _array(self, size: list[int]) -> Any:
        number, data = self._element()
        form = _NUMBERS.get(number)
        if form is None:
            raise ValueError("a variable of numbers has none")
        values = np.frombuffer(data, f"{self._order}{form}", len(data) // int(form[1]))
        if values.size != prod(size):
            raise ValueError(f"a variable of {prod(size)} numbers has {values.size}")
        return values.reshape(size, order="F")

    def _text(self, size: list[int]) -> str:
        number, data = self._element()
        encoding = _TEXTS.get(number)
        if encoding is None:
            raise ValueError("a text has no letters")
        if encoding in ("utf-16", "utf-32"):
            encoding += "-le" if self._order == "<" else "-be"
        return data.decode(encoding, errors="replace")

    def _struct(self, depth: int) -> dict[str, Any]:
        length = self._numbers(5)
        width = int(length[0]) if len(length) else 0
        names = self._element()[1]
        if not 0 < width <= 64 or len(names) // width > _MOST:
            raise ValueError("a struct has no fields")
        found: dict[str, Any] = {}
        for begin in range(0, len(names) // width * width, width):
            name = names[begin : begin + width].partition(b"\0")[0].decode("latin-1")
            kind, data = self._element()
            if kind != _MATRIX:
                raise ValueError("a field of a struct is no variable")
            inner = _Reader(data, self._order).matrix(depth + 1) if data else None
            if inner is not None:
                found[name] = inner[1]
        return found

    def _numbers(self, kind: int) -> Any:
        number, data = self._element()
        if number != kind:
            raise ValueError(f"a part of a variable is of type {number}, not {kind}")
        form = np.dtype(f"{self._order}{_NUMBERS[kind]}")
        return np.frombuffer(data, form, len(data) // form.itemsize)

    def _element(self) -> tuple[int, bytes]:
        """Return type and bytes of the next element, in its long or its short form."""
        data, at = self._data, self._at
        if at + 8 > len(data):
            raise ValueError("a variable is cut off")
        kind, length = struct.unpack_from(f"{self._order}II", data, at)
        if kind >> 16:  # four bytes at most, in the tag itself
            kind, length = kind & 0xFFFF, kind >> 16
            if length > 4:
                raise ValueError("a short element is too long")
            self._at = at + 8
            return kind, data[at + 4 : at + 4 + length]
        begin = at + 8
        if length > len(data) - begin:
            raise ValueError("a variable is cut off")
        self._at = begin + length + (-length % 8 if kind != _MATRIX else 0)
        return kind, data[begin : begin + length]
