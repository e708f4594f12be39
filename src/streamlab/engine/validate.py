"""From a graph document to a well-formed GraphSpec.

Finds every problem at once, makes no node and opens nothing.
"""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from streamlab.core.node import ProcessingNode
from streamlab.core.params import pointer, suggest
from streamlab.core.ports import Join, split_port
from streamlab.core.registry import UnknownNodeType, node_class
from streamlab.engine.shape import check_shape
from streamlab.engine.spec import (
    DEFAULT_CAPACITY,
    EXECUTORS,
    EdgeSpec,
    GraphSpec,
    NodeSpec,
    Settings,
    checks_config,
)
from streamlab.engine.wiring import check_inputs, check_joins, sorted_nodes, trigger_inputs
from streamlab.errors import ParamError, Problem, StreamLabError

__all__ = ["check_graph", "sketch_graph"]

_INDEX = re.compile("[0-9]{1,9}")


def check_graph(document: Any) -> tuple[GraphSpec | None, list[Problem]]:
    """Return the graph as the planner wants it, or None, and every problem that was found.

    ``document`` is that of a Graph: plain dicts and lists.
    """
    problems = check_shape(document)
    if not isinstance(document, dict):
        return None, problems
    nodes = _nodes(document, problems)
    edges, mentioned = _edges(document, nodes, problems)
    spec = _spec(document, nodes, edges)
    check_inputs(spec, mentioned, problems)
    check_joins(spec, problems)
    return (None if problems else spec), _in_order(problems)


def sketch_graph(document: Any) -> GraphSpec:
    """Return what is sound of a graph that may be unfinished, for an editor to show; never for a run."""
    unsaid: list[Problem] = []
    if not isinstance(document, dict):
        return _spec({}, {}, [])
    nodes = _nodes(document, unsaid)
    return _spec(document, nodes, _edges(document, nodes, unsaid)[0])


def _in_order(problems: list[Problem]) -> list[Problem]:
    def place(problem: Problem) -> list[Any]:
        tokens = problem.pointer.split("/")
        return [(0, int(token), "") if _INDEX.fullmatch(token) else (1, 0, token) for token in tokens]

    unique = dict.fromkeys(problems)
    return sorted(unique, key=place)


# -- nodes


def _nodes(document: Mapping[str, Any], problems: list[Problem]) -> dict[str, NodeSpec]:
    listed = document.get("nodes")
    nodes: dict[str, NodeSpec] = {}
    first: dict[str, int] = {}
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(entry, dict):
            continue
        name = entry.get("id")
        if isinstance(name, str) and name:
            if name in first:
                hint = f"/nodes/{first[name]} has it already"
                problems.append(
                    Problem(
                        f"/nodes/{index}/id",
                        f"duplicate id {name!r}",
                        "an id of its own",
                        repr(name),
                        hint,
                        name,
                    )
                )
            first.setdefault(name, index)
        spec = _node(index, entry, problems)
        if spec is not None:
            nodes.setdefault(spec.id, spec)
    return nodes


def _node(index: int, entry: Mapping[str, Any], problems: list[Problem]) -> NodeSpec | None:
    at, name, kind = f"/nodes/{index}", entry.get("id"), entry.get("type")
    if not (isinstance(kind, str) and kind):
        return None
    label = name if isinstance(name, str) else ""
    try:
        cls = node_class(kind)
    except UnknownNodeType as error:
        problems.append(
            Problem(
                f"{at}/type",
                f"unknown node type {kind!r}",
                "a known type",
                repr(kind),
                error.hint,
                label,
                "shape",
            )
        )
        return None
    except (StreamLabError, ImportError) as error:
        problems.append(Problem(f"{at}/type", str(error), node=label))
        return None
    if cls.tier == "none":
        problems.append(
            Problem(
                f"{at}/type",
                f"node type {kind!r} has neither process nor run",
                "process(), run() or frames()",
                cls.__name__,
                node=label,
            )
        )
    written = entry.get("config", {})
    config = (
        {key: value for key, value in written.items() if isinstance(key, str)}
        if isinstance(written, dict)
        else {}
    )
    # What is no object has been said; that parameters are missing in it would be said for nothing.
    params = _params(cls, config, at, label, problems if isinstance(written, dict) else [])
    join = _join(entry.get("join"))
    if not label:
        return None
    return NodeSpec(
        id=label,
        type_name=kind,
        index=index,
        cls=cls,
        config=dict(config),
        params=params,
        join=join,
        on_error="skip" if entry.get("on_error") == "skip" else "fail",
        isolate=entry.get("isolate") is True,
        executor=_executor(entry.get("executor")),
    )


def _params(
    cls: type[ProcessingNode], config: Mapping[str, Any], at: str, label: str, problems: list[Problem]
) -> Any:
    """Check a configuration. A class without parameters of its own reads the raw config in ``on_create``."""
    if not checks_config(cls):
        return SimpleNamespace()
    try:
        return SimpleNamespace(**cls.param_set.decode(config))
    except ParamError as error:
        for item in error.problems:
            problems.append(
                Problem(
                    f"{at}/config{item.pointer}",
                    item.message,
                    item.expected,
                    item.found,
                    item.hint,
                    label,
                    item.kind,
                )
            )
    except Exception as error:  # a node that trips over its own checks is a problem of the graph
        text = f"the checks of {cls.__name__} failed: {type(error).__name__}: {error}"
        problems.append(Problem(f"{at}/config", text, node=label))
    return SimpleNamespace()


def _join(value: Any) -> Join | None:
    if not isinstance(value, dict):
        return None
    known = {key: value[key] for key in ("policy", "deadline", "rate", "fill") if key in value}
    return Join(**known)


def _executor(value: Any) -> Any:
    return value if value in EXECUTORS else None


# -- edges


def _edges(
    document: Mapping[str, Any], nodes: dict[str, NodeSpec], problems: list[Problem]
) -> tuple[list[EdgeSpec], set[str]]:
    """Return the sound edges, and the nodes that an unsound one names as its target.

    Those are meant to be connected.
    """
    listed = document.get("connections")
    known = dict.fromkeys(_ids(document))
    mentioned: set[str] = set()
    edges: list[EdgeSpec] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(entry, dict):
            continue
        at = f"/connections/{index}"
        source = _end(entry.get("from"), "from", at, known, nodes, problems)
        target = _end(entry.get("to"), "to", at, known, nodes, problems)
        if source is None or target is None:
            mentioned.add(split_port(str(entry.get("to")), known)[0])
            continue
        if source[0] == target[0]:
            mentioned.add(target[0])
            problems.append(
                Problem(
                    at,
                    f"{source[0]!r} is connected to itself",
                    "two different nodes",
                    "a self-loop",
                    node=source[0],
                )
            )
            continue
        key = (*source, *target)
        if key in seen:
            problems.append(
                Problem(
                    at, "duplicate connection", "a connection once", f"the same as /connections/{seen[key]}"
                )
            )
            continue
        seen[key] = index
        edges.append(EdgeSpec(*source, *target, index, _capacity(entry.get("capacity")), entry.get("policy")))
    return edges, mentioned


def _capacity(value: Any) -> Any:
    """JSON's 10.0 is 10."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _ids(document: Mapping[str, Any]) -> list[str]:
    listed = document.get("nodes")
    entries = listed if isinstance(listed, list) else ()
    return [entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _end(
    text: Any, key: str, at: str, known: dict[str, None], nodes: dict[str, NodeSpec], problems: list[Problem]
) -> tuple[str, str] | None:
    """Find node and port that ``from`` or ``to`` names."""
    if not (isinstance(text, str) and text):
        return None
    name, port = split_port(text, known)
    where = at + pointer(key)
    if name not in known:
        hint = suggest(text, known) or f"nodes: {', '.join(known) or 'none'}"
        problems.append(Problem(where, f"unknown node {text!r}", "the id of a node", repr(text), hint))
        return None
    spec = nodes.get(name)
    if spec is None:
        return None  # the node itself is already a problem
    ports = spec.cls.outputs if key == "from" else spec.cls.inputs
    side = "output" if key == "from" else "input"
    if not ports:
        problems.append(
            Problem(
                where,
                f"{name!r} ({spec.type_name}) has no {side}",
                f"a node with an {side}",
                repr(text),
                node=name,
            )
        )
        return None
    if not port:
        if len(ports) == 1:
            return name, ports[0]
        choices = ", ".join(repr(f"{name}.{item}") for item in ports)
        problems.append(
            Problem(
                where, f"{name!r} has several {side}s, name one", f"one of {choices}", repr(text), node=name
            )
        )
        return None
    if port not in ports:
        hint = suggest(port, ports) or f"{side}s: {', '.join(ports)}"
        problems.append(
            Problem(
                where,
                f"{name!r} ({spec.type_name}) has no {side} {port!r}",
                f"one of {list(ports)}",
                repr(port),
                hint,
                name,
            )
        )
        return None
    return name, port


# -- the whole


def _spec(document: Mapping[str, Any], nodes: dict[str, NodeSpec], edges: list[EdgeSpec]) -> GraphSpec:
    settings = document.get("pipeline_config")
    settings = settings if isinstance(settings, dict) else {}
    inputs: dict[str, list[EdgeSpec]] = {name: [] for name in nodes}
    outputs: dict[str, list[EdgeSpec]] = {name: [] for name in nodes}
    for edge in edges:
        inputs[edge.target].append(edge)
        outputs[edge.source].append(edge)
    return GraphSpec(
        name=document.get("name", ""),
        settings=Settings(
            channel_capacity=_capacity(settings.get("channel_capacity", DEFAULT_CAPACITY)),
            fuse=settings.get("fuse", True),
            executor=settings.get("executor", "inline"),
        ),
        nodes=nodes,
        edges=tuple(edges),
        order=tuple(sorted_nodes(nodes, inputs, outputs)),
        triggers=tuple(trigger_inputs(nodes, inputs)),
        inputs=inputs,
        outputs=outputs,
    )
