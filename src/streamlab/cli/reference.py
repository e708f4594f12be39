"""The node types in Markdown: the table of the README and the reference page, made from the code.

The docstrings and parameters are the only source; ``tools/node_docs.py`` writes the files, a test compares.
"""

import re

from streamlab.cli.catalogue import kind, param_row, ports
from streamlab.cli.docstrings import parse
from streamlab.core import ProcessingNode, node_class
from streamlab.core.catalogue import BUILT_IN

__all__ = ["page", "section", "table"]

_HEAD = """# Node types

Made from the code by `make docs`; a test fails when this page is stale. `streamlab nodes TYPE` shows the same
in a terminal, `streamlab nodes --json` gives it to programs. The kinds are those of
[architecture](../architecture.md#kinds-of-nodes); *live* parameters may change while the node runs.
"""


def table(link: str = "") -> str:
    """Return the built-in node types as a table; ``link`` is the page with their sections."""
    lines = ["| type | kind | ports | what it does |", "| --- | --- | --- | --- |"]
    for name in BUILT_IN:
        cls = node_class(name)
        first = _words(parse(cls.__doc__).summary_line(), cell=True)
        lines.append(f"| [`{name}`]({link}#{name.lower()}) | {kind(cls)} | {_ports(cls)} | {first} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the reference page of the built-in node types."""
    return "\n".join([_HEAD, table(), *(section(name, node_class(name)) for name in BUILT_IN)])


def section(name: str, cls: type[ProcessingNode]) -> str:
    """Return what there is to say about one node type."""
    text = parse(cls.__doc__)
    lines = [f"## {name}", "", _words(text.summary), ""]
    lines += [f"| {kind(cls)} | {_ports(cls)} |", "| --- | --- |"]
    for heading, words in text.headings.items():
        if heading != "Kind" or words != kind(cls):
            lines.append(f"| {heading} | {_words(words, cell=True)} |")
    lines.append("")
    for paragraph in text.prose:
        lines += [_words(paragraph), ""]
    fields = cls.param_set.fields
    if fields:
        lines += ["| parameter | type and bounds | default | live | what it is |", f"|{' --- |' * 5}"]
        for param, item in fields.items():
            _, kinds, default, live, doc = (_words(cell, cell=True) for cell in param_row(cls, param, item))
            lines.append(f"| `{param}` | {kinds} | {default} | {live} | {doc} |")
        lines.append("")
    if text.example:
        lines += ["```pycon", text.example, "```", ""]
    return "\n".join(lines)


def _ports(cls: type[ProcessingNode]) -> str:
    return ports(cls).replace("->", "→")


def _words(text: str, *, cell: bool = False) -> str:
    """Text of a docstring as Markdown: what would be markup is escaped, except in ``code``."""
    parts = re.split(r"``(.+?)``", text)
    parts[::2] = [re.sub(r"[*]|<(?=[A-Za-z/!])", r"\\\g<0>", part) for part in parts[::2]]
    parts[1::2] = [f"`{part}`" for part in parts[1::2]]
    joined = "".join(parts)
    return joined.replace("|", "\\|") if cell else joined
