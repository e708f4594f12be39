"""``validate``, ``plan`` and ``schema``: what a graph is, without running it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streamlab.cli.graphs import load
from streamlab.cli.outcome import DONE, FAILED, REFUSED, show_error
from streamlab.cli.results import console, make_table
from streamlab.engine import Plan, graph_schema
from streamlab.engine.plain import plain
from streamlab.engine.plan import make_plan
from streamlab.engine.user_nodes import import_nodes
from streamlab.errors import FileError, GraphError

__all__ = ["show_plan", "validate_graphs", "write_schema"]


def validate_graphs(sources: Sequence[Path], nodes: Path | None) -> int:
    """Check graph files and return the exit code: all problems of all of them are shown."""
    if nodes is not None:
        import_nodes(nodes)
    code, out = DONE, console()
    for source in sources:
        try:
            graph = load(source)
            problems = graph.problems()
            if problems:
                raise GraphError(problems, title=str(source))
            spec = graph.spec()
        except (GraphError, FileError) as error:
            show_error(error)
            code = REFUSED
        else:
            counts = f"{len(spec.nodes)} nodes, {len(spec.edges)} connections"
            out.print(f"[green]ok[/]  {source}: {counts}", soft_wrap=True)
    return code


def show_plan(source: Path, settings: Sequence[str], nodes: Path | None, *, as_document: bool) -> int:
    """Print the plan of a graph. Raises GraphError, FileError."""
    plan = make_plan(load(source, settings, nodes).spec())
    if as_document:
        print(json.dumps(_plan_document(plan), indent=2, ensure_ascii=False))
        return DONE
    out = console()
    segments = make_table("segment", "kind", "executor", "nodes", title=f"plan of {plan.graph.name}")
    for segment in plan.segments:
        segments.add_row(str(segment.index), segment.kind, segment.executor, " + ".join(segment.nodes))
    out.print(segments)
    edges = make_table("edge", "holds", "when full", right=(1,))
    for edge in plan.edges:
        edges.add_row(edge.id, f"{edge.capacity} frames", edge.policy)
    if plan.edges:
        out.print(edges)
    out.print(f"at most {plan.max_in_flight} frames in flight on a path")
    return DONE


def _plan_document(plan: Plan) -> dict[str, Any]:
    document: dict[str, Any] = plain(
        {
            "name": plan.graph.name,
            "segments": [
                {"index": s.index, "kind": s.kind, "executor": s.executor, "nodes": s.nodes}
                for s in plan.segments
            ],
            "edges": [
                {"id": e.id, "from": e.source, "to": e.target, "capacity": e.capacity, "policy": e.policy}
                for e in plan.edges
            ],
            "triggers": plan.graph.triggers,
            "max_in_flight": plan.max_in_flight,
        }
    )
    return document


def write_schema(output: Path | None, nodes: Path | None) -> int:
    """Print the JSON Schema of graphs, or write it to a file; returns the exit code."""
    if nodes is not None:
        import_nodes(nodes)
    text = json.dumps(graph_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        print(text, end="")
        return DONE
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        show_error(FileError(output, f"cannot be written: {error.strerror}"))
        return FAILED
    console().print(f"written to {output}", soft_wrap=True)
    return DONE
