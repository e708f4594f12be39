"""Files under a root, and nowhere else: names from outside become paths here or are refused."""

import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from streamlab.server.errors import ApiError

__all__ = ["MAX_DEPTH", "Root"]

MAX_DEPTH = 8
"""Folders that a path may go down."""
_MAX_NAME = 255  # bytes; what file systems take
_STRANGE = re.compile(r'[\x00-\x1f\x7f\\:<>"|?*\ud800-\udfff]')
"""What no name may hold: control characters, and what would mean something else on Windows."""
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class Root:
    """A folder whose files are named by their path in it, with ``/`` between the parts.

    A link in the way is refused, wherever it leads: what is under the root is under the root.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def path(self, name: str) -> Path:
        """Return the path of a name, whether or not there is a file. Raises ApiError 422."""
        parts = name.split("/")
        why = _refused(parts)
        if why:
            raise _bad(name, why)
        path = self.folder.joinpath(*parts)
        for above in reversed([path, *path.parents[: len(parts) - 1]]):
            if above.is_symlink():
                raise _bad(name, f"{above.name!r} is a link, which is not followed")
        try:
            inside = path.resolve().is_relative_to(self.folder)
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            raise _bad(name, "it lies outside the folder")
        return path

    def name(self, path: Path) -> str:
        """Return the name of a path under the root."""
        return path.relative_to(self.folder).as_posix()

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises ApiError 404, 422."""
        path = self.path(name)
        try:
            descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW | _BINARY | getattr(os, "O_NONBLOCK", 0))
        except (FileNotFoundError, NotADirectoryError):
            raise ApiError(404, "not-found", f"no file {name!r}") from None
        except OSError as error:
            raise _bad(name, f"it cannot be read: {error.strerror}") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ApiError(404, "not-found", f"{name!r} is no file")
        return os.fdopen(descriptor, "rb")

    def read(self, name: str, limit: int) -> bytes:
        """Return what is in a file. Raises ApiError 404, 422, 413 for more than ``limit`` bytes."""
        with self.open(name) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ApiError(413, "too-large", f"{name!r} is larger than {limit} bytes")
        return data

    def write(self, name: str, data: bytes) -> Path:
        """Write a file as a whole or not at all, over one that is there. Raises ApiError 422."""
        path = self.path(name)
        if path.is_dir():
            raise _bad(name, "it is a folder")
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=".streamlab-", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).chmod(mode)
                Path(temporary).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            raise _bad(name, f"it cannot be written: {error.strerror}") from None
        return path


def _refused(parts: list[str]) -> str:
    if len(parts) > MAX_DEPTH:
        return f"it lies more than {MAX_DEPTH} folders deep"
    for part in parts:
        if part in ("", ".", ".."):
            return "a part of it is empty, '.' or '..'"
        if part.startswith("."):
            return "hidden files are left alone"
        if part != part.strip() or part.endswith("."):
            return "a name begins or ends with a blank, or ends with a dot"
        if _STRANGE.search(part):
            return "a name has a character that no name may have"
        if _DEVICE.fullmatch(part):
            return f"{part!r} is a device on Windows"
        if len(part.encode()) > _MAX_NAME:
            return "a name is too long"
    return ""


def _bad(name: str, why: str) -> ApiError:
    shown = name if len(name) < 80 else f"{name[:77]}..."
    return ApiError(
        422,
        "bad-path",
        f"the path {shown!r} cannot be used: {why}",
        hint="a path in the project, such as line1/hum.json",
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
