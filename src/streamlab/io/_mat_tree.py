"""The variables of a MAT file as a tree of groups, whichever version it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from streamlab.io._hdf5_data import check_dataset, datasets, open_hdf5
from streamlab.io._labels import clean
from streamlab.io._mat5_reader import variables5

__all__ = ["Array", "Tree", "names_in", "read_mat5", "read_mat73"]

_DEEPEST = 6
_TEXT = 1 << 24

Tree = dict[str, dict[str, Any]]
"""Group ("" is the top): name of a variable: a text, or an array or dataset of two axes or three."""


class Array:
    """A NumPy array that can stand where a dataset does."""

    chunks = None

    def __init__(self, values: Any) -> None:
        self._values = values
        self.shape, self.ndim, self.dtype, self.size = values.shape, values.ndim, values.dtype, values.size

    @property
    def id(self) -> Any:
        """What tells one dataset from another."""
        return _Identity(id(self))

    def __getitem__(self, part: Any) -> Any:
        return self._values[part]


class _Identity:
    def __init__(self, number: int) -> None:
        self.id = number


def read_mat5(path: Path) -> tuple[Tree, str]:
    """Return the variables of a file of version 5, and a note where not all could be read."""
    tree: Tree = {}
    try:
        for name, value in variables5(path):
            _plant(tree, "", name, value, 0)
    except ValueError as error:
        if not tree:
            raise
        return tree, f"is cut off or damaged behind its variables ({error})"
    return tree, ""


def _plant(tree: Tree, group: str, name: str, value: Any, depth: int) -> None:
    if isinstance(value, dict) and depth < _DEEPEST:
        for field, inner in value.items():
            _plant(tree, f"{group}/{name}".lstrip("/"), field, inner, depth + 1)
    elif isinstance(value, str):
        tree.setdefault(group, {})[name] = value
    elif isinstance(value, np.ndarray) and value.ndim in (2, 3):
        tree.setdefault(group, {})[name] = Array(value)


def read_mat73(path: Path) -> tuple[Any, Tree]:
    """Return the open file of version 7.3, and its variables."""
    file = open_hdf5(path)
    tree: Tree = {}
    try:
        for name, data in datasets(file, path):
            group, _, base = name.lstrip("/").rpartition("/")
            if group.startswith("#refs#"):
                continue
            if data.attrs.get("MATLAB_class") == b"char":
                tree.setdefault(group, {})[base] = _text(data)
            elif data.dtype.kind in "fiub" and data.ndim in (2, 3) and "MATLAB_empty" not in data.attrs:
                check_dataset(data, path)
                tree.setdefault(group, {})[base] = data
    except BaseException:
        file.close()
        raise
    return file, tree


def _text(data: Any) -> str:
    if data.size > _TEXT or data.dtype.kind != "u" or "MATLAB_empty" in data.attrs:
        return ""
    codes = data[...].T.ravel().astype("<u2")
    return str(codes.tobytes().decode("utf-16-le", errors="replace"))


def names_in(tree: Tree) -> Iterator[str]:
    """Yield the variables, for a message."""
    for group, inside in tree.items():
        for name in inside:
            yield clean(f"{group}/{name}".lstrip("/"))
