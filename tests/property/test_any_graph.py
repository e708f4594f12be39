"""Any valid graph: how it is cut, placed and buffered does not show in what it delivers; nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings

from graph_runs import difference, ends, exact, read_whole, run
from streamlab.core import DataFrame
from streamlab.engine.spec import Executor
from streamlab.errors import EdgeOverflow, NodeError, StalledError
from streamlab.testing import assert_conserved, capped, join, registered, valid_graphs
from streamlab.testing.faults import InjectedFault

pytestmark = [
    # Levels of silence are infinite, and their sums and products are not all numbers: that is data.
    pytest.mark.filterwarnings("ignore:(invalid value|divide by zero|overflow) encountered:RuntimeWarning"),
]

Document = dict[str, Any]
Mode = tuple[bool, Executor, int | None]
"""Fused or not, where the work is done, and what an edge holds (None: what was drawn)."""

MODES: list[Mode] = list(product((False, True), ("inline", "thread"), (1, None, 64)))
"""Capacity 1 leaves nothing to coalesce, 64 a lot."""
AWAY: list[Mode] = [(False, "process", None), (True, "process", 64)]
"""Worker processes take a while to start."""


@pytest.fixture(autouse=True, scope="module")
def _kit() -> Iterator[None]:
    with registered():
        yield


def placed(document: Document, mode: Mode) -> Document:
    """The same graph in another mode."""
    fuse, executor, capacity = mode
    document = document if capacity is None else capped(document, capacity)
    settings = document["pipeline_config"] | {"fuse": fuse, "executor": executor}
    nodes = [{key: value for key, value in node.items() if key != "executor"} for node in document["nodes"]]
    for node in nodes:
        if executor == "process" and node.get("config", {}).get("awaits"):
            node["executor"] = "inline"  # an async source stays in the caller's loop, and says so elsewhere
    return document | {"nodes": nodes, "pipeline_config": settings}


def delivered(document: Document) -> dict[str, Any]:
    """What a graph brings that none of its edges has a say in: frames at the ends, results, counts."""
    whole = read_whole(document)
    outcome = run(document, collect=ends(document, whole))
    assert outcome.error is None
    report = outcome.report
    assert_conserved(report, outcome.pipeline.plan)
    assert report.reason == "completed"
    nodes = {name: (item.frames_out, item.emitted) for name, item in report.nodes.items() if name in whole}
    results = {name: value for name, value in report.results.items() if name in whole}
    return {"outputs": exact(report.outputs), "results": exact(results), "nodes": nodes}


def check_modes(document: Document, modes: list[Mode]) -> None:
    """Every mode delivers the bytes that the graph delivers as it was drawn."""
    as_drawn = delivered(document)
    for mode in modes:
        note(f"mode {mode}")
        assert list(difference(delivered(placed(document, mode)), as_drawn)) == []


@pytest.mark.contract("E8", "E2", "E3", "E4")
@settings(max_examples=25)
@given(document=valid_graphs())
def test_every_mode_delivers_the_same_bytes(document: Document) -> None:
    check_modes(document, MODES)


@pytest.mark.long
@pytest.mark.contract("E8", "E2", "E3", "E4")
@settings(max_examples=500)
@given(document=valid_graphs())
def test_every_mode_delivers_the_same_bytes_for_500_graphs(document: Document) -> None:
    check_modes(document, MODES)


processes = pytest.mark.skipif(os.name != "posix", reason="worker processes need POSIX")


@processes
@pytest.mark.contract("E8")
@settings(max_examples=4)
@given(document=valid_graphs(max_nodes=6))
def test_worker_processes_deliver_the_same_bytes(document: Document) -> None:
    check_modes(document, AWAY)


@processes
@pytest.mark.long
@pytest.mark.contract("E8")
@settings(max_examples=60)
@given(document=valid_graphs())
def test_worker_processes_deliver_the_same_bytes_for_60_graphs(document: Document) -> None:
    check_modes(document, AWAY)


# -- other sizes of frames


def recut(document: Document, parts: int) -> Document:
    """The same signal in frames of which so many make one of the drawn ones."""
    nodes = []
    for node in document["nodes"]:
        config = dict(node.get("config", {}))
        kind = node["type"]
        for name in ("count", "frames") if kind in ("Ticks", "Clock") else ():
            config |= {name: config[name] * parts} if name in config else {}
        if kind == "Clock":
            config["rate"] *= parts
        if kind in ("Ticks", "SineGenerator", "Noise"):
            config["frame_size"] //= parts
        if "lost_before" in config:
            config["lost_before"] = [number * parts for number in config["lost_before"]]
        nodes.append(node | {"config": config})
    edges = []
    for edge in document["connections"]:
        least = edge.get("metadata", {}).get("needs", 1)
        edges.append(edge | ({"capacity": least * parts} if least > 1 else {}))
    document = document | {"nodes": nodes, "connections": edges}
    if "metadata" in document:
        told = document["metadata"]["triggers"]
        told = {"count": told["count"] * parts, "size": told["size"] // parts, "rate": told["rate"] * parts}
        document["metadata"] = {"triggers": told}
    return document


def check_sizes(document: Document) -> None:
    """What promises not to depend on the size of frames does not: a sample is what it is, where it is."""
    exactly = not any(
        node["type"] in ("SineGenerator", "Level") or node.get("join", {}).get("policy") == "align"
        for node in document["nodes"]
    )
    whole = sorted(read_whole(document))
    drawn = run(document, collect=ends(document, whole))
    assert drawn.error is None
    for parts in (2, 4):
        other = run(recut(document, parts), collect=ends(document, whole))
        assert other.error is None
        for name, frames in drawn.report.outputs.items():
            check_same_signal(other.report.outputs[name], frames, exactly)
        for name in whole:
            assert_close(other.report.results.get(name), drawn.report.results.get(name))


def check_same_signal(found: list[DataFrame], expected: list[DataFrame], exactly: bool) -> None:
    assert [position for item in found for position in positions(item)] == [
        position for item in expected for position in positions(item)
    ]
    assert {(item.start_sample, item.gap) for item in found if item.gap} == {
        (item.start_sample, item.gap) for item in expected if item.gap
    }
    if not expected:
        return
    one, other = join(found), join(expected)
    assert one.info is other.info
    if exactly:
        assert one.samples.tobytes() == other.samples.tobytes()
    else:
        assert np.allclose(one.samples, other.samples, rtol=1e-9, atol=1e-9, equal_nan=True)
    times = {item.start_sample: item.timestamp for item in expected}
    assert [item.timestamp for item in found if item.start_sample in times] == [
        times[item.start_sample] for item in found if item.start_sample in times
    ]


def positions(frame: DataFrame) -> list[int]:
    return list(range(frame.start_sample, frame.start_sample + frame.n))


def assert_close(one: Any, other: Any) -> None:
    """Results are the same numbers to 1e-9."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_close(one[key], other[key])
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True)
    else:
        assert one == other


UNCUT = valid_graphs(kinds=("sample-wise", "stream-wise"))


@pytest.mark.contract("E8", "N8")
@settings(max_examples=50)
@given(document=UNCUT)
def test_the_size_of_frames_does_not_show_in_what_promises_that(document: Document) -> None:
    check_sizes(document)


@pytest.mark.long
@pytest.mark.contract("E8", "N8")
@settings(max_examples=1000)
@given(document=UNCUT)
def test_the_size_of_frames_does_not_show_in_a_thousand_graphs(document: Document) -> None:
    check_sizes(document)


# -- what may lose frames


def check_conserved(document: Document) -> None:
    """Whatever was dropped, skipped, cut off or failed: it was counted, everywhere."""
    outcome = run(document)
    report, error = outcome.report, outcome.error
    assert_conserved(report, outcome.pipeline.plan)
    if isinstance(error, NodeError | StalledError):
        assert report.state == report.reason == "failed"
        assert report.errors[0] is error
        # Where frames are lost, what is cut anew may come to another length than its partner at a join.
        cause = error.__cause__
        assert cause is None or isinstance(cause, InjectedFault | EdgeOverflow | ValueError)
    elif error is None:
        assert (report.state, report.reason, report.errors) == ("stopped", "completed", [])
    else:  # whoever took the triggers has left early
        assert (report.state, report.errors) == ("stopped", [])
        assert any(node["type"] == "EarlyClose" for node in document["nodes"])


@pytest.mark.contract("E8", "E6", "B3", "L3")
@settings(max_examples=100)
@given(document=valid_graphs(lossy=True))
def test_frames_are_conserved_where_some_may_be_lost(document: Document) -> None:
    check_conserved(document)


@pytest.mark.long
@pytest.mark.contract("E8", "E6", "B3", "L3")
@settings(max_examples=3000)
@given(document=valid_graphs(lossy=True))
def test_frames_are_conserved_in_thousands_of_graphs(document: Document) -> None:
    check_conserved(document)
