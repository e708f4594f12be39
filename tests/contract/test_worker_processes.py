"""Segments in worker processes: same results, clear deaths, nothing left behind (E8, L2, L4, L5)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import streamlab
from streamlab.core import DataFrame, ProcessingNode, StreamInfo
from streamlab.core.registry import register, unregister
from streamlab.core.verdict import Outcome, Verdict
from streamlab.engine import AsyncPipeline, Pipeline
from streamlab.errors import GraphError, NodeError, ParamError, RemoteError, WorkerLost
from streams import chain, conserved, frames, graph, node, numbers
from worker_nodes import OwnError, worker_types, workers

pytestmark = pytest.mark.skipif(os.name != "posix", reason="worker processes need POSIX")


@pytest.fixture(autouse=True)
def _types() -> Iterator[None]:
    with worker_types():
        yield


def there(id: str, type: str, **config: Any) -> dict[str, Any]:
    """A node in a worker process."""
    return node(id, type, executor="process", **config)


def run(document: dict[str, Any], count: int = 5, **options: Any) -> Any:
    return streamlab.run(document, triggers=frames(count), **options)


# -- the same results


@pytest.mark.contract("E8")
def test_a_segment_works_in_another_process_and_the_frames_are_the_same() -> None:
    document = chain(node("a", "Gain", gain=2.0), there("b", "WherePid"), node("c", "Gain", gain=3.0))
    report = run(document, 20, collect=["c"])
    out = report.outputs["c"]
    pid = report.results["b"]["pid"]
    assert pid != os.getpid()
    assert report.results["b"] == {"pid": pid, "frames": 20}
    expected = [
        item.replace(samples=item.samples * 2.0 * 3.0, metadata={"pid": pid}).seal() for item in frames(20)
    ]
    assert out == expected
    assert all(item.sealed and not item.samples.flags.writeable for item in out)
    assert {name: item.frames_out for name, item in report.nodes.items()} == {"a": 20, "b": 20, "c": 20}


@pytest.mark.contract("E8")
def test_a_source_works_there_and_its_generator_is_closed(tmp_path: Path) -> None:
    for limit, state in ((None, "completed"), (0.25, "completed")):
        closed = tmp_path / f"{limit}"
        document = chain(there("src", "Rates", count=50, closed=str(closed)), node("end", "Collect"))
        report = streamlab.run(document, duration=limit)
        frames_seen = report.results["end"]
        assert report.reason == state
        assert closed.read_text() == "closed"
        total = 500 if limit is None else 25
        assert sum(item.n for item in frames_seen) == total
        assert np.concatenate([item.samples[0] for item in frames_seen]).tolist() == [
            float(at // 10) for at in range(total)
        ]


@pytest.mark.contract("E8")
def test_ports_keep_their_frames_apart() -> None:
    ends = "src.low > a, src.high > b"
    nodes = [node("src", "TwoWays"), node("a", "Collect"), node("b", "Collect")]
    here = streamlab.run(graph(nodes, ends))
    away = streamlab.run(graph(nodes, ends, executor="process"))
    assert away.results == here.results
    assert [len(away.results[name]) for name in "ab"] == [2, 6]
    nodes = [node("src", "Rates"), there("p", "Paths"), node("a", "Collect"), node("b", "Collect")]
    report = streamlab.run(graph(nodes, "src > p, p.whole > a, p.half > b"))
    assert [item.n for item in report.results["a"]] == [10] * 5
    assert [item.n for item in report.results["b"]] == [5] * 10


@pytest.mark.contract("E8", "E3")
def test_a_join_may_stand_at_the_head_of_a_segment_there() -> None:
    nodes = [
        node("src", "Rates"),
        node("a", "Gain", gain=2.0),
        node("b", "Gain", gain=3.0),
        there("m", "Mix"),
    ]
    edges = [{"from": "src", "to": "a"}, {"from": "src", "to": "b"}]
    ports = [{"from": "a", "to": "m.a"}, {"from": "b", "to": "m.b"}]
    document = {"nodes": nodes, "connections": edges + ports}
    report = streamlab.run(document, collect=["m"])
    assert [item.samples[0, 0] for item in report.outputs["m"]] == [5.0 * at for at in range(5)]


@pytest.mark.contract("E7")
def test_reading_along_inside_a_segment_there() -> None:
    document = chain(there("a", "Gain", gain=2.0), there("b", "Gain", gain=2.0), there("c", "WherePid"))

    async def main() -> list[float]:
        pipeline = AsyncPipeline(document)
        assert len(pipeline.plan.segments) == 1
        async with pipeline:
            await pipeline.trigger(frames(1)[0])
            seen = pipeline.subscribe("a")  # while it runs: the worker is told
            for item in frames(4)[1:]:
                await pipeline.trigger(item)
            pipeline.finish()
            return [float(item.samples[0, 0]) async for item in seen]

    assert asyncio.run(main())[-3:] == [8.0, 16.0, 24.0]


@pytest.mark.contract("F6", "F8")
def test_metadata_infos_and_headers_travel() -> None:
    metadata = {
        "text": "Größe", "number": 2**70, "nan": float("nan"), "tuple": (1, (2.5, None)), "bytes": b"\0\xff",
        "array": np.arange(6.0).reshape(2, 3), "flags": {"deep": {"x": [True, False]}}, 5: "key", "$": 1,
        "complex": 1 - 2j, "set": {1, 2}, "scalar": np.float32(1.5),
    }  # fmt: skip
    info = StreamInfo(["p", "q"], "44100/7")
    sent = DataFrame.from_samples(
        np.array([[1.0, np.nan], [np.inf, -0.0]]), info, timestamp=-5, sequence_id=3, start_sample=2**50,
        gap=7, span=9, metadata=metadata,
    )  # fmt: skip
    spectrum = DataFrame.from_samples(
        np.array([[1 + 2j, 3j]]),
        StreamInfo(["z"], None, "frequency", [0.5, 8000.0]),
        sequence_id=4,
        metadata={},
    )
    empty = DataFrame(9, 5)
    report = streamlab.run(chain(there("a", "WherePid")), triggers=[sent, spectrum, empty], collect=["a"])
    got = report.outputs["a"]
    pid = report.results["a"]["pid"]
    assert got == [
        item.replace(metadata={**item.metadata, "pid": pid}).seal() for item in (sent, spectrum, empty)
    ]
    assert [item.info for item in got] == [info, spectrum.info, empty.info]  # the very same: interned
    assert got[0].samples.tobytes() == sent.samples.tobytes()  # minus zero and NaN included
    assert type(got[0].metadata["scalar"]) is np.float32


@pytest.mark.contract("N10")
def test_verdicts_come_back_and_parameters_go_there() -> None:
    async def main() -> tuple[Any, list[float]]:
        pipeline = AsyncPipeline(chain(there("j", "Doubtful")), collect=["j"])
        async with pipeline:
            await pipeline.trigger(frames(1)[0])
            while not pipeline.metrics().nodes["j"].frames_out:
                await asyncio.sleep(0.001)
            await pipeline.update("j", limit=4.0)
            with pytest.raises(ParamError, match="limit"):
                await pipeline.update("j", limit=-1.0)
            await pipeline.trigger(frames(2)[1])
        return pipeline.report.results["j"], [f.metadata["limit"] for f in pipeline.report.outputs["j"]]

    verdict, limits = asyncio.run(main())
    assert verdict == Verdict(Outcome.PASS, "all is well", 0.5, "Pa", 1.0, "x", 0.5, 3)
    assert limits == [1.0, 4.0]


def test_segments_share_as_many_processes_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    nodes = [there(name, "WherePid") | {"isolate": True} for name in "abcd"]
    report = run(chain(*nodes))
    pids = [report.results[name]["pid"] for name in "abcd"]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_what_awaits_stays_here() -> None:
    report = streamlab.run(chain(node("src", "Awaiting"), node("end", "Collect"), executor="process"))
    assert {item.metadata["pid"] for item in report.results["end"]} == {os.getpid()}


def test_a_single_shot_through_a_process() -> None:
    out = asyncio.run(Pipeline(chain(there("a", "WherePid"))).execute_once(frames(1)[0]))
    assert out["a"][0].metadata["pid"] != os.getpid()


# -- what goes wrong there


@pytest.mark.contract("L2")
@pytest.mark.parametrize(
    ("does", "cause"), [("raise", ValueError), ("own", OwnError), ("local", RemoteError)]
)
def test_an_error_there_is_the_error_here(does: str, cause: type[Exception]) -> None:
    pipeline = AsyncPipeline(chain(there("a", "Gain"), there("bad", "Trouble", does=does, at=2)))
    with pytest.raises(NodeError) as caught:
        asyncio.run(pipeline.run(frames(5)))
    error = caught.value
    assert (error.node_id, error.sequence_id, error.phase) == ("bad", 2, "process")
    assert type(error.__cause__) is {"raise": ValueError, "own": OwnError, "local": RemoteError}[does]
    if does == "raise":
        assert error.__cause__.args == ("as asked", 7)
    if does == "own":
        assert (str(error.__cause__), error.__cause__.code) == ("as asked (7)", 7)
    if does == "local":
        assert "Local: nobody else knows me" in str(error.__cause__)
    assert "worker_nodes.py" in "".join(error.__cause__.__notes__)  # where it was raised
    report = conserved(pipeline)
    assert (report.nodes["bad"].frames_out, report.nodes["bad"].failed) == (2, 1)


@pytest.mark.contract("L3")
def test_a_frame_is_skipped_there_and_the_log_is_here(caplog: pytest.LogCaptureFixture) -> None:
    document = chain(node("bad", "Trouble", does="raise", at=2, executor="process", on_error="skip"))
    with caplog.at_level(logging.WARNING):
        report = run(document, 5, collect=["bad"])
    assert numbers(report.outputs["bad"]) == [0, 1, 3, 4]
    assert [item.gap for item in report.outputs["bad"]] == [0, 0, 4, 0]
    assert report.nodes["bad"].failed == 1
    assert any("node 'bad' failed in process at frame 2" in line for line in caplog.messages)


def test_what_a_node_logs_there_is_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    run(chain(there("bad", "Trouble", does="log", at=1)))
    assert [(r.name, r.levelname, r.getMessage()) for r in caplog.records] == [
        ("lab", "WARNING", "frame 1 is odd")
    ]


@pytest.mark.contract("L2", "N3")
@pytest.mark.parametrize("moment", ["create", "configure", "flush", "result", "destroy"])
def test_a_fault_at_any_moment_of_a_life_there(moment: str) -> None:
    pipeline = AsyncPipeline(chain(there("a", "WherePid"), there("bad", "TroubleInLife", at=moment)))
    with pytest.raises(NodeError) as caught:
        asyncio.run(pipeline.run(frames(3)))
    assert (caught.value.node_id, caught.value.phase) == ("bad", moment)
    assert str(caught.value.__cause__) == f"{moment} (1)"
    assert pipeline.state == "failed"
    conserved(pipeline)


@pytest.mark.contract("L2", "L5")
@pytest.mark.parametrize(
    ("does", "how"), [("die", r"killed by signal 9 \(SIGKILL\)"), ("exit", "ended with code 3")]
)
def test_a_process_that_dies_is_an_error_with_its_cause(does: str, how: str) -> None:
    pipeline = AsyncPipeline(
        chain(node("a", "Gain"), there("bad", "Trouble", does=does, at=2), node("c", "Gain"))
    )
    with pytest.raises(NodeError, match=f"'bad'.*{how}") as caught:
        asyncio.run(pipeline.run(frames(5)))
    assert isinstance(caught.value.__cause__, WorkerLost)
    assert pipeline.state == "failed"
    conserved(pipeline)


@pytest.mark.contract("L2")
def test_a_killed_worker_is_noticed_soon_also_when_idle() -> None:
    """Within 200 ms, says the promise; asserted is that the run ends by itself, and what it says."""

    async def main() -> None:
        pipeline = AsyncPipeline(chain(there("a", "WherePid")), collect=["a"])
        await pipeline.start()
        await pipeline.trigger(frames(1)[0])
        while not pipeline.metrics().nodes["a"].frames_out:
            await asyncio.sleep(0.001)
        (child,) = workers()
        child.send_signal(signal.SIGKILL)
        began = time.monotonic()
        async with asyncio.timeout(10):
            while pipeline.state != "failed":
                await asyncio.sleep(0.001)
        print(f"noticed after {1000 * (time.monotonic() - began):.1f} ms")
        with pytest.raises(NodeError, match="SIGKILL"):
            await pipeline.stop()

    asyncio.run(main())


@pytest.mark.contract("L4", "L5")
@pytest.mark.parametrize("does", ["spin", "sleep"])
def test_a_call_that_never_returns_is_killed_and_named(does: str) -> None:
    async def main() -> AsyncPipeline:
        pipeline = AsyncPipeline(chain(there("bad", "Trouble", does=does, at=1), node("c", "Gain")))
        await pipeline.start()
        for item in frames(3):
            await pipeline.trigger(item)
        await asyncio.sleep(0.05)
        report = await pipeline.stop(timeout=0.1)
        assert report.reason == "cancelled"
        assert report.abandoned == ["the process of node 'bad': killed, its call did not return"]
        return pipeline

    conserved(asyncio.run(main()))


@pytest.mark.contract("L4")
def test_a_source_that_hangs_there_is_killed() -> None:
    async def main() -> None:
        pipeline = AsyncPipeline(chain(there("src", "Rates", third="spin"), node("end", "Collect")))
        await pipeline.start()
        await asyncio.sleep(0.05)
        report = await pipeline.stop(timeout=0.1)
        assert report.abandoned == ["the process of node 'src': killed, its call did not return"]

    asyncio.run(main())


@pytest.mark.parametrize(("third", "text"), [("raise", r"third \(3\)"), ("nonsense", "expected a frame")])
def test_a_source_that_fails_there(third: str, text: str) -> None:
    document = chain(there("src", "Rates", third=third), node("end", "Collect"))
    pipeline = AsyncPipeline(document)
    with pytest.raises(NodeError, match=text):
        asyncio.run(pipeline.run())
    assert numbers(pipeline.report.results["end"]) == [0, 1]
    conserved(pipeline)


def test_something_that_cannot_travel_is_named() -> None:
    document = chain(there("bad", "Trouble", does="object", at=1))
    with pytest.raises(NodeError, match=r"'bad' failed in deliver.*'thing'.*builtins\.object"):
        run(document, collect=["bad"])
    bad = DataFrame(0, 0, {"x": [1.0]}, {"thing": object()})
    with pytest.raises(NodeError, match=r"'a'.*'thing'.*builtins\.object"):
        streamlab.run(chain(there("a", "WherePid")), triggers=[bad])


def test_a_node_that_writes_into_the_link_is_found_out() -> None:
    with pytest.raises(NodeError, match="SIGKILL"):
        run(chain(there("bad", "Trouble", does="write", at=1)))


@pytest.mark.contract("L4")
def test_an_on_destroy_that_hangs_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlab.engine.instance.DESTROY_GRACE", 0.2)
    pipeline = AsyncPipeline(chain(there("bad", "TroubleInLife", at="hang")))
    with pytest.raises(NodeError, match=r"'bad' failed in destroy: on_destroy did not return within 0\.2 s"):
        asyncio.run(pipeline.run(frames(1)))


# -- what is refused


def test_a_type_that_only_this_process_knows_is_refused() -> None:
    class Home(ProcessingNode):
        def process(self, frame: DataFrame) -> DataFrame:
            return frame

    register("Home", Home)
    try:
        AsyncPipeline(chain(node("a", "Home")))
        for document in (chain(there("a", "Home")), chain(node("a", "Home"), executor="process")):
            with pytest.raises(GraphError) as caught:
                AsyncPipeline(document)
            (problem,) = caught.value.problems
            assert problem.pointer == "/nodes/0/type"
            assert "'Home' is registered only in this process" in problem.message
            assert "by place" in problem.hint
    finally:
        unregister("Home")


def test_a_place_that_does_not_load_is_a_problem() -> None:
    for place, text in (("nowhere:Node", "nowhere"), ("math:pi", "not a subclass"), ("math:x", "x")):
        register("Odd", place)
        try:
            with pytest.raises(GraphError, match=f"Odd.*does not load.*{text}"):
                AsyncPipeline(chain(node("a", "Odd")))
        finally:
            unregister("Odd")
    with pytest.raises(TypeError, match="module:Class"):
        register("Odd", "no place")


@pytest.mark.contract("L6")
def test_a_worker_that_does_not_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    pipeline = AsyncPipeline(chain(there("a", "WherePid")))
    with pytest.raises(NodeError, match="ended with code 1"):
        asyncio.run(pipeline.run(frames(1)))
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(NodeError, match="cannot be started"):
        asyncio.run(pipeline.run(frames(1)))


# -- and when this process dies


@pytest.mark.contract("L5")
@pytest.mark.parametrize("does", ["sleep", "none"])
def test_no_worker_outlives_a_parent_that_is_killed(tmp_path: Path, does: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        import asyncio, sys
        sys.path.insert(0, {str(Path(__file__).parents[1] / "support")!r})
        from streamlab.engine import AsyncPipeline
        from worker_nodes import worker_types
        from streams import chain, frames, node

        async def main():
            with worker_types():
                bad = node("bad", "Trouble", does="{does}", at=0, executor="process")
                async with AsyncPipeline(chain(bad)) as pipeline:
                    await pipeline.trigger(frames(1)[0])
                    print("ready", flush=True)
                    await asyncio.sleep(600)

        asyncio.run(main())
        """)
    )
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) == 1
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
