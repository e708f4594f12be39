"""What goes into the tables of the page: results, parameters, counters, errors, each value with its unit."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from streamlab.core import DataFrame, Verdict
from streamlab.core.params import MISSING, Param
from streamlab.engine import Report
from streamlab.engine.spec import GraphSpec, NodeSpec
from streamlab.errors import GraphError, NodeError, ParamError, StreamLabError
from streamlab.report.plots.axes import time_text, unit_text

__all__ = [
    "Cell",
    "ErrorBlock",
    "NodeCard",
    "Setting",
    "ValueTable",
    "cell",
    "changes_of",
    "error_blocks",
    "node_cards",
    "result_tables",
]

_MOST_BESIDE = 4
"""Channels that stand beside each other; of more, each has a line."""

_MOST_LINES = 12
"""Lines of a table of one or two columns that stand below each other."""

_LONGEST = 400
"""Letters of a value that are shown; the whole is in the graph's document."""

_KNOWN_UNITS = {"duration": "s", "missing": "samples", "samples": "samples", "frames": "frames", "bytes": "B"}
_WITHOUT_UNIT = ("", "1")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is shown, and as it is: the shortest text that reads back to it; empty for words."""

    text: str
    value: str = ""
    unit: str = ""


Row = tuple[str, list[Cell | None], str]
"""A label, its values, and the unit of them where they have one in common."""


@dataclass(frozen=True, slots=True)
class ValueTable:
    """The result of a node: columns with a heading each, lines with a label each."""

    node: str
    type_name: str
    corner: str
    columns: list[str]
    rows: list[Row]

    def parts(self) -> list[list[Row]]:
        """Return the lines in parts of one length that stand beside each other where they are many."""
        count = -(-len(self.rows) // _MOST_LINES) if len(self.columns) <= 2 else 1
        size = max(1, -(-len(self.rows) // count)) if count else 1
        return [self.rows[at : at + size] for at in range(0, len(self.rows), size)]


def cell(value: Any, unit: str = "") -> Cell:
    """Return a value for a table: levels to a hundredth of a decibel, other numbers to six digits."""
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, int):
        return Cell(f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"), str(value), unit)
    if isinstance(value, float):
        return Cell(_number(value, decibels=unit.startswith("dB")), repr(value), unit)
    if isinstance(value, list | tuple) and all(isinstance(item, int | float) for item in value):
        return Cell(", ".join(cell(item, unit).text for item in value) or "none", unit=unit)
    if value is None:
        return Cell("none")
    return Cell(_cut(value if isinstance(value, str) else str(value)))


def _number(value: float, *, decibels: bool) -> str:
    if math.isnan(value):
        return "no number"
    if math.isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    text = f"{value:.2f}" if decibels and abs(value) < 1e6 else f"{value:.6g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} letters)"


# -- results


def result_tables(spec: GraphSpec, report: Report) -> Iterator[ValueTable]:
    """Yield a table for each node that answered with something else than a verdict."""
    for name, value in report.results.items():
        if isinstance(value, Verdict):
            continue
        kind = spec.nodes[name].type_name if name in spec.nodes else ""
        if isinstance(value, Mapping) and value and all(isinstance(item, Mapping) for item in value.values()):
            yield _by_channel(name, kind, {str(key): item for key, item in value.items()})
        elif isinstance(value, Mapping):
            rows: list[Row] = [(what, [one], unit_text(one.unit)) for what, one in _fields(value)]
            yield ValueTable(name, kind, "", ["value"], rows)
        elif isinstance(value, list) and value and all(isinstance(item, DataFrame) for item in value):
            first, last = value[0].sequence_id, value[-1].sequence_id
            yield ValueTable(
                name, kind, "", ["value"], [(f"frames {first} to {last}", [cell(len(value))], "frames")]
            )
        else:
            yield ValueTable(name, kind, "", ["value"], [("result", [cell(value)], "")])


def _fields(row: Mapping[Any, Any]) -> Iterator[tuple[str, Cell]]:
    """Yield what a mapping says, each with its unit."""
    units = row.get("units")
    units = units if isinstance(units, Mapping) else {}
    for key, value in row.items():
        name = str(key)
        if name == "units" and units:
            continue
        unit = str(units.get(key, _KNOWN_UNITS.get(name, "")))
        if isinstance(value, Mapping):
            for what, one in _fields(value):
                yield f"{name}.{what}", one
        else:
            yield name, cell(value, unit if unit not in _WITHOUT_UNIT else "")


def _by_channel(node: str, kind: str, value: Mapping[str, Mapping[Any, Any]]) -> ValueTable:
    """Lines are what was measured and columns the channels, or the other way round where those are many."""
    fields = {channel: dict(_fields(row)) for channel, row in value.items()}
    whats = list(dict.fromkeys(what for row in fields.values() for what in row))
    if len(fields) <= _MOST_BESIDE:
        rows = []
        for what in whats:
            cells = [row.get(what) for row in fields.values()]
            rows.append((what, cells, _common_unit(cells)))
        return ValueTable(node, kind, "channel", list(fields), rows)
    units = {what: _common_unit([row.get(what) for row in fields.values()]) for what in whats}
    columns = [f"{what} in {units[what]}" if units[what] else what for what in whats]
    lines = [(channel, [row.get(what) for what in whats], "") for channel, row in fields.items()]
    return ValueTable(node, kind, "channel", columns, lines)


def _common_unit(cells: Sequence[Cell | None]) -> str:
    """The unit of the cells, each of them where they differ."""
    units = list(dict.fromkeys(unit_text(one.unit) for one in cells if one is not None and one.value))
    return " | ".join(units)


# -- parameters


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter: its value and unit, whether it differs from the default, and what that is."""

    name: str
    text: str
    unit: str
    changed: bool
    default: str
    doc: str


@dataclass(frozen=True, slots=True)
class NodeCard:
    """A node with its parameters and what else the graph says of it."""

    id: str
    anchor: str
    type_name: str
    about: str
    settings: list[Setting]
    options: list[str]


def node_cards(spec: GraphSpec) -> list[NodeCard]:
    """Return the nodes of a graph in the order of the stream."""
    return [_card(spec.nodes[name]) for name in spec.order]


def _card(node: NodeSpec) -> NodeCard:
    fields = node.cls.param_set.fields
    settings = [_setting(name, getattr(node.params, name, None), item) for name, item in fields.items()]
    if not fields:  # it reads its config itself
        settings = [Setting(name, _shown(value), "", True, "", "") for name, value in node.config.items()]
    settings.sort(key=lambda one: not one.changed)
    about = cleandoc(node.cls.__doc__ or "").partition("\n")[0].replace("``", "")
    return NodeCard(node.id, anchor(node), node.type_name, about, settings, list(_options(node)))


def anchor(node: NodeSpec) -> str:
    """Return the id of a node's card on the page."""
    return f"node-{node.index}"


def _setting(name: str, value: Any, item: Param) -> Setting:
    unit = item.unit if item.unit not in ("1", "unit") and value is not None else ""
    changed = (
        item.default is MISSING or value != item.default or type(value) is bool is not type(item.default)
    )
    default = "required" if item.default is MISSING else _shown(item.default)
    return Setting(name, _shown(value), unit_text(unit), changed, default, item.doc)


def _options(node: NodeSpec) -> Iterator[str]:
    if node.on_error != "fail":
        yield f"on error: {node.on_error}"
    if node.executor is not None:
        yield f"executor: {node.executor}"
    if node.isolate:
        yield "isolated"
    if node.join is not None:
        extra = "" if node.join.deadline is None else f", deadline {node.join.deadline:g} s"
        yield f"join: {node.join.policy}{extra}"


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _cut(value) if value else "empty"
    if isinstance(value, float):
        return f"{value!r}".removesuffix(".0").replace("-", "\N{MINUS SIGN}")
    try:
        return _cut(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return f"({type(value).__name__})"


def changes_of(spec: GraphSpec, report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the live parameters that were changed while it ran: when, which, and their new values."""
    for seconds, node, changes in report.changes:
        fields = spec.nodes[node].cls.param_set.fields if node in spec.nodes else {}
        for name, value in changes.items():
            unit = fields[name].unit if name in fields and fields[name].unit not in ("1", "unit") else ""
            yield time_text(seconds), f"{node}.{name}", f"{_shown(value)} {unit_text(unit)}".rstrip()


# -- errors


@dataclass(frozen=True, slots=True)
class ErrorBlock:
    """An error in words: what kind, what happened, and the problems one by one."""

    kind: str
    text: str
    facts: list[tuple[str, str]]
    problems: list[tuple[str, str, str, str, str]]


def error_blocks(errors: Sequence[StreamLabError]) -> list[ErrorBlock]:
    """Return errors for the page."""
    return [_error(error) for error in errors]


def _error(error: StreamLabError) -> ErrorBlock:
    facts, problems = [], []
    if isinstance(error, NodeError):
        facts = [("node", error.node_id), ("while in", error.phase)]
        facts += [("frame", str(error.sequence_id))] if error.sequence_id is not None else []
    text = str(error)
    if isinstance(error, GraphError | ParamError):
        count = len(error.problems)
        text = f"{error.title or 'graph'}: {count} problem{'s' if count != 1 else ''}"
        problems = [
            (f"{one.pointer or '/'} {one.node}".strip(), one.message, one.expected, one.found, one.hint)
            for one in error.problems
        ]
    return ErrorBlock(type(error).__name__, _cut(text), facts, problems)
