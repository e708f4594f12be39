"""Make the pictures of a report for the documents: docs/how-to/report.md's graph, run, in a real browser.

``python tools/report_picture.py`` writes docs/images/report.png, the page down to its results, and
report-plots.png, the first plots; it needs chromium and playwright.
"""

import re
import shutil
import tempfile
from pathlib import Path

import streamlab.report

ROOT = Path(__file__).parents[1]
WIDTH = 1160


def main() -> None:
    """Run the graph of the page and take the pictures of its report."""
    from playwright.sync_api import sync_playwright

    page = (ROOT / "docs" / "how-to" / "report.md").read_text(encoding="utf-8")
    graph = re.search(r"```json fan\.json\n(.*?)```", page, re.DOTALL)[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fan.json")
        path.write_text(graph, encoding="utf-8")
        streamlab.report.run(path, Path(folder, "fan.html"))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            tab = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
            tab.goto(Path(folder, "fan.html").as_uri())
            top = {name: tab.locator(name).first.bounding_box()["y"] for name in ("#results", "#plots")}
            end = tab.locator("figure").nth(2).bounding_box()
            parts = {
                "report": (0, top["#results"]),
                "report-plots": (top["#plots"], end["y"] + end["height"]),
            }
            for name, (above, below) in parts.items():
                clip = {"x": 0, "y": above, "width": WIDTH, "height": below - above}
                shot = tab.screenshot(clip=clip, full_page=True)
                (ROOT / "docs" / "images" / f"{name}.png").write_bytes(_smaller(shot))
            browser.close()


def _smaller(png: bytes) -> bytes:
    """Return a picture with 128 colours, which a page of text and lines does not miss."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(128).save(out, "png", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
