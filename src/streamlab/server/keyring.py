"""Keys of sessions that outlive a restart: a page that is open finds its way back to the same server.

One small file a port, which only its owner can read, in the folder that the system has for such things. What
was not used for a day is thrown away. Where no file can be kept, sessions end with the server.
"""

import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["KEY_BYTES", "session_keys", "state_folder"]

KEY_BYTES = 32
_LASTS = 24 * 3600.0
_NAMES = ("edit", "view")


def state_folder() -> Path:
    """Return where the files lie."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "streamlab"
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "streamlab"


def session_keys(port: int, folder: Path | None = None) -> dict[str, str]:
    """Return the keys of ``edit`` and ``view`` for a port: those of the server before, or new ones."""
    folder = state_folder() if folder is None else folder
    path = folder / f"sessions-{port}.json"
    keys = _known(path) or {name: secrets.token_urlsafe(KEY_BYTES) for name in _NAMES}
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(folder)
        _write(path, keys)
    return keys


def _known(path: Path) -> dict[str, str] | None:
    """Read a file, if it is ours alone, fresh, and what it should be."""
    try:
        status = path.lstat()
        ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        closed = os.name != "posix" or not status.st_mode & 0o077
        if path.is_symlink() or not (ours and closed) or time.time() - status.st_mtime > _LASTS:
            return None
        keys = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(keys, dict) or set(keys) != set(_NAMES):
        return None
    sound = all(isinstance(key, str) and len(key) >= KEY_BYTES for key in keys.values())
    return keys if sound and len(set(keys.values())) == len(_NAMES) else None


def _write(path: Path, keys: dict[str, str]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file)
    part.replace(path)


def _sweep(folder: Path) -> None:
    """Remove what nobody has used for a day."""
    for path in folder.glob("sessions-*"):
        if time.time() - path.lstat().st_mtime > _LASTS:
            path.unlink()
