"""Hypothesis strategies for graphs that work; those that do not are in ``documents``.

What is drawn is a document, as a graph file holds it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from streamlab.core import DataFrame, StreamInfo
from streamlab.core.node import Kind
from streamlab.testing._graph_growth import GraphGrowth

__all__ = ["capped", "trigger_frames", "valid_graphs"]

Document = dict[str, Any]


def valid_graphs(
    *,
    kit: bool = True,
    lossy: bool = False,
    kinds: Collection[Kind] | None = None,
    executors: Sequence[str] = ("inline", "thread"),
    max_nodes: int = 12,
) -> st.SearchStrategy[Document]:
    """Return a strategy for graphs that validate, end by themselves and neither fail nor stall.

    Sources and generators (on a Clock, or waiting for triggers), chains, fan-out, diamonds joined by zip or
    align, several ends; random capacities, placements and orders.

    Parameters
    ----------
    kit
        With the nodes of the test kit; ``with registered():`` has to make them known where the graph is used.
    lossy
        Also edges that drop, joins by latest and merge or with a deadline, nodes that fail or leave early:
        such a graph may lose frames, fail or stall, but it may not lose count.
    kinds
        Behind the sources only nodes of these kinds: such as those whose output does not depend on how the
        stream is cut.
    executors
        What ``executor`` may be.
    max_nodes
        Nodes behind the sources, at most.

    A graph that waits for triggers says which under ``metadata``; :func:`trigger_frames` makes them.
    """

    @st.composite
    def graphs(draw: Any) -> Document:
        graph = GraphGrowth(draw, kit, lossy, kinds, executors)
        graph.heads()
        for _ in range(draw(st.integers(0, max_nodes))):
            graph.grow()
        return graph.document()

    return graphs()


def trigger_frames(document: Mapping[str, Any]) -> list[DataFrame] | None:
    """Return the triggers that a drawn graph waits for; None where it runs by itself."""
    wanted = document.get("metadata", {}).get("triggers")
    if wanted is None:
        return None
    count, size, rate = wanted["count"], wanted["size"], wanted["rate"]
    info = StreamInfo(["x"], rate * size) if size else StreamInfo()
    return [
        DataFrame.from_samples(
            np.arange(k * size, (k + 1) * size, dtype=float).reshape(len(info.names), size),
            info,
            timestamp=k * 10**6 // rate,
            sequence_id=k,
            start_sample=k * size,
            metadata={"trigger": k},
        )
        for k in range(count)
    ]


def capped(document: Mapping[str, Any], capacity: int) -> Document:
    """Return a drawn graph with every edge at this capacity, or at the least that its joins can do with."""
    edges = []
    for edge in document["connections"]:
        needs = edge.get("metadata", {}).get("needs", 1)
        plain = {key: value for key, value in edge.items() if key != "capacity"}
        edges.append(plain | ({"capacity": needs} if needs > capacity else {}))
    settings = document.get("pipeline_config", {}) | {"channel_capacity": capacity}
    return {**document, "connections": edges, "pipeline_config": settings}
