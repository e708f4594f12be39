"""``streamlab nodes``: the node types as a table, one in full, or all of them as JSON or Markdown."""

import json
from inspect import cleandoc
from pathlib import Path
from typing import Any

from streamlab.cli.docstrings import parse
from streamlab.cli.outcome import DONE, UsageError
from streamlab.cli.results import console, make_table
from streamlab.core import ProcessingNode, node_class, node_types
from streamlab.core.params import Param
from streamlab.core.registry import UnknownNodeType
from streamlab.engine.plain import plain
from streamlab.engine.user_nodes import import_nodes

__all__ = ["kind", "param_row", "ports", "show_nodes"]

_TEXT_WIDTH = 100
"""Columns beyond which prose is no longer read with ease."""


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
            from streamlab.cli.reference import section

            print(section(name, cls))
        else:
            _show(name, cls)
        return DONE
    if as_document:
        listed = [_document(each, node_class(each)) for each in node_types()]
        print(json.dumps(listed, indent=2, ensure_ascii=False))
    elif markdown:
        from streamlab.cli.reference import page

        print(page(), end="")
    else:
        _show_all()
    return DONE


def _show_all() -> None:
    table = make_table("type", "kind", "ports", "what it does")
    for name in node_types():
        cls = node_class(name)
        table.add_row(name, kind(cls), ports(cls), parse(cls.__doc__).summary_line())
    out = console()
    out.print(table)
    out.print("streamlab nodes TYPE describes one of them")


def _show(name: str, cls: type[ProcessingNode]) -> None:
    from rich.markup import escape
    from rich.table import Table

    out, text = console(), parse(cls.__doc__)
    wide = min(out.width, _TEXT_WIDTH)
    out.print(f"[bold]{name}[/]  {kind(cls)}  {ports(cls)}")
    out.print(_words(text.summary), width=wide)
    if text.headings:
        rows = Table.grid(padding=(0, 2, 0, 0))
        for heading, words in text.headings.items():
            rows.add_row(f"[dim]{heading}[/]", _words(words))
        out.print()
        out.print(rows, width=wide)
    for paragraph in text.prose:
        out.print()
        out.print(_words(paragraph), width=wide)
    if text.example:
        out.print(f"\n[dim]Example[/]\n{escape(text.example)}", soft_wrap=True)
    fields = cls.param_set.fields
    if not fields:
        out.print("\nno parameters")
        return
    table = make_table("parameter", "type and bounds", "default", "live", "what it is")
    for param, item in fields.items():
        table.add_row(*(escape(cell) for cell in param_row(cls, param, item)))
    out.print(table)


def _words(text: str) -> str:
    """Text of a docstring for the terminal: ``code`` in single quotes as a reader knows them."""
    from rich.markup import escape

    return escape(text.replace("``", "`"))


def param_row(cls: type[ProcessingNode], name: str, item: Param) -> tuple[str, ...]:
    """A parameter as a row of a table: name, type and bounds, default, live, what it is."""
    default = "required" if item.required else json.dumps(item.default, ensure_ascii=False, default=str)
    return name, cls.param_set.type_text(name), default, "yes" if item.live else "", item.doc


def kind(cls: type[ProcessingNode]) -> str:
    """What the node is to the engine, a source or its kind."""
    return "source" if cls.tier == "source" else cls.kind


def ports(cls: type[ProcessingNode]) -> str:
    """Its ports as ``a, b -> out``."""
    given = "trigger" if cls.generator and len(cls.inputs) == 1 else ", ".join(cls.inputs)
    return " -> ".join(part for part in (given, ", ".join(cls.outputs)) if part)


def _document(name: str, cls: type[ProcessingNode]) -> dict[str, Any]:
    document: dict[str, Any] = plain(
        {
            "type": name,
            "kind": kind(cls),
            "inputs": cls.inputs,
            "outputs": cls.outputs,
            "trigger": cls.generator,
            "blocking": cls.blocking,
            "doc": cleandoc(cls.__doc__ or ""),
            "parameters": cls.param_set.json_schema() if cls.param_set.fields else {"type": "object"},
        }
    )
    return document
