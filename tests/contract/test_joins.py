"""E3 with F7: zip, latest and merge - before all inputs speak, when one ends, after a deadline, at a gap."""

import asyncio

import numpy as np
import pytest

from streamlab.engine import AsyncPipeline
from streamlab.testing import probe, virtual_time
from streams import conserved, frame, frames, gaps, graph, node, numbers

pytestmark = [pytest.mark.usefixtures("test_nodes"), pytest.mark.contract("E3")]


def joined(policy="zip", **join):
    """Two inputs, ``left`` and ``right``, into one adder with a recorder behind it."""
    nodes = [
        node("left", "PassAsync"),
        node("right", "PassAsync"),
        node("add", "AddBoth", join={"policy": policy, **join}),
    ]
    edges = [("left", "add.a", {}), ("right", "add.b", {})]
    return AsyncPipeline(graph(nodes, edges, channel_capacity=4), collect=["add"])


def merged():
    nodes = [
        node("left", "PassAsync"),
        node("right", "PassAsync"),
        node("mix", "Pass", join={"policy": "merge"}),
    ]
    return AsyncPipeline(graph(nodes, "left > mix, right > mix", channel_capacity=4), collect=["mix"])


def first_values(listed):
    return [item.samples[0, 0] for item in listed]


async def give(pipeline, *items):
    """Give (input, frame) one after the other, with time in between."""
    for to, item in items:
        if isinstance(to, float):
            await asyncio.sleep(to)
        else:
            await pipeline.trigger(item, to=to)
            await asyncio.sleep(0.001)


# -- zip


@virtual_time
async def test_zip_pairs_by_number_and_adds_what_belongs_together():
    pipeline = joined()
    report = await pipeline.run(frames(5))
    out = report.outputs["add"]
    assert numbers(out) == list(range(5))
    assert first_values(out) == [2 * 4.0 * number for number in range(5)]
    conserved(pipeline)


@virtual_time
async def test_zip_before_all_inputs_have_one_the_early_ones_wait_and_push_back():
    pipeline = joined()
    async with pipeline:
        for number in range(8):
            await pipeline.trigger(frame(number), to="left")
        with pytest.raises(TimeoutError):
            await pipeline.trigger(frame(8), to="left", timeout=5)
        assert pipeline.metrics().edges["left -> add.a"].queued == 4
        for number in range(8):
            await pipeline.trigger(frame(number), to="right")
        pipeline.finish()
        report = await pipeline.wait()
    assert numbers(report.outputs["add"]) == list(range(8))
    assert report.dropped == report.undelivered == 0


@pytest.mark.contract("F7")
@virtual_time
async def test_zip_drops_a_frame_whose_partner_never_comes_and_marks_the_gap():
    pipeline = joined()
    async with pipeline:
        left = [("left", frame(number)) for number in (0, 1, 2, 3)]
        right = [("right", frame(number)) for number in (0, 3)]
        await give(pipeline, *left, *right)
    out = pipeline.report.outputs["add"]
    assert (numbers(out), gaps(out)) == ([0, 3], [0, 8])
    edges = conserved(pipeline).edges
    assert (edges["left -> add.a"].dropped, edges["right -> add.b"].dropped) == (2, 0)


@pytest.mark.contract("F7")
@virtual_time
async def test_zip_takes_the_larger_gap_of_its_inputs():
    pipeline = joined()
    async with pipeline:
        await give(
            pipeline,
            ("left", frame(0, 1, 2, start=0)),
            ("right", frame(0, 1, 2, start=0)),
            ("left", frame(1, 1, 2, start=5, gap=3)),
            ("right", frame(1, 1, 2, start=2)),
            ("left", frame(2, 1, 2, start=7)),
            ("right", frame(2, 1, 2, start=9, gap=5)),
        )
    assert gaps(pipeline.report.outputs["add"]) == [0, 3, 5]


@pytest.mark.contract("F7", "E6")
@virtual_time
async def test_zip_ends_when_one_input_has_ended_and_counts_what_was_left_over():
    nodes = [
        node("short", "Ticks", count=3),
        node("long", "Ticks", count=8),
        node("add", "AddBoth"),
        node("end", "Recorder", probe="end"),
    ]
    edges = [("short", "add.a", {}), ("long", "add.b", {}), "add > end"]
    pipeline = AsyncPipeline(graph(nodes, edges, channel_capacity=2))
    report = await pipeline.run()
    assert probe("end").numbers == [0, 1, 2]
    assert report.reason == "completed"
    edge = conserved(pipeline).edges["long -> add.b"]
    assert edge.frames_out == 3
    assert edge.dropped + edge.undelivered == edge.frames_in - 3 > 0


@pytest.mark.contract("F7")
@virtual_time
async def test_zip_after_its_deadline_drops_what_waited_and_goes_on():
    pipeline = joined(deadline=2.0)
    async with pipeline:
        await give(pipeline, ("left", frame(0)), ("right", frame(0)), ("left", frame(1)), (1.9, None))
        assert pipeline.metrics().dropped == 0
        await asyncio.sleep(0.2)
        assert pipeline.metrics().dropped == 1
        await give(pipeline, ("right", frame(1)), (5.0, None), ("left", frame(2)), ("right", frame(2)))
    out = pipeline.report.outputs["add"]
    assert (numbers(out), gaps(out)) == ([0, 2], [0, 4])
    assert conserved(pipeline).dropped == 2


@pytest.mark.contract("E3", "G9")
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_diamond_with_zip_yields_one_frame_per_trigger(fuse, executor):
    nodes = [
        node("top", "Pass"),
        node("left", "Gain", gain=2.0),
        node("right", "HoldBack", count=2),
        node("add", "AddBoth"),
    ]
    edges = [
        ["top > left", "top > right"][0],
        "top > right",
        ("left", "add.a", {}),
        ("right", "add.b", {}),
    ]
    pipeline = AsyncPipeline(graph(nodes, edges, fuse=fuse, executor=executor), collect=["add"])
    report = await pipeline.run(frames(12))
    assert numbers(report.outputs["add"]) == list(range(12))
    assert first_values(report.outputs["add"]) == [3 * 4.0 * number for number in range(12)]
    assert report.dropped == 0
    conserved(pipeline)


@virtual_time
async def test_the_first_port_wins_where_metadata_differ_and_the_other_is_kept():
    pipeline = joined()
    left = frame(0).replace(metadata={"take": 1, "mic": "left"})
    right = frame(0).replace(metadata={"take": 1, "mic": "right", "place": "hall"})
    async with pipeline:
        await give(pipeline, ("left", left), ("right", right))
    out = pipeline.report.outputs["add"][0]
    assert dict(out.metadata) == {"take": 1, "mic": "left", "b.mic": "right", "place": "hall"}


@virtual_time
async def test_arrays_in_metadata_are_compared_whole():
    pipeline = joined()
    left = frame(0).replace(metadata={"same": np.arange(3), "other": np.arange(2)})
    right = frame(0).replace(metadata={"same": np.arange(3), "other": np.arange(4)})
    async with pipeline:
        await give(pipeline, ("left", left), ("right", right))
    out = pipeline.report.outputs["add"][0]
    assert {name: value.tolist() for name, value in out.metadata.items()} == {
        "same": [0, 1, 2],
        "other": [0, 1],
        "b.other": [0, 1, 2, 3],
    }


# -- latest


@virtual_time
async def test_latest_takes_the_pace_of_its_first_input():
    pipeline = joined("latest")
    async with pipeline:
        await give(
            pipeline,
            ("right", frame(0, 10)),
            ("left", frame(0, 1)),
            ("right", frame(1, 20)),
            ("right", frame(2, 30)),
            ("left", frame(1, 2)),
            ("left", frame(2, 3)),
        )
    out = pipeline.report.outputs["add"]
    assert first_values(out) == [11, 32, 33]
    assert numbers(out) == [0, 1, 2]
    edge = conserved(pipeline).edges["right -> add.b"]
    assert (edge.frames_in, edge.frames_out, edge.dropped) == (3, 2, 1)


@virtual_time
async def test_latest_waits_until_every_other_input_has_come_once():
    pipeline = joined("latest")
    async with pipeline:
        for number in range(8):
            await pipeline.trigger(frame(number), to="left")
        with pytest.raises(TimeoutError):
            await pipeline.trigger(frame(8), to="left", timeout=5)
        await give(pipeline, ("right", frame(0, 5, 5, 5, 5)))
    out = pipeline.report.outputs["add"]
    assert first_values(out) == [4.0 * number + 5 for number in range(8)]
    conserved(pipeline)


@pytest.mark.contract("F7")
@virtual_time
async def test_latest_after_its_deadline_drops_and_marks_the_gap():
    pipeline = joined("latest", deadline=1.0)
    async with pipeline:
        await give(pipeline, ("left", frame(0)), (1.5, None), ("left", frame(1)), (0.5, None))
        await give(pipeline, ("right", frame(0)), ("left", frame(2)))
    out = pipeline.report.outputs["add"]
    assert (numbers(out), gaps(out)) == ([1, 2], [4, 0])
    assert conserved(pipeline).edges["left -> add.a"].dropped == 1


@virtual_time
async def test_latest_keeps_the_last_frame_of_an_input_that_ended_and_ends_with_the_first():
    nodes = [
        node("pace", "Ticks", count=5, period=1.0),
        node("once", "Ticks", count=1, period=0.5),
        node("add", "AddBoth", join={"policy": "latest"}),
    ]
    edges = [("pace", "add.a", {}), ("once", "add.b", {})]
    pipeline = AsyncPipeline(graph(nodes, edges), collect=["add"])
    report = await pipeline.run()
    assert numbers(report.outputs["add"]) == list(range(5))
    assert [item.samples[0].tolist()[0] for item in report.outputs["add"]] == [0, 4, 8, 12, 16]
    conserved(pipeline)


@virtual_time
async def test_latest_ends_when_an_input_ended_that_never_spoke():
    nodes = [
        node("pace", "Ticks", period=1.0),
        node("never", "Ticks", count=0),
        node("add", "AddBoth", join={"policy": "latest"}),
    ]
    pipeline = AsyncPipeline(graph(nodes, [("pace", "add.a", {}), ("never", "add.b", {})]), collect=["add"])
    report = await pipeline.run()
    assert (report.outputs["add"], report.reason) == ([], "completed")
    conserved(pipeline)


@pytest.mark.contract("F7")
@virtual_time
async def test_latest_has_the_gaps_of_its_first_input():
    pipeline = joined("latest")
    async with pipeline:
        await give(pipeline, ("right", frame(0, gap=9)), ("left", frame(0)), ("left", frame(3, gap=8)))
    assert gaps(pipeline.report.outputs["add"]) == [0, 8]


# -- merge


@virtual_time
async def test_merge_takes_frames_as_they_come_and_numbers_them_anew():
    pipeline = merged()
    async with pipeline:
        order = ["left", "right", "right", "left", "right"]
        await give(pipeline, *((to, frame(number, number)) for number, to in enumerate(order)))
    out = pipeline.report.outputs["mix"]
    assert first_values(out) == [0, 1, 2, 3, 4]
    assert numbers(out) == [0, 1, 2, 3, 4]
    conserved(pipeline)


@virtual_time
async def test_merge_takes_turns_and_keeps_the_order_of_each_input():
    nodes = [
        node("one", "Ticks", count=4, channels=["one"]),
        node("two", "Ticks", count=6, channels=["two"]),
        node("mix", "Pass", join={"policy": "merge"}),
    ]
    pipeline = AsyncPipeline(graph(nodes, "one > mix, two > mix"), collect=["mix"])
    report = await pipeline.run()
    out = report.outputs["mix"]
    assert numbers(out) == list(range(10))
    for name, count in (("one", 4), ("two", 6)):
        mine = [item for item in out if item.channels == (name,)]
        assert [item.start_sample for item in mine] == [4 * number for number in range(count)]
    assert {item.channels for item in out[:2]} == {("one",), ("two",)}
    conserved(pipeline)


@pytest.mark.contract("F7")
@virtual_time
async def test_merge_ends_when_all_have_ended_and_gaps_stay_where_they_are():
    nodes = [
        node("one", "Ticks", count=2, lost_before=[1], lost=7),
        node("two", "Ticks", count=3, period=1.0),
        node("mix", "PassAsync", join={"policy": "merge"}),
    ]
    pipeline = AsyncPipeline(graph(nodes, "one > mix, two > mix"), collect=["mix"])
    report = await pipeline.run()
    assert gaps(report.outputs["mix"]) == [0, 7, 0, 0, 0]
    assert (report.reason, asyncio.get_running_loop().time()) == ("completed", 3.0)


@pytest.mark.contract("F7")
@virtual_time
async def test_streams_that_were_merged_have_no_gaps_but_those_they_came_with():
    nodes = [
        node("left", "PassAsync"),
        node("right", "PassAsync"),
        node("mix", "PassAsync", join={"policy": "merge"}),
        node("end", "PassAsync"),
    ]
    pipeline = AsyncPipeline(graph(nodes, "left > mix > end, right > mix"), collect=["mix", "end"])
    async with pipeline:
        order = [("left", 0), ("left", 1), ("right", 0), ("left", 2), ("right", 1)]
        await give(pipeline, *((to, frame(number)) for to, number in order), ("right", frame(5, gap=12)))
    for name in ("mix", "end"):
        assert gaps(pipeline.report.outputs[name]) == [0, 0, 0, 0, 0, 12]


@pytest.mark.contract("E6")
@virtual_time
async def test_a_merge_of_a_stopped_stream_is_stopped():
    nodes = [
        node("one", "Ticks", count=2),
        node("two", "Ticks", period=1.0),
        node("mix", "Judge", join={"policy": "merge"}),
    ]
    pipeline = AsyncPipeline(graph(nodes, "one > mix, two > mix"))
    seen = pipeline.subscribe("mix")
    await pipeline.start()
    await asyncio.sleep(2.5)
    report = await pipeline.stop()
    assert (report.reason, numbers([item async for item in seen])) == ("stopped", [0, 1, 2, 3])
    assert report.results["mix"].count == 4


@virtual_time
async def test_a_node_that_skips_at_a_join_loses_that_pair_only():
    from streamlab.core import ProcessingNode
    from streamlab.testing import registered

    class Picky(ProcessingNode):
        inputs = ("a", "b")

        def process(self, a, b):
            if a.sequence_id == 1:
                raise ValueError("not this one")
            return a

    with registered(Picky):
        nodes = [node("top", "Pass"), node("picky", "Picky", on_error="skip")]
        edges = [("top", "picky.a", {}), ("top", "picky.b", {})]
        pipeline = AsyncPipeline(graph(nodes, edges), collect=["picky"])
        report = await pipeline.run(frames(4))
    out = report.outputs["picky"]
    assert (numbers(out), gaps(out)) == ([0, 2, 3], [0, 4, 0])
    assert report.nodes["picky"].failed == 1
    conserved(pipeline)


@pytest.mark.contract("F7", "N9")
@virtual_time
async def test_each_output_port_has_gaps_and_numbers_of_its_own():
    from streamlab.core import ProcessingNode
    from streamlab.testing import registered

    class Halves(ProcessingNode):
        """All frames on one port, the first half of each (as a stream of its own) on the other."""

        renumbers = True
        outputs = ("whole", "half")

        def process(self, item):
            if item.sequence_id == 3:
                raise ValueError("not this one")
            half = item.replace(samples=item.samples[:, ::2].copy(), start_sample=item.start_sample // 2)
            return {"whole": item, "half": half}

    with registered(Halves):
        pipeline = AsyncPipeline(graph([node("h", "Halves", on_error="skip")]), collect=["h.whole", "h.half"])
        report = await pipeline.run(frames(6))
    for port, lost in (("whole", 4), ("half", 2)):
        out = report.outputs[f"h.{port}"]
        assert (numbers(out), gaps(out)) == ([0, 1, 2, 3, 4], [0, 0, 0, lost, 0])
