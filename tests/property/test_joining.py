"""Frames that wait are worked on together: nobody may see that (E8; engine, idea 2)."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline, Graph
from streamlab.nodes.conditioning.gain import Gain
from streamlab.testing.virtual_loop import run_virtual

FRAMES = 40


def _chain(nodes: list[tuple[str, dict[str, Any]]], capacity: int, fuse: bool) -> Graph:
    graph = Graph("chain").configure(channel_capacity=capacity, fuse=fuse)
    for at, (kind, config) in enumerate(nodes):
        graph.add(f"n{at}", kind, **config)
        if at:
            graph.connect(f"n{at - 1}", f"n{at}")
    return graph


def _run(graph: Graph, triggers: list[DataFrame], collect: list[str]) -> dict[str, list[DataFrame]]:
    report = run_virtual(AsyncPipeline(graph, collect=collect).run(triggers))
    assert report.frames_out == len(triggers)
    for node in report.nodes.values():
        assert node.frames_in == node.frames_out == len(triggers)
    return report.outputs


gains = st.lists(st.floats(-4, 4).map(lambda gain: ("Gain", {"gain": gain})), min_size=0, max_size=5)
ends = st.sampled_from([[], [("Statistics", {})]])


@pytest.mark.contract("E8")
@given(
    chain=st.tuples(gains, ends).map(lambda parts: parts[0] + parts[1]),
    size=st.sampled_from([1, 7, 64, 1024]),
    capacity=st.sampled_from([1, 3, 10, 64]),
    frequency=st.sampled_from([0.1, 440.0, 997.3]),
    channels=st.integers(1, 3),
)
def test_a_generated_stream_has_the_same_bytes_joined_or_not(
    chain: list[tuple[str, dict[str, Any]]], size: int, capacity: int, frequency: float, channels: int
) -> None:
    """Capacity 1 leaves nothing to join, and without fusion every node works alone."""
    head = (
        "SineGenerator",
        {"frequency": frequency, "frame_size": size, "channels": [f"c{at}" for at in range(channels)]},
    )
    nodes = [head, *chain]
    last = f"n{len(nodes) - 1}"
    triggers = [DataFrame(at * 1000, at, metadata={"at": at}) for at in range(FRAMES)]
    joined = _run(_chain(nodes, capacity, True), triggers, [last])[last]
    alone = _run(_chain(nodes, 1, False), triggers, [last])[last]
    assert [frame.samples.tobytes() for frame in joined] == [frame.samples.tobytes() for frame in alone]
    assert joined == alone


@pytest.mark.contract("E8")
@given(
    cuts=st.lists(st.integers(1, 50), min_size=2, max_size=30),
    holes=st.sets(st.integers(1, 29), max_size=3),
    count=st.integers(1, 6),
    capacity=st.sampled_from([2, 10, 64]),
)
def test_a_recorded_stream_is_joined_only_where_it_has_no_seam(
    cuts: list[int], holes: set[int], count: int, capacity: int
) -> None:
    """Frames of other lengths, gaps and metadata of their own come out as they went in, times the gain."""
    frames, start = [], 0
    for at, n in enumerate(cuts):
        gap = 5 if at in holes else 0
        start += gap
        samples = np.sin(np.arange(start, start + n))
        frames.append(
            DataFrame(at, at, {"x": samples}, {"at": at}, sample_rate=100, start_sample=start, gap=gap)
        )
        start += n
    nodes = [("Gain", {"gain": 0.5})] * count
    last = f"n{count - 1}"
    outputs = _run(_chain(nodes, capacity, True), frames, [last])[last]
    assert outputs == [frame.replace(samples=frame.samples * 0.5**count) for frame in frames]


@pytest.mark.contract("E8", "E7")
def test_reading_along_in_the_middle_of_a_joined_chain_changes_nothing() -> None:
    """A subscriber in the middle sees every frame as it was there, although nodes behind work in place."""
    nodes = [("SineGenerator", {"frame_size": 32}), *[("Gain", {"gain": 2.0})] * 4]
    triggers = [DataFrame(at, at) for at in range(FRAMES)]
    outputs = _run(_chain(nodes, 20, True), triggers, ["n0", "n2", "n4"])
    for first, middle, last in zip(outputs["n0"], outputs["n2"], outputs["n4"], strict=True):
        assert np.array_equal(middle.samples, first.samples * 4.0)
        assert np.array_equal(last.samples, first.samples * 16.0)
        assert not np.shares_memory(first.samples, last.samples)


def test_a_backlog_is_worked_on_in_blocks_a_trickle_frame_by_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The point of it: fewer calls of the nodes than frames, but none that makes a frame wait."""
    calls = 0

    def counted(self: Gain, frame: DataFrame) -> None:
        nonlocal calls
        calls += 1
        frame.samples[:] *= self.gain

    monkeypatch.setattr(Gain, "overwrite", counted)
    nodes = [("SineGenerator", {"frame_size": 64}), ("Gain", {"gain": 2.0})]
    triggers = [DataFrame(at, at) for at in range(FRAMES)]
    _run(_chain(nodes, 20, True), triggers, ["n1"])
    assert calls < FRAMES / 4
    calls = 0
    _run(_chain(nodes, 1, True), triggers, ["n1"])
    assert calls == FRAMES
