"""P1-P6: jobs side by side on warm instances, on the virtual clock."""

import asyncio
import gc
import logging

import numpy as np
import pytest

from streamlab.core import DataFrame, ProcessingNode, register
from streamlab.core.registry import unregister
from streamlab.engine import Graph, PipelinePool
from streamlab.errors import GraphError, NodeError, NoTriggerInput, PoolClosed, PoolFull
from streamlab.testing.virtual_loop import run_virtual


class Work(ProcessingNode):
    """Takes ``seconds`` of the loop's time; fails on frame 13."""

    made = alive = at_work = peak = 0
    seconds = 1.0

    async def on_create(self, config: object) -> None:
        Work.made += 1
        Work.alive += 1

    async def on_destroy(self) -> None:
        Work.alive -= 1

    async def process(self, frame: DataFrame) -> DataFrame:
        Work.at_work += 1
        Work.peak = max(Work.peak, Work.at_work)
        try:
            await asyncio.sleep(Work.seconds)
            if frame.sequence_id == 13:
                raise ValueError("unlucky")
        finally:
            Work.at_work -= 1
        return frame


@pytest.fixture(autouse=True)
def work():
    Work.made = Work.alive = Work.at_work = Work.peak = 0
    Work.seconds = 1.0
    register("Work", Work)
    yield
    unregister("Work")


WORK = {"nodes": [{"id": "w", "type": "Work"}]}


def frame(number: int) -> DataFrame:
    return DataFrame(number * 100, number, {"x": [float(number)]})


async def timed(width: int, count: int, seconds: float) -> float:
    Work.seconds = seconds
    began = asyncio.get_running_loop().time()
    async with PipelinePool(WORK, width, max_pending=count) as pool:
        jobs = [await pool.execute(frame(number)) for number in range(count)]
        results = [await job for job in jobs]
    assert [result.outputs["w"][0].sequence_id for result in results] == list(range(count))
    return asyncio.get_running_loop().time() - began


@pytest.mark.contract("P1", "P2")
def test_ten_jobs_run_five_at_a_time_on_five_instances():
    async def main():
        async with PipelinePool(WORK, max_concurrent=5) as pool:
            assert (pool.max_concurrent, pool.max_pending) == (5, 10)
            jobs = [await pool.execute(frame(number)) for number in range(10)]
            results = [await job for job in jobs]
        assert [result.outputs["w"][0].payload["x"][0] for result in results] == list(range(10))
        assert (Work.peak, Work.made, Work.alive) == (5, 5, 0)

    run_virtual(main())


@pytest.mark.contract("P1")
def test_map_gives_results_in_the_order_of_the_frames():
    async def main():
        async with PipelinePool(WORK, 3) as pool:
            waited = await pool.map(frame(number) for number in range(12))
            walked = [result async for result in pool.map(frame(number) for number in range(5))]
        assert [result.outputs["w"][0].sequence_id for result in waited] == list(range(12))
        assert [result.outputs["w"][0].sequence_id for result in walked] == list(range(5))

    run_virtual(main())


@pytest.mark.contract("P2")
def test_state_is_reset_between_jobs():
    graph = Graph().add("s", "SineGenerator", frequency=1.0, sample_rate=8.0, frame_size=3)

    async def main():
        async with PipelinePool(graph, 1) as pool:
            return [await (await pool.execute(DataFrame(at, at))) for at in range(3)]

    for result in run_virtual(main()):
        made = result.outputs["s"][0]
        assert np.allclose(made.samples, [[0.0, 0.5**0.5, 1.0]], atol=1e-12)
        assert made.start_sample == 0


@pytest.mark.contract("P2")
def test_sources_start_over_in_every_job():
    async def main():
        async with PipelinePool(Graph().add("c", "Clock", rate=10.0, frames=4), 1) as pool:
            results = [await (await pool.execute()) for _ in range(2)]
            with pytest.raises(NoTriggerInput):
                await pool.execute(frame(0))
        return [[tick.sequence_id for tick in result.outputs["c"]] for result in results]

    assert run_virtual(main()) == [[0, 1, 2, 3]] * 2


@pytest.mark.contract("P2")
def test_a_file_that_jobs_would_share_is_refused(tmp_path):
    graph = Graph().add("w", "CsvWriter", path=str(tmp_path / "a.csv"))
    with pytest.raises(GraphError) as caught:
        PipelinePool(graph, 2)
    assert caught.value.problems[0].pointer == "/nodes/0/config/path"
    assert "{job}" in caught.value.problems[0].expected
    PipelinePool(graph, 1)
    PipelinePool(graph.set("w", path=str(tmp_path / "a-{job}.csv")), 2)


@pytest.mark.contract("P3", "P2")
def test_a_job_that_fails_harms_no_other_and_its_instance_is_replaced(caplog):
    async def main():
        async with PipelinePool(WORK, 2) as pool:
            jobs = [await pool.execute(frame(number)) for number in (12, 13, 14)]
            with pytest.raises(NodeError) as caught:
                await jobs[1]
            assert (caught.value.node_id, caught.value.sequence_id) == ("w", 13)
            assert [(await jobs[at]).outputs["w"][0].sequence_id for at in (0, 2)] == [12, 14]
            lost = await pool.execute(frame(13))
            await asyncio.sleep(5)
            assert lost.done
            del lost
            gc.collect()  # its error and the frames of its traceback hold each other
        assert Work.alive == 0

    with caplog.at_level(logging.ERROR, "streamlab"):
        run_virtual(main())
    assert [record.getMessage() for record in caplog.records if "never awaited" in record.getMessage()] == [
        "job 3 failed and was never awaited: node 'w' failed in process at frame 13: ValueError: unlucky"
    ]


@pytest.mark.contract("P3")
def test_jobs_can_be_cancelled_waiting_or_running():
    async def main():
        async with PipelinePool(WORK, 1) as pool:
            running, waiting, last = [await pool.execute(frame(number)) for number in range(3)]
            await asyncio.sleep(0.5)
            waiting.cancel()
            running.cancel()
            for job in (running, waiting):
                with pytest.raises(asyncio.CancelledError):
                    await job
            assert (await last).outputs["w"][0].sequence_id == 2

    run_virtual(main())


@pytest.mark.contract("P4")
@pytest.mark.parametrize(("width", "seconds"), [(1, 0.5), (3, 0.2), (4, 0.15)])
def test_ten_jobs_of_50_ms_take_as_many_waves_as_the_width_says(width: int, seconds: float):
    """The original design says about 150 ms at width 3; ten jobs need four waves there, three at width 4."""
    assert run_virtual(timed(width, 10, 0.05)) == pytest.approx(seconds)


@pytest.mark.contract("P5")
def test_the_queue_is_bounded_and_a_closed_pool_refuses():
    async def main():
        pool = PipelinePool(WORK, 1, max_pending=2)
        jobs = [await pool.execute(frame(number)) for number in range(3)]
        with pytest.raises(PoolFull):
            await pool.execute(frame(3), wait=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await pool.execute(frame(3))
        jobs.append(await pool.execute(frame(4)))
        assert asyncio.get_running_loop().time() == pytest.approx(1.0)
        await pool.close(drain=True)
        assert [(await job).outputs["w"][0].sequence_id for job in jobs] == [0, 1, 2, 4]
        with pytest.raises(PoolClosed):
            await pool.execute(frame(5))
        await pool.close()

    run_virtual(main())


@pytest.mark.contract("P5")
def test_closing_without_draining_cuts_off():
    async def main():
        pool = PipelinePool(WORK, 1)
        jobs = [await pool.execute(frame(number)) for number in range(2)]
        await asyncio.sleep(0.1)
        await pool.close(drain=False)
        for job in jobs:
            with pytest.raises(PoolClosed):
                await job
        assert Work.alive == 0

    run_virtual(main())


@pytest.mark.contract("P5")
@pytest.mark.parametrize("width", [0, -1, 1.5, True])
def test_a_width_below_one_is_refused(width):
    with pytest.raises(ValueError, match="max_concurrent"):
        PipelinePool(WORK, width)
    with pytest.raises(ValueError, match="max_pending"):
        PipelinePool(WORK, 1, max_pending=width)


@pytest.mark.contract("P6")
def test_overlapping_jobs_at_a_steady_beat_finish_on_time():
    async def main():
        loop = asyncio.get_running_loop()
        async with PipelinePool(WORK, 2) as pool:
            jobs = []
            for number in range(10):
                jobs.append(await pool.execute(frame(number)))
                await asyncio.sleep(0.5)
            results = [await job for job in jobs]
        assert [result.outputs["w"][0].sequence_id for result in results] == list(range(10))
        assert loop.time() == pytest.approx(5.5)
        assert all(result.duration == pytest.approx(1.0) for result in results)

    run_virtual(main())
