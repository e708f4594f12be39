"""Canonical JSON and the hash of a graph: the vectors of RFC 8785, and what may and may not change a hash."""

from __future__ import annotations

import hashlib
import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.engine import Graph
from streamlab.engine.canonical import canonical_json
from streamlab.errors import GraphError

# RFC 8785, appendix B: bits of a double and how it is spelled.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_spelled_as_the_standard_says(bits, text):
    assert canonical_json(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


def test_the_standards_example():
    # RFC 8785, 3.2.2 and 3.2.3.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(value) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical_json(names)).values()) == [2, 4, 6, 7, 1, 5, 3]


def plain_values():
    numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    plain = st.none() | st.booleans() | numbers | st.text()
    return st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(plain_values())
def test_it_reads_back_and_is_its_own_canonical_form(value):
    text = canonical_json(value)
    back = json.loads(text, parse_int=float)  # a number in JSON is a double
    assert back == value
    assert canonical_json(back) == text


def build(**gain):
    return Graph("hum").add("gen", "SineGenerator", frequency=50.0).add("amp", "Gain", **gain)


def test_the_hash_of_a_graph_is_that_of_its_content():
    graph = build(gain=2.0)
    text = (
        '{"connections":[],"name":"hum","nodes":[{"config":{"frequency":50},"id":"gen","type":"SineGenerator"},'
        '{"config":{"gain":2},"id":"amp","type":"Gain"}],"version":1}'
    )
    assert graph.hash == hashlib.sha256(text.encode()).hexdigest()
    turned = {key: graph.document[key] for key in reversed(graph.document)}
    assert Graph.load(turned).hash == Graph.load(json.dumps(graph.document, indent=7)).hash == graph.hash
    assert build(gain=2).hash == graph.hash
    assert build(gain=2.5).hash != graph.hash
    assert graph.spec().context("a").graph_hash == graph.hash


def test_what_json_cannot_hold_has_no_hash_and_runs_all_the_same():
    graph = Graph("show").add("gen", "SineGenerator").add("show", "Print", stream=io.StringIO())
    graph.connect("gen", "show")
    assert graph.spec().context("a").graph_hash == ""
    with pytest.raises(GraphError, match=r"show: .*has no hash: a StringIO has no form in JSON"):
        _ = graph.hash


@pytest.mark.parametrize("strange", [float("nan"), {1: 2}, {"a": {1, 2}}])
def test_what_is_no_json_is_refused(strange):
    with pytest.raises(GraphError, match="has no hash"):
        _ = build().node_options("amp", metadata={"about": strange}).hash
