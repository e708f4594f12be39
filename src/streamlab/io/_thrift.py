"""Structs in the compact protocol of Apache Thrift, as Parquet's metadata is written.

A field is a byte with the difference to the last field's number and its type; whole numbers are zigzag
varints. What is not asked for is passed over.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["Compact", "Wanted"]

Wanted = Mapping[int, "Wanted | None"]
"""The fields that are wanted, by number: None for a number or text, or those of a struct or list of them."""

_DEEPEST = 32
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_WHOLE = (4, 5, 6)


class Compact:
    """Reads from the beginning of some bytes; ``at`` is where it has come to. Raises ValueError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, wanted: Wanted, depth: int = 0) -> dict[int, Any]:
        """Read a struct and return the fields that are wanted and there."""
        if depth > _DEEPEST:
            raise ValueError("metadata nests too deep")
        found: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._signed()
            kind = head & 15
            if number not in wanted:
                self._skip(kind, depth)
            else:
                found[number] = self._value(kind, wanted[number], depth)
        return found

    def _value(self, kind: int, wanted: Wanted | None, depth: int) -> Any:
        if wanted is None and kind in _WHOLE:
            return self._signed()
        if wanted is None and kind == _BINARY:
            return self._binary()
        if wanted is not None and kind == _STRUCT:
            return self.struct(wanted, depth + 1)
        if kind == _LIST:
            inner, count = self._list_head()
            if wanted is not None and inner == _STRUCT:
                return [self.struct(wanted, depth + 1) for _ in range(count)]
            if wanted is None and inner == _BINARY:
                return [self._binary() for _ in range(count)]
        raise ValueError("a field of the metadata is of another type than it should be")

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        count = self._varint() if head >> 4 == 15 else head >> 4
        if count > len(self._data) - self.at:  # an element takes a byte at least
            raise ValueError("a list in the metadata is longer than it can be")
        return head & 15, count

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise ValueError("the metadata is cut off")
        self.at += 1
        return self._data[self.at - 1]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("a number in the metadata has no end")

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _binary(self) -> bytes:
        size = self._varint()
        begin = self.at
        self._move(size)
        return self._data[begin : self.at]

    def _move(self, count: int) -> None:
        if count > len(self._data) - self.at:
            raise ValueError("the metadata is cut off")
        self.at += count

    def _skip(self, kind: int, depth: int) -> None:
        if kind in (_TRUE, _FALSE):
            return
        if kind == _BYTE:
            self._byte()
        elif kind in _WHOLE:
            self._varint()
        elif kind == _DOUBLE:
            self._move(8)
        elif kind == _BINARY:
            self._move(self._varint())
        elif kind in (_LIST, _SET):
            inner, count = self._list_head()
            self._many(count, (inner,), depth)
        elif kind == _MAP:
            if count := self._varint():
                head = self._byte()
                self._many(count, (head >> 4, head & 15), depth)
        elif kind == _STRUCT:
            self.struct({}, depth + 1)
        else:
            raise ValueError("a field of the metadata has no type")

    def _many(self, count: int, kinds: tuple[int, ...], depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError("metadata nests too deep")
        for _ in range(count):
            for kind in kinds:
                if kind in (_TRUE, _FALSE):  # other than in a struct, they take a byte
                    self._byte()
                else:
                    self._skip(kind, depth + 1)
