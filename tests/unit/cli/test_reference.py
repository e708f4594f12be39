"""What the terminal and the reference page show of a node type is its docstring, whole and in order."""

from __future__ import annotations

import re
from inspect import cleandoc

import pytest

from streamlab.cli.docstrings import parse
from streamlab.cli.reference import page, section, table
from streamlab.core import ProcessingNode, node_class, param
from streamlab.core.catalogue import BUILT_IN

ALWAYS = ("Input", "Output", "Kind", "State", "Gaps", "Errors")


def words(text: str) -> list[str]:
    return re.sub(r"\nExample\n-+\n", "\n", text).split()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_docstring_has_its_table_and_loses_nothing(name):
    docstring = node_class(name).__doc__
    text = parse(docstring)
    assert set(ALWAYS) <= text.headings.keys()
    assert text.example.startswith(">>> ")
    # A heading that a formatter moved would be in the prose, or the prose in a row of the table: as
    # text with blanks in a row, or out of order.
    assert all("  " not in part for part in (*text.prose, *text.headings.values()))
    in_order = [text.summary, *(f"{key} {row}" for key, row in text.headings.items()), *text.prose]
    assert words("\n".join([*in_order, text.example])) == words(cleandoc(docstring))


def test_rows_that_a_formatter_moved_are_no_table():
    good = """One.

    Input    none                            Output  frames
    Errors   FileError: missing, cut off,
             no sound

    More.
    """
    assert parse(good).headings == {
        "Input": "none",
        "Output": "frames",
        "Errors": "FileError: missing, cut off, no sound",
    }
    assert parse(good).prose == ("More.",)
    for old, new in [
        ("             no sound", "    no sound"),  # a line at the margin
        ("    Input    none", "        Input    none"),  # the first row moved in
        ("    Errors   FileError", "    Errors FileError"),  # run together
    ]:
        assert old in good
        assert parse(good.replace(old, new)).headings == {}


@pytest.mark.parametrize("docstring", [None, "", "One line.", "One line.\n\nInput is text, Output is more."])
def test_another_style_is_prose(docstring):
    text = parse(docstring)
    assert (text.headings, text.example) == ({}, "")
    assert " ".join([text.summary, *text.prose]).split() == (docstring or "").split()


class Odd(ProcessingNode):
    """Multiply a * b|c where a < b, and ``x * y <z>``.

    Input    a|b                             Output  ``<stem>.incomplete``
    """

    ratio: float | None = param(default=None, doc="A | B", unit="1", ge=-1e300, le=2.5e-9, live=True)
    many: int = param(default=1, doc="Count", unit="frames", ge=1, le=(1 << 24) + 1)
    names: list[str] = param(default=["a|b"], doc="Names", min_length=1)

    def process(self, frame):
        return frame


def test_markdown_escapes_what_would_be_markup():
    lines = section("Odd", Odd).splitlines()
    assert lines[0] == "## Odd"
    assert r"Multiply a \* b|c where a < b, and `x * y <z>`." in lines
    assert r"| Input | a\|b |" in lines
    assert "| Output | `<stem>.incomplete` |" in lines
    assert r"| `ratio` | a number >= -1e300 and <= 2.5e-9, or null | null | yes | A \| B |" in lines
    assert "| `many` | a whole number >= 1 and <= 16777217 frames | 1 |  | Count |" in lines
    assert r"""| `names` | a list of texts | ["a\|b"] |  | Names |""" in lines


def test_the_page_has_every_type_and_every_parameter():
    text = page()
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == list(BUILT_IN)
    parts = dict(zip(BUILT_IN, text.split("\n## ")[1:], strict=True))
    for name in BUILT_IN:
        fields = node_class(name).param_set.fields
        assert re.findall(r"^\| `(\w+)` \|", parts[name], re.MULTILINE) == list(fields)
        assert all(item.doc in parts[name].replace("\\", "") for item in fields.values())
    assert table("x.md").count("](x.md#") == len(BUILT_IN)
