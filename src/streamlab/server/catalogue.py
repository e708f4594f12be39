"""The node types as the editor needs them: ports, words, and parameters as JSON Schema."""

from functools import cache
from inspect import cleandoc
from typing import Any

from streamlab.core.node import ProcessingNode
from streamlab.core.registry import UnknownNodeType, node_class, node_types
from streamlab.errors import StreamLabError
from streamlab.server.errors import ApiError

__all__ = ["catalogue", "category", "node_document"]

_CATEGORIES = ("generators", "conditioning", "logic", "measurement", "judgement", "sinks")


def catalogue() -> list[dict[str, Any]]:
    """Return every node type; one that does not load is left out, and said in the log."""
    listed = []
    for name in node_types():
        try:
            listed.append(node_document(name))
        except StreamLabError as error:
            _say_once(name, str(error))
    return listed


@cache
def _say_once(name: str, text: str) -> None:
    import logging

    logging.getLogger("streamlab").warning("node type %r is left out: %s", name, text)


def node_document(name: str) -> dict[str, Any]:
    """Return one node type. Raises ApiError 404, StreamLabError when it does not load."""
    try:
        cls = node_class(name)
    except UnknownNodeType as error:
        raise ApiError(404, "not-found", f"no node type {name!r}", hint=error.hint) from None
    return _document(name, cls)


def _document(name: str, cls: type[ProcessingNode]) -> dict[str, Any]:
    """Describe a type; once, since it takes a while and changes only with the class behind the name."""
    known = _known.get(name)
    if known is None or known[0] is not cls:
        known = _known[name] = (cls, _described(name, cls))
    return known[1]


_known: dict[str, tuple[type[ProcessingNode], dict[str, Any]]] = {}


def _described(name: str, cls: type[ProcessingNode]) -> dict[str, Any]:
    doc = cleandoc(cls.__doc__ or "")
    return {
        "type": name,
        "category": category(cls),
        "summary": " ".join(doc.partition("\n\n")[0].split()),
        "doc": doc,
        "kind": cls.kind,
        "source": cls.tier == "source",
        "trigger": cls.generator,
        "blocking": cls.blocking,
        "merges": False,
        "inputs": [{"name": port} for port in cls.inputs],
        "outputs": [{"name": port} for port in cls.outputs],
        "parameters": _parameters(cls),
    }


def category(cls: type[ProcessingNode]) -> str:
    """Return the drawer of the palette that a node type lies in."""
    package, _, rest = cls.__module__.partition(".")
    if package == "streamlab":
        parts = rest.split(".")
        if parts[0] == "io":
            return "files"
        if parts[0] == "nodes" and parts[1] in _CATEGORIES:
            return parts[1]
    return "other"


def _parameters(cls: type[ProcessingNode]) -> dict[str, Any]:
    """Return the JSON Schema; without parameters of its own a type takes any object, unless it takes none."""
    if cls.param_set.fields:
        return cls.param_set.json_schema()
    raw = cls.on_create is not ProcessingNode.on_create
    return {"type": "object", "properties": {}, "additionalProperties": raw}
