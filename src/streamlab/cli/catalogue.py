"""``streamlab nodes``: the node types as a table, one in full, or all of them as the reference page."""

import inspect
import json
from pathlib import Path
from typing import Any

from streamlab.cli.graphs import import_nodes
from streamlab.cli.outcome import DONE, UsageError
from streamlab.cli.results import console, make_table, plain
from streamlab.core import ProcessingNode, node_class, node_types
from streamlab.core.params import Param
from streamlab.core.registry import UnknownNodeType

__all__ = ["markdown_page", "markdown_table", "show_nodes"]


def show_nodes(name: str | None, nodes: Path | None, *, as_document: bool, markdown: bool) -> int:
    """Print the node types, or one of them. Raises UsageError for an unknown one."""
    if nodes is not None:
        import_nodes(nodes)
    if name is not None:
        try:
            cls = node_class(name)
        except UnknownNodeType as error:
            raise UsageError(f"unknown node type {name!r}", hint=error.hint) from None
        if as_document:
            print(json.dumps(_document(name, cls), indent=2, ensure_ascii=False))
        elif markdown:
            print(_section(name, cls))
        else:
            _show(name, cls)
        return DONE
    if as_document:
        listed = [_document(each, node_class(each)) for each in node_types()]
        print(json.dumps(listed, indent=2, ensure_ascii=False))
    elif markdown:
        print(markdown_page(), end="")
    else:
        _show_all()
    return DONE


def _show_all() -> None:
    table = make_table("type", "kind", "ports", "what it does")
    for name in node_types():
        cls = node_class(name)
        table.add_row(name, _kind(cls), _ports(cls), _first_line(cls))
    out = console()
    out.print(table)
    out.print("streamlab nodes TYPE describes one of them")


def _show(name: str, cls: type[ProcessingNode]) -> None:
    from rich.markup import escape

    out = console()
    out.print(f"[bold]{name}[/]  {_kind(cls)}  {_ports(cls)}")
    out.print(escape(inspect.getdoc(cls) or ""), soft_wrap=True)
    fields = cls.param_set.fields
    if not fields:
        out.print("\nno parameters")
        return
    table = make_table("parameter", "type and bounds", "default", "live", "what it is")
    for param, item in fields.items():
        table.add_row(*(escape(cell) for cell in _param_row(cls, param, item)))
    out.print(table)


def _param_row(cls: type[ProcessingNode], name: str, item: Param) -> tuple[str, ...]:
    default = "required" if item.required else json.dumps(item.default, ensure_ascii=False, default=str)
    return name, cls.param_set.type_text(name), default, "yes" if item.live else "", item.doc


def _kind(cls: type[ProcessingNode]) -> str:
    return "source" if cls.tier == "source" else cls.kind


def _ports(cls: type[ProcessingNode]) -> str:
    given = "trigger" if cls.generator and len(cls.inputs) == 1 else ", ".join(cls.inputs)
    return " -> ".join(part for part in (given, ", ".join(cls.outputs)) if part)


def _first_line(cls: type[ProcessingNode]) -> str:
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def _document(name: str, cls: type[ProcessingNode]) -> dict[str, Any]:
    document: dict[str, Any] = plain(
        {
            "type": name,
            "kind": _kind(cls),
            "inputs": cls.inputs,
            "outputs": cls.outputs,
            "trigger": cls.generator,
            "blocking": cls.blocking,
            "doc": inspect.getdoc(cls) or "",
            "parameters": cls.param_set.json_schema() if cls.param_set.fields else {"type": "object"},
        }
    )
    return document


# -- Markdown, for the README and the reference page


def markdown_table() -> str:
    """Return the table of built-in node types as the README has it."""
    from streamlab.core.catalogue import BUILT_IN

    lines = ["| type | kind | ports | what it does |", "| --- | --- | --- | --- |"]
    for name in BUILT_IN:
        cls = node_class(name)
        lines.append(f"| `{name}` | {_kind(cls)} | {_ports(cls)} | {_cell(_first_line(cls))} |")
    return "\n".join(lines) + "\n"


def markdown_page() -> str:
    """Return the reference page of the built-in node types."""
    from streamlab.core.catalogue import BUILT_IN

    head = "# Node types\n\nMade from the code by `tools/node_docs.py`; a test compares. "
    head += "`streamlab nodes TYPE` prints the same in a terminal.\n"
    return "\n".join([head, markdown_table(), *(_section(name, node_class(name)) for name in BUILT_IN)])


def _section(name: str, cls: type[ProcessingNode]) -> str:
    lines = [
        f"## {name}",
        "",
        f"{_kind(cls)}, {_ports(cls)}",
        "",
        "```text",
        inspect.getdoc(cls) or "",
        "```",
        "",
    ]
    fields = cls.param_set.fields
    if fields:
        lines += [
            "| parameter | type and bounds | default | live | what it is |",
            "| --- | --- | --- | --- | --- |",
        ]
        for param, item in fields.items():
            first, *others = (_cell(cell) for cell in _param_row(cls, param, item))
            lines.append(f"| `{first}` | {' | '.join(others)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
