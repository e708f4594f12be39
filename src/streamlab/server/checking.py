"""What the editor asks of a document: what is wrong with it, what flows where, where an edge may end."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from streamlab.core.info import StreamInfo
from streamlab.core.params import pointer
from streamlab.core.ports import split_port
from streamlab.engine.flow import Flow, infer_flow
from streamlab.engine.graph import Graph
from streamlab.engine.layout import Plan
from streamlab.engine.paths import Folders, paths_of
from streamlab.engine.plan import edge_id, make_plan
from streamlab.engine.spec import GraphSpec
from streamlab.engine.validate import sketch_graph
from streamlab.errors import ParamError, Problem, StreamLabError
from streamlab.server.errors import ApiError

__all__ = ["Places", "check", "info_document", "plan_document", "targets"]


class Places:
    """Where a graph's files may lie: under the roots to read, under one folder to write."""

    def __init__(self, folder: Path, roots: Iterable[Path], outputs: Path) -> None:
        self.folder = folder
        self.roots = [root.resolve() for root in roots]
        self.outputs = outputs

    def problems(self, spec: GraphSpec) -> list[Problem]:
        """Return a problem for every file that lies elsewhere."""
        found = Folders(self.folder, self.outputs).problems(spec)
        for at, name, text in _inputs(spec):
            try:
                resolved = (self.folder / text).resolve()
                inside = any(resolved.is_relative_to(root) for root in self.roots)
            except (OSError, RuntimeError, ValueError):
                inside = False
            if not inside:
                what = "the file lies outside the project"
                hint = "copy it into the project, or start the server with --files FOLDER"
                found.append(Problem(at, what, f"a path under {self.roots[0]}", repr(text), hint, name))
        return found

    def missing(self, spec: GraphSpec) -> list[Problem]:
        """Return a notice for every file to read that is not there yet."""
        return [
            Problem(at, f"no file {text!r} yet", "a file", repr(text), "upload it, or choose another", name)
            for at, name, text in _inputs(spec)
            if not _is_there(self.folder, text)
        ]


def _inputs(spec: GraphSpec) -> list[tuple[str, str, str]]:
    """Return pointer, node and path of every file to read."""
    return [
        (f"{node.pointer}/config{pointer(name)}", node.id, text)
        for node in spec.nodes.values()
        for name, text in paths_of(node, "input")
    ]


def _is_there(folder: Path, text: str) -> bool:
    try:
        return (folder / text).is_file()
    except (OSError, ValueError):
        return False


def check(graph: Graph, places: Places) -> dict[str, Any]:
    """Return everything about a document that can be known without running it."""
    sketch = sketch_graph(graph.document)
    problems = graph.problems()
    if not problems:
        problems = places.problems(sketch)
    plan: Plan | None = None
    if not problems:
        plan = make_plan(sketch)
        flow = plan.flow
    else:
        flow, _ = infer_flow(sketch)
    return {
        "ok": not problems,
        "problems": [asdict(item) for item in problems],
        "notices": [asdict(item) for item in places.missing(sketch)],
        "triggers": list(sketch.triggers),
        "sources": list(sketch.sources),
        "sinks": list(sketch.sinks),
        "outputs": flow_document(flow),
        "edges": _edges(sketch, plan),
        "segments": _segments(plan),
        "max_in_flight": plan.max_in_flight if plan is not None else None,
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON has it."""
    return {
        "text": str(plan),
        "segments": _segments(plan),
        "edges": _edges(plan.graph, plan),
        "max_in_flight": plan.max_in_flight,
    }


def _edges(spec: GraphSpec, plan: Plan | None) -> list[dict[str, Any]]:
    planned = {edge.id: edge for edge in plan.edges} if plan is not None else {}
    listed = []
    for edge in spec.edges:
        name = edge_id(spec, edge)
        made = planned.get(name)
        listed.append(
            {
                "id": name,
                "index": edge.index,
                "from": f"{edge.source}.{edge.source_port}",
                "to": f"{edge.target}.{edge.target_port}",
                "fused": None if plan is None else made is None,
                "capacity": made.capacity if made is not None else None,
                "policy": edge.policy or "block",
            }
        )
    return listed


def _segments(plan: Plan | None) -> list[dict[str, Any]]:
    return [
        {"index": each.index, "kind": each.kind, "executor": each.executor, "nodes": list(each.nodes)}
        for each in (plan.segments if plan is not None else ())
    ]


def flow_document(flow: Flow) -> dict[str, Any]:
    """Return what flows out of every port (``node.port``), null where it is not known."""
    return {f"{name}.{port}": info_document(info) for (name, port), info in flow.items()}


def info_document(info: StreamInfo | None) -> dict[str, Any] | None:
    """Return what flows out of a port as JSON has it."""
    if info is None:
        return None
    rate = info.sample_rate
    return {
        "axis": info.axis,
        "rate": None if rate is None else float(rate),
        "rate_exact": None if rate is None else [rate.numerator, rate.denominator],
        "channels": [
            {
                "name": item.name,
                "unit": item.unit,
                "quantity": item.quantity,
                "reference": item.reference,
                "range": None if item.range is None else list(item.range),
            }
            for item in info.channels
        ],
        "points": list(info.points) or None,
    }


# -- where a new edge may end


def targets(document: dict[str, Any], source: str | None, target: str | None) -> list[dict[str, Any]]:
    """Return for every port at the other end whether a new edge may end there, and why not.

    Raises ApiError 404 for a port that there is not, 400 where not just one end is given.
    """
    if (source is None) == (target is None):
        raise ApiError(400, "bad-request", "give one end of the connection: either 'from' or 'to'")
    spec = sketch_graph(document)
    flow, _ = infer_flow(spec)
    if source is not None:
        begin = _port(spec, source, "outputs")
        ends = [(name, port) for name, node in spec.nodes.items() for port in node.cls.inputs]
        pairs = [(end, begin, end) for end in ends]
    else:
        end = _port(spec, target or "", "inputs")
        begins = [(name, port) for name, node in spec.nodes.items() for port in node.cls.outputs]
        pairs = [(start, start, end) for start in begins]
    above: dict[str, set[str]] = {}
    listed = []
    for shown, begin, end in pairs:
        reason = _reason(spec, flow, begin, end, above)
        listed.append({"port": ".".join(shown), "ok": not reason, "reason": reason})
    return listed


def _port(spec: GraphSpec, text: str, side: str) -> tuple[str, str]:
    name, port = split_port(text, spec.nodes)
    ports: tuple[str, ...] = getattr(spec.nodes[name].cls, side) if name in spec.nodes else ()
    if not port and len(ports) == 1:
        port = ports[0]
    if port not in ports:
        raise ApiError(404, "not-found", f"no port {text!r} among the {side} of the graph")
    return name, port


def _reason(
    spec: GraphSpec,
    flow: Flow,
    begin: tuple[str, str],
    end: tuple[str, str],
    above: dict[str, set[str]],
) -> str:
    """Say why no edge can go from here to there; nothing if one can."""
    if begin[0] == end[0]:
        return "a node cannot be connected to itself"
    node = spec.nodes[end[0]]
    into = [edge for edge in spec.inputs[node.id] if edge.target_port == end[1]]
    same = next((edge for edge in into if (edge.source, edge.source_port) == begin), None)
    if same is not None:
        return "they are connected already"
    merges = node.join is not None and node.join.policy == "merge"
    if into and not merges:
        return f"already connected: '{edge_id(spec, into[0])}'"
    if end[0] in _above(spec, begin[0], above):
        return f"that would make a cycle: {end[0]!r} feeds {begin[0]!r}"
    return _misfit(spec, flow, begin, end)


def _above(spec: GraphSpec, name: str, known: dict[str, set[str]]) -> set[str]:
    """Return the nodes that a node's input comes from, by whatever way."""
    if name not in known:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            for edge in spec.inputs[waiting.pop()]:
                if edge.source not in seen:
                    seen.add(edge.source)
                    waiting.append(edge.source)
        known[name] = seen
    return known[name]


def _misfit(spec: GraphSpec, flow: Flow, begin: tuple[str, str], end: tuple[str, str]) -> str:
    """Ask the node what it says to what would come."""
    coming = flow.get(begin)
    if coming is None:
        return ""
    node = spec.nodes[end[0]]
    inputs: dict[str, StreamInfo | None] = dict.fromkeys(node.cls.inputs)
    for edge in spec.inputs[node.id]:
        inputs[edge.target_port] = flow.get((edge.source, edge.source_port))
    before = _says(node.cls, node.params, inputs)
    inputs[end[1]] = coming
    policy = "zip" if node.join is None else node.join.policy
    rates = {info.sample_rate for info in inputs.values() if info is not None and info.sample_rate}
    if policy == "zip" and len(rates) > 1:
        shown = " and ".join(f"{float(rate):g} Hz" for rate in sorted(rates))
        return f"different sample rates, {shown}: insert Resample, or join them by 'align'"
    said = _says(node.cls, node.params, inputs)
    return "" if said == before else said


def _in_words(problem: Problem) -> str:
    more = [("expected", problem.expected), ("found", problem.found)]
    said = ", ".join(f"{word} {text}" for word, text in more if text)
    return f"{problem.message}: {said}" if said else problem.message


def _says(cls: Any, params: Any, inputs: Mapping[str, StreamInfo | None]) -> str:
    try:
        cls.stream_info(params, **inputs)
    except ParamError as error:
        return "; ".join(_in_words(item) for item in error.problems)
    except (StreamLabError, ValueError, LookupError) as error:
        return str(error.args[0] if error.args else error)
    except Exception:  # parameters that are wrong themselves: said by validation
        return ""
    return ""
