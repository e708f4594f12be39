"""What h5py writes to: a file that is whole at every moment, so that a killed recording opens anywhere.

HDF5 keeps an index in the file and changes it in place; killed in the middle of that, a file cannot be
opened. Here the changes wait until the library has flushed all it has, and are then put down in the order
that keeps what is on the disk consistent: first the superblock, which says how far the file goes, then the
index from its root to its leaves, last the object headers, which say how many samples there are. (HDF5 File
Format Specification 3.0: II.A superblock, III.A.1 version 1 B-trees, IV.A.1 object headers.)
"""

from contextlib import suppress
from typing import Any

from streamlab.errors import FileError
from streamlab.io._files import OutputFile

__all__ = ["CHUNK_CACHE", "Hdf5Disk"]

CHUNK_CACHE = 4 << 20
"""Bytes of chunks that are being filled: a few of the largest."""

_SAMPLES = 1 << 14
"""A write of so many bytes is samples, which nobody reads before the header has them: it need not wait."""


class Hdf5Disk:
    """A file object around an output.

    What goes beyond the end of what was committed is written at once: nothing refers to it yet. What changes
    the inside waits for ``commit``. When the disk is full the file is cut back to the last commit, and
    everything else that the library wants to write goes nowhere. Nothing is raised to the library, which
    cannot pass it on: ``commit`` raises.
    """

    def __init__(self, file: OutputFile) -> None:
        self._file = file
        self._held: dict[int, bytes] = {}  # offset: what is to stand there
        self._committed = 0  # bytes
        self._size = 0  # as the library knows it
        self._at = 0
        self.failure: FileError | None = None

    # -- what the library calls

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place; 2 means from the end."""
        self._at = offset + (0, self._at, max(self._size, self._file.size))[whence]
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read what was written, committed or not."""
        target = bytearray(max(0, self._size - self._at) if size < 0 else size)
        self.readinto(target)
        return bytes(target)

    def readinto(self, target: Any) -> int:
        """Read what was written into memory that is there, zeros where nothing was."""
        size, at = len(target), self._at
        data = bytearray(size)
        try:
            found = self._file.read(at, size)
            data[: len(found)] = found
        except FileError as error:
            self._fail(error)
        for offset, piece in self._held.items():
            low, high = max(offset, at), min(offset + len(piece), at + size)
            if low < high:
                data[low - at : high - at] = piece[low - offset : high - offset]
        target[:] = data
        self._at += size
        return size

    def write(self, data: Any) -> int:
        """Write, or hold until the commit."""
        piece, offset = bytes(data), self._at
        self._at += len(piece)
        self._size = max(self._size, self._at)
        if self.failure is None:
            self._cut_held(offset, self._at)
            if offset < self._committed and len(piece) < _SAMPLES:
                self._held[offset] = piece
            else:
                self._put(offset, piece)
        return len(piece)  # also where it failed: the commit says so

    def truncate(self, size: int | None = None) -> int:
        """Set the length, which is that of the file after the commit."""
        self._size = self._at if size is None else size
        return self._size

    def flush(self) -> None:
        """Nothing: the library has its order, the disk another."""

    # -- what the writer calls

    def commit(self) -> None:
        """Make what the library has flushed the file's content. Raises FileError."""
        self._check()
        if self._size > self._file.size:
            self._resize(self._size)
        self._check()
        self._committed = self._size  # the superblock will say so: from here on nothing is cut back
        held, self._held = self._held, {}
        for offset in sorted(held, key=lambda place: _rank(place, held[place])):
            self._put(offset, held[offset])
        if self._size < self._file.size:
            self._resize(self._size)
        self._check()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _cut_held(self, begin: int, end: int) -> None:
        """Forget what is held between two places: it is written anew."""
        for offset in [at for at, piece in self._held.items() if at < end and begin < at + len(piece)]:
            piece = self._held.pop(offset)
            if offset < begin:
                self._held[offset] = piece[: begin - offset]
            if end < offset + len(piece):
                self._held[end] = piece[end - offset :]

    def _put(self, offset: int, piece: bytes) -> None:
        if self.failure is None:
            try:
                self._file.patch(offset, piece)
            except FileError as error:
                self._fail(error)

    def _resize(self, size: int) -> None:
        if self.failure is None:
            try:
                self._file.resize(size)
            except FileError as error:
                self._fail(error)

    def _fail(self, error: FileError) -> None:
        self.failure = error
        self._held.clear()
        with suppress(FileError):
            if self._committed < self._file.size:
                self._file.resize(self._committed)


def _rank(offset: int, piece: bytes) -> tuple[int, int]:
    """Return when a piece is put down: superblock, B-trees from the root down, the rest, object headers."""
    if piece[:4] == b"\x89HDF":
        return (0, 0)
    if piece[:4] == b"TREE":
        return (1, -piece[5])
    return (3, offset) if piece[:4] == b"OHDR" else (2, offset)
