"""``streamlab run --report --plots``: what it writes, what it says, its exit codes."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from command import environment, level_graph, node, start, streamlab, write_graph
from html_page import Element, read_page, values_of


def outcome(page: Element) -> str:
    return page.one("div", id="verdict").attributes["data-outcome"]


def test_the_command_writes_the_page_and_the_plots_and_says_where(tmp_path: Path) -> None:
    graph, page, plots = level_graph(tmp_path / "g.json"), tmp_path / "out.html", tmp_path / "plots"
    done = streamlab("run", graph, "--set", "tone.unit=Pa", "--report", page, "--plots", plots)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"      {page}\n      {plots} (2 plots as PNG and SVG)\n" in done.stdout
    assert sorted(path.name for path in plots.iterdir()) == [
        "graph.svg", "level-time.png", "level-time.svg", "tone-time.png", "tone-time.svg"
    ]  # fmt: skip
    found = read_page(page)
    assert outcome(found) == "PASS"
    assert values_of(found, "level")["RMS", "main_channel"] == pytest.approx(0.5**0.5, abs=1e-9)
    files = {row[0].text: row[1].text for row in found.one("table", data_table="files").rows()[1:]}
    assert files == {"graph": str(graph)}
    tone = next(
        card for card in found.every("section", class_="card") if card.one("h3").text.startswith("tone")
    )
    assert re.search(r"● unit ?Pa", tone.text)  # as it was run, not as the file has it


@pytest.mark.contract("W40")
def test_the_page_has_the_numbers_of_the_document(tmp_path: Path) -> None:
    graph = level_graph(tmp_path / "g.json", upper=0.7)
    done = streamlab("run", graph, "--json", "--report", tmp_path / "out.html")
    assert done.returncode == 1
    document, page = json.loads(done.stdout), read_page(tmp_path / "out.html")
    row = document["results"]["level"]["main_channel"]
    assert values_of(page, "level") == {
        (what, "main_channel"): value for what, value in row.items() if what != "units"
    }
    assert outcome(page) == document["verdict"] == "FAIL"


@pytest.mark.contract("W49")
@pytest.mark.parametrize("missing", ["matplotlib", "jinja2"])
def test_without_the_libraries_it_says_so_before_anything_runs(tmp_path: Path, missing: str) -> None:
    nodes = [
        node("clock", "Clock", frames=1),
        node("tone", "SineGenerator"),
        node("t", "CsvWriter", path="t.csv"),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("clock", "tone"), ("tone", "t"))
    script = f"import sys; sys.modules[{missing!r}] = None; from streamlab.cli import main; main({{}})"
    arguments = ["run", str(graph), "--out", str(tmp_path / "o"), "--report", str(tmp_path / "out.html")]
    done = subprocess.run(
        [sys.executable, "-c", script.format(arguments)], capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 2
    assert missing in done.stderr
    assert "pip install 'streamlab-core[plot]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.json"]


@pytest.mark.parametrize("place", ["missing/out.html", "."])
def test_a_page_that_cannot_be_written_is_refused_before_anything_runs(tmp_path: Path, place: str) -> None:
    done = streamlab("run", level_graph(tmp_path / "g.json"), "--report", tmp_path / place)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert "done after" not in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.contract("W42")
def test_a_call_that_never_ran_leaves_no_older_page_behind(tmp_path: Path) -> None:
    graph, page = level_graph(tmp_path / "g.json"), tmp_path / "out.html"
    assert streamlab("run", graph, "--report", page).returncode == 0
    older = page.read_bytes()
    assert outcome(read_page(page)) == "PASS"
    for wrong in (["--set", "judge.upper=text"], ["--triggers", "3"]):
        page.write_bytes(older)
        assert streamlab("run", graph, "--report", page, *wrong).returncode == 2
        assert outcome(read_page(page)) == "NOT_RUN", wrong
    assert streamlab("run", tmp_path / "missing.json", "--report", page).returncode == 2
    assert "no such graph file" in read_page(page).text


@pytest.mark.contract("W42", "L7")
@pytest.mark.parametrize(("signals", "word"), [(1, "PASS"), (2, "INVALID")])
def test_ctrl_c_still_gives_a_report(tmp_path: Path, signals: int, word: str) -> None:
    """The first drains: what was judged counts. The second cuts off: nothing has passed."""
    (tmp_path / "stuck.py").write_text(
        "import asyncio, sys\nfrom streamlab.core import ProcessingNode\n"
        "class Stuck(ProcessingNode):\n"
        "    async def process(self, frame):\n"
        "        print('here', file=sys.stderr, flush=True)\n"
        f"        await asyncio.sleep({0.01 if signals == 1 else 1000})\n        return frame\n"
    )
    nodes = [
        node("clock", "Clock", rate=50.0, realtime=True),
        node("tone", "SineGenerator", frame_size=960),
        node("stuck", "Stuck"),
        node("judge", "Limit", value="main_channel", upper=2.0),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("clock", "tone"), ("tone", "stuck"), ("stuck", "judge"))
    page = tmp_path / "out.html"
    process = start("run", graph, "--nodes", tmp_path / "stuck.py", "--report", page)
    assert process.stderr is not None
    assert "here" in process.stderr.readline()
    assert outcome(read_page(page)) == "NOT_RUN"  # it has not ended
    for _ in range(signals):
        process.send_signal(signal.SIGINT)
        if signals > 1:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
            signals = 1  # once more
    process.communicate(timeout=40)
    assert process.returncode == 130
    assert outcome(read_page(page)) == word
