"""What pyarrow writes to: an output that takes a whole batch or nothing of it."""

from typing import Any

from streamlab.io._files import OutputFile

__all__ = ["Sink"]


class Sink:
    """A file object around an output. What is written to it is in the file after ``settle``.

    After an append that failed everything else goes nowhere: the library may still want to write its end.
    """

    closed = False

    def __init__(self, file: OutputFile) -> None:
        self._file = file
        self._parts: list[bytes] = []
        self._end = file.size
        self._broken = False

    def write(self, data: Any) -> int:
        """Take bytes; they wait for ``settle``."""
        part = bytes(data)
        self._parts.append(part)
        self._end += len(part)
        return len(part)

    def settle(self) -> None:
        """Append what waits, in one piece. Raises FileError."""
        parts, self._parts = self._parts, []
        if self._broken:
            return
        try:
            self._file.append(b"".join(parts))
        except BaseException:
            self._broken = True
            raise

    def tell(self) -> int:
        """Where the next byte will stand."""
        return self._end

    def flush(self) -> None:
        """Nothing: what waits belongs together."""

    def close(self) -> None:
        """Take no more; the output stays open."""
        self.closed = True

    def readable(self) -> bool:
        """Not."""
        return False

    def writable(self) -> bool:
        """To what else."""
        return True

    def seekable(self) -> bool:
        """At its end only."""
        return False
