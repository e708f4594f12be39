"""The layout of graphs: layers, room, order, places."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.report.layout import _spread, lay_out


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    nodes = [f"n{at}" for at in range(count)]
    pairs = [(a, b) for b in range(count) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return nodes, [(nodes[a], nodes[b]) for a, b in chosen]


@given(graphs())
def test_edges_go_forward_and_nothing_lies_on_another(graph):
    nodes, edges = graph
    layout = lay_out(nodes, edges)
    assert all(layout.layer[a] < layout.layer[b] for a, b in edges)
    assert set(layout.layer.values()) <= set(range(layout.layers))
    spots: dict[int, set[float]] = {}
    for name in nodes:
        spots.setdefault(layout.layer[name], set()).add(layout.place[name])
    for way, (a, b) in zip(layout.ways, edges, strict=True):
        assert [at for at, _ in way] == list(range(layout.layer[a], layout.layer[b] + 1))
        assert (way[0][1], way[-1][1]) == (layout.place[a], layout.place[b])
        for at, place in way[1:-1]:
            spots.setdefault(at, set()).add(place)
    for places in spots.values():
        assert all(two - one >= 1 - 1e-9 for one, two in pairwise(sorted(places)))
        assert min(places) >= 0
        assert max(places) <= layout.width - 1 + 1e-9


def test_a_chain_is_straight_and_a_source_stands_beside_its_reader():
    layout = lay_out(["a", "b", "late", "c"], [("a", "b"), ("b", "c"), ("late", "c")])
    assert layout.layer == {"a": 0, "b": 1, "late": 1, "c": 2}
    chain = lay_out(list("abcd"), [("a", "b"), ("b", "c"), ("c", "d")])
    assert set(chain.place.values()) == {0.0}


def test_ways_that_need_not_cross_do_not():
    # Two chains that were written crosswise.
    edges = [("a", "d"), ("b", "c"), ("c", "f"), ("d", "e")]
    layout = lay_out(list("abcdef"), edges)
    side = [layout.place[one] < layout.place[two] for one, two in (("a", "b"), ("d", "c"), ("e", "f"))]
    assert len(set(side)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_places_are_the_nearest_that_keep_their_distance(seed):
    """Against a search over all that could be: the projection onto ordered places is a convex problem."""
    from scipy.optimize import minimize

    wanted = np.random.default_rng(seed).uniform(0, 4, 5)
    found = np.array(_spread(wanted.tolist()))
    assert (np.diff(found) >= 1 - 1e-9).all()
    distance = [{"type": "ineq", "fun": lambda x, at=at: x[at + 1] - x[at] - 1} for at in range(4)]
    best = minimize(lambda x: ((x - wanted) ** 2).sum(), np.arange(5.0), constraints=distance)
    assert ((found - wanted) ** 2).sum() <= best.fun + 1e-6


def test_a_graph_without_nodes_has_a_layout_too():
    assert lay_out([], []).layers == 0
