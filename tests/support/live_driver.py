"""Live views in a browser: graphs with a dashboard, and what the page says of its panels."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from page_server import RunningServer

RATE = 48000.0


def node(name: str, type_: str, **config: Any) -> dict[str, Any]:
    return {"id": name, "type": type_, "config": config}


def panel(edge: str, kind: str = "auto", *, at: tuple[int, int, int, int], **options: Any) -> dict[str, Any]:
    """Return a panel at x, y with a width and a height, in cells of the grid."""
    x, y, w, h = at
    name = f"{edge}-{kind}-{x}-{y}"
    return {"id": name, "edge": edge, "kind": kind, "x": x, "y": y, "w": w, "h": h, "options": options}


def graph(
    nodes: list[dict[str, Any]], edges: list[tuple[str, str]], *panels: dict[str, Any]
) -> dict[str, Any]:
    return {
        "version": 1,
        "name": "live",
        "metadata": {"page": {"dashboard": {"panels": list(panels)}}},
        "nodes": nodes,
        "connections": [{"from": source, "to": target} for source, target in edges],
    }


def sine(*panels: dict[str, Any], frequency: float = 440.0, **config: Any) -> dict[str, Any]:
    """Return a graph of a sine of 1 Pa, its amplitude set by ``amp``, judged by ``limit``."""
    tone = {
        "frequency": frequency,
        "sample_rate": RATE,
        "frame_size": 1024,
        "channels": ["mic"],
        "unit": "Pa",
    }
    nodes = [
        node("gen", "SineGenerator", **tone | config),
        node("amp", "Gain", gain=1.0),
        node("level", "Level", interval=0.125, reference="20 uPa"),
        node("limit", "Limit", value="Leq", upper=100.0),
    ]
    return graph(nodes, [("gen", "amp"), ("amp", "level"), ("level", "limit")], *panels)


def deploy(server: RunningServer, document: dict[str, Any], *, path: str = "live.json") -> dict[str, Any]:
    """Save a graph and start it; returns its pipeline."""
    with server.client() as client:
        client.put(f"/api/graphs/{path}", json={"document": document, "base": None}).raise_for_status()
        answer = client.post("/api/pipelines", json={"path": path, "start": True})
        answer.raise_for_status()
        return dict(answer.json())


def snapshot(page: Any) -> dict[str, Any]:
    """Return the page's diagnostics."""
    return dict(page.evaluate("window.__streamlab_perf?.snapshot() ?? {panels: {}}"))


def panel_state(page: Any, edge: str, kind: str) -> dict[str, Any] | None:
    """Return what a panel says of itself, if there is one that shows an output so."""
    for state in snapshot(page)["panels"].values():
        if state.get("edge") == edge and state.get("kind") == kind:
            return dict(state)
    return None


def until(
    page: Any, edge: str, kind: str, holds: Callable[[dict[str, Any]], bool], seconds: float = 20.0
) -> dict[str, Any]:
    """Wait until a panel says what is wanted; returns what it says."""
    ends = time.monotonic() + seconds
    state = panel_state(page, edge, kind)
    while state is None or not holds(state):
        assert time.monotonic() < ends, f"the panel of {edge} ({kind}) says {state}"
        page.wait_for_timeout(50)
        state = panel_state(page, edge, kind)
    return state


def until_text(page: Any, selector: str, holds: Callable[[str], bool], seconds: float = 10.0) -> str:
    """Wait until the text of an element is as wanted; returns it. (The page's policy lets no script poll.)"""
    ends = time.monotonic() + seconds
    while not holds(text := page.locator(selector).first.text_content() or ""):
        assert time.monotonic() < ends, f"{selector} says {text!r}"
        page.wait_for_timeout(50)
    return str(text)


PIXELS = """([edge, x, y, w, h]) => {
  const canvas = [...document.querySelectorAll('.live-panel')]
    .find(one => one.querySelector('.live-title')?.title === edge)?.querySelector('canvas.live-plot');
  const {data} = canvas.getContext('2d').getImageData(x, y, w ?? canvas.width, h ?? canvas.height);
  return {width: canvas.width, height: canvas.height, data: Array.from(data)};
}"""


FINGERPRINT = """edge => {
  const canvas = [...document.querySelectorAll('.live-panel')]
    .find(one => one.querySelector('.live-title')?.title === edge)?.querySelector('canvas.live-plot');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const words = new Uint32Array(data.buffer);
  let hash = 2166136261;
  for (const word of words) hash = Math.imul(hash ^ word, 16777619);
  return hash;
}"""


def fingerprint(page: Any, edge: str) -> int:
    """Return a number that is another when any pixel of a plot is."""
    return int(page.evaluate(FINGERPRINT, edge))


def pixels(page: Any, edge: str, area: tuple[int, int, int | None, int | None] = (0, 0, None, None)) -> Any:
    """Return (height, width, 4) bytes of a part of a plot's canvas, in device pixels."""
    import numpy as np

    x, y, w, h = area
    found = page.evaluate(PIXELS, [edge, x, y, w, h])
    return np.array(found["data"], dtype=np.uint8).reshape(h or found["height"], w or found["width"], 4)
