"""Where a node stands: what it may write into a file so that a reader knows how the file was made."""

from collections.abc import Callable

__all__ = ["Context"]


class Context:
    """The graph that a node belongs to: its name, its ``Graph.hash``, and the node's id in it.

    All are empty for a node that stands alone, the hash also for a graph that JSON cannot hold. Most nodes
    never ask for the hash: ``graph_hash`` may be given as a function that works it out.
    """

    __slots__ = ("_hash", "graph", "node")

    def __init__(self, graph: str = "", graph_hash: str | Callable[[], str] = "", node: str = "") -> None:
        self.graph = graph
        self._hash = graph_hash
        self.node = node

    @property
    def graph_hash(self) -> str:
        """SHA-256 of the graph's canonical form, in hexadecimal."""
        return self._hash if isinstance(self._hash, str) else self._hash()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def __repr__(self) -> str:
        return f"Context({self.graph!r}, {self.graph_hash!r}, {self.node!r})"

    def _told(self) -> tuple[str, str, str]:
        return self.graph, self.graph_hash, self.node
