"""Graphs as the command gets them: a file, changes by ``--set``, a user's own node types by ``--nodes``."""

import json
import sys
import typing
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from streamlab.cli.outcome import UsageError
from streamlab.core import ProcessingNode, node_class
from streamlab.core.params import suggest
from streamlab.core.registry import UnknownNodeType
from streamlab.engine import Graph
from streamlab.engine.user_nodes import import_nodes

__all__ = ["apply_settings", "load"]


def load(source: Path, settings: Sequence[str] = (), nodes: Path | None = None) -> Graph:
    """Read a graph file (``-`` is stdin) and change its parameters; the result is not validated yet.

    Raises GraphError, FileError, UsageError.
    """
    if nodes is not None:
        import_nodes(nodes)
    graph = Graph.load(_stdin_text() if str(source) == "-" else source)
    if not graph.name:
        graph.document = {**graph.document, "name": source.stem if str(source) != "-" else "graph"}
    apply_settings(graph, settings)
    return graph


def _stdin_text() -> str:
    text = sys.stdin.read()
    return text if text.lstrip().startswith("{") else "{" + text  # no file is ever called what stdin holds


def apply_settings(graph: Graph, settings: Iterable[str]) -> None:
    """Change parameters as ``node.param=value`` says.

    Values are JSON; what is not JSON is text. A path to read is found from the current folder, since that
    is where the call was typed. Raises UsageError with a suggestion.
    """
    types = _types_of(graph)
    for text in settings:
        left, equals, value = text.partition("=")
        node = _longest(left, types)
        if not equals or "." not in left:
            raise UsageError(f"--set {text!r} is not node.param=value", hint="such as --set amp.gain=2.5")
        if node is None:
            name = left.partition(".")[0]
            hint = suggest(name, types) or f"nodes: {', '.join(types) or 'none'}"
            raise UsageError(f"--set {text}: no node {name!r} in the graph", hint=hint)
        param = left[len(node) + 1 :]
        graph.set(node, **{param: _value(text, types[node], node, param, value)})


def _types_of(graph: Graph) -> dict[str, str]:
    listed = graph.document.get("nodes")
    entries = [entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, dict)]
    return {str(entry["id"]): str(entry.get("type")) for entry in entries if "id" in entry}


def _longest(left: str, names: Iterable[str]) -> str | None:
    """A node's id may hold dots itself."""
    return max((name for name in names if left.startswith(f"{name}.")), key=len, default=None)


def _value(text: str, kind: str, node: str, param: str, value: str) -> Any:
    try:
        cls = node_class(kind)
    except UnknownNodeType:
        return _parsed(value)  # validation has more to say about this node
    if not cls.param_set.fields:
        return _parsed(value)
    item = cls.param_set.fields.get(param)
    if item is None:
        hint = suggest(param, cls.param_set.fields) or f"parameters: {', '.join(cls.param_set.fields)}"
        raise UsageError(f"--set {text}: {kind} {node!r} has no parameter {param!r}", hint=hint)
    parsed = _parsed(value)
    if _is_text(cls, param) and not isinstance(parsed, str | None):
        parsed = value  # a label may look like a number
    if item.path == "input" and isinstance(parsed, str) and parsed:
        return str(Path(parsed).absolute())
    return parsed


def _is_text(cls: type[ProcessingNode], param: str) -> bool:
    hint = typing.get_type_hints(cls).get(param)
    return hint is str or set(typing.get_args(hint)) == {str, type(None)}


def _parsed(value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_refused)
    except ValueError:
        return value


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
