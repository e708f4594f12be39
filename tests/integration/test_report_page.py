"""The page of a run: its numbers are the run's, its text is text, and a failure never looks like a pass."""

import asyncio
import csv
import hashlib
import json
import math
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import streamlab
import streamlab.report
from fonts import open_fonts
from html_page import Element, read_page, values_of
from streamlab import AsyncPipeline, DataFrame, Graph, ProcessingNode
from streamlab.core import ChannelInfo, StreamInfo, Verdict, param
from streamlab.core.node import Source
from streamlab.core.registry import register
from streamlab.errors import GraphError, NodeError, ParamError
from streamlab.report import Recorder, report_text, write_report
from streamlab.testing import virtual_time
from streamlab.testing.nodes import registered


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    open_fonts()


def headline(page: Element) -> tuple[str, str]:
    """The outcome at the top, as data and as it is read."""
    box = page.one("div", id="verdict")
    (chip,) = [span for span in box.every("span") if "verdict" in span.attributes.get("class", "").split()]
    return box.attributes["data-outcome"], chip.text


def verdicts(page: Element) -> dict[str, str]:
    """The outcome of each node in the table of verdicts."""
    table = page.one("table", data_table="verdicts")
    rows = [row for row in table.every("tr") if "data-node" in row.attributes]
    chips = [
        next(span for span in row.every("span") if "verdict" in span.attributes["class"]) for row in rows
    ]
    return {row.attributes["data-node"]: chip.text.split()[-1] for row, chip in zip(rows, chips, strict=True)}


def survey(folder: Path, seconds: float = 3.0, rate: int = 48000) -> Graph:
    """Pink enough noise with a tone through sound level, bands and limits."""
    time = np.arange(round(seconds * rate)) / rate
    noise = 0.02 * np.random.default_rng(7).standard_normal(len(time))
    soundfile.write(folder / "take.wav", noise + 0.2 * np.sin(2 * np.pi * 1000 * time), rate, subtype="FLOAT")
    graph = Graph("survey").add(
        "mic", "WavFile", path=str(folder / "take.wav"), unit="Pa", frame_size=4800, channels=["mic"]
    )
    graph.add("level", "SoundLevel", interval=0.25, levels=["LAeq", "LAFmax"])
    graph.add("bands", "OctaveBands", interval=0.25, low=100.0, high=5000.0)
    graph.add("limit", "Limit", value="LAeq", upper=90.0)
    graph.add("table", "CsvWriter", path="levels.csv", if_exists="overwrite")
    graph.connect("mic", "level").connect("mic", "bands")
    return graph.connect("level", "limit").connect("level", "table")


# ------------------------------------------------------------------------------------- W40: the run's numbers


@pytest.mark.contract("W40")
def test_every_number_is_the_one_of_the_run_to_the_last_digit(tmp_path: Path) -> None:
    report = streamlab.report.run(survey(tmp_path), tmp_path / "out.html", outputs=tmp_path)
    page = read_page(tmp_path / "out.html")
    for node in ("level", "bands"):
        row = report.results[node]["mic"]
        expected = {(what, "mic"): value for what, value in row.items() if isinstance(value, float | int)}
        assert values_of(page, node) == expected
        assert len(expected) >= 4
    assert values_of(page, "table")["bytes", "value"] == (tmp_path / "levels.csv").stat().st_size
    level = page.one("section", data_node="level")
    line = next(row for row in level.one("table").rows() if row[0].text == "LAeq")
    assert [cell.text for cell in line] == [
        "LAeq", f"{report.results['level']['mic']['LAeq']:.2f}", "dB re 20 µPa"
    ]  # fmt: skip
    verdict = report.results["limit"]
    row = next(page.one("table", data_table="verdicts").every("tr", data_node="limit"))
    found = [float(data.attributes["value"]) for data in row.every("data")]
    assert found == [verdict.value, verdict.margin, verdict.count]
    assert headline(page) == ("PASS", "✓ PASS")
    assert verdicts(page) == {"limit": "PASS"}


@pytest.mark.contract("W40")
def test_the_page_says_what_was_run_on_what(tmp_path: Path) -> None:
    graph = survey(tmp_path)
    graph.save(tmp_path / "survey.json")
    report = streamlab.report.run(tmp_path / "survey.json", tmp_path / "out.html", outputs=tmp_path)
    page = read_page(tmp_path / "out.html")
    environment = {row[0].text: row[1].text for row in page.one("table", data_table="environment").rows()}
    assert environment["NumPy"] == np.__version__
    assert environment["StreamLab"] == streamlab.__version__
    assert environment["SHA-256 of the graph"].split()[0] == graph.hash
    files = {row[0].text: row for row in page.one("table", data_table="files").rows()[1:]}
    assert set(files) == {"graph", "mic"}
    for name, file in (("graph", "survey.json"), ("mic", "take.wav")):
        data = (tmp_path / file).read_bytes()
        assert files[name][1].text == str(tmp_path / file)
        assert files[name][2].one("data").attributes["value"] == str(len(data))
        assert files[name][3].text == hashlib.sha256(data).hexdigest()
    counters = {row[0].text: row[1:] for row in page.one("table", data_table="counters").rows()[1:]}
    for name, metrics in report.nodes.items():
        numbers = [int(cell.one("data").attributes["value"]) for cell in counters[name][:5]]
        told = asdict(metrics)
        names = ("frames_in", "frames_out", "dropped", "failed", "undelivered")
        assert numbers == [told[what] for what in names]
    facts = {item.one("dt").text: item.one("dd") for item in page.one("dl").every("div")}
    assert float(facts["Signal"].one("data").attributes["value"]) == report.seconds == 3.0
    speed = float(facts["Speed"].one("data").attributes["value"])
    assert speed == pytest.approx(report.seconds / report.duration, rel=6e-3)
    assert json.loads(page.one("pre").text) == graph.document


@pytest.mark.contract("W40")
def test_parameters_have_units_and_those_that_were_set_are_marked(tmp_path: Path) -> None:
    streamlab.report.run(survey(tmp_path), tmp_path / "out.html", outputs=tmp_path)
    page = read_page(tmp_path / "out.html")
    cards = {card.one("h3").text.split()[0]: card for card in page.every("section", class_="card")}
    assert list(cards) == ["mic", "level", "bands", "limit", "table"]
    rows = {row.one("th").text.lstrip("● "): row for row in cards["bands"].one("tbody").every("tr")}
    told = {
        name: ([cell.text for cell in row.every("td")], row.attributes.get("class"))
        for name, row in rows.items()
    }
    assert told["interval"] == (["0.25 s", "default 1"], "changed")
    assert told["low"] == (["100 Hz", "default 20"], "changed")
    assert told["fraction"] == (["3", ""], None)
    assert told["reference"] == (["not set", ""], None)


@pytest.mark.contract("W40")
def test_a_result_of_many_channels_has_a_line_for_each(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(6)]
    graph = Graph("many").add("clock", "Clock", rate=10.0, frames=10)
    graph.add("tone", "SineGenerator", frame_size=480, sample_rate=4800.0, channels=names)
    graph.add("level", "Level", metrics=["RMS", "Leq"]).connect("clock", "tone").connect("tone", "level")
    report = streamlab.report.run(graph, tmp_path / "out.html")
    found = values_of(read_page(tmp_path / "out.html"), "level")
    assert found["c5", "RMS"] == report.results["level"]["c5"]["RMS"]
    assert found["c0", "Leq in dB re 1"] == report.results["level"]["c0"]["Leq"]
    assert found["c3", "duration in s"] == 1.0


@pytest.mark.contract("W40")
def test_what_was_changed_while_it_ran_is_said(tmp_path: Path) -> None:
    graph = Graph("tuned").add("tone", "SineGenerator", frame_size=480).add("amp", "Gain")
    pipeline = AsyncPipeline(graph.connect("tone", "amp"))
    recorder = Recorder(pipeline)

    async def main() -> None:
        async with pipeline:
            await pipeline.trigger(DataFrame(0, 0))
            await pipeline.update("amp", gain=3.0)
            with pytest.raises(ParamError):
                await pipeline.update("amp", gain="loud")
            await pipeline.update("tone", frequency=50.0)

    asyncio.run(main())
    write_report(recorder.document(), page=tmp_path / "out.html")
    _, *rows = read_page(tmp_path / "out.html").one("table", data_table="changes").rows()
    assert [[cell.text for cell in row][1:] for row in rows] == [
        ["amp.gain", "3"],
        ["tone.frequency", "50 Hz"],
    ]
    assert pipeline.report.changes == [(0.0, "amp", {"gain": 3.0}), (0.0, "tone", {"frequency": 50.0})]


# -------------------------------------------------------------------------------- W42: what did not end well


class Picky(ProcessingNode):
    """Passes frames on until one is too many."""

    most: int = param(default=5, doc="Frames that pass", unit="frames", ge=0)

    def process(self, frame: DataFrame) -> DataFrame:
        if frame.sequence_id >= self.most:
            raise ValueError("no more <b>of these</b>")
        return frame


def failing(most: int = 5) -> Graph:
    graph = (
        Graph("fails")
        .add("clock", "Clock", rate=50.0, frames=50)
        .add("tone", "SineGenerator", frame_size=960)
    )
    graph.add("picky", "Picky", most=most).add("limit", "Limit", value="main_channel", upper=2.0)
    return graph.connect("clock", "tone").connect("tone", "picky").connect("picky", "limit")


@pytest.fixture
def picky() -> Any:
    with registered():
        register("Picky", Picky)
        yield


@pytest.mark.contract("W42", "N10")
@pytest.mark.usefixtures("picky")
def test_a_failed_run_is_invalid_and_says_of_what(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="picky"):
        streamlab.report.run(failing(), tmp_path / "out.html", plots=tmp_path / "plots")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    page = read_page(text)
    assert headline(page) == ("INVALID", "⊘ INVALID")
    assert next(page.every("title")).text.startswith("INVALID")
    assert verdicts(page) == {"limit": "INVALID"}
    assert "The run failed before its end." in page.one("div", id="verdict").text
    (alarm,) = page.every("div", class_="alarm")
    assert "picky" in alarm.text
    assert "no more <b>of these</b>" in alarm.text
    assert ">PASS<" not in text
    assert (tmp_path / "plots" / "graph.svg").exists()


@pytest.mark.contract("W42")
@pytest.mark.usefixtures("picky")
def test_a_verdict_that_was_reached_before_a_failure_elsewhere_is_no_pass_of_the_run(tmp_path: Path) -> None:
    """A branch ends well and passes; then another one fails."""
    graph = Graph("two").add("quick", "Clock", rate=50.0, frames=2)
    graph.add("a", "SineGenerator", frame_size=960).add("limit", "Limit", value="main_channel", upper=2.0)
    graph.add("slow", "Clock", rate=50.0, frames=500).add("b", "SineGenerator", frame_size=960)
    graph.add("picky", "Picky", most=400).connect("quick", "a").connect("a", "limit")
    graph.connect("slow", "b").connect("b", "picky")
    with pytest.raises(NodeError):
        streamlab.report.run(graph, tmp_path / "out.html")
    page = read_page(tmp_path / "out.html")
    assert verdicts(page) == {"limit": "PASS"}
    assert headline(page)[0] == "INVALID"


@pytest.mark.contract("W42")
@virtual_time
async def test_a_run_that_was_cut_off_is_invalid() -> None:
    graph = Graph("endless").add("clock", "Clock", rate=50.0, realtime=True)
    graph.add("tone", "SineGenerator", frame_size=960).add("limit", "Limit", value="main_channel", upper=2.0)
    pipeline = AsyncPipeline(graph.connect("clock", "tone").connect("tone", "limit"))
    recorder = Recorder(pipeline)
    running = asyncio.create_task(pipeline.run())
    await asyncio.sleep(10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    document = recorder.document()
    found = document.headline()
    assert (str(found.outcome), found.words) == ("INVALID", "The run was cut off before its end.")
    (stream,) = document.streams
    assert stream.stretches[0].columns is not None
    assert 400 <= stream.frames <= 501


@pytest.mark.contract("W42")
@virtual_time
async def test_a_run_that_was_stopped_keeps_its_verdict_and_says_so() -> None:
    graph = Graph("endless").add("clock", "Clock", rate=50.0, realtime=True)
    graph.add("tone", "SineGenerator", frame_size=960).add("limit", "Limit", value="main_channel", upper=2.0)
    pipeline = AsyncPipeline(graph.connect("clock", "tone").connect("tone", "limit"))
    recorder = Recorder(pipeline)
    async with pipeline:
        await asyncio.sleep(10)
        report = await pipeline.stop()
    found = recorder.document(report).headline()
    assert (str(found.outcome), found.complete) == ("PASS", True)
    assert "stopped" in found.words
    (stream,) = recorder.document(report).streams
    assert stream.frames == report.nodes["tone"].frames_out


@pytest.mark.contract("W42")
def test_a_graph_that_is_refused_has_a_page_and_the_old_one_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    streamlab.report.run(survey(tmp_path), path, outputs=tmp_path)
    assert headline(read_page(path))[0] == "PASS"
    graph = survey(tmp_path).set("limit", uper=3.0)
    with pytest.raises(GraphError):
        streamlab.report.run(graph, path)
    page = read_page(path)
    assert headline(page) == ("NOT_RUN", "– NOT_RUN")
    assert "unknown parameter 'uper'" in page.text
    assert "did you mean 'upper'?" in page.text
    # What only shows when sources are open: nothing has run, so nothing passed.
    graph = survey(tmp_path).set("bands", low=30_000.0, high=40_000.0)
    with pytest.raises(GraphError):
        streamlab.report.run(graph, path, outputs=tmp_path)
    page = read_page(path)
    assert headline(page)[0] == "INVALID"
    assert "the sample rate allows none of these bands" in page.text


@pytest.mark.contract("W42")
def test_while_the_run_goes_on_the_page_says_that_it_has_not_ended(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    seen = []

    class Look(ProcessingNode):
        """Reads the page while the graph runs."""

        def process(self, frame: DataFrame) -> None:
            seen.append(path.read_text(encoding="utf-8"))

    with registered():
        register("Look", Look)
        graph = Graph("looks").add("gen", "SineGenerator").add("look", "Look").connect("gen", "look")
        streamlab.report.run(graph, path, triggers=[DataFrame(0, 0)])
    page = read_page(seen[0])
    assert headline(page)[0] == "NOT_RUN"
    assert "has not ended" in page.text
    assert headline(read_page(path)) == ("NONE", "– NO VERDICT")


# ------------------------------------------------------------------------------------- W43: text stays text

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'); alert(1); //",
    "</style><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "$\\frac{1}{$",
    "‮SSAP",
    "a\x00b\x1bc",
    "漢字 🎤 é",
    "]]> --> &lt;b&gt;",
]


class Named(Source):
    """Gives channels, units and quantities whatever names it is told."""

    words: list[str] = param(doc="What to call things")

    def frames(self) -> Any:
        words = self.words
        info = StreamInfo(
            [ChannelInfo(f"{one}.{at}", one, one, one) for at, one in enumerate(words)], 100, "time"
        )
        for number in range(10):
            samples = np.random.default_rng(number).standard_normal((len(words), 20))
            yield DataFrame.from_samples(samples, info, sequence_id=number, start_sample=20 * number)


@pytest.mark.contract("W43")
def test_names_in_a_graph_are_text_whatever_they_are(tmp_path: Path) -> None:
    with registered():
        register("Named", Named)
        graph = Graph("</title><script>alert('title')</script>")
        graph.document["metadata"] = {"about": "<img src=x onerror=alert(2)>"}
        for at, word in enumerate(HOSTILE):
            source, judge = f"{word} {at}", f"{word} judge {at}"
            graph.add(source, "Named", words=[word]).add(judge, "Limit", value=f"{word}.0", upper=0.5)
            graph.connect(source, judge)
        graph.add("half \ud800", "Named", words=["x"]).add("y", "Limit", value="x.0", upper=9.0)
        graph.connect("half \ud800", "y")
        report = streamlab.report.run(graph, tmp_path / "out.html", plots=tmp_path / "plots")
    text = (tmp_path / "out.html").read_bytes().decode("utf-8")
    page = read_page(text)
    tags = {element.tag for element in page.every()}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "form", "foreignobject"}
    for element in page.every():
        assert not [name for name in element.attributes if name.startswith("on")], element.attributes
        assert not element.attributes.get("href", "#").lower().startswith("javascript"), element.attributes
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    found = verdicts(page)
    assert len(found) == len(HOSTILE) + 1 == len(report.results)
    for at, word in enumerate(HOSTILE):
        if word.isprintable():
            assert found[f"{word} judge {at}"] == "FAIL"
            assert any(word in plot.text for plot in page.every("div", class_="plot")), word
    assert "{{ 7 * 7 }} {% raw %}" in page.text
    assert "could not be drawn" not in page.text
    names = [path.name for path in (tmp_path / "plots").iterdir()]
    assert len(names) == 1 + 2 * (len(HOSTILE) + 1)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.(png|svg)", name) for name in names)


# ------------------------------------------------------------------------------- W46: the run stays the same


@pytest.mark.contract("W46")
@pytest.mark.parametrize("executor", ["inline", "thread"])
def test_a_report_changes_nothing_in_the_run(tmp_path: Path, executor: str) -> None:
    graph = survey(tmp_path).configure(executor=executor)
    plain = streamlab.run(graph, outputs=tmp_path, collect=["level", "bands"])
    table = (tmp_path / "levels.csv").read_bytes()
    watched = streamlab.report.run(graph, tmp_path / "out.html", outputs=tmp_path, collect=["level", "bands"])
    assert (tmp_path / "levels.csv").read_bytes() == table
    assert watched.results == plain.results
    assert watched.outputs == plain.outputs
    for name, metrics in plain.nodes.items():
        one, other = (
            asdict(each) | {"timed": 0, "timed_seconds": 0} for each in (metrics, watched.nodes[name])
        )
        assert one == other, name
    assert watched.edges == plain.edges


@pytest.mark.contract("W46")
def test_what_fails_in_a_plot_does_not_fail_the_run(tmp_path: Path) -> None:
    """Numbers for which no axis can be drawn, and frames that are no curve of their axis."""

    class Odd(Source):
        """Gives what no plot can show."""

        def frames(self) -> Any:
            info = StreamInfo([ChannelInfo("x", "Pa")], 10, "frequency", [1.0, 2.0, 3.0])
            yield DataFrame.from_samples(np.ones((1, 3)), info, span=1)
            yield DataFrame.from_samples(np.ones((1, 2)), info, sequence_id=1, start_sample=1, span=1)

    with registered():
        register("Odd", Odd)
        report = streamlab.report.run(Graph("odd").add("odd", "Odd"), tmp_path / "out.html")
    assert report.reason == "completed"
    assert report.nodes["odd"].frames_out == 2
    assert "odd: ValueError" in read_page(tmp_path / "out.html").text


# ---------------------------------------------------------------------------- W44, W47: plots show the stream


@pytest.mark.contract("W44", "W40")
def test_the_bars_are_the_numbers_of_the_result_and_of_the_frames(tmp_path: Path) -> None:
    report = streamlab.report.run(
        survey(tmp_path), tmp_path / "out.html", outputs=tmp_path, collect=["bands"]
    )
    page = read_page(tmp_path / "out.html")
    (plot,) = page.every("figure", data_plot="bands-bands")
    head, *rows = plot.one("table", data_table="plot").rows()
    assert [cell.text for cell in head] == [
        "band in Hz", "mic, mean in dB re 20 µPa", "mic, highest in dB re 20 µPa"
    ]  # fmt: skip
    frames = report.outputs["bands"]
    settled = [frame.samples[0] for frame in frames if not {"settling", "partial"} & set(frame.metadata)]
    assert 0 < len(settled) < len(frames)
    highest = np.max(settled, axis=0)
    row = report.results["bands"]["mic"]
    labels = [cells[0].text for cells in rows]
    assert labels[:3] == ["100", "125", "160"]
    assert labels == [name for name in row if isinstance(row[name], float) and name != "duration"]
    for at, cells in enumerate(rows):
        mean, high = (float(cell.one("data").attributes["value"]) for cell in cells[1:])
        assert mean == row[cells[0].text]
        assert high == highest[at]
    assert [text.text for text in plot.every("text") if text.text == "1.25k"] == ["1.25k"]


@pytest.mark.contract("W47")
def test_limits_and_masks_are_in_the_plots_that_they_judge(tmp_path: Path) -> None:
    graph = survey(tmp_path).add("shape", "Mask", upper=[[100.0, 60.0], [1000.0, 95.0], [5000.0, 60.0]])
    graph.add("often", "NofM", value="LAFmax", upper=92.0, lower=20.0, n=3, m=5)
    graph.connect("bands", "shape").connect("level", "often")
    report = streamlab.report.run(graph, tmp_path / "out.html", outputs=tmp_path)
    page = read_page(tmp_path / "out.html")
    words = {
        figure.attributes["data-plot"]: {text.text for text in figure.one("svg").every("text")}
        for figure in page.every("figure")
    }
    limit, often, shape = (report.results[name].outcome for name in ("limit", "often", "shape"))
    assert {f"limit ≤ 90 dB ({limit})", f"often ≤ 92 dB ({often})", f"often ≥ 20 dB ({often})"} <= words[
        "level-time"
    ]
    assert f"shape upper limit ({shape})" in words["bands-bands"]
    assert words["mic-time"].isdisjoint({f"limit ≤ 90 dB ({limit})"})
    assert "dB re 20 µPa" in words["level-time"]
    assert "Leq in dB re 20 µPa" in words["bands-bands"]
    assert "value that decides" in words["bands-bands"]


class Torn(Source):
    """A signal of ones with 1000 samples missing in the middle and 500 at the end."""

    info = StreamInfo([ChannelInfo("x", "V")], 1000)

    def frames(self) -> Any:
        for number, start in enumerate((*range(0, 1000, 100), *range(2000, 3000, 100))):
            yield DataFrame.from_samples(
                np.ones((1, 100)), self.info, sequence_id=number, start_sample=start,
                gap=1000 if start == 2000 else 0,
            )  # fmt: skip


@pytest.mark.contract("W47")
def test_what_was_lost_is_a_hole_in_the_course_and_marked(tmp_path: Path) -> None:
    with registered():
        register("Torn", Torn)
        graph = Graph("torn").add("src", "Torn").add("limit", "Limit", value="x", upper=2.0)
        pipeline = AsyncPipeline(graph.connect("src", "limit"))
        recorder = Recorder(pipeline)
        asyncio.run(pipeline.run())
    document = recorder.document()
    columns = document.streams[0].stretches[0].columns
    edges = columns.edges()
    inside = (edges[:-1] >= 1000) & (edges[1:] <= 2000)
    assert np.isnan(columns.high[0, inside]).all()
    assert (columns.marks[inside] & 1).all()
    outside = (edges[1:] <= 1000) | (edges[:-1] >= 2000)
    assert (columns.high[0, outside] == 1.0).all()
    assert not (columns.marks[outside] & 1).any()
    page = read_page(report_text(document))
    assert "samples lost" in {text.text for text in page.every("text")}
    assert headline(page)[0] == "INVALID"


# ------------------------------------------------------------------------------------------- W49: the plots


@pytest.mark.contract("W49")
def test_each_plot_is_a_png_and_an_svg_document(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    graph = survey(tmp_path).add("image", "Spectrogram", size=1024, decibels=True)
    graph.add("curve", "Spectrum", averages=10).connect("mic", "image").connect("mic", "curve")
    streamlab.report.run(graph, tmp_path / "out.html", plots=tmp_path / "deep" / "plots", outputs=tmp_path)
    page = read_page(tmp_path / "out.html")
    names = {figure.attributes["data-plot"] for figure in page.every("figure")}
    assert names == {
        "mic-time", "level-time", "bands-bands", "image-spectrogram", "image-spectrum", "curve-spectrum"
    }  # fmt: skip
    folder = tmp_path / "deep" / "plots"
    assert {path.name for path in folder.iterdir()} == {"graph.svg"} | {
        f"{name}.{kind}" for name in names for kind in ("png", "svg")
    }
    for name in names:
        data = (folder / f"{name}.png").read_bytes()
        assert data.startswith(b"\x89PNG\r\n")
        assert int.from_bytes(data[16:20], "big") == 1500  # IHDR: the width
        assert ElementTree.parse(folder / f"{name}.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert ElementTree.parse(folder / "graph.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.contract("W44")
def test_curves_are_those_that_were_collected(tmp_path: Path) -> None:
    graph = survey(tmp_path).add("curve", "Spectrum", size=2048, averages=6).connect("mic", "curve")
    pipeline = AsyncPipeline(graph, outputs=tmp_path, collect=["curve"])
    recorder = Recorder(pipeline)
    report = asyncio.run(pipeline.run())
    (curves,) = [
        stretch.curves
        for stream in recorder.document().streams
        if stream.node == "curve"
        for stretch in stream.stretches
    ]
    frames = np.array([frame.samples for frame in report.outputs["curve"]])
    assert len(frames) > 10
    np.testing.assert_allclose(curves.mean(), np.sqrt((frames**2).mean(axis=0)), rtol=1e-12)
    np.testing.assert_array_equal(curves.high, frames.max(axis=0))
    np.testing.assert_array_equal(curves.low, frames.min(axis=0))
    np.testing.assert_array_equal(curves.last, frames[-1])


@pytest.mark.contract("W44")
def test_a_course_of_levels_is_the_table_that_was_written(tmp_path: Path) -> None:
    pipeline = AsyncPipeline(survey(tmp_path), outputs=tmp_path)
    recorder = Recorder(pipeline)
    asyncio.run(pipeline.run())
    document = recorder.document()
    (stretch,) = next(stream for stream in document.streams if stream.node == "level").stretches
    with (tmp_path / "levels.csv").open(encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    written = np.array([[float(value) for value in row] for row in rows])
    assert [name.split()[0] for name in head[1:]] == [channel.name for channel in stretch.channels]
    np.testing.assert_array_equal(stretch.columns.high, written[:, 1:].T)
    np.testing.assert_array_equal(stretch.columns.low, written[:, 1:].T)
    np.testing.assert_allclose(stretch.seconds(stretch.columns.edges()[:-1]), written[:, 0], rtol=1e-12)
    assert math.isclose(float(stretch.seconds(stretch.columns.edges()[-1:])[0]), 3.0)
    assert isinstance(document.verdicts["limit"], Verdict)
