"""What validation says, to the letter: the place, what is wrong, what was expected and found, a hint."""

from __future__ import annotations

import pytest

from graph_kit import by_pointer, graph, known_types, problems
from streamlab.engine import Graph
from streamlab.engine.validate import check_graph
from streamlab.errors import GraphError


@pytest.fixture(autouse=True)
def types():
    with known_types():
        yield


def said(document) -> list[str]:
    return [str(problem) for problem in problems(document)]


def node(id="a", type="Pass", **rest):
    return {"id": id, "type": type, **rest}


def doc(*nodes, connections=(), **rest):
    return {"nodes": list(nodes), "connections": list(connections), **rest}


# -- the shape


@pytest.mark.contract("G2")
@pytest.mark.parametrize(
    ("document", "text"),
    [
        (doc(node(), 5), "/nodes/1: node does not fit; expected an object; found 5 (int)"),
        (
            doc(node(), connections=["a -> b"]),
            "/connections/0: connection does not fit; expected an object; found 'a -> b' (str)",
        ),
        (
            {"nodes": {}},
            "/nodes: 'nodes' does not fit; expected a list of at least one node; found {} (dict)",
        ),
        (
            doc(node(), connections=()) | {"connections": {}},
            "/connections: 'connections' does not fit; expected a list; found {} (dict)",
        ),
        (doc(node(id="")), "/nodes/0/id: 'id' does not fit; expected text that is not empty; found '' (str)"),
        (doc(node(id=5)), "/nodes/0/id: 'id' does not fit; expected text that is not empty; found 5 (int)"),
        (doc(node(config=[])), "/nodes/0/config: 'config' does not fit; expected an object; found [] (list)"),
        (doc(node(join="zip")), "/nodes/0/join: 'join' does not fit; expected an object; found 'zip' (str)"),
        (
            doc(node(on_error="ignore")),
            "/nodes/0/on_error: 'on_error' does not fit; expected one of 'fail', 'skip'; "
            "found 'ignore' (str)",
        ),
        (
            doc(node(isolate=1)),
            "/nodes/0/isolate: 'isolate' does not fit; expected true or false; found 1 (int)",
        ),
        (
            doc(node(join={"policy": "merge", "deadline": 0})),
            "/nodes/0/join/deadline: 'deadline' does not fit; expected a number > 0 and <= 1e+09; "
            "found 0 (int)",
        ),
        (
            doc(node(), version="1"),
            "/version: 'version' does not fit; expected 1, the only version there is; found '1' (str)",
        ),
        (doc(node(), name=5), "/name: 'name' does not fit; expected text; found 5 (int)"),
        (
            doc(node(), pipeline_config={"channel_capacity": True}),
            "/pipeline_config/channel_capacity: 'channel_capacity' does not fit; expected a whole number of "
            "frames >= 1 and <= 1e+09, or 'auto'; found True (bool)",
        ),
        (
            doc(node(), metadata={"limits": [1.0, float("inf")]}),
            "/metadata/limits/1: not a finite number; expected a number that JSON has; found inf",
        ),
        (
            doc(node(), metadata={"a": {5: 1}}),
            "/metadata/a/5: a key is text; expected text; found 5",
        ),
        (
            doc(node(), nods=[]),
            "/nods: unknown key 'nods'; expected a known key; found 'nods' - did you mean 'nodes'?",
        ),
        (
            doc(node(join={"policy": "merge", "x": 1})),
            "/nodes/0/join/x: unknown key 'x'; expected a known key; found 'x' - "
            "known keys: policy, deadline, rate, fill",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_what_would(document, text):
    assert said(document) == [text]


@pytest.mark.contract("G2")
def test_a_document_that_is_no_object_and_one_without_end():
    spec, found = check_graph(5)
    assert spec is None
    assert str(*found) == "/: a graph does not fit; expected an object; found 5 (int)"
    deep: list = []
    for _ in range(150):
        deep = [deep]
    text = "/metadata/deep/0: nests too deep; expected at most 100 levels; found more"
    assert said(doc(node(), metadata={"deep": deep})) == [text]


@pytest.mark.contract("G2")
def test_a_capacity_may_be_written_with_a_point_like_any_whole_number():
    document = graph({"a": "Pass", "b": "AsyncPass"}, {"from": "a", "to": "b", "capacity": 3.0})
    document["pipeline_config"] = {"channel_capacity": 7.0}
    spec = Graph.load(document).spec()
    assert (spec.edges[0].capacity, spec.settings.channel_capacity) == (3, 7)
    assert isinstance(spec.edges[0].capacity, int)


# -- nodes and their parameters


@pytest.mark.contract("G2", "N7")
def test_parameters_are_checked_at_their_place_in_the_graph():
    document = doc(
        node("s", "Steady", config={"rate": "fast", "frames_wanted": -1, "chanel": "x"}),
        node("low", "KnowsCutoff"),
        connections=[{"from": "s", "to": "low"}],
    )
    found = by_pointer(document)
    assert list(found) == [
        "/nodes/0/config/chanel",
        "/nodes/0/config/frames_wanted",
        "/nodes/0/config/rate",
        "/nodes/1/config/cutoff",
    ]
    assert str(found["/nodes/0/config/rate"]) == (
        "/nodes/0/config/rate (node 's'): parameter 'rate': wrong type; "
        "expected a number > 0 and <= 1e6 Hz; found 'fast' (str)"
    )
    assert found["/nodes/0/config/chanel"].hint == "did you mean 'channel'?"
    assert str(found["/nodes/1/config/cutoff"]) == (
        "/nodes/1/config/cutoff (node 'low'): parameter 'cutoff' is required; "
        "expected a number > 0 and <= 1e6 Hz; found nothing - Cutoff"
    )


@pytest.mark.contract("G2")
def test_a_node_type_that_trips_over_its_own_checks_is_a_problem_of_the_graph():
    document = graph({"a": ("BadChecks", {"value": 2.0}), "b": "BadInfo"}, "a -> b")
    assert said(document) == [
        "/nodes/0/config (node 'a'): the checks of BadChecks failed: ZeroDivisionError: in its own checks"
    ]
    assert said(graph({"b": "BadInfo"})) == ["/nodes/0 (node 'b'): ZeroDivisionError: in its own info"]


@pytest.mark.contract("G2")
def test_a_node_without_parameters_may_read_its_config_itself():
    assert said(graph({"a": ("Pass", {"anything": 1})})) == []  # it has an on_create
    assert said(graph({"a": ("Plain", {"anything": 1})})) == [
        "/nodes/0/config/anything (node 'a'): unknown parameter 'anything'; expected a known parameter; "
        "found 'anything' - parameters: none"
    ]


@pytest.mark.contract("G2")
def test_problems_come_in_the_order_of_the_document_not_of_the_alphabet():
    nodes = [node(str(number), "Nope") for number in range(12)]
    assert [item.pointer for item in problems(doc(*nodes))] == [f"/nodes/{k}/type" for k in range(12)]


# -- the ends of connections


@pytest.mark.contract("G2")
@pytest.mark.parametrize(
    ("source", "target", "texts"),
    [
        (
            "split",
            "end",
            [
                "/connections/0/from (node 'split'): 'split' has several outputs, name one; "
                "expected one of 'split.low', 'split.high'; found 'split'"
            ],
        ),
        (
            "split.lwo",
            "end",
            [
                "/connections/0/from (node 'split'): 'split' (TwoWays) has no output 'lwo'; "
                "expected one of ['low', 'high']; found 'lwo' - did you mean 'low'?"
            ],
        ),
        (
            "split.low",
            "end.x",
            [
                "/connections/0/to (node 'end'): 'end' (Pass) has no input 'x'; "
                "expected one of ['in']; found 'x' - inputs: in"
            ],
        ),
        (
            "split.low",
            "src",
            [
                "/connections/0/to (node 'src'): 'src' (Steady) has no input; "
                "expected a node with an input; found 'src'"
            ],
        ),
        (
            "splt",
            "nobody",
            [
                "/connections/0/from: unknown node 'splt'; expected the id of a node; found 'splt' - "
                "did you mean 'split'?",
                "/connections/0/to: unknown node 'nobody'; expected the id of a node; found 'nobody' - "
                "nodes: src, split, end",
            ],
        ),
        (
            5,
            "end",
            ["/connections/0/from: 'from' does not fit; expected text that is not empty; found 5 (int)"],
        ),
    ],
)
def test_an_end_that_does_not_exist_is_named(source, target, texts):
    document = graph(
        {"src": "Steady", "split": "TwoWays", "end": "Pass"}, {"from": source, "to": target}, "src -> split"
    )
    broken = [text for text in said(document) if text.startswith("/connections")]
    assert broken == texts
    if target == "end.x":
        # Whoever names a node as the target meant it to be connected: that is not a second problem.
        assert [item for item in said(document) if "'end' (Pass) is not connected" in item] == []


@pytest.mark.contract("G2")
def test_a_connection_of_a_node_that_is_a_problem_itself_is_no_further_problem():
    document = graph({"src": "Steady", "odd": "Odd", "end": "Pass"}, "src -> odd", "odd -> end")
    assert list(by_pointer(document)) == ["/nodes/1/type"]


@pytest.mark.contract("G2")
def test_an_id_with_a_dot_in_it_is_a_node_before_it_is_a_port():
    document = graph({"a.b": "Steady", "end": "Pass"}, "a.b -> end", "a.b.out -> end.in")
    assert said(document) == [
        "/connections/1: duplicate connection; expected a connection once; found the same as /connections/0"
    ]


@pytest.mark.contract("G2")
def test_a_node_that_is_connected_to_itself_is_not_unconnected_as_well():
    assert said(graph({"src": "Steady", "a": "Pass"}, "a -> a")) == [
        "/connections/0 (node 'a'): 'a' is connected to itself; expected two different nodes; "
        "found a self-loop"
    ]


# -- joins


@pytest.mark.contract("G2", "E3")
@pytest.mark.parametrize(
    ("type", "join", "text"),
    [
        (
            "RunPass",
            {"policy": "merge"},
            "/nodes/1/join (node 'x'): 'x' reads its inputs itself; expected no join; found join 'merge'",
        ),
        (
            "Pair",
            {"policy": "merge"},
            "/nodes/1/join/policy (node 'x'): 'x' has several inputs; expected zip, align or latest; "
            "found 'merge' - merge is for nodes with one input",
        ),
        (
            "Pass",
            {"policy": "latest"},
            "/nodes/1/join/policy (node 'x'): 'x' has one input; expected merge; found 'latest' - "
            "leave the join out",
        ),
        (
            "Pair",
            {"policy": "zip", "rate": 100.0},
            "/nodes/1/join (node 'x'): rate and fill belong to align; expected policy 'align'; found 'zip'",
        ),
        (
            "Pair",
            {"policy": "latest", "fill": "linear"},
            "/nodes/1/join (node 'x'): rate and fill belong to align; expected policy 'align'; "
            "found 'latest'",
        ),
    ],
)
def test_a_join_that_a_node_cannot_have_is_a_problem(type, join, text):
    edges = ["a -> x.a", "b -> x.b"] if type == "Pair" else ["a -> x"]
    nodes = {"a": "Steady", "x": (type, {}, {"join": join}), "b": "Steady"}
    assert said(graph(nodes, *edges)) == [text]


@pytest.mark.contract("G2", "E3")
@pytest.mark.parametrize("join", [{"policy": "align", "rate": 10, "fill": "linear", "deadline": 1}, {}, None])
def test_joins_that_fit_are_no_problem(join):
    nodes = {"a": "Steady", "b": "Steady", "x": ("Pair", {}, {} if join is None else {"join": join})}
    assert said(graph(nodes, "a -> x.a", "b -> x.b")) == []


@pytest.mark.contract("G2")
def test_several_connections_into_one_input_need_a_merge_and_all_of_them_are_listed():
    nodes = {"a": "Steady", "b": "Steady", "c": "Steady", "x": "Pass"}
    edges = ["a -> x", "b -> x", "c -> x"]
    assert said(graph(nodes, *edges)) == [
        "/connections/2 (node 'x'): input 'in' of 'x' gets several connections; expected one connection; "
        "found 3 (/connections/0, /connections/1, /connections/2) - "
        'give the node "join": {"policy": "merge"} if they shall be mixed in order of arrival'
    ]
    merged = {**nodes, "x": ("Pass", {}, {"join": {"policy": "merge"}})}
    assert said(graph(merged, *edges)) == []


# -- cycles


@pytest.mark.contract("G2")
@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        (["a -> b", "b -> c", "c -> a"], "a -> b -> c -> a"),
        (["c -> b", "b -> a", "a -> c"], "a -> c -> b -> a"),
        (["b -> c", "c -> b", "c -> a"], "b -> c -> b"),  # a lies behind it and is on none
        (["s -> m", "m -> b", "b -> m"], "b -> m -> b"),
    ],
)
def test_a_cycle_is_named_from_its_first_node_around(edges, cycle):
    nodes = {
        "a": "Pass",
        "b": "Pass",
        "c": "Pass",
        "s": "Steady",
        "m": ("Pass", {}, {"join": {"policy": "merge"}}),
    }
    used = {name: kind for name, kind in nodes.items() if any(name in edge.split(" -> ") for edge in edges)}
    found = [item for item in problems(graph(used, *edges)) if item.pointer == "/connections"]
    assert [item.message for item in found] == [f"the connections form a cycle: {cycle}"]


@pytest.mark.contract("G2", "G3")
def test_the_error_lists_them_all_under_the_name_of_the_graph():
    document = graph({"a": "Nope", "b": "Nope"}, name="hum")
    with pytest.raises(GraphError) as caught:
        Graph.load(document).spec()
    assert str(caught.value).splitlines()[0] == "hum (2):"
    assert len(caught.value.problems) == 2
    with pytest.raises(GraphError, match=r"^graph \(2\):"):
        Graph.load({"nodes": document["nodes"]}).validate()
