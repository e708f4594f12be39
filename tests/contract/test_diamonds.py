"""G9: a diamond joined by zip is refused exactly where it would stall, and what to do about it is said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_runs import run
from streamlab.engine import Graph
from streamlab.errors import StalledError
from streamlab.testing import Deadlock, registered
from streamlab.testing.nodes import HoldBack
from streams import graph, node, numbers

pytestmark = [pytest.mark.contract("G9"), pytest.mark.usefixtures("_types")]

FRAMES = 40


class Sly(HoldBack):
    """Holds frames back and does not say so: nobody can refuse a graph for it."""

    @classmethod
    def delay(cls, params: Any) -> int:
        return 0


@pytest.fixture(scope="module")
def _types() -> Iterator[None]:
    with registered(), registered(Sly):
        yield


# -- as many as the branch must hold, no more and no less

BETWEEN = st.sampled_from(["Pass", "PassAsync", "PassRun", "Recorder"]).map(lambda kind: (kind, {}))
LATE = st.integers(0, 5).map(lambda count: ("Sly", {"count": count}))


@st.composite
def diamonds(draw: Any) -> dict[str, Any]:
    """Two branches of a fork with nodes and delays in them, on edges of any capacity, in any order."""
    fork = draw(st.sampled_from(["Ticks", "Pass", "PassAsync", "PassRun", "triggers"]))
    nodes, edges = [], []
    if fork == "Ticks":
        nodes.append(node("fork", "Ticks", count=FRAMES))
    elif fork != "triggers":
        nodes += [node("src", "Ticks", count=FRAMES), node("fork", fork)]
        edges.append(("src", "fork"))
    for side in "ab":
        kinds = draw(st.lists(BETWEEN | LATE, min_size=int(fork == "triggers"), max_size=3))
        branch = [node(f"{side}{at}", kind, **config) for at, (kind, config) in enumerate(kinds)]
        nodes += branch
        names = [*(["fork"] if fork != "triggers" else []), *(item["id"] for item in branch), f"join.{side}"]
        edges += list(pairwise(names))
    nodes.append(node("join", "AddBoth"))
    sized = [
        (source, target, {"capacity": draw(st.integers(1, 4))} if draw(st.booleans()) else {})
        for source, target in draw(st.permutations(edges))
    ]
    settings = {"channel_capacity": draw(st.integers(1, 4)), "fuse": draw(st.booleans())}
    told = {"triggers": {"count": FRAMES, "size": 4, "rate": 250}} if fork == "triggers" else {}
    return graph(nodes, sized, **settings) | {"metadata": told}


def honest(document: dict[str, Any]) -> dict[str, Any]:
    """The same graph of nodes that say how late they are."""
    nodes = [item | {"type": item["type"].replace("Sly", "HoldBack")} for item in document["nodes"]]
    return document | {"nodes": nodes}


@pytest.mark.contract("E11")
@given(document=diamonds())
def test_a_diamond_is_refused_exactly_where_it_would_stall(document: dict[str, Any]) -> None:
    refused = [problem.message for problem in Graph.load(honest(document)).problems()]
    try:
        outcome = run(document, collect=["join"])
        stalls = isinstance(outcome.error, StalledError)
    except Deadlock:
        stalls = True  # whoever triggers might still do something, so it is not for the engine to say
    assert stalls == any("would stall" in text for text in refused), refused
    assert stalls or numbers(outcome.report.outputs["join"]) == list(range(FRAMES))


@given(document=diamonds())
def test_following_the_hints_makes_a_diamond_run(document: dict[str, Any]) -> None:
    document = honest(document)
    for _ in range(10):
        found = Graph.load(document).problems()
        if not found:
            break
        edge, capacity = found[0].hint.removeprefix("give edge ").rsplit(" a capacity of ", 1)
        source, target = edge.strip('"').split(" -> ")
        for connection in document["connections"]:
            if (connection["from"], connection["to"]) == (source, target):
                connection["capacity"] = int(capacity)
    outcome = run(document, collect=["join"])
    assert outcome.error is None
    assert numbers(outcome.report.outputs["join"]) == list(range(FRAMES))


# -- one case each


def refused(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Message and hint of each problem."""
    return [(problem.message, problem.hint) for problem in Graph.load(document).problems()]


def test_a_source_needs_room_for_one_more_as_it_pulls_only_what_has_a_place_everywhere() -> None:
    nodes = [node("src", "Ticks", count=9), node("late", "HoldBack", count=3), node("join", "AddBoth")]

    def diamond(capacity: int) -> dict[str, Any]:
        return graph(nodes, ["src > late", ("late", "join.a", {}), ("src", "join.b", {"capacity": capacity})])

    text = "'join' zips branches of 'src' that would stall: src -> late -> join is 3 frames behind"
    assert refused(diamond(3)) == [(text, 'give edge "src -> join.b" a capacity of 4')]
    assert numbers(run(diamond(4), collect=["join"]).report.outputs["join"]) == list(range(9))


def test_two_trigger_inputs_are_the_branches_of_a_fork() -> None:
    """A trigger goes to both or none: the one that is ahead must hold what the other one is behind."""
    nodes = [node("late", "HoldBack", count=9), node("quick", "Pass"), node("join", "AddBoth")]
    edges = [("late", "join.a", {}), ("quick", "join.b", {})]
    text = "'join' zips branches of the triggers that would stall: trigger -> late -> join is 9 frames behind"
    document = graph(nodes, edges, channel_capacity=4)
    assert refused(document) == [(text, 'give edge "quick -> join.b" a capacity of 6')]
    document["connections"][1]["capacity"] = 6
    assert refused(document) == []


def test_a_fork_further_up_counts_where_one_branch_goes_round_the_nearest() -> None:
    """What the inner join waits for, its output brings late to the outer one."""
    nodes = [
        node("src", "Ticks", count=20),
        node("a", "Pass"),
        node("late", "HoldBack", count=5),
        node("b", "Pass"),
        node("inner", "AddBoth"),
        node("outer", "AddBoth"),
    ]

    def twice(capacity: int) -> dict[str, Any]:
        edges = ["src > a > late", "a > b", ("late", "inner.a", {}), ("b", "inner.b", {"capacity": 5})]
        edges += [("inner", "outer.a", {}), ("b", "outer.b", {"capacity": capacity})]
        return graph(nodes, edges, channel_capacity=1)

    text = "'outer' zips branches of 'a' that would stall: a -> late -> inner -> outer is 5 frames behind"
    assert refused(twice(3)) == [(text, 'give edge "b -> outer.b" a capacity of 4')]
    assert numbers(run(twice(4), collect=["outer"]).report.outputs["outer"]) == list(range(20))


def test_branches_that_are_merged_are_numbered_anew() -> None:
    nodes = [
        node("src", "Ticks"),
        node("other", "Ticks"),
        node("mix", "Pass", join={"policy": "merge"}),
        node("join", "AddBoth"),
    ]
    document = graph(nodes, ["src > mix", "other > mix", ("mix", "join.a", {}), ("src", "join.b", {})])
    text = "'join' zips branches from 'src' with different numbering"
    assert refused(document) == [(text, 'give the node "join": {"policy": "align"}')]


def test_a_ladder_of_diamonds_is_checked_rung_by_rung() -> None:
    """It has 2^60 ways through: nobody can look at each."""
    nodes, edges = [node("src", "Ticks", count=3), node("m0", "Pass")], [("src", "m0", {})]
    for at in range(60):
        nodes += [node(f"a{at}", "Pass"), node(f"b{at}", "Pass"), node(f"m{at + 1}", "AddBoth")]
        edges += [(f"m{at}", f"{side}{at}", {}) for side in "ab"]
        edges += [(f"{side}{at}", f"m{at + 1}.{side}", {}) for side in "ab"]
    nodes += [node("x", "Pass"), node("y", "Pass"), *(node(name, "AddBoth") for name in ("k", "l", "end"))]
    edges += [("m60", "x", {}), ("m60", "y", {}), ("k", "end.a", {}), ("l", "end.b", {})]
    edges += [(source, f"{join}.{port}", {}) for join in "kl" for source, port in (("x", "a"), ("y", "b"))]
    assert refused(graph(nodes, edges)) == []
    nodes[2] = node("a0", "HoldBack", count=50)
    assert refused(graph(nodes, edges))[0][1] == 'give edge "m0 -> b0" a capacity of 40'
