"""Where the examples are: beside the command in an installed package, in ``examples/`` of the source tree."""

from pathlib import Path

from streamlab.errors import FileError

__all__ = ["example"]


def example(name: str) -> Path:
    """Return the path of an example graph. Raises FileError."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "example_graphs", here.parents[3] / "examples"):
        if (folder / name).is_file():
            return folder / name
    raise FileError(name, "the example is not in this installation")
