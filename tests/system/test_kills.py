"""What survives kill -9: real processes, a real SIGKILL at a random moment, read by other programs (W27)."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pyuff
import scipy.io
import soundfile

import killed
from killed import RATE, WRITERS, position

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")


def kill_at(folder: Path, seconds: float, seed: int, pace: str) -> int:
    """Start the recorder, kill it so long after its first frame; return how many samples it had taken."""
    count = folder / "count"
    count.write_bytes(bytes(8))
    process = subprocess.Popen([sys.executable, killed.__file__, str(folder), str(seed), pace])
    try:
        until = time.monotonic() + 30
        while not struct.unpack("<q", count.read_bytes())[0]:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(seconds)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    taken: int = struct.unpack("<q", count.read_bytes())[0]
    return taken


Found = tuple[Any, Any]  # samples (channels, n), and the position of each or None where the format has none


def table(path: Path) -> Found:
    text = path.read_text()
    whole = text[: text.rfind("\n") + 1]  # the last line may be cut
    rows = np.array([[float(x) for x in row] for row in list(csv.reader(io.StringIO(whole)))[1:]])
    return rows[:, 1:].T, np.rint(rows[:, 0] * RATE)


def sound(path: Path) -> Found:
    return soundfile.read(path, always_2d=True)[0].T, None


def arrow(path: Path, skip: int = 0) -> Found:
    batches = []
    with pa.memory_map(str(path)) as file:
        file.seek(skip)
        reader = pa.ipc.open_stream(file)
        try:
            while True:
                batches.append(reader.read_next_batch())
        except (StopIteration, pa.ArrowInvalid, OSError):  # the last batch may be cut
            pass
        table = pa.Table.from_batches(batches, reader.schema)
        samples = np.array([table["up"].to_numpy(), table["down"].to_numpy()])
        return samples, np.rint(table["time"].to_numpy() * RATE)


def hdf5(path: Path) -> Found:
    with h5py.File(path) as file:
        samples, segments = file["samples"][:], file["segments"][:]
    return samples, spread(segments, samples.shape[1])


def mat5(path: Path) -> Found:
    return scipy.io.loadmat(path, variable_names=["data"])["data"], None


def mat73(path: Path) -> Found:
    with h5py.File(path) as file:
        samples, segments = file["data"][:].T, file["segments"][:].astype(int)
    return samples, spread(segments, samples.shape[1])


def universal(path: Path) -> Found:
    sets = pyuff.UFF(str(path)).read_sets()
    whole = len(sets) // 2 * 2  # of the last block there may be one channel only
    samples = np.stack([np.concatenate([one["data"] for one in sets[k:whole:2]]) for k in (0, 1)])
    return samples, samples[0]


def spread(segments: Any, count: int) -> Any:
    ends = [*segments[1:, 0], count]
    return np.concatenate([start + np.arange(max(0, min(end, count) - begin))
                           for (begin, start, _), end in zip(segments, ends, strict=True)])  # fmt: skip


READERS: dict[str, Callable[[Path], Found]] = {
    "take.csv": table,
    "take.wav": sound,
    "take.w64": sound,
    "take.arrows": arrow,
    "take.arrow": lambda path: arrow(path, 8),
    "take.h5": hdf5,
    "take5.mat": mat5,
    "take73.mat": mat73,
    "take.uff": universal,
}


def check(folder: Path, taken: int) -> dict[str, float]:
    """Return how many seconds each format has lost; AssertionError where what is there is not what came."""
    lost = {}
    for name in WRITERS:
        stem, suffix = name.split(".")
        path = folder / f"{stem}.incomplete.{suffix}"
        if name == "take.parquet":
            with pytest.raises(pa.ArrowInvalid):  # as the documents say
                pq.read_table(path)
            continue
        samples, places = READERS[name](path)
        count = samples.shape[1]
        expected = np.array([position(k) for k in range(count)], dtype=float)
        assert np.array_equal(samples[0], expected), name
        assert np.array_equal(samples[1], -expected), name
        if places is not None:
            assert np.array_equal(places[:count], expected), name
        lost[name] = max(0, taken - count) / RATE
    return lost


def kill_often(folder: Path, kills: int, seed: int, pace: str) -> dict[str, float]:
    """Kill recorders and look at what they left; return the seconds that each format lacked at most."""
    rng = np.random.default_rng(seed)
    worst: dict[str, float] = {}
    for number in range(kills):
        inside = folder / str(number)
        inside.mkdir()
        taken = kill_at(inside, float(rng.uniform(0.2, 2.2 if kills > 1 else 1.2)), seed + number, pace)
        for name, seconds in check(inside, taken).items():
            worst[name] = max(seconds, worst.get(name, 0.0))
        shutil.rmtree(inside)
    print(f"{kills} kills, {pace}: seconds of signal lost at most:", worst)
    return worst


@pytest.mark.contract("W27")
def test_a_killed_recording_opens_and_lacks_less_than_a_second(tmp_path):
    worst = kill_often(tmp_path, 1, 100, "live")
    assert set(worst) == set(READERS)
    assert max(worst.values()) <= 1.0


@pytest.mark.long
@pytest.mark.contract("W27")
def test_a_recording_that_was_killed_in_a_write_opens(tmp_path):
    assert set(kill_often(tmp_path, 1, 200, "fast")) == set(READERS)


@pytest.mark.long
@pytest.mark.contract("W27")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("pace", ["live", "fast"])
def test_twenty_kills(tmp_path, pace):
    worst = kill_often(tmp_path, 20, int(time.time()), pace)
    if pace == "live":  # the fast one takes hours of signal a second
        assert max(worst.values()) <= 1.0
