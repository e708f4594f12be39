"""Frames that wait together are worked on together: what comes out, what is heard, what a failure costs."""

from __future__ import annotations

import numpy as np
import pytest

from step_kit import TimesFactor, TopValue, at, burst, scales
from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.engine import AsyncPipeline
from streamlab.errors import NodeError
from streamlab.testing import registered, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers


class Shrinks(ProcessingNode):
    """Says that it is sample-wise and is not."""

    kind = "sample-wise"

    def process(self, item):
        return item.replace(samples=item.samples[:, ::2].copy())


@pytest.fixture(autouse=True)
def types():
    with registered(TimesFactor, TopValue, Shrinks), registered():
        yield


@pytest.mark.contract("L2", "E6")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_failure_among_frames_that_waited_together_loses_none_of_the_count(executor):
    pipeline = AsyncPipeline(chain(*scales(4, refuses=8 * 13.0), executor=executor), collect=["end"])
    with pytest.raises(NodeError, match=r"node 'end' failed in process at frame \d: ValueError: met 104"):
        await burst(pipeline, frames(8))
    report = conserved(pipeline)
    delivered = numbers(report.outputs["end"])
    assert delivered == list(range(len(delivered)))
    assert len(delivered) <= 3  # the value is in frame 3
    edge = report.edges["trigger -> n0"]
    assert edge.frames_in == 8
    assert edge.failed >= 1


@virtual_time
async def test_a_node_that_breaks_its_promise_to_be_sample_wise_is_named():
    nodes = [node("a", "TimesFactor"), node("b", "TimesFactor"), node("odd", "Shrinks")]
    pipeline = AsyncPipeline(chain(*nodes))
    expected = r"one frame with as many samples, found DataFrame\(#1"
    with pytest.raises(NodeError, match=rf"'odd' failed in process at frame 1: TypeError: .* {expected}"):
        await burst(pipeline, frames(6))
    conserved(pipeline)


@pytest.mark.contract("E8")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_measurement_of_several_frames_at_once_is_that_of_each(executor):
    pipeline = AsyncPipeline(chain(*scales(3), node("top", "TopValue"), executor=executor), collect=["top"])
    report = await burst(pipeline, frames(9))
    out = report.outputs["top"]
    assert [item.samples.tolist() for item in out] == [[[8.0 * (4 * number + 3)]] for number in range(9)]
    assert (numbers(out), report.nodes["top"].frames_in) == (list(range(9)), 9)
    assert max(report.results["top"]) > 1  # it did get several at once
    assert sum(report.results["top"]) == 9
    conserved(pipeline)


@pytest.mark.contract("E8")
@virtual_time
async def test_frames_on_another_axis_go_one_by_one_and_keep_what_they_span():
    info = StreamInfo(["x"], 1000, "frequency")
    items = [
        DataFrame.from_samples(np.full((1, 3), k + 1j), info, sequence_id=k, start_sample=8 * k, span=8)
        for k in range(6)
    ]
    pipeline = AsyncPipeline(chain(*scales(3)), collect=["end"])
    report = await burst(pipeline, items)
    out = report.outputs["end"]
    assert [item.samples[0, 2] for item in out] == [8 * (k + 1j) for k in range(6)]
    assert [(item.start_sample, item.span, item.gap) for item in out] == [(8 * k, 8, 0) for k in range(6)]
    conserved(pipeline)


@pytest.mark.contract("L2")
@pytest.mark.parametrize("bad", range(60, 68))
@virtual_time
async def test_a_failure_is_that_of_its_frame_whether_or_not_its_time_was_taken(bad):
    pipeline = AsyncPipeline(chain(*scales(3, refuses=16.0 * bad), channel_capacity=1), collect=["end"])
    with pytest.raises(NodeError, match=f"node 'end' failed in process at frame {bad}: ValueError"):
        await pipeline.run(frames(80))
    report = conserved(pipeline)
    assert numbers(report.outputs["end"]) == list(range(bad))
    assert [item.frames_in for item in report.nodes.values()] == [bad + 1] * 3


@pytest.mark.contract("L2")
@virtual_time
async def test_a_measurement_that_fails_ends_the_run_and_every_frame_is_counted():
    nodes = [*scales(3), node("top", "TopValue", refuses=8 * 21.0)]
    pipeline = AsyncPipeline(chain(*nodes), collect=["top"])
    with pytest.raises(NodeError, match=r"node 'top' failed in process at frame \d: ValueError: met 168"):
        await burst(pipeline, frames(9))
    report = conserved(pipeline)
    assert len(report.outputs["top"]) <= 5
    assert report.nodes["top"].failed >= 1


class Follows(TimesFactor):
    """As TimesFactor, and notes every stream that it hears of."""

    heard: list[float]

    def configure(self, info):
        self.heard = [*getattr(self, "heard", []), float(info.sample_rate)]

    def result(self):
        return self.heard


class FollowsTop(TopValue):
    def configure(self, info):
        self.heard = [*getattr(self, "heard", []), float(info.sample_rate)]

    def result(self):
        return self.heard


class Listed(TopValue):
    """Gives its measurements as a plain list, numbered anew."""

    renumbers = True

    def measure(self, run):
        return list(super().measure(run))


class TonesAtRate(ProcessingNode):
    """A generator whose tone has the rate that it is told of; cannot stand a number."""

    kind = "sample-wise"
    generator = True
    refuses: int = param(default=-1, doc="Number that it cannot stand", ge=-1)

    def configure(self, info):
        self.heard = [*getattr(self, "heard", []), len(info.names)]

    def result(self):
        return self.heard

    def process(self, item):
        return self.process_block([item]).replace(sequence_id=item.sequence_id)

    def process_block(self, items):
        if self.refuses in [item.sequence_id for item in items]:
            raise ValueError(f"met {self.refuses}")
        start = 4 * items[0].sequence_id
        row = np.arange(start, start + 4 * len(items), dtype=float)
        return DataFrame.from_samples(row[None, :], StreamInfo(["x"], 1000), start_sample=start)


@pytest.mark.contract("F6", "E8")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_change_of_the_stream_among_frames_that_wait_together_is_heard_in_its_place(executor):
    items = [at(1000 if number < 5 else 500, number) for number in range(12)]
    with registered(Follows, FollowsTop):
        nodes = [node(f"n{k}", "Follows") for k in range(3)]
        pipeline = AsyncPipeline(
            chain(*nodes, node("top", "FollowsTop"), executor=executor, channel_capacity=20), collect=["top"]
        )
        report = await burst(pipeline, items)
    assert set(map(tuple, report.results.values())) == {(1000.0, 500.0)}
    assert [item.samples[0, 0] for item in report.outputs["top"]] == [8 * (4 * k + 3) for k in range(12)]
    assert [float(item.sample_rate) for item in report.outputs["top"]] == [1000.0] * 5 + [500.0] * 7
    conserved(pipeline)


@pytest.mark.contract("F6", "N4")
@virtual_time
async def test_a_generator_hears_of_other_triggers_and_fails_by_the_number_of_the_first():
    plain = [DataFrame(0, number) for number in range(9)]
    changed = [*plain[:5], *(DataFrame(0, number, sample_rate=100) for number in range(5, 9))]
    with registered(TonesAtRate):
        pipeline = AsyncPipeline(chain(node("t", "TonesAtRate"), *scales(2)), collect=["end"])
        report = await burst(pipeline, changed)
        assert report.results["t"] == [0, 0]  # the triggers have another rate, and no channels all the same
        rows = np.hstack([item.samples for item in report.outputs["end"]])
        np.testing.assert_array_equal(rows, 4 * np.arange(36.0)[None, :])
        pipeline = AsyncPipeline(chain(node("t", "TonesAtRate", refuses=6), *scales(2)), collect=["end"])
        with pytest.raises(NodeError, match=r"node 't' failed in process at frame \d: ValueError: met 6"):
            await burst(pipeline, plain)
    report = conserved(pipeline)
    assert numbers(report.outputs["end"]) == list(range(len(report.outputs["end"])))
    assert len(report.outputs["end"]) <= 6


@pytest.mark.contract("E8", "F7")
@virtual_time
async def test_a_batch_that_is_given_as_a_list_is_numbered_and_its_gaps_are_found():
    items = [frame(number, start=4 * number + (100 if number >= 5 else 0)) for number in range(9)]
    with registered(Listed):
        pipeline = AsyncPipeline(chain(*scales(3), node("top", "Listed")), collect=["top"])
        report = await burst(pipeline, [item.replace(sequence_id=10 + item.sequence_id) for item in items])
    assert numbers(report.outputs["top"]) == list(range(9))
    assert gaps(report.outputs["top"]) == [0] * 5 + [100] + [0] * 3
    conserved(pipeline)


@pytest.mark.contract("E8", "F7", "E3")
@virtual_time
async def test_a_batch_of_merged_streams_has_no_gaps_but_those_it_came_with():
    merge = node("m", "PassAsync", join={"policy": "merge"})
    nodes = [node("l", "Pass"), node("r", "Pass"), merge, *scales(3), node("top", "TopValue")]
    pipeline = AsyncPipeline(graph(nodes, "l > m > n0 > n1 > end > top, r > m"), collect=["top"])
    async with pipeline:
        await pipeline.trigger(frame(50), to="r")
        for number in range(6):
            await pipeline.trigger(frame(number), to="l")
        pipeline.finish()
        await pipeline.wait()
    assert sorted(item.start_sample for item in pipeline.report.outputs["top"]) == [0, 4, 8, 12, 16, 20, 200]
    assert gaps(pipeline.report.outputs["top"]) == [0] * 7
    assert max(pipeline.report.results["top"]) > 1
    conserved(pipeline)


@pytest.mark.contract("E8", "L3")
@virtual_time
async def test_a_measuring_node_that_may_skip_gets_its_frames_one_by_one():
    nodes = [*scales(3), node("top", "TopValue", refuses=8 * 21.0, on_error="skip")]
    pipeline = AsyncPipeline(chain(*nodes), collect=["top"])
    report = await burst(pipeline, frames(9))
    assert numbers(report.outputs["top"]) == [0, 1, 2, 3, 4, 6, 7, 8]
    assert set(report.results["top"]) == {1}
    conserved(pipeline)
