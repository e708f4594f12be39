"""Memory over long runs, measured: a recording of ten minutes, lasting overload, a pool with a long queue."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc"),
]

RATE, CHANNELS, SECONDS = 48_000, 8, 600


def measured(repository: Path, *arguments: str) -> dict[str, Any]:
    """Do a run in a process of its own, so that its memory is its own."""
    script = repository / "tests" / "support" / "memory_runs.py"
    command = [sys.executable, "-W", "error", str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_recording(path: Path, seconds: int) -> None:
    """A tone of 1 kHz on each channel, a tenth of full scale more on each, second by second."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    block = np.outer(tone, np.arange(1, CHANNELS + 1) / 10)
    with soundfile.SoundFile(path, "w", RATE, CHANNELS, "PCM_16") as file:
        for _ in range(seconds):
            file.write(block)


@pytest.mark.contract("B5")
def test_ten_minutes_of_eight_channels_run_in_bounded_memory(repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    try:
        write_recording(tmp_path / "short.wav", 2)
        write_recording(path, SECONDS)
        assert path.stat().st_size > 460e6
        run = measured(repository, "recording", str(tmp_path / "short.wav"), str(path), str(tmp_path))
    finally:
        path.unlink(missing_ok=True)
    print(
        f"\n460 MB of WAV: peak RSS {run['peak']:.1f} MB, {run['growth']:.1f} MB more than for two seconds;"
        f" {run['took']:.1f} s, {run['seconds'] / run['took']:.0f} times real time"
    )
    assert run["growth"] < 20
    assert (run["reason"], run["seconds"]) == ("completed", SECONDS)
    assert run["frames"] == math.ceil(SECONDS * RATE / 1024)
    for number in range(1, CHANNELS + 1):
        level = run["levels"][f"ch{number}"]
        assert level["RMS"] == pytest.approx(number / 10 / math.sqrt(2), rel=1e-4)
        assert (level["duration"], level["missing"]) == (SECONDS, 0)
    rows = (tmp_path / "long-levels.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + SECONDS * 8


@pytest.mark.contract("B5")
@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "latest", "block"])
def test_ten_times_overload_leaves_the_resident_memory_flat(repository: Path, policy: str) -> None:
    """Frames of half a megabyte: what is held on to shows at once."""
    run = measured(repository, "overload", policy, "10")
    print(
        f"\n{policy}: {run['given']} frames of 0.5 MB given, {run['taken']} taken;"
        f" RSS {run['first']:.1f} MB, at most {run['growth']:.1f} MB more in 10 s"
    )
    assert run["growth"] < 16
    assert run["taken"] > 500
    if policy == "block":
        assert run["given"] - run["taken"] <= 10
    else:
        assert run["given"] > 5 * run["taken"]
        assert run["given"] - run["taken"] - run["dropped"] <= 11


@pytest.mark.contract("B5", "P5")
def test_a_thousand_queued_jobs_leave_the_memory_flat(repository: Path) -> None:
    run = measured(repository, "pool", "1000", "20")
    print(
        f"\n20 rounds of 1000 jobs, {run['waiting']} waiting at once: RSS at most {run['growth']:.2f} MB more"
        f" than after the fourth, objects {run['objects']:.3f} MB more"
    )
    assert run["waiting"] > 900
    assert run["growth"] < 8
    assert run["objects"] < 0.25
