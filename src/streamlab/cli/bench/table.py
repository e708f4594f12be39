"""The figures as tables for a terminal, topic by topic; readable at 100 columns."""

from collections.abc import Sequence
from typing import Any

from streamlab.cli.bench.rows import GROSS, NEAR_LINEAR, Bench, Growth, Row
from streamlab.cli.results import console, make_table

__all__ = ["goal_text", "short", "show_growth", "show_head", "show_summary", "show_topic", "spread_text"]

_COLOURS = {"met": "green", "missed": "yellow", "lost": "bold red", "": "dim"}


def show_head(facts: dict[str, Any], runs: Bench) -> None:
    """Say what the figures are taken on, and how."""
    out = console()
    out.print(f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, {facts['date']}", soft_wrap=True)
    names = ", ".join(f"{name} {facts[name]}" for name in ("python", "numpy", "scipy", "streamlab"))
    out.print(names, soft_wrap=True)
    if runs.quick:
        out.print("quick: each thing once; that shows that it works, and is no figure to rely on")
    else:
        out.print(f"medians of up to {runs.repeats} rounds, baselines in each; ratios taken round by round")


def show_topic(topic: str, rows: Sequence[Row]) -> None:
    """Print the rows of a topic."""
    from rich.markup import escape

    out = console()
    table = make_table("row", "what", "median", "from .. to", "goal", "", right=(2, 3, 4), title=topic)
    for column, width in zip(table.columns, (13, 0, 13, 16, 8, 6), strict=True):
        column.min_width, column.no_wrap = width, bool(width)
    table.columns[1].width = max(24, min(60, out.width - 70))  # the same in every table
    for row in rows:
        what = f"{escape(row.what)} [dim]({escape(row.note)})[/]" if row.note else escape(row.what)
        value = "-" if row.value is None else f"{short(row.value)} {row.unit}".rstrip()
        standing = "" if row.value is None else f"[{_COLOURS[row.standing]}]{row.standing}[/]"
        table.add_row(row.id, what, value, spread_text(row), goal_text(row), standing)
    out.print(table)


def show_growth(growth: Growth) -> None:
    """Print a table of growth, its exponents in the last line."""
    names = list(growth.columns)
    table = make_table(growth.axis, *names, right=range(len(names) + 1))
    for index, point in enumerate(growth.points):
        table.add_row(str(point), *(short(growth.columns[name][index]) for name in names))
    table.add_section()
    table.add_row("exponent", *(_exponent_text(name, growth.exponents[name]) for name in names))
    out = console()
    out.print(f"[bold]{growth.id}[/]: microseconds a frame, {growth.what}", soft_wrap=True)
    out.print(table)


def _exponent_text(name: str, value: float) -> str:
    late = value > NEAR_LINEAR and name.startswith("engine")
    return f"[yellow]{value:.2f} > {NEAR_LINEAR:g}[/]" if late else f"{value:.2f}"


def show_summary(rows: Sequence[Row]) -> None:
    """Count the goals, and name what is missed and what is lost."""
    out = console()
    missed = " ".join(row.id for row in rows if row.standing == "missed")
    met = sum(row.standing == "met" for row in rows)
    absent = " ".join(row.id for row in rows if row.standing == "not measured")
    out.print(f"goals met: {met}; missed: {missed or 'none'}", soft_wrap=True)
    if absent:
        out.print(f"not measured: {absent}", soft_wrap=True)
    for row in rows:
        if row.standing == "lost":
            text = (
                f"{row.id}: {short(row.value or 0.0)} {row.unit} is {GROSS:g} times worse than the contract"
            )
            out.print(f"[bold red]{text} ({short(row.bound or 0.0)} {row.unit})[/]", soft_wrap=True)


def goal_text(row: Row) -> str:
    """Return a goal with its sense, such as ``<= 0.33``."""
    if row.goal is None:
        return ""
    return f"{'>=' if row.more else '<='} {short(row.goal)}"


def spread_text(row: Row) -> str:
    """Return the smallest and the largest sample, where there are several."""
    if len(row.samples) < 2:
        return ""
    return f"{short(min(row.samples))} .. {short(max(row.samples))}"


def short(value: float) -> str:
    """Return a number with three digits, in full from a thousand on."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
