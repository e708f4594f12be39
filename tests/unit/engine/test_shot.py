"""A job straight through a chain says the same as one through channels: frames, counters, errors."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.engine import Pipeline, PipelinePool
from streamlab.engine.shot import Shot
from streamlab.errors import NodeError
from streamlab.testing import registered
from streamlab.testing.faults import Failing
from streams import chain, frame, node

pytestmark = pytest.mark.usefixtures("test_nodes")

KINDS = [
    ("Gain", {"gain": 3.0}),
    ("Offset", {"offset": 1.0}),
    ("Statistics", {}),
    ("Repeat", {"count": 3}),
    ("Repeat", {"count": 0}),
    ("HoldBack", {"count": 1}),
    ("Recut", {"frame_size": 3}),
    ("Judge", {}),
    ("Fork", {}),
    ("Failing", {"at": "process"}),
    ("Failing", {"at": "configure"}),
    ("Failing", {"at": "flush"}),
    ("Failing", {"at": "result"}),
]


def told(report):
    """What a report says, comparable."""
    return (
        report.state,
        report.reason,
        {name: str(value) for name, value in report.results.items()},
        {name: [item.samples.tolist() for item in frames] for name, frames in report.outputs.items()},
        {name: [counters(item)] for name, item in report.nodes.items()},
        report.edges,
        [(str(error), error.node_id, error.phase, error.sequence_id) for error in report.errors],
        report.frames_in,
        report.frames_out,
    )


def counters(metrics):
    lost = metrics.dropped, metrics.failed, metrics.undelivered
    return metrics.frames_in, metrics.frames_out, *lost, metrics.emitted


def shot(graph, times):
    pipeline = Pipeline(graph)
    seen = []
    for number in range(times):
        try:
            asyncio.run(pipeline.execute_once(frame(number)))
        except NodeError as error:
            seen.append(str(error))
        seen.append(told(pipeline.report))
    return seen


def pooled(graph, times):
    async def jobs():
        seen = []
        async with PipelinePool(graph, 1) as pool:
            for number in range(times):
                try:
                    result = await (await pool.execute(frame(number)))
                except NodeError as error:
                    seen.append((str(error), error.node_id, error.phase))
                else:
                    seen.append(told(result.report))
        return seen

    return asyncio.run(jobs())


@pytest.mark.contract("P2", "P3", "E8")
@given(
    kinds=st.lists(st.sampled_from(KINDS[:-5]), max_size=4), last=st.sampled_from(KINDS), skips=st.booleans()
)
def test_a_job_straight_through_a_chain_is_the_same_as_one_through_channels(kinds, last, skips):
    nodes = [node(f"n{at}", name, **config) for at, (name, config) in enumerate([*kinds, last])]
    nodes[-1] |= {"on_error": "skip"} if skips and last[0] == "Failing" else {}
    graph = chain(*nodes)
    with registered(Failing), pytest.MonkeyPatch.context() as patch:
        assert Shot.fits(Pipeline(graph).plan)
        direct = shot(graph, 2), pooled(graph, 3)
        patch.setattr(Shot, "fits", staticmethod(lambda plan: False))
        assert direct == (shot(graph, 2), pooled(graph, 3))


@pytest.mark.parametrize(
    "graph",
    [
        chain(node("a", "Gain", gain=1.0), node("b", "Gain", gain=1.0) | {"isolate": True}),
        chain(node("a", "PassAsync")),
        chain(node("a", "PassRun")),
        chain(node("a", "Gain", gain=1.0) | {"executor": "thread"}),
        chain(node("a", "Ticks", count=1)),
    ],
    ids=["two segments", "awaits", "own run", "thread", "source"],
)
def test_what_waits_for_somebody_goes_through_channels(graph):
    assert not Shot.fits(Pipeline(graph).plan)
