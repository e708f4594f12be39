"""How the nodes hang together: order, cycles, trigger inputs, what is connected to what, and joins."""

from collections import Counter

from streamlab.engine.spec import EdgeSpec, GraphSpec, NodeSpec
from streamlab.errors import Problem

__all__ = ["check_inputs", "check_joins", "sorted_nodes", "trigger_inputs"]


def sorted_nodes(
    nodes: dict[str, NodeSpec], inputs: dict[str, list[EdgeSpec]], outputs: dict[str, list[EdgeSpec]]
) -> list[str]:
    """Sort by dependence, as written where free. Nodes on a cycle, and behind one, are left out."""
    waiting = {name: len(inputs[name]) for name in nodes}
    rank = {name: index for index, name in enumerate(nodes)}
    ready = sorted((name for name in nodes if waiting[name] == 0), key=rank.__getitem__, reverse=True)
    order: list[str] = []
    while ready:
        name = ready.pop()
        order.append(name)
        freed = []
        for edge in outputs[name]:
            waiting[edge.target] -= 1
            if waiting[edge.target] == 0:
                freed.append(edge.target)
        ready = sorted({*ready, *freed}, key=rank.__getitem__, reverse=True) if freed else ready
    return order


def trigger_inputs(nodes: dict[str, NodeSpec], inputs: dict[str, list[EdgeSpec]]) -> list[str]:
    """Find the nodes that wait for triggers.

    One input, nothing connected, and a generator or no Source in the graph (G8).
    """
    no_source = not any(node.cls.tier == "source" for node in nodes.values())
    return [
        name
        for name, node in nodes.items()
        if len(node.cls.inputs) == 1 and not inputs[name] and (node.cls.generator or no_source)
    ]


def check_inputs(spec: GraphSpec, mentioned: set[str], problems: list[Problem]) -> None:
    """Add a problem for a cycle and for every input that gets nothing, or several edges without a merge.

    ``mentioned`` are nodes that a broken connection meant to reach: they are not unconnected.
    """
    cycle = _cycle(spec)
    if cycle:
        text = " -> ".join(cycle)
        problems.append(
            Problem("/connections", f"the connections form a cycle: {text}", "a graph without cycles", text)
        )
    for name, node in spec.nodes.items():
        fed = Counter(edge.target_port for edge in spec.inputs[name])
        if node.cls.tier == "source" or name in spec.triggers or name in mentioned:
            continue
        for port in node.cls.inputs:
            if not fed[port]:
                hint = "connect it; only generators wait for triggers in a graph that has a source"
                problems.append(
                    Problem(
                        node.pointer,
                        f"input {port!r} of {name!r} ({node.type_name}) is not connected",
                        "a connection",
                        "none",
                        hint,
                        name,
                    )
                )
            elif fed[port] > 1 and not (node.join is not None and node.join.policy == "merge"):
                indexes = [
                    f"/connections/{edge.index}" for edge in spec.inputs[name] if edge.target_port == port
                ]
                hint = 'give the node "join": {"policy": "merge"} if they shall be mixed in order of arrival'
                found = f"{fed[port]} ({', '.join(indexes)})"
                problems.append(
                    Problem(
                        indexes[-1],
                        f"input {port!r} of {name!r} gets several connections",
                        "one connection",
                        found,
                        hint,
                        name,
                    )
                )


def check_joins(spec: GraphSpec, problems: list[Problem]) -> None:
    """Add a problem for every join that its node cannot have."""
    for name, node in spec.nodes.items():
        join = node.join
        if join is None:
            continue
        at = f"{node.pointer}/join"
        several = len(node.cls.inputs) > 1
        if node.cls.tier in ("run", "source"):
            problems.append(
                Problem(
                    at, f"{name!r} reads its inputs itself", "no join", f"join {join.policy!r}", node=name
                )
            )
        elif several and join.policy == "merge":
            problems.append(
                Problem(
                    f"{at}/policy",
                    f"{name!r} has several inputs",
                    "zip, align or latest",
                    "'merge'",
                    "merge is for nodes with one input",
                    name,
                )
            )
        elif not several and join.policy != "merge":
            problems.append(
                Problem(
                    f"{at}/policy",
                    f"{name!r} has one input",
                    "merge",
                    repr(join.policy),
                    "leave the join out",
                    name,
                )
            )
        if join.policy != "align" and (join.rate is not None or join.fill != "hold"):
            problems.append(
                Problem(at, "rate and fill belong to align", "policy 'align'", repr(join.policy), node=name)
            )


def _cycle(spec: GraphSpec) -> list[str]:
    """Return the nodes of one cycle, the first repeated at the end; nothing if there is none."""
    left = spec.nodes.keys() - set(spec.order)
    # Nodes behind a cycle are left over too: walk upstream, where every node has a predecessor that is
    # left, until one repeats.
    seen: dict[str, None] = {}
    name = next((item for item in spec.nodes if item in left), None)
    while name is not None and name not in seen:
        seen[name] = None
        name = next((edge.source for edge in spec.inputs[name] if edge.source in left), None)
    if name is None:
        return []
    path = list(seen)
    loop = path[path.index(name) :][::-1]
    start = min(range(len(loop)), key=lambda at: spec.nodes[loop[at]].index)
    loop = loop[start:] + loop[:start]
    return [*loop, loop[0]]
