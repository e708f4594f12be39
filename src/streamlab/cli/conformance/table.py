"""What was measured: a table for people, a document for programs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from streamlab.cli.bench.machine import machine
from streamlab.cli.conformance.check import Check, Point
from streamlab.cli.results import console, make_table
from streamlab.dsp.octave import OctaveBank, design_bank

__all__ = ["STATEMENT", "as_document", "show_group", "show_head", "show_summary"]

STATEMENT = "meets class 1 electrical design goals (software part)"
_NOTE = (
    "Said of what StreamLab computes. A class belongs to a whole instrument, microphone, preamplifier and "
    "converter included, and is for a laboratory to state."
)
_TITLED = ("IEC 61672-1:2013", "IEC 61260-1:2014")
"""Standards that stand in the title of their table."""
_WIDE = 110  # columns from which on there is room to say where a value was measured


def show_head(rates: Sequence[float]) -> None:
    """Say what is measured with, and at which sample rates."""
    facts, out = machine(), console()
    versions = ", ".join(f"{name} {facts[name]}" for name in ("streamlab", "python", "numpy", "scipy"))
    out.print(f"{versions}; filter banks by {_engine()}", soft_wrap=True)
    listed = ", ".join(f"{rate / 1000:g}" for rate in rates)
    out.print(f"at {listed} kHz; of each requirement the value that comes closest to its limit\n")


def show_group(title: str, checks: Sequence[Check]) -> None:
    """Print a table: a line for each requirement, with the worst of all rates."""
    out = console()
    columns = ["requirement", "clause", "limit", "measured", "margin", ""]
    if out.width >= _WIDE:
        columns += ["where", "rate"] if any(one.rate for one in checks) else ["where"]
    table = make_table(*columns, right=(2, 3, 4), title=title)
    for column in table.columns[2:6]:
        column.no_wrap = True
    table.columns[0].no_wrap = out.width >= _WIDE
    for requirement in dict.fromkeys(one.requirement for one in checks):
        row = _row([one for one in checks if one.requirement == requirement])
        table.add_row(*row[: len(table.columns)])
    out.print(table)


def _row(alike: Sequence[Check]) -> tuple[str, ...]:
    worst = max(alike, key=lambda one: one.worst.used)
    point, unit = worst.worst, worst.unit
    passed = all(one.passed for one in alike)
    return (
        worst.requirement,
        worst.clause if worst.standard in _TITLED else f"{worst.standard}, {worst.clause}",
        _limit(point, unit),
        _value(point.value, point, signed=point.lower < 0.0),
        _value(point.margin, point, signed=False),
        "[bold green]PASS[/]" if passed else "[bold red]FAIL[/]",
        point.at,
        "" if worst.rate is None else f"{worst.rate / 1000:g} kHz",
    )


def _limit(point: Point, unit: str) -> str:
    low, high, shown = point.lower, point.upper, "" if unit == "1" else f" {unit}"
    if math.isinf(high):
        return f"at least {low:g}{shown}"
    if math.isinf(low):
        return f"at most {high:g}{shown}"
    if low == -high:
        return f"+-{high:.2g}{shown}"
    return f"{low:g} to {high:{'+' if low < 0.0 else ''}g}{shown}"


def _value(value: float, point: Point, *, signed: bool) -> str:
    """Return a value with as many digits as its limits ask for."""
    scale = min(abs(bound) for bound in (point.lower, point.upper) if bound and math.isfinite(bound))
    sign = "+" if signed else ""
    if scale < 0.01:
        return f"{value:{sign}.1e}"
    digits = 3 if scale > 0.05 else 4
    return f"{round(value, digits) + 0.0:{sign}.{digits}f}"


def show_summary(checks: Sequence[Check], whole: bool, seconds: float) -> None:
    """Say whether all is met and what that means; ``whole``: all was measured that a class takes."""
    out = console()
    names = list(dict.fromkeys(one.requirement for one in checks))
    missed = list(dict.fromkeys(one.requirement for one in checks if not one.passed))
    if missed:
        text = f"{len(missed)} of {len(names)} requirements are not met: {', '.join(missed)}"
        out.print(f"[bold red]FAIL[/]  {text}", soft_wrap=True)
    else:
        text = f"{len(names)} of {len(names)} requirements are met"
        text += f": StreamLab {STATEMENT}" if whole else "; a class takes all of them, at 44.1 kHz and more"
        out.print(f"[bold green]PASS[/]  {text}", soft_wrap=True)
        out.print(_NOTE if whole else "", end="\n" if whole else "")
    out.print(f"{sum(len(one.points) for one in checks)} values in {seconds:.3g} s")


def as_document(
    rates: Sequence[float], measured: Mapping[str, Sequence[Check]], whole: bool
) -> dict[str, Any]:
    """Return all that was measured as plain JSON values; a limit that is none is null."""
    checks = [(group, one) for group, members in measured.items() for one in members]
    passed = all(one.passed for _, one in checks)
    facts = machine()
    return {
        "statement": STATEMENT if passed and whole else "",
        "passed": passed,
        "versions": {name: facts[name] for name in ("streamlab", "python", "numpy", "scipy")},
        "filter_banks": _engine(),
        "rates": list(rates),
        "checks": [_as_json(group, one) for group, one in checks],
    }


def _engine() -> str:
    """What filter banks are computed by on this machine."""
    engine = OctaveBank(1, design_bank(48_000.0, 1, 1000.0, 1000.0)).engine
    return "SciPy" if engine == "scipy" else engine


def _as_json(group: str, one: Check) -> dict[str, Any]:
    return {
        "group": group,
        "requirement": one.requirement,
        "standard": one.standard,
        "clause": one.clause,
        "rate": one.rate,
        "unit": one.unit,
        "passed": one.passed,
        "worst": _point(one.worst),
        "points": [_point(point) for point in one.points],
    }


def _point(point: Point) -> dict[str, Any]:
    numbers = {"value": point.value, "lower": point.lower, "upper": point.upper, "margin": point.margin}
    plain = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {"at": point.at, **plain, "passed": point.passed}
