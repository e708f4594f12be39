"""E7: reading along - subscriptions and collect, before and after the start, with readers that leave."""

import asyncio

import pytest

from streamlab.engine import AsyncPipeline
from streamlab.errors import ChannelClosed, EndOfStream, NodeError, NotRunning
from streamlab.testing import probe, virtual_time
from streams import chain, conserved, frame, frames, gaps, graph, node, numbers

pytestmark = [pytest.mark.usefixtures("test_nodes"), pytest.mark.contract("E7")]


def line(**settings):
    return chain(node("a", "Pass"), node("b", "Pass"), node("c", "PassAsync"), **settings)


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_every_output_can_be_read_and_nothing_is_missed(fuse, executor):
    pipeline = AsyncPipeline(line(fuse=fuse, executor=executor), collect=["a", "b"])
    seen = {name: pipeline.subscribe(name, capacity=20) for name in "abc"}
    report = await pipeline.run(frames(12))
    for name in "abc":
        assert numbers([item async for item in seen[name]]) == list(range(12)), name
        assert seen[name].statistics().reason == "completed"
    assert [numbers(report.outputs[name]) for name in "ab"] == [list(range(12))] * 2
    conserved(pipeline)


@virtual_time
async def test_a_subscription_after_the_start_begins_with_the_next_frame():
    async with AsyncPipeline(line()) as pipeline:
        await pipeline.trigger(frame(0))
        await asyncio.sleep(1)
        seen = pipeline.subscribe("b")
        await pipeline.trigger(frame(1))
        pipeline.finish()
        assert numbers([item async for item in seen]) == [1]
        with pytest.raises(EndOfStream, match="completed"):
            await seen.recv()


@virtual_time
async def test_a_reader_of_a_block_subscription_pushes_back():
    async with AsyncPipeline(line(channel_capacity=1, fuse=True)) as pipeline:
        seen = pipeline.subscribe("c", capacity=2)
        given = 0
        while True:
            try:
                await pipeline.trigger(frame(given), timeout=1)
            except TimeoutError:
                break
            given += 1
        assert given == pipeline.plan.max_in_flight + 2
        pipeline.finish()
        assert numbers([item async for item in seen]) == list(range(given))


@pytest.mark.parametrize("way", ["close", "with", "async with"])
@virtual_time
async def test_a_reader_that_closes_lets_the_graph_go_on(way):
    async with AsyncPipeline(line(channel_capacity=1), collect=["c"]) as pipeline:
        seen = pipeline.subscribe("c", capacity=1)
        if way == "close":
            await pipeline.trigger(frame(0))
            assert (await seen.recv()).sequence_id == 0
            seen.close()
            seen.close()
        elif way == "with":
            with seen:
                await pipeline.trigger(frame(0))
        else:
            async with seen:
                await pipeline.trigger(frame(0))
        for number in range(1, 20):
            await pipeline.trigger(frame(number), timeout=5)
        with pytest.raises(ChannelClosed):
            await seen.recv()
    assert numbers(pipeline.report.outputs["c"]) == list(range(20))


@virtual_time
async def test_one_that_was_closed_before_the_start_is_never_connected():
    pipeline = AsyncPipeline(line())
    pipeline.subscribe("b", capacity=1).close()
    report = await pipeline.run(frames(5))
    assert report.frames_out == 5


@pytest.mark.parametrize("node_id", ["a", "b", "c", "src"])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_reader_that_left_without_a_word_cannot_hang_a_stop(node_id, executor):
    nodes = [node("src", "Ticks"), *line()["nodes"]]
    pipeline = AsyncPipeline(chain(*nodes, executor=executor, channel_capacity=2))
    seen = pipeline.subscribe(node_id, capacity=3)
    await pipeline.start()
    while seen.statistics().queued < 3:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    report = await pipeline.stop()
    assert report.reason == "stopped"
    statistics = seen.statistics()
    assert (statistics.queued, statistics.dropped) == (3, 0)
    assert statistics.sent - 3 == statistics.undelivered - 3 >= 0
    assert report.edges["b -> c"].undelivered == 0
    conserved(pipeline)


@pytest.mark.contract("F7", "B3")
@pytest.mark.parametrize(
    ("policy", "kept", "lost"),
    [("latest", [9], [36]), ("drop_oldest", [8, 9], [32, 0]), ("drop_newest", [0, 1], [0, 0])],
)
@virtual_time
async def test_a_subscription_may_drop_instead(policy, kept, lost):
    pipeline = AsyncPipeline(line())
    seen = pipeline.subscribe("c", capacity=2, policy=policy)
    await pipeline.run(frames(10))
    out = []
    with pytest.raises(EndOfStream) as end:
        while True:
            out.append(await seen.recv())
    assert (numbers(out), gaps(out)) == (kept, lost)
    assert end.value.gap == (32 if policy == "drop_newest" else 0)
    assert seen.statistics().dropped == 10 - len(kept)


@virtual_time
async def test_ports_are_named_and_unknown_names_say_what_there_is():
    pipeline = AsyncPipeline(graph([node("f", "Fork", mode="turns")]), collect=["f.a", "f.b"])
    for name, text in (
        ("g", "no node 'g'; nodes: f"),
        ("f", r"outputs of 'f': f\.a, f\.b"),
        ("f.c", "no output 'f.c'"),
    ):
        with pytest.raises(KeyError, match=text):
            pipeline.subscribe(name)
    with pytest.raises(KeyError):
        AsyncPipeline(graph([node("f", "Fork")]), collect=["f"])
    with pytest.raises(ValueError, match="capacity"):
        pipeline.subscribe("f.a", capacity=-1)
    report = await pipeline.run(frames(4))
    assert numbers(report.outputs["f.a"]) == [0, 2]
    assert numbers(report.outputs["f.b"]) == [1, 3]


@virtual_time
async def test_a_stream_that_is_over_cannot_be_read():
    nodes = [
        node("short", "Ticks", count=1),
        node("long", "Ticks", period=1.0),
        node("a", "Pass"),
        node("b", "Pass"),
    ]
    pipeline = AsyncPipeline(graph(nodes, "short > a, long > b"))
    async with pipeline:
        await asyncio.sleep(3.5)
        for name in ("short", "a"):
            with pytest.raises(NotRunning, match="is over"):
                pipeline.subscribe(name)
        seen = pipeline.subscribe("b")
        await asyncio.sleep(2)
    assert numbers([item async for item in seen]) == [3, 4]
    with pytest.raises(NotRunning, match="is stopped"):
        pipeline.subscribe("b")


@virtual_time
async def test_a_reader_with_an_error_policy_that_overflows_ends_the_run():
    pipeline = AsyncPipeline(line())
    seen = pipeline.subscribe("c", capacity=2, policy="error")
    with pytest.raises(NodeError, match="c -> subscription overflowed"):
        await pipeline.run(frames(5))
    assert seen.statistics().queued == 2


@pytest.mark.contract("E7", "F4")
@virtual_time
async def test_readers_share_the_samples_and_cannot_write_into_them():
    import numpy as np

    pipeline = AsyncPipeline(line(), collect=["a", "c"])
    seen = pipeline.subscribe("b", capacity=5)
    given = frame(0)
    report = await pipeline.run([given])
    got = await seen.recv()
    assert np.shares_memory(got.samples, given.samples)
    assert report.outputs["a"][0].samples is report.outputs["c"][0].samples is got.samples
    with pytest.raises(ValueError, match="read-only"):
        got.samples[0, 0] = 1


@virtual_time
async def test_restarting_gives_new_collections_and_needs_new_subscriptions():
    pipeline = AsyncPipeline(line(), collect=["c"])
    first = await pipeline.run(frames(2))
    second = await pipeline.run(frames(3))
    assert [len(report.outputs["c"]) for report in (first, second)] == [2, 3]


@virtual_time
async def test_live_counters_say_what_is_under_way():
    async with AsyncPipeline(chain(node("a", "Pass"), node("b", "Gated", probe="b"))) as pipeline:
        for item in frames(4):
            await pipeline.trigger(item)
        await asyncio.sleep(2)
        now = pipeline.metrics()
        assert (now.state, now.frames_in, now.frames_out, now.duration) == ("running", 4, 0, 2.0)
        assert (now.edges["a -> b"].queued, now.edges["a -> b"].undelivered) == (4, 4)
        probe("b").gate.open()
    assert pipeline.metrics().frames_out == 4


@pytest.mark.parametrize("capacity", [0, -1, 2.0, True])
def test_the_capacity_of_a_subscription_is_a_whole_number(capacity):
    pipeline = AsyncPipeline(chain(node("a", "Pass")))
    with pytest.raises(ValueError, match=f"capacity: expected a whole number >= 1, found {capacity}"):
        pipeline.subscribe("a", capacity=capacity)
    with pytest.raises(ValueError, match="policy: expected one of"):
        pipeline.subscribe("a", policy="drop")


@pytest.mark.contract("B7")
@pytest.mark.parametrize(
    ("settings", "capacity"), [({}, 10), ({"channel_capacity": 3}, 3), ({"channel_capacity": "auto"}, 10)]
)
def test_a_subscription_holds_as_many_frames_as_an_edge_does(settings, capacity):
    pipeline = AsyncPipeline(chain(node("a", "Pass"), **settings))
    assert pipeline.subscribe("a").statistics().capacity == capacity
    assert pipeline.subscribe("a", capacity=7).statistics().capacity == 7


class Reader:
    """A tap that keeps what it is given."""

    def __init__(self):
        self.frames, self.end = [], None

    has_room = True

    def offer(self, frame):
        self.frames.append(frame)
        return True

    async def send(self, frame):
        self.frames.append(frame)

    def close(self, reason="completed", *, gap=0):
        self.end = reason, gap


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_tap_is_given_every_frame_and_the_end(fuse, executor):
    pipeline = AsyncPipeline(line(fuse=fuse, executor=executor), collect=["b"])
    taps = {name: Reader() for name in "ab"}
    for name, tap in taps.items():
        pipeline.tap(name, tap)
    with pytest.raises(KeyError, match="no node 'd'"):
        pipeline.tap("d", Reader())
    report = await pipeline.run(frames(12))
    assert [numbers(tap.frames) for tap in taps.values()] == [list(range(12))] * 2
    assert all(one is other for one, other in zip(taps["b"].frames, report.outputs["b"], strict=True))
    assert [tap.end for tap in taps.values()] == [("completed", 0)] * 2
    with pytest.raises(NotRunning, match="nothing to read along"):
        pipeline.tap("a", Reader())
    conserved(pipeline)


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread", "process"])
@virtual_time
async def test_a_tap_may_come_and_go_while_the_stream_runs(fuse, executor):
    """Whoever reads along changes nothing, also in the midst of a chain that runs as one call."""

    class Leaves(Reader):
        def offer(self, frame):
            if len(self.frames) == 3:
                raise ChannelClosed("enough")
            return super().offer(frame)

    pipeline = AsyncPipeline(line(fuse=fuse, executor=executor), collect=["a", "b", "c"])
    taps = {name: Leaves() for name in "abc"}
    async with pipeline:
        for number, frame in enumerate(frames(12)):
            if number == 4:
                await asyncio.sleep(0.1)  # the first four are through
                for name, tap in taps.items():
                    pipeline.tap(name, tap)
            await pipeline.trigger(frame)
        pipeline.finish()
        report = await pipeline.wait()
    for name, tap in taps.items():
        assert numbers(tap.frames) == [4, 5, 6]
        assert tap.frames == report.outputs[name][4:7]
        assert numbers(report.outputs[name]) == list(range(12))
    conserved(pipeline)


@virtual_time
async def test_a_tap_hears_of_a_start_that_failed():
    pipeline = AsyncPipeline(chain(node("a", "WavFile", path="not-there.wav"), node("b", "Pass")))
    tap = Reader()
    pipeline.tap("a", tap)
    with pytest.raises(NodeError):
        await pipeline.start()
    assert (tap.frames, tap.end) == ([], ("failed", 0))


@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_a_tap_on_a_source_that_hands_on_several_at_once_misses_none(executor):
    document = chain(node("src", "Clock", frames=500), node("b", "Pass"), executor=executor)
    pipeline = AsyncPipeline(document, collect=["b"])

    class Steady(Reader):
        never_waits = True

    taps = [Steady(), Reader(), Steady()]
    pipeline.tap("src", taps[0])
    report = await pipeline.run()
    assert numbers(taps[0].frames) == numbers(report.outputs["b"]) == list(range(500))
    assert taps[0].end == ("completed", 0)
    for other in (taps[1:], taps[2:]):  # with one that may wait, and without
        pipeline = AsyncPipeline(document)
        for tap in other:
            tap.frames = []
            pipeline.tap("src", tap)
        await pipeline.run()
        assert [numbers(tap.frames) for tap in other] == [list(range(500))] * len(other)


@virtual_time
async def test_readers_inside_a_chain_miss_nothing_when_its_source_lends_it_turns():
    """The source works for the idle reader, whose end nobody reads; inside of it somebody does."""
    document = chain(
        node("src", "Clock", frames=500), node("a", "Pass"), node("b", "Pass"), node("c", "Pass")
    )
    pipeline = AsyncPipeline(document, collect=["a"])
    seen, tap = pipeline.subscribe("b", capacity=500), Reader()
    pipeline.tap("b", tap)
    assert [segment.nodes for segment in pipeline.plan.segments] == [("src",), ("a", "b", "c")]
    report = await pipeline.run()
    assert numbers(report.outputs["a"]) == numbers(tap.frames) == list(range(500))
    assert numbers([item async for item in seen]) == list(range(500))
