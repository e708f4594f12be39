"""What a graph says, once it is known to be well formed: plain data for the planner."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from streamlab.core.channel_state import Policy
from streamlab.core.context import Context
from streamlab.core.node import ProcessingNode
from streamlab.core.ports import Join

__all__ = [
    "DEFAULT_CAPACITY",
    "EXECUTORS",
    "Capacity",
    "EdgeSpec",
    "Executor",
    "GraphSpec",
    "NodeSpec",
    "OnError",
    "Settings",
    "checks_config",
]

Executor = Literal["inline", "thread", "process"]
EXECUTORS: tuple[Executor, ...] = get_args(Executor)
OnError = Literal["fail", "skip"]
Capacity = int | Literal["auto"]

DEFAULT_CAPACITY = 10
"""Frames that an edge holds where neither the edge nor ``pipeline_config`` says otherwise."""


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node: its type's class, its checked parameters and how the engine is to treat it."""

    id: str
    type_name: str
    index: int
    cls: type[ProcessingNode]
    config: dict[str, Any]
    params: Any
    join: Join | None
    on_error: OnError = "fail"
    isolate: bool = False
    executor: Executor | None = None

    @property
    def pointer(self) -> str:
        """JSON pointer to the node in the graph."""
        return f"/nodes/{self.index}"


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """One connection, its ports named."""

    source: str
    source_port: str
    target: str
    target_port: str
    index: int
    capacity: Capacity | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """``pipeline_config``."""

    channel_capacity: Capacity = DEFAULT_CAPACITY
    fuse: bool = True
    executor: Executor = "inline"


@dataclass(frozen=True, slots=True)
class GraphSpec:
    """A well-formed graph.

    ``order`` lists the nodes so that each comes after those that feed it, as written where free. ``hashing``
    works out the hash of the graph's document, empty where it has none.
    """

    name: str
    settings: Settings
    nodes: dict[str, NodeSpec]
    edges: tuple[EdgeSpec, ...]
    order: tuple[str, ...]
    triggers: tuple[str, ...]
    inputs: dict[str, list[EdgeSpec]] = field(default_factory=dict)
    outputs: dict[str, list[EdgeSpec]] = field(default_factory=dict)
    hashing: Callable[[], str] = field(default=str, repr=False, compare=False)

    def context(self, node: str) -> Context:
        """Return what a node may know of the graph that it belongs to."""
        return Context(self.name, self.hashing, node)

    @property
    def sinks(self) -> tuple[str, ...]:
        """Nodes that nothing reads from, in the order of the file."""
        return tuple(id for id in self.nodes if not self.outputs[id])

    @property
    def sources(self) -> tuple[str, ...]:
        """Free-running sources, in the order of the file."""
        return tuple(id for id, node in self.nodes.items() if node.cls.tier == "source")


def checks_config(cls: type[ProcessingNode]) -> bool:
    """Whether a node type's config is checked: one without parameters may read it raw in ``on_create``."""
    return bool(cls.param_set.fields) or cls.on_create is ProcessingNode.on_create
