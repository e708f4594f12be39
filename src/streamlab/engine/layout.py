"""What the planner makes: segments, the edges between them, and the plan that holds both. Plain data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from streamlab.core.channel_state import Policy
from streamlab.engine.flow import Flow
from streamlab.engine.spec import Executor, GraphSpec

__all__ = ["Edge", "Plan", "Segment", "SegmentKind"]

SegmentKind = Literal["source", "chain", "async", "run"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A bounded edge between two segments, or from the outside (``source`` empty: triggers)."""

    id: str
    source: str
    source_port: str
    target: str
    target_port: str
    capacity: int
    policy: Policy = "block"

    @property
    def trigger(self) -> bool:
        """Whether it brings triggers."""
        return not self.source


@dataclass(frozen=True, slots=True)
class Segment:
    """Nodes that run as one task.

    ``chain``: plain calls; ``async``: one node that awaits; ``run``: one that drives its channels;
    ``source``.
    """

    index: int
    kind: SegmentKind
    executor: Executor
    nodes: tuple[str, ...]
    inputs: tuple[Edge, ...]
    outputs: tuple[Edge, ...]


@dataclass(frozen=True)
class Plan:
    """A compiled graph. Print it to see segments, edges and bounds."""

    graph: GraphSpec
    segments: tuple[Segment, ...]
    edges: tuple[Edge, ...]
    flow: Flow = field(repr=False)

    @cached_property
    def max_in_flight(self) -> int:
        """Frames that can be under way on the longest path: the sum of its edges' capacities."""
        return max((sum(edge.capacity for edge in path) for path in self.paths()), default=0)

    @cached_property
    def sinks(self) -> tuple[str, ...]:
        """Nodes that nothing reads from, in the order of the file."""
        return self.graph.sinks

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Free-running sources, in the order of the file."""
        return self.graph.sources

    def paths(self) -> Iterable[tuple[Edge, ...]]:
        """Yield every path from an input to an end that differs from the others in what it can hold."""
        home = {name: segment for segment in self.segments for name in segment.nodes}
        best: dict[int, tuple[Edge, ...]] = {}
        for segment in self.segments:
            reach = [
                (*best.get(home[edge.source].index, ()), edge) if edge.source else (edge,)
                for edge in segment.inputs
            ]
            best[segment.index] = max(reach, key=lambda path: sum(edge.capacity for edge in path), default=())
            if not segment.outputs:
                yield best[segment.index]

    def __str__(self) -> str:
        lines = [
            f"plan of {self.graph.name!r}: {len(self.graph.nodes)} nodes, "
            f"{len(self.segments)} segments, {len(self.edges)} edges"
        ]
        for segment in self.segments:
            lines.append(
                f"  segment {segment.index} ({segment.kind}, {segment.executor}): {' + '.join(segment.nodes)}"
            )
        for edge in self.edges:
            lines.append(f"  edge {edge.id}: {edge.capacity} frames, {edge.policy}")
        lines.append(f"  at most {self.max_in_flight} frames in flight on a path")
        return "\n".join(lines)
