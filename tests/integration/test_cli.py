"""The command in processes of its own: answers, results, exit codes, JSON, changes by --set."""

import json
import math
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import streamlab as package
from command import environment, level_graph, node, streamlab, write_graph

HUM = [
    node("gen", "SineGenerator", frequency=440.0),
    node("amp", "Gain", gain=2.5),
    node("out", "Print", label="Output"),
]
HUM_EDGES = (("gen", "amp"), ("amp", "out"))

# ------------------------------------------------------------------------------------------- answers at once


def test_version_is_that_of_the_package_and_comes_without_the_machinery() -> None:
    best = 1e9
    for _ in range(3):
        began = time.perf_counter()
        done = streamlab("--version")
        best = min(best, time.perf_counter() - began)
        assert (done.returncode, done.stdout) == (0, f"streamlab {package.__version__}\n")
    assert best < 0.3, f"{best * 1000:.0f} ms; the goal is 150 ms, twice that fails"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["demo", "--help"]])
def test_help_loads_neither_numpy_nor_scipy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom streamlab.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'numpy', 'scipy', 'soundfile', 'matplotlib', 'asyncio'} & set(sys.modules)\n"
        "sys.stderr.write(f'heavy: {sorted(heavy)}')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment())
    assert done.stderr == "heavy: []"


def test_help_names_every_command_and_the_exit_codes() -> None:
    text = streamlab("--help").stdout
    for word in ("run", "validate", "plan", "nodes", "schema", "demo", "bench", "new"):
        assert re.search(rf"^│ {word}\s", text, re.MULTILINE), word
    assert "130" in text
    assert "143" in text


def test_an_unknown_command_is_refused_with_a_suggestion() -> None:
    done = streamlab("rum")
    assert done.returncode == 2
    assert "Did you mean" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------------------------------------- run


def test_a_graph_runs_and_its_numbers_are_right(tmp_path: Path) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json"), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["state"] == "stopped"
    assert report["reason"] == "completed"
    assert report["verdict"] == "PASS"
    assert report["exit_code"] == 0
    assert report["seconds"] == pytest.approx(0.2)
    row = report["results"]["level"]["main_channel"]
    assert row["RMS"] == pytest.approx(math.sqrt(0.5), abs=1e-9)  # 20 whole periods of the sine per frame
    assert row["peak"] == pytest.approx(1.0, abs=1e-9)
    assert row["Leq"] == pytest.approx(10 * math.log10(0.5), abs=1e-9)
    assert report["frames_in"] == 10
    assert report["nodes"]["tone"]["frames_out"] == 10
    assert report["edges"]["clock -> tone"]["frames_in"] == 10
    assert report["errors"] == []


def test_the_table_has_values_units_and_the_verdict(tmp_path: Path) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json"), "--set", "tone.unit=Pa")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"main_channel\.RMS +0\.707107 +Pa", done.stdout)
    leq = 20 * math.log10(math.sqrt(0.5) / 20e-6)
    assert re.search(rf"main_channel\.Leq +{leq:.4f} +dB re 20 uPa", done.stdout)
    assert re.search(r"^PASS +judge: main_channel\.RMS = 0\.707107 Pa", done.stdout, re.MULTILINE)
    assert re.search(r"^done after .* 0\.2 s of signal: 10 frames in", done.stdout, re.MULTILINE)
    assert "\x1b" not in done.stdout


def test_a_verdict_that_is_not_pass_is_exit_code_1(tmp_path: Path) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json", upper=0.7))
    assert done.returncode == 1
    assert re.search(r"^FAIL +judge: .* is above 0\.7", done.stdout, re.MULTILINE)
    assert done.stderr == ""


def test_triggers_are_given_and_have_the_time_of_their_frames(tmp_path: Path) -> None:
    done = streamlab("run", write_graph(tmp_path / "g.json", HUM, *HUM_EDGES), "--triggers", 3)
    assert done.returncode == 0
    heads = re.findall(r"^\[Output\] Frame #(\d) @ (\d+)μs$", done.stdout, re.MULTILINE)
    assert heads == [("0", "0"), ("1", "21333"), ("2", "42666")]  # 1024 samples at 48 kHz apart
    assert "3 frames in, 3 out" in done.stdout


def test_a_graph_that_waits_for_triggers_is_refused_without_them(tmp_path: Path) -> None:
    done = streamlab("run", write_graph(tmp_path / "g.json", HUM, *HUM_EDGES))
    assert done.returncode == 2
    assert "only waits for triggers (at 'gen')" in done.stderr
    assert "--triggers" in done.stderr
    assert done.stdout == ""


def test_triggers_for_a_graph_that_takes_none_are_refused(tmp_path: Path) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json"), "--triggers", 3)
    assert done.returncode == 2
    assert "nothing in the graph waits for triggers" in done.stderr


def test_duration_counts_seconds_of_signal(tmp_path: Path) -> None:
    endless = level_graph(tmp_path / "g.json", frames=None)
    report = json.loads(streamlab("run", endless, "--duration", 0.5, "--json").stdout)
    assert report["seconds"] == 0.5
    assert report["frames_in"] == 25


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf"])
def test_a_duration_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json"), "--duration", text)
    assert done.returncode == 2
    assert "--duration" in done.stderr
    assert "Traceback" not in done.stderr


def test_outputs_go_under_out_which_is_made(tmp_path: Path) -> None:
    nodes = [
        node("clock", "Clock", rate=50.0, frames=2),
        node("tone", "SineGenerator", frame_size=4),
        node("table", "CsvWriter", path="t.csv"),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("clock", "tone"), ("tone", "table"))
    out = tmp_path / "deep" / "er"
    done = streamlab("run", graph, "--out", out)
    assert done.returncode == 0, done.stderr
    assert len((out / "t.csv").read_text().splitlines()) == 1 + 8
    assert str(out / "t.csv") in done.stdout
    again = streamlab("run", graph, "--out", out)
    assert again.returncode == 3
    assert "exists already" in again.stderr
    assert "overwrite" in again.stderr


def test_a_failing_node_is_exit_code_3_with_one_block(tmp_path: Path) -> None:
    graph = write_graph(tmp_path / "g.json", [node("mic", "WavFile", path="not-there.wav")])
    done = streamlab("run", graph)
    assert done.returncode == 3
    assert done.stderr.startswith("error: node 'mic': ")
    assert str(tmp_path / "not-there.wav") in done.stderr
    assert "hint" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback (most recent call last)" in streamlab("run", graph, "--traceback").stderr


def test_json_is_one_document_also_when_nodes_print_and_when_it_fails(tmp_path: Path) -> None:
    hum = write_graph(tmp_path / "hum.json", HUM, *HUM_EDGES)
    done = streamlab("run", hum, "--triggers", 2, "--json")
    assert json.loads(done.stdout)["frames_out"] == 2
    assert done.stderr.count("[Output] Frame") == 2
    for wrong, code in (("{", 2), ('{"nodes": [{"id": "a", "type": "Gian"}]}', 2)):
        (tmp_path / "wrong.json").write_text(wrong)
        done = streamlab("run", tmp_path / "wrong.json", "--json")
        document = json.loads(done.stdout)
        assert (done.returncode, document["exit_code"], document["reason"]) == (code, code, "refused")
        assert document["errors"][0]["problems"]
        assert done.stderr.startswith("error: ")
    graph = write_graph(tmp_path / "g.json", [node("mic", "WavFile", path="not-there.wav")])
    failed = json.loads(streamlab("run", graph, "--json").stdout)
    assert (failed["exit_code"], failed["errors"][0]["node"]) == (3, "mic")


def test_json_has_no_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    silent = level_graph(tmp_path / "g.json")
    done = streamlab("run", silent, "--set", "tone.amplitude=0", "--json")

    def refuse(name: str) -> None:
        raise AssertionError(name)

    row = json.loads(done.stdout, parse_constant=refuse)["results"]["level"]["main_channel"]
    assert (row["RMS"], row["Leq"], row["crest"]) == (0.0, None, None)


def test_collected_frames_are_in_the_document(tmp_path: Path) -> None:
    nodes = [
        node("gen", "SineGenerator", frequency=1.0, sample_rate=8.0, frame_size=4),
        node("keep", "Collect"),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "keep"))
    report = json.loads(streamlab("run", graph, "--triggers", 2, "--json").stdout)
    first, second = report["results"]["keep"]
    assert first["samples"] == [pytest.approx([0, math.sqrt(0.5), 1, math.sqrt(0.5)], abs=1e-12)]
    assert (second["sequence_id"], second["start_sample"], second["sample_rate"]) == (1, 4, 8.0)


def test_a_graph_from_stdin(tmp_path: Path) -> None:
    text = level_graph(tmp_path / "g.json").read_text()
    done = streamlab("run", "-", "--json", input=text)
    assert json.loads(done.stdout)["verdict"] == "PASS"
    assert streamlab("run", "-", input="nonsense").returncode == 2


# -------------------------------------------------------------------------------------------------- --set


def test_set_changes_parameters(tmp_path: Path) -> None:
    done = streamlab(
        "run", level_graph(tmp_path / "g.json"), "--json",
        "--set", "tone.amplitude=2", "--set", "level.metrics=[\"peak\", \"RMS\"]", "--set", "judge.upper=2",
    )  # fmt: skip
    row = json.loads(done.stdout)["results"]["level"]["main_channel"]
    assert row["peak"] == pytest.approx(2.0, abs=1e-9)
    assert set(row["units"]) == {"peak", "RMS"}


def test_set_takes_text_where_text_is_wanted(tmp_path: Path) -> None:
    graph = write_graph(tmp_path / "g.json", HUM, *HUM_EDGES)
    done = streamlab("run", graph, "--triggers", 1, "--set", "out.label=42")
    assert "[42] Frame #0" in done.stdout
    assert "[hello, world] Frame #0" in streamlab(
        "run", graph, "--triggers", 1, "--set", "out.label=hello, world"
    ).stdout  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("tone.amplitdue=2", ["no parameter 'amplitdue'", "did you mean 'amplitude'?"]),
        ("tune.amplitude=2", ["no node 'tune'", "did you mean 'tone'?"]),
        ("tone=2", ["is not node.param=value"]),
        ("tone.amplitude", ["is not node.param=value"]),
        ("tone.amplitude=loud", ["/nodes/1/config/amplitude", "wrong type", "'loud'"]),
        ("tone.amplitude=-1", ["/nodes/1/config/amplitude", "out of range"]),
        ("tone.amplitude=NaN", ["/nodes/1/config/amplitude", "wrong type"]),
    ],
)
def test_a_wrong_set_is_refused(tmp_path: Path, setting: str, words: list[str]) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json"), "--set", setting)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_path_in_set_is_found_from_where_it_was_typed(tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    soundfile.write(here / "take.wav", np.full(480, 0.25), 48000, subtype="FLOAT")
    nodes = [node("mic", "WavFile", path="other.wav"), node("level", "Statistics")]
    graph = write_graph(there / "g.json", nodes, ("mic", "level"))
    done = streamlab("run", graph, "--set", "mic.path=take.wav", "--json", cwd=here)
    assert json.loads(done.stdout)["results"]["level"]["ch1"] == {"mean": 0.25, "RMS": 0.25, "count": 480}


# ------------------------------------------------------------------------- validate, plan, nodes, schema


def test_plan_shows_segments_edges_and_bounds(tmp_path: Path) -> None:
    graph = level_graph(tmp_path / "g.json")
    document = json.loads(streamlab("plan", graph, "--json").stdout)
    assert [segment["nodes"] for segment in document["segments"]] == [["clock"], ["tone", "level", "judge"]]
    assert document["edges"] == [
        {"id": "clock -> tone", "from": "clock", "to": "tone", "capacity": 10, "policy": "block"}
    ]
    assert document["max_in_flight"] == 10
    text = streamlab("plan", graph).stdout
    assert "tone + level + judge" in text
    assert "at most 10 frames in flight" in text


def test_nodes_lists_the_catalogue_and_describes_one() -> None:
    from streamlab.core.catalogue import BUILT_IN

    listed = json.loads(streamlab("nodes", "--json").stdout)
    assert [entry["type"] for entry in listed] == list(BUILT_IN)
    text = streamlab("nodes").stdout
    assert all(re.search(rf"^ *{name} ", text, re.MULTILINE) for name in BUILT_IN)
    one = streamlab("nodes", "Level").stdout
    assert re.search(r"interval +a number > 0 and <= 1e\+?0?6 s +1\.0 +Length of an interval", one)
    gain = json.loads(streamlab("nodes", "Gain", "--json").stdout)
    assert gain["kind"] == "sample-wise"
    assert gain["parameters"]["properties"]["gain"]["x-live"] is True


def test_an_unknown_node_type_is_refused_with_a_suggestion() -> None:
    done = streamlab("nodes", "Gian")
    assert done.returncode == 2
    assert "did you mean 'Gain'?" in done.stderr


def test_the_schema_takes_the_examples_and_refuses_nonsense(tmp_path: Path, repository: Path) -> None:
    done = streamlab("schema", "-o", tmp_path / "schema.json")
    assert done.returncode == 0
    schema = json.loads((tmp_path / "schema.json").read_text())
    assert schema == json.loads(streamlab("schema").stdout)
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    for path in sorted((repository / "examples").glob("*.json")):
        check.validate(json.loads(path.read_text()))
    assert not check.is_valid({"nodes": [{"id": "a", "type": "Gain", "config": {"gian": 1}}]})


# ------------------------------------------------------------------------------------------------ --nodes


def test_a_node_file_of_the_user_is_used(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from streamlab.core import DataFrame, ProcessingNode, param\n\n\n"
        "class Twice(ProcessingNode):\n"
        '    """Double."""\n\n'
        '    more: float = param(default=0.0, doc="Added", unit="1", ge=0, le=9)\n\n'
        "    def process(self, frame: DataFrame) -> DataFrame:\n"
        "        return frame.with_samples(2 * frame.samples + self.more)\n"
    )
    nodes = [
        node("gen", "SineGenerator", frame_size=4),
        node("x", "Twice", more=1.0),
        node("s", "Statistics"),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "x"), ("x", "s"))
    done = streamlab(
        "run", graph, "--triggers", 1, "--set", "gen.amplitude=0", "--nodes", tmp_path / "mine.py", "--json"
    )
    assert json.loads(done.stdout)["results"]["s"]["main_channel"]["mean"] == 1.0
    assert streamlab("validate", graph, "--nodes", tmp_path / "mine.py").returncode == 0
    assert "Twice" in streamlab("validate", graph).stderr
    assert "Added" in streamlab("nodes", "Twice", "--nodes", tmp_path / "mine.py").stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\nclass Broken(:\n", ":2: SyntaxError"),
        ("x = 1\n\n1 / 0\n", ":3: ZeroDivisionError"),
        ("import no_such_module_at_all\n", ":1: ModuleNotFoundError"),
        ("x = 1\n", "defines no node type"),
        (
            "from streamlab.core import ProcessingNode as P\nclass Gain(P):\n    def process(self, f): ...\n",
            "built-in",
        ),
    ],
)
def test_a_wrong_node_file_says_where(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    done = streamlab("nodes", "--nodes", tmp_path / "mine.py")
    assert done.returncode == 2
    assert words in done.stderr
    assert "mine.py" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_graph_file_never_makes_code_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('code from the graph ran')\n")
    for kind in ("evil", "evil:Node", "evil.Node", "./evil.py"):
        graph = write_graph(tmp_path / "g.json", [node("a", kind)])
        done = streamlab("run", graph, cwd=tmp_path)
        assert done.returncode == 2
        assert "unknown node type" in done.stderr


# ----------------------------------------------------------------------------------------------- new node


def test_a_new_node_works_as_it_is(tmp_path: Path) -> None:
    done = streamlab("new", "node", "PeakHold", "--dir", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert names == ["peak_hold.py", "test_peak_hold.py"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--doctest-modules",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
    ]
    tested = subprocess.run([*command, str(tmp_path / "mine")], capture_output=True, text=True, cwd=tmp_path)
    assert tested.returncode == 0, tested.stdout
    assert "4 passed" in tested.stdout
    before = (tmp_path / "mine" / "peak_hold.py").read_text()
    again = streamlab("new", "node", "PeakHold", "--dir", tmp_path / "mine")
    assert again.returncode == 2
    assert "there already" in again.stderr
    assert (tmp_path / "mine" / "peak_hold.py").read_text() == before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("peak-hold", "did you mean 'PeakHold'?"),
        ("Gain", "exists already"),
        ("gain", "letters"),
        ("9", "letters"),
    ],
)
def test_a_name_that_cannot_be_a_type_is_refused(tmp_path: Path, name: str, hint: str) -> None:
    done = streamlab("new", "node", name, "--dir", tmp_path)
    assert done.returncode == 2
    assert hint in done.stderr
    assert list(tmp_path.iterdir()) == []
