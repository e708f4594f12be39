"""The dashboard: arranged, saved with its graph, seen by operators, used at a tablet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from live_driver import deploy, panel, sine, snapshot, until, until_text
from page_server import RunningServer

PANELS = (
    panel("amp.out", "strip", at=(0, 0, 6, 4)),
    panel("level.out", "trend", at=(6, 0, 6, 4)),
    panel("level.out", "verdict", at=(0, 4, 4, 3)),
)


def saved_panels(server: RunningServer) -> list[dict[str, Any]]:
    document = json.loads((server.project / "live.json").read_text(encoding="utf-8"))
    return list(document["metadata"]["page"]["dashboard"]["panels"])


def places(panels: list[dict[str, Any]]) -> dict[str, tuple[int, int, int, int]]:
    return {one["edge"] + " " + one["kind"]: (one["x"], one["y"], one["w"], one["h"]) for one in panels}


@pytest.mark.long
@pytest.mark.contract("U31")
def test_panels_are_moved_by_keys_and_mouse_added_removed_and_saved(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    deploy(server, sine(*PANELS))
    page = open_page("#/dashboard/live.json").page
    until(page, "amp.out", "strip", lambda state: state["columns"] > 0)
    page.get_by_role("button", name="Edit", exact=True).click()

    page.get_by_role("button", name="Move level.out: arrows; with Shift: resize").first.focus()
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    grip = page.get_by_role("button", name="Move amp.out: arrows; with Shift: resize")
    box, grid = grip.bounding_box(), page.locator(".panel-grid").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 8 + grid["width"] / 12, box["y"] + 12, steps=3)
    page.mouse.up()
    page.get_by_label("Title of amp.out").fill("Microphone")

    page.get_by_role("button", name="Add panel").click()
    page.get_by_label("Output").select_option("amp.out")
    page.get_by_label("Seen as").select_option("spectrum")
    page.get_by_role("button", name="Add", exact=True).click()
    seen = until(page, "amp.out", "spectrum", lambda state: state["spectra"] > 2)
    assert seen["peaks"][0]["frequency"] == pytest.approx(440.0, abs=0.1)
    page.locator('[data-panel="level.out-verdict-0-4"]').get_by_label("Remove level.out").click()

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Dashboard saved with its graph").wait_for()
    panels = saved_panels(server)
    assert places(panels) == {
        "amp.out strip": (1, 0, 6, 4),
        "level.out trend": (7, 0, 4, 5),
        "amp.out spectrum": (4, 5, 6, 5),  # where there was room beside the verdict
    }
    assert panels[0]["title"] == "Microphone"
    page.reload()
    until(page, "amp.out", "spectrum", lambda state: state["spectra"] > 2)
    assert page.locator(".live-title").all_inner_texts() == ["Microphone", "level", "amp"]


@pytest.mark.long
@pytest.mark.contract("U31")
def test_what_else_was_changed_in_the_graph_meanwhile_is_kept(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    deploy(server, sine(*PANELS))
    visit = open_page("#/dashboard/live.json")
    page = visit.page
    visit.expect("409")
    page.get_by_role("button", name="Edit", exact=True).click()
    path = server.project / "live.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["nodes"][1]["config"]["gain"] = 0.25
    path.write_text(json.dumps(document), encoding="utf-8")
    page.get_by_label("Title of amp.out").fill("Pressure")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Dashboard saved with its graph").wait_for()
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["nodes"][1]["config"]["gain"] == 0.25
    assert saved_panels(server)[0]["title"] == "Pressure"


@pytest.mark.contract("U31")
def test_an_operator_sees_everything_and_can_change_nothing(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    pipeline = deploy(server, sine(*PANELS))
    page = open_page("#/dashboard/live.json").page
    page.get_by_role("button", name="View-only link").click()
    field = page.get_by_role("textbox", name="Link")
    until_text(page, ".dialog", lambda text: "View-only link" in text)
    page.wait_for_timeout(300)
    link, fragment = field.input_value().split("#")
    assert fragment == "/dashboard/live.json"
    page.get_by_role("button", name="Close").click()

    view = open_page("#" + fragment, link=link)
    operator = view.page
    view.expect("403")
    until(operator, "amp.out", "strip", lambda state: state["columns"] > 0)
    operator.get_by_text("View only").wait_for()
    for name in ("Stop", "Edit", "View-only link", "Options"):
        assert operator.get_by_role("button", name=name, exact=True).count() == 0
    assert operator.get_by_label("Kind of view").count() == 0
    code = operator.evaluate(
        """id => fetch(`/api/pipelines/${id}/stop`, {
            method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}',
        }).then(answer => answer.status)""",
        pipeline["id"],
    )
    assert code == 403
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped").wait_for()
    operator.get_by_text("Stopped").wait_for()


@pytest.mark.long
@pytest.mark.contract("U31")
def test_a_graph_that_has_no_dashboard_is_started_from_a_sensible_one(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer
) -> None:
    document = sine()
    del document["metadata"]
    with server.client() as client:
        client.put("/api/graphs/live.json", json={"document": document, "base": None}).raise_for_status()
    page = open_page("#/dashboard/live.json").page
    page.get_by_text("Not deployed").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Stop").wait_for()
    until(page, "amp.out", "strip", lambda state: state["columns"] > 0)
    until(page, "amp.out", "spectrum", lambda state: state["spectra"] > 0)
    until(page, "level.out", "trend", lambda state: state["entries"] > 0)
    page.locator(".live-lamp strong", has_text="PASS").first.wait_for()
    # Armed: it waits for triggers, and each gives one frame.
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Arm").click()
    page.get_by_text("Armed").wait_for()
    page.get_by_role("button", name="Trigger").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped").wait_for()


@pytest.mark.long
@pytest.mark.contract("U31")
def test_it_is_used_at_a_tablet_held_upright(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer, shoot: Any
) -> None:
    deploy(server, sine(*PANELS))
    size = {"width": 700, "height": 1100}
    page = open_page("#/dashboard/live.json", size=size, has_touch=True, is_mobile=True).page
    until(page, "amp.out", "strip", lambda state: state["columns"] > 0)
    boxes = [one.bounding_box() for one in page.locator(".panel-place").all()]
    assert len({box["x"] for box in boxes}) == 1  # one below the other
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    stop = page.get_by_role("button", name="Stop")
    assert stop.bounding_box()["height"] >= 44  # WCAG 2.5.5: 44 by 44 CSS pixels
    assert page.get_by_role("button", name="Freeze").first.bounding_box()["width"] >= 36
    shoot(page, "dashboard-tablet")
    stop.tap()
    page.get_by_text("Stopped").wait_for()


@pytest.mark.long
@pytest.mark.contract("U14")
@pytest.mark.parametrize("dark", [False, True])
def test_the_dashboard_has_no_barriers(
    open_page: Callable[..., Any], built_page: Path, server: RunningServer, axe: Any, dark: bool, shoot: Any
) -> None:
    panels = [
        *PANELS,
        panel("amp.out", "spectrum", at=(4, 4, 8, 3)),
        panel("level.out", "scalar", at=(0, 7, 6, 3)),
    ]
    deploy(server, sine(*panels))
    page = open_page("#/dashboard/live.json", dark=dark).page
    until(page, "amp.out", "spectrum", lambda state: state["spectra"] > 0)
    page.locator(".live-lamp strong", has_text="PASS").first.wait_for()
    assert axe(page) == []
    shoot(page, f"dashboard-{'dark' if dark else 'light'}")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("button", name="Cursors").first.click()
    page.get_by_role("button", name="Options").first.click()
    page.get_by_label("Time shown").wait_for()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+D")
    until_text(page, ".diagnostics", lambda text: "fps" in text)
    assert axe(page) == []
    assert snapshot(page)["faults"] == 0
