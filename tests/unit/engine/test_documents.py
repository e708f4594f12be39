"""What fuzzing found in the reading and checking of graphs, one case each."""

from __future__ import annotations

from typing import Any

import pytest

from streamlab.engine import Graph, Pipeline
from streamlab.errors import GraphError


@pytest.mark.contract("G1")
@pytest.mark.parametrize("source", [None, 5, 2.5, True, ["nodes"], object()])
def test_what_is_no_graph_at_all_is_said_to_be_none(source: Any) -> None:
    for load in (Graph.load, Pipeline):
        with pytest.raises(GraphError, match="this is no graph; expected a dict, JSON text") as caught:
            load(source)
        assert [(problem.pointer, problem.kind) for problem in caught.value.problems] == [("", "shape")]


@pytest.mark.contract("G2")
@pytest.mark.parametrize("config", [1, [], "value", None])
def test_a_config_that_is_no_object_is_said_once(config: Any) -> None:
    """Not also that each required parameter is missing in it."""
    graph = Graph(document={"nodes": [{"id": "a", "type": "Limit", "config": config}]})
    found = [(problem.pointer, problem.kind) for problem in graph.problems()]
    assert found == [("/nodes/0/config", "shape")]


@pytest.mark.contract("G2")
def test_a_key_that_is_no_text_does_not_hide_the_others() -> None:
    graph = Graph(document={"nodes": [{"id": "a", "type": "Gain", "config": {1: 2, "gian": 3}}]})
    assert [problem.pointer for problem in graph.problems()] == ["/nodes/0/config/1", "/nodes/0/config/gian"]


@pytest.mark.contract("G7")
def test_what_a_generator_adds_to_an_unknown_stream_is_not_taken_for_all() -> None:
    """The channels that come in stay beside those that it makes, and may be named behind it."""
    document = {
        "nodes": [
            {"id": "in", "type": "Gain"},
            {"id": "tone", "type": "SineGenerator", "config": {"channels": ["tone"]}},
            {"id": "half", "type": "Gain", "config": {"gain": 0.5, "channels": ["mic"]}},
        ],
        "connections": [{"from": "in", "to": "tone"}, {"from": "tone", "to": "half"}],
    }
    assert Graph.load(document).problems() == []
    del document["nodes"][0], document["connections"][0]  # now triggers reach it, which bring nothing
    assert [problem.pointer for problem in Graph.load(document).problems()] == ["/nodes/1/config/channels/0"]
