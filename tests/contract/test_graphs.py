"""G1-G9, N1: what a graph may say, and how it is told what is wrong."""

import asyncio
import json

import pytest

from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo, register
from streamlab.core.registry import unregister
from streamlab.engine import AsyncPipeline, Graph, Pipeline, PipelinePool, load_graph
from streamlab.errors import FileError, GraphError, NodeError


class Src(Source):
    """Three frames; counts how often it was made."""

    made = 0

    def __init__(self, **config):
        super().__init__(**config)
        Src.made += 1

    def frames(self):
        for at in range(3):
            yield DataFrame(at, at, {"x": [1.0]}, sample_rate=100, start_sample=at)


class Both(ProcessingNode):
    """Two inputs."""

    inputs = ("a", "b")

    def process(self, a, b):
        return a


class OnlyRun(ProcessingNode):
    """Works in a stream only."""

    async def run(self, rx, tx):
        async for frame in rx:
            await tx.send(frame)
        tx.close()


class Nothing(ProcessingNode):
    """Neither process nor run."""


class Late(ProcessingNode):
    """Holds three frames back."""

    held = None

    @classmethod
    def delay(cls, params):
        return 3

    def process(self, frame):
        self.held = [*(self.held or []), frame]
        return self.held.pop(0) if len(self.held) > 3 else None

    def flush(self):
        return self.held


class Low(ProcessingNode):
    """Needs 1000 Hz."""

    def process(self, frame):
        return frame

    @classmethod
    def stream_info(cls, params, **inputs):
        info = inputs["in"]
        if info is not None and info.sample_rate < 1000:
            raise ValueError(f"the cutoff 500 Hz is above half of {float(info.sample_rate):g} Hz")
        return info


TYPES = {cls.__name__: cls for cls in (Src, Both, OnlyRun, Nothing, Late, Low)}


@pytest.fixture(autouse=True)
def types():
    Src.made = 0
    for name, cls in TYPES.items():
        register(name, cls)
    yield
    for name in TYPES:
        unregister(name)


def problems(*nodes, connections=(), **top):
    """Return {pointer: text} of a graph's problems."""
    document = {"nodes": list(nodes), "connections": list(connections), **top}
    return {problem.pointer: str(problem) for problem in Graph(document=document).problems()}


def gain(name, **rest):
    return {"id": name, "type": "Gain", **rest}


def edge(source, target, **rest):
    return {"from": source, "to": target, **rest}


DEFECTS = [
    ([{"id": "a", "type": "Gian"}], [], "/nodes/0/type", "did you mean 'Gain'?"),
    ([{"type": "Gain"}], [], "/nodes/0", "'id' is missing"),
    ([{"id": "a"}], [], "/nodes/0", "'type' is missing"),
    ([gain("a"), gain("a")], [], "/nodes/1/id", "duplicate id 'a'"),
    ([gain("a")], [edge("a", "a")], "/connections/0", "connected to itself"),
    ([gain("a"), gain("b")], [edge("a", "b")] * 2, "/connections/1", "duplicate connection"),
    ([gain("a")], [edge("b", "a")], "/connections/0/from", "unknown node 'b'"),
    ([gain("a"), gain("b")], [edge("a.left", "b")], "/connections/0/from", "no output 'left'"),
    ([gain("a"), gain("b"), gain("c")], [edge("a", "c"), edge("b", "c")], "/connections/1", "merge"),
    ([{"id": "s", "type": "Src"}, gain("a")], [], "/nodes/1", "is not connected"),
    ([gain("a"), gain("b")], [edge("a", "b"), edge("b", "a")], "/connections", "a -> b -> a"),
    ([], [], "/nodes", "at least one node"),
    ([gain("a", colour=1)], [], "/nodes/0/colour", "unknown key"),
    ([gain("a"), gain("b")], [edge("a", "b", capacity=0)], "/connections/0/capacity", "found 0"),
    ([gain("a"), gain("b")], [edge("a", "b", capacity=2.5)], "/connections/0/capacity", "found 2.5"),
    ([gain("a"), gain("b")], [edge("a", "b", capacity="much")], "/connections/0/capacity", "auto"),
    ([gain("a"), gain("b")], [{"from": "a"}], "/connections/0", "'to' is missing"),
    ([{"id": "n", "type": "Nothing"}], [], "/nodes/0/type", "neither process nor run"),
    ([gain("a", config={"gian": 1})], [], "/nodes/0/config/gian", "did you mean 'gain'?"),
    ([gain("a", join={"policy": "zip"})], [], "/nodes/0/join/policy", "has one input"),
]


@pytest.mark.contract("G2")
@pytest.mark.parametrize(("nodes", "connections", "pointer", "words"), DEFECTS)
def test_each_defect_is_named_at_its_place(nodes, connections, pointer, words):
    found = problems(*nodes, connections=connections)
    assert words in found[pointer]


@pytest.mark.contract("G2")
def test_defects_are_reported_together():
    nodes = [
        {"id": "x", "type": "Gian"},
        gain("a", config={"gain": "2"}),
        gain("b"),
        {"id": "s", "type": "Src"},
    ]
    connections = [edge("a", "b"), edge("b", "a"), edge("a", "nowhere"), edge("s", "b", capacity=-1)]
    found = problems(*nodes, connections=connections, version=2, extra=1, pipeline_config={"fuse": "no"})
    assert set(found) == {
        "/nodes/0/type", "/nodes/1/config/gain", "/connections", "/connections/2/to", "/connections/3",
        "/connections/3/capacity", "/version", "/extra", "/pipeline_config/fuse",
    }  # fmt: skip


@pytest.mark.contract("G1")
def test_every_form_loads_alike(tmp_path):
    document = {"nodes": [gain("a")]}
    path = tmp_path / "g.json"
    path.write_text(json.dumps(document))
    loaded = [
        load_graph(form)
        for form in (document, json.dumps(document), path, str(path), Graph(document=document))
    ]
    assert all(graph.document == document for graph in loaded)
    with pytest.raises(GraphError, match="line 2, column 4"):
        Graph.load('{"nodes":\n   ]}')
    with pytest.raises(FileError, match="no such graph file"):
        Graph.load(tmp_path / "none.json")
    with pytest.raises(FileError, match="is a folder"):
        Graph.load(tmp_path)
    twice = Graph.load('{"nodes": [{"id": "a", "id": "b", "type": "Gain"}]}').problems()
    assert [problem.pointer for problem in twice] == ["/nodes/0/id"]
    assert "/nodes/0/config/gain" in {
        problem.pointer
        for problem in Graph.load(
            '{"nodes": [{"id": "a", "type": "Gain", "config": {"gain": NaN}}]}'
        ).problems()
    }


@pytest.mark.contract("G3")
@pytest.mark.parametrize("make", [AsyncPipeline, Pipeline, PipelinePool])
def test_constructors_validate_and_make_no_node(make):
    graph = {"nodes": [{"id": "s", "type": "Src"}, gain("a")], "connections": [edge("s", "a")]}
    make(graph)
    with pytest.raises(GraphError):
        make({"nodes": [*graph["nodes"], gain("a")], "connections": graph["connections"]})
    assert Src.made == 0


@pytest.mark.contract("G4")
def test_every_source_runs():
    graph = {"nodes": [{"id": "s", "type": "Src"}, {"id": "t", "type": "Src"}]}
    report = asyncio.run(AsyncPipeline(graph, collect=["s", "t"]).run())
    assert {name: len(frames) for name, frames in report.outputs.items()} == {"s": 3, "t": 3}


@pytest.mark.contract("G6")
def test_a_round_trip_keeps_order_and_annotations(tmp_path):
    text = '{"metadata": {"z": 1, "a": [1, {"b": null}]}, "nodes": '
    text += '[{"type": "Gain", "metadata": {"x": 5}, "id": "a"}]}'
    graph = Graph.load(text)
    graph.save(tmp_path / "one.json")
    again = Graph.load(tmp_path / "one.json")
    again.save(tmp_path / "two.json")
    assert list(again.document) == ["metadata", "nodes"]
    assert list(again.document["nodes"][0]) == ["type", "metadata", "id"]
    assert again.to_dict() == json.loads(text)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.contract("G7")
def test_streams_that_do_not_fit_are_refused_before_the_first_sample():
    sine = {"id": "s", "type": "SineGenerator", "config": {"sample_rate": 800.0, "frequency": 10.0}}
    found = problems(sine, {"id": "low", "type": "Low"}, connections=[edge("s", "low")])
    assert "the cutoff 500 Hz is above half of 800 Hz" in found["/nodes/1"]
    other = {"id": "t", "type": "SineGenerator"}
    join = {"id": "j", "type": "Both"}
    found = problems(sine, other, join, connections=[edge("s", "j.a"), edge("t", "j.b")])
    assert "'s' at 800 Hz, 't' at 48000 Hz" in found["/nodes/2"]
    found = problems(sine, gain("g", config={"channels": ["main"]}), connections=[edge("s", "g")])
    assert "no channel 'main'; expected one of main_channel" in found["/nodes/1/config/channels/0"]


@pytest.mark.contract("G7")
def test_what_only_an_open_source_knows_is_said_before_anything_runs():
    class Opened(Src):
        async def on_create(self, config):
            self.info = StreamInfo(["x"], 100)

    register("Opened", Opened)
    graph = {
        "nodes": [{"id": "s", "type": "Opened"}, {"id": "low", "type": "Low"}],
        "connections": [edge("s", "low")],
    }
    pipeline = AsyncPipeline(graph)
    with pytest.raises(GraphError, match="above half of 100 Hz"):
        asyncio.run(pipeline.run())
    unregister("Opened")
    assert (pipeline.state, pipeline.report.frames_in) == ("failed", 0)


@pytest.mark.contract("G8")
def test_who_waits_for_triggers():
    sine = {"id": "g", "type": "SineGenerator"}
    assert Graph(document={"nodes": [gain("a")]}).spec().triggers == ("a",)
    assert Graph(document={"nodes": [{"id": "s", "type": "Src"}, sine]}).spec().triggers == ("g",)
    assert "only generators wait" in problems({"id": "s", "type": "Src"}, gain("a"))["/nodes/1"]
    assert "is not connected" in problems({"id": "j", "type": "Both"})["/nodes/0"]


@pytest.mark.contract("G9")
def test_a_diamond_that_would_stall_is_refused_with_the_capacity_that_would_do():
    def diamond(capacity):
        graph = Graph().add("f", "Gain").add("late", "Late").add("j", "Both").configure(channel_capacity=1)
        return graph.connect("f", "late").connect("late", "j.a").connect("f", "j.b", capacity=capacity)

    found = diamond(2).problems()
    assert [problem.hint for problem in found] == ['give edge "f -> j.b" a capacity of 3']
    frames = [DataFrame(at, at, {"x": [1.0]}) for at in range(20)]
    report = asyncio.run(AsyncPipeline(diamond(3), collect=["j"]).run(frames))
    assert [frame.sequence_id for frame in report.outputs["j"]] == list(range(20))


@pytest.mark.contract("G9")
def test_branches_that_number_differently_need_align():
    graph = Graph().add("s", "SineGenerator").add("l", "Level").add("j", "Both")
    graph.connect("s", "l").connect("l", "j.a").connect("s", "j.b")
    assert any(
        "different numbering" in problem.message and "align" in problem.hint for problem in graph.problems()
    )


@pytest.mark.contract("N1")
def test_process_works_everywhere_and_run_in_a_stream_only():
    frame = DataFrame(0, 7, {"x": [1.0]})
    assert asyncio.run(Pipeline({"nodes": [gain("a")]}).execute_once(frame))["a"][0].sequence_id == 7
    with pytest.raises(NodeError, match="only run"):
        asyncio.run(Pipeline({"nodes": [{"id": "r", "type": "OnlyRun"}]}).execute_once(frame))
    for kind in ("Gain", "OnlyRun"):
        graph = {"nodes": [{"id": "n", "type": kind}]}
        report = asyncio.run(AsyncPipeline(graph, collect=["n"]).run([frame]))
        assert [item.sequence_id for item in report.outputs["n"]] == [7]
