"""Where a node stands: what it may write into a file so that a reader knows how the file was made."""

from dataclasses import dataclass

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """The graph that a node belongs to: its name, its ``Graph.hash``, and the node's id in it.

    All are empty for a node that stands alone, the hash also for a graph that JSON cannot hold.
    """

    graph: str = ""
    graph_hash: str = ""
    node: str = ""
