"""``streamlab bench``: its table, its JSON, its exit codes, and that the baselines do the engine's work."""

from __future__ import annotations

import asyncio
import json
import math
import signal
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command import environment, on_a_terminal, start, streamlab
from streamlab.cli.bench import chains, command, growth, hops, memory
from streamlab.cli.bench.groups import GROUPS, Group, chosen
from streamlab.cli.bench.nodes import Block, Reader, bench_nodes
from streamlab.cli.bench.rows import Bench, Row, exponent
from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline

# ------------------------------------------------------------------------------------------- the baselines


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """Mean and RMS of every frame that a baseline has measured."""
    seen: list[tuple[float, float]] = []
    original = chains.mean_and_rms

    def watched(samples: Any) -> Any:
        mean, rms = original(samples)
        seen.extend(zip(np.ravel(mean).tolist(), np.ravel(rms).tolist(), strict=True))
        return mean, rms

    monkeypatch.setattr(chains, "mean_and_rms", watched)
    return seen


def in_the_engine(size: int, gains: int, frames: int) -> list[tuple[float, float]]:
    pipeline = AsyncPipeline(chains.chain(size, gains, frames), collect=["stats"])
    report = asyncio.run(pipeline.run())
    return [tuple(frame.samples[:, 0].tolist()) for frame in report.outputs["stats"]]


@pytest.mark.parametrize("baseline", [chains.bare, chains.bare_star, chains.blocks, chains.queues])
def test_a_baseline_does_the_work_of_the_engine(
    baseline: Callable[..., float], measured: list[tuple[float, float]]
) -> None:
    size, gains, frames = 1024, 3, 64  # two blocks of 32 frames
    took = baseline(size, gains, frames)
    assert took > 0
    assert len(measured) == frames
    np.testing.assert_allclose(measured, in_the_engine(size, gains, frames), rtol=0, atol=1e-12)
    n = np.arange(size * frames).reshape(frames, size)
    sine = np.sin(2 * np.pi * (n * 440 % 48000) / 48000) * 1.0001**gains
    np.testing.assert_allclose([rms for _, rms in measured], np.sqrt(np.mean(sine**2, axis=1)), atol=1e-12)


@pytest.mark.parametrize("baseline", [chains.bare, chains.bare_star])
def test_a_baseline_of_many_channels_measures_them_all(
    baseline: Callable[..., float], measured: list[tuple[float, float]]
) -> None:
    baseline(128, 1, 5, channels=3)
    assert len(measured) == 15


def test_the_readers_of_a_fan_out_tell_a_copy_from_the_block() -> None:
    with bench_nodes():
        hops._fan(3, 20)
        assert (Reader.seen, Reader.copies) == (60, 0)
        Block.samples = None  # what comes now is not the block any more
        Reader.expect(1)
        Reader().process(DataFrame(payload={"x": [1.0]}))
    assert (Reader.seen, Reader.copies) == (1, 1)


def test_a_hundred_pipelines_see_every_frame() -> None:
    with bench_nodes():
        took = asyncio.run(growth._triggered(20, 3))
    assert took > 0
    assert (Reader.seen, Reader.due) == (20, 20)


def test_a_long_stream_reports_its_memory(capsys: pytest.CaptureFixture[str]) -> None:
    memory.long_stream(2000)
    told = json.loads(capsys.readouterr().out)
    assert 0 <= told["megabytes"] < told["highest"]


# ------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("samples", "options", "standing"),
    [
        ([1.0, 2.0, 9.0], {"goal": 2.0}, "met"),  # the median counts
        ([2.1], {"goal": 2.0}, "missed"),
        ([2.1], {}, ""),
        ([2.1], {"goal": 1.0, "bound": 1.1}, "missed"),
        ([2.3], {"goal": 1.0, "bound": 1.1}, "lost"),
        ([900.0], {"goal": 1000, "more": True}, "missed"),
        ([1100.0], {"goal": 1000, "more": True}, "met"),
        ([499.0], {"goal": 1000, "bound": 1000, "more": True}, "lost"),
        ([501.0], {"goal": 1000, "bound": 1000, "more": True}, "missed"),
        ([], {"goal": 1.0}, "not measured"),
        ([0.0], {"goal": 0, "bound": 0}, "met"),
        ([1.0], {"goal": 0, "bound": 0}, "lost"),
    ],
)
def test_a_figure_stands_to_its_goal_and_bound(
    samples: list[float], options: dict[str, Any], standing: str
) -> None:
    assert Row("x", "what", "ms", samples, **options).standing == standing


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5])
def test_an_exponent_is_the_power_of_a_power_law_at_its_upper_end(power: float) -> None:
    points = [1, 10, 100, 1000]
    values = [7.0, *(0.3 * point**power for point in points[1:])]  # the first is something else
    assert exponent(points, values) == pytest.approx(power, abs=1e-12)


def test_measures_are_taken_in_turn_after_a_round_that_warms_up() -> None:
    calls: list[str] = []
    steps: list[str] = []
    runs = Bench(watch=steps.append)

    def measure(name: str) -> Callable[[], float]:
        return lambda: float(calls.append(name) or len(calls))

    one, two = runs.in_turn(measure("a"), measure("b"), repeats=2)
    assert calls == ["a", "b"] * 3
    assert (one, two) == ([3.0, 5.0], [4.0, 6.0])
    assert steps == ["round 1 of 3"] * 2 + ["round 2 of 3"] * 2 + ["round 3 of 3"] * 2


def test_a_ratio_is_taken_round_by_round() -> None:
    runs = Bench()
    runs.compare("x", "mine / other", [1.0, 10.0, 3.0], [2.0, 20.0, 3.0], goal=0.5)
    assert runs.rows[0].samples == [0.5, 0.5, 1.0]
    assert runs.rows[0].base == [2.0, 20.0, 3.0]


def test_every_goal_of_the_engine_has_its_rows() -> None:
    assert {group.id for group in GROUPS} >= {f"S{number}" for number in range(1, 14)}
    assert [group.id for group in chosen(["S1"])] == ["S1"]  # and not S10 to S13
    assert [group.id for group in chosen(["E10"])] == ["S8"]
    assert len(chosen(["growth"])) == 4
    assert chosen([]) == list(GROUPS)


# ---------------------------------------------------------------------------------------------- the command


def with_rows(monkeypatch: pytest.MonkeyPatch, *rows: Row) -> None:
    group = Group("x", "Topic", lambda runs: runs.rows.extend(rows))
    monkeypatch.setattr(command, "chosen", lambda only: [group])


def call(output: Path | None = None, **options: Any) -> int:
    given = {"quick": True, "full": False, "only": (), "as_document": False} | options
    return command.bench(output, **given)


def test_only_twice_what_the_contract_promises_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_rows(monkeypatch, Row("a", "slow", "ms", [3.0], goal=1.0, bound=2.0))
    assert call() == 0
    assert "missed: a" in capsys.readouterr().out
    with_rows(monkeypatch, Row("b", "far too slow", "ms", [4.1], goal=1.0, bound=2.0))
    assert call() == 1
    assert "b: 4.1 ms is 2 times worse than the contract (2 ms)" in capsys.readouterr().out


def test_quick_rows_are_measured_shown_and_written(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    chosen_rows = ("S2", "S5", "S7", "S9", "hop", "growth/size")
    only = [word for name in chosen_rows for word in ("--only", name)]
    done = streamlab("bench", "--quick", *only, "-o", path, env=environment(COLUMNS="100"))
    assert (done.returncode, done.stderr) == (0, "")
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    for word in ("S2/bare*", "S5/queue", "S7/copies", "S9/task", "hop/queued", "quick:", "exponent"):
        assert word in done.stdout
    document = json.loads(path.read_text())
    assert document["quick"] is True
    assert set(document["machine"]) >= {"date", "cpu", "cores", "python", "numpy", "streamlab"}
    rows = {row["id"]: row for row in document["rows"]}
    for row in rows.values():
        if row["samples"]:
            assert row["value"] == statistics.median(row["samples"])
            assert math.isfinite(row["value"])
        else:
            assert row["standing"] == "not measured"
            assert row["note"]
    assert rows["S7/copies"]["value"] == 0
    assert rows["S2/bare"]["value"] == pytest.approx(rows["S2"]["value"] / rows["S2/bare"]["base"][0])
    (table,) = document["growth"]
    assert table["points"][0] == 64
    assert table["exponents"]["engine"] == pytest.approx(
        exponent(table["points"], table["columns"]["engine"])
    )


def test_json_alone_is_on_stdout() -> None:
    done = streamlab("bench", "--quick", "--only", "S6", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["rows"]
    assert [(row["id"], row["goal"]) for row in rows] == [("S6/frame", None), ("S6", 1.05)]
    assert all(row["value"] > 0 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "S99"), ("--only S99: no rows of that name", "S13", "growth")),
        (("--quick", "--full"), ("--quick and --full",)),
        (("--only", "S6", "-o", "no/such/folder/b.json"), ("no/such/folder/b.json", "cannot be written")),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(
    arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
) -> None:
    done = streamlab("bench", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr


def test_ctrl_c_shows_what_is_known_and_leaves_quietly() -> None:
    process = start("bench", "--only", "drain", "--only", "P4", "--only", "S12")
    while not (line := process.stdout.readline()).startswith(" drain"):
        assert line
    process.send_signal(signal.SIGINT)  # P4 is under way
    out, err = process.stdout.read(), process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=30) == 130
    assert err == ""
    assert "goals met" not in out


def test_what_is_measured_is_said_on_a_terminal() -> None:
    code, drawn = on_a_terminal("bench", "--quick", "--only", "drain", "--only", "P4")
    assert code == 0
    assert "P4, round 1 of 1" in drawn
    assert "10 jobs of 50 ms at width 3" in drawn
