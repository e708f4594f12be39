"""A real browser before a real server.

``server`` is `streamlab serve` on an empty project, ``visit`` opens the page in Debian's chromium and sees to
it that nothing goes wrong unseen: an error of a script, a report of the content security policy or a
request to another host fails the test. ``axe`` looks for barriers. Screenshots go to the folder
``STREAMLAB_SCREENSHOTS`` names, or are forgotten; ``figure`` (tests/support/figures.py) notes what was
measured.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from page_server import RunningServer, serving
from streamlab.server.bundle import BUNDLE
from streamlab.testing.leaks import check_leaks

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
Browser = sync_api.Browser
Page = sync_api.Page

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]
SIZE = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that starts cold on a busy machine takes longer than a function."""
    for item in items:
        if "browser" in item.path.parts and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Debian's chromium, one for a module of tests; each test has a profile of its own.

    Not for the session: as long as it is there, playwright has an event loop running in this thread, and
    no other test could run its own.
    """
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_leaks(browser: Any) -> Iterator[None]:
    """As everywhere; the browser is there before each test and after it."""
    before = {id(context) for context in browser.contexts}
    with check_leaks(settle=5.0):
        yield
        for context in browser.contexts:
            if id(context) not in before:
                context.close()


@pytest.fixture(scope="session")
def built_page() -> Path:
    """Return the folder of the built page, built now if it is not there."""
    if not (ROOT / "web" / "package.json").is_file() and not (BUNDLE / "index.html").is_file():
        pytest.skip("this source tree has no page (folder web)")
    if not (BUNDLE / "index.html").is_file():
        if shutil.which("npm") is None:
            pytest.skip("the page is not built, and there is no Node to build it")
        command = ["npm", "run", "build"]
        subprocess.run(command, cwd=ROOT / "web", check=True, capture_output=True, timeout=170)
    return BUNDLE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """Return a server on an empty project, in a process of its own."""
    with serving(tmp_path / "project") as running:
        yield running


class Visit:
    """One tab of one visitor, with everything that must not happen in it."""

    def __init__(self, page: Any, server: RunningServer) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.expected: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(f"script error: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Any) -> None:
        if not re.match(r"(?:http|ws)://(?:127\.0\.0\.1|localhost|\[::1\])[:/]|data:|blob:", request.url):
            self.errors.append(f"a request to elsewhere: {request.url}")

    def expect(self, pattern: str) -> None:
        """Let errors that match the pattern pass: the test provokes them (a refused save is logged, too)."""
        self.expected.append(pattern)

    def check(self) -> None:
        """Fail for whatever went wrong."""
        left = [
            text for text in self.errors if not any(re.search(pattern, text) for pattern in self.expected)
        ]
        assert left == []


@pytest.fixture
def open_page(browser: Any, server: RunningServer) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens the page: ``open_page(fragment="#/", dark=False, **context options)``."""
    visits: list[Visit] = []

    def opened(
        fragment: str = "#/", *, dark: bool = False, link: str | None = None, size: Any = None, **options: Any
    ) -> Visit:
        context = browser.new_context(
            viewport=size or SIZE, color_scheme="dark" if dark else "light", **options
        )
        visit = Visit(context.new_page(), server)
        visits.append(visit)
        visit.page.goto((link or server.url) + fragment)
        return visit

    yield opened
    for visit in visits:
        visit.check()


@pytest.fixture
def visit(open_page: Callable[..., Visit], built_page: Path) -> Visit:
    """Return the built page, opened at its home."""
    return open_page()


def axe_findings(page: Any, *, impacts: tuple[str, ...] = ("serious", "critical")) -> list[str]:
    """Return what axe finds on a page, a line each."""
    from axe_playwright_python.sync_playwright import Axe

    # The page's policy lets no foreign script in; the debugger may.
    found = Axe().run(page).response
    return [
        f"{item['impact']}: {item['id']} at {node['target']}: {item['help']}"
        for item in found["violations"]
        if item["impact"] in impacts
        for node in item["nodes"]
    ]


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """Return the function that looks for barriers: ``axe(page)`` gives a line for each."""
    return axe_findings


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[[Any, str], Path]:
    """Return a function that takes a screenshot: ``shoot(page, "editor")``."""
    folder = Path(os.environ.get("STREAMLAB_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def shot(page: Any, name: str) -> Path:
        path = folder / f"{name}.png"
        # Written here: playwright would leave a thread behind that writes.
        path.write_bytes(page.screenshot())
        return path

    return shot
