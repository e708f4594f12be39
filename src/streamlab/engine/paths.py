"""Where a graph's files are.

Inputs are found from the graph's folder, outputs go under the output folder and stay there.
"""

from pathlib import Path
from typing import Any

from streamlab.core.params import pointer
from streamlab.engine.spec import GraphSpec, NodeSpec
from streamlab.errors import Problem

__all__ = ["Folders", "paths_of"]


class Folders:
    """The folders that relative paths start from.

    ``inputs`` is the graph file's folder (None: the current one). ``outputs`` is the root that no output
    may leave; without one, outputs are found from the current folder and may lie anywhere.
    """

    def __init__(self, inputs: Path | None = None, outputs: str | Path | None = None) -> None:
        self.inputs = inputs
        self.outputs = None if outputs is None else Path(outputs)

    def problems(self, spec: GraphSpec) -> list[Problem]:
        """Return a problem for every output path that leaves the output folder."""
        problems: list[Problem] = []
        if self.outputs is None:
            return problems
        root = self.outputs.resolve()
        for node in spec.nodes.values():
            for name, text in paths_of(node, "output"):
                if not _within(root, text):
                    problems.append(
                        Problem(
                            f"{node.pointer}/config{pointer(name)}",
                            "the file would lie outside the output folder",
                            f"a path under {root}",
                            repr(text),
                            "give a relative path, or another output folder",
                            node.id,
                        )
                    )
        return problems

    def resolved(self, node: NodeSpec) -> dict[str, Any]:
        """Return a node's configuration with its paths made absolute."""
        config = dict(node.config)
        for name, text in paths_of(node, "input"):
            config[name] = str((self.inputs or Path()).absolute() / text)
        for name, text in paths_of(node, "output"):
            config[name] = str((self.outputs or Path()).absolute() / text)
        return config


def _within(root: Path, text: str) -> bool:
    try:
        place = (root / text).resolve()
        # A loop of links is left in the path from Python 3.13 on; before, it raised.
        return place.is_relative_to(root) and not any(part.is_symlink() for part in (place, *place.parents))
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL: no place under the root
        return False


def paths_of(node: NodeSpec, role: str) -> list[tuple[str, str]]:
    """Return the parameters that name a file to read ("input") or to write ("output"), each with its path."""
    listed = [name for name, item in node.cls.param_set.fields.items() if item.path == role]
    values = [(name, getattr(node.params, name, None)) for name in listed]
    return [(name, value) for name, value in values if isinstance(value, str) and value]
