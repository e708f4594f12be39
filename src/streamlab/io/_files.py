"""Files: errors that say what to do, and outputs that are either complete or marked incomplete."""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from streamlab.errors import FileError

__all__ = ["IfExists", "OutputFile", "check_readable", "check_writable", "explain"]

IfExists = Literal["error", "overwrite", "number"]

_HINTS = {
    errno.ENOENT: ("there is no such file or folder", "check the path; outputs need a folder that exists"),
    errno.ENOTDIR: ("a part of the path is not a folder", "check the path"),
    errno.EISDIR: ("is a folder", "give the path of a file"),
    errno.EACCES: ("no permission", "change the file's permissions or take another path"),
    errno.EPERM: ("no permission", "change the file's permissions or take another path"),
    errno.EROFS: ("the file system is read-only", "take another path"),
    errno.ENOSPC: (
        "the disk is full",
        "free some space or take another disk; what was written so far is kept",
    ),
    errno.EDQUOT: ("the disk quota is used up", "free some space; what was written so far is kept"),
    errno.EFBIG: ("the file has reached the size limit", "raise the limit; what was written so far is kept"),
    errno.ENAMETOOLONG: ("the name is too long", "take a shorter one"),
    errno.EMFILE: ("too many files are open", "close some or raise the limit"),
}


def explain(path: Path | str, error: OSError) -> FileError:
    """Return the error as a FileError in words, with a hint."""
    message, hint = _HINTS.get(error.errno or 0, (error.strerror or str(error), ""))
    return FileError(path, message, hint=hint)


def check_readable(path: Path) -> None:
    """Raise FileError unless the path is a file that can be read."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise explain(path, error) from error


def check_writable(path: Path, if_exists: IfExists) -> None:
    """Raise FileError when an output is bound to fail: no folder, no permission, or a file in the way."""
    folder = path.parent
    if not folder.is_dir():
        raise FileError(
            path, f"the folder {str(folder)!r} does not exist", hint="make it, or take another path"
        )
    if path.is_dir():
        raise FileError(path, "is a folder", hint="give the path of a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(
            path, f"no permission to write to the folder {str(folder)!r}", hint="take another path"
        )
    if if_exists == "error":
        for taken in (path, incomplete(path)):
            if os.path.exists(taken):
                raise _in_the_way(taken)


def incomplete(path: Path) -> Path:
    """Return the name of an output while it is written: ``levels.incomplete.csv``."""
    return path.with_name(f"{path.stem}.incomplete{path.suffix}")


class OutputFile:
    """A file that is written under its incomplete name and gets its own when it is finished.

    An ``append`` is kept whole or not at all: when the disk is full the file ends with the last one that
    fitted. Raises FileError throughout.
    """

    def __init__(self, path: Path, if_exists: IfExists) -> None:
        check_writable(path, if_exists)
        self.path = _numbered(path) if if_exists == "number" else path
        self.current = incomplete(self.path)  # the name it has now
        self.complete = False
        self.size = 0
        self._if_exists = if_exists
        mode = "w+b" if if_exists == "overwrite" else "x+b"
        try:
            self._file = open(self.current, mode, buffering=0)  # noqa: SIM115 - closed by finish or close
        except FileExistsError:
            raise _in_the_way(self.current) from None
        except OSError as error:
            raise explain(self.current, error) from error

    def append(self, data: bytes) -> None:
        """Write at the end."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            with suppress(OSError):  # a device has no length
                self._file.truncate(self.size)
                self._file.seek(self.size)
            raise explain(self.current, error) from error
        self.size += len(data)

    def patch(self, offset: int, data: bytes | memoryview) -> None:
        """Write at a place: over what is there already, such as the sizes in a header, or beyond the end."""
        rest = memoryview(data)
        try:
            self._file.seek(offset)
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
            self.size = max(self.size, offset + len(data))
            self._file.seek(self.size)
        except OSError as error:
            raise explain(self.current, error) from error

    def read(self, offset: int, size: int) -> bytes:
        """Return what was written at a place; fewer bytes at the end of the file."""
        parts = []
        try:
            self._file.seek(offset)
            while size > 0 and (part := self._file.read(size)):
                parts.append(part)
                size -= len(part)
            self._file.seek(self.size)
        except OSError as error:
            raise explain(self.current, error) from error
        return b"".join(parts)

    def resize(self, size: int) -> None:
        """Cut the file off, or make it longer by zeros that take no room."""
        try:
            self._file.truncate(size)
            self._file.seek(size)
        except OSError as error:
            raise explain(self.current, error) from error
        self.size = size

    def rewrite(self, parts: Iterable[bytes]) -> None:
        """Put other content in the place of what was written, which stays until that is complete."""
        beside = self.path.with_name(f"{self.path.stem}.incomplete-2{self.path.suffix}")
        try:
            with open(beside, "wb") as file:
                for part in parts:
                    file.write(part)
            self._file.close()
            os.replace(beside, self.current)
            self._file = open(self.current, "r+b", buffering=0)  # noqa: SIM115 - closed by finish or close
            self.size = self._file.seek(0, os.SEEK_END)
        except BaseException as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            if isinstance(error, OSError) and not isinstance(error, FileError):
                raise explain(self.current, error) from error
            raise

    def finish(self) -> None:
        """Close it under its own name: it is complete."""
        self.close()
        if self._if_exists != "overwrite" and self.path.exists():
            raise _in_the_way(self.path)
        try:
            os.replace(self.current, self.path)
        except OSError as error:
            raise explain(self.current, error) from error
        self.current, self.complete = self.path, True

    def close(self) -> None:
        """Close it as it is; fine if it is closed."""
        try:
            self._file.close()
        except OSError as error:
            raise explain(self.current, error) from error


def _numbered(path: Path) -> Path:
    """Return the path, or the first of ``name-2``, ``name-3``, ... that is free."""
    number, free = 1, path
    while free.exists() or incomplete(free).exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _in_the_way(path: Path) -> FileError:
    unfinished = ".incomplete" in path.suffixes
    what = "an unfinished file of an earlier run is in the way" if unfinished else "the file exists already"
    return FileError(path, what, hint="move it away, or set if_exists to overwrite or number")
