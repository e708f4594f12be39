"""MatFile: what was recorded comes back, other files are understood, hostile ones are said (W29, W30)."""

from __future__ import annotations

import asyncio
import struct
import tempfile
import zlib
from fractions import Fraction
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings

from record_kit import MIXED, START, positions, random_streams, stream, together
from streamlab.errors import FileError
from streamlab.io._mat import MatRecording
from streamlab.io.formats import open_recording
from streamlab.io.mat_writer import MatWriter
from streamlab.testing.harness import run_node

NOISE = np.random.default_rng(1).standard_normal((3, 5000))
BEARING = Path(__file__).parents[4] / "shared" / "data" / "mfpt-bearing"
both = pytest.mark.parametrize("version", ["5", "7.3"])


def record(folder, version, frames):
    path = Path(folder, "take.mat")
    run_node("MatWriter", frames, config={"path": str(path), "if_exists": "overwrite", "version": version})
    return path


@pytest.mark.contract("W29")
@both
def test_what_was_recorded_comes_back(tmp_path, version):
    frames = stream(NOISE, MIXED, [1000, 1, 2500], start=7, timestamp=START, lost=[0, 0, 3, 10**6])
    path = record(tmp_path, version, frames)
    with open_recording(path) as recording:
        assert isinstance(recording, MatRecording)
        (one,) = recording.streams
        assert (one.info, one.start, one.offset) == (MIXED, START, 7 * 10**6 // MIXED.sample_rate)
        assert (one.length, one.gaps.tolist()) == (5003 + 10**6, [[1001, 3], [3504, 10**6]])
        assert recording.facts["software"].startswith("streamlab-core")
    run = run_node("MatFile", config={"path": str(path), "frame_size": 800})
    assert np.array_equal(together(run.outputs), NOISE)
    assert [frame.gap for frame in run if frame.gap] == [3, 10**6]
    picked = run_node("MatFile", config={"path": str(path), "select": ["time", "mic, left"], "start": 0.1,
                                         "duration": 0.05})  # fmt: skip
    assert np.array_equal(together(picked.outputs), NOISE[[2, 0], 500:750])


@pytest.mark.contract("W29")
@both
@settings(deadline=None, max_examples=15)
@given(frames=random_streams())
def test_any_stream_comes_back(version, frames):
    full = [frame for frame in frames if frame.n]
    with tempfile.TemporaryDirectory() as folder, MatRecording(record(folder, version, frames)) as recording:
        (one,) = recording.streams
        blocks = list(recording.read(one))
    assert one.info == frames[0].info
    found = [at + k for at, values in blocks for k in range(values.shape[1])]
    assert found == ([position - positions(full)[0] for position in positions(full)] if full else [])
    if full:
        assert (
            np.concatenate([values for _, values in blocks], axis=1).tobytes() == together(frames).tobytes()
        )


@pytest.mark.contract("W27", "W29")
@both
def test_a_file_that_was_left_is_read(tmp_path, version):
    node = MatWriter(path=str(tmp_path / "take.mat"), version=version)
    for frame in stream(NOISE, MIXED, [2000]):
        node.process(frame)
    node._put(node._file)
    left = tmp_path / "left.mat"
    for cut in (b"", b"\x01" * 33):  # killed in a write: a piece behind what is counted
        left.write_bytes((tmp_path / "take.incomplete.mat").read_bytes() + cut)
        with open_recording(left) as recording:
            values = np.concatenate([values for _, values in recording.read(recording.streams[0])], axis=1)
            assert np.array_equal(values, NOISE)
            expected = ["was not finished: where samples are missing is not known"] if version == "5" else []
            assert recording.notes == expected
    asyncio.run(node.on_destroy())


@pytest.mark.contract("W29")
@pytest.mark.skipif(not BEARING.is_dir(), reason="the recordings for tests are not here")
def test_a_recording_of_a_bearing():
    path = sorted(BEARING.glob("InnerRaceFault_vload_1*.mat"))[0]
    with open_recording(path) as recording:
        (one,) = recording.streams
        assert (one.name, one.rate, one.info.names) == ("bearing", 48828, ("gs",))
        values = np.concatenate([values for _, values in recording.read(one)], axis=1)
        assert values.shape == (1, 146484)
        centred = values[0] - values[0].mean()
        assert np.mean(centred**4) / np.mean(centred**2) ** 2 == pytest.approx(51.05, abs=0.01)


@pytest.mark.contract("W29")
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["i1", "u2", "i4", "i8", "f4", "f8"])
def test_numbers_of_every_type_are_those_that_scipy_writes(tmp_path, kind, packed):
    values = np.arange(-3 if kind[0] != "u" else 0, 100).astype(kind)
    scipy.io.savemat(tmp_path / "x.mat", {"x": values, "fs": 10}, do_compression=packed)
    with open_recording(tmp_path / "x.mat") as recording:
        found = np.concatenate([one for _, one in recording.read(recording.streams[0])], axis=1)
        assert np.array_equal(found[0], values.astype(float))


@pytest.mark.contract("W29")
@pytest.mark.parametrize("packed", [False, True])
def test_variables_of_others(tmp_path, packed):
    path = tmp_path / "rig.mat"
    told = {
        "Fs": 51200, "mic": NOISE[0], "table": NOISE.T, "note": "x", "alone": 5.0,
        "cells": np.array([1, "a"], object),
        "slow": {"time": np.array([0.0, 0.5, 2.0]), "temp": np.array([20.0, 21.0, 22.0])},
        "fast": {"dt": 1e-3, "x": NOISE[1].astype("f4")},
    }  # fmt: skip
    scipy.io.savemat(path, told, do_compression=packed)
    with open_recording(path) as recording:
        found = {
            stream.name: (stream.rate, stream.info.names, stream.gaps.tolist())
            for stream in recording.streams
        }
        assert found == {
            "51200 Hz": (51200, ("mic", "table 1", "table 2", "table 3"), []),
            "slow": (2, ("temp",), [[2, 2]]),
            "fast": (1000, ("x",), []),
        }
        (one,) = [stream for stream in recording.streams if stream.name == "51200 Hz"]
        values = np.concatenate([values for _, values in recording.read(one, ["table 3", "mic"])], axis=1)
        assert np.array_equal(values, NOISE[[2, 0]])
    del told["Fs"]
    scipy.io.savemat(path, told, do_compression=packed)
    with open_recording(path) as recording:
        rates = {stream.name: (stream.rate, stream.gaps.tolist()) for stream in recording.streams}
        assert rates == {"slow": (2, [[2, 2]]), "fast": (1000, [])}
        assert "'mic' is left out: it has no rate and no time beside it; give `rate`" in recording.notes
    with MatRecording(path, Fraction(8)) as recording:
        assert {stream.rate for stream in recording.streams} == {8, 2, 1000}


@pytest.mark.contract("W30")
def test_a_variable_that_unpacks_without_measure(tmp_path):
    path = tmp_path / "bomb.mat"
    packed = zlib.compress(struct.pack("<II", 14, 0xF0000000) + bytes(1000))
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(FileError, match=r"claims to hold 4\.03 GB of numbers in a variable of \d+ bytes"):
        open_recording(path)


@pytest.mark.contract("W30")
@pytest.mark.parametrize("size", [127, 128, 200, 1000, 5000])
def test_files_that_are_cut_off(tmp_path, size):
    path = record(tmp_path, "5", stream(NOISE, MIXED))
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(FileError):
        MatRecording(path)


@pytest.mark.contract("W30")
def test_numbers_without_a_rate(tmp_path):
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"a": NOISE[0], "fs": float("nan"), "dt": -1.0})
    with pytest.raises(
        FileError, match="has no variables of numbers with a rate - give `rate`; variables: a, fs, dt"
    ):
        open_recording(path)
    with h5py.File(tmp_path / "y.mat", "w", userblock_size=512) as file:
        file["a"] = NOISE
    with open(tmp_path / "y.mat", "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    with pytest.raises(
        FileError, match="has no variables of numbers with a rate - give `rate`; variables: a"
    ):
        open_recording(tmp_path / "y.mat")
    run = run_node("MatFile", config={"path": str(tmp_path / "y.mat"), "rate": 100.0})
    assert np.array_equal(together(run.outputs), NOISE)
