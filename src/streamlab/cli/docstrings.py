"""The docstring of a node type, taken apart: what the terminal and the reference page show of it.

Every node describes itself in the same way: a sentence, a table of headings (two in a row where they are
short), prose, an example.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc

__all__ = ["HEADINGS", "NodeText", "parse"]

HEADINGS = ("Input", "Output", "Kind", "State", "Gaps", "Settles", "Errors", "Source")
_HEADING = rf"(?:{'|'.join(HEADINGS)})"
_ROW = re.compile(rf"({_HEADING})  +(\S.*?)(?:   +({_HEADING})  +(\S.*))?")
_EXAMPLE = re.compile(r"\n?Examples?\n-+\n")


@dataclass(frozen=True)
class NodeText:
    """A docstring in parts. One that is written otherwise is all prose."""

    summary: str
    headings: dict[str, str]
    prose: tuple[str, ...]
    example: str

    def summary_line(self) -> str:
        """The first sentence as a table shows it."""
        return self.summary.partition("\n")[0]


def parse(docstring: str | None) -> NodeText:
    """Take a docstring apart."""
    text, *example = _EXAMPLE.split(cleandoc(docstring or ""), maxsplit=1)
    summary, *blocks = re.split(r"\n\n+", text.strip())
    headings: dict[str, str] = {}
    prose: list[str] = []
    for block in blocks:
        rows = list(_rows(block))
        if rows and not headings:
            headings = dict(rows)
        else:
            prose.append(" ".join(block.split()))
    return NodeText(" ".join(summary.split()), headings, tuple(prose), example[0].strip() if example else "")


def _rows(block: str) -> Iterator[tuple[str, str]]:
    """Yield heading and text of each row; nothing where the block is no table of headings."""
    rows: list[tuple[str, str]] = []
    for line in block.splitlines():
        match = _ROW.fullmatch(line)
        if match is not None:
            rows.append((match[1], match[2]))
            if match[3]:
                rows.append((match[3], match[4]))
        elif rows and line.startswith("    "):
            name, words = rows[-1]
            rows[-1] = name, f"{words} {line.strip()}"
        else:
            return
    yield from rows
