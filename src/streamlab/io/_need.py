"""Libraries of the extra ``files``: imported when they are used, and missing ones named with what to type."""

from importlib import import_module
from pathlib import Path
from typing import Any

from streamlab.errors import FileError

__all__ = ["need"]


def need(module: str, path: Path | str) -> Any:
    """Return a module of the extra ``files``. Raises FileError with the line to type where it is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        name = error.name.partition(".")[0]
        raise FileError(
            path,
            f"needs {name}, which is not installed",
            hint='pip install "streamlab-core[files]"',
        ) from None
