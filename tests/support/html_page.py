"""Reading a page of HTML as a browser would take it apart: elements with their attributes and their text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element:
    """An element: its tag, its attributes, and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.inside: list[Element | str] = []

    @property
    def text(self) -> str:
        """All text in it, blanks drawn together."""
        return " ".join(self._all_text().split())

    def _all_text(self) -> str:
        return "".join(part if isinstance(part, str) else part._all_text() for part in self.inside)

    def every(self, tag: str = "", **attributes: str) -> Iterator[Element]:
        """Yield the elements in it with this tag and these attributes (``data_node`` is ``data-node``)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for part in self.inside:
            if isinstance(part, Element):
                same = all(part.attributes.get(name) == value for name, value in wanted.items())
                if (not tag or part.tag == tag) and same:
                    yield part
                yield from part.every(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only such element."""
        (found,) = self.every(tag, **attributes)
        return found

    def rows(self) -> list[list[Element]]:
        """Return the cells of a table, row by row, headings included."""
        return [[part for part in row.every() if part.tag in ("th", "td")] for row in self.every("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_page(source: Path | str) -> Element:
    """Return a page's root. Raises AssertionError where elements are not closed in their order."""
    reader = _Reader()
    reader.feed(source.read_text(encoding="utf-8") if isinstance(source, Path) else source)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is not closed"
    return reader.root


def values_of(page: Element, node: str) -> dict[tuple[str, str], float]:
    """Return the result of a node as the page has it: {(line, column): value}, exactly."""
    section = page.one("section", data_node=node)
    found = {}
    for table in section.every("table", data_table="result"):
        head, *lines = table.rows() if any(table.every("thead")) else [[], *table.rows()]
        names = [cell.text for cell in head[1:-1]] or ["value"]
        for line in lines:
            for name, cell in zip(names, line[1:-1], strict=True):
                for data in cell.every("data"):
                    found[line[0].text, name] = float(data.attributes["value"])
    return found
