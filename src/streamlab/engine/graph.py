"""Graph: the one model of a graph. Loads, saves, validates, and is what the builder in Python builds."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Self

from streamlab.core.params import pointer, shown
from streamlab.engine.canonical import content_hash
from streamlab.engine.plan import plan_problems
from streamlab.engine.spec import GraphSpec
from streamlab.engine.validate import check_graph
from streamlab.errors import FileError, GraphError, Problem

__all__ = ["MAX_FILE_BYTES", "Graph", "GraphSource", "load_graph"]

_MAX_COPIED = 1000

MAX_FILE_BYTES = 16 * 2**20
"""The largest graph file that is read."""


class Graph:
    """A graph document (JSON, version 1) with the folder that its relative paths start from.

    ``document`` is kept as it was written - order of keys, annotations - so a round trip load -> save is
    stable.

    Examples
    --------
    >>> graph = Graph("hum")
    >>> graph = graph.add("gen", "SineGenerator", frequency=50.0).add("amp", "Gain", gain=2.0)
    >>> graph.connect("gen", "amp").problems()
    []
    """

    def __init__(
        self, name: str = "", document: Mapping[str, Any] | None = None, *, folder: Path | None = None
    ) -> None:
        if document is None:
            document = {"version": 1, **({"name": name} if name else {}), "nodes": [], "connections": []}
        self.document: dict[str, Any] = _copied(document)
        self.folder = folder
        self._found: list[Problem] = []

    @classmethod
    def load(cls, source: "GraphSource") -> "Graph":
        """Read a graph from a dict, JSON text (it starts with ``{``), a file's path.

        Or another Graph (copied).

        Raises GraphError for text that is not JSON (with line and column), FileError for a file that cannot
        be read. Whether the graph makes sense is for ``validate`` to say.
        """
        if isinstance(source, Graph):
            graph = cls(document=source.document, folder=source.folder)
            graph._found = list(source._found)
            return graph
        if isinstance(source, Mapping):
            return cls(document=source)
        if isinstance(source, str) and source.lstrip().startswith("{"):
            return cls._parse(source, "graph text", None)
        if not isinstance(source, str | PathLike):
            expected = "a dict, JSON text, a file's path or a Graph"
            found = f"{shown(source)} ({type(source).__name__})"
            raise GraphError([Problem("", "this is no graph", expected, found, kind="shape")])
        path = Path(source)
        return cls._parse(_read(path), str(path), path.parent)

    @classmethod
    def _parse(cls, text: str, name: str, folder: Path | None) -> Self:
        try:
            document = json.loads(text, object_pairs_hook=_Object)
        except json.JSONDecodeError as error:
            found = f"line {error.lineno}, column {error.colno}"
            raise GraphError(
                [Problem("", f"not JSON: {error.msg} at {found}", "a JSON document", found, kind="shape")],
                title=name,
            ) from None
        except ValueError as error:  # a number of thousands of digits
            raise GraphError([Problem("", f"cannot be read: {error}", kind="shape")], title=name) from None
        except RecursionError:
            raise GraphError([Problem("", "nests too deep to be read", kind="shape")], title=name) from None
        if not isinstance(document, dict):
            raise GraphError(
                [Problem("", "a graph is an object", "{...}", type(document).__name__, kind="shape")],
                title=name,
            )
        graph = cls(document=document, folder=folder)
        graph._found = list(_duplicates(document))
        return graph

    # -- building

    def add(self, id: str, type: str, **config: Any) -> Self:
        """Add a node with its parameters. ``node_options`` sets the rest."""
        node: dict[str, Any] = {"id": id, "type": type}
        if config:
            node["config"] = config
        self.document.setdefault("nodes", []).append(node)
        return self

    def node_options(self, id: str, **options: Any) -> Self:
        """Set what stands beside a node's config.

        ``on_error``, ``isolate``, ``executor``, ``join``, ``metadata``. Raises KeyError.
        """
        self._node(id).update(options)
        return self

    def connect(self, source: str, target: str, **options: Any) -> Self:
        """Connect ``node`` or ``node.port`` to another; options are ``capacity`` and ``policy``."""
        self.document.setdefault("connections", []).append({"from": source, "to": target, **options})
        return self

    def configure(self, **settings: Any) -> Self:
        """Set ``pipeline_config``: ``channel_capacity``, ``fuse``, ``executor``."""
        self.document.setdefault("pipeline_config", {}).update(settings)
        return self

    def set(self, id: str, **config: Any) -> Self:
        """Change parameters of a node. Raises KeyError when there is none of that id."""
        self._node(id).setdefault("config", {}).update(config)
        return self

    def _node(self, id: str) -> dict[str, Any]:
        for node in self.document.get("nodes", ()):
            if isinstance(node, dict) and node.get("id") == id:
                return node
        have = ", ".join(
            str(node.get("id")) for node in self.document.get("nodes", ()) if isinstance(node, dict)
        )
        raise KeyError(f"no node {id!r}; nodes: {have or 'none'}")

    # -- checking

    def problems(self) -> list[Problem]:
        """Return everything that is wrong with the graph, in the order of the document.

        Makes no node, opens nothing.
        """
        spec, problems = check_graph(self.document)
        return [*self._found, *problems] if spec is None else [*self._found, *plan_problems(spec)]

    def validate(self) -> None:
        """Raise GraphError with every problem, if there is one."""
        problems = self.problems()
        if problems:
            raise GraphError(problems, title=self.name or "graph")

    def spec(self) -> GraphSpec:
        """Return the checked graph as the planner wants it. Raises GraphError with every problem."""
        spec, problems = check_graph(self.document)
        problems = [*self._found, *problems]
        if spec is None or problems:
            raise GraphError(problems, title=self.name or "graph")
        return replace(spec, hashing=self._hash_or_nothing)

    # -- saving

    @property
    def name(self) -> str:
        """The graph's name, or nothing."""
        name = self.document.get("name", "")
        return name if isinstance(name, str) else ""

    @property
    def hash(self) -> str:
        """The SHA-256 of the document in canonical form (RFC 8785), in hexadecimal.

        It stays the same when keys change places or a number is spelled another way. Raises GraphError for
        what JSON cannot hold.
        """
        try:
            return content_hash(self.document)
        except (TypeError, ValueError, RecursionError) as error:
            raise GraphError(f"has no hash: {error}", title=self.name or "graph") from None

    def _hash_or_nothing(self) -> str:
        try:
            return self.hash
        except GraphError:  # a text stream in a parameter, say: it runs, but its text is not known
            return ""

    def to_dict(self) -> dict[str, Any]:
        """Return a copy of the document."""
        document: dict[str, Any] = _copied(self.document)
        return document

    def to_json(self) -> str:
        """Return the document as JSON text, stable and with a line an entry, fit for version control.

        Raises GraphError for what JSON cannot hold: NaN, an object of Python.
        """
        try:
            text = json.dumps(self.document, indent=2, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise GraphError(f"cannot be written as JSON: {error}", title=self.name or "graph") from None
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"

    def save(self, path: str | Path) -> None:
        """Write the document to a file. Raises FileError."""
        try:
            Path(path).write_text(self.to_json(), encoding="utf-8")
        except OSError as error:
            raise FileError(path, f"cannot be written: {error.strerror or error}") from error

    def __repr__(self) -> str:
        nodes = self.document.get("nodes")
        count = len(nodes) if isinstance(nodes, list) else 0
        return f"Graph({self.name!r}, {count} nodes)"


_PLAIN = frozenset({str, int, float, bool, type(None)})
"""What holds nothing else."""

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can escape it, UTF-8 cannot hold it."""

GraphSource = Graph | Mapping[str, Any] | str | Path


def load_graph(source: GraphSource) -> Graph:
    """Read and validate a graph; see :meth:`Graph.load`. Raises GraphError with every problem, FileError."""
    graph = Graph.load(source)
    graph.validate()
    return graph


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its keys were written more than once."""

    repeated: tuple[str, ...] = ()

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        if len(self) != len(pairs):
            keys = [key for key, _ in pairs]
            self.repeated = tuple(sorted(key for key, count in Counter(keys).items() if count > 1))


def _duplicates(document: Any) -> Any:
    stack = [("", document)]
    while stack:
        at, value = stack.pop()
        if isinstance(value, _Object):
            for key in value.repeated:
                yield Problem(
                    at + pointer(key), f"duplicate key {key!r}", "each key once", repr(key), kind="shape"
                )
        items = value.items() if isinstance(value, dict) else enumerate(value)
        stack += [(at + pointer(key), item) for key, item in items if isinstance(item, dict | list)]


def _read(path: Path) -> str:
    try:
        if path.is_dir():
            raise FileError(path, "is a folder, not a graph file")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileError(path, f"is larger than a graph file may be ({MAX_FILE_BYTES // 2**20} MB)")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileError(path, "no such graph file") from None
    except UnicodeDecodeError as error:
        raise FileError(path, f"is not UTF-8 text: {error.reason} at byte {error.start}") from None
    except FileError:
        raise
    except (OSError, ValueError) as error:
        raise FileError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _copied(value: Any) -> Any:
    """Copy the containers of a document; what is in them (a text stream, say) stays what it is.

    Raises GraphError for a document that contains itself or nests deeper than any that makes sense.
    """
    top: Any = [None]
    stack: list[tuple[Any, Any, Any, tuple[int, ...]]] = [(top, 0, value, ())]
    while stack:
        parent, key, item, above = stack.pop()
        if type(item) is not dict and not isinstance(item, Mapping | list | tuple):
            parent[key] = item
            continue
        if id(item) in above or len(above) > _MAX_COPIED:
            raise GraphError("the document contains itself" if id(item) in above else "nests too deep")
        inside = (*above, id(item))
        if isinstance(item, Mapping):
            parent[key] = fresh = dict(item)
            stack += [
                (fresh, name, inner, inside) for name, inner in item.items() if type(inner) not in _PLAIN
            ]
        else:
            parent[key] = row = list(item)
            stack += [
                (row, index, inner, inside) for index, inner in enumerate(item) if type(inner) not in _PLAIN
            ]
    return top[0]
