"""Memory that two processes share: a file without a name, passed on as a descriptor.

It lives as long as somebody has it mapped or open, so nothing is left when either process is killed.
"""

import mmap
import os
import tempfile

__all__ = ["SharedMemory"]

_FIRST = 1 << 16
"""Bytes to begin with; it grows with the largest batch."""


class SharedMemory:
    """A block of memory that grows. One side writes and says how much it has grown, the other reads.

    ``descriptor`` is what a child process is given; ``SharedMemory(descriptor)`` is the child's side of it.
    """

    __slots__ = ("_map", "descriptor", "view")

    def __init__(self, descriptor: int | None = None) -> None:
        if descriptor is None:
            self.descriptor = _nameless_file()
            os.ftruncate(self.descriptor, _FIRST)
        else:
            self.descriptor = descriptor
        self._open()

    def reserve(self, size: int) -> memoryview:
        """Return the memory, grown to at least ``size`` bytes: what was in it may be lost."""
        if size > len(self.view):
            os.ftruncate(self.descriptor, -(-size * 5 // 4) // mmap.PAGESIZE * mmap.PAGESIZE + mmap.PAGESIZE)
            self._open()
        return self.view

    def seen(self, size: int) -> memoryview:
        """Return the memory, which the other side has written ``size`` bytes of."""
        if size > len(self.view):
            self._open()
        return self.view

    def _open(self) -> None:
        """Map all there is. Views of an earlier mapping stay valid; it goes when the last of them does."""
        self._map = mmap.mmap(self.descriptor, 0)
        self.view = memoryview(self._map)

    def close(self) -> None:
        """Let go of the descriptor and of the mapping. Closing twice is fine."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            self.view = memoryview(b"")
            del self._map


def _nameless_file() -> int:
    """Memory on Linux, elsewhere a temporary file whose name is gone at once."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("streamlab")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
