"""The performance page shows what was measured, and the benchmark's scripts agree with it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest


def script(repository: Path, name: str) -> ModuleType:
    """Load a script of ``benchmarks``, which is no package."""
    path = repository / "benchmarks" / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def results(repository: Path) -> dict[str, Any]:
    folder = repository / "benchmarks" / "results"
    return {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("bench", "peers", "profile", "metrics")
    }


def test_the_page_is_what_the_results_give(repository: Path) -> None:
    command = [sys.executable, str(repository / "benchmarks" / "report.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_make_bench_does_all_of_it(repository: Path) -> None:
    make = shutil.which("make") or pytest.skip("make is not installed")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run([make, "-n", "bench"], cwd=repository, env=env, capture_output=True, text=True)
    steps = ("bench --full -o benchmarks/results/bench.json", "where_time_goes.py", "report.py")
    places = [done.stdout.index(step) for step in steps]
    assert places == sorted(places)


def test_another_result_gives_another_page(repository: Path, results: dict[str, Any]) -> None:
    report = script(repository, "report.py")
    page = (repository / "docs" / "performance.md").read_text(encoding="utf-8")
    (row,) = (row for row in results["bench"]["rows"] if row["id"] == "S1")
    row["samples"] = [777.0]
    after = report.filled(page, report.tables(**results))
    assert after != page
    assert "| `S1` | 1024 samples, 1 gain, capacity 10 | 777 us/frame |" in after


def test_a_table_without_a_place_is_told(repository: Path, results: dict[str, Any]) -> None:
    report = script(repository, "report.py")
    with pytest.raises(SystemExit, match="growth"):
        report.filled("<!-- table: goals -->\n<!-- end -->\n", {"goals": "x", "growth": "y"})


def test_a_peer_that_does_not_install_stands_in_the_page(repository: Path, results: dict[str, Any]) -> None:
    report = script(repository, "report.py")
    peers = results["peers"]
    peers["systems"]["ezmsg"] = {"missing": "does not install: no network"}
    for row in peers["rows"]:
        row["microseconds"].pop("ezmsg", None)
    assert "ezmsg is not in the table: it does not install: no network." in report.tables(**results)["peers"]


def test_a_library_that_does_not_install_stands_in_the_page(
    repository: Path, results: dict[str, Any]
) -> None:
    report = script(repository, "report.py")
    metrics = results["metrics"]
    metrics["libraries"]["phonometry"] = {"missing": "needs python3.13, which is not here"}
    metrics["seconds"].pop("phonometry", None)
    text = report.tables(**results)["metrics"]
    assert "phonometry is not in the table: it needs python3.13, which is not here." in text


def test_the_libraries_find_what_the_noise_holds(results: dict[str, Any]) -> None:
    """Third octaves of all within 0.1 dB from 1 kHz on, where chance and settling are small, and our A."""
    metrics = results["metrics"]
    for name, facts in metrics["libraries"].items():
        for found, goal in zip(facts["values"]["thirds"], metrics["goals"]["thirds"], strict=True):
            if goal > metrics["goals"]["thirds"][17] - 0.01:
                assert found == pytest.approx(goal, abs=0.1), name
    (ours,), (goal,) = metrics["libraries"]["StreamLab"]["values"]["A"], metrics["goals"]["A"]
    assert ours == pytest.approx(goal, abs=0.05)


def test_the_peers_are_checked_against_the_closed_form(repository: Path) -> None:
    work = script(repository, "chains/work.py")
    for size, gains, frames in ((64, 1, 7), (1000, 16, 3)):
        n = np.arange((frames - 1) * size, frames * size)
        sine = np.sin(2 * np.pi * (n * 440 % 48000) / 48000) * 1.0001**gains
        assert work.expected(size, gains, frames) == pytest.approx(np.sqrt(np.mean(sine**2)), abs=1e-12)


def test_a_sample_of_the_profile_belongs_to_the_innermost_function_of_ours(repository: Path) -> None:
    sys.path.insert(0, str(repository / "benchmarks"))
    try:
        profile = script(repository, "where_time_goes.py")
    finally:
        sys.path.remove(str(repository / "benchmarks"))
    frame = "Lead.run.<locals>.<listcomp> (/x/src/streamlab/engine/block.py:82)"
    assert profile.name_of(frame) == "engine/block.py: Lead.run"
    assert profile.part_of("engine/block.py: Lead.run") == "segments"
    assert profile.name_of("stack (/x/numpy/_core/shape_base.py:465)") == ""
    assert profile.name_of("stream (/x/src/streamlab/cli/bench/chains.py:9)") == ""
    assert profile.part_of("the event loop itself") == "event loop"
