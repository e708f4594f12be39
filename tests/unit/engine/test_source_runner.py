"""How a source is read: what it may return, its limits, its end - by itself, by stop, by a failure."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import numpy as np
import pytest

from streamlab.core import DataFrame, Source, StreamInfo
from streamlab.engine import AsyncPipeline, Pipeline
from streamlab.errors import NodeError
from streamlab.testing import probe, registered, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")

INLINE_AND_THREAD = pytest.mark.parametrize("executor", ["inline", "thread"])


def source(make, **attributes):
    """A source type ``Src`` whose ``frames`` is a plain function."""
    return registered(type("Src", (Source,), {"frames": lambda self: make(), **attributes}))


def pipeline_of(*behind, collect=("src",), duration=None, **settings):
    return AsyncPipeline(chain(node("src", "Src"), *behind, **settings), collect=collect, duration=duration)


# -- what frames() may return


@INLINE_AND_THREAD
@virtual_time
async def test_anything_that_can_be_iterated_is_a_stream(executor):
    def lists():
        one, two, three = frames(3)
        return [one, [two, three], None, []]

    with source(lists):
        pipeline = pipeline_of(node("a", "Pass"), collect=["a"], executor=executor)
        report = await pipeline.run()
    assert numbers(report.outputs["a"]) == [0, 1, 2]
    assert (report.frames_in, report.nodes["src"].frames_out) == (3, 3)
    conserved(pipeline)


@pytest.mark.contract("L2")
@INLINE_AND_THREAD
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: None, "TypeError: 'NoneType' object is not iterable"),
        (lambda: [frame(0), 5], "TypeError: expected a frame, a list of frames or None, found int"),
        (lambda: (1 / 0 for _ in range(1)), "ZeroDivisionError: division by zero"),
    ],
)
@virtual_time
async def test_what_is_no_stream_is_said_with_the_name_of_the_source(make, words, executor):
    with source(make):
        pipeline = pipeline_of(node("a", "Pass"), executor=executor)
        with pytest.raises(NodeError) as caught:
            await pipeline.run()
    assert str(caught.value).startswith("node 'src' failed in ")
    assert str(caught.value).endswith(words)
    assert (caught.value.node_id, pipeline.state) == ("src", "failed")
    conserved(pipeline)


@pytest.mark.contract("L2")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_failure_of_the_source_counts_as_one_more_frame(awaits):
    def some():
        yield from frames(3)
        raise OSError("the device is gone")

    async def later():
        for item in some():
            yield item

    with source(later if awaits else some):
        pipeline = pipeline_of(node("a", "Pass"))
        with pytest.raises(NodeError, match="node 'src' failed in frames: OSError: the device is gone"):
            await pipeline.run()
    assert numbers(pipeline.report.outputs["src"]) == [0, 1, 2]
    counts = conserved(pipeline).nodes["src"]
    assert (counts.frames_in, counts.frames_out, counts.failed) == (4, 3, 1)


@pytest.mark.contract("N9")
@virtual_time
async def test_ports_that_do_not_exist_are_said_with_those_that_do():
    with source(lambda: [{"left": frame(0), "up": frame(0)}], outputs=("left", "right")):
        pipeline = AsyncPipeline(graph([node("src", "Src")]))
        with pytest.raises(NodeError, match=r"expected a mapping with the ports \['left', 'right'\], found"):
            await pipeline.run()


# -- its end


class Clean:
    """A generator that notes that it was closed, and may fail at that."""

    def __init__(self, fails=False, awaits=False):
        self.closed = 0
        self.fails = fails
        self.awaits = awaits

    def _end(self):
        self.closed += 1
        if self.fails:
            raise RuntimeError("cannot be closed")

    def __call__(self):
        return self.later() if self.awaits else self.plain()

    def plain(self):
        number = 0
        try:
            while True:
                yield frame(number)
                number += 1
        finally:
            self._end()

    async def later(self):
        number = 0
        try:
            while True:
                await asyncio.sleep(1)
                yield frame(number)
                number += 1
        finally:
            await asyncio.sleep(0)
            self._end()


@pytest.mark.contract("L5", "E6")
@INLINE_AND_THREAD
@pytest.mark.parametrize("awaits", [False, True])
@pytest.mark.parametrize("end", ["stop", "reader", "failure", "cancel"])
@virtual_time
async def test_the_generator_is_closed_at_every_end(end, awaits, executor):
    clean = Clean(awaits=awaits)
    last = {
        "stop": node("z", "Slow", seconds=0.5),
        "reader": node("z", "EarlyClose", count=2),
        "failure": node("z", "Failing", first=2),
        "cancel": node("z", "Slow", seconds=0.5),
    }[end]
    with source(clean):
        pipeline = pipeline_of(last, executor=executor)
        await pipeline.start()
        await asyncio.sleep(2.7)
        if end == "stop":
            assert (await pipeline.stop()).reason == "stopped"
        elif end == "cancel":
            assert (await pipeline.stop(timeout=0)).reason in ("stopped", "cancelled")
        elif end == "failure":
            with pytest.raises(NodeError, match="InjectedFault: process"):
                await pipeline.wait()
        else:
            assert (await pipeline.wait()).reason == "completed"
    assert clean.closed == 1
    conserved(pipeline)


@pytest.mark.contract("L2")
@INLINE_AND_THREAD
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_generator_that_fails_when_it_is_closed_is_named(awaits, executor):
    with source(Clean(fails=True, awaits=awaits)):
        pipeline = pipeline_of(node("z", "EarlyClose", count=2), executor=executor)
        with pytest.raises(NodeError, match="node 'src' failed in frames: RuntimeError: cannot be closed"):
            await pipeline.run()


@pytest.mark.contract("L2")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_failure_to_close_does_not_hide_what_the_run_died_of(awaits):
    class Odd(Clean):
        def plain(self):
            try:
                yield frame(0)
                yield "no frame"
            finally:
                self._end()

        async def later(self):
            try:
                yield frame(0)
                yield "no frame"
            finally:
                self._end()

    with source(Odd(fails=True, awaits=awaits)):
        pipeline = pipeline_of()
        with pytest.raises(
            NodeError, match="expected a frame, a list of frames or None, found str"
        ) as caught:
            await pipeline.run()
    assert [str(error) for error in caught.value.others] == [
        "node 'src' failed in frames: RuntimeError: cannot be closed"
    ]
    assert pipeline.report.errors == [caught.value, *caught.value.others]


@pytest.mark.contract("E6")
@pytest.mark.parametrize("waits", ["for room", "for a frame", "until it is due"])
@virtual_time
async def test_stop_ends_a_source_whatever_it_waits_for(waits):
    nodes = {
        "for room": [node("src", "Ticks"), node("z", "Gated", probe="z")],
        "for a frame": [node("src", "Ticks", period=100.0), node("z", "Pass")],
        "until it is due": [node("src", "Ticks", sample_rate=1.0, frame_size=100, realtime=True)],
    }[waits]
    pipeline = AsyncPipeline(chain(*nodes, channel_capacity=2))
    await pipeline.start()
    await asyncio.sleep(1)
    stopping = asyncio.create_task(pipeline.stop())
    await asyncio.sleep(1)
    probe("z").gate.open()
    report = await stopping
    assert (report.reason, asyncio.get_running_loop().time()) == ("stopped", 2.0)
    assert report.frames_out == (2 if waits == "for room" else 0)  # those that were on the way
    conserved(pipeline)


@pytest.mark.contract("E6", "E9")
@pytest.mark.parametrize("awaits", [False, True])
def test_a_source_that_nobody_reads_and_that_never_waits_lets_others_have_a_turn(awaits):
    async def later():
        for item in Clean().plain():
            yield item

    async def main():
        with source(later if awaits else Clean()):
            pipeline = pipeline_of(collect=())
            await pipeline.start()
            await asyncio.sleep(0.01)
            return await pipeline.stop()

    assert asyncio.run(main()).reason == "stopped"


@pytest.mark.contract("E6", "B3")
@virtual_time
async def test_a_frame_that_could_not_be_handed_on_is_counted():
    nodes = [node("src", "Ticks", count=9), node("z", "Gated", probe="z")]
    pipeline = AsyncPipeline(graph(nodes, [("src", "z", {"policy": "error", "capacity": 2})]))
    with pytest.raises(
        NodeError, match="node 'src' failed in deliver: EdgeOverflow: edge src -> z overflowed"
    ):
        await pipeline.run()
    counts = conserved(pipeline).nodes["src"]
    assert (counts.frames_in, counts.frames_out, counts.undelivered) == (3, 2, 1)


# -- limits


def positions(listed):
    return [(item.start_sample, item.n) for item in listed]


@pytest.mark.contract("E4")
@INLINE_AND_THREAD
@pytest.mark.parametrize(
    ("duration", "expected", "seconds"),
    [
        (0.010, [(0, 4), (4, 4), (8, 2)], 0.010),
        (0.0101, [(0, 4), (4, 4), (8, 3)], 0.011),  # the sample that the tenth of a millisecond falls into
        (0.008, [(0, 4), (4, 4)], 0.008),
        (0.015, [(0, 4), (4, 4), (8, 4)], 0.012),  # the time in a gap is time
        (0.018, [(0, 4), (4, 4), (8, 4)], 0.012),
        (0.019, [(0, 4), (4, 4), (8, 4), (18, 1)], 0.019),
    ],
)
@virtual_time
async def test_duration_is_time_of_the_signal_gaps_included(duration, expected, seconds, executor):
    src = node("src", "Ticks", lost_before=[3], lost=6)
    pipeline = AsyncPipeline(chain(src, executor=executor), collect=["src"], duration=duration)
    report = await pipeline.run()
    assert positions(report.outputs["src"]) == expected
    assert (report.seconds, report.reason) == (pytest.approx(seconds), "completed")
    conserved(pipeline)


@pytest.mark.contract("E4")
@virtual_time
async def test_duration_begins_where_the_source_begins_and_cuts_lists_too():
    with source(lambda: [[frame(number) for number in range(10, 16)]]):
        pipeline = pipeline_of(duration=0.009)
        report = await pipeline.run()
    assert positions(report.outputs["src"]) == [(40, 4), (44, 4), (48, 1)]
    assert report.seconds == pytest.approx(0.009)


@pytest.mark.contract("E4")
@virtual_time
async def test_frames_without_a_rate_or_on_another_axis_are_not_cut():
    spectrum = StreamInfo(["x"], 1000, "frequency")
    spectra = [
        DataFrame.from_samples(np.ones((1, 3)), spectrum, sequence_id=k, start_sample=8 * k, span=8)
        for k in range(4)
    ]
    with source(lambda: [DataFrame(0, 9, {"x": [1.0, 2.0]}), *spectra]):
        pipeline = pipeline_of(duration=0.010)
        report = await pipeline.run()
    assert [(item.sequence_id, item.n) for item in report.outputs["src"]] == [(9, 2), (0, 3), (1, 3)]
    assert report.seconds == pytest.approx(0.016)


@pytest.mark.contract("E4")
@virtual_time
async def test_a_rate_that_is_no_whole_number_is_cut_to_the_exact_sample():
    # 5000.024 Hz: sample 312 514 comes at 62.5025... s, and 62.5 s hold the samples 0 to 312 501.
    rate = Fraction("5000.024")
    assert Fraction(312_501) / rate < Fraction("62.5") < Fraction(312_502) / rate
    src = node("src", "Ticks", sample_rate=5000.024, frame_size=100_000)
    report = await AsyncPipeline(chain(src), collect=["src"], duration=62.5).run()
    assert sum(item.n for item in report.outputs["src"]) == 312_502


@pytest.mark.contract("E4", "E10")
@virtual_time
async def test_a_realtime_source_that_is_late_does_not_wait_and_catches_up():
    when = []
    with registered():
        src = node("src", "Ticks", count=6, frame_size=100, realtime=True)  # a frame every 0.1 s
        pipeline = AsyncPipeline(graph([src, node("z", "Gated", probe="z")], [("src", "z", {"capacity": 1})]))
        seen = pipeline.subscribe("z")
        async with pipeline:
            await asyncio.sleep(0.35)
            probe("z").gate.open()
            async for _ in seen:
                when.append(round(asyncio.get_running_loop().time(), 6))
    assert when == [0.35, 0.35, 0.35, 0.4, 0.5, 0.6]


@pytest.mark.contract("F7")
@INLINE_AND_THREAD
@virtual_time
async def test_a_source_that_is_numbered_anew_is_so_however_many_it_gives_at_once(executor):
    listed = [frame(7 * number, start=4 * number + (8 if number > 20 else 0)) for number in range(40)]
    with source(lambda: iter(listed), renumbers=True):
        pipeline = pipeline_of(node("a", "PassAsync"), collect=["a"], executor=executor)
        report = await pipeline.run()
    assert numbers(report.outputs["a"]) == list(range(40))
    assert gaps(report.outputs["a"]) == [8 if number == 21 else 0 for number in range(40)]
    conserved(pipeline)


@pytest.mark.contract("N1", "E4")
@virtual_time
async def test_a_single_shot_takes_one_pull_of_a_source_with_several_outputs():
    def both():
        for number in range(5):
            yield {"left": frame(number), "right": [frame(10 + number), frame(20 + number)]}

    with source(both, outputs=("left", "right")):
        nodes = [node("src", "Src"), node("l", "Pass"), node("r", "Pass")]
        document = graph(nodes, [("src.left", "l", {}), ("src.right", "r", {})])
        outputs = await Pipeline(document).execute_once()
    assert {name: numbers(listed) for name, listed in outputs.items()} == {"l": [0], "r": [10, 20]}


@pytest.mark.contract("N1")
@virtual_time
async def test_a_single_shot_takes_one_frame_even_of_a_list():
    with source(lambda: [frames(3)]):
        outputs = await Pipeline(chain(node("src", "Src"), node("a", "Pass"))).execute_once()
    assert numbers(outputs["a"]) == [0]


@pytest.mark.contract("F7")
@INLINE_AND_THREAD
@virtual_time
async def test_gaps_of_a_source_are_found_from_its_positions(executor):
    listed = [frame(0), frame(1, start=4), frame(2, start=20), frame(3, start=24, gap=3), frame(4, start=30)]
    with source(lambda: listed):
        pipeline = pipeline_of(node("a", "PassAsync"), collect=["a"], executor=executor)
        report = await pipeline.run()
    assert gaps(report.outputs["a"]) == [0, 0, 12, 3, 2]
