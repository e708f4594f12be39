"""Hypothesis strategies for documents that may be anything: graphs gone wrong, and what never was one."""

import json
import math
from collections.abc import Callable, Collection, Mapping
from copy import copy
from functools import cache
from typing import Any

from hypothesis import strategies as st

from streamlab.core.channel_state import POLICIES
from streamlab.core.ports import FILLS, JOIN_POLICIES
from streamlab.core.registry import node_class, node_types
from streamlab.engine.spec import EXECUTORS
from streamlab.testing.strategies import valid_graphs

__all__ = ["any_documents", "damaged_texts", "json_values", "mutated_graphs", "node_configs"]

Document = dict[str, Any]
Strategy = st.SearchStrategy[Any]

_IDS = ("a", "b", "c", "a.b", "µ", "x/y~z")
_PORTS = ("", ".in", ".out", ".a", ".b", ".nope", ".", ".in.in", "..")
_TORN = (b'"', b"{", b"]", b",", b"\xef\xbb\xbf", b"NaN", b"1e999", b'"id":', b"[" * 5000, b'{"x":' * 5000)
_NUMBERS = (0, 1, -1, 2, 10, 64, 10**9, 10**9 + 1, 2**63, -(10**30), 10**400)
_FLOATS = (0.0, -0.0, 1.0, 2.5, -1.5, 0.1, 1e-320, 1e9, 1e22, 1.7e308)


@cache
def json_values(*, python: bool = False) -> Strategy:
    """Return a strategy for JSON values: nested, huge, with every kind of text.

    With ``python`` also what only a dict in Python can hold: NaN, keys that are no text, tuples, objects.
    """
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from(_NUMBERS) | st.integers(-100, 100),
        st.sampled_from(_FLOATS) | st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(("", "auto", "zip", "Gain", "a", "a.in", "1", "\ud800", "\0", "é" * 300))
        | st.text(max_size=8),
    )
    keys: Strategy = st.sampled_from(("id", "type", "gain", "")) | st.text(max_size=4)
    if python:
        leaves |= st.sampled_from((math.nan, math.inf, -math.inf, (1, 2), b"bytes", object(), {1, 2}, 1j))
        keys |= st.sampled_from((0, 1.5, None, True, (1, 2), b"id"))
    nested = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=6,
    )
    # Deeper than 200 levels json itself may fail, depending on how deep in calls it is used.
    depths = (1, 50, 99, 101, 200, *((1500,) if python else ()))
    return nested | st.builds(_nest, leaves, st.sampled_from(depths), st.booleans())


def _nest(value: Any, depth: int, objects: bool) -> Any:
    for _ in range(depth):
        value = {"x": value} if objects else [value]
    return value


# -- parameters

_known_configs: dict[tuple[type, bool], st.SearchStrategy[Document]] = {}
"""Strategies that were made: it takes a while."""


def node_configs(type_name: str, *, python: bool = False) -> st.SearchStrategy[Document]:
    """Return a strategy for configurations of a node type: right, on the edge, just over it, and wrong.

    The edges are those that the type's JSON Schema has.
    """
    cls = node_class(type_name)
    known = _known_configs.get((cls, python))
    if known is None:
        known = _known_configs[cls, python] = _configs(
            cls.param_set.json_schema(), json_values(python=python)
        )
    return known


def _configs(schema: Document, anything: Strategy) -> st.SearchStrategy[Document]:
    parameters = {name: _near(values) for name, values in schema.get("properties", {}).items()}
    required = schema.get("required", ())
    strange = st.sampled_from(("gian", "Gain", "", "frame size")) | st.text(max_size=5)

    @st.composite
    def configs(draw: Any) -> Document:
        config: Document = {}
        for name, near in parameters.items():
            way = draw(st.integers(0, 11))
            if way >= 6 or (way >= 2 and name in required):
                config[name] = draw(near)
            elif way == 1:
                config[name] = draw(anything)
        if draw(st.integers(0, 7)) == 7:
            config[draw(strange)] = 1
        return config

    return configs()


def _near(schema: Mapping[str, Any]) -> Strategy:
    """Values that fit a piece of JSON Schema, or fail to by a hair."""
    if "anyOf" in schema:
        return st.one_of(*map(_near, schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        choices = schema.get("enum", [schema.get("const")])
        return st.sampled_from([*choices, str(choices[0]).upper(), f"{choices[0]} ", ""])
    kind = schema.get("type")
    if kind in ("number", "integer"):
        return _near_number(schema, whole=kind == "integer")
    if kind == "array":
        least = schema.get("minItems", 0)
        return st.lists(_near(schema.get("items", {})), min_size=max(0, least - 1), max_size=least + 2)
    if kind == "string":
        return st.sampled_from(("x", "left", "main_channel", "20 uPa", "1", "", "take.wav")) | st.text(
            max_size=5
        )
    if kind == "boolean":
        return st.sampled_from((True, False, 0, 1, "true"))
    return st.sampled_from((None, 0, "null")) if kind == "null" else json_values()


def _near_number(schema: Mapping[str, Any], whole: bool) -> Strategy:
    names = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    bounds = [schema[name] for name in names if name in schema] or [0]
    values: list[Any] = []
    for bound in bounds:
        values += [bound, bound - 1, bound + 1]
        if math.isfinite(bound) and abs(bound) < 2**53:
            values += [
                float(bound),
                math.nextafter(bound, math.inf),
                math.nextafter(bound, -math.inf),
                bound + 0.5,
            ]
    default = schema.get("default")
    values += [default] if isinstance(default, int | float) else []
    inside = st.integers(1, 100) if whole else st.integers(1, 100).map(lambda number: number / 8)
    return st.sampled_from(values) | inside | inside.map(str) | inside.map(float)


# -- documents that look like graphs


def any_documents(*, python: bool = True) -> Strategy:
    """Return a strategy for documents: anything at all, and such that have the keys of a graph."""

    @st.composite
    def documents(draw: Any) -> Any:
        if draw(st.integers(0, 7)) == 7:
            return draw(json_values(python=python))
        return _Sketch(draw, python).graph()

    return documents()


class _Sketch:
    """Something that looks like a graph, with a slip here and there."""

    def __init__(self, draw: Any, python: bool) -> None:
        self.draw = draw
        self.python = python

    def one_of(self, *choices: Any) -> Any:
        """Draw one of these, or now and then anything."""
        if self.draw(st.integers(0, 15)) == 15:
            return self.draw(json_values(python=self.python))
        return self.draw(st.sampled_from(choices))

    def entry(self, needed: Collection[str], most: int, **values: Callable[[], Any]) -> Any:
        """Draw an object with the keys that it needs, mostly, and up to so many others."""
        if self.draw(st.integers(0, 31)) == 31:
            return self.draw(json_values(python=self.python))
        others = [key for key in values if key not in needed]
        keys = [*needed, *self.draw(st.lists(st.sampled_from(others), max_size=most, unique=True))]
        return {key: values[key]() for key in keys if self.draw(st.integers(0, 15)) < 15}

    def several(self, make: Callable[[], Any]) -> list[Any]:
        return [make() for _ in range(self.draw(st.integers(0, 4)))]

    def junk(self) -> Any:
        return self.draw(json_values(python=self.python))

    def graph(self) -> Any:
        return self.entry(
            ("nodes", "connections"),
            3,
            nodes=lambda: self.several(self.node),
            connections=lambda: self.several(self.connection),
            version=lambda: self.one_of(1, 1.0, 2, "1", True),
            name=lambda: self.one_of("", "graph"),
            pipeline_config=self.settings,
            metadata=lambda: self.one_of({}, {"note": [1]}),
            author=self.junk,
        )

    def settings(self) -> Any:
        return self.entry(
            (),
            3,
            channel_capacity=self.capacity,
            fuse=lambda: self.one_of(True, False),
            executor=lambda: self.one_of(*EXECUTORS),
        )

    def capacity(self) -> Any:
        return self.one_of(1, 10, 64, "auto", 1.0, 10**9, 0, -1, 2.5, "many", True, 10**10)

    def node(self) -> Any:
        kind = self.one_of(*node_types(), "Gian", "")
        return self.entry(
            ("id", "type", "config"),
            2,
            id=lambda: self.one_of(*_IDS),
            type=lambda: kind,
            config=lambda: self.config(kind),
            on_error=lambda: self.one_of("fail", "skip", "ignore"),
            isolate=lambda: self.one_of(True, False),
            executor=lambda: self.one_of(*EXECUTORS),
            join=self.join,
            metadata=lambda: self.one_of({}, {"x": 1}),
            colour=self.junk,
        )

    def config(self, kind: Any) -> Any:
        known = isinstance(kind, str) and kind in node_types()
        return self.draw(node_configs(kind, python=self.python)) if known else self.junk()

    def join(self) -> Any:
        return self.entry(
            ("policy",),
            2,
            policy=lambda: self.one_of(*JOIN_POLICIES, "sum"),
            deadline=lambda: self.one_of(0.5, 1, 0, -1, 1e9, 2e9),
            rate=lambda: self.one_of(1000, 0.5, 0, 1e10),
            fill=lambda: self.one_of(*FILLS, "none"),
        )

    def connection(self) -> Any:
        return self.entry(
            ("from", "to"),
            2,
            **{"from": self.end},
            to=self.end,
            capacity=self.capacity,
            policy=lambda: self.one_of(*POLICIES, "drop"),
            metadata=lambda: self.one_of({}, {"x": 1}),
        )

    def end(self) -> Any:
        name = self.one_of(*_IDS)
        return f"{name}{self.draw(st.sampled_from(_PORTS))}" if isinstance(name, str) else name


# -- graphs gone wrong


def mutated_graphs(*, kit: bool = True, python: bool = True) -> st.SearchStrategy[Document]:
    """Return a strategy for graphs that worked before something happened to them.

    Keys and entries dropped, renamed, doubled; values of the wrong type or out of bounds; cycles, unknown
    nodes and ports. With ``kit`` the nodes of the test kit have to be registered.
    """
    sound = valid_graphs(kit=kit, lossy=kit, max_nodes=6)

    @st.composite
    def graphs(draw: Any) -> Document:
        document: Document = draw(sound)
        for _ in range(draw(st.integers(1, 3))):
            draw(st.sampled_from(_MUTATIONS))(draw, document, python)
        return document

    return graphs()


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    seen: set[int] = set()
    stack = [document]
    while stack:
        item = stack.pop()
        if isinstance(item, dict | list) and id(item) not in seen:
            seen.add(id(item))
            keys = list(item) if isinstance(item, dict) else range(len(item))
            found += [(item, key) for key in keys]
            stack += [item[key] for key in keys]
    return found


def _place(draw: Any, document: Document, kind: type = object) -> tuple[Any, Any] | None:
    places = [place for place in _places(document) if isinstance(place[0], kind)]
    return draw(st.sampled_from(places)) if places else None


def _drop(draw: Any, document: Document, python: bool) -> None:
    if place := _place(draw, document):
        del place[0][place[1]]


def _rename(draw: Any, document: Document, python: bool) -> None:
    if place := _place(draw, document, dict):
        container, key = place
        renamed = draw(st.sampled_from((f"{key}s", str(key)[1:], str(key).upper(), "", "~/", "config")))
        container[renamed] = container.pop(key)


def _double(draw: Any, document: Document, python: bool) -> None:
    if place := _place(draw, document, list):
        place[0].append(copy(place[0][place[1]]))


def _replace(draw: Any, document: Document, python: bool) -> None:
    if place := _place(draw, document):
        place[0][place[1]] = draw(json_values(python=python))


def _move(draw: Any, document: Document, python: bool) -> None:
    """Put a value in another's place; in Python a document may come to contain itself that way."""
    one, other = _place(draw, document), _place(draw, document)
    if one and other and (python or not isinstance(other[0][other[1]], dict | list)):
        one[0][one[1]] = other[0][other[1]]


def _add_key(draw: Any, document: Document, python: bool) -> None:
    if place := _place(draw, document, dict):
        place[0][draw(st.sampled_from(("executor", "gain", "frames", "capacity", "x")))] = draw(json_values())


def _connect(draw: Any, document: Document, python: bool) -> None:
    """Add an edge between any two nodes: a cycle, a second edge into an input, a port that is none."""
    nodes, edges = document.get("nodes"), document.get("connections")
    if isinstance(nodes, list) and isinstance(edges, list):
        known = [node["id"] for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str)]
        ends = st.builds(str.__add__, st.sampled_from([*known, "nobody"]), st.sampled_from(_PORTS))
        edges.append({"from": draw(ends), "to": draw(ends)})


def _retype(draw: Any, document: Document, python: bool) -> None:
    nodes = document.get("nodes")
    entries = [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    if entries:
        draw(st.sampled_from(entries))["type"] = draw(st.sampled_from(node_types()))


_MUTATIONS: tuple[Callable[[Any, Document, bool], None], ...] = (
    _drop, _rename, _double, _replace, _replace, _move, _add_key, _connect, _connect, _retype,
)  # fmt: skip


def damaged_texts() -> st.SearchStrategy[bytes]:
    """Return a strategy for what a graph file may hold: JSON cut off, torn, with bytes that do not belong."""
    documents = mutated_graphs(kit=False, python=False) | any_documents(python=False)

    @st.composite
    def texts(draw: Any) -> bytes:
        document = draw(documents)
        text = json.dumps(document, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
        for _ in range(draw(st.integers(0, 2))):
            at, more = draw(st.integers(0, len(text))), draw(st.integers(0, 5))
            bit = draw(st.binary(max_size=4) | st.sampled_from(_TORN))
            text = draw(
                st.sampled_from((text[:at], text[:at] + bit + text[at + more :], text[at:] + text[:at]))
            )
        return text

    return texts()
