"""Whatever a document holds, it is a graph that works or a GraphError that says where and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.core.params import shown
from streamlab.core.registry import node_class, node_types
from streamlab.engine import AsyncPipeline, Graph, Pipeline, graph_schema
from streamlab.engine.plan import make_plan
from streamlab.engine.schema import JOIN_KEYS
from streamlab.errors import FileError, GraphError, Problem
from streamlab.testing import (
    any_documents,
    damaged_texts,
    mutated_graphs,
    node_configs,
    registered,
    valid_graphs,
)

Document = dict[str, Any]


@pytest.fixture(autouse=True, scope="module")
def _kit() -> Iterator[None]:
    with registered():
        yield


def found_in(document: Any) -> tuple[Problem, ...]:
    """The problems of a document; none when pipelines can be built on it. Anything else raises."""
    try:
        graph = Graph.load(document)
    except GraphError as error:
        return error.problems
    problems = tuple(graph.problems())
    if problems:
        for build in (Graph.validate, AsyncPipeline, Pipeline):
            with pytest.raises(GraphError) as caught:
                build(graph)
            assert caught.value.problems == problems
    else:
        assert AsyncPipeline(graph).plan.segments
        assert make_plan(graph.spec()).segments
    return problems


def missing_behind(document: Any, pointer: str) -> tuple[Any, list[str]]:
    """Follow a JSON pointer (RFC 6901) as far as it goes: what is there, and the tokens that lead nowhere."""
    assert pointer == "" or pointer.startswith("/"), pointer
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    for at, token in enumerate(tokens):
        if isinstance(document, dict):
            named = {key if isinstance(key, str) else shown(key): value for key, value in document.items()}
            if token not in named:
                return document, tokens[at:]
            document = named[token]
        elif isinstance(document, list | tuple) and token.isascii() and token.isdigit():
            if int(token) >= len(document):
                return document, tokens[at:]
            document = document[int(token)]
        else:
            return document, tokens[at:]
    return document, []


def check_place(document: Any, problem: Problem) -> None:
    """A problem is somewhere in the document, or at a key that could be there: a parameter, a join's part."""
    here, missing = missing_behind(document, problem.pointer)
    if not missing:
        return
    node = re.fullmatch(r"(/nodes/[0-9]+)/(config|join)(/.*)?", problem.pointer)
    assert isinstance(here, dict), problem
    assert node is not None, problem
    entry, rest = missing_behind(document, node[1])
    assert rest == [], problem
    known = node_class(entry["type"]).param_set.fields if node[2] == "config" else JOIN_KEYS
    assert missing in ([node[2]], *([key] for key in known), *([node[2], key] for key in known)), problem


GRAPHS = st.one_of(valid_graphs(), mutated_graphs(), mutated_graphs(), any_documents())


def check_any(document: Any) -> None:
    if isinstance(document, str):
        return  # the path of a file
    for problem in found_in(document):
        check_place(document, problem)
        assert problem.message
        assert str(problem)


@pytest.mark.contract("G1", "G2", "G3")
@settings(max_examples=400)
@given(GRAPHS)
def test_any_document_is_a_graph_or_a_graph_error(document: Any) -> None:
    check_any(document)


@pytest.mark.long
@pytest.mark.contract("G1", "G2", "G3")
@settings(max_examples=20_000)
@given(GRAPHS)
def test_twenty_thousand_documents_are_graphs_or_graph_errors(document: Any) -> None:
    check_any(document)


@pytest.mark.parametrize("lossy", [False, True])
@given(data=st.data())
def test_the_graphs_that_are_drawn_are_valid(lossy: bool, data: st.DataObject) -> None:
    document = data.draw(valid_graphs(lossy=lossy))
    assert found_in(document) == ()
    assert found_in(json.dumps(document)) == ()


# -- text and files


def check_text(text: bytes, folder: Path) -> None:
    """A graph file is a graph, or there is an error that a person can read."""
    path = folder / "graph.json"
    path.write_bytes(text)
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        with pytest.raises(FileError, match="is not UTF-8 text"):
            Graph.load(path)
        return
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        with pytest.raises(GraphError) as caught:
            Graph.load(path)
        assert caught.value.title == str(path)
        assert [problem.kind for problem in caught.value.problems] == ["shape"]
        return
    assert json.dumps(Graph.load(path).document) == json.dumps(document)
    for problem in found_in(path):
        check_place(document, problem)


@pytest.mark.contract("G1")
@settings(max_examples=150)
@given(damaged_texts())
def test_any_text_is_a_graph_or_an_error_that_can_be_read(tmp_path_factory: Any, text: bytes) -> None:
    check_text(text, tmp_path_factory.getbasetemp())


@pytest.mark.long
@pytest.mark.contract("G1")
@settings(max_examples=5000)
@given(damaged_texts())
def test_thousands_of_texts_are_graphs_or_errors(tmp_path_factory: Any, text: bytes) -> None:
    check_text(text, tmp_path_factory.getbasetemp())


# -- the published schema


@pytest.fixture(scope="module")
def accepts() -> Any:
    """What the schema says, by a validator that is not ours."""
    schema = graph_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid


def check_agreement(accepts: Any, document: Any) -> None:
    """Both agree on shape; only on meaning may the graph be refused though its shape is right."""
    try:
        text = json.dumps(document, allow_nan=False)
    except (RecursionError, ValueError):
        return  # no JSON
    document = json.loads(text)
    if not isinstance(document, dict):
        return
    problems = found_in(document)
    if any(problem.message == "nests too deep" for problem in problems):
        return  # a limit that a schema cannot say
    kinds = {problem.kind for problem in problems}
    if accepts(document):
        assert "shape" not in kinds, problems
    else:
        assert "shape" in kinds, problems


DOCUMENTS = st.one_of(
    valid_graphs(), mutated_graphs(python=False), mutated_graphs(python=False), any_documents(python=False)
)


@pytest.mark.contract("G5")
@settings(max_examples=200)
@given(document=DOCUMENTS)
def test_validator_and_schema_agree_on_shape(accepts: Any, document: Any) -> None:
    check_agreement(accepts, document)


@pytest.mark.long
@pytest.mark.contract("G5")
@settings(max_examples=5000)
@given(document=DOCUMENTS)
def test_validator_and_schema_agree_on_thousands_of_documents(accepts: Any, document: Any) -> None:
    check_agreement(accepts, document)


@pytest.mark.contract("G5", "N7")
@settings(max_examples=300)
@given(data=st.data())
def test_validator_and_schema_agree_on_parameters(accepts: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(node_types()))
    config = data.draw(node_configs(name))
    check_agreement(accepts, {"nodes": [{"id": "a", "type": name, "config": config}]})
    if not config:
        check_agreement(accepts, {"nodes": [{"id": "a", "type": name}]})
