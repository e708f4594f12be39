"""What the page promises as a whole: it loads little, from here alone, and breaks no rule of its own."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from figures import Figure
from page_server import RunningServer

WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation',
    event => window.broken.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@pytest.mark.contract("U15", "X12")
def test_all_pages_with_a_running_graph_break_no_rule_and_load_nothing_from_elsewhere(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    with server.client() as client:
        path = client.post("/api/examples/sound_level/open", json={}).json()["path"]
        body = {"path": path, "start": True}
        pipeline = client.post("/api/pipelines", json=body).json()
    visit = open_page()
    page = visit.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.add_init_script(WATCH)
    broken: list[str] = []
    for place in ("#/", f"#/edit/{path}", f"#/dashboard/{pipeline['id']}"):
        page.goto("about:blank")
        page.goto(f"{server.base}/{place}")
        page.locator(".react-flow__node, canvas, h2, h1").first.wait_for()
        page.wait_for_timeout(700)
        broken += page.evaluate("window.broken")
    assert broken == []
    hosts = {urlsplit(url).netloc for url in asked if url != "about:blank"}
    assert hosts == {f"127.0.0.1:{server.port}"}
    assert any(url.startswith("ws://") for url in asked)
    assert not any(server.token in url for url in asked)


def first_scripts(page: Any, built: Path) -> int:
    """Bytes, packed, of the scripts that the page has loaded."""
    names = page.evaluate(
        """performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)
            .filter(name => name.endsWith('.js'))"""
    )
    assert names
    return sum(len(gzip.compress((built / name.lstrip("/")).read_bytes(), 9)) for name in set(names))


@pytest.mark.contract("U9")
def test_the_first_load_is_small(
    open_page: Callable[..., Any], built_page: Path, figure: Figure, server: RunningServer
) -> None:
    visit = open_page("#/edit")
    visit.page.locator(".palette-type").first.wait_for()
    size = first_scripts(visit.page, built_page) / 1000
    figure("U9", "scripts of the first load, editor included, packed", size, "kB", "<= 250")
    assert size <= 250.0


@pytest.mark.long
@pytest.mark.contract("U9")
def test_the_first_paint_is_quick(
    open_page: Callable[..., Any], built_page: Path, figure: Figure, server: RunningServer
) -> None:
    paints = []
    for _ in range(5):
        page = open_page().page
        page.locator("text=Run sine to spectrum").wait_for()
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    paint = sorted(paints)[2]
    figure("U9", "first contentful paint", paint, "ms", "<= 1000")
    assert paint <= 1000.0
