"""Graph files: saved stably, never lost, and what StreamLab does not know is kept (U12, U16)."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi import App
from streamlab.server.project import Project, revision_of

UNKNOWN = {
    "version": 1,
    "name": "from the future",
    "nodes": [
        {"id": "b", "type": "NotYetInvented", "config": {"z": 1, "a": [1, 2, {"k": None}]}, "später": True},
        {"id": "a", "type": "SineGenerator"},
    ],
    "connections": [{"to": "b", "from": "a", "colour": "red"}],
    "zoom": 1.5,
}

BY_HAND = """{
  "nodes": [
    {"id": "gen", "type": "SineGenerator", "config": {"frequency": 440.0}},
    {"id": "amp",   "type": "Gain"}],
  "connections": [ {"from": "gen", "to": "amp"} ]
}
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def put(app: App, path: str, document: Any, base: str | None, **more: Any) -> Any:
    return app.call("PUT", f"/api/graphs/{path}", app.cookie, {"document": document, "base": base, **more})


@pytest.mark.contract("U12")
def test_a_graph_that_is_saved_unchanged_keeps_its_bytes(app: App, tmp_path: Path) -> None:
    path = tmp_path / "hum.json"
    path.write_text(BY_HAND)
    opened = app.call("GET", "/api/graphs/hum.json", app.cookie).json
    saved = put(app, "hum.json", opened["document"], opened["revision"])
    assert saved.status == 200
    assert path.read_text() == BY_HAND
    assert saved.json["revision"] == opened["revision"] == revision_of(BY_HAND.encode())


@pytest.mark.contract("U12")
def test_what_is_not_known_is_kept_in_its_order(app: App, tmp_path: Path) -> None:
    saved = put(app, "new.json", UNKNOWN, None)
    assert saved.status == 200
    text = (tmp_path / "new.json").read_text()
    assert json.loads(text) == UNKNOWN
    assert list(json.loads(text)["nodes"][0]) == ["id", "type", "config", "später"]
    opened = app.call("GET", "/api/graphs/new.json", app.cookie).json
    assert opened["document"] == UNKNOWN
    assert {item["pointer"] for item in opened["problems"]} >= {"/nodes/0/type", "/zoom"}
    UNKNOWN_2 = {**UNKNOWN, "name": "changed"}
    put(app, "new.json", UNKNOWN_2, opened["revision"])
    lines = text.splitlines(), (tmp_path / "new.json").read_text().splitlines()
    assert sum(a != b for a, b in zip(*lines, strict=True)) == 1  # a diff of one line


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.contract("U12")
@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_any_document_comes_back_as_it_was_saved(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    project = Project(tmp_path_factory.getbasetemp())
    revision, _ = project.save("any.json", document, None, force=True)
    first = (project.folder / "any.json").read_bytes()
    loaded = project.load("any.json")
    assert json.dumps(loaded.document) == json.dumps(document)  # order of keys included
    again, _ = project.save("any.json", loaded.document, revision)
    assert again == revision == loaded.revision
    assert (project.folder / "any.json").read_bytes() == first


@pytest.mark.contract("U16")
def test_the_second_of_two_that_save_is_told_what_the_first_has_saved(app: App, tmp_path: Path) -> None:
    base = put(app, "hum.json", {"nodes": [], "name": "one"}, None).json["revision"]
    mine = put(app, "hum.json", {"nodes": [], "name": "mine"}, base)
    theirs = put(app, "hum.json", {"nodes": [], "name": "theirs"}, base)
    assert (mine.status, theirs.status, theirs.code) == (200, 409, "conflict")
    current = theirs.json["error"]["current"]
    assert current["document"]["name"] == "mine"
    assert current["revision"] == mine.json["revision"]
    assert json.loads((tmp_path / "hum.json").read_text())["name"] == "mine"
    assert put(app, "hum.json", {"nodes": [], "name": "theirs"}, current["revision"]).status == 200


@pytest.mark.contract("U16")
def test_an_edit_by_hand_is_a_save_by_somebody_else(app: App, tmp_path: Path) -> None:
    base = put(app, "hum.json", {"nodes": []}, None).json["revision"]
    (tmp_path / "hum.json").write_text("not even JSON")
    answer = put(app, "hum.json", {"nodes": [], "name": "x"}, base)
    assert answer.status == 409
    assert answer.json["error"]["current"]["document"] is None
    assert (tmp_path / "hum.json").read_text() == "not even JSON"
    (tmp_path / "hum.json").unlink()
    answer = put(app, "hum.json", {"nodes": [], "name": "x"}, base)
    assert (answer.status, answer.json["error"]["current"]) == (409, None)
    assert put(app, "hum.json", {"nodes": [], "name": "x"}, base, force=True).status == 200


@pytest.mark.contract("U16")
def test_a_new_file_does_not_take_the_place_of_one(app: App, tmp_path: Path) -> None:
    put(app, "hum.json", {"nodes": [], "name": "first"}, None)
    assert put(app, "hum.json", {"nodes": []}, None).status == 409
    other = put(app, "other.json", {"nodes": []}, None).json["revision"]
    assert app.call("POST", "/api/graphs/other.json/move", app.cookie, {"to": "hum.json"}).status == 409
    assert json.loads((tmp_path / "hum.json").read_text())["name"] == "first"
    assert app.call("POST", "/api/graphs/other.json/move", app.cookie, {"to": "b/c.json"}).status == 200
    assert (tmp_path / "b/c.json").is_file()
    wrong = "sha256:" + "0" * 64
    assert app.call("DELETE", f"/api/graphs/b/c.json?base={wrong}", app.cookie).status == 409
    assert app.call("DELETE", f"/api/graphs/b/c.json?base={other}", app.cookie).status == 204


def test_a_save_that_fails_leaves_what_was_there(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = put(app, "hum.json", {"nodes": [], "name": "one"}, None).json["revision"]

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = put(app, "hum.json", {"nodes": [], "name": "two"}, base)
    assert answer.status == 422
    assert "No space left" in answer.json["error"]["message"]
    assert json.loads((tmp_path / "hum.json").read_text())["name"] == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["hum.json"]


def test_a_list_of_graphs_has_graphs(app: App, tmp_path: Path) -> None:
    (tmp_path / "line 1").mkdir()
    (tmp_path / "node_modules").mkdir()
    graph = {"nodes": [{"id": "a", "type": "Clock"}], "metadata": {"about": "what it is"}}
    for name in ("a.json", "line 1/b.json", "node_modules/c.json", ".d.json"):
        (tmp_path / name).write_text(json.dumps(graph))
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "broken.json").write_text("{")
    listed = app.call("GET", "/api/graphs", app.cookie).json["graphs"]
    assert [(row["path"], row["name"], row["about"], row["nodes"]) for row in listed] == [
        ("a.json", "a", "what it is", 1),
        ("line 1/b.json", "b", "what it is", 1),
    ]


def test_a_file_that_is_no_graph_says_where_it_breaks(app: App, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{\n  "nodes": [,]\n}')
    answer = app.call("GET", "/api/graphs/broken.json", app.cookie)
    assert (answer.status, answer.code) == (422, "bad-graph")
    assert "line 2, column 13" in answer.json["error"]["problems"][0]["message"]


# -------------------------------------------------------------------------------------------------- checks


def chain(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    connections = [{"from": a["id"], "to": b["id"]} for a, b in pairwise(nodes)]
    return {"nodes": list(nodes), "connections": connections, **more}


def node(name: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "config": config}


def test_a_check_says_what_flows_where(app: App) -> None:
    document = chain(
        node("gen", "SineGenerator", unit="Pa"), node("amp", "Gain"), node("spec", "Spectrum"),
        pipeline_config={"fuse": False},
    )  # fmt: skip
    found = app.call("POST", "/api/validate", app.cookie, {"document": document}).json
    assert (found["ok"], found["triggers"], found["sinks"]) == (True, ["gen"], ["spec"])
    assert found["outputs"]["amp.out"]["channels"][0]["unit"] == "Pa"
    assert found["outputs"]["amp.out"]["rate_exact"] == [48000, 1]
    assert found["outputs"]["spec.out"]["axis"] == "frequency"
    assert [(edge["id"], edge["fused"], edge["capacity"]) for edge in found["edges"]] == [
        ("gen -> amp", False, 10),
        ("amp -> spec", False, 10),
    ]


def test_a_check_of_what_is_unfinished_says_what_it_can(app: App) -> None:
    document = chain(node("gen", "SineGenerator", unit="Pa"), node("amp", "Gain", gain="2"))
    document["nodes"].append({"id": "x", "type": "Nope"})
    found = app.call("POST", "/api/validate", app.cookie, {"document": document}).json
    assert not found["ok"]
    assert {item["pointer"] for item in found["problems"]} == {"/nodes/1/config/gain", "/nodes/2/type"}
    assert found["outputs"]["gen.out"]["channels"][0]["unit"] == "Pa"
    assert [edge["id"] for edge in found["edges"]] == ["gen -> amp"]
    for strange in ({}, {"nodes": 3}, {"nodes": [3, None]}, {"nodes": [], "connections": {}}):
        answer = app.call("POST", "/api/validate", app.cookie, {"document": strange})
        assert (answer.status, answer.json["ok"]) == (200, False)


def test_where_a_connection_may_end_and_why_not(app: App) -> None:
    document = {
        "nodes": [
            node("gen", "SineGenerator", sample_rate=8000.0),
            node("amp", "Gain"),
            node("low", "Filter", cutoff=5000.0),
            node("mix", "Mix"),
            node("other", "SineGenerator", sample_rate=48000.0),
            node("clock", "Clock"),
        ],
        "connections": [{"from": "gen", "to": "amp"}, {"from": "other", "to": "mix.a"}],
    }
    ends = app.call("POST", "/api/connect", app.cookie, {"document": document, "from": "gen.out"}).json
    found = {row["port"]: row["reason"] for row in ends["targets"]}
    assert found["gen.in"] == "a node cannot be connected to itself"
    assert found["amp.in"] == "they are connected already"
    assert found["mix.a"] == "already connected: 'other -> mix.a'"
    assert found["mix.b"].startswith("different sample rates, 8000 Hz and 48000 Hz")
    assert "4000 Hz" in found["low.in"]
    assert found["other.in"] == ""
    assert "clock.in" not in found
    back = app.call("POST", "/api/connect", app.cookie, {"document": document, "to": "gen.in"}).json
    reasons = {row["port"]: row["reason"] for row in back["targets"]}
    assert reasons["amp.out"] == "that would make a cycle: 'gen' feeds 'amp'"
    assert reasons["clock.out"] == ""
    for body in ({"document": document}, {"document": document, "from": "a", "to": "b"}):
        assert app.call("POST", "/api/connect", app.cookie, body).status == 400
    assert (
        app.call("POST", "/api/connect", app.cookie, {"document": document, "from": "nope.out"}).status == 404
    )


def test_the_catalogue_has_every_type_with_its_schema(app: App) -> None:
    from streamlab.core.catalogue import BUILT_IN

    listed = app.call("GET", "/api/nodes", app.cookie).json["nodes"]
    assert [row["type"] for row in listed][: len(BUILT_IN)] == list(BUILT_IN)
    drawers = {row["category"] for row in listed[: len(BUILT_IN)]}
    assert drawers == {"generators", "files", "conditioning", "logic", "measurement", "judgement", "sinks"}
    gain = next(row for row in listed if row["type"] == "Gain")
    assert gain["parameters"]["properties"]["gain"]["x-live"] is True
    assert gain["inputs"] == [{"name": "in"}]
    assert gain["summary"] == "Scale channels by a linear factor or by decibels."
    assert app.call("GET", "/api/nodes/Gain", app.cookie).json == gain
    assert "did you mean 'Gain'" in app.call("GET", "/api/nodes/gian", app.cookie).json["error"]["hint"]


# -------------------------------------------------------------------------------------- files and examples


def test_a_recording_is_uploaded_whole_or_not_at_all(app: App, tmp_path: Path) -> None:
    headers = app.cookie | {"content-type": "application/octet-stream"}
    data = os.urandom(300_000)
    answer = app.call("PUT", "/api/files/in/take.wav", headers, data)
    assert (answer.status, answer.json) == (201, {"path": "in/take.wav", "size": 300_000})
    assert (tmp_path / "in/take.wav").read_bytes() == data
    assert app.call("PUT", "/api/files/in/take.wav", headers, b"x").status == 409
    assert (
        app.call("PUT", "/api/files/in/take.wav?if_exists=number", headers, b"x").json["path"]
        == "in/take 2.wav"
    )
    assert app.call("PUT", "/api/files/in/take.wav?if_exists=overwrite", headers, b"y").status == 201
    assert (tmp_path / "in/take.wav").read_bytes() == b"y"
    for name in ("evil.py", "page.html", "take", "output/take.wav", "hum.json"):
        assert app.call("PUT", f"/api/files/{name}", headers, b"x").status == 422
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["take 2.wav", "take.wav"]


def test_every_example_is_brought_with_what_it_needs(app: App, tmp_path: Path, repository: Path) -> None:
    app = App(tmp_path, examples=repository / "examples")
    listed = app.call("GET", "/api/examples", app.cookie).json["examples"]
    assert {row["id"] for row in listed} == {path.stem for path in (repository / "examples").glob("*.json")}
    for row in listed:
        assert row["ready"], row["id"]
        opened = app.call("POST", f"/api/examples/{row['id']}/open", app.cookie, {})
        assert opened.status == 201
        graph = app.call("GET", f"/api/graphs/{opened.json['path']}", app.cookie).json
        assert graph["problems"] == []
        checked = app.call("POST", "/api/validate", app.cookie, {"document": graph["document"]}).json
        assert (checked["ok"], checked["notices"]) == (True, [])
    again = app.call("POST", "/api/examples/hum/open", app.cookie, {})
    assert again.json["path"] == "hum 2.json"
    files = app.call("GET", "/api/files", app.cookie).json["files"]
    assert {row["path"]: row["audio"]["rate"] for row in files if row["audio"]}["survey.wav"] == 48000
