"""Broken graphs as a user meets them: each message says where, what and what would help, with exit code 2."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from command import level_graph, node, streamlab, write_graph

GEN = '{"id": "gen", "type": "SineGenerator"}'
AMP = '{"id": "amp", "type": "Gain"}'

BROKEN = {
    "not JSON": (
        '{"nodes": [\n  {"id": "gen" "type": "SineGenerator"}\n]}',
        ["not JSON: Expecting ',' delimiter at line 2, column 16", "expected  a JSON document"],
    ),
    "a type misspelt": (
        '{"nodes": [{"id": "gen", "type": "SinGenerator"}]}',
        ["/nodes/0/type  (node 'gen')", "unknown node type 'SinGenerator'", "did you mean 'SineGenerator'?"],
    ),
    "a parameter misspelt": (
        '{"nodes": [{"id": "gen", "type": "SineGenerator", "config": {"frequncy": 50}}]}',
        ["/nodes/0/config/frequncy", "unknown parameter 'frequncy'", "did you mean 'frequency'?"],
    ),
    "a number as text": (
        '{"nodes": [{"id": "amp", "type": "Gain", "config": {"gain": "2"}}]}',
        ["/nodes/0/config/gain", "wrong type", "expected  a number", "found     '2' (str)"],
    ),
    "out of range": (
        '{"nodes": [{"id": "gen", "type": "SineGenerator", "config": {"sample_rate": -1}}]}',
        ["/nodes/0/config/sample_rate", "out of range", "> 0", "found     -1"],
    ),
    "above half the sample rate": (
        '{"nodes": [{"id": "gen", "type": "SineGenerator", "config": {"frequency": 30000}}]}',
        ["/nodes/0/config/frequency", "above half the sample rate", "at most 24000 Hz", "30000 Hz"],
    ),
    "an edge to nowhere": (
        f'{{"nodes": [{GEN}, {AMP}], "connections": [{{"from": "gen", "to": "apm"}}]}}',
        ["/connections/0/to", "apm", "did you mean 'amp'?"],
    ),
    "a cycle": (
        '{"nodes": [{"id": "a", "type": "Gain"}, {"id": "b", "type": "Gain"}],'
        ' "connections": [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}]}',
        ["cycle", "a -> b -> a"],
    ),
    "the same id twice": (
        f'{{"nodes": [{GEN}, {GEN}]}}',
        ["/nodes/1/id", "duplicate id 'gen'", "/nodes/0 has it already"],
    ),
    "a key twice": (
        '{"nodes": [{"id": "gen", "type": "SineGenerator", "config": {"amplitude": 1, "amplitude": 2}}]}',
        ["/nodes/0/config/amplitude", "duplicate key 'amplitude'"],
    ),
    "capacity 0": (
        f'{{"pipeline_config": {{"channel_capacity": 0}}, "nodes": [{GEN}]}}',
        ["/pipeline_config/channel_capacity", "found     0"],
    ),
    "a later version": (f'{{"version": 2, "nodes": [{GEN}]}}', ["/version", "found     2"]),
    "no nodes": ('{"nodes": []}', ["/nodes"]),
    "a list": ("[1, 2]", ["a graph is an object", "found     list"]),
    "nothing in the file": ("", ["not JSON", "line 1, column 1"]),
    "an input left open": (
        '{"nodes": [{"id": "t", "type": "Clock"}, {"id": "g", "type": "SineGenerator"},'
        ' {"id": "m", "type": "Mix"}],'
        ' "connections": [{"from": "t", "to": "g"}, {"from": "g", "to": "m.a"}]}',
        ["/nodes/2  (node 'm')", "input 'b' of 'm' (Mix) is not connected"],
    ),
}


@pytest.mark.contract("G1", "G2")
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_graph_is_one_readable_block(tmp_path: Path, what: str) -> None:
    text, words = BROKEN[what]
    path = tmp_path / "broken.json"
    path.write_text(text)
    done = streamlab("validate", path)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    head, *_ = done.stderr.splitlines()
    assert head.startswith("error: ")
    assert "problem" in head
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1


@pytest.mark.contract("G2")
def test_what_is_wrong_with_a_file_as_a_whole_has_no_pointer(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"nodes": [}')
    first, second, *_ = streamlab("validate", path).stderr.splitlines()
    assert first == f"error: {path}: 1 problem"
    assert second == "  not JSON: Expecting value at line 1, column 12"


def test_all_problems_of_all_files_are_shown(tmp_path: Path) -> None:
    several = {
        "nodes": [
            {"id": "gen", "type": "SinGenerator"},
            {"id": "amp", "type": "Gain", "config": {"gian": 1, "gain": "x"}},
        ],
        "connections": [{"from": "gen", "to": "amp"}, {"from": "amp", "to": "out"}],
    }
    (tmp_path / "several.json").write_text(json.dumps(several))
    good = level_graph(tmp_path / "good.json")
    done = streamlab("validate", tmp_path / "several.json", good, tmp_path / "absent.json")
    assert done.returncode == 2
    assert done.stdout == f"ok  {good}: 4 nodes, 3 connections\n"
    for place in ("/nodes/0/type", "/nodes/1/config/gian", "/nodes/1/config/gain", "/connections/1/to"):
        assert place in done.stderr
    assert f"{tmp_path / 'absent.json'}: no such graph file" in done.stderr


@pytest.mark.parametrize("command", ["run", "plan", "validate"])
def test_a_file_that_is_no_graph_is_refused_by_every_command(tmp_path: Path, command: str) -> None:
    (tmp_path / "noise.json").write_bytes(bytes(range(128, 256)))
    for path, words in (
        (tmp_path / "noise.json", "is not UTF-8 text"),
        (tmp_path, "is a folder"),
        (tmp_path / "absent.json", "no such graph file"),
    ):
        done = streamlab(command, path)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert str(path) in done.stderr


def test_nothing_is_opened_or_written_by_a_refused_graph(tmp_path: Path) -> None:
    nodes = [node("gen", "SineGenerator"), node("w", "CsvWriter", path="t.csv"), node("x", "Gian")]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "w"))
    assert streamlab("run", graph, "--triggers", 1, "--out", tmp_path / "out").returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.json"]


def test_an_output_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    nodes = [node("gen", "SineGenerator"), node("w", "CsvWriter", path="../t.csv")]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "w"))
    done = streamlab("run", graph, "--triggers", 1, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "/nodes/1/config/path" in done.stderr
    assert "outside the output folder" in done.stderr
    assert not (tmp_path / "t.csv").exists()


def test_an_out_that_is_a_file_is_refused(tmp_path: Path) -> None:
    graph = level_graph(tmp_path / "g.json")
    done = streamlab("run", graph, "--out", graph)
    assert done.returncode == 2
    assert "the folder cannot be made" in done.stderr


def test_what_opened_sources_show_to_be_wrong_is_said_before_the_first_sample(tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    soundfile.write(tmp_path / "take.wav", np.zeros(480), 48000)
    nodes = [
        node("mic", "WavFile", path="take.wav", unit="Pa"),
        node("level", "Level", reference="1 V"),
        node("table", "CsvWriter", path="t.csv"),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("mic", "level"), ("level", "table"))
    done = streamlab("run", graph, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "/nodes/1/config/reference" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


# ------------------------------------------------------------------------------- disks that are full


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["nodes"], ["schema"], ["--version"], ["demo"]])
def test_a_full_disk_behind_stdout_is_said_in_one_line(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        from command import COMMAND, environment

        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=50,
        )
    assert done.returncode == 3
    assert done.stderr == "error: the output cannot be written: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_behind_an_output_file_names_it() -> None:
    done = streamlab("schema", "-o", "/dev/full")
    assert done.returncode == 3
    assert "/dev/full: cannot be written: No space left on device" in done.stderr


@pytest.mark.contract("N10")
def test_a_disk_that_fills_up_leaves_what_was_written_marked_incomplete(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits of a process are POSIX")
    nodes = [node("gen", "SineGenerator", frame_size=64), node("table", "CsvWriter", path="t.csv")]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "table"))
    limit = 20_000

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = streamlab("run", graph, "--triggers", 100, "--out", tmp_path / "out", preexec_fn=fill)
    assert done.returncode == 3
    (left,) = (tmp_path / "out").iterdir()
    assert left.name == "t.incomplete.csv"
    assert str(left) in done.stderr
    assert "node 'table'" in done.stderr
    lines = left.read_text().splitlines()
    assert len(lines) > 100
    assert (len(lines) - 1) % 64 == 0  # whole frames, then nothing
