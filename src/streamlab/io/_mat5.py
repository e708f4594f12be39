"""MAT files of version 5, written as they go.

MAT-File Format, MathWorks: level 5. An array stands column after column in the file, so samples side by side,
channels x n, can be appended; the counts in front of them are brought up to date after each block.
"""

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io._files import OutputFile

__all__ = ["Mat5File"]

_MATRIX, _UINT32, _INT32, _INT8 = 14, 6, 5, 1
_KINDS = {"<f8": (6, 9), "<f4": (7, 7)}  # class of the array, type of its numbers
_LARGEST = (1 << 31) - 1  # bytes of a variable

Variables = dict[str, Any]


class Mat5File:
    """A file of variables, then ``data``, then others; ``shape`` is that of a column (channels, ...)."""

    def __init__(self, file: OutputFile, before: Variables, shape: tuple[int, ...], kind: str) -> None:
        self._file = file
        self._kind, self._shape = kind, shape
        self._count = self._bytes = 0
        file.append(_saved(before))
        self._at = file.size
        file.append(self._head())

    def put(self, columns: NDArray[Any]) -> None:
        """Append columns, (n, *reversed shape): the first axis follows the last in the file."""
        data = np.ascontiguousarray(columns, dtype=self._kind).tobytes()
        if len(self._head()) + self._bytes + len(data) > _LARGEST:
            raise FileError(
                self._file.current,
                "a variable of a MAT file of version 5 holds 2 GB, and it is full",
                hint="set version to 7.3, or begin another file; what was written so far is kept",
            )
        self._file.append(data)
        self._bytes += len(data)
        self._count += len(columns)
        self._file.patch(self._at, self._head())

    def close(self, after: Variables) -> None:
        """Append the other variables. A file without them was cut off."""
        self._file.append(bytes(-self._bytes % 8) + _saved(after)[_HEADER:])

    def _head(self) -> bytes:
        array, number = _KINDS[self._kind]
        size = (*self._shape, self._count)
        dimensions = struct.pack(f"<{len(size)}i", *size)
        parts = struct.pack("<IIII", _UINT32, 8, array, 0)
        parts += struct.pack("<II", _INT32, len(dimensions)) + dimensions + bytes(-len(dimensions) % 8)
        parts += struct.pack("<II8s", _INT8, 4, b"data")
        parts += struct.pack("<II", number, self._bytes)
        return struct.pack("<II", _MATRIX, len(parts) + self._bytes + -self._bytes % 8) + parts


_HEADER = 128


def _saved(variables: Variables) -> bytes:
    """Return a whole file of variables: text, numbers, lists of text as cells, arrays."""
    from scipy.io import savemat

    target = io.BytesIO()
    cells = {
        name: np.array([*value, ""], dtype=object)[:-1, None] if isinstance(value, list) else value
        for name, value in variables.items()
    }
    savemat(target, cells, do_compression=False)
    return target.getvalue()
