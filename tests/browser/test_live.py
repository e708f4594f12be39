"""What flows, on the screen: right values, spikes that are seen, views that stand still and are saved."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from live_driver import (
    RATE,
    deploy,
    fingerprint,
    graph,
    node,
    panel,
    panel_state,
    pixels,
    sine,
    snapshot,
    until,
    until_text,
)
from page_server import RunningServer

WHOLE = (0, 0, 12, 8)


@pytest.mark.contract("U28")
def test_a_sine_is_seen_at_its_frequency_and_moves_with_it(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer, shoot: Any
) -> None:
    pipeline = deploy(server, sine(panel("amp.out", "spectrum", at=WHOLE)))
    page = open_page("#/dashboard/live.json").page
    seen = until(page, "amp.out", "spectrum", lambda state: state["spectra"] > 8)
    (peak,) = seen["peaks"]
    assert peak["frequency"] == pytest.approx(440.0, abs=0.1)
    assert peak["value"] == pytest.approx(1 / math.sqrt(2), rel=0.01)
    # 20 lg(0.7071 Pa / 20 uPa) = 90.97 dB stands at the peak, and is told to who cannot see it.
    assert seen["range"][0] < 90.97 < seen["range"][1]
    until_text(page, ".live-panel .sr-only", lambda text: "mic largest 91.0 dB at 440.0" in text)
    shoot(page, "live-spectrum")
    with server.client() as client:
        where = f"/api/pipelines/{pipeline['id']}/nodes"
        client.patch(f"{where}/gen", json={"frequency": 2500.0}).raise_for_status()
        client.patch(f"{where}/amp", json={"gain": 0.1}).raise_for_status()
    moved = until(
        page, "amp.out", "spectrum", lambda state: abs(state["peaks"][0]["frequency"] - 2500.0) < 0.5
    )
    until(
        page, "amp.out", "spectrum", lambda state: abs(state["peaks"][0]["value"] - 0.1 / math.sqrt(2)) < 1e-3
    )
    assert moved["phase"] == "live"
    counts = snapshot(page)
    assert (counts["faults"], counts["strays"], counts["gaps"]) == (0, 0, 0)


@pytest.mark.long
@pytest.mark.contract("U3")
def test_a_spike_of_one_sample_is_a_line_to_its_top(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    """Four spikes a second of one sample, at three zooms: each is drawn to its top, where it is in time."""
    width = {"frequency": 4.0, "width": 2e-5, "sample_rate": 50000.0, "frame_size": 1024}
    pulse = node("gen", "Pulse", **width, channels=["x"], unit="V")
    windows = {0.5: "gen", 2.0: "one", 20.0: "two"}
    modes = {0.5: "scroll", 2.0: "sweep", 20.0: "scroll"}
    panels = [
        panel(f"{name}.out", "strip", at=(0, 4 * at, 8, 4), window=window, mode=modes[window], y=[-0.5, 1.5])
        for at, (window, name) in enumerate(windows.items())
    ]
    gains = [node(name, "Gain", gain=1.0) for name in ("one", "two", "end")]
    edges = [("gen", "one"), ("one", "two"), ("two", "end")]
    deploy(server, graph([pulse, *gains], edges, *panels))
    page = open_page("#/dashboard/live.json").page
    until(page, "two.out", "strip", lambda state: (state["end"] - state["begin"]) * 20 / 1200 > 2.4)
    for _ in windows:  # one that is frozen says "Go on"
        page.get_by_role("button", name="Freeze").first.click()
    for window, name in windows.items():
        state = until(page, f"{name}.out", "strip", lambda state: state["frozen"])
        seen = spikes_seen(page, f"{name}.out", state, window)
        assert seen >= (7 if window >= 2 else 1)


def spikes_seen(page: Any, edge: str, state: dict[str, Any], window: float) -> int:
    """Return how many spikes of a frozen strip are drawn, each at its time, with nothing else beside."""
    top, bottom = state["lane"]["inner"]
    row = round(bottom - (bottom - top) * (0.9 + 0.5) / 2.0)
    line = pixels(page, edge, (0, row, None, 1))[0].astype(int)
    coloured = np.flatnonzero(line[:, 2] - line[:, 0] > 60)  # the blue of the first series, on white
    low, high = state["span"]
    column = window / state["capacity"]
    first = max(low, state["begin"] * column)
    times = np.arange(math.ceil((first + column) * 4), math.floor((high - column) * 4) + 1) / 4
    places = (times - low) / (high - low) * len(line)
    width = max(1.0, column / (high - low) * len(line)) + 1
    for place in places:
        assert np.abs(coloured - place).min() <= width
    for pixel in coloured[(coloured > places[0] - 5) & (coloured < places[-1] + 5)]:
        assert np.abs(places - pixel).min() <= width
    return len(times)


@pytest.mark.long
@pytest.mark.contract("U29")
def test_a_frozen_view_stands_still_is_read_by_cursors_and_saved(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    deploy(server, sine(panel("amp.out", "strip", at=WHOLE, window=0.01), frequency=300.0))
    page = open_page("#/dashboard/live.json", accept_downloads=True).page
    until(page, "amp.out", "strip", lambda state: state["columns"] == state["capacity"])
    page.get_by_role("button", name="Freeze").click()
    page.wait_for_timeout(300)
    first = fingerprint(page, "amp.out")
    page.wait_for_timeout(300)
    assert fingerprint(page, "amp.out") == first

    plot = page.get_by_role("group", name="Plot of amp")
    plot.focus()
    page.keyboard.press("c")
    page.get_by_text("1/Δt").wait_for()
    page.keyboard.press("a")
    page.keyboard.press("p")  # the largest value there is
    ends = ("1.000 Pa", "−1.000 Pa")
    until_text(page, ".live-readout tbody td", lambda text: text.startswith(ends))
    page.keyboard.press("Shift+ArrowRight")
    until_text(page, ".live-readout tbody td", lambda text: not text.startswith(ends))

    def download(name: str) -> tuple[str, bytes]:
        page.get_by_role("button", name="Export what is seen").click()
        with page.expect_download() as started:
            page.get_by_role("button", name=name).click()
        return started.value.suggested_filename, Path(started.value.path()).read_bytes()

    name, text = download("Table (CSV)")
    assert name == "amp-strip.csv"
    table = list(csv.reader(io.StringIO(text.decode())))
    assert table[0] == ["time [s]", "mic [Pa]", "lost"]
    time, value_, lost = np.array(table[1:], dtype=float).T
    assert len(time) == 480  # 10 ms at 48 kHz: every sample
    assert np.diff(time) == pytest.approx(1 / RATE, abs=1e-9)
    expected = np.sin(2 * np.pi * 300.0 * time)  # time is the number of the sample over the rate
    assert value_ == pytest.approx(expected, abs=1e-5)
    assert not lost.any()

    name, picture = download("Picture (PNG)")
    assert name == "amp-strip.png"
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert width > 1000
    assert height > 400

    page.get_by_role("button", name="Go on").click()
    page.wait_for_timeout(300)
    assert fingerprint(page, "amp.out") != first


@pytest.mark.long
@pytest.mark.contract("U29")
def test_a_drag_looks_closer_and_a_double_click_shows_all_again(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    deploy(server, sine(panel("amp.out", "strip", at=WHOLE)))
    page = open_page("#/dashboard/live.json").page
    state = until(page, "amp.out", "strip", lambda state: state["time"] > 2.5)
    box = page.locator(".live-body").bounding_box()
    area = state["area"]
    left, top = box["x"] + area["left"], box["y"] + area["top"]
    page.mouse.move(left + area["width"] * 0.5, top + 50)
    page.mouse.down()
    page.mouse.move(left + area["width"] * 0.75, top + 60, steps=4)
    page.mouse.up()
    zoomed = until(page, "amp.out", "strip", lambda state: state["frozen"])
    low, high = zoomed["span"]
    assert high - low == pytest.approx(0.5, abs=0.01)  # a quarter of two seconds
    page.mouse.dblclick(left + 100, top + 50)
    page.wait_for_timeout(100)
    low, high = panel_state(page, "amp.out", "strip")["span"]  # type: ignore[index]
    assert high - low == pytest.approx(2.0, abs=0.01)


@pytest.mark.long
@pytest.mark.contract("U30")
def test_every_kind_of_view_shows_what_flows(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer, shoot: Any
) -> None:
    kinds = ["strip", "scope", "spectrum", "waterfall", "levels"]
    panels = [panel("amp.out", kind, at=(0, 4 * at, 6, 4)) for at, kind in enumerate(kinds)]
    panels += [panel("level.out", kind, at=(6, 4 * at, 6, 4)) for at, kind in enumerate(["scalar", "trend"])]
    panels += [panel("level.out", "verdict", at=(6, 8, 6, 4)), panel("bands.out", at=(6, 12, 6, 4))]
    document = sine(*panels, frequency=1000.0)
    document["nodes"].append(node("bands", "OctaveBands", interval=0.125, fraction=3))
    document["nodes"].append(node("mask", "Mask", upper=[[500.0, 100.0], [2000.0, 100.0]]))
    document["connections"] += [{"from": "amp", "to": "bands"}, {"from": "bands", "to": "mask"}]
    deploy(server, document)
    page = open_page("#/dashboard/live.json", size={"width": 1440, "height": 1900}).page
    level = 20 * math.log10(1 / math.sqrt(2) / 20e-6)

    scope = until(page, "amp.out", "scope", lambda state: state["sweeps"] > 3)
    assert (scope["min"], scope["max"]) == pytest.approx((-1.0, 1.0), abs=1e-3)
    assert scope["trigger"] is not None
    fall = until(page, "amp.out", "waterfall", lambda state: state["rows"] > 10)
    assert fall["peak"]["frequency"] == pytest.approx(1000.0, rel=0.01)
    assert fall["peak"]["level"] == pytest.approx(level, abs=1.0)  # a byte's step, and the window's scallop
    meters = until(page, "amp.out", "levels", lambda state: state["time"] > 1.0)["meters"]
    assert meters[0]["rms"] == pytest.approx(level, abs=0.1)
    assert meters[0]["held"] == pytest.approx(level + 20 * math.log10(math.sqrt(2)), abs=0.1)
    numbers = until(page, "level.out", "scalar", lambda state: len(state["values"]) > 0)["values"]
    leq = next(one for one in numbers if one["name"] == "mic.Leq")
    assert leq["value"] == pytest.approx(level, abs=0.01)
    trend = until(page, "level.out", "trend", lambda state: state["entries"] > 5)
    assert trend["limits"] == [{"value": 100, "side": "upper"}]
    bands = until(page, "bands.out", "spectrum", lambda state: state["spectra"] > 3)
    assert (bands["axis"], bands["limits"]) == ("band", 1)
    assert bands["peaks"][0]["frequency"] == pytest.approx(1000.0)
    page.get_by_text("PASS", exact=True).first.wait_for()
    shoot(page, "live-kinds")


@pytest.mark.long
@pytest.mark.contract("U30")
def test_a_kind_is_chosen_and_a_view_follows_the_theme(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    deploy(server, sine(panel("amp.out", at=WHOLE)))
    page = open_page("#/dashboard/live.json").page
    until(page, "amp.out", "strip", lambda state: state["columns"] > 100)
    light = pixels(page, "amp.out", (2, 2, 1, 1))[0, 0, :3]
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    dark = pixels(page, "amp.out", (2, 2, 1, 1))[0, 0, :3]
    assert light.min() > 240
    assert dark.max() < 40
    page.get_by_label("Kind of view").select_option("waterfall")
    until(page, "amp.out", "waterfall", lambda state: state["rows"] > 3)
    page.get_by_label("Kind of view").select_option("spectrum")
    seen = until(page, "amp.out", "spectrum", lambda state: state["spectra"] > 3)
    assert seen["peaks"][0]["frequency"] == pytest.approx(440.0, abs=0.1)
