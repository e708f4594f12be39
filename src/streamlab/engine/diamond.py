"""Joins by zip over a diamond: branches that delay or number differently cannot be paired for long (G9)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from streamlab.engine.layout import Edge
from streamlab.engine.spec import EdgeSpec, GraphSpec, NodeSpec
from streamlab.errors import Problem

__all__ = ["check_diamonds"]

Path = list[EdgeSpec]
Key = tuple[str, str, str, str]

_OUTSIDE = ""
"""Where triggers come from: each goes to every trigger input, so it is a fork, too."""


def check_diamonds(spec: GraphSpec, edges: Sequence[Edge]) -> list[Problem]:
    """Return a problem for each zip that would stall or never pair its inputs."""
    check = _Check(spec, edges)
    found = (check.zip(node) for node in spec.nodes.values() if _zips(node))
    return [problem for problem in found if problem is not None]


def _zips(node: NodeSpec) -> bool:
    policy = node.join.policy if node.join is not None else "zip"
    plain = node.cls.tier in ("process", "async process")
    return len(node.cls.inputs) > 1 and policy == "zip" and plain


class _Check:
    """A graph with its edges; what lies between two nodes is found once."""

    def __init__(self, spec: GraphSpec, edges: Sequence[Edge]) -> None:
        self._spec = spec
        self._holds = {(edge.source, edge.source_port, edge.target, edge.target_port): edge for edge in edges}
        self._inputs: Mapping[str, list[EdgeSpec]] = spec.inputs | {
            name: [EdgeSpec(_OUTSIDE, "", name, spec.nodes[name].cls.inputs[0], -1)] for name in spec.triggers
        }
        self._branches: dict[str, _Branches] = {}

    def zip(self, node: NodeSpec) -> Problem | None:
        """Return what is wrong with a join, the first thing that is found."""
        for first, second in combinations(self._spec.inputs[node.id], 2):
            for fork, nearest in self._forks(first, second):
                found = self._numbering(node, fork, first, second) if nearest else None
                found = (
                    found or self._stall(node, fork, first, second) or self._stall(node, fork, second, first)
                )
                if found is not None:
                    return found
        return None

    def _forks(self, first: EdgeSpec, second: EdgeSpec) -> Iterator[tuple[str, bool]]:
        """Yield the nodes that both edges come from, the nearest first, and whether none lies behind it."""
        shared = self._ancestors(first.source) & self._ancestors(second.source)
        for name in reversed(self._spec.order):
            behind = self._spec.outputs[name]
            if name in shared and len(behind) > 1:
                yield name, not any(edge.target in shared for edge in behind)
        if _OUTSIDE in shared:
            yield _OUTSIDE, False

    def _ancestors(self, name: str) -> set[str]:
        """A node and all that it comes from."""
        found: set[str] = set()
        stack = [name]
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += [edge.source for edge in self._inputs.get(name, ())]
        return found

    def _between(self, fork: str) -> "_Branches":
        known = self._branches.get(fork)
        if known is None:
            known = self._branches[fork] = _Branches(self._spec, self._inputs, self._holds, fork)
        return known

    def _numbering(self, node: NodeSpec, fork: str, first: EdgeSpec, second: EdgeSpec) -> Problem | None:
        between = self._between(fork)
        if (first.source in between.renumbered) == (second.source in between.renumbered):
            return None
        names = " and ".join(_named(between.slow_path(edge)) for edge in (first, second))
        text = f"{node.id!r} zips branches from {fork!r} with different numbering"
        hint = 'give the node "join": {"policy": "align"}'
        return Problem(node.pointer, text, "branches that keep sequence_id", names, hint, node.id)

    def _stall(self, node: NodeSpec, fork: str, behind: EdgeSpec, ahead: EdgeSpec) -> Problem | None:
        """Return a problem if one branch is more frames behind than the other can hold."""
        between = self._between(fork)
        quick = between.quick(ahead)
        if quick is None:
            return None
        delay, room = quick
        late = between.slow[behind.source] - delay
        # A frame is pulled, or triggered, only when every branch has room for it; a node with several
        # outputs serves one after the other. Others give a frame to each branch as soon as that has room.
        waits = fork == _OUTSIDE or self._waits_for_all(self._spec.nodes[fork])
        needed = late + 1 if waits and late > 0 else late
        if needed <= room:
            return None
        slow, path = between.slow_path(behind), between.quick_path(ahead)
        held = [self._holds[key] for key in map(_key, between.after_numbering(path)) if key in self._holds]
        widest = max((edge for edge in held if not edge.trigger), key=lambda edge: edge.capacity)
        origin = f"of {fork!r}" if fork else "of the triggers"
        text = f"{node.id!r} zips branches {origin} that would stall: {_named(slow)} is {late} frames behind"
        hint = f'give edge "{widest.id}" a capacity of {widest.capacity + needed - room}'
        wanted = f"room for {needed} frames on {_named(path)}"
        return Problem(node.pointer, text, wanted, f"{room}", hint, node.id)

    @staticmethod
    def _waits_for_all(fork: NodeSpec) -> bool:
        return fork.cls.tier == "source" or len(fork.cls.outputs) > 1


class _Branches:
    """All ways from a fork to the nodes behind it, each node looked at once.

    ``slow``: the largest delay in frames on a way to the node, its own included. ``renumbered``: nodes
    whose frames are not numbered as those of the fork.
    """

    def __init__(
        self,
        spec: GraphSpec,
        inputs: Mapping[str, list[EdgeSpec]],
        holds: Mapping[Key, Edge],
        fork: str,
    ) -> None:
        self._nodes = spec.nodes
        self._holds = holds
        self._fork = fork
        self.slow: dict[str, int] = {fork: 0}
        self.renumbered: set[str] = set()
        self._quick: dict[str, tuple[int, int]] = {fork: (0, 0)}  # where all edges block: delay and room
        self._slow_by: dict[str, EdgeSpec] = {}
        self._quick_by: dict[str, EdgeSpec] = {}
        order = spec.order[spec.order.index(fork) + 1 :] if fork else spec.order
        for name in order:
            ways = [edge for edge in inputs[name] if edge.source in self.slow]
            if ways:
                self._reach(name, ways)

    def _reach(self, name: str, ways: list[EdgeSpec]) -> None:
        delay, anew = self._delay(name), _counts_anew(self._nodes[name])
        by = self._slow_by[name] = max(ways, key=lambda edge: self.slow[edge.source])
        self.slow[name] = self.slow[by.source] + delay
        if anew or any(edge.source in self.renumbered for edge in ways):
            self.renumbered.add(name)
        least = [(sum(taken), edge, taken) for edge in ways if (taken := self.quick(edge)) is not None]
        if least:
            _, self._quick_by[name], (before, room) = min(least, key=lambda item: item[0])
            # What edges hold before a node that counts anew is counted in other frames.
            self._quick[name] = before + delay, 0 if anew else room

    def quick(self, last: EdgeSpec) -> tuple[int, int] | None:
        """Delay and room of the way that ends with this edge and is full first; None if none pushes back."""
        before, held = self._quick.get(last.source), self._holds.get(_key(last))
        if before is None or (held is not None and held.policy != "block"):
            return None
        return before[0], before[1] + (held.capacity if held is not None else 0)

    def _delay(self, name: str) -> int:
        node = self._nodes[name]
        return node.cls.delay(node.params)

    def slow_path(self, last: EdgeSpec) -> Path:
        """The way that ends with this edge and delays most."""
        return self._path(self._slow_by, last)

    def quick_path(self, last: EdgeSpec) -> Path:
        """The way that ends with this edge and is full first."""
        return self._path(self._quick_by, last)

    def _path(self, by: Mapping[str, EdgeSpec], last: EdgeSpec) -> Path:
        path = [last]
        while path[-1].source != self._fork:
            path.append(by[path[-1].source])
        return path[::-1]

    def after_numbering(self, path: Path) -> Path:
        """The part of a way behind the last node that counts its frames anew."""
        cuts = [at for at, edge in enumerate(path[:-1], 1) if _counts_anew(self._nodes[edge.target])]
        return path[cuts[-1] :] if cuts else path


def _counts_anew(node: NodeSpec) -> bool:
    return node.cls.renumbers or (node.join is not None and node.join.policy == "merge")


def _key(edge: EdgeSpec) -> Key:
    return (edge.source, edge.source_port, edge.target, edge.target_port)


def _named(path: Path) -> str:
    return " -> ".join([path[0].source or "trigger", *(edge.target for edge in path)])
