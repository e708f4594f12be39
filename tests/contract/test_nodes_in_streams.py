"""N2, N9, N10: what nodes may do in a stream, and what they say at its end."""

import asyncio

import pytest

from streamlab.core import ProcessingNode, Verdict, channel
from streamlab.core.verdict import Outcome
from streamlab.engine import AsyncPipeline
from streamlab.errors import ChannelClosed, EndOfStream, NodeError
from streamlab.testing import probe, registered, virtual_time
from streams import chain, conserved, frame, frames, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


async def all_of(reader):
    got = []
    try:
        while True:
            got.append(await reader.recv())
    except EndOfStream as end:
        return got, end


# -- N2: run(rx, tx)


class Double(ProcessingNode):
    """Has process only; the inherited run drives it."""

    def process(self, item):
        return item.with_samples(item.samples * 2)


@pytest.mark.contract("N2")
@pytest.mark.parametrize("reason", ["completed", "stopped", "failed", "cancelled"])
@virtual_time
async def test_run_doubles_ends_with_its_input_and_passes_the_reason_on(reason):
    tx, rx = channel(10)
    out, result = channel(10)
    running = asyncio.create_task(Double().run(rx, out))
    await tx.send(frame(0, 1, 2))
    await tx.send(frame(1, 3, 4))
    tx.close(reason)
    await running
    got, end = await all_of(result)
    assert [item.samples[0].tolist() for item in got] == [[2, 4], [6, 8]]
    assert end.reason == reason


@pytest.mark.contract("N2")
@virtual_time
async def test_run_without_a_reader_ends_quietly():
    tx, rx = channel(10)
    out, result = channel(1)
    result.close()
    tx.try_send(frame(0))
    await Double().run(rx, out)
    assert tx.statistics().received == 1


@pytest.mark.contract("N2")
@virtual_time
async def test_run_that_fails_or_is_cancelled_says_so_to_its_reader():
    class Bad(ProcessingNode):
        def process(self, item):
            raise ValueError("bad")

    for node_, wanted in ((Bad(), "failed"), (Double(), "cancelled")):
        tx, rx = channel(10)
        out, result = channel(1)
        running = asyncio.create_task(node_.run(rx, out))
        if wanted == "failed":
            tx.try_send(frame(0))
            with pytest.raises(ValueError, match="bad"):
                await running
        else:
            await asyncio.sleep(1)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        _, end = await all_of(result)
        assert end.reason == wanted


@pytest.mark.contract("N2")
@pytest.mark.parametrize("stop", [False, True])
@virtual_time
async def test_a_node_with_its_own_run_streams_and_ends_as_its_input_does(stop):
    pipeline = AsyncPipeline(chain(node("twice", "PassRun", factor=2.0), node("end", "Pass")))
    seen = pipeline.subscribe("end")
    await pipeline.start()
    for item in frames(3):
        await pipeline.trigger(item)
    if not stop:
        pipeline.finish()
        await pipeline.wait()
    report = await pipeline.stop()
    got, end = await all_of(seen)
    assert [item.samples[0].tolist() for item in got][1] == [8, 10, 12, 14]
    assert (report.reason, end.reason) == (("stopped",) * 2 if stop else ("completed",) * 2)
    assert (report.nodes["twice"].frames_out, report.nodes["twice"].emitted) == (3, 3)
    conserved(pipeline)


@pytest.mark.contract("N2", "N9")
@virtual_time
async def test_run_gets_mappings_where_there_are_several_ports():
    class Swap(ProcessingNode):
        inputs = ("a", "b")
        outputs = ("x", "y")

        async def run(self, rx, tx):
            twin = tx["x"].clone()
            try:
                while True:
                    await twin.send(await rx["b"].recv())
                    tx["y"].try_send(await rx["a"].recv())
            except EndOfStream as end:
                for sender in (twin, *tx.values()):
                    sender.close(end.reason)
                assert tx["x"].closed
                with pytest.raises(ChannelClosed):
                    await tx["x"].send(frame(99))

    with registered(Swap):
        nodes = [
            node("one", "Pass"),
            node("two", "Pass"),
            node("swap", "Swap"),
            node("x", "Pass"),
            node("y", "Pass"),
        ]
        edges = [("one", "swap.a", {}), ("two", "swap.b", {}), ("swap.x", "x", {}), ("swap.y", "y", {})]
        pipeline = AsyncPipeline(graph(nodes, edges), collect=["x", "y"])
        async with pipeline:
            for number in range(3):
                await pipeline.trigger(frame(number, 1), to="one")
                await pipeline.trigger(frame(number, 2), to="two")
    out = pipeline.report.outputs
    assert [item.samples[0, 0] for item in out["x"]] == [2, 2, 2]
    assert [item.samples[0, 0] for item in out["y"]] == [1, 1, 1]
    conserved(pipeline)


# -- N9: none, one, many; ports; flush


@pytest.mark.contract("N9")
@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("fuse", [True, False])
@virtual_time
async def test_a_node_gives_none_one_or_many(count, fuse):
    nodes = [node("a", "Pass"), node("many", "Repeat", count=count), node("end", "Recorder", probe="end")]
    pipeline = AsyncPipeline(chain(*nodes, fuse=fuse, channel_capacity=2))
    report = await pipeline.run(frames(4))
    assert probe("end").numbers == list(range(4 * count))
    many = report.nodes["many"]
    assert (many.frames_in, many.frames_out, many.emitted) == (4, 4, 4 * count)
    conserved(pipeline)


@pytest.mark.contract("N9")
@pytest.mark.parametrize("end", ["completed", "stopped", "failed", "cancelled"])
@pytest.mark.parametrize("executor", ["inline", "thread"])
@virtual_time
async def test_the_tail_comes_out_at_a_regular_end_only(end, executor):
    nodes = [
        node("hold", "HoldBack", count=2, probe="hold"),
        node("bad", "Failing", at="process" if end == "failed" else "never"),
        node("end", "Slow", seconds=10.0 if end == "cancelled" else 0.0, probe="end"),
    ]
    pipeline = AsyncPipeline(chain(*nodes, executor=executor))
    await pipeline.start()
    for item in frames(4):
        await pipeline.trigger(item)
    if end == "completed":
        pipeline.finish()
        await pipeline.wait()
    elif end == "failed":
        with pytest.raises(NodeError):
            await pipeline.wait()
    else:
        await asyncio.sleep(1)
        if end == "cancelled":
            with pytest.raises(ZeroDivisionError):
                async with _already(pipeline):
                    _ = 1 / 0
        else:
            await pipeline.stop()
    flushed = end in ("completed", "stopped")
    assert pipeline.report.reason == end
    assert ("flush" in probe("hold").events) is flushed
    assert (probe("end").numbers == [0, 1, 2, 3]) is flushed
    conserved(pipeline)


class _already:
    """Leaves a pipeline that was started before."""

    def __init__(self, pipeline):
        self.pipeline = pipeline

    async def __aenter__(self):
        return self.pipeline

    async def __aexit__(self, *error):
        await self.pipeline.__aexit__(*error)


@pytest.mark.contract("N9")
@virtual_time
async def test_a_flush_may_give_ports_and_may_await():
    class Last(ProcessingNode):
        outputs = ("a", "b")

        def process(self, item):
            return None

        def flush(self):
            return {"a": frame(0), "b": [frame(0), frame(1)]}

    class LastAsync(ProcessingNode):
        async def process(self, item):
            return None

        async def flush(self):
            await asyncio.sleep(5)
            return frame(7)

    with registered(Last, LastAsync):
        pipeline = AsyncPipeline(
            graph([node("last", "Last"), node("late", "LastAsync")]), collect=["last.a", "last.b", "late"]
        )
        report = await pipeline.run(frames(2))
    assert [numbers(listed) for listed in report.outputs.values()] == [[0], [0, 1], [7]]
    assert asyncio.get_running_loop().time() == 5.0


# -- N10: results


@pytest.mark.contract("N10")
@pytest.mark.parametrize("end", ["completed", "stopped", "failed", "cancelled"])
@virtual_time
async def test_a_verdict_on_a_stream_that_failed_is_invalid(end):
    bad = node("bad", "Failing", first=1, at="process" if end == "failed" else "never")
    nodes = [bad, node("slow", "Slow", seconds=1.0), node("judge", "Judge", probe="j")]
    pipeline = AsyncPipeline(chain(*nodes))
    await pipeline.start()
    for item in frames(4):
        await pipeline.trigger(item)
    if end == "failed":
        with pytest.raises(NodeError):
            await pipeline.wait()
    elif end == "completed":
        pipeline.finish()
        await pipeline.wait()
    else:
        await pipeline.stop(timeout=2.5 if end == "cancelled" else None)
    report = conserved(pipeline)
    verdict = report.results["judge"]
    good = end in ("completed", "stopped")
    assert verdict.outcome is (Outcome.PASS if good else Outcome.INVALID)
    assert report.verdict is verdict.outcome
    assert report.ok is good
    assert verdict.count == {"failed": 0, "cancelled": 2}.get(end, 4)
    if not good:
        assert f"cut off ({end})" in verdict.reason
    assert set(report.results) == {"judge"}


@pytest.mark.contract("N10")
@pytest.mark.parametrize("outcome", list(Outcome))
@virtual_time
async def test_every_outcome_and_every_other_value_arrives(outcome):
    class Says(ProcessingNode):
        def process(self, item):
            return item

        def result(self):
            return Verdict(outcome, "as told")

    class Counts(ProcessingNode):
        def process(self, item):
            return item

        def result(self):
            return {"total": 3}

    with registered(Says, Counts):
        pipeline = AsyncPipeline(chain(node("says", "Says"), node("counts", "Counts"), node("none", "Pass")))
        report = await pipeline.run(frames(1))
    assert report.results == {"says": Verdict(outcome, "as told"), "counts": {"total": 3}}
    assert (report.verdict, report.ok) == (outcome, outcome is Outcome.PASS)
    assert f"says: {outcome.value}" in str(report)
