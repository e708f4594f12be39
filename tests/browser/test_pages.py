"""Home and editor as pages: barriers, one click to a running graph, other tabs, a server that restarts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from editor_driver import SINE, Editor, structure, wait_for, write_graph
from page_server import RunningServer, serving


@pytest.mark.long
@pytest.mark.contract("U14")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_barriers(
    open_page: Callable[..., Any],
    server: RunningServer,
    built_page: Any,
    axe: Callable[..., list[str]],
    shoot: Callable[..., Any],
    dark: bool,
) -> None:
    theme = "dark" if dark else "light"
    broken = {**SINE, "nodes": [*SINE["nodes"], {"id": "odd", "type": "Vanished", "config": {"x": 1}}]}
    write_graph(server, "broken.json", broken)
    write_graph(server, "sine.json", SINE)
    visit = open_page(dark=dark, reduced_motion="reduce")
    page, editor = visit.page, Editor(visit.page)
    page.locator(".example").first.wait_for()
    shoot(page, f"home-{theme}")
    assert axe(page) == []

    editor.open("broken.json", nodes=4)
    editor.select("gain")
    page.get_by_role("tab", name="Problems").click()
    page.locator("button.problem").first.wait_for()
    assert axe(page) == []
    for tab in ("Node", "Help"):
        page.get_by_role("tab", name=tab, exact=True).click()
        assert axe(page) == []

    editor.open("sine.json", nodes=3)
    editor.click_edge("sine_generator.out->gain.in")
    editor.say("Control+Enter")
    editor.state("Running")
    page.locator(".live-panel").wait_for()
    shoot(page, f"editor-{theme}")
    assert axe(page) == []
    for keys in ("?", "Control+k", "Control+j", "a"):
        editor.say(keys)
        page.locator("dialog[open]").wait_for()
        assert axe(page) == []
        editor.say("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
    page.get_by_role("button", name="sine.json: file").click()
    page.get_by_role("menu").wait_for()
    assert axe(page) == []
    editor.say("Escape")
    editor.say("Control+Enter")
    editor.state("Stopped")


@pytest.mark.contract("U24")
def test_one_click_and_a_tone_is_on_the_screen(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    page.get_by_role("button", name="Run sine to spectrum").click()
    editor.state("Running")
    page.locator(".live-panel").nth(1).wait_for()
    document = json.loads((server.project / "sine-spectrum.json").read_text(encoding="utf-8"))
    assert [node["type"] for node in document["nodes"]] == ["SineGenerator", "Spectrum"]
    with server.client() as client:
        (pipeline,) = client.get("/api/pipelines").json()["pipelines"]
    assert (pipeline["path"], pipeline["state"]) == ("sine-spectrum.json", "running")
    page.get_by_role("button", name="Stop").click()
    editor.state("Stopped")


@pytest.mark.long
@pytest.mark.contract("U16")
def test_two_tabs_save_the_same_graph(
    open_page: Callable[..., Any], server: RunningServer, built_page: Any
) -> None:
    write_graph(server, "sine.json", SINE)
    first, second = (open_page("#/edit/sine.json") for _ in range(2))
    one, two = Editor(first.page), Editor(second.page)
    for editor, gain in ((one, "3"), (two, "4")):
        editor.open("sine.json", nodes=3)
        editor.select("gain")
        editor.field("gain").fill(gain)
        editor.field("gain").press("Enter")
    one.say("Control+s")
    first.page.get_by_text("Saved sine.json").wait_for()
    second.page.get_by_text("was changed elsewhere, and you have unsaved edits").wait_for()
    second.expect("409")
    two.say("Control+s")
    dialog = second.page.get_by_role("dialog")
    dialog.wait_for()
    lines = dialog.locator(".diff-line").all_inner_texts()
    assert [line.split() for line in lines if line[0] in "−+"] == [
        ["−", '"gain":', "3"],
        ["+", '"gain":', "4"],
    ]

    dialog.get_by_role("button", name="Take theirs").click()
    two.select("gain")
    wait_for(lambda: two.field("gain").input_value() == "3")
    two.say("Control+z")  # mine is one step back, and nothing was written
    wait_for(lambda: two.field("gain").input_value() == "4")
    saved = server.project / "sine.json"
    assert json.loads(saved.read_text(encoding="utf-8"))["nodes"][1]["config"] == {"gain": 3}
    two.say("Control+s")
    second.page.get_by_text("Saved sine.json").wait_for()
    assert json.loads(saved.read_text(encoding="utf-8"))["nodes"][1]["config"] == {"gain": 4}
    # The first has no edits: it shows what is there now.
    first.page.get_by_text("is shown as it is now").wait_for()
    wait_for(lambda: one.field("gain").input_value() == "4")


@pytest.mark.long
@pytest.mark.contract("U17")
def test_the_server_goes_and_comes_under_an_open_page(
    open_page: Callable[..., Any], server: RunningServer, built_page: Any
) -> None:
    write_graph(server, "sine.json", SINE)
    visit = open_page("#/edit/sine.json")
    visit.expect("ERR_CONNECTION|WebSocket|401|Failed to load")
    page, editor = visit.page, Editor(visit.page)
    editor.open("sine.json", nodes=3)
    editor.say("Control+Enter")
    editor.state("Running")
    editor.select("gain")
    editor.field("gain").fill("7")
    editor.field("gain").press("Enter")
    server.stop()
    page.get_by_text("Connection to the server lost").wait_for()
    editor.select("print")
    editor.field("label").fill("typed while it was away")
    with serving(server.project, port=server.port) as again:
        page.locator(".banner").wait_for(state="detached")
        assert editor.field("label").input_value() == "typed while it was away"
        editor.say("Escape")
        editor.say("Control+Enter")
        editor.state("Running")
        with again.client() as client:
            (pipeline,) = client.get("/api/pipelines").json()["pipelines"]
        assert pipeline["live"]["gain"]["gain"] == 7.0
        page.reload()
        page.get_by_text("Unsaved edits of this browser were restored").wait_for()
        page.get_by_role("button", name="Undo: Restore unsaved edits").wait_for()
        editor.select("print")
        assert editor.field("label").input_value() == "typed while it was away"
        editor.say("Control+Enter")
        editor.state("Stopped")
        page.close()


@pytest.mark.long
@pytest.mark.contract("U25")
def test_what_runs_is_told_from_what_is_drawn(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    write_graph(server, "sine.json", SINE)
    editor.open("sine.json", nodes=3)
    editor.say("Control+Enter")
    editor.state("Running")
    editor.select("sine_generator")
    editor.field("sample_rate").fill("8000")
    editor.field("sample_rate").press("Enter")
    page.get_by_text("1 node not applied").wait_for()
    assert editor.node("sine_generator").locator(".block").get_attribute("data-pending") == "true"
    with server.client() as client:
        (pipeline,) = client.get("/api/pipelines").json()["pipelines"]
        before = client.get(f"/api/pipelines/{pipeline['id']}").json()["document"]
        assert structure(before) == SINE
        page.get_by_role("button", name="Apply").click()
        page.get_by_role("button", name="Apply").wait_for(state="detached")
        editor.state("Running")
        after = client.get(f"/api/pipelines/{pipeline['id']}").json()
        assert after["document"]["nodes"][0]["config"] == {"sample_rate": 8000, "frequency": 440}
        assert after["state"] == "running"
        # What cannot run is refused, and what runs goes on.
        visit.expect("422")
        editor.field("frequency").fill("5000")
        editor.field("frequency").press("Enter")
        page.locator(".run-error").wait_for()
        assert "above half the sample rate" in page.locator(".run-error").inner_text()
        alive = client.get(f"/api/pipelines/{pipeline['id']}").json()
        assert (alive["state"], alive["live"]["sine_generator"]["frequency"]) == ("running", 440.0)
    page.get_by_role("button", name="Stop").click()
    editor.state("Stopped")
