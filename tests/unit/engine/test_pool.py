"""Jobs that end at a bad moment: while others wait, while the pool closes, before they began."""

from __future__ import annotations

import asyncio

import pytest

from graph_kit import known_types
from streamlab.core import ProcessingNode
from streamlab.engine import PipelinePool
from streamlab.errors import GraphError, NodeError, PoolClosed, PoolFull
from streamlab.testing import probe, registered, virtual_time
from streams import chain, frame, frames, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


def gated():
    return chain(node("a", "Gated", probe="a"))


@pytest.mark.contract("P5", "B6")
@virtual_time
async def test_a_place_that_was_granted_and_given_up_in_the_same_turn_goes_to_the_next():
    async with PipelinePool(gated(), max_concurrent=1, max_pending=1) as pool:
        for item in frames(2):
            await pool.execute(item)
        waiting = [asyncio.create_task(pool.execute(frame(number))) for number in (2, 3)]
        await asyncio.sleep(1)
        probe("a").gate.let(1)
        while pool._coming == 0:  # until the first of them is told that there is room
            await asyncio.sleep(0)
        waiting[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting[0]
        last = await waiting[1]
        with pytest.raises(PoolFull):
            await pool.execute(frame(4), wait=False)
        probe("a").gate.open()
        assert numbers((await last).outputs["a"]) == [3]
    assert probe("a").numbers == [0, 1, 3]


@pytest.mark.contract("P5")
@virtual_time
async def test_who_waits_for_room_when_the_pool_closes_is_told_and_what_was_accepted_is_done():
    pool = PipelinePool(gated(), max_concurrent=1, max_pending=1)
    jobs = [await pool.execute(item) for item in frames(2)]
    waiting = [asyncio.create_task(pool.execute(frame(number))) for number in (2, 3, 4)]
    await asyncio.sleep(1)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(1)
    for task in waiting:
        with pytest.raises(PoolClosed, match="the pool is closed and takes no more jobs"):
            await task
    assert not closing.done()
    probe("a").gate.open()
    await closing
    assert [numbers((await job).outputs["a"]) for job in jobs] == [[0], [1]]
    await pool.close()


@pytest.mark.contract("P5", "L5")
@virtual_time
async def test_a_close_that_is_given_up_can_be_done_again():
    pool = PipelinePool(gated(), max_concurrent=1)
    jobs = [await pool.execute(item) for item in frames(2)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await pool.close()
    assert not any(job.done for job in jobs)
    with pytest.raises(PoolClosed):
        await pool.execute(frame(2))
    await pool.close(drain=False)
    for job in jobs:
        with pytest.raises(PoolClosed, match=f"the pool was closed before job {job.number} was done"):
            await job
    assert probe("a").events.count("create") == probe("a").events.count("destroy") == 1


@pytest.mark.contract("P3")
@virtual_time
async def test_cancelling_a_job_that_is_over_changes_nothing():
    pool = PipelinePool(gated(), max_concurrent=1)
    probe("a").gate.let(1)
    done, running, pending = [await pool.execute(item) for item in frames(3)]
    result = await done
    done.cancel()
    assert (await done) is result
    await pool.close(drain=False)
    for job in (running, pending):
        job.cancel()
        with pytest.raises(PoolClosed):
            await job


@pytest.mark.contract("P1", "P3")
@virtual_time
async def test_the_first_error_of_a_map_comes_in_its_turn_and_the_jobs_behind_it_are_given_up():
    class Picky(ProcessingNode):
        def process(self, item):
            if item.sequence_id == 2:
                raise ValueError("not this one")
            return item

    got = []
    with registered(Picky):
        nodes = [node("slow", "Slow", probe="s"), node("picky", "Picky")]
        async with PipelinePool(chain(*nodes), max_concurrent=2, max_pending=4) as pool:
            with pytest.raises(NodeError, match="node 'picky' failed in process at frame 2: ValueError"):
                async for result in pool.map(frames(9)):
                    got += numbers(result.outputs["picky"])
            assert asyncio.get_running_loop().time() == 2.0
        assert got == [0, 1]
        assert probe("s").numbers == [0, 1, 2, 3, 4]  # the fifth had begun, and was cut off with the rest


@pytest.mark.contract("P3", "E5")
@virtual_time
async def test_what_is_no_frame_is_refused_at_once():
    async with PipelinePool(gated()) as pool:
        with pytest.raises(TypeError, match="a trigger is a DataFrame; found 'no frame'"):
            await pool.execute("no frame")


@pytest.mark.contract("P2", "G7")
@virtual_time
async def test_what_only_an_open_source_knows_fails_every_job_and_leaves_no_node_open():
    with known_types():
        nodes = [
            node("s", "Steady", late=True, rate=100.0),
            node("low", "KnowsCutoff", cutoff=80.0),
            node("a", "Recorder", probe="a"),
        ]
        async with PipelinePool(chain(*nodes), max_concurrent=1) as pool:
            for _ in range(2):
                with pytest.raises(GraphError, match="the cutoff is above half the sample rate"):
                    await (await pool.execute())
    assert probe("a").events == ["create", "destroy"] * 2


@pytest.mark.contract("P1")
@virtual_time
async def test_a_map_of_nothing_and_a_map_on_a_closed_pool():
    pool = PipelinePool(gated())
    assert await pool.map([]) == []
    await pool.close()
    with pytest.raises(PoolClosed):
        await pool.map(frames(1))
