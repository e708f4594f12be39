"""Where the examples are: beside the command in an installed package, in ``examples/`` of the source tree."""

from pathlib import Path

from streamlab.errors import FileError

__all__ = ["example", "example_folder"]


def example(name: str) -> Path:
    """Return the path of an example graph. Raises FileError."""
    folder = example_folder()
    if folder is not None and (folder / name).is_file():
        return folder / name
    raise FileError(name, "the example is not in this installation")


def example_folder() -> Path | None:
    """Return the folder with the example graphs; None in an installation without."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "example_graphs", here.parents[3] / "examples"):
        if (folder / "hum.json").is_file():
            return folder
    return None
