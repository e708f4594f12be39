"""The page of a run in a real browser: it fetches nothing, bars nobody, and prints."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import streamlab.report
from streamlab import Graph
from streamlab.errors import GraphError


def write(folder: Path) -> dict[str, Path]:
    """Write reports of a run with every kind of plot, and of a graph that was refused."""
    time = np.arange(3 * 48000) / 48000
    samples = 0.05 * np.random.default_rng(3).standard_normal(len(time)) + 0.2 * np.sin(6283.2 * time)
    samples[48000:60000] = 0.0
    soundfile.write(folder / "take.wav", samples, 48000, subtype="FLOAT")
    graph = Graph("every kind of plot").add("mic", "WavFile", path=str(folder / "take.wav"), unit="Pa")
    graph.add("check", "CheckSignal").add("level", "SoundLevel", interval=0.25).add("bands", "OctaveBands")
    graph.add("image", "Spectrogram", decibels=True).add("curve", "Spectrum", averages=8, decibels=True)
    graph.add("limit", "Limit", value="LAeq", upper=70.0)
    graph.add("mask", "Mask", upper=[[50.0, 80.0], [20000.0, 40.0]])
    graph.connect("mic", "check").connect("level", "limit").connect("curve", "mask")
    for node in ("level", "bands", "image", "curve"):
        graph.connect("check", node)
    streamlab.report.run(graph, folder / "whole.html")
    with pytest.raises(GraphError):
        streamlab.report.run(graph.set("limit", upper="<b>"), folder / "refused.html")
    return {name: folder / f"{name}.html" for name in ("whole", "refused")}


@pytest.fixture(scope="module")
def pages(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages; made in a thread, since the browser has an event loop in this one."""
    return write(tmp_path_factory.mktemp("reports"))


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., tuple[Any, list[str]]]]:
    """Return a function that opens a file and lists what the browser asked for and complained of."""
    contexts = []

    def opened(path: Path, *, dark: bool = False, **options: Any) -> tuple[Any, list[str]]:
        context = browser.new_context(color_scheme="dark" if dark else "light", **options)
        contexts.append(context)
        page, heard = context.new_page(), []
        page.on("request", lambda request: heard.append(request.url))
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        return page, heard

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.contract("W41")
@pytest.mark.parametrize("name", ["whole", "refused"])
def test_the_browser_asks_for_nothing_but_the_page(pages: dict[str, Path], opened: Any, name: str) -> None:
    page, heard = opened(pages[name])
    assert heard == [pages[name].as_uri()]
    text = pages[name].read_text(encoding="utf-8")
    assert "http" not in re.sub(r"http-equiv|<pre>.*?</pre>", "", text, flags=re.DOTALL)
    assert page.locator("script").count() == 0
    # The page's own policy forbids it, whatever should get into it.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"http://localhost:1/x.png\">')")
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in line for line in heard)


@pytest.mark.contract("W41")
def test_it_is_read_without_scripts(pages: dict[str, Path], opened: Any) -> None:
    page, heard = opened(pages["whole"], java_script_enabled=False)
    assert page.locator("figure").count() == 6
    assert page.locator("h1").inner_text() == "every kind of plot"
    assert page.locator("#verdict .verdict").inner_text().endswith("INVALID")
    assert not [line for line in heard if not line.startswith(("file:", "data:"))]


@pytest.mark.contract("W48")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["whole", "refused"])
def test_nobody_is_barred(
    pages: dict[str, Path], opened: Any, axe: Callable[..., list[str]], name: str, dark: bool
) -> None:
    page, _ = opened(pages[name], dark=dark, viewport={"width": 1200, "height": 900}, bypass_csp=True)
    assert axe(page, impacts=("minor", "moderate", "serious", "critical")) == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(int(part) for part in re.findall(r"\d+", background)[:3])
    assert (lightness < 200) is dark
    if name == "whole":  # the text of the plots has the colour of the page's
        fill = page.locator(".plot text").first.evaluate("one => getComputedStyle(one).fill")
        assert fill == page.evaluate("getComputedStyle(document.body).color")


@pytest.mark.contract("W48")
@pytest.mark.parametrize("width", [360, 820, 1600])
def test_it_fits_on_any_screen(pages: dict[str, Path], opened: Any, width: int) -> None:
    page, _ = opened(pages["whole"], viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.contract("W48")
def test_it_prints_on_white_with_all_plots(pages: dict[str, Path], opened: Any) -> None:
    page, _ = opened(pages["whole"], dark=True)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
    assert all(page.locator("figure").nth(at).is_visible() for at in range(6))
    data = page.pdf(format="A4")
    assert data.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 12
