"""Figures that tests measure, kept where STREAMLAB_FIGURES names a file: one JSON object a line.

``figure("U4", "one client", 5.1, "% of a core", "<= 8")`` notes one. ``tools/page_figures.py`` makes the
table of docs/page.md of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

Figure = Callable[[str, str, float, str, str], None]


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Return a function that notes a figure: item of the contract, what, value, unit, bar."""

    def note(item: str, what: str, value: float, unit: str, bar: str) -> None:
        print(f"{item} {what}: {value:.4g} {unit} (bar {bar})")
        path = os.environ.get("STREAMLAB_FIGURES")
        if path:
            row = {"item": item, "what": what, "value": value, "unit": unit, "bar": bar}
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row | {"test": request.node.nodeid}) + "\n")

    return note
