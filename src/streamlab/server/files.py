"""Files of a project: recordings to read, and what runs have written."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from streamlab.io.formats import FORMATS, WRITERS
from streamlab.server.errors import ApiError
from streamlab.server.project import OUTPUT, Project
from streamlab.server.rooted import Root

__all__ = ["SUFFIXES", "Exists", "Files"]

Exists = Literal["error", "overwrite", "number"]

SUFFIXES = frozenset(suffix for known in FORMATS for suffix in known.suffixes) | frozenset(WRITERS)
"""What a recording's name may end with."""

_SOUND = frozenset(FORMATS[0].suffixes)


class Files:
    """What lies in a project besides its graphs."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Path, tuple[tuple[int, int], dict[str, Any] | None]] = {}

    def root(self, role: str) -> Root:
        """Return the root that files of a role lie under: the project, or its folder of outputs."""
        return self._project.root if role == "input" else Root(self._project.outputs)

    def listed(self, role: str) -> list[dict[str, Any]]:
        """Return recordings and tables of the project, or what runs have written."""
        root = self.root(role)
        outputs = self._project.outputs
        rows = []
        for path in self._project.files():
            inside = outputs in path.parents
            if inside != (role == "output") or (role == "input" and path.suffix.lower() not in SUFFIXES):
                continue
            with suppress(OSError):
                status = path.stat()
                rows.append(
                    {
                        "path": root.name(path),
                        "size": status.st_size,
                        "modified": status.st_mtime,
                        "audio": self._audio(path, status),
                    }
                )
        return rows

    def _audio(self, path: Path, status: os.stat_result) -> dict[str, Any] | None:
        """Return what a sound file's header says; None where it is none."""
        if path.suffix.lower() not in _SOUND:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = self._known[path] = (stamp, _header(path))
        return known[1]

    async def upload(self, name: str, exists: Exists, chunks: AsyncIterator[bytes]) -> tuple[str, int]:
        """Write a file as it comes; returns its name and size. Raises ApiError 409, 422.

        It has its name only once it is whole: what breaks off leaves nothing.
        """
        root = self._project.root
        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES:
            hint = f"files of measurement data: {', '.join(sorted(SUFFIXES))}"
            raise ApiError(422, "bad-path", f"{name!r} is no recording or table", hint=hint)
        path = root.path(name)
        if path.is_relative_to(self._project.outputs):
            raise ApiError(422, "bad-path", f"{OUTPUT!r} is for what runs write")
        if exists == "number":
            name = self._project.free_name(name)
            path = root.path(name)
        elif exists == "error" and path.exists():
            raise ApiError(409, "conflict", f"{name!r} is there already", current=None)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=".streamlab-", dir=path.parent)
        except OSError as error:
            raise ApiError(422, "bad-path", f"{name!r} cannot be written: {error.strerror}") from None
        size = 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in chunks:
                    size += file.write(chunk)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException as error:
            with suppress(OSError):
                Path(temporary).unlink()
            if isinstance(error, OSError):
                raise ApiError(422, "bad-path", f"{name!r} cannot be written: {error.strerror}") from None
            raise
        return name, size


def _header(path: Path) -> dict[str, Any] | None:
    import soundfile

    try:
        info = soundfile.info(str(path))
    except (soundfile.SoundFileError, OSError, ValueError):
        return None
    return {"channels": info.channels, "rate": info.samplerate, "duration": info.duration}
