"""What a run brought, as a table for people."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from streamlab.cli.outcome import show_error
from streamlab.core import DataFrame, Outcome, Verdict
from streamlab.engine import Report

__all__ = [
    "COLOURS",
    "console",
    "make_table",
    "near",
    "number",
    "show_report",
    "verdict_line",
]

COLOURS = {
    Outcome.PASS: "bold green",
    Outcome.MARGINAL: "bold yellow",
    Outcome.FAIL: "bold red",
    Outcome.INVALID: "bold magenta",
    Outcome.NOT_RUN: "bold magenta",
}
_WIDE = 120
"""Columns where stdout is no terminal: tables in a file or a pipe are not folded at 80."""


def console(**options: Any) -> Any:
    """Return the console for stdout, wide where stdout is no terminal."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # the command has an exit code for it

    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        options.setdefault("width", _WIDE)
    return Quiet(highlight=False, **options)


def make_table(*columns: str, right: Sequence[int] = (), title: str = "") -> Any:
    """Return an empty table in the command's look; ``right`` are the columns of numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        *columns,
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
        title=title or None,
    )
    table.title_justify, table.title_style = "left", "bold"
    for at in right:
        table.columns[at].justify = "right"
    return table


# -- for people


def show_report(report: Report, *, trace: bool = False) -> None:
    """Print the results as a table, a line of counts, and every error (to stderr)."""
    out = console()
    rows = list(_rows(report.results))
    if rows:
        table = make_table("node", "what", "value", "unit", right=(2,))
        for row in rows:
            table.add_row(*row)
        out.print(table)
    for node, value in report.results.items():
        if isinstance(value, Verdict):
            out.print(verdict_line(node, value), soft_wrap=True)
    out.print(_summary(report), soft_wrap=True)
    for what in report.abandoned:
        show_error(f"given up: {what}")
    for error in report.errors:
        show_error(error, trace=trace)


def verdict_line(node: str, verdict: Verdict) -> str:
    """Return a verdict as a line with its colour: ``PASS  limit: mic.Leq = 83.6 dB ...``."""
    from rich.markup import escape

    return f"[{COLOURS[verdict.outcome]}]{verdict.outcome}[/]  {escape(node)}: {escape(verdict.reason)}"


def _summary(report: Report) -> str:
    words = {"completed": "done", "cancelled": "aborted"}
    seconds = f", {report.seconds:.6g} s of signal" if report.seconds else ""
    counts = [f"{report.frames_in} frames in, {report.frames_out} out, {report.dropped} dropped"]
    counts += [f"{report.failed} failed"] if report.failed else []
    counts += [f"{report.undelivered} undelivered"] if report.undelivered else []
    ended = words.get(report.reason, report.reason or report.state)
    return f"{ended} after {report.duration:.3g} s{seconds}: {', '.join(counts)}"


def _rows(results: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for node, value in results.items():
        shown = node
        if isinstance(value, Verdict):
            continue  # has a line of its own
        for what, text, unit in _lines(value):
            yield shown, what, text, unit
            shown = ""


def _lines(value: Any) -> Iterator[tuple[str, str, str]]:
    """A result as lines of (what, value, unit)."""
    if isinstance(value, Mapping):
        units = value.get("units")
        units = units if isinstance(units, Mapping) else {}
        for name, item in value.items():
            if name == "units" and units:
                continue
            if isinstance(item, Mapping):
                for what, text, unit in _lines(item):
                    yield f"{name}.{what}", text, unit
            else:
                text = near(item) if name == "path" and isinstance(item, str) else number(item)
                yield str(name), text, str(units.get(name, _UNITS.get(str(name), "")))
    elif isinstance(value, list) and value and all(isinstance(item, DataFrame) for item in value):
        first, last = value[0].sequence_id, value[-1].sequence_id
        yield f"frames {first} to {last}", str(len(value)), "frames"
    else:
        yield "", number(value), ""


_UNITS = {"duration": "s", "missing": "samples", "samples": "samples", "frames": "frames", "bytes": "B"}


def number(value: Any) -> str:
    """Return a value as a table shows it: six digits, words as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def near(path: str | Path) -> str:
    """Return a path as short as it can be typed from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else str(path)
