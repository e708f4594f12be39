"""A pool whose jobs work in processes: the promises of the pool hold there too (P1-P5)."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from streamlab.core import DataFrame, ProcessingNode
from streamlab.core.registry import register, unregister
from streamlab.engine import PipelinePool
from streamlab.errors import GraphError, NodeError, WorkerLost
from streamlab.testing import assert_conserved
from streams import chain, frame, frames, node, numbers
from worker_nodes import OwnError, worker_types, workers

pytestmark = pytest.mark.skipif(os.name != "posix", reason="worker processes need POSIX")


@pytest.fixture(autouse=True)
def _types() -> Iterator[None]:
    with worker_types():
        yield


TICKS = [DataFrame(number, number) for number in range(8)]
WHERE = chain(node("gen", "SineGenerator", frame_size=16), node("pid", "WherePid"))


@pytest.mark.contract("P1", "P2", "P3")
def test_jobs_work_side_by_side_in_warm_processes_that_start_each_job_anew() -> None:
    async def main() -> tuple[list[Any], list[Any]]:
        async with PipelinePool(WHERE, 2, executor="process") as pool:
            away = [result async for result in pool.map(TICKS)]
            assert len(workers()) == 2
            for result in away:
                assert_conserved(result.report, pool.plan)
        async with PipelinePool(WHERE, 2) as pool:
            return away, [result async for result in pool.map(TICKS)]

    away, here = asyncio.run(main())
    pids = {result.results["pid"]["pid"] for result in away}
    assert len(pids) == 2
    assert os.getpid() not in pids
    for result, other in zip(away, here, strict=True):
        (got,), (expected,) = result.outputs["pid"], other.outputs["pid"]
        assert result.results["pid"]["frames"] == 1
        assert got.samples.tobytes() == expected.samples.tobytes()  # the sine starts at its phase again
        assert (got.sequence_id, got.timestamp, got.info) == (
            expected.sequence_id,
            expected.timestamp,
            expected.info,
        )
        assert result.report.nodes["pid"].frames_out == other.report.nodes["pid"].frames_out == 1
        assert result.duration == result.report.duration > 0


def test_the_graph_may_ask_for_processes_itself() -> None:
    async def main() -> int:
        async with PipelinePool({**WHERE, "pipeline_config": {"executor": "process"}}, 1) as pool:
            (job,) = await pool.map(TICKS[:1])
            return int(job.results["pid"]["pid"])

    assert asyncio.run(main()) != os.getpid()


@pytest.mark.contract("P3", "P2")
def test_a_job_that_fails_there_harms_no_other() -> None:
    async def main() -> list[Any]:
        graph = chain(node("bad", "Trouble", does="own", at=2), node("pid", "WherePid"))
        async with PipelinePool(graph, 1, executor="process") as pool:
            jobs = [await pool.execute(item) for item in frames(3)]
            jobs += [await pool.execute(frame(3))]
            return await asyncio.gather(*(_outcome(job) for job in jobs))

    first, second, failed, last = asyncio.run(main())
    assert isinstance(failed, NodeError)
    assert (failed.node_id, failed.sequence_id) == ("bad", 2)
    assert isinstance(failed.__cause__, OwnError)
    assert numbers(second.outputs["pid"]) == [1]
    assert first.results["pid"]["pid"] == second.results["pid"]["pid"] != last.results["pid"]["pid"]


@pytest.mark.contract("P3", "L5")
@pytest.mark.parametrize("retries", [0, 2])
def test_a_process_that_dies_fails_its_job_or_is_replaced(
    retries: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> list[Any]:
        graph = chain(node("bad", "Trouble", does="die", at=1), node("pid", "WherePid"))
        async with PipelinePool(graph, 1, executor="process", retries=retries) as pool:
            jobs = [await pool.execute(item) for item in frames(3)]
            return await asyncio.gather(*(_outcome(job) for job in jobs))

    first, died, last = asyncio.run(main())
    assert isinstance(died, WorkerLost)
    assert "SIGKILL" in str(died)
    assert numbers(first.outputs["pid"] + last.outputs["pid"]) == [0, 2]
    assert caplog.text.count("job 1 is tried again") == retries


def test_a_process_killed_between_two_jobs_is_replaced() -> None:
    async def main() -> tuple[int, int]:
        async with PipelinePool(WHERE, 1, executor="process") as pool:
            before = await (await pool.execute(TICKS[0]))
            (child,) = workers()
            child.send_signal(signal.SIGKILL)
            while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            after = await (await pool.execute(TICKS[1]))
            return before.results["pid"]["pid"], after.results["pid"]["pid"]

    before, after = asyncio.run(main())
    assert before != after


@pytest.mark.contract("P3", "L4")
@pytest.mark.parametrize("bad", [("Trouble", {"does": "spin"}), ("Slow", {"seconds": 600.0})])
def test_a_job_that_runs_there_can_be_given_up(bad: tuple[str, dict[str, Any]], test_nodes: None) -> None:
    """One that awaits is cancelled, one that spins is killed."""

    async def main() -> None:
        graph = chain(node("bad", bad[0], **bad[1]), node("pid", "WherePid"))
        async with PipelinePool(graph, 1, executor="process") as pool:
            job = await pool.execute(frame(0))
            while not workers():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.5)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job

    asyncio.run(main())


@pytest.mark.contract("P3")
@pytest.mark.parametrize("moment", ["create", "configure", "flush", "result", "destroy"])
def test_a_fault_at_any_moment_of_a_life_there(moment: str, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> Any:
        graph = chain(node("bad", "TroubleInLife", at=moment))
        async with PipelinePool(graph, 1, executor="process") as pool:
            return await _outcome(await pool.execute(frame(0)))

    outcome = asyncio.run(main())
    if moment == "destroy":
        assert numbers(outcome.outputs["bad"]) == [0]
        assert "node 'bad' failed in destroy" in caplog.text
    else:
        assert isinstance(outcome, NodeError)
        assert (outcome.node_id, outcome.phase, str(outcome.__cause__)) == ("bad", moment, f"{moment} (1)")


def test_files_go_where_the_pool_says(tmp_path: Path) -> None:
    async def main() -> None:
        graph = chain(node("gen", "SineGenerator", frame_size=16), node("csv", "CsvWriter", path="{job}.csv"))
        async with PipelinePool(graph, 2, executor="process", outputs=tmp_path) as pool:
            await pool.map(TICKS[:3])

    asyncio.run(main())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.csv", "1.csv", "2.csv"]


@pytest.mark.contract("P5")
def test_what_a_pool_of_processes_refuses() -> None:
    class Home(ProcessingNode):
        def process(self, frame: DataFrame) -> DataFrame:
            return frame

    register("Home", Home)
    try:
        with pytest.raises(GraphError, match="registered only in this process"):
            PipelinePool(chain(node("a", "Home")), 1, executor="process")
    finally:
        unregister("Home")
    with pytest.raises(ValueError, match="executor: expected one of inline, thread, process"):
        PipelinePool(WHERE, 1, executor="cloud")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="retries"):
        PipelinePool(WHERE, 1, retries=-1)


async def _outcome(job: Any) -> Any:
    try:
        return await job
    except Exception as error:
        return error
