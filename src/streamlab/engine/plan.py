"""The planner: which nodes run as one segment, which edges lie between segments, how much they hold."""

import os
from collections.abc import Iterable, Mapping
from inspect import isasyncgenfunction
from typing import Any

from streamlab.core.info import StreamInfo
from streamlab.core.registry import is_local
from streamlab.engine.diamond import check_diamonds
from streamlab.engine.flow import Flow, infer_flow
from streamlab.engine.layout import Edge, Plan, Segment, SegmentKind
from streamlab.engine.process.worker_process import available
from streamlab.engine.spec import DEFAULT_CAPACITY, Capacity, EdgeSpec, Executor, GraphSpec, NodeSpec
from streamlab.errors import GraphError, Problem

__all__ = ["make_plan", "plan_problems", "replan", "worker_problems"]

_AUTO_BYTES = 256 * 2**10
"""``auto``: what an edge may hold, so that frames are still in a core's L2 cache when they are read."""
_AUTO_FRAMES = (2, 64)


def plan_problems(spec: GraphSpec) -> list[Problem]:
    """Return what is wrong with a well-formed graph: streams that do not fit, joins that would stall."""
    flow, problems = infer_flow(spec)
    plan = _compile(spec, flow)
    return problems + check_diamonds(spec, plan.edges) + _stranded(plan)


def make_plan(spec: GraphSpec, opened: Mapping[str, StreamInfo] | None = None) -> Plan:
    """Compile a graph. ``opened`` gives the infos of sources that are open.

    Raises GraphError with every problem that the streams' infos show and every join that would stall.
    """
    flow, problems = infer_flow(spec, opened)
    plan = _compile(spec, flow)
    problems += check_diamonds(spec, plan.edges) + _stranded(plan)
    if problems:
        raise GraphError(problems, title=spec.name or "graph")
    return plan


def replan(plan: Plan, opened: Mapping[str, StreamInfo]) -> Plan:
    """Return the plan with what the open sources say; the same one if they say nothing. Raises GraphError."""
    return make_plan(plan.graph, opened) if opened else plan


def _compile(spec: GraphSpec, flow: Flow) -> Plan:
    groups: list[list[NodeSpec]] = []
    member: dict[str, list[NodeSpec]] = {}
    for name in spec.order:
        node = spec.nodes[name]
        before = _fusable_with(spec, node)
        if before is not None:
            group = member[before]
            group.append(node)
        else:
            group = [node]
            groups.append(group)
        member[name] = group
    edges = _edges(spec, member, flow)
    segments = tuple(
        Segment(
            index=index,
            kind=_kind(group[0]),
            executor=_executor(spec, group[0]),
            nodes=tuple(node.id for node in group),
            inputs=tuple(edge for edge in edges if edge.target == group[0].id),
            outputs=tuple(edge for edge in edges if edge.source == group[-1].id),
        )
        for index, group in enumerate(groups)
    )
    return Plan(spec, segments, edges, flow)


def _kind(node: NodeSpec) -> SegmentKind:
    kinds: dict[str, SegmentKind] = {"source": "source", "run": "run", "async process": "async"}
    return kinds.get(node.cls.tier, "chain")


def _executor(spec: GraphSpec, node: NodeSpec) -> Executor:
    """Where a node's work is done.

    What awaits belongs to the caller's loop; file and console work gets a thread.
    """
    if node.cls.tier in ("run", "async process"):
        return "inline"
    wanted = node.executor or ("thread" if node.cls.blocking else spec.settings.executor)
    awaits = node.cls.tier == "source" and isasyncgenfunction(getattr(node.cls, "frames", None))
    return "inline" if awaits and wanted == "process" else wanted


def _stranded(plan: Plan) -> list[Problem]:
    """Return a problem for every node that shall work in a process and cannot be made there."""
    away = [name for segment in plan.segments if segment.executor == "process" for name in segment.nodes]
    return worker_problems([plan.graph.nodes[name] for name in away])


def worker_problems(nodes: Iterable[NodeSpec]) -> list[Problem]:
    """Return what keeps these nodes from working in a worker process."""
    problems = []
    for node in nodes:
        if not available():
            text, hint = "there are no worker processes on this platform", 'use "executor": "thread"'
            problems.append(Problem(node.pointer, text, "POSIX", os.name, hint, node.id))
        elif is_local(node.type_name):
            problems.append(
                Problem(
                    f"{node.pointer}/type",
                    f"node type {node.type_name!r} is registered only in this process",
                    "a type that a worker process can import",
                    f"the class {node.cls.__qualname__}, registered by a script",
                    "register it by place (module:Class), install it as an entry point, or use "
                    '"executor": "thread"',
                    node.id,
                )
            )
    return problems


def _fusable_with(spec: GraphSpec, node: NodeSpec) -> str | None:
    """Return the node before, if this one can be a plain call after it.

    One plain edge between two tier-1 nodes of one executor.
    """
    inputs = spec.inputs[node.id]
    if (
        not spec.settings.fuse
        or node.isolate
        or _kind(node) != "chain"
        or len(inputs) != 1
        or len(node.cls.inputs) != 1
    ):
        return None
    edge = inputs[0]
    before = spec.nodes[edge.source]
    alone = len(spec.outputs[before.id]) == 1 and len(before.cls.outputs) == 1
    plain = edge.capacity is None and edge.policy is None
    if (
        alone
        and plain
        and not before.isolate
        and _kind(before) == "chain"
        and _executor(spec, before) == _executor(spec, node)
    ):
        return before.id
    return None


def _edges(spec: GraphSpec, member: dict[str, list[NodeSpec]], flow: Flow) -> tuple[Edge, ...]:
    edges = []
    for name in spec.triggers:
        capacity = _capacity(spec, None, None)
        edges.append(Edge(f"trigger -> {name}", "", "", name, spec.nodes[name].cls.inputs[0], capacity))
    for edge in spec.edges:
        if member[edge.source] is not member[edge.target]:
            capacity = _capacity(spec, edge, flow.get((edge.source, edge.source_port)))
            ends = (edge.source, edge.source_port, edge.target, edge.target_port)
            edges.append(Edge(edge_id(spec, edge), *ends, capacity, edge.policy or "block"))
    return tuple(edges)


def edge_id(spec: GraphSpec, edge: EdgeSpec) -> str:
    """Return the name of an edge in plans and reports: ``a -> b``, ports named where a node has several."""
    source = (
        edge.source if len(spec.nodes[edge.source].cls.outputs) == 1 else f"{edge.source}.{edge.source_port}"
    )
    target = (
        edge.target if len(spec.nodes[edge.target].cls.inputs) == 1 else f"{edge.target}.{edge.target_port}"
    )
    return f"{source} -> {target}"


def _capacity(spec: GraphSpec, edge: EdgeSpec | None, info: StreamInfo | None) -> int:
    wanted: Capacity = spec.settings.channel_capacity
    if edge is not None and edge.capacity is not None:
        wanted = edge.capacity
    if wanted != "auto":
        return wanted
    size = _frame_samples(spec, edge.source) if edge is not None else None
    if info is None or size is None:
        return DEFAULT_CAPACITY
    low, high = _AUTO_FRAMES
    return max(low, min(high, _AUTO_BYTES // max(1, 8 * size * len(info.names))))


def _frame_samples(spec: GraphSpec, name: str) -> int | None:
    """Return how many samples a channel of this node's frames has, where it can be known.

    Its own frame size, or that of what feeds it.
    """
    while True:
        node = spec.nodes[name]
        size: Any = getattr(node.params, "frame_size", None)
        if isinstance(size, int):
            return size
        if node.cls.kind == "stream-wise" or not spec.inputs[name]:
            return None
        name = spec.inputs[name][0].source
