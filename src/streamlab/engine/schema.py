"""The published JSON Schema of a graph: shape of the document and parameters of every node type."""

from typing import Any

from streamlab.core.channel_state import POLICIES
from streamlab.core.ports import FILLS, JOIN_POLICIES
from streamlab.core.registry import node_class, node_types
from streamlab.engine.spec import DEFAULT_CAPACITY, EXECUTORS, checks_config
from streamlab.errors import StreamLabError

__all__ = [
    "CONNECTION_KEYS",
    "JOIN_KEYS",
    "MAX_NUMBER",
    "NODE_KEYS",
    "SETTINGS_KEYS",
    "TOP_KEYS",
    "graph_schema",
]

MAX_NUMBER = 10**9
"""The largest capacity (frames), rate (Hz) and deadline (s) that a graph may ask for."""

_CAPACITY = {
    "description": "Frames that an edge holds, those in work included; auto: chosen from their size",
    "anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_NUMBER}, {"const": "auto"}],
}
_METADATA = {"type": "object", "description": "Annotations; kept, never read"}
_NAME = {"type": "string", "minLength": 1}
_EXECUTOR = {
    "enum": list(EXECUTORS),
    "description": "Where the work is done: the caller's event loop, a worker thread or a worker process",
}
_JOIN: dict[str, Any] = {
    "type": "object",
    "description": "How several inputs are put together",
    "properties": {
        "policy": {"enum": list(JOIN_POLICIES), "default": "zip"},
        "deadline": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": MAX_NUMBER,
            "x-unit": "s",
            "description": "How long a frame waits for its partners",
        },
        "rate": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": MAX_NUMBER,
            "x-unit": "Hz",
            "description": "align: common rate; that of the first input if not given",
        },
        "fill": {
            "enum": list(FILLS),
            "default": "hold",
            "description": "align: how values between samples are found",
        },
    },
    "additionalProperties": False,
}
_SETTINGS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "channel_capacity": {**_CAPACITY, "default": DEFAULT_CAPACITY},
        "fuse": {"type": "boolean", "default": True, "description": "Run neighbouring nodes as one task"},
        "executor": {**_EXECUTOR, "default": "inline"},
    },
    "additionalProperties": False,
}
_NODE: dict[str, Any] = {
    "id": {**_NAME, "description": "Name of the node, unique in the graph"},
    "type": {"description": "Node type"},
    "config": {"type": "object", "description": "Parameters of the node type"},
    "on_error": {
        "enum": ["fail", "skip"],
        "default": "fail",
        "description": "A frame that fails ends the run, or is left out and counted",
    },
    "isolate": {"type": "boolean", "default": False, "description": "Give the node a task of its own"},
    "executor": _EXECUTOR,
    "join": _JOIN,
    "metadata": _METADATA,
}
_CONNECTION: dict[str, Any] = {
    "from": {**_NAME, "description": "node or node.port"},
    "to": {**_NAME, "description": "node or node.port"},
    "capacity": _CAPACITY,
    "policy": {
        "enum": list(POLICIES),
        "default": "block",
        "description": "What a full edge does with a further frame",
    },
    "metadata": _METADATA,
}

TOP_KEYS = ("version", "name", "pipeline_config", "nodes", "connections", "metadata")
NODE_KEYS = tuple(_NODE)
CONNECTION_KEYS = tuple(_CONNECTION)
SETTINGS_KEYS = tuple(_SETTINGS["properties"])
JOIN_KEYS = tuple(_JOIN["properties"])


def graph_schema(types: list[str] | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a graph with the parameters of these node types (None: all)."""
    names = node_types() if types is None else types
    definitions: dict[str, Any] = {}
    branches: list[dict[str, Any]] = []
    for name in names:
        config = _config(name)
        own = config.pop("$defs", {})
        if own:  # two types may call different things by one name
            config = _renamed(config, name)
            definitions |= {f"{name}.{key}": _renamed(value, name) for key, value in own.items()}
        then: dict[str, Any] = {"properties": {"config": config}}
        if config.get("required"):
            then["required"] = ["config"]
        branches.append({"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": then})
    node = {
        "type": "object",
        "properties": {**_NODE, "type": {"enum": names, "description": "Node type"}},
        "required": ["id", "type"],
        "additionalProperties": False,
        "allOf": branches,
    }
    connection = {
        "type": "object",
        "properties": _CONNECTION,
        "required": ["from", "to"],
        "additionalProperties": False,
    }
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "StreamLab graph",
        "type": "object",
        "properties": {
            "version": {"const": 1},
            "name": {"type": "string"},
            "pipeline_config": _SETTINGS,
            "nodes": {"type": "array", "minItems": 1, "items": node},
            "connections": {"type": "array", "items": connection},
            "metadata": _METADATA,
        },
        "required": ["nodes"],
        "additionalProperties": False,
    }
    if definitions:
        schema["$defs"] = definitions
    return schema


def _renamed(schema: Any, owner: str) -> Any:
    """Return a schema whose references to definitions name the node type that they belong to."""
    if isinstance(schema, list):
        return [_renamed(item, owner) for item in schema]
    if not isinstance(schema, dict):
        return schema
    start = "#/$defs/"
    return {
        key: f"{start}{owner}.{value.removeprefix(start)}" if key == "$ref" else _renamed(value, owner)
        for key, value in schema.items()
    }


def _config(name: str) -> dict[str, Any]:
    """Return the schema of a node type's config.

    Open for a type that reads its config itself, and for an installed one that does not load: one broken
    package does not take the schema from everybody.
    """
    try:
        cls = node_class(name)
    except StreamLabError:
        return {"type": "object"}
    return cls.param_set.json_schema() if checks_config(cls) else {"type": "object"}
