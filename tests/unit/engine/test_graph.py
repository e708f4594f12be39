"""Graph: what can be loaded and what cannot, building in Python, saving, and the published schema."""

from __future__ import annotations

import io
import json

import jsonschema
import pytest
from typing_extensions import TypedDict

from graph_kit import graph, known_types
from streamlab.core import ProcessingNode, param
from streamlab.engine import Graph, load_graph
from streamlab.engine.graph import MAX_FILE_BYTES
from streamlab.engine.schema import graph_schema
from streamlab.errors import FileError, GraphError
from streamlab.testing import registered


@pytest.fixture(autouse=True)
def types():
    with known_types():
        yield


# -- loading


@pytest.mark.contract("G1")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"nodes": [}', "not JSON: Expecting value at line 1, column 12"),
        ('{\n  "nodes": []\n  "name": 1}', "not JSON: Expecting ',' delimiter at line 3, column 3"),
        ('{"nodes": []} extra', "not JSON: Extra data at line 1, column 15"),
        ('{"a": ' + "9" * 5000 + "}", "cannot be read: Exceeds the limit"),
        ('{"a": ' + "[" * 100_000, "nests too deep to be read"),
    ],
    ids=["value", "comma", "extra", "long number", "deep"],
)
def test_text_that_is_no_graph_says_where(text, message, tmp_path):
    with pytest.raises(GraphError) as caught:
        Graph.load(text)
    assert str(caught.value).startswith(f"graph text: /: {message}")
    path = tmp_path / "g.json"
    path.write_text(text)
    with pytest.raises(GraphError) as caught:
        Graph.load(path)
    assert str(caught.value).startswith(f"{path}: /: {message}")


@pytest.mark.contract("G1")
@pytest.mark.parametrize(("text", "found"), [("[1, 2]", "list"), ('"hum"', "str"), ("null", "NoneType")])
def test_a_file_whose_json_is_no_object_is_refused(text, found, tmp_path):
    path = tmp_path / "g.json"
    path.write_text(text)
    with pytest.raises(GraphError, match=rf"a graph is an object; expected \{{\.\.\.\}}; found {found}"):
        Graph.load(path)


@pytest.mark.contract("G1")
def test_a_file_that_cannot_be_read_says_why(tmp_path):
    latin = tmp_path / "latin.json"
    latin.write_bytes('{"name": "Lärm"}'.encode("latin-1"))
    with pytest.raises(FileError, match="is not UTF-8 text: invalid continuation byte at byte 11"):
        Graph.load(latin)
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(FileError, match=r"large\.json: is larger than a graph file may be \(16 MB\)"):
        Graph.load(large)
    with pytest.raises(FileError, match=r"cannot be read: .*null"):
        Graph.load("with\0null.json")
    with pytest.raises(FileError, match="cannot be read: File name too long"):
        Graph.load("n" * 5000)
    with pytest.raises(FileError, match="no such graph file") as caught:
        Graph.load(str(tmp_path / "none.json"))
    assert caught.value.path == str(tmp_path / "none.json")


@pytest.mark.contract("G1")
def test_a_file_may_begin_with_a_byte_order_mark_and_its_folder_is_kept(tmp_path):
    path = tmp_path / "g.json"
    path.write_text('{"nodes": [{"id": "ä", "type": "Pass"}]}', encoding="utf-8-sig")
    found = load_graph(path)
    assert (found.document["nodes"][0]["id"], found.folder) == ("ä", tmp_path)
    assert Graph.load(found).folder == tmp_path
    assert Graph.load(' {"nodes": []}').folder is None


@pytest.mark.contract("G1")
def test_keys_that_are_written_twice_are_problems_wherever_they_are():
    text = """
    {"nodes": [{"id": "a", "type": "Pass", "config": {"x/y": 1, "x/y": 2}, "id": "a"}],
     "metadata": {"m": [[{"k": 1, "k": 2, "k": 3}]]}, "metadata": {"m": [[{"k": 1, "k": 2}]]}}
    """
    found = Graph.load(text)
    expected = {
        "/metadata": "duplicate key 'metadata'",
        "/nodes/0/id": "duplicate key 'id'",
        "/nodes/0/config/x~1y": "duplicate key 'x/y'",
        "/metadata/m/0/0/k": "duplicate key 'k'",
    }
    assert {item.pointer: item.message for item in found.problems()} == expected
    # A copy of the graph knows of them too, whoever it is handed to.
    assert {item.pointer for item in Graph.load(found).problems()} == set(expected)
    with pytest.raises(GraphError, match=r"graph \(4\):"):
        found.spec()
    with pytest.raises(GraphError, match=r"graph \(4\):"):
        load_graph(text)


@pytest.mark.contract("G1")
def test_a_graph_does_not_share_its_document_with_whoever_gave_it():
    document = graph({"a": ("Pass", {"list": (1, [2])})})
    found = Graph.load(document)
    document["nodes"].clear()
    assert found.document["nodes"][0]["config"] == {"list": [1, [2]]}
    copy = found.to_dict()
    copy["nodes"].clear()
    assert len(found.document["nodes"]) == 1
    stream = io.StringIO()
    assert Graph(document={"metadata": {"stream": stream}}).document["metadata"]["stream"] is stream


@pytest.mark.contract("G2")
def test_a_document_that_contains_itself_is_refused():
    document: dict = {"nodes": []}
    document["metadata"] = {"again": document}
    with pytest.raises(GraphError, match="the document contains itself"):
        Graph.load(document)
    deep: list = []
    for _ in range(2000):
        deep = [deep]
    with pytest.raises(GraphError, match="nests too deep"):
        Graph.load({"nodes": deep})
    shared = {"x": 1}
    twice = {"metadata": {"a": shared, "b": [shared, shared]}}
    assert Graph.load(twice).to_dict() == twice


# -- building


@pytest.mark.contract("G1", "G6")
def test_what_is_built_in_python_is_what_a_file_would_say():
    built = Graph("hum").add("s", "Steady", rate=100.0).add("low", "KnowsCutoff").add("end", "Pass")
    built.set("low", cutoff=20.0).node_options("end", on_error="skip", isolate=True)
    built.connect("s", "low").connect("low.out", "end", capacity=3, policy="latest").configure(fuse=False)
    assert built.to_dict() == {
        "version": 1,
        "name": "hum",
        "nodes": [
            {"id": "s", "type": "Steady", "config": {"rate": 100.0}},
            {"id": "low", "type": "KnowsCutoff", "config": {"cutoff": 20.0}},
            {"id": "end", "type": "Pass", "on_error": "skip", "isolate": True},
        ],
        "connections": [
            {"from": "s", "to": "low"},
            {"from": "low.out", "to": "end", "capacity": 3, "policy": "latest"},
        ],
        "pipeline_config": {"fuse": False},
    }
    assert built.problems() == []
    assert repr(built) == "Graph('hum', 3 nodes)"
    assert repr(Graph(document={"nodes": 5, "name": 5})) == "Graph('', 0 nodes)"
    assert Graph(document={}).add("a", "Pass").connect("a", "b").configure(fuse=True).document == {
        "nodes": [{"id": "a", "type": "Pass"}],
        "connections": [{"from": "a", "to": "b"}],
        "pipeline_config": {"fuse": True},
    }


def test_a_node_that_is_not_there_cannot_be_set():
    for change in (lambda item: item.set("c", rate=1.0), lambda item: item.node_options("c", isolate=True)):
        with pytest.raises(KeyError, match="no node 'c'; nodes: a, b"):
            change(Graph().add("a", "Pass").add("b", "Pass"))
        with pytest.raises(KeyError, match="no node 'c'; nodes: none"):
            change(Graph(document={"nodes": ["no object"]}))


# -- saving


@pytest.mark.contract("G6")
def test_saved_text_is_read_back_as_it_was(tmp_path):
    text = 'half a character \ud83d, a whole one \U0001f50a, "quotes"\n'
    built = Graph().add("a", "Plain").node_options("a", metadata={"note": text, "n": [1, 2.5, None, True]})
    path = tmp_path / "g.json"
    built.save(path)
    raw = path.read_bytes()
    assert raw.endswith(b"}\n")
    assert b"\\ud83d" in raw
    assert "\U0001f50a".encode() in raw  # people read these files
    assert Graph.load(path).to_dict() == built.to_dict()
    assert json.loads(raw) == built.to_dict()


@pytest.mark.contract("G6")
@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_json_cannot_hold_is_not_written(value, tmp_path):
    built = Graph("hum").add("a", "Pass", value=value)
    with pytest.raises(GraphError, match=r"^hum: /: cannot be written as JSON: "):
        built.save(tmp_path / "g.json")
    assert not (tmp_path / "g.json").exists()


@pytest.mark.contract("G6")
def test_a_file_that_cannot_be_written_says_why(tmp_path):
    with pytest.raises(FileError, match=r"cannot be written: No such file or directory"):
        Graph().save(tmp_path / "nowhere" / "g.json")
    with pytest.raises(FileError, match=r"cannot be written: Is a directory"):
        Graph().save(tmp_path)


# -- the published schema


def valid(document) -> bool:
    return jsonschema.Draft202012Validator(graph_schema()).is_valid(document)


@pytest.mark.contract("G5")
def test_the_schema_is_a_schema_and_says_what_each_type_takes():
    jsonschema.Draft202012Validator.check_schema(graph_schema())
    only = graph_schema(["Gain", "KnowsCutoff"])
    node = only["properties"]["nodes"]["items"]
    assert node["properties"]["type"]["enum"] == ["Gain", "KnowsCutoff"]
    needed = {
        item["if"]["properties"]["type"]["const"]: item["then"].get("required") for item in node["allOf"]
    }
    assert needed == {"Gain": None, "KnowsCutoff": ["config"]}  # a KnowsCutoff has no default for its cutoff


class Limits(TypedDict):
    low: float
    high: float


class Bands(ProcessingNode):
    """A parameter of several parts."""

    bands: list[Limits] = param(doc="Bands")

    def process(self, frame):
        return frame


def named_alike():
    class Limits(TypedDict):
        name: str

    class Names(ProcessingNode):
        limits: Limits = param(default={"name": "x"}, doc="Something else of the same name")

    # Found among the globals of its module where a type is written as text.
    Names.__annotations__["limits"] = Limits
    return Names


@pytest.mark.contract("G5")
def test_parameters_with_parts_are_in_the_schema_each_as_its_own_type_means_them():
    with registered(Bands, named_alike()):
        schema = graph_schema(["Bands", "Names"])
        jsonschema.Draft202012Validator.check_schema(schema)
        check = jsonschema.Draft202012Validator(schema).is_valid
        band = {"low": 1.0, "high": 2.0}
        for bands, fits in (([band], True), ([{"low": 1.0}], False), ([5], False)):
            document = graph({"a": ("Bands", {"bands": bands})})
            assert check(document) is fits
            assert (Graph.load(document).problems() == []) is fits
        assert check(graph({"a": ("Names", {"limits": {"name": "y"}})}))
        assert not check(graph({"a": ("Names", {"limits": band})}))


@pytest.mark.contract("G5")
@pytest.mark.parametrize(
    "document",
    [
        graph({"a": ("KnowsCutoff", {"cutoff": 5})}),
        graph({"a": "KnowsCutoff"}),
        graph({"a": ("KnowsCutoff", {"cutoff": "5"})}),
        graph({"a": ("KnowsCutoff", {"cutoff": 5, "more": 1})}),
        graph({"a": ("Pass", {"anything": {}})}),
        graph({"a": ("Plain", {"anything": {}})}),
        graph({"a": "Nope"}),
        graph({"a": ("DelaysFrames", {"count": 3.0}, {"on_error": "skip", "metadata": {"x": [1]}})}),
        graph({"a": ("DelaysFrames", {"count": 3.5})}),
        {"nodes": []},
        {},
        graph({"a": "Pass"}, version=2),
        graph({"a": "Pass"}, version=1.0, name="", pipeline_config={"fuse": False}),
        graph({"a": "Pass"}, pipeline_config={"channel_capacity": "auto"}),
        graph({"a": "Pass"}, pipeline_config={"channel_capacity": "some"}),
        graph({"a": "Pass"}, pipeline_config={"executor": "thread", "more": 1}),
        graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": "b", "capacity": 10**9}),
        graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": "b", "policy": "latest"}),
        graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": "b", "capacity": 10**9 + 1}),
        graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": "b", "policy": "drop"}),
        graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": ""}),
        graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": "b", "metadata": 5}),
    ],
)
def test_schema_and_validation_agree_on_the_shape(document):
    # What only validation can know is of kind "meaning"; the schema cannot say it.
    shape = [item for item in Graph.load(document).problems() if item.kind == "shape"]
    assert valid(document) == (not shape), [str(item) for item in shape]
