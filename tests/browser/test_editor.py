"""The editor as it is used: by mouse, by keys alone, with mistakes, while a graph runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from editor_driver import SINE, Editor, structure, wait_for, write_graph
from page_server import RunningServer


def saved(server: RunningServer, name: str) -> dict[str, Any]:
    return json.loads((server.project / name).read_text(encoding="utf-8"))


def running(server: RunningServer) -> dict[str, Any] | None:
    with server.client() as client:
        every = client.get("/api/pipelines").json()["pipelines"]
    return next((one for one in every if one["state"] == "running"), None)


@pytest.mark.contract("U20")
def test_the_sine_example_by_mouse(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    page.get_by_role("link", name="New graph").click()
    canvas = page.locator(".react-flow__pane")
    canvas.wait_for()
    for type_, x in (("SineGenerator", 120), ("Gain", 380), ("Print", 620)):
        row = page.locator(".palette-type", has_text=type_).first
        row.drag_to(canvas, target_position={"x": x, "y": 180})
    assert editor.names() == ["sine_generator", "gain", "print"]

    editor.drag(editor.port("sine_generator", "out"), editor.port("gain", "in"))
    editor.drag(editor.port("gain", "out"), editor.port("print", "in"))
    editor.until("() => document.querySelectorAll('.react-flow__edge').length === 2")
    assert editor.edges() == ["sine_generator.out->gain.in", "gain.out->print.in"]

    editor.select("sine_generator")
    editor.field("frequency").fill("440")
    editor.select("gain")
    editor.field("gain").fill("2.5")
    editor.field("gain").press("Enter")

    page.get_by_role("button", name="Run", exact=True).click()
    editor.state("Running")
    page.locator(".block-figures").first.wait_for()
    live = wait_for(lambda: running(server))["live"]
    assert live["sine_generator"]["frequency"] == 440.0
    assert live["gain"]["gain"] == 2.5

    editor.select("sine_generator")
    assert editor.field("frequency").input_value() == "440"
    editor.field("frequency").fill("1k")
    editor.field("frequency").press("Enter")
    wait_for(lambda: running(server)["live"]["sine_generator"]["frequency"] == 1000.0)
    page.get_by_role("button", name="Undo").click()
    wait_for(lambda: running(server)["live"]["sine_generator"]["frequency"] == 440.0)
    assert page.locator('.block[data-pending="true"]').count() == 0

    page.get_by_role("button", name="Stop").click()
    editor.state("Stopped")

    page.keyboard.press("Control+s")
    page.get_by_label("Name in the project").fill("first/sine")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("Saved first/sine.json").wait_for()
    assert structure(saved(server, "first/sine.json")) == SINE
    assert page.url.endswith("#/edit/first/sine.json")

    page.reload()
    editor.until("() => document.querySelectorAll('.block').length === 3")
    assert editor.edges() == ["sine_generator.out->gain.in", "gain.out->print.in"]
    assert editor.undone()


@pytest.mark.long
@pytest.mark.contract("U14")
def test_the_sine_example_by_keys_alone(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    page.get_by_role("link", name="New graph").focus()
    editor.say("Enter")
    page.locator(".palette-type").first.wait_for()
    for word in ("sine", "gain", "print"):
        editor.say("a")
        editor.choose(word)
    assert editor.names() == ["sine_generator", "gain", "print"]

    # Each was added beside the one before; now from the first: connect, set, go on.
    editor.say("Control+f")
    editor.choose("sine")
    editor.say("c")
    editor.choose("gain")
    editor.say("e")
    editor.until("() => document.activeElement?.closest('.form') !== null")
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == "parameter-frequency":
            break
        editor.say("Tab")
    page.keyboard.type("440")
    editor.say("Escape")  # out of the field, back to its node
    editor.say("]")  # the next one downstream
    editor.say("c")
    editor.choose("print")
    editor.say("e")
    editor.until("() => document.activeElement?.id === 'parameter-gain'")
    page.keyboard.type("2.5")
    editor.say("Control+Enter")
    editor.state("Running")
    assert wait_for(lambda: running(server))["live"]["gain"]["gain"] == 2.5
    editor.say("Control+Enter")
    editor.state("Stopped")
    editor.say("Control+s")
    page.get_by_label("Name in the project").wait_for()
    page.keyboard.type("keys")
    editor.say("Enter")
    page.get_by_text("Saved keys.json").wait_for()
    assert structure(saved(server, "keys.json")) == SINE


@pytest.mark.long
@pytest.mark.contract("U21")
def test_a_bad_connection_is_refused_with_its_reason(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    write_graph(
        server,
        "bad.json",
        {
            "nodes": [
                {"id": "gen", "type": "SineGenerator", "config": {"sample_rate": 8000}},
                {"id": "low", "type": "Filter", "config": {"response": "lowpass", "cutoff": 5000}},
                {"id": "amp", "type": "Gain"},
                {"id": "show", "type": "Print"},
            ],
            "connections": [{"from": "amp", "to": "show"}],
        },
    )
    editor.open("bad.json", nodes=4)
    editor.drag(editor.port("gen", "out"), editor.port("low", "in"), release=False)
    hint = page.locator(".connection-hint")
    hint.wait_for()
    assert "4000" in hint.inner_text()  # half of 8 kHz
    editor.until("() => document.querySelector('[data-id=\"low\"] .block').dataset.reach === 'no'")
    editor.until("() => document.querySelector('[data-id=\"amp\"] .block').dataset.reach === 'yes'")
    assert page.locator('[data-id="show"] .block').get_attribute("data-reach") == "no"
    page.mouse.up()
    said = page.locator(".toast", has_text="gen.out was not connected to low.in")
    said.wait_for()
    assert "4000" in said.inner_text()
    assert editor.edges() == ["amp.out->show.in"]
    assert editor.undone()

    editor.drag(editor.port("gen", "out"), editor.port("show", "in"))
    page.locator(".toast", has_text="already connected").wait_for()
    assert editor.edges() == ["amp.out->show.in"]

    # The list for keys says the same.
    editor.select("gen")
    editor.say("c")
    row = page.locator(".picker-row", has_text="low.in")
    row.wait_for()
    editor.until("() => document.querySelector('.picker')?.innerText.includes('4000')")
    assert row.get_attribute("aria-disabled") == "true"


@pytest.mark.long
@pytest.mark.contract("U22")
def test_problems_lead_to_their_field(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    write_graph(
        server,
        "wrong.json",
        {
            "nodes": [
                {"id": "gen", "type": "SineGenerator", "config": {"frequency": 30000}},
                {"id": "amp", "type": "Gain", "config": {"gian": 2}},
                {"id": "odd", "type": "Vanished", "config": {"keep": [1, {"me": None}]}},
            ],
            "connections": [{"from": "gen", "to": "amp"}, {"from": "amp", "to": "odd.left"}],
        },
    )
    editor.open("wrong.json", nodes=3)
    page.get_by_role("tab", name="Problems").click()
    rows = page.locator("button.problem")
    editor.until("() => document.querySelectorAll('button.problem').length >= 3")
    rows.filter(has_text="gian").first.click()
    editor.until("() => document.activeElement?.id === 'parameter-gian'")
    field = page.locator('[data-field="gian"]')
    assert "gain" in field.get_by_role("alert").inner_text()  # did you mean
    rows.filter(has_text="24000").first.click()
    editor.until("() => document.activeElement?.id === 'parameter-frequency'")
    page.keyboard.press("Control+a")
    page.keyboard.type("440")
    page.keyboard.press("Enter")
    rows.filter(has_text="24000").first.wait_for(state="detached")
    # The unknown type stays as it is, through an edit and a save.
    assert page.locator('[data-id="odd"] .block').get_attribute("data-state") in ("problem", "unknown")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved wrong.json").wait_for()
    assert saved(server, "wrong.json")["nodes"][2] == {
        "id": "odd", "type": "Vanished", "config": {"keep": [1, {"me": None}]},
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.contract("U11")
def test_undo_takes_back_everything_and_gives_it_again(visit: Any, server: RunningServer) -> None:
    page, editor = visit.page, Editor(visit.page)
    path = write_graph(server, "sine.json", SINE)
    before = path.read_text(encoding="utf-8")
    editor.open("sine.json", nodes=3)
    editor.select("gain")
    editor.say("ArrowDown")
    editor.say("Control+d")
    editor.say("Delete")
    editor.select("gain")
    page.get_by_label("Name of the node").fill("amp")
    page.get_by_label("Name of the node").press("Enter")
    editor.until("() => document.querySelector('[data-id=\"amp\"]') !== null")
    editor.drag(editor.node("print").locator(".block-id"), page.locator(".minimap"))
    editor.click_edge(editor.edges()[0])
    editor.say("Delete")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved sine.json").wait_for()
    after = path.read_text(encoding="utf-8")
    assert "amp" in after
    steps = []
    while not editor.undone():
        steps.append(page.get_by_role("button", name="Undo").get_attribute("aria-label"))
        editor.say("Control+z")
    assert steps == [
        "Undo: Delete connection",
        "Undo: Move print",
        "Undo: Rename gain to amp",
        "Undo: Delete gain_2",
        "Undo: Paste gain_2",
        "Undo: Move gain",
    ]
    page.keyboard.press("Control+s")
    wait_for(lambda: path.read_text(encoding="utf-8") == before)
    for _ in steps:
        editor.say("Control+Shift+z")
    page.keyboard.press("Control+s")
    wait_for(lambda: path.read_text(encoding="utf-8") == after)


@pytest.mark.long
@pytest.mark.contract("U23")
def test_copy_and_paste_go_through_the_clipboard_as_json(
    open_page: Callable[..., Any], server: RunningServer, built_page: Any
) -> None:
    write_graph(server, "sine.json", SINE)
    visit = open_page("#/edit/sine.json", permissions=["clipboard-read", "clipboard-write"])
    page, editor = visit.page, Editor(visit.page)
    editor.open("sine.json", nodes=3)
    page.locator(".react-flow__pane").click(position={"x": 30, "y": 30})
    editor.say("Control+a")
    editor.say("Control+c")
    text = page.evaluate("navigator.clipboard.readText()")
    assert structure(json.loads(text)) == SINE
    editor.open()
    page.locator(".react-flow__pane").click(position={"x": 200, "y": 150})
    editor.say("Control+v")
    editor.until("() => document.querySelectorAll('.block').length === 3")
    assert editor.edges() == ["sine_generator.out->gain.in", "gain.out->print.in"]
    editor.say("Control+v")
    editor.until("() => document.querySelectorAll('.block').length === 6")
    assert editor.names()[3:] == ["sine_generator_2", "gain_2", "print_2"]
    # In a field a paste is text.
    page.get_by_label("Search node types").focus()
    editor.say("Control+v")
    assert page.locator(".block").count() == 6
