"""P1, P2, P4, P6: many jobs at once on warm instances."""

import asyncio
import time

import numpy as np
import pytest

from streamlab.core import DataFrame
from streamlab.engine import PipelinePool
from streamlab.errors import GraphError, NodeError, NoTriggerInput
from streamlab.testing import assert_conserved, probe, virtual_time
from streams import chain, frame, frames, graph, node, numbers

pytestmark = pytest.mark.usefixtures("test_nodes")


def slow(seconds=1.0):
    return chain(node("a", "Pass", probe="a"), node("slow", "Slow", seconds=seconds, probe="slow"))


@pytest.mark.contract("P1", "P3")
@virtual_time
async def test_ten_jobs_on_width_five_each_with_its_own_frames():
    async with PipelinePool(slow(), max_concurrent=5) as pool:
        assert (pool.max_concurrent, pool.max_pending) == (5, 10)
        jobs = [await pool.execute(item) for item in frames(10)]
        results = [await job for job in jobs]
    assert probe("slow").peak == 5
    assert asyncio.get_running_loop().time() == 2.0
    for number, result in enumerate(results):
        assert result.number == number
        assert list(result.outputs) == ["slow"]
        assert result.outputs["slow"][0].samples.tolist() == frame(number).samples.tolist()
        assert (result.started_at, result.duration) == (0.0 if number < 5 else 1.0, 1.0)
        assert (result.report.frames_in, result.report.frames_out) == (1, 1)
        assert_conserved(result.report, pool.plan)
    assert all(job.done for job in jobs)


@pytest.mark.contract("P1")
@virtual_time
async def test_map_gives_the_results_in_the_order_of_the_frames():
    async with PipelinePool(slow(), max_concurrent=3, max_pending=1) as pool:
        whole = await pool.map(frames(7))
        assert [numbers(result.outputs["slow"]) for result in whole] == [[number] for number in range(7)]
        taken = []

        def given():
            for item in frames(20):
                taken.append(item.sequence_id)
                yield item

        got = []
        async for result in pool.map(given()):
            got += numbers(result.outputs["slow"])
            assert len(taken) - len(got) <= 5  # three at work, one waiting, one about to
        assert got == list(range(20))
    assert probe("slow").peak == 3


@pytest.mark.contract("P1", "L5")
@virtual_time
async def test_who_leaves_a_map_early_gives_its_other_jobs_up():
    async with PipelinePool(slow(), max_concurrent=2) as pool:
        results = pool.map(frames(50)).__aiter__()
        assert numbers((await anext(results)).outputs["slow"]) == [0]
        await results.aclose()
    assert len(probe("slow").frames) <= 5


@pytest.mark.contract("P2", "N3")
@virtual_time
async def test_instances_are_made_once_reset_between_jobs_and_destroyed_at_the_end():
    async with PipelinePool(slow(), max_concurrent=2) as pool:
        jobs = [await pool.execute(item, wait=True) for item in frames(9)]
        await asyncio.gather(*jobs)
        assert probe("a").made == probe("slow").made == 2
        assert probe("a").events.count("reset") == 7
        assert "destroy" not in probe("a").events
    assert probe("a").events.count("destroy") == probe("slow").events.count("destroy") == 2


@pytest.mark.contract("P2", "N4")
@virtual_time
async def test_the_sine_of_every_job_begins_at_its_phase():
    tone = node("gen", "SineGenerator", frequency=1.0, sample_rate=8, frame_size=3)
    async with PipelinePool(chain(tone, node("hold", "HoldBack", count=3)), max_concurrent=2) as pool:
        results = await pool.map([DataFrame(0, number) for number in range(6)])
    rows = [result.outputs["hold"][0].payload["main_channel"] for result in results]
    for row in rows:
        np.testing.assert_allclose(row, [0, np.sqrt(0.5), 1], atol=1e-12)
    assert [result.outputs["hold"][0].sequence_id for result in results] == list(range(6))


@pytest.mark.contract("P2")
@virtual_time
async def test_sources_start_over_and_nodes_with_their_own_run_get_fresh_ends():
    nodes = [node("src", "Ticks", count=3, probe="src"), node("run", "PassRun", factor=2.0, probe="run")]
    async with PipelinePool(chain(*nodes), max_concurrent=1) as pool:
        for _ in range(3):
            result = await (await pool.execute())
            assert [item.samples[0, 0] for item in result.outputs["run"]] == [0, 8, 16]
        with pytest.raises(NoTriggerInput, match="give no frame"):
            await pool.execute(frame(0))
    assert (probe("src").made, probe("run").made) == (1, 1)


@pytest.mark.contract("P2", "P3")
@virtual_time
async def test_an_instance_that_failed_is_replaced_and_harms_no_other_job():
    bad = node("bad", "Failing", first=0, times=1, probe="bad")
    async with PipelinePool(chain(bad, node("slow", "Slow")), max_concurrent=2) as pool:
        jobs = [await pool.execute(item) for item in frames(4)]
        for job in jobs:
            with pytest.raises(NodeError, match="node 'bad' failed in process"):
                await job
        assert probe("bad").made == 4
        assert probe("bad").events.count("destroy") == 4


@pytest.mark.contract("P2")
@virtual_time
async def test_an_instance_that_cannot_be_reset_is_replaced():
    async with PipelinePool(chain(node("bad", "Failing", at="reset", probe="bad")), max_concurrent=1) as pool:
        assert (await (await pool.execute(frame(0)))).outputs["bad"][0].sequence_id == 0
        with pytest.raises(NodeError, match="node 'bad' failed in reset"):
            await (await pool.execute(frame(1)))
        assert (await (await pool.execute(frame(2)))).outputs["bad"][0].sequence_id == 2
    assert (probe("bad").made, probe("bad").events.count("destroy")) == (2, 2)


@pytest.mark.contract("P2")
@virtual_time
async def test_a_pool_in_which_no_instance_can_be_made_says_so_for_every_job():
    async with PipelinePool(chain(node("a", "Pass", probe="a"), node("bad", "Failing", at="create"))) as pool:
        for item in frames(3):
            with pytest.raises(NodeError, match="node 'bad' failed in create"):
                await (await pool.execute(item))
    assert probe("a").events == ["create", "destroy"] * 3


@pytest.mark.contract("P2")
def test_jobs_side_by_side_may_not_write_one_file(tmp_path):
    def writing(path):
        return graph([node("table", "CsvWriter", path=path)])

    with pytest.raises(GraphError, match="several jobs would write the same file") as caught:
        PipelinePool(writing("one.csv"), 2, outputs=tmp_path)
    assert caught.value.problems[0].pointer == "/nodes/0/config/path"
    assert PipelinePool(writing("one.csv"), 1, outputs=tmp_path).max_concurrent == 1
    assert PipelinePool(writing("take-{job}.csv"), 2, outputs=tmp_path).max_concurrent == 2
    with pytest.raises(GraphError, match="outside the output folder"):
        PipelinePool(writing("../{job}.csv"), 2, outputs=tmp_path)


@pytest.mark.contract("P2")
def test_every_job_writes_its_own_file(tmp_path):
    async def main():
        async with PipelinePool(
            graph([node("table", "CsvWriter", path="take-{job}.csv")]), 2, outputs=tmp_path
        ) as pool:
            await pool.map(frames(4))

    asyncio.run(main())
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"take-{number}.csv" for number in range(4)]
    assert "4" in (tmp_path / "take-1.csv").read_text()


@pytest.mark.contract("P4")
@pytest.mark.parametrize(("width", "seconds"), [(1, 0.5), (3, 0.2), (4, 0.15)])
@virtual_time
async def test_ten_jobs_take_as_many_waves_as_they_must(width, seconds):
    async with PipelinePool(chain(node("work", "Slow", seconds=0.05)), max_concurrent=width) as pool:
        await pool.map(frames(10))
        assert asyncio.get_running_loop().time() == pytest.approx(seconds)


@pytest.mark.contract("P4")
def test_a_job_that_does_nothing_takes_next_to_no_time():
    async def main():
        async with PipelinePool(chain(node("a", "Pass")), max_concurrent=1) as pool:
            for item in frames(20):
                await (await pool.execute(item))
            began = time.perf_counter()
            for item in frames(200):
                await (await pool.execute(item))
            return (time.perf_counter() - began) / 200

    assert asyncio.run(main()) < 0.002  # first measurement: well under 1 ms, twice the bound fails


@pytest.mark.contract("P6")
@pytest.mark.parametrize("width", [2, 5])
@virtual_time
async def test_a_job_of_a_second_triggered_every_half_second(width):
    async with PipelinePool(slow(1.0), max_concurrent=width) as pool:
        jobs = []
        for number in range(10):
            jobs.append(await pool.execute(frame(number)))
            await asyncio.sleep(0.5 if number < 9 else 0)
        results = [await job for job in jobs]
        assert asyncio.get_running_loop().time() == pytest.approx(5.5)
    assert [numbers(result.outputs["slow"]) for result in results] == [[number] for number in range(10)]


@pytest.mark.contract("P6")
def test_the_same_ten_times_faster_on_the_wall_clock():
    async def main():
        async with PipelinePool(slow(0.1), max_concurrent=2) as pool:
            began = time.perf_counter()
            jobs = []
            for number in range(10):
                jobs.append(await pool.execute(frame(number)))
                await asyncio.sleep(0.05 if number < 9 else 0)
            results = [await job for job in jobs]
            return time.perf_counter() - began, results

    seconds, results = asyncio.run(main())
    assert 0.54 < seconds < 1.1  # ideal 0.55
    assert [numbers(result.outputs["slow"]) for result in results] == [[number] for number in range(10)]
