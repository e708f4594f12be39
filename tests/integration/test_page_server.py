"""`streamlab serve` as a program uses it: graphs run, fail, hang and die, and the server lives on."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
import soundfile
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from command import environment
from live_kit import EOS, RESET, Read
from page_server import Client, RunningServer, serving, start_server
from streamlab.cli.serve import serve
from streamlab.errors import StreamLabError

NODES = Path(__file__).parents[1] / "support" / "page_nodes.py"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Return one server for the tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("page") / "project", "--nodes", NODES) as running:
        yield running


def node(name: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "config": config}


def line(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    ends = [each["id"] for each in nodes]
    return {
        "name": "line",
        "nodes": list(nodes),
        "connections": [{"from": a, "to": b} for a, b in pairwise(ends)],
        **more,
    }


def sine(*more: dict[str, Any], **config: Any) -> dict[str, Any]:
    return line(node("gen", "SineGenerator", **config), *more)


def deploy(server: RunningServer, document: dict[str, Any], **more: Any) -> dict[str, Any]:
    with server.client() as client:
        answer = client.post("/api/pipelines", json={"document": document, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()


def settled(client: httpx.Client, pipeline: dict[str, Any], state: str) -> dict[str, Any]:
    """Wait until a pipeline is in a state, which may have been before anybody listened."""
    ends = time.monotonic() + 30.0
    while time.monotonic() < ends:
        now = client.get(f"/api/pipelines/{pipeline['id']}").json()
        if now["state"] == state:
            return now
        time.sleep(0.02)
    raise AssertionError(f"it is {now['state']}: {now['error']}")


def remove(server: RunningServer, pipeline: dict[str, Any]) -> None:
    with server.client() as client:
        assert client.delete(f"/api/pipelines/{pipeline['id']}").status_code == 204


# ------------------------------------------------------------------------------------------------- it runs


def test_a_graph_runs_is_changed_and_ends_and_everybody_hears_of_it(server: RunningServer) -> None:
    with Client(server) as page, server.client() as client:
        document = sine(
            node("amp", "Gain", gain=2.0), node("limit", "Limit", value="main_channel", upper=3.0)
        )
        pipeline = deploy(server, document, start=True)
        where = f"/api/pipelines/{pipeline['id']}"
        assert (pipeline["state"], pipeline["triggers"]) == ("running", ["gen"])
        assert pipeline["live"]["amp"]["gain"] == 2.0
        metrics = page.until(
            lambda message: message["type"] == "metrics" and message["nodes"]["amp"]["frames_out"] > 5
        )
        assert metrics["pipeline"] == pipeline["id"]
        assert metrics["edges"]["gen -> amp"]["fused"] is True
        verdict = page.receive("verdict")
        assert (verdict["node"], verdict["verdict"]["outcome"], verdict["final"]) == ("limit", "PASS", False)
        changed = client.patch(f"{where}/nodes/amp", json={"gain": 5.0})
        assert changed.json() == {"live": {"gain": 5.0, "gain_db": None}}
        assert page.receive("live")["values"] == {"gain": 5.0}
        failed = page.receive("verdict")
        assert (failed["verdict"]["outcome"], failed["final"]) == ("FAIL", False)
        late = client.get(where).json()  # who comes later hears of it, too
        assert (late["verdict"], late["verdicts"]["limit"]["outcome"]) == (None, "FAIL")
        refused = client.patch(f"{where}/nodes/amp", json={"gain": "x"})
        assert refused.status_code == 422
        assert refused.json()["error"]["problems"][0]["pointer"] == "/nodes/1/config/gain"
        assert client.patch(f"{where}/nodes/none", json={"gain": 1.0}).status_code == 404
        assert client.post(f"{where}/start", json={}).status_code == 409
        stopped = client.post(f"{where}/stop", json={"timeout": 5.0}).json()
        assert (stopped["state"], stopped["reason"], stopped["verdict"]) == ("stopped", "stopped", "FAIL")
        assert page.until(lambda item: item["type"] == "verdict" and item["final"])["verdict"]["value"] > 4.9
        page.state("stopped")
        results = client.get(f"{where}/results").json()
        assert results["results"]["limit"]["outcome"] == "FAIL"
        report = results["report"]
        assert report["frames_in"] == report["frames_out"] > 5
        assert client.patch(f"{where}/nodes/amp", json={"gain": 1.0}).status_code == 409
        assert client.post(f"{where}/trigger", json={}).status_code == 409
        again = client.post(f"{where}/start", json={"pace": "graph", "duration": 1.0}).json()
        assert again["state"] in ("starting", "running", "stopping", "stopped")
        ended = page.until(
            lambda item: item["type"] == "pipeline" and item["pipeline"]["reason"] == "completed"
        )["pipeline"]
        assert ended["seconds"] == pytest.approx(1.0, abs=0.03)
        remove(server, pipeline)
        page.receive("gone")
        assert client.get(where).status_code == 404


def test_triggers_by_hand(server: RunningServer) -> None:
    pipeline = deploy(server, sine(), start=True, drive="manual")
    with server.client() as client:
        where = f"/api/pipelines/{pipeline['id']}"
        assert client.post(f"{where}/trigger", json={"count": 3}).json() == {"given": 3}
        assert client.post(f"{where}/trigger", json={"to": "gen"}).json() == {"given": 1}
        assert client.post(f"{where}/trigger", json={"to": "none"}).status_code == 409
        assert client.post(f"{where}/trigger", json={"count": 0}).status_code == 400
        client.post(f"{where}/finish", json={})
        settled(client, pipeline, "stopped")
        assert client.get(f"{where}/results").json()["report"]["frames_in"] == 4
    remove(server, pipeline)


def test_a_graph_that_is_wrong_is_refused_with_its_problems_and_leaves_nothing(server: RunningServer) -> None:
    with server.client() as client:
        before = client.get("/api/pipelines").json()
        answer = client.post("/api/pipelines", json={"document": sine(node("amp", "Gian"))})
        assert answer.status_code == 422
        (problem,) = answer.json()["error"]["problems"]
        assert (problem["pointer"], problem["hint"]) == ("/nodes/1/type", "did you mean 'Gain'?")
        assert client.get("/api/pipelines").json() == before


def test_apply_puts_another_graph_in_its_place_and_views_go_on(server: RunningServer) -> None:
    pipeline = deploy(server, sine(node("amp", "Gain")), start=True)
    with Client(server) as page, server.client() as client:
        stream = page.subscribe(pipeline["id"], "gen", "strip")
        first = page.frames(lambda frame: frame.kind == 1)
        assert first[0].description["generation"] == 1
        document = sine(node("low", "Filter", cutoff=1000.0), node("amp", "Gain"), sample_rate=8000.0)
        bad = {"document": sine(node("low", "Filter", cutoff=99999.0))}
        assert client.put(f"/api/pipelines/{pipeline['id']}/graph", json=bad).status_code == 422
        assert client.get(f"/api/pipelines/{pipeline['id']}").json()["state"] == "running"
        applied = client.put(f"/api/pipelines/{pipeline['id']}/graph", json={"document": document})
        assert (applied.status_code, applied.json()["state"]) == (200, "running")
        frames = page.frames(lambda frame: frame.kind == 1 and frame.generation == 2)
        described = [frame.description for frame in frames if frame.kind == 0]
        assert [item["rate"] for item in described] == [[8000, 1]]
        assert {frame.stream for frame in frames} == {stream}
    remove(server, pipeline)


def test_files_of_a_graph_are_found_from_its_folder_and_written_under_output(server: RunningServer) -> None:
    folder = server.project / "line 1"
    folder.mkdir()
    samples = 0.5 * np.sin(2 * np.pi * 1000.0 * np.arange(48000) / 48000)
    soundfile.write(folder / "take.wav", samples, 48000, subtype="FLOAT")
    document = line(
        node("mic", "WavFile", path="take.wav"), node("bands", "OctaveBands", fraction=3),
        node("table", "CsvWriter", path="bands.csv"),
    )  # fmt: skip
    (folder / "bands.json").write_text(json.dumps(document))
    with server.client() as client:
        answer = client.post(
            "/api/pipelines", json={"path": "line 1/bands.json", "pace": "graph", "start": True}
        )
        assert answer.status_code == 201, answer.text
        pipeline = settled(client, answer.json(), "stopped")
        written = client.get("/api/files?role=output").json()["files"]
        assert [row["path"] for row in written] == ["bands.csv"]
        table = client.get("/api/files/bands.csv?role=output").text
        assert "1000.0" in table
        values = client.get(f"/api/pipelines/{pipeline['id']}/results").json()["results"]["bands"]
        level = 20 * np.log10(0.5 / np.sqrt(2))
        assert values["channel1" if "channel1" in values else next(iter(values))]["1k"] == pytest.approx(
            level, abs=0.05
        )
        report = client.get(f"/api/pipelines/{pipeline['id']}/report")
        assert report.status_code == 200
        assert report.headers["content-disposition"].startswith("attachment")
        assert "<html" in report.text
        remove(server, pipeline)


@pytest.mark.long
@pytest.mark.contract("U18")
def test_every_example_runs_from_the_page_without_an_error(server: RunningServer) -> None:
    with server.client() as client:
        for row in client.get("/api/examples").json()["examples"]:
            path = client.post(f"/api/examples/{row['id']}/open", json={}).json()["path"]
            body = {"path": path, "start": True, "pace": "graph", "duration": 1.0}
            answer = client.post("/api/pipelines", json=body)
            assert answer.status_code == 201, (row["id"], answer.text)
            pipeline = settled(client, answer.json(), "stopped")
            assert (pipeline["reason"], pipeline["error"]) == ("completed", None), row["id"]
            remove(server, pipeline)


# ------------------------------------------------------------------------------------------- it goes wrong


def test_a_node_that_fails_leaves_a_message_and_the_page(server: RunningServer) -> None:
    pipeline = deploy(server, sine(node("bad", "Raises", at=5)), start=True)
    with server.client() as client:
        pipeline = settled(client, pipeline, "failed")
        error = pipeline["error"]
        assert (error["type"], error["node"], error["sequence"]) == ("NodeError", "bad", 5)
        assert (error["pointer"], error["phase"]) == ("/nodes/1", "process")
        assert "the sensor has gone <b>mad</b>" in error["message"]
        assert "ValueError" in error["trace"]
        report = client.get(f"/api/pipelines/{pipeline['id']}/results").json()["report"]
        assert (report["reason"], report["nodes"]["bad"]["failed"]) == ("failed", 1)
        assert client.get("/api/hello").status_code == 200
    remove(server, pipeline)


def test_a_node_that_cannot_be_opened_says_why(server: RunningServer) -> None:
    pipeline = deploy(server, sine(node("bad", "Refuses")), start=True)
    assert pipeline["state"] == "failed"
    assert "no such device" in pipeline["error"]["message"]
    assert pipeline["error"]["phase"] == "create"
    with server.client() as client:
        answer = client.post(f"/api/pipelines/{pipeline['id']}/start", json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "failed")
        assert answer.json()["error"]["failure"]["node"] == "bad"
    remove(server, pipeline)


def test_a_process_that_dies_is_said_and_the_next_start_has_a_new_one(server: RunningServer) -> None:
    pipeline = deploy(server, sine(node("bad", "Dies", at=3)))
    where = f"/api/pipelines/{pipeline['id']}"
    with server.client() as client, Client(server) as page:
        stream = page.subscribe(pipeline["id"], "gen", "scalar")
        for generation in (1, 2):
            client.post(f"{where}/start", json={})
            failed = page.state("failed")
            assert failed["error"]["type"] == "WorkerLost"
            assert "was killed by signal 11 (SIGSEGV)" in failed["error"]["message"]
            frames = page.frames(lambda frame: frame.kind == 6)
            assert {frame.generation for frame in frames} == {generation}
            assert {frame.stream for frame in frames} == {stream}
        log = client.get(f"{where}/log").json()["lines"]
        assert [item["text"] for item in log].count("last words") == 2
        assert client.get("/api/hello").status_code == 200
    remove(server, pipeline)


@pytest.mark.long
def test_a_graph_that_hangs_can_be_stopped(server: RunningServer) -> None:
    pipeline = deploy(server, sine(node("bad", "Hangs")), start=True)
    with server.client() as client:
        began = time.monotonic()
        stopped = client.post(f"/api/pipelines/{pipeline['id']}/stop", json={"timeout": 0.2}).json()
        assert stopped["state"] == "failed"
        assert "did not end" in stopped["error"]["message"]
        assert time.monotonic() - began < 15
        document = sine()
        applied = client.put(f"/api/pipelines/{pipeline['id']}/graph", json={"document": document})
        assert applied.status_code == 200
        started = client.post(f"/api/pipelines/{pipeline['id']}/start", json={}).json()
        assert started["state"] == "running"
    remove(server, pipeline)


def test_a_graph_that_takes_a_core_does_not_take_the_page(server: RunningServer) -> None:
    """Its own loop is busy 98 of 100 times; the server answers as ever, and the last word is not 'busy'."""
    pipeline = deploy(server, sine(node("busy", "Works", seconds=0.2)), start=True)
    with server.client() as client, Client(server):
        times = []
        for _ in range(20):
            began = time.perf_counter()
            assert client.get("/api/hello").status_code == 200
            times.append(time.perf_counter() - began)
        assert sorted(times)[10] < 0.1  # the graph's own turns are of 0.2 s
    remove(server, pipeline)


# -------------------------------------------------------------------------------------------- what is seen


def strip_columns(frames: list[Read]) -> dict[int, np.ndarray]:
    columns = {}
    for frame in frames:
        if frame.kind == 1:
            for at, values in enumerate(frame.strip[0]):
                columns[frame.first + at] = values
    return columns


@pytest.mark.contract("U3")
def test_a_client_that_does_not_answer_gets_two_bundles_and_misses_nothing(
    server: RunningServer,
) -> None:
    pipeline = deploy(server, sine(), start=True)
    with Client(server, answers=False) as slow, Client(server) as quick:
        for page in (slow, quick):
            page.subscribe(pipeline["id"], "gen", "strip", window=5.0, columns=1200)
        seen = [slow.bundle(), slow.bundle()]
        with pytest.raises(TimeoutError):
            slow.data.recv(timeout=1.0)  # two are out, no more come
        everything = quick.frames(lambda frame: frame.kind == 1 and frame.first > 200)
        slow.answer(1)
        late = [*seen[0], *seen[1], *slow.frames(lambda frame: frame.kind == 1)]
        columns, whole = strip_columns(late), strip_columns(everything)
        assert list(columns) == list(range(min(columns), max(columns) + 1))  # joined, none left out
        same = columns.keys() & whole.keys()
        assert len(same) > 150
        assert all(np.array_equal(columns[k], whole[k]) for k in same)
        assert max(columns) > 200
    remove(server, pipeline)


def test_a_data_socket_that_was_lost_is_seeded_anew(server: RunningServer) -> None:
    pipeline = deploy(server, sine(), start=True)
    with Client(server) as page:
        page.subscribe(pipeline["id"], "gen", "strip", window=5.0)
        page.frames(lambda frame: frame.kind == 1 and frame.first > 100)
        page.reopen_data()
        frames = page.bundle()
        assert [frame.kind for frame in frames[:2]] == [0, 1]
        assert frames[1].flags & RESET
        assert frames[1].columns > 60
    remove(server, pipeline)


def test_equal_views_share_a_stream_and_an_end_is_seen(server: RunningServer) -> None:
    pipeline = deploy(server, sine())
    with Client(server) as one, Client(server) as other, server.client() as client:
        streams = {page.subscribe(pipeline["id"], "gen.out", "strip") for page in (one, other, one)}
        assert len(streams) == 1
        assert one.subscribe(pipeline["id"], "gen", "strip", window=3.0) not in streams
        body = {"pace": "graph", "duration": 0.5}
        client.post(f"/api/pipelines/{pipeline['id']}/start", json=body)
        for page in (one, other):
            frames = page.frames(lambda frame: frame.kind == 1 and bool(frame.flags & EOS))
            # 0.5 s in frames of 1024 samples, 80 samples to a column: the last one is not full.
            assert max(strip_columns([item for item in frames if item.stream in streams])) == 24 * 1024 // 80
    remove(server, pipeline)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"pipeline": "p999", "output": "gen", "kind": "strip"}, "not-found"),
        ({"output": "none", "kind": "strip"}, "not-found"),
        ({"output": "gen", "kind": "hologram"}, "bad-request"),
        ({"output": "gen", "kind": "strip", "options": {"columns": 7}}, "bad-request"),
        ({"output": "gen", "kind": "strip", "options": []}, "bad-request"),
        ({"output": 3, "kind": "strip"}, "bad-request"),
    ],
)
def test_a_subscription_that_cannot_be_is_an_error_in_words(
    server: RunningServer, asked: dict[str, Any], code: str
) -> None:
    pipeline = deploy(server, sine())
    with Client(server) as page:
        answer = page.send("subscribe", **{"pipeline": pipeline["id"], **asked})
        assert (answer["type"], answer["error"]["code"]) == ("error", code)
        page.control.send("not json")
        assert page.receive("error")["error"]["code"] == "bad-request"
        assert page.send("ping")["type"] == "pong"
        assert page.send("unsubscribe", stream=10**6)["error"]["code"] == "not-found"
    remove(server, pipeline)


def test_a_view_that_cannot_show_what_comes_says_so(server: RunningServer) -> None:
    pipeline = deploy(server, sine(node("spec", "Spectrogram")), start=True)
    with Client(server) as page:
        stream = page.subscribe(pipeline["id"], "spec", "strip")
        told = page.receive("stream")
        assert (told["stream"], told["error"]["code"]) == (stream, "cannot-show")
        answer = page.send("subscribe", pipeline=pipeline["id"], output="spec", kind="auto")
        assert answer["kind"] == "spectrum"
        page.frames(lambda frame: frame.kind == 3)
    remove(server, pipeline)


# -------------------------------------------------------------------------------------------------- limits


@pytest.mark.contract("X6")
def test_a_message_that_is_too_large_and_too_many_of_them_end_the_socket(server: RunningServer) -> None:
    with Client(server) as page:
        page.control.send(json.dumps({"op": "ping", "id": 1, "x": "y" * 70_000}))
        with pytest.raises(ConnectionClosed) as closed:
            page.receive("never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    with Client(server) as page:
        with pytest.raises(ConnectionClosed) as closed:
            for number in range(2000):
                page.control.send(json.dumps({"op": "ping", "id": number}))
            page.receive("never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
    with Client(server) as page:
        page.data.send(b"not eight bytes")
        with pytest.raises(ConnectionClosed):
            page.data.recv(timeout=5)


@pytest.mark.contract("X6")
def test_there_are_only_so_many_clients(server: RunningServer) -> None:
    from contextlib import ExitStack

    with ExitStack() as stack, pytest.raises(Exception, match=r"403|too many"):
        for _ in range(80):
            stack.enter_context(Client(server))


# --------------------------------------------------------------------------------------------- its own end


def children_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_graphs_processes_and_port(tmp_path: Path, number: int) -> None:
    with serving(tmp_path / "project", "--nodes", NODES) as server:
        deploy(server, sine(), start=True)
        deploy(server, sine(node("bad", "Hangs")), start=True)
        document = sine(node("amp", "Gain")) | {"pipeline_config": {"executor": "process"}}
        deploy(server, document, start=True)
        with Client(server) as page:
            children = children_of(server.process.pid)
            assert len(children) >= 4  # a worker each, one of a worker's own, a spare one
            code, out = server.stop(number)
            with pytest.raises(ConnectionClosed):
                page.receive("never")
        assert code == 128 + number, out
        assert "Traceback" not in out
        _, left = psutil.wait_procs(children, timeout=5)
        assert left == []
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", server.port))
        assert list(tmp_path.glob("token-*")) == []


@pytest.mark.long
def test_a_server_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    with serving(tmp_path / "project") as server:
        deploy(server, sine(), start=True)
        children = children_of(server.process.pid)
        assert children
        server.process.kill()
        server.process.communicate()
        _, left = psutil.wait_procs(children, timeout=10)
        assert left == []


@pytest.mark.long
@pytest.mark.contract("X2")
def test_the_token_is_said_once_and_logged_never(tmp_path: Path) -> None:
    with serving(tmp_path / "project") as server:
        with server.client() as client:
            client.get(f"/?token={server.token}")
            client.get("/api/none")
        _, out = server.stop()
        assert out.count(server.token) == 1
        assert f"{server.base}/?token={server.token}" in out
        told = subprocess.run(
            ["ps", "-ww", "-o", "args="], capture_output=True, text=True, check=False
        ).stdout
        assert server.token not in told


@pytest.mark.long
@pytest.mark.contract("X1")
def test_a_host_beyond_loopback_is_said(tmp_path: Path) -> None:
    with serving(tmp_path / "project", "--host", "0.0.0.0", "--allow-host", "127.0.0.1") as server:
        _, out = server.stop()
        assert "Everyone who can reach" in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"graph": Path("none.json")}, "no such graph file"),
        ({"project": Path("none")}, "no such folder"),
        ({"allowed": ["a b"]}, "is no host name"),
        ({"host": "203.0.113.7"}, "cannot listen on 203.0.113.7"),
        ({"graph": Path("a/hum.json"), "project": Path("b")}, "lies outside the project"),
        ({"nodes": Path("none.py")}, "no such file"),
    ],
)
def test_a_call_that_is_wrong_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "hum.json").write_text("{}")
    call = {"graph": None, "host": "127.0.0.1", "port": 0, "project": None, "browser": False} | options
    with pytest.raises(StreamLabError, match=words):
        serve(**call)


@pytest.mark.long
@pytest.mark.contract("U17")
def test_a_session_comes_back_to_a_server_that_was_killed_and_started_again(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    first = start_server(tmp_path / "project")
    with httpx.Client(base_url=first.base, follow_redirects=False) as page:
        assert page.get(f"/?token={first.token}").status_code == 303
        assert page.get("/api/hello").status_code == 200
        first.process.kill()
        first.process.communicate()
        began = time.monotonic()
        with serving(tmp_path / "project", port=first.port) as second:
            assert page.get("/api/hello").json()["role"] == "edit"
            assert second.token != first.token
            assert page.get(f"/?token={first.token}").status_code == 303  # by its cookie
            assert httpx.get(f"{second.base}/?token={first.token}").status_code == 401
            headers = {"cookie": f"streamlab_{first.port}={page.cookies[f'streamlab_{first.port}']}"}
            with connect(
                f"ws://127.0.0.1:{second.port}/api/control", additional_headers=headers, origin=second.base
            ) as control:
                assert json.loads(control.recv())["pipelines"] == []
        assert time.monotonic() - began < 60
    (keys,) = (tmp_path / "state" / "streamlab").glob("sessions-*.json")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


@pytest.mark.contract("U16")
def test_everybody_hears_of_a_save_also_of_one_by_another_program(server: RunningServer) -> None:
    with Client(server) as one, Client(server) as other, server.client() as client:
        headers = {"x-session": one.hello["session"]}
        body = {"document": sine(), "base": None}
        saved = client.put("/api/graphs/shared.json", json=body, headers=headers).json()
        for page in (one, other):
            told = page.receive("saved")
            assert (told["path"], told["revision"]) == ("shared.json", saved["revision"])
            assert told["session"] == one.hello["session"]
        (server.project / "shared.json").write_text(json.dumps(sine(frequency=50.0)))
        told = one.receive("saved")
        assert (told["path"], told["session"]) == ("shared.json", None)
        (server.project / "shared.json").unlink()
        # A file that is not written in one piece may be heard of twice.
        one.until(lambda message: message["type"] == "saved" and message["revision"] is None)


def test_without_the_extra_the_call_says_how_to_install_it(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('fastapi', 'uvicorn', 'websockets')))\n"
        "from streamlab.cli import main\n"
        "main(['serve', '--no-browser'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "python -m pip install 'streamlab-core[server]'" in done.stderr


def test_the_command_is_free_of_the_server_until_it_serves(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from streamlab.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print(sorted({'fastapi', 'uvicorn', 'starlette', 'websockets'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
