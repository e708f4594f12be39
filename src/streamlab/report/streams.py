"""Which outputs of a graph a report shows: what is judged, measured, recorded, or comes out at the end."""

from dataclasses import dataclass

from streamlab.core import ProcessingNode
from streamlab.engine.spec import EdgeSpec, GraphSpec

__all__ = ["MOST_STREAMS", "Watched", "watched_streams"]

MOST_STREAMS = 24
"""Outputs that a report shows at most; those with a judge come first."""

_PASSING_MODULES = ("streamlab.nodes.judgement.", "streamlab.nodes.sinks.", "streamlab.io.")
_PASSING = (
    "streamlab.nodes.conditioning.check_signal",
    "streamlab.nodes.conditioning.calibrate",
    "streamlab.nodes.logic.run_until",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """An output and the nodes that look at it, also through nodes that pass it on as it is."""

    node: str
    port: str
    readers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What ``AsyncPipeline.tap`` calls it."""
        return f"{self.node}.{self.port}"


def watched_streams(spec: GraphSpec) -> tuple[list[Watched], list[Watched]]:
    """Return the outputs worth a plot, in the order of the stream, and those that are too many.

    An output is worth one if it is read by a node that has a result (a measurement, a judge, a writer) or
    that ends the graph, and if nobody reads it. A node that hands on what it gets has no plot of its own.
    """
    found = []
    for name in spec.order:
        node = spec.nodes[name]
        if passes(node.cls):
            continue
        for port in node.cls.outputs:
            edges = [edge for edge in spec.outputs[name] if edge.source_port == port]
            readers = _readers(spec, edges)
            if not edges or any(_looks(spec, reader) for reader in readers):
                found.append(Watched(name, port, readers))
    if len(found) <= MOST_STREAMS:
        return found, []
    judged = [one for one in found if any(_judges(spec, reader) for reader in one.readers)]
    kept = [*judged, *(one for one in found if one not in judged)][:MOST_STREAMS]
    return [one for one in found if one in kept], [one for one in found if one not in kept]


def passes(cls: type[ProcessingNode]) -> bool:
    """Whether a node's output is its input: judges, writers and their like, and what derives from them."""
    if len(cls.inputs) != 1 or len(cls.outputs) != 1:
        return False
    modules = [base.__module__ for base in cls.__mro__]
    return any(module.startswith(_PASSING_MODULES) or module in _PASSING for module in modules)


def _readers(spec: GraphSpec, edges: list[EdgeSpec]) -> tuple[str, ...]:
    readers: dict[str, None] = {}
    open_edges = list(edges)
    while open_edges:
        target = open_edges.pop(0).target
        if target not in readers:
            readers[target] = None
            if passes(spec.nodes[target].cls):
                open_edges += spec.outputs[target]
    return tuple(readers)


def _looks(spec: GraphSpec, reader: str) -> bool:
    cls = spec.nodes[reader].cls
    if cls.__module__ in _PASSING:  # a check passes a signal on to whoever looks at it
        return not spec.outputs[reader]
    return cls.result is not ProcessingNode.result or not spec.outputs[reader]


def _judges(spec: GraphSpec, reader: str) -> bool:
    modules = [base.__module__ for base in spec.nodes[reader].cls.__mro__]
    return any(module.startswith("streamlab.nodes.judgement.") for module in modules)
