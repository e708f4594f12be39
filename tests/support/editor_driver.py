"""Hands for the editor: what a user does with mouse and keys, and what is seen of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from page_server import RunningServer

SECONDS = 10.0

SINE: dict[str, Any] = {
    "nodes": [
        {"id": "sine_generator", "type": "SineGenerator", "config": {"frequency": 440}},
        {"id": "gain", "type": "Gain", "config": {"gain": 2.5}},
        {"id": "print", "type": "Print"},
    ],
    "connections": [{"from": "sine_generator", "to": "gain"}, {"from": "gain", "to": "print"}],
}


def structure(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its layout, to be compared."""
    nodes = [{key: value for key, value in node.items() if key != "metadata"} for node in document["nodes"]]
    return {"nodes": nodes, "connections": document["connections"]}


def wait_for(what: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Ask again until it is so; returns what it is then."""
    ends = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < ends, "it did not come to be"
        time.sleep(0.05)
    return value


def write_graph(server: RunningServer, name: str, document: dict[str, Any]) -> Path:
    """Put a graph into the project, as somebody with another editor would."""
    path = server.project / name
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


class Editor:
    """The editor in one tab."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def open(self, path: str | None = None, nodes: int | None = None) -> None:
        """Go to a graph (none: a new one) and wait until it can be worked with."""
        self.page.evaluate("hash => { location.hash = hash }", f"#/edit/{path}" if path else "#/edit")
        self.page.locator(".palette-type").first.wait_for()
        if nodes is not None:
            self.until("n => document.querySelectorAll('.block').length === n", nodes)
        self.settle()

    def until(self, condition: str, arg: Any = None) -> None:
        """Wait until a function of the page says true (playwright's own way needs `eval`)."""
        ends = time.monotonic() + SECONDS
        while not self.page.evaluate(condition, arg):
            assert time.monotonic() < ends, f"it never came to be: {condition}"
            time.sleep(0.03)

    def settle(self) -> None:
        """Wait until nothing on the canvas moves any more."""
        self.until(
            """() => new Promise(done => {
                const where = () => document.querySelector('.react-flow__viewport')?.style.transform;
                const before = where();
                setTimeout(() => done(before === where()), 120);
            })"""
        )

    def node(self, name: str) -> Any:
        """Return the node of that name on the canvas."""
        return self.page.locator(f'.react-flow__node[data-id="{name}"]')

    def select(self, name: str) -> None:
        """Click a node, and wait until it is selected."""
        self.node(name).locator(".block-id").click()
        self.node(name).locator('.block[data-selected="true"]').wait_for()

    def port(self, name: str, port: str) -> Any:
        """Return a port of a node."""
        return self.node(name).locator(f'[data-handleid="{port}"]')

    def field(self, name: str) -> Any:
        """Return the input of a parameter in the inspector."""
        return self.page.locator(f"#parameter-{name}")

    def names(self) -> list[str]:
        """Return the names of the nodes on the canvas."""
        return self.page.locator(".block-id").all_inner_texts()

    def click_edge(self, name: str) -> None:
        """Click the middle of an edge (a straight one has no height, so that it counts as not visible)."""
        box = self.page.locator(f'.react-flow__edge[data-id="{name}"]').bounding_box()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def edges(self) -> list[str]:
        """Return the edges on the canvas, as the document orders them."""
        edges = self.page.locator(".react-flow__edge")
        return [edges.nth(n).get_attribute("data-id") for n in range(edges.count())]

    def drag(self, start: Any, end: Any, *, release: bool = True) -> None:
        """Drag with the mouse from the middle of one thing to the middle of another."""
        box, to = start.bounding_box(), end.bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(to["x"] + to["width"] / 2 - 12, to["y"] + to["height"] / 2 + 4, steps=6)
        self.page.mouse.move(to["x"] + to["width"] / 2, to["y"] + to["height"] / 2, steps=3)
        if release:
            self.page.mouse.up()

    def say(self, keys: str) -> None:
        """Press keys."""
        self.page.keyboard.press(keys)

    def choose(self, text: str) -> None:
        """Type into the list that is open, and take the first row."""
        self.page.get_by_role("combobox").last.wait_for()
        self.page.keyboard.type(text)
        self.page.locator('.picker-row[aria-selected="true"]').wait_for()
        self.page.keyboard.press("Enter")
        self.page.locator(".picker").wait_for(state="detached")

    def state(self, word: str) -> None:
        """Wait until the bar says so."""
        self.page.locator(".run-state [role=status]", has_text=word).wait_for()

    def undone(self) -> bool:
        """Whether there is nothing left to take back."""
        return self.page.get_by_role("button", name="Undo").is_disabled()
