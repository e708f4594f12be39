"""No frame may vanish: what a report counts has to add up."""

from streamlab.engine import Plan, Report

__all__ = ["assert_conserved"]


def assert_conserved(report: Report, plan: Plan | None = None) -> None:
    """Assert that every frame of a finished run is accounted for, at every node and on every edge.

    With the ``plan`` the counters of neighbours are compared too: what an edge delivered is what the node
    behind it was given. Raises AssertionError with everything that does not add up.
    """
    wrong = []
    for kind, counted in (("node", report.nodes), ("edge", report.edges)):
        for name, item in counted.items():
            parts = (item.frames_out, item.dropped, item.failed, item.undelivered)
            if item.frames_in != sum(parts) or min(parts) < 0:
                wrong.append(
                    f"{kind} {name!r}: in {item.frames_in}, out + dropped + failed + undelivered {parts}"
                )
    for name, node in report.nodes.items():
        if node.emitted < 0 or node.timed > node.frames_in:
            wrong.append(f"node {name!r}: emitted {node.emitted}, timed {node.timed} of {node.frames_in}")
    if plan is not None:
        wrong += _neighbours(report, plan)
    if report.reason in ("completed", "stopped") and not report.errors:
        wrong += [
            f"edge {name!r}: {item.queued} frames left in it after the end ({report.reason})"
            for name, item in report.edges.items()
            if item.queued
        ]
    assert not wrong, "frames are not conserved:\n  " + "\n  ".join(wrong)


def _neighbours(report: Report, plan: Plan) -> list[str]:
    wrong: list[str] = []
    if not report.nodes:
        return wrong  # it never began
    for segment in plan.segments:
        head = plan.graph.nodes[segment.nodes[0]]
        if len(segment.inputs) == 1 and len(head.cls.inputs) == 1:
            edge, node = report.edges[segment.inputs[0].id], report.nodes[head.id]
            if edge.frames_out + edge.failed > node.frames_in:
                wrong.append(
                    f"node {head.id!r} was given {node.frames_in} frames, its edge delivered more: {edge}"
                )
        # Of frames that were worked on together, those behind one that failed stay undelivered.
        left = sum(report.edges[edge.id].undelivered for edge in segment.inputs)
        for before, after in zip(segment.nodes, segment.nodes[1:], strict=False):
            gave, got = report.nodes[before], report.nodes[after]
            if not 0 <= gave.emitted - got.frames_in <= left:
                wrong.append(f"node {before!r} gave {gave.emitted} frames, {after!r} got {got.frames_in}")
        for edge_plan in segment.outputs:
            last = report.nodes[segment.nodes[-1]]
            edge = report.edges[edge_plan.id]
            tier = plan.graph.nodes[segment.nodes[-1]].cls.tier
            if tier != "run" and edge.frames_in > last.emitted:
                wrong.append(f"edge {edge_plan.id!r} got {edge.frames_in} frames of {last.emitted}")
    return wrong
