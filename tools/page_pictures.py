"""Take the pictures of docs/page.md: a real server, a real browser, the examples as they run.

    python tools/page_pictures.py

Needs the built page (``make page``) and Debian's chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from playwright.sync_api import sync_playwright  # noqa: E402

from editor_driver import Editor  # noqa: E402
from page_server import serving  # noqa: E402

IMAGES = ROOT / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZE = {"width": 1440, "height": 900}
LIVE = 5000.0
"""Milliseconds that a graph runs before its picture is taken."""


def main() -> None:
    """Take every picture anew."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium on this machine (Debian: apt-get install chromium)")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "measurements") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(server.url)
        page.get_by_text("noise survey").first.wait_for()
        _keep(page, "page-home")

        page.get_by_role("button", name="Run sine to spectrum").click()
        Editor(page).state("Running")
        page.wait_for_timeout(LIVE)
        Editor(page).node("tone").click()
        _keep(page, "page-editor")
        page.get_by_role("button", name="Stop").click()

        _run_example(page, server.base, "noise survey")
        page.emulate_media(color_scheme="dark")
        Editor(page).node("bands").click()
        page.wait_for_timeout(9000)
        page.wait_for_timeout(500)
        _keep(page, "page-survey")
        page.emulate_media(color_scheme="light")
        page.evaluate("location.hash = location.hash.replace('/edit/', '/dashboard/')")
        page.wait_for_timeout(LIVE)
        _keep(page, "page-dashboard")
        browser.close()


def _run_example(page: Any, base: str, name: str) -> None:
    page.goto(base)
    card = page.locator("article, li, section").filter(has=page.get_by_text(name, exact=True)).last
    card.get_by_role("button", name="Run").click()
    Editor(page).state("Running")


def _keep(page: Any, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
