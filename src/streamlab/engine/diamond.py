"""Joins by zip over a diamond: branches that delay or number differently cannot be paired for long (G9)."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from streamlab.engine.layout import Edge
from streamlab.engine.spec import EdgeSpec, GraphSpec, NodeSpec
from streamlab.errors import Problem

__all__ = ["check_diamonds"]

Path = tuple[EdgeSpec, ...]

_MAX_PATHS = 1000
"""Paths looked at between a fork and a join; a graph with more is judged on these."""


def check_diamonds(spec: GraphSpec, edges: Sequence[Edge]) -> list[Problem]:
    """Return a problem for each zip that would stall or never pair its inputs."""
    capacity = {(edge.source, edge.source_port, edge.target, edge.target_port): edge for edge in edges}
    problems = []
    for node in spec.nodes.values():
        policy = node.join.policy if node.join is not None else "zip"
        if len(node.cls.inputs) < 2 or policy != "zip" or node.cls.tier not in ("process", "async process"):
            continue
        for first, second in combinations(spec.inputs[node.id], 2):
            found = _check_pair(spec, capacity, node, first, second)
            if found is not None:
                problems.append(found)
                break
    return problems


def _check_pair(
    spec: GraphSpec,
    capacity: dict[tuple[str, str, str, str], Edge],
    node: NodeSpec,
    first: EdgeSpec,
    second: EdgeSpec,
) -> Problem | None:
    for fork in _nearest_forks(spec, first, second):
        left, right = list(_paths(spec, fork, first)), list(_paths(spec, fork, second))
        if _renumbers(spec, left) != _renumbers(spec, right):
            names = " and ".join(_branch(path) for path in (*left[:1], *right[:1]))
            text = f"{node.id!r} zips branches from {fork!r} with different numbering"
            hint = 'give the node "join": {"policy": "align"}'
            return Problem(node.pointer, text, "branches that keep sequence_id", names, hint, node.id)
        for behind, ahead in ((left, right), (right, left)):
            slow = max(behind, key=lambda path: _delay(spec, path))
            held = [(path, [capacity[key] for key in map(_key, path) if key in capacity]) for path in ahead]
            tight = [(path, holds) for path, holds in held if all(edge.policy == "block" for edge in holds)]
            if not tight:
                continue
            quick, holds = min(tight, key=lambda pair: _delay(spec, pair[0]) + _room(pair[1]))
            late, room = _delay(spec, slow) - _delay(spec, quick), _room(holds)
            if late > room:
                widest = max(holds, key=lambda edge: edge.capacity)
                text = f"{node.id!r} zips branches of {fork!r} that would stall: "
                text += f"{_branch(slow)} is {late} frames behind"
                hint = f'give edge "{widest.id}" a capacity of {widest.capacity + late - room}'
                return Problem(
                    node.pointer,
                    text,
                    f"room for {late} frames on {_branch(quick)}",
                    f"{room}",
                    hint,
                    node.id,
                )
    return None


def _key(edge: EdgeSpec) -> tuple[str, str, str, str]:
    return (edge.source, edge.source_port, edge.target, edge.target_port)


def _branch(path: Path) -> str:
    return " -> ".join([path[0].source, *(edge.target for edge in path)])


def _delay(spec: GraphSpec, path: Path) -> int:
    nodes = [spec.nodes[edge.target] for edge in path[:-1]]
    return sum(node.cls.delay(node.params) for node in nodes)


def _room(edges: "list[Edge]") -> int:
    return sum(edge.capacity for edge in edges)


def _renumbers(spec: GraphSpec, paths: list[Path]) -> bool:
    return any(spec.nodes[edge.target].cls.renumbers for path in paths for edge in path[:-1])


def _ancestors(spec: GraphSpec, edge: EdgeSpec) -> set[str]:
    found: set[str] = set()
    stack = [edge.source]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += [before.source for before in spec.inputs[name]]
    return found


def _nearest_forks(spec: GraphSpec, first: EdgeSpec, second: EdgeSpec) -> list[str]:
    """Return the common ancestors that have no common ancestor behind them: where the two branches part."""
    shared = _ancestors(spec, first) & _ancestors(spec, second)
    return [
        name
        for name in spec.order
        if name in shared and not any(edge.target in shared for edge in spec.outputs[name])
    ]


def _paths(spec: GraphSpec, fork: str, last: EdgeSpec) -> Iterable[Path]:
    stack: list[Path] = [(last,)]
    count = 0
    while stack and count < _MAX_PATHS:
        path = stack.pop()
        if path[0].source == fork:
            count += 1
            yield path
            continue
        stack += [(edge, *path) for edge in spec.inputs[path[0].source]]
