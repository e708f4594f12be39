"""What the planner knows before anything runs: streams, capacities, delays, where files lie."""

from __future__ import annotations

import asyncio
import os
from itertools import pairwise

import pytest

from graph_kit import by_pointer, graph, known_types, problems
from streamlab.core import ChannelInfo, ProcessingNode, StreamInfo, param
from streamlab.engine import AsyncPipeline, Graph, Pipeline, PipelinePool
from streamlab.engine import plan as module
from streamlab.engine.plan import make_plan
from streamlab.errors import GraphError, ParamError, Problem
from streamlab.testing import registered, virtual_time
from streams import chain, conserved, frames, node


@pytest.fixture(autouse=True)
def types():
    with known_types():
        yield


def plan(document):
    return make_plan(Graph.load(document).spec())


# -- what flows


class Crossover(ProcessingNode):
    """Two outputs of different rates; a third that it says nothing of."""

    outputs = ("low", "high", "trace")

    def process(self, frame):
        return {"low": frame, "high": frame}

    @classmethod
    def stream_info(cls, params, **inputs):
        info = inputs["in"]
        return info and {"low": info.replace(sample_rate=info.sample_rate / 4), "high": info, "odd": info}


@pytest.mark.contract("F6", "G7")
def test_every_output_has_a_stream_of_its_own():
    with registered(Crossover):
        nodes = {"s": ("Steady", {"rate": 800.0}), "x": "Crossover"}
        for port in ("low", "high", "trace"):
            nodes[port] = ("KnowsCutoff", {"cutoff": 150.0})
        edges = ["s -> x", *(f"x.{port} -> {port}" for port in ("low", "high", "trace"))]
        # At 800 / 4 Hz the filter is above half the rate; of the third stream nothing is known.
        found = {at: item.expected for at, item in by_pointer(graph(nodes, *edges)).items()}
        assert found == {"/nodes/2/config/cutoff": "at most 100 Hz"}
        nodes["low"] = ("KnowsCutoff", {"cutoff": 50.0})
        flow = plan(graph(nodes, *edges)).flow
    assert flow["s", "out"] is flow["x", "high"] is flow["high", "out"]
    assert flow["x", "low"].sample_rate == 200
    assert flow["x", "trace"] is flow["trace", "out"] is None
    assert ("x", "odd") not in flow  # it has no such output


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ParamError([Problem("/gain", "too much", "less", "5", "turn it down")]), "/nodes/1/config/gain"),
        (ParamError([Problem("", "no pressure")]), "/nodes/1 (node 'x'): no pressure"),
        (ValueError("the rate is odd"), "/nodes/1 (node 'x'): the rate is odd"),
        (KeyError("no channel 'a'"), "/nodes/1 (node 'x'): no channel 'a'"),
        (ZeroDivisionError("by nothing"), "/nodes/1 (node 'x'): ZeroDivisionError: by nothing"),
    ],
)
def test_a_node_says_in_its_own_words_what_it_cannot_work_on(error, text):
    class Refuses(ProcessingNode):
        def process(self, frame):
            return frame

        @classmethod
        def stream_info(cls, params, **inputs):
            if inputs["in"] is not None:
                raise error
            return None

    with registered(Refuses):
        document = graph({"s": "Steady", "x": "Refuses", "end": "Plain"}, "s -> x", "x -> end")
        assert [str(item)[: len(text)] for item in problems(document)] == [text]
        with pytest.raises(GraphError, match="graph: /nodes/1"):
            plan(document)


# -- capacities


class Cut(ProcessingNode):
    kind = "stream-wise"
    frame_size: int = param(default=2048, doc="Samples per frame", ge=1)

    @classmethod
    def stream_info(cls, params, **inputs):
        return inputs["in"]

    def process(self, frame):
        return frame


@pytest.mark.contract("B7")
@pytest.mark.parametrize(
    ("between", "capacity"),
    [
        ([], 64),  # 256 kB hold more than 64 frames of 8 samples
        (["Plain", "AsyncPass"], 64),
        (["Cut"], 16),  # 2048 samples of 8 bytes: 16 kB a frame
        (["Cut", "Plain"], 16),
        (["CutsAnew"], 10),  # neither size nor stream are known
    ],
)
def test_auto_follows_the_frames_to_where_they_are_cut(between, capacity):
    with registered(Cut):
        names = ["s", *(f"n{at}" for at in range(len(between))), "end"]
        nodes = dict(zip(names, ["Steady", *between, "AsyncPass"], strict=True))
        edges = [f"{a} -> {b}" for a, b in pairwise(names)]
        made = plan(graph(nodes, *edges, pipeline_config={"channel_capacity": "auto"}))
    assert made.edges[-1].capacity == capacity


@pytest.mark.contract("B7")
def test_an_edge_of_triggers_that_is_to_be_sized_has_the_default():
    made = plan(graph({"a": "AsyncPass"}, pipeline_config={"channel_capacity": "auto"}))
    assert [(edge.id, edge.capacity, edge.trigger) for edge in made.edges] == [("trigger -> a", 10, True)]


# -- diamonds


@pytest.mark.contract("G9")
@pytest.mark.parametrize(
    ("quick", "problem"),
    [
        ({}, "room for 9 frames on s -> join"),
        ({"capacity": 8}, "room for 9 frames on s -> join"),
        ({"capacity": 9}, None),
        ({"policy": "latest"}, None),  # it drops instead of stalling
    ],
)
def test_the_branch_that_is_ahead_must_hold_what_the_other_is_behind(quick, problem):
    nodes = {"s": "AsyncPass", "late": ("DelaysFrames", {"count": 9}), "join": "Pair"}
    edges = ["s -> late", "late -> join.a", {"from": "s", "to": "join.b", **quick}]
    document = graph(nodes, *edges, pipeline_config={"channel_capacity": 4})
    found = problems(document)
    assert [item.expected for item in found] == ([problem] if problem else [])
    if problem:
        assert found[0].message.endswith("would stall: s -> late -> join is 9 frames behind")


@pytest.mark.contract("G9", "E11")
@virtual_time
async def test_the_capacity_in_the_hint_is_enough():
    from streamlab.testing.nodes import AddBoth, HoldBack

    with registered(HoldBack, AddBoth):
        edges = ["s -> late", "late -> join.a", {"from": "s", "to": "join.b"}]
        nodes = {"s": "AsyncPass", "late": ("HoldBack", {"count": 9}), "join": "AddBoth"}
        document = graph(nodes, *edges, pipeline_config={"channel_capacity": 4})
        hint = Graph.load(document).problems()[0].hint
        document["connections"][2]["capacity"] = int(hint.rpartition(" ")[2])
        pipeline = AsyncPipeline(document, collect=["join"])
        report = await pipeline.run(frames(30))
    assert [item.samples[0, 0] for item in report.outputs["join"]] == [8.0 * number for number in range(30)]
    conserved(pipeline)


# -- places


@pytest.mark.contract("G3")
@pytest.mark.parametrize("make", [AsyncPipeline, Pipeline, PipelinePool])
@pytest.mark.parametrize(
    "path", ["../{job}.csv", "/elsewhere/{job}.csv", "a/../../{job}.csv", "n\0{job}", "loop/{job}"]
)
def test_nothing_is_written_outside_the_output_folder(make, path, tmp_path):
    outputs = tmp_path / "out"
    outputs.mkdir()
    (outputs / "loop").symlink_to(outputs / "loop")
    with pytest.raises(GraphError) as caught:
        make(chain(node("table", "CsvWriter", path=path)), outputs=outputs)
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.found) == ("/nodes/0/config/path", repr(path))
    assert problem.message == "the file would lie outside the output folder"
    assert problem.expected == f"a path under {outputs}"
    assert sorted(tmp_path.iterdir()) == [outputs]
    make(chain(node("table", "CsvWriter", path="a/../b-{job}.csv")), outputs=outputs)
    make(chain(node("table", "CsvWriter", path=path.replace("\0", "0"))))  # without a folder anything goes


@pytest.mark.contract("G3")
def test_files_are_found_from_the_graph_and_written_to_the_output_folder(tmp_path, monkeypatch):
    seen = []

    class Copies(ProcessingNode):
        source: str = param(doc="A file", path="input")
        target: str = param(doc="A file", path="output")
        other: str = param(default="left as it is", doc="No path")

        async def on_create(self, config):
            seen.append((config["source"], config["target"], self.source, self.other))

        def process(self, frame):
            return frame

    home, out = tmp_path / "graphs", tmp_path / "out"
    home.mkdir()
    monkeypatch.chdir(tmp_path)
    with registered(Copies):
        built = Graph().add("a", "Copies", source="in.wav", target="out.wav")
        built.save(home / "g.json")
        for where, outputs in ((home / "g.json", "out"), (built, None), (str(home / "g.json"), None)):
            asyncio.run(AsyncPipeline(where, outputs=outputs).run(frames(1)))
    assert [item[:2] for item in seen] == [
        (str(home / "in.wav"), str(out / "out.wav")),
        (str(tmp_path / "in.wav"), str(tmp_path / "out.wav")),
        (str(home / "in.wav"), str(tmp_path / "out.wav")),
    ]
    assert all(source == given and other == "left as it is" for given, _, source, other in seen)


def test_a_platform_without_worker_processes_is_told_what_there_is(monkeypatch):
    monkeypatch.setattr(module, "available", lambda: False)
    document = chain(node("a", "Gain"), executor="process")
    (problem,) = Graph.load(document).problems()
    assert problem.message == "there are no worker processes on this platform"
    assert (problem.found, problem.hint) == (os.name, 'use "executor": "thread"')


@pytest.mark.contract("F6")
def test_units_and_quantities_travel_in_the_plan():
    nodes = {"s": ("Steady", {"unit": "Pa"}), "w": "WeighsPressure", "end": "Plain"}
    made = plan(graph(nodes, "s -> w", "w -> end"))
    assert made.flow["end", "out"] is StreamInfo([ChannelInfo("x", "Pa")], 1000)
    nodes["s"] = "Steady"
    (problem,) = problems(graph(nodes, "s -> w", "w -> end"))
    assert str(problem) == "/nodes/1 (node 'w'): only sound pressure can be weighted; expected Pa; found x"
