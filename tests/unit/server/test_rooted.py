"""Files are named under their root: however a path is written, none leads out (X8)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgi import App
from streamlab.server.errors import ApiError
from streamlab.server.rooted import Root

pytestmark = pytest.mark.contract("X8")

SECRET = "a secret outside of the project"

steps = st.sampled_from(
    ["..", ".", "", "a", "hum.json", "out.json", "link", "linked.json", "...", "..;", "%2e%2e", "%2f", "%00"]
) | st.sampled_from(
    [
        "..\\",
        "\\",
        "C:",
        "c:\\x",
        "~",
        "/",
        "//",
        "\x00",
        ".hidden",
        "..%2f",
        "%252e%252e",
        "\uff0e\uff0e",
        "\u202e",
    ]
)
paths = st.lists(steps | st.text(max_size=6), min_size=1, max_size=6).map("/".join)


@pytest.fixture(scope="module")
def world() -> Iterator[Path]:
    """Return a folder with a project in it, secrets beside it, and links that lead there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = folder / "project"
        (project / "a").mkdir(parents=True)
        graph = json.dumps({"nodes": [], "name": "inside"})
        for path in ("hum.json", "a/hum.json"):
            (project / path).write_text(graph)
        secret = json.dumps({"nodes": [], "name": SECRET})
        (folder / "out.json").write_text(secret)
        (folder / "a").mkdir()
        (folder / "a" / "hum.json").write_text(secret)
        (project / ".hidden").mkdir()
        (project / ".hidden" / "out.json").write_text(secret)
        (project / "link").symlink_to(folder)
        (project / "linked.json").symlink_to(folder / "out.json")
        (project / "a" / "self").symlink_to(project)
        yield folder


@pytest.fixture(scope="module")
def app(world: Path) -> App:
    return App(world / "project")


def encoded(text: str) -> list[str]:
    """Return forms in which a client may write a path: plain, encoded, encoded twice, all of it encoded."""
    plain = text.encode("utf-8", "surrogatepass")
    return [
        quote(plain),
        quote(plain, safe=""),
        quote(quote(plain, safe=""), safe=""),
        "".join(f"%{byte:02X}" for byte in plain),
        "".join(f"%{byte:02x}" if byte in b"./\\%" else quote(bytes([byte])) for byte in plain),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(path=paths)
def test_no_form_of_a_path_reads_what_lies_outside(app: App, path: str) -> None:
    for raw in encoded(path):
        for route in ("/api/graphs/", "/api/files/"):
            answer = app.call("GET", "", app.bearer, raw_path=route + raw)
            assert SECRET.encode() not in answer.body
            assert answer.status in (200, 404, 405, 422), (route + raw, answer.body)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(path=paths)
def test_a_path_that_is_taken_lies_under_the_root(world: Path, path: str) -> None:
    root = Root(world / "project")
    try:
        found = root.path(path)
    except ApiError as error:
        refused = error.status, error.code
    else:
        refused = None
    if refused is not None:
        assert refused == (422, "bad-path")
        return
    assert found.resolve().is_relative_to(root.folder)
    assert found.resolve() == found
    assert root.name(found) == path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(path=paths)
def test_nothing_is_written_outside(world: Path, app: App, path: str) -> None:
    project = world / "project"

    def outside() -> dict[str, tuple[int, int]]:
        listed = {}
        for path in (world, world / "a", project / ".hidden"):
            for entry in path.iterdir():
                if entry != project:
                    status = entry.lstat()
                    listed[str(entry)] = status.st_mtime_ns, status.st_size
        return listed

    before = outside()
    for raw in encoded(f"{path}.json")[:3]:
        body = {"document": {"nodes": []}, "base": None, "force": True}
        app.call("PUT", "", app.bearer, body, raw_path=f"/api/graphs/{raw}")
        headers = app.bearer | {"content-type": "application/octet-stream"}
        app.call("PUT", "?if_exists=overwrite", headers, b"x", raw_path=f"/api/files/{raw}")
    after = outside()
    assert {key: value for key, value in after.items() if key != str(world / "a")} == {
        key: value for key, value in before.items() if key != str(world / "a")
    }
    assert (project / "link").is_symlink()
    assert (project / "linked.json").is_symlink()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("link/out.json", "'link' is a link"),
        ("linked.json", "'linked.json' is a link"),
        ("a/self/hum.json", "'self' is a link"),
        ("../out.json", "empty, '.' or '..'"),
        ("/etc/passwd", "empty, '.' or '..'"),
        ("a//hum.json", "empty, '.' or '..'"),
        ("C:/out.json", "a character"),
        ("a\\hum.json", "a character"),
        ("hum\x00.json", "a character"),
        (".hidden/out.json", "hidden"),
        ("con.json", "a device"),
        ("x" * 300 + ".json", "too long"),
        ("a/b/c/d/e/f/g/h/i.json", "deep"),
        ("hum.json ", "a blank"),
    ],
)
def test_a_path_that_is_refused_says_why(world: Path, path: str, why: str) -> None:
    with pytest.raises(ApiError, match="cannot be used") as caught:
        Root(world / "project").path(path)
    assert why in str(caught.value)


def test_a_pipe_in_the_project_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(ApiError, match="is no file"):
        Root(tmp_path).open("pipe.json")


def test_graphs_read_recordings_of_the_project_alone(world: Path) -> None:
    app = App(world / "project")
    for text in ("../out.json", str(world / "out.json"), "link/out.json", "linked.json", "a/../../out.json"):
        document = {"nodes": [{"id": "a", "type": "WavFile", "config": {"path": text}}]}
        answer = app.call("POST", "/api/validate", app.bearer, {"document": document})
        (problem,) = answer.json["problems"]
        assert problem["pointer"] == "/nodes/0/config/path"
        assert problem["message"] == "the file lies outside the project"
        assert app.call("POST", "/api/pipelines", app.bearer, {"document": document}).status == 422
    allowed = App(world / "project", roots=[world])
    document = {"nodes": [{"id": "a", "type": "WavFile", "config": {"path": "../out.json"}}]}
    assert allowed.call("POST", "/api/validate", allowed.bearer, {"document": document}).json["ok"]


def test_graphs_write_under_the_output_folder_alone(world: Path) -> None:
    app = App(world / "project")
    nodes = [
        {"id": "a", "type": "SineGenerator"},
        {"id": "b", "type": "CsvWriter", "config": {"path": "../hum.json", "if_exists": "overwrite"}},
    ]
    document = {"nodes": nodes, "connections": [{"from": "a", "to": "b"}]}
    answer = app.call("POST", "/api/validate", app.bearer, {"document": document})
    assert [item["pointer"] for item in answer.json["problems"]] == ["/nodes/1/config/path"]
