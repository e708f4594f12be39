"""Node types by name: built in, installed by another package, or registered by a script."""

from __future__ import annotations

import re
import sys
import textwrap

import pytest

from streamlab.core import ProcessingNode
from streamlab.core import registry as module
from streamlab.core.catalogue import BUILT_IN
from streamlab.core.registry import (
    UnknownNodeType,
    is_local,
    node_class,
    node_types,
    register,
    registered_places,
    unregister,
)
from streamlab.engine import Graph
from streamlab.engine.schema import graph_schema
from streamlab.errors import StreamLabError


class Mine(ProcessingNode):
    """Known only where a test says so."""

    def process(self, frame):
        return frame


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Four packages that say they bring node types; only one of them does."""
    (tmp_path / "outside_nodes.py").write_text(
        textwrap.dedent(
            """
            from streamlab.core import ProcessingNode, param

            class OutsideNotch(ProcessingNode):
                width: float = param(default=1.0, doc="Width", unit="Hz", gt=0, le=100)

                def process(self, frame):
                    return frame

            Number = 5
            """
        )
    )
    (tmp_path / "broken_nodes.py").write_text("import a_package_that_nobody_has")
    (tmp_path / "raising_nodes.py").write_text("1 / 0")
    info = tmp_path / "outside_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-nodes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        textwrap.dedent(
            """
            [streamlab.nodes]
            OutsideNotch = outside_nodes:OutsideNotch
            Broken = broken_nodes:Node
            Number = outside_nodes:Number
            Gain = outside_nodes:OutsideNotch
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    module._installed.cache_clear()
    yield
    monkeypatch.undo()
    module._installed.cache_clear()
    module._load.cache_clear()
    for name in ("outside_nodes", "broken_nodes", "raising_nodes"):
        sys.modules.pop(name, None)


def test_registering_works_as_a_call_and_as_a_decorator_and_the_last_one_counts():
    try:
        assert register("Mine", Mine) is Mine
        assert node_class("Mine") is Mine
        assert is_local("Mine")

        @register("Mine")
        class Other(Mine):
            pass

        assert node_class("Mine") is Other
        assert node_types()[-1] == "Mine"
        assert node_types().count("Mine") == 1
    finally:
        unregister("Mine")
    unregister("Mine")  # already forgotten
    assert not is_local("Mine")
    with pytest.raises(UnknownNodeType):
        node_class("Mine")


@pytest.mark.parametrize("what", [5, object, "Mine", "a.b:", ":Mine", "a-b:Mine", "a..b:Mine", Mine()])
def test_only_node_classes_and_their_places_can_be_registered(what):
    expected = f"expected a subclass of ProcessingNode or 'module:Class', found {what!r}"
    with pytest.raises(TypeError, match=re.escape(expected)):
        register("Mine", what)


def test_a_type_that_is_registered_by_its_place_is_loaded_when_needed(installed):
    try:
        assert register("Mine", "outside_nodes:OutsideNotch") == "outside_nodes:OutsideNotch"
        assert "outside_nodes" not in sys.modules
        assert node_class("Mine").__name__ == "OutsideNotch"
        assert not is_local("Mine")  # a worker process finds it there too
        assert registered_places() == {"Mine": "outside_nodes:OutsideNotch"}
        register("Mine", Mine)
        assert (is_local("Mine"), registered_places()) == (True, {})
    finally:
        unregister("Mine")


@pytest.mark.contract("G2")
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("outside_nodes:Nobody", "has no attribute 'Nobody'"),
        ("outside_nodes:Number", "it is not a subclass of ProcessingNode"),
        ("broken_nodes:Node", "No module named 'a_package_that_nobody_has'"),
        ("raising_nodes:Node", "division by zero"),
        ("no_such_module_at_all:Node", "No module named 'no_such_module_at_all'"),
    ],
)
def test_a_place_where_no_node_is_says_so(installed, place, words):
    register("Mine", place)
    try:
        with pytest.raises(StreamLabError, match=rf"node type 'Mine' \({place}\) does not load: .*{words}"):
            node_class("Mine")
        problem = str(*Graph.load({"nodes": [{"id": "a", "type": "Mine"}]}).problems())
        assert problem.startswith("/nodes/0/type (node 'a'): node type 'Mine'")
    finally:
        unregister("Mine")


def test_a_built_in_name_is_taken():
    with pytest.raises(ValueError, match="'Gain' is a built-in node type; choose another name"):
        register("Gain", Mine)


@pytest.mark.contract("G2")
def test_an_unknown_type_comes_with_the_nearest_one():
    with pytest.raises(UnknownNodeType, match=r"unknown node type 'gian' - did you mean 'Gain'\?"):
        node_class("gian")
    with pytest.raises(LookupError, match=r"unknown node type 'Zyx123' - known types: .*SineGenerator.*Gain"):
        node_class("Zyx123")


def test_every_built_in_type_is_a_node_of_its_name():
    assert list(BUILT_IN) == node_types()[: len(BUILT_IN)]
    for name in BUILT_IN:
        assert node_class(name).__name__ == name
        assert node_class(name) is node_class(name)


@pytest.mark.contract("G2")
def test_types_of_other_packages_are_known_and_loaded_when_needed(installed):
    own = ["Broken", "Number", "OutsideNotch"]  # nobody takes over a built-in name
    assert node_types()[len(BUILT_IN) :] == own
    assert "outside_nodes" not in sys.modules
    assert node_class("OutsideNotch").__module__ == "outside_nodes"
    assert node_class("Gain").__module__ == "streamlab.nodes.conditioning.gain"
    assert not is_local("OutsideNotch")
    with pytest.raises(StreamLabError, match=r"node type 'Broken' \(broken_nodes:Node\) does not load"):
        node_class("Broken")
    with pytest.raises(StreamLabError, match=r"'Number' \(outside_nodes:Number\) is not a subclass of Proc"):
        node_class("Number")


@pytest.mark.contract("G2", "G5")
def test_a_package_that_does_not_load_spoils_neither_the_schema_nor_other_problems(installed):
    schema = graph_schema()
    branches = {
        item["if"]["properties"]["type"]["const"]: item["then"]["properties"]["config"]
        for item in schema["properties"]["nodes"]["items"]["allOf"]
    }
    assert branches["Broken"] == branches["Number"] == {"type": "object"}
    assert branches["OutsideNotch"]["properties"]["width"]["exclusiveMinimum"] == 0
    nodes = [
        {"id": "a", "type": "Broken"},
        {"id": "b", "type": "OutsideNotch", "config": {"width": 0}},
        {"id": "c", "type": "Number"},
    ]
    problems = {item.pointer: item.message for item in Graph.load({"nodes": nodes}).problems()}
    assert list(problems) == ["/nodes/0/type", "/nodes/1/config/width", "/nodes/2/type"]
    assert "does not load: No module named 'a_package_that_nobody_has'" in problems["/nodes/0/type"]
    assert "is not a subclass of ProcessingNode" in problems["/nodes/2/type"]
