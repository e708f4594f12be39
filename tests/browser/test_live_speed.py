"""Frames a second of live views, without a GPU. Long: to be run on a machine that does nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from live_driver import deploy, graph, node, panel, snapshot, until
from page_server import RunningServer

pytestmark = pytest.mark.long

SECONDS = 20
CHANNELS = [f"ch{index + 1}" for index in range(64)]


def many(*panels: dict[str, Any]) -> dict[str, Any]:
    """Return a graph of 64 channels at 48 kHz in blocks of a sixtieth of a second, with levels of two."""
    tone = {"frequency": 3.0, "sample_rate": 48000.0, "frame_size": 800, "channels": CHANNELS, "unit": "V"}
    nodes = [node("gen", "SineGenerator", **tone), node("amp", "Gain", gain=1.0)]
    nodes += [node("pick", "Select", keep=CHANNELS[:2]), node("level", "Level", interval=0.125)]
    nodes.append(node("limit", "Limit", value="RMS", upper=1.0))
    return graph(nodes, [("gen", "amp"), ("amp", "pick"), ("pick", "level"), ("level", "limit")], *panels)


@pytest.mark.contract("U1")
def test_a_strip_of_64_channels_keeps_60_frames_a_second(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    deploy(server, many(panel("amp.out", "strip", at=(0, 0, 12, 10))))
    page = open_page("#/dashboard/live.json", size={"width": 1280, "height": 900}).page
    first = until(page, "amp.out", "strip", lambda state: state["columns"] == state["capacity"])
    assert (first["capacity"], first["channels"]) == (1200, 64)
    page.evaluate("window.__streamlab_perf.reset()")
    page.wait_for_timeout(SECONDS * 1000)
    last, found = until(page, "amp.out", "strip", lambda state: True), snapshot(page)
    assert found["fps"] >= 58
    assert found["frame_ms"]["p95"] <= 18
    assert (found["gaps"], found["faults"], last["gaps"]) == (0, 0, 0)
    # 600 columns a second: as many as the time that they are of.
    assert last["end"] - first["end"] == pytest.approx((last["time"] - first["time"]) * 600, abs=1)


@pytest.mark.contract("U2")
def test_eight_views_together_keep_50_frames_a_second(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    kinds = [("amp", "strip"), ("pick", "spectrum"), ("amp", "spectrum"), ("pick", "waterfall")]
    kinds += [("pick", "scope"), ("amp", "levels"), ("level", "trend"), ("level", "scalar")]
    panels = [
        panel(f"{name}.out", kind, at=(6 * (at % 2), 4 * (at // 2), 6, 4))
        for at, (name, kind) in enumerate(kinds)
    ]
    deploy(server, many(*panels))
    page = open_page("#/dashboard/live.json", size={"width": 1440, "height": 1300}).page
    until(page, "level.out", "trend", lambda state: state["entries"] > 8)
    page.evaluate("window.__streamlab_perf.reset()")
    page.wait_for_timeout(SECONDS * 1000)
    found = snapshot(page)
    assert len(found["panels"]) == 8
    assert found["fps"] >= 50
    assert found["frame_ms"]["p95"] <= 34
    assert (found["gaps"], found["faults"]) == (0, 0)
