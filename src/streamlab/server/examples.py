"""Examples: graphs that come with StreamLab, each with the recordings that it needs."""

import json
from pathlib import Path
from typing import Any

from streamlab.core.registry import node_class
from streamlab.engine.graph import Graph
from streamlab.server.errors import ApiError
from streamlab.server.project import Project
from streamlab.server.simulated import SIMULATED, Simulator

__all__ = ["Examples"]


class Examples:
    """The examples of an installation; a recording that one needs is simulated where it is not there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def listed(self) -> list[dict[str, Any]]:
        """Return all of them."""
        paths = sorted(self._folder.glob("*.json")) if self._folder is not None else []
        return [self._row(path) for path in paths]

    def _row(self, path: Path) -> dict[str, Any]:
        graph = Graph.load(path)
        metadata = graph.document.get("metadata", {})
        needs = [text for _, _, text in _inputs(graph.document)]
        return {
            "id": path.stem,
            "name": graph.name or path.stem.replace("_", " "),
            "about": metadata.get("about", ""),
            "nodes": len(graph.document["nodes"]),
            "needs": [Path(text).name for text in needs],
            "ready": all(_source_of(text) is not None for text in needs),
            "document": graph.document,
        }

    def open(self, name: str, project: Project) -> tuple[str, str]:
        """Copy an example into a project under a free name; returns its path and revision.

        Raises ApiError 404 for one that there is not, 422 where a recording cannot be had.
        """
        path = next((row for row in self._paths() if row.stem == name), None)
        if path is None:
            raise ApiError(404, "not-found", f"no example {name!r}")
        document = json.loads(path.read_text(encoding="utf-8"))
        for index, key, text in _inputs(document):
            document["nodes"][index]["config"][key] = _bring(text, project)
        target = project.free_name(path.name)
        revision, _ = project.save(target, document, None)
        return target, revision

    def _paths(self) -> list[Path]:
        return [] if self._folder is None else list(self._folder.glob("*.json"))


def _inputs(document: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Return node, parameter and path of every file that a graph reads. Builds no parameters: it is quick."""
    found = []
    for index, node in enumerate(document["nodes"]):
        for key, item in node_class(node["type"]).param_set.fields.items():
            text = node.get("config", {}).get(key)
            if item.path == "input" and isinstance(text, str):
                found.append((index, key, text))
    return found


def _source_of(text: str) -> Path | Simulator | None:
    """Return where a recording comes from: a file of this machine, or what simulates it."""
    path = Path(text)
    if path.is_absolute():
        return path if path.is_file() else SIMULATED.get("voice.wav")
    return SIMULATED.get(path.name)


def _bring(text: str, project: Project) -> str:
    """See to it that a recording lies in the project; returns its path there."""
    name = Path(text).name
    target = project.root.path(name)
    if target.is_file():
        return name
    source = _source_of(text)
    if source is None:
        raise ApiError(422, "bad-path", f"the example needs {name!r}, which is not there")
    if isinstance(source, Path):
        project.root.write(name, source.read_bytes())
        return name
    part = target.with_name(f".streamlab-{name}")
    source(part)
    part.replace(target)
    return name
