"""A graph of 200 nodes: time until it can be worked with, frames while it is moved, time of an undo."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from editor_driver import Editor, write_graph
from page_server import RunningServer

# Frames, on one clock, while something is done.
FRAMES = """() => {
    window.frames_seen = [];
    const note = time => {
        window.frames_seen.push(time);
        if (window.frames_seen.length < 5000) window.frame_request = requestAnimationFrame(note);
    };
    window.frame_request = requestAnimationFrame(note);
}"""

# From the key to the first frame in which the node stands elsewhere.
UNDO = """() => new Promise(done => {
    const node = document.querySelector('[data-id="n0_0"]');
    const before = node.style.transform;
    const start = performance.now();
    window.dispatchEvent(new KeyboardEvent('keydown', {key: 'z', ctrlKey: true, bubbles: true}));
    const look = () => node.style.transform === before
        ? requestAnimationFrame(look) : requestAnimationFrame(() => done(performance.now() - start));
    look();
})"""


def large(rows: int = 20, columns: int = 10) -> dict[str, Any]:
    """Return rows of chains, each from a generator on."""
    nodes, connections = [], []
    for row in range(rows):
        for column in range(columns):
            kind = "SineGenerator" if column == 0 else "Print" if column == columns - 1 else "Gain"
            place = {"position": [column * 260, row * 100]}
            nodes.append({"id": f"n{row}_{column}", "type": kind, "metadata": place})
            if column:
                connections.append({"from": f"n{row}_{column - 1}", "to": f"n{row}_{column}"})
    return {"nodes": nodes, "connections": connections}


@pytest.mark.long
@pytest.mark.contract("U7")
def test_two_hundred_nodes(open_page: Callable[..., Any], server: RunningServer, built_page: Any) -> None:
    write_graph(server, "large.json", large())
    page = open_page().page
    editor = Editor(page)
    page.locator(".example").first.wait_for()

    opened = []
    for _ in range(3):
        start = time.perf_counter()
        page.evaluate("location.hash = '#/edit/large.json'")
        page.wait_for_selector('[data-id="n19_9"] .block-id')
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        opened.append(time.perf_counter() - start)
        page.evaluate("location.hash = '#/'")
        page.locator(".example").first.wait_for()
    editor.open("large.json", nodes=200)

    box = editor.node("n0_0").locator(".block-id").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5)
    page.evaluate(FRAMES)
    for step in range(90):
        page.mouse.move(x + 5 + step, y + 5 + step / 2)
        time.sleep(1 / 60)
    times = page.evaluate("() => { cancelAnimationFrame(window.frame_request); return window.frames_seen }")
    page.mouse.up()
    rate = 1000 * (len(times) - 1) / (times[-1] - times[0])

    undone = [page.evaluate(UNDO)]
    for _ in range(4):
        editor.say("Control+Shift+z")
        page.wait_for_timeout(150)
        undone.append(page.evaluate(UNDO))
    print(
        f"open {min(opened):.2f} s (of {len(opened)}), drag {rate:.1f} frames/s, "
        f"undo {statistics.median(undone):.0f} ms"
    )
    assert min(opened) <= 1.5
    assert rate >= 50
    assert statistics.median(undone) <= 50
