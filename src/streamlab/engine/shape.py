"""The shape of a graph: keys, types and ranges, as the published JSON Schema has them.

Finds every problem, reads nothing else.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from streamlab.core.channel_state import POLICIES
from streamlab.core.params import pointer, shown, suggest
from streamlab.core.ports import FILLS, JOIN_POLICIES
from streamlab.engine.schema import (
    CONNECTION_KEYS,
    JOIN_KEYS,
    MAX_NUMBER,
    NODE_KEYS,
    SETTINGS_KEYS,
    TOP_KEYS,
)
from streamlab.engine.spec import EXECUTORS
from streamlab.errors import Problem

__all__ = ["MAX_DEPTH", "check_shape"]

MAX_DEPTH = 100
"""How deep a graph document may nest; annotations included."""

Check = Callable[[Any], str]
"""Returns what is expected, or nothing when the value fits."""


def check_shape(document: Any) -> list[Problem]:
    """Return every problem with the shape of a graph document; parameters of nodes are not looked at."""
    if not isinstance(document, dict):
        return [_wrong("", "a graph", "an object", document)]
    problems = list(_finite(document))
    problems += _keys(document, "", TOP_KEYS, ("nodes",), _TOP)
    problems += _object(document.get("pipeline_config"), "/pipeline_config", SETTINGS_KEYS, (), _SETTINGS)
    for at, node in _items(document, "nodes"):
        if not isinstance(node, dict):
            problems.append(_wrong(at, "node", "an object", node))
            continue
        problems += _keys(node, at, NODE_KEYS, ("id", "type"), _NODE)
        problems += _object(node.get("join"), f"{at}/join", JOIN_KEYS, (), _JOIN)
    for at, connection in _items(document, "connections"):
        if not isinstance(connection, dict):
            problems.append(_wrong(at, "connection", "an object", connection))
            continue
        problems += _keys(connection, at, CONNECTION_KEYS, ("from", "to"), _CONNECTION)
    return problems


def _items(document: Mapping[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    listed = document.get(key)
    if isinstance(listed, list):
        for index, item in enumerate(listed):
            yield f"/{key}/{index}", item


def _object(
    value: Any, at: str, known: Sequence[str], required: Sequence[str], checks: Mapping[str, Check]
) -> list[Problem]:
    """Check an object inside the document; what is no object has been reported by whoever holds it."""
    return _keys(value, at, known, required, checks) if isinstance(value, dict) else []


def _keys(
    value: Mapping[str, Any],
    at: str,
    known: Sequence[str],
    required: Sequence[str],
    checks: Mapping[str, Check],
) -> list[Problem]:
    problems = []
    for key in required:
        if key not in value:
            problems.append(Problem(at, f"{key!r} is missing", f"the key {key!r}", "nothing", kind="shape"))
    for key, item in value.items():
        if key not in known:
            hint = suggest(key, known) or f"known keys: {', '.join(known)}"
            what = f"unknown key {shown(key)}"
            problems.append(Problem(at + pointer(key), what, "a known key", shown(key), hint, kind="shape"))
        elif key in checks and (expected := checks[key](item)):
            problems.append(_wrong(at + pointer(key), repr(key), expected, item))
    return problems


def _wrong(at: str, what: str, expected: str, found: Any) -> Problem:
    text = f"{shown(found)} ({type(found).__name__})"
    return Problem(at, f"{what} does not fit", expected, text, kind="shape")


def _finite(document: Any) -> Iterable[Problem]:
    """Find NaN and infinities, which JSON does not have, and documents that nest without end."""
    stack: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while stack:
        path, value = stack.pop()
        if len(path) > MAX_DEPTH:
            most = f"at most {MAX_DEPTH} levels"
            yield Problem(pointer(*path[:3]), "nests too deep", most, "more", kind="meaning")
            continue
        is_object = isinstance(value, dict)
        for key, item in value.items() if is_object else enumerate(value):
            if type(item) is str and type(key) is str:  # most of a document
                continue
            if is_object and not isinstance(key, str):
                yield Problem(pointer(*path, key), "a key is text", "text", shown(key), kind="shape")
            if isinstance(item, dict | list):
                stack.append(((*path, key), item))
            elif isinstance(item, float) and not math.isfinite(item):
                where = pointer(*path, key)
                yield Problem(
                    where, "not a finite number", "a number that JSON has", repr(item), kind="shape"
                )


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and -MAX_NUMBER <= value <= MAX_NUMBER
    )


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value else "text that is not empty"


def _any_text(value: Any) -> str:
    return "" if isinstance(value, str) else "text"


def _bool(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _mapping(value: Any) -> str:
    return "" if isinstance(value, dict) else "an object"


def _positive(value: Any) -> str:
    return "" if _is_number(value) and value > 0 else f"a number > 0 and <= {MAX_NUMBER:g}"


def _capacity(value: Any) -> str:
    fits = (
        value == "auto"
        if isinstance(value, str)
        else _is_number(value) and value >= 1 and value == int(value)
    )
    return "" if fits else f"a whole number of frames >= 1 and <= {MAX_NUMBER:g}, or 'auto'"


def _version(value: Any) -> str:
    return "" if _is_number(value) and value == 1 else "1, the only version there is"


def _list(value: Any) -> str:
    return "" if isinstance(value, list) else "a list"


def _nodes(value: Any) -> str:
    return "" if isinstance(value, list) and value else "a list of at least one node"


def _one_of(*choices: str) -> Check:
    expected = f"one of {', '.join(repr(choice) for choice in choices)}"
    return lambda value: "" if isinstance(value, str) and value in choices else expected


_TOP: dict[str, Check] = {
    "version": _version,
    "name": _any_text,
    "pipeline_config": _mapping,
    "nodes": _nodes,
    "connections": _list,
    "metadata": _mapping,
}
_SETTINGS: dict[str, Check] = {"channel_capacity": _capacity, "fuse": _bool, "executor": _one_of(*EXECUTORS)}
_NODE: dict[str, Check] = {
    "id": _text,
    "type": _text,
    "config": _mapping,
    "on_error": _one_of("fail", "skip"),
    "isolate": _bool,
    "executor": _one_of(*EXECUTORS),
    "join": _mapping,
    "metadata": _mapping,
}
_JOIN: dict[str, Check] = {
    "policy": _one_of(*JOIN_POLICIES),
    "deadline": _positive,
    "rate": _positive,
    "fill": _one_of(*FILLS),
}
_CONNECTION: dict[str, Check] = {
    "from": _text,
    "to": _text,
    "capacity": _capacity,
    "policy": _one_of(*POLICIES),
    "metadata": _mapping,
}
