"""A node at work in its segment: in place, on several frames at once, awaited; what a failure there costs."""

from __future__ import annotations

import asyncio
import logging

import numpy as np
import pytest

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.engine import AsyncPipeline
from streamlab.engine.metrics import NodeMetrics
from streamlab.errors import NodeError
from streamlab.testing import registered, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers


class Scale(ProcessingNode):
    """Times a factor, in place where it may; refuses a value."""

    kind = "sample-wise"
    inplace = True
    factor: float = param(default=2.0, doc="Factor", unit="1", unbounded="a test")
    refuses: float | None = param(default=None, doc="What it cannot stand", unit="1", unbounded="a test")

    def process(self, item):
        result = item.with_samples(item.samples.copy())
        self.overwrite(result)
        return result

    def overwrite(self, item):
        if self.refuses is not None and self.refuses in item.samples:
            raise ValueError(f"met {self.refuses:g}")
        item.samples[:] *= self.factor


class Peak(ProcessingNode):
    """The largest value of each frame; has a form for several frames at once."""

    refuses: float | None = param(default=None, doc="What it cannot stand", unit="1", unbounded="a test")
    batches: list[int]

    def process(self, item):
        return item.replace(samples=self._tops(item.samples[:, None, :])[:, 0].copy(), span=item.advance)

    def measure(self, run):
        return run.derive(self._tops(run.block), run.info)

    def _tops(self, block):
        self.batches = [*getattr(self, "batches", []), block.shape[1]]
        if self.refuses is not None and self.refuses in block:
            raise ValueError(f"met {self.refuses:g}")
        return block.max(axis=2, keepdims=True)

    def result(self):
        return self.batches


class Shrinks(ProcessingNode):
    """Says that it is sample-wise and is not."""

    kind = "sample-wise"

    def process(self, item):
        return item.replace(samples=item.samples[:, ::2].copy())


@pytest.fixture(autouse=True)
def types():
    with registered(Scale, Peak, Shrinks), registered():
        yield


async def burst(pipeline, items):
    """Run with triggers that come all at once, so that they wait together."""
    async with pipeline:
        for item in items:
            await pipeline.trigger(item)
        pipeline.finish()
        return await pipeline.wait()


def scales(count, **last):
    """So many nodes in place, the last one with more to say."""
    return [*(node(f"n{at}", "Scale") for at in range(count - 1)), node("end", "Scale", **last)]


# -- in place


@pytest.mark.contract("F4", "N5")
@virtual_time
async def test_work_in_place_gives_what_work_on_a_copy_gives_and_spoils_nobodys_frame():
    given = frames(5)
    for fuse in (True, False):
        pipeline = AsyncPipeline(chain(*scales(3), fuse=fuse), collect=["end"])
        report = await pipeline.run(given)
        assert [item.samples[0].tolist() for item in report.outputs["end"]] == [
            [8.0 * value for value in range(4 * number, 4 * number + 4)] for number in range(5)
        ]
    assert [item.samples[0, 0] for item in given] == [0, 4, 8, 12, 16]


@pytest.mark.contract("L2")
@pytest.mark.parametrize("fuse", [True, False])
@virtual_time
async def test_a_failure_in_place_names_node_and_frame(fuse):
    pipeline = AsyncPipeline(chain(*scales(2, refuses=16.0), fuse=fuse, channel_capacity=1), collect=["end"])
    with pytest.raises(NodeError, match="'end' failed in process at frame 2: ValueError: met 16") as caught:
        await pipeline.run(frames(5))
    assert (caught.value.sequence_id, type(caught.value.__cause__)) == (2, ValueError)
    assert numbers(pipeline.report.outputs["end"]) == [0, 1]
    assert conserved(pipeline).nodes["end"].failed == 1


@pytest.mark.contract("L3", "F7")
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_frame_that_fails_in_place_is_skipped_and_the_burst_is_logged_once(fuse, executor, caplog):
    items = [frame(number, *([7.0] if number in (1, 2, 5) else [1.0])) for number in range(7)]
    nodes = scales(2, refuses=14.0, on_error="skip")
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse, executor=executor), collect=["end"])
    with caplog.at_level(logging.WARNING, logger="streamlab"):
        report = await burst(pipeline, items)
    out = report.outputs["end"]
    assert (numbers(out), gaps(out)) == ([0, 3, 4, 6], [0, 2, 0, 1])
    assert [record.getMessage() for record in caplog.records] == [
        "node 'end' failed in process at frame 1: ValueError: met 14; the frame is skipped, as will be those "
        "that fail after it",
        "node 'end' works again after 2 skipped frames",
        "node 'end' failed in process at frame 5: ValueError: met 14; the frame is skipped, as will be those "
        "that fail after it",
        "node 'end' works again after 1 skipped frames",
    ]
    assert conserved(pipeline).nodes["end"].failed == 3


# -- several frames at once


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
    nodes = [node("a", "Scale"), node("b", "Scale"), node("odd", "Shrinks")]
    pipeline = AsyncPipeline(chain(*nodes))
    expected = r"one frame with as many samples, found DataFrame\(#1"
    with pytest.raises(NodeError, match=rf"'odd' failed in process at frame 1: TypeError: .* {expected}"):
        await burst(pipeline, frames(6))
    conserved(pipeline)


@pytest.mark.contract("E8")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_measurement_of_several_frames_at_once_is_that_of_each(executor):
    pipeline = AsyncPipeline(chain(*scales(3), node("top", "Peak"), executor=executor), collect=["top"])
    report = await burst(pipeline, frames(9))
    out = report.outputs["top"]
    assert [item.samples.tolist() for item in out] == [[[8.0 * (4 * number + 3)]] for number in range(9)]
    assert (numbers(out), report.nodes["top"].frames_in) == (list(range(9)), 9)
    assert max(report.results["top"]) > 1  # it did get several at once
    assert sum(report.results["top"]) == 9
    conserved(pipeline)


@pytest.mark.contract("L2")
@virtual_time
async def test_a_measurement_that_fails_ends_the_run_and_every_frame_is_counted():
    nodes = [*scales(3), node("top", "Peak", refuses=8 * 21.0)]
    pipeline = AsyncPipeline(chain(*nodes), collect=["top"])
    with pytest.raises(NodeError, match=r"node 'top' failed in process at frame \d: ValueError: met 168"):
        await burst(pipeline, frames(9))
    report = conserved(pipeline)
    assert len(report.outputs["top"]) <= 5
    assert report.nodes["top"].failed >= 1


@pytest.mark.contract("E8", "L3")
@virtual_time
async def test_a_measuring_node_that_may_skip_gets_its_frames_one_by_one():
    nodes = [*scales(3), node("top", "Peak", refuses=8 * 21.0, on_error="skip")]
    pipeline = AsyncPipeline(chain(*nodes), collect=["top"])
    report = await burst(pipeline, frames(9))
    assert numbers(report.outputs["top"]) == [0, 1, 2, 3, 4, 6, 7, 8]
    assert set(report.results["top"]) == {1}
    conserved(pipeline)


# -- awaited


@pytest.mark.contract("F6")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_node_with_two_inputs_hears_of_every_change_of_either(awaits):
    heard = []

    class Plain(ProcessingNode):
        inputs = ("a", "b")

        def configure(self, a, b):
            heard.append((float(a.sample_rate), float(b.sample_rate)))

        def process(self, a, b):
            return a

    class Awaits(Plain):
        async def process(self, a, b):
            return a

    def at(rate, number):
        info = StreamInfo(["x"], rate)
        return DataFrame.from_samples(np.zeros((1, 4)), info, sequence_id=number, start_sample=4 * number)

    with registered(Plain, Awaits):
        nodes = [node("l", "Pass"), node("r", "Pass"), node("both", "Awaits" if awaits else "Plain")]
        pipeline = AsyncPipeline(graph(nodes, [("l", "both.a", {}), ("r", "both.b", {})]))
        async with pipeline:
            for number, rates in enumerate([(8, 8), (8, 8), (8, 16), (16, 16), (8, 8)]):
                await pipeline.trigger(at(rates[0], number), to="l")
                await pipeline.trigger(at(rates[1], number), to="r")
    assert heard == [(8, 8), (8, 16), (16, 16), (8, 8)]


@pytest.mark.contract("L3", "F7")
@virtual_time
async def test_a_node_that_is_awaited_skips_and_recovers_too(caplog):
    nodes = [node("a", "FailingAsync", first=1, times=2, on_error="skip")]
    pipeline = AsyncPipeline(chain(*nodes), collect=["a"])
    with caplog.at_level(logging.WARNING, logger="streamlab"):
        report = await pipeline.run(frames(5))
    assert (numbers(report.outputs["a"]), gaps(report.outputs["a"])) == ([0, 3, 4], [0, 8, 0])
    assert [record.getMessage()[:44] for record in caplog.records] == [
        "node 'a' failed in process at frame 1: Injec",
        "node 'a' works again after 2 skipped frames",
    ]
    conserved(pipeline)


@pytest.mark.contract("L4", "E6")
@virtual_time
async def test_a_frame_in_work_when_the_run_is_cut_off_is_undelivered():
    pipeline = AsyncPipeline(chain(node("a", "Slow", seconds=100.0), node("b", "Pass")))
    await pipeline.start()
    for item in frames(3):
        await pipeline.trigger(item)
    await asyncio.sleep(1)
    report = await pipeline.stop(timeout=1)
    assert asyncio.get_running_loop().time() == 2.0
    assert report.nodes["a"].undelivered == 1
    assert report.edges["trigger -> a"].undelivered == 3
    conserved(pipeline)


# -- what a node raises and returns


@pytest.mark.contract("L2")
@virtual_time
async def test_a_node_may_raise_the_engines_own_error_and_it_gets_the_number_of_the_frame():
    class Speaks(ProcessingNode):
        def process(self, item):
            raise NodeError("its probe", message="the cable is loose")

    with registered(Speaks):
        pipeline = AsyncPipeline(chain(node("a", "Speaks")))
        with pytest.raises(NodeError, match="'its probe' failed in process: the cable is loose") as caught:
            await pipeline.run([frame(3)])
    assert caught.value.sequence_id == 3


@pytest.mark.contract("N9", "L2")
@pytest.mark.parametrize(
    ("result", "words"),
    [
        (frame(0), r"expected a mapping with the ports \['a', 'b'\], found DataFrame"),
        ({"c": frame(0)}, r"expected a mapping with the ports \['a', 'b'\], found \{'c'"),
        ({"a": frame(0), "b": 5}, "expected a frame, a list of frames or None, found int"),
        (5, r"expected a mapping with the ports \['a', 'b'\], found 5"),
    ],
    ids=["a frame", "another port", "no frame", "a number"],
)
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_what_does_not_fit_the_ports_is_said_with_what_would(result, words, awaits):
    class Plain(ProcessingNode):
        outputs = ("a", "b")

        def process(self, item):
            return result

    class Awaits(Plain):
        async def process(self, item):
            return result

    with registered(Plain, Awaits):
        pipeline = AsyncPipeline(chain(node("p", "Awaits" if awaits else "Plain")))
        with pytest.raises(NodeError, match=words) as caught:
            await pipeline.run(frames(2))
    assert caught.value.node_id == "p"
    conserved(pipeline)


@pytest.mark.contract("N9")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_node_without_outputs_takes_and_gives_nothing(awaits):
    taken = []

    class Ends(ProcessingNode):
        outputs = ()

        def process(self, item):
            taken.append(item.sequence_id)
            return item

    class Awaits(Ends):
        async def process(self, item):
            return Ends.process(self, item)

    with registered(Ends, Awaits):
        pipeline = AsyncPipeline(chain(node("a", "Pass"), node("z", "Awaits" if awaits else "Ends")))
        report = await pipeline.run(frames(3))
    assert (taken, report.nodes["z"].frames_in) == ([0, 1, 2], 3)
    conserved(pipeline)


def test_the_time_per_frame_is_that_of_the_frames_that_were_timed():
    assert NodeMetrics().busy == 0.0
    assert NodeMetrics(frames_in=640, timed=10, timed_seconds=0.25).busy == 0.025
