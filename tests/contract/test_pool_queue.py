"""P3, P5: jobs that wait, fail, are cancelled or never awaited; the queue and its end."""

import asyncio
import gc
import logging

import pytest

from streamlab.engine import PipelinePool
from streamlab.errors import NodeError, NoTriggerInput, PoolClosed, PoolFull
from streamlab.testing import probe, virtual_time
from streams import chain, frame, frames, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


def gated():
    return chain(node("a", "Gated", probe="a"))


@pytest.mark.contract("P5")
@virtual_time
async def test_the_queue_is_bounded_and_execute_waits_its_turn():
    async with PipelinePool(gated(), max_concurrent=1, max_pending=2) as pool:
        jobs = [await pool.execute(item) for item in frames(3)]
        with pytest.raises(PoolFull, match="2 jobs are waiting"):
            await pool.execute(frame(9), wait=False)
        waiting = [asyncio.create_task(pool.execute(frame(number))) for number in (3, 4)]
        await asyncio.sleep(10)
        assert not waiting[0].done()
        probe("a").gate.let(1)
        await asyncio.sleep(1)
        assert [task.done() for task in waiting] == [True, False]
        probe("a").gate.open()
        jobs += [await task for task in waiting]
        results = [await job for job in jobs]
    assert [numbers(result.outputs["a"]) for result in results] == [[0], [1], [2], [3], [4]]
    assert probe("a").numbers == [0, 1, 2, 3, 4]


@pytest.mark.contract("P5")
@virtual_time
async def test_nobody_slips_into_the_queue_past_the_bound():
    async with PipelinePool(gated(), max_concurrent=1, max_pending=1) as pool:
        jobs = [await pool.execute(item) for item in frames(2)]
        waiting = asyncio.create_task(pool.execute(frame(2)))
        await asyncio.sleep(1)
        probe("a").gate.let(1)
        await jobs[0]  # its slot is free now, and the one who waits has been told
        with pytest.raises(PoolFull):
            await pool.execute(frame(3), wait=False)
        probe("a").gate.open()
        await waiting
    assert probe("a").numbers == [0, 1, 2]


@pytest.mark.contract("P5", "B6")
@virtual_time
async def test_one_who_waits_to_execute_may_give_up():
    async with PipelinePool(gated(), max_concurrent=1, max_pending=1) as pool:
        for item in frames(2):
            await pool.execute(item)
        first = asyncio.create_task(pool.execute(frame(2)))
        second = asyncio.create_task(pool.execute(frame(3)))
        await asyncio.sleep(1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        probe("a").gate.open()
        assert numbers((await (await second)).outputs["a"]) == [3]
    assert probe("a").numbers == [0, 1, 3]


@pytest.mark.contract("P5")
@pytest.mark.parametrize("width", [0, -1, 1.5, True, "2"])
def test_a_width_is_a_whole_number(width):
    with pytest.raises(ValueError, match="max_concurrent"):
        PipelinePool(gated(), max_concurrent=width)
    with pytest.raises(ValueError, match="max_pending"):
        PipelinePool(gated(), max_pending=width)


@pytest.mark.contract("P5")
@virtual_time
async def test_close_finishes_what_was_accepted_and_takes_no_more():
    pool = PipelinePool(chain(node("a", "Slow", probe="a")), max_concurrent=1, max_pending=2)
    jobs = [await pool.execute(item) for item in frames(3)]
    late = asyncio.create_task(pool.execute(frame(3)))
    await asyncio.sleep(0.5)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    with pytest.raises(PoolClosed):
        await late
    with pytest.raises(PoolClosed):
        await pool.execute(frame(4))
    await closing
    await pool.close()
    assert asyncio.get_running_loop().time() == 3.0
    assert [numbers((await job).outputs["a"]) for job in jobs] == [[0], [1], [2]]
    assert probe("a").events[-1] == "destroy"


@pytest.mark.contract("P5", "L5")
@virtual_time
async def test_close_without_drain_gives_up_what_was_accepted():
    pool = PipelinePool(chain(node("a", "Slow", probe="a")), max_concurrent=2)
    jobs = [await pool.execute(item) for item in frames(5)]
    await asyncio.sleep(0.5)
    await pool.close(drain=False)
    assert asyncio.get_running_loop().time() == 0.5
    for job in jobs:
        with pytest.raises(PoolClosed, match=f"before job {job.number} was done"):
            await job
    assert probe("a").events.count("destroy") == 2


@pytest.mark.contract("P5")
@virtual_time
async def test_an_error_in_the_block_gives_the_jobs_up():
    with pytest.raises(ZeroDivisionError):
        async with PipelinePool(gated()) as pool:
            job = await pool.execute(frame(0))
            _ = 1 / 0
    with pytest.raises(PoolClosed):
        await job


@pytest.mark.contract("P3")
@virtual_time
async def test_jobs_complete_in_their_true_order():
    from streamlab.core import ProcessingNode
    from streamlab.testing import registered

    class Naps(ProcessingNode):
        async def process(self, item):
            await asyncio.sleep(float(item.samples[0, 0]))
            return item

    with registered(Naps):
        async with PipelinePool(chain(node("a", "Naps")), max_concurrent=3) as pool:
            done = []
            jobs = [await pool.execute(frame(number, nap)) for number, nap in enumerate((3, 1, 2))]

            async def watch(job):
                result = await job
                done.append((job.number, result.started_at + result.duration))

            await asyncio.gather(*map(watch, jobs))
    assert done == [(1, 1.0), (2, 2.0), (0, 3.0)]


@pytest.mark.contract("P3")
@virtual_time
async def test_a_job_may_be_awaited_often_and_by_many():
    async with PipelinePool(chain(node("a", "Slow"))) as pool:
        job = await pool.execute(frame(0))
        first, second = await asyncio.gather(_wait(job), _wait(job))
        assert first is second is await job
        other = await pool.execute(frame(1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await other
        assert numbers((await other).outputs["a"]) == [1]  # giving up to wait does not cancel it


async def _wait(job):
    return await job


@pytest.mark.contract("P3")
@pytest.mark.parametrize("moment", ["at once", "running", "pending", "twice"])
@virtual_time
async def test_a_job_that_is_cancelled_frees_its_place(moment):
    async with PipelinePool(chain(node("a", "Slow", probe="a")), max_concurrent=1) as pool:
        first = await pool.execute(frame(0))
        victim = first
        if moment == "pending":
            victim = await pool.execute(frame(1))
        if moment != "at once":
            await asyncio.sleep(0.5)
        victim.cancel()
        if moment == "twice":
            await asyncio.sleep(0)
            victim.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(100):
                await victim
        async with asyncio.timeout(100):
            assert numbers((await (await pool.execute(frame(2)))).outputs["a"]) == [2]
    assert victim.done


@pytest.mark.contract("P3", "L4")
@virtual_time
async def test_a_job_cancelled_again_while_its_nodes_are_destroyed_frees_its_place_too():
    nodes = [node("bad", "Hanging", at="destroy", probe="bad"), node("slow", "Slow", seconds=5.0)]
    pool = PipelinePool(chain(*nodes), max_concurrent=1)
    job = await pool.execute(frame(0))
    await asyncio.sleep(1)
    job.cancel()
    await asyncio.sleep(1)
    assert "hangs in destroy" in probe("bad").events
    job.cancel()
    async with asyncio.timeout(1000):
        assert numbers((await (await pool.execute(frame(2)))).outputs["slow"]) == [2]
        await pool.close()


@pytest.mark.contract("P5", "P3")
@virtual_time
async def test_a_waiting_job_that_is_cancelled_makes_room():
    async with PipelinePool(gated(), max_concurrent=1, max_pending=1) as pool:
        await pool.execute(frame(0))
        second = await pool.execute(frame(1))
        second.cancel()
        third = await pool.execute(frame(2), wait=False)
        probe("a").gate.open()
        assert numbers((await third).outputs["a"]) == [2]
    assert probe("a").numbers == [0, 2]


@pytest.mark.contract("P3")
@virtual_time
async def test_an_error_that_nobody_awaits_is_logged_once(caplog):
    with caplog.at_level(logging.ERROR, logger="streamlab"):
        async with PipelinePool(chain(node("bad", "Failing"))) as pool:
            job = await pool.execute(frame(0))
            heard = await pool.execute(frame(1))
            with pytest.raises(NodeError):
                await heard
        del job, heard
        gc.collect()
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "job 0 failed and was never awaited"
    ]


@pytest.mark.contract("P3")
@virtual_time
async def test_an_error_of_a_destroy_is_logged(caplog):
    async with PipelinePool(chain(node("bad", "Failing", at="destroy"))) as pool:
        assert numbers((await (await pool.execute(frame(0)))).outputs["bad"]) == [0]
    assert "node 'bad' failed in destroy" in caplog.text


@pytest.mark.contract("P5", "E5")
@virtual_time
async def test_a_graph_that_waits_needs_a_frame():
    async with PipelinePool(gated()) as pool:
        with pytest.raises(NoTriggerInput, match="give a frame"):
            await pool.execute()
