"""The page: one HTML document with everything in it, made by a template that escapes all text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from streamlab.core import Outcome, Verdict
from streamlab.engine import Report
from streamlab.errors import GraphError
from streamlab.report.document import Document
from streamlab.report.facts import machine, versions
from streamlab.report.picture import picture_of
from streamlab.report.plots.axes import unit_text
from streamlab.report.plots.figures import Drawn
from streamlab.report.plots.style import svg_inline
from streamlab.report.tables import Cell, anchor, cell, changes_of, error_blocks, node_cards, result_tables

__all__ = ["graph_svg", "render_page"]

_TEMPLATES = Path(__file__).with_name("templates")
_SIGNS = {"PASS": "✓", "MARGINAL": "!", "FAIL": "✕", "INVALID": "⊘", "NOT_RUN": "–", "NONE": "–"}
_NO_VERDICT = "NO VERDICT"


def render_page(document: Document, plots: Sequence[Drawn] = ()) -> str:
    """Return the page as HTML. Raises ImportError without jinja2."""
    text: str = _template("page.html.jinja").render(_context(document, plots))
    return "".join(
        sign if sign in "\n\t" or ord(sign) >= 32 else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def graph_svg(document: Document) -> str:
    """Return the picture of the graph as an SVG document of its own; empty where the graph was refused."""
    if document.spec is None:
        return ""
    outcomes = {name: verdict.outcome for name, verdict in document.verdicts.items()}
    picture = picture_of(document.spec, document.report, outcomes)
    types = {name: node.type_name for name, node in document.spec.nodes.items()}
    svg: str = _template("graph.jinja").module.graph(picture, {}, types)
    style = (_TEMPLATES / "graph.css").read_text(encoding="utf-8")
    return str(svg).strip().replace("<defs>", f"<style>{style}</style><defs>", 1) + "\n"


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template(name)


def _context(document: Document, plots: Sequence[Drawn]) -> dict[str, Any]:
    from markupsafe import Markup

    spec, report = document.spec, document.report
    headline = document.headline()
    word = str(headline.outcome) if headline.outcome is not None else _NO_VERDICT
    nodes = spec.nodes if spec is not None else {}
    outcomes = {name: verdict.outcome for name, verdict in document.verdicts.items()}
    anchors = {name: anchor(node) for name, node in nodes.items()}
    context: dict[str, Any] = {
        "css": Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8")),  # ours, no user's text in it
        "title": document.title,
        "about": _about(document),
        "word": word,
        "word_class": str(headline.outcome) if headline.outcome is not None else "NONE",
        "signs": _SIGNS,
        "headline": headline,
        "summary": list(_summary(document, headline.outcome)),
        "facts": list(_facts(document)),
        "errors": error_blocks(report.errors) if report is not None else [],
        "abandoned": report.abandoned if report is not None else [],
        "verdicts": [_verdict_row(document, name, anchors) for name in _gravest_first(document.verdicts)],
        "picture": picture_of(spec, report, outcomes) if spec is not None else None,
        "anchors": anchors,
        "types": {name: node.type_name for name, node in nodes.items()},
        "results": list(result_tables(spec, report)) if spec is not None and report is not None else [],
        "plots": [_plot(document, drawn, number, Markup) for number, drawn in enumerate(plots)],
        "plot_notes": list(_plot_notes(document, plots)),
        "cards": node_cards(spec) if spec is not None else [],
        "settings": _settings(document),
        "changes": list(changes_of(spec, report)) if spec is not None and report is not None else [],
        "versions": versions(),
        "environment": _environment(document),
        "files": [_file(file) for file in document.files],
        "counters": _counters(report),
        "losses": _losses(report),
        "document": _json(document) if spec is not None else "",
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    context["sections"] = [
        (place, name)
        for place, name, there in (
            ("errors", "What went wrong", context["errors"] or context["abandoned"]),
            ("verdicts", "Verdicts", context["verdicts"]),
            ("graph", "Graph", context["picture"]),
            ("results", "Results", context["results"]),
            ("plots", "Plots", context["plots"] or context["plot_notes"]),
            ("parameters", "Parameters", context["cards"]),
            ("environment", "Environment", True),
        )
        if there
    ]
    return context


def _about(document: Document) -> str:
    metadata = document.graph.document.get("metadata")
    about = metadata.get("about") if isinstance(metadata, dict) else None
    return about if isinstance(about, str) else ""


def _summary(document: Document, outcome: Outcome | None) -> Iterable[str]:
    """Say in a line or two what the verdict rests on."""
    verdicts = document.verdicts
    if not verdicts:
        if document.report is not None and document.spec is not None:
            yield "Nothing in this graph judges." if outcome is None else "No verdict was reached."
        return
    counts = {one: sum(verdict.outcome is one for verdict in verdicts.values()) for one in Outcome}
    yield f"{len(verdicts)} verdict{'s' if len(verdicts) != 1 else ''}: " + ", ".join(
        f"{count} {one}" for one, count in counts.items() if count
    )
    worst = next((item for item in verdicts.items() if item[1].outcome is outcome), None)
    if worst is not None and outcome is not Outcome.PASS:
        yield f"{worst[0]}: {worst[1].reason}"


def _facts(document: Document) -> Iterable[tuple[str, Cell, bool]]:
    report = document.report
    if document.started is not None:
        yield (
            "Refused" if report is not None and document.spec is None else "Started",
            Cell(document.started.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")),
            False,
        )
    if report is None or document.spec is None:
        return
    yield "Ended", Cell(report.reason or report.state), report.reason not in ("completed", "stopped")
    yield "Took", cell(float(f"{report.duration:.4g}"), "s"), False
    if report.seconds:
        yield "Signal", cell(report.seconds, "s"), False
        if report.duration:
            factor = report.seconds / report.duration
            yield "Speed", cell(float(f"{factor:.3g}"), "× real time"), False
    yield "Frames", Cell(f"{report.frames_in} in, {report.frames_out} out"), False
    yield "Dropped", _frames(report.dropped), report.dropped > 0
    for name, count in (("Failed", report.failed), ("Undelivered", report.undelivered)):
        if count:
            yield name, _frames(count), name == "Failed" or not document.headline().complete


def _gravest_first(verdicts: Mapping[str, Verdict]) -> list[str]:
    """Return the nodes that judge, those with the gravest outcome first, else in the order of the graph."""
    order = (Outcome.INVALID, Outcome.FAIL, Outcome.NOT_RUN, Outcome.MARGINAL, Outcome.PASS)
    return sorted(verdicts, key=lambda name: order.index(verdicts[name].outcome))


def _frames(count: int) -> Cell:
    return cell(count, "frame" if count == 1 else "frames")


def _verdict_row(document: Document, name: str, anchors: dict[str, str]) -> dict[str, Any]:
    verdict = document.verdicts[name]
    nodes = document.spec.nodes if document.spec is not None else {}
    return {
        "node": name,
        "anchor": anchors.get(name, ""),
        "type_name": nodes[name].type_name if name in nodes else "",
        "outcome": str(verdict.outcome),
        "reason": verdict.reason,
        "value": None if verdict.value is None else cell(float(verdict.value), verdict.unit),
        "unit": "" if verdict.unit == "1" else unit_text(verdict.unit),
        "margin": None if verdict.margin is None else cell(float(verdict.margin), verdict.unit),
        "count": cell(verdict.count),
    }


def _plot(document: Document, drawn: Drawn, number: int, markup: Any) -> dict[str, Any]:
    stream = drawn.stream
    spec = document.spec
    several = spec is not None and len(spec.nodes[stream.node].cls.outputs) > 1
    label = f"{stream.node}.{stream.port}" if several else stream.node
    readers = ", ".join(stream.readers[:6]) + (" and more" if len(stream.readers) > 6 else "")
    table = drawn.table
    return {
        "anchor": f"figure-{number}",
        "name": drawn.name,
        "node": stream.node,
        "label": label,
        "title": drawn.title,
        "readers": readers,
        "svg": markup(svg_inline(drawn.svg)) if drawn.svg else "",  # by matplotlib, which escapes its text
        "caption": drawn.caption,
        "summary": drawn.summary,
        "words": "; ".join([f"{label}, {drawn.title}", *drawn.summary]),
        "trouble": drawn.trouble,
        "table": None
        if table is None
        else {
            "corner": table.corner,
            "columns": table.columns,
            "unit": table.unit,
            "rows": [(name, [cell(value, table.unit) for value in values]) for name, values in table.rows],
        },
    }


def _plot_notes(document: Document, plots: Sequence[Drawn]) -> Iterable[str]:
    shown = {id(drawn.stream) for drawn in plots}
    for stream in document.streams:
        if stream.trouble:
            yield f"{stream.node}: {stream.trouble}"
        elif id(stream) not in shown and stream.frames == 0:
            yield f"{stream.node}: nothing came, so there is nothing to draw."
    if document.left_out:
        yield f"Without a plot, since there are so many: {', '.join(document.left_out)}."


def _settings(document: Document) -> str:
    if document.spec is None:
        return ""
    settings = document.spec.settings
    fused = "" if settings.fuse else ", nodes not fused"
    return (
        f"A connection holds {settings.channel_capacity} frames unless it says otherwise; "
        f"executor {settings.executor}{fused}."
    )


def _environment(document: Document) -> list[tuple[str, str]]:
    rows = list(machine().items()) + list(versions().items())
    if document.spec is not None:
        rows.append(("SHA-256 of the graph", _graph_hash(document)))
    return rows


def _graph_hash(document: Document) -> str:
    try:
        return f"{document.graph.hash} (of canonical JSON, RFC 8785)"
    except GraphError:  # an object of Python in a parameter
        return "none: a parameter is no JSON"


def _json(document: Document) -> str:
    try:
        return document.graph.to_json()
    except GraphError:  # an object of Python in a parameter
        return ""


def _file(file: Any) -> dict[str, Any]:
    size = None if file.size is None else cell(file.size)
    return {"role": file.role, "path": file.path, "size": size, "sha256": file.sha256, "note": file.note}


def _counters(report: Report | None) -> list[dict[str, Any]]:
    if report is None:
        return []
    return [
        {
            "name": name,
            "cells": [cell(one) for one in (m.frames_in, m.frames_out, m.dropped, m.failed, m.undelivered)],
            "busy": _seconds(m.busy) if m.timed else "–",
        }
        for name, m in report.nodes.items()
    ]


def _seconds(time: float) -> str:
    return f"{time * 1e6:.3g} µs" if time < 1e-3 else f"{time * 1e3:.3g} ms"


def _losses(report: Report | None) -> list[tuple[str, list[Cell]]]:
    if report is None:
        return []
    return [
        (name, [cell(edge.dropped), cell(edge.failed), cell(edge.undelivered)])
        for name, edge in report.edges.items()
        if edge.dropped or edge.failed or edge.undelivered
    ]
