"""Hdf5File: what was recorded comes back, other files are understood, hostile ones are said (W29, W30)."""

from __future__ import annotations

import sys
import tempfile
import zlib
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record_kit import MIXED, START, layers, positions, random_streams, stream, together
from streamlab.core import StreamInfo
from streamlab.errors import FileError
from streamlab.io._hdf5 import Hdf5Recording
from streamlab.io.formats import open_recording
from streamlab.io.hdf5_writer import Hdf5Writer
from streamlab.testing.harness import run_node

NOISE = np.random.default_rng(1).standard_normal((3, 5000))


def record(folder, frames, **config):
    path = Path(folder, "take.h5")
    run_node("Hdf5Writer", frames, config={"path": str(path), "if_exists": "overwrite", **config})
    return path


def everything(recording, stream, *args, **more):
    blocks = list(recording.read(stream, *args, **more))
    assert all(values.shape[1] for _, values in blocks)
    return blocks


def joined(recording, stream, *args, **more):
    return np.concatenate([values for _, values in everything(recording, stream, *args, **more)], axis=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rig.h5"


@pytest.mark.contract("W29")
def test_what_was_recorded_comes_back(tmp_path):
    frames = stream(NOISE, MIXED, [1000, 1, 2500], start=7, timestamp=START, lost=[0, 0, 3, 10**6])
    path = record(tmp_path, frames)
    with open_recording(path) as recording:
        assert isinstance(recording, Hdf5Recording)
        (one,) = recording.streams
        assert (one.info, one.start, one.offset) == (MIXED, START, 7 * 10**6 // MIXED.sample_rate)
        assert (one.length, one.gaps.tolist()) == (5003 + 10**6, [[1001, 3], [3504, 10**6]])
        assert recording.facts["software"].startswith("streamlab-core")
    run = run_node("Hdf5File", config={"path": str(path), "frame_size": 800})
    assert [(frame.start_sample, frame.n, frame.gap) for frame in run] == [
        (0, 800, 0), (800, 201, 0), (1004, 800, 3), (1804, 800, 0), (2604, 800, 0), (3404, 100, 0),
        (1003504, 800, 10**6), (1004304, 699, 0),
    ]  # fmt: skip
    assert np.array_equal(together(run.outputs), NOISE)
    assert run[0].timestamp == START
    picked = run_node("Hdf5File", config={"path": str(path), "select": ["time", "mic, left"], "start": 0.1,
                                          "duration": 0.05})  # fmt: skip
    assert np.array_equal(together(picked.outputs), NOISE[[2, 0], 500:750])


@pytest.mark.contract("W29")
@settings(deadline=None, max_examples=25)
@given(frames=random_streams())
def test_any_stream_comes_back(frames):
    full = [frame for frame in frames if frame.n]
    with tempfile.TemporaryDirectory() as folder, Hdf5Recording(record(folder, frames)) as recording:
        (one,) = recording.streams
        blocks = everything(recording, one, multiple=3)
    assert one.info == frames[0].info
    found = [at + k for at, values in blocks for k in range(values.shape[1])]
    assert found == [position - positions(full)[0] for position in positions(full)] if full else not found
    samples = [values for _, values in blocks]
    assert b"".join(np.concatenate(samples, axis=1).tobytes() if samples else b"" for _ in (1,)) == (
        together(frames).tobytes()
    )


@pytest.mark.contract("W27", "W29")
def test_a_file_that_is_being_written_and_one_that_was_left_are_read(tmp_path):
    node = Hdf5Writer(path=str(tmp_path / "take.h5"))
    frames = stream(NOISE, MIXED, [2000, 2000])
    node.process(frames[0])
    for expected in (2000, 4000):
        with Hdf5Recording(tmp_path / "take.incomplete.h5") as recording:
            assert np.array_equal(joined(recording, recording.streams[0]), NOISE[:, :expected])
        node.process(frames[1])
        node._put(node._file)
    node.reset()


@pytest.mark.contract("W26", "W29")
def test_a_spectrum_is_one_frame_and_many_are_said(tmp_path):
    info = StreamInfo(["a", "b"], 48000, "frequency", [0.0, 12.5, 25.0])
    frames = layers(info, 2, 3)
    (frame,) = run_node(
        "Hdf5File", config={"path": str(record(tmp_path, frames[:1])), "select": ["b"]}
    ).outputs
    assert (frame.info.axis, frame.info.points) == ("frequency", info.points)
    assert np.array_equal(frame.samples, frames[0].samples[1:])
    with pytest.raises(FileError, match=r"holds 2 frequency frames over time, .* - read it with h5py"):
        open_recording(record(tmp_path, frames))


# ---------------------------------------------------------------------------------------------- other files


@pytest.mark.contract("W29")
def test_rates_units_names_and_starts_are_found_where_others_put_them(path):
    with h5py.File(path, "w") as file:
        file.attrs["Start_Time"] = "2024-01-02T03:04:05Z"
        run = file.create_group("run")
        run.attrs["fs"] = 51200
        run["mic"] = NOISE[0]
        run["mic"].attrs["units"] = np.bytes_(b"Pa")
        run["table"] = NOISE.T.astype("f4")
        run["table"].attrs["names"] = ["x", "y", "z"]
        run["table"].attrs["units"] = "m/s^2"
        file["slow/T [°C]"] = np.arange(10, dtype="i2")
        file["slow/T [°C]"].attrs["dt"] = 0.1
        file["text"] = ["a", "b"]
        file["lost"] = NOISE[0]
        file["picture"] = np.zeros((2, 2, 2))
    with open_recording(path) as recording:
        found = {name: (stream.rate, [c.label for c in stream.info.channels], stream.start)
                 for stream in recording.streams for name in [stream.name]}  # fmt: skip
        begin = 1704164645 * 10**6
        assert found == {
            "run": (51200, ["mic [Pa]", "x [m/s2]", "y [m/s2]", "z [m/s2]"], begin),
            "slow": (10, ["T [degC]"], begin),
        }
        assert recording.notes == ["'/lost' is left out: it has no rate and no time beside it; give `rate`"]
        (run, slow) = recording.streams
        assert np.array_equal(joined(recording, run, ["mic"]), NOISE[:1])
        assert np.array_equal(joined(recording, run, ["z", "mic", "x"], 700, 1900),
                              [NOISE.astype("f4")[2, 700:1900], NOISE[0, 700:1900],
                               NOISE.astype("f4")[0, 700:1900]])  # fmt: skip
        assert joined(recording, slow).tolist() == [list(range(10))]


@pytest.mark.contract("W29")
def test_a_dataset_of_times_is_the_time_of_its_group(path):
    seconds = np.array([0, 1, 2, 5, 6])
    with h5py.File(path, "w") as file:
        file["a/time"] = 1_700_000_000 + seconds
        file["a/p"] = seconds * 2.0
        file["b/Time [ms]"] = seconds * 250.0
        file["b/q"] = seconds * 3.0
    with open_recording(path) as recording:
        one, other = recording.streams
        assert (one.name, one.rate, one.start, one.gaps.tolist()) == ("a", 1, 1_700_000_000 * 10**6, [[3, 2]])
        assert (other.rate, other.start, other.length) == (4, None, 7)
        assert [(at, values.tolist()) for at, values in everything(recording, one)] == [
            (0, [[0.0, 2.0, 4.0]]), (5, [[10.0, 12.0]]),
        ]  # fmt: skip


@pytest.mark.contract("W29")
def test_choosing_a_dataset_or_a_group(path):
    with h5py.File(path, "w") as file:
        file["a/x"] = NOISE
        file["a/y"] = NOISE[0]
        file["z"] = NOISE[1]
    run = run_node("Hdf5File", config={"path": str(path), "dataset": "/a/y", "rate": 100.0, "unit": "V"})
    assert np.array_equal(together(run.outputs), NOISE[:1])
    assert (run[0].sample_rate, run[0].info.channels[0].label) == (100, "y [V]")
    run = run_node("Hdf5File", config={"path": str(path), "dataset": "a", "rate": 100.0})
    assert run[0].channels == ("x 1", "x 2", "x 3", "y")
    for missing in ("a/b", "a/x/y", "b", "a/../z"):
        with pytest.raises(FileError, match=f"has no dataset '{missing}' - datasets: /a/x, /a/y, /z"):
            run_node("Hdf5File", config={"path": str(path), "dataset": missing})
    with pytest.raises(
        FileError, match="no datasets of numbers over time - '/a/x' is left out: it has no rate"
    ):
        open_recording(path)


@pytest.mark.contract("W29")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "gzip"},
        {"compression": "lzf"},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
    ],
)
@pytest.mark.parametrize("chunks", [(1, 700), (3, 5000), (2, 64)])
def test_chunked_and_packed_datasets_are_read_across_their_chunks(path, options, chunks, monkeypatch):
    monkeypatch.setattr("streamlab.io._hdf5_data._SMALL", 100)  # so that each chunk is looked at
    monkeypatch.setattr("streamlab.io._hdf5._PIECE", 1000)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=NOISE, chunks=chunks, **options).attrs["fs"] = 8000
    with open_recording(path) as recording:
        (one,) = recording.streams
        assert np.array_equal(joined(recording, one), NOISE)
        assert np.array_equal(joined(recording, one, ["x 3", "x 1"], 123, 4567), NOISE[[2, 0], 123:4567])


@pytest.mark.contract("W29")
def test_a_recording_of_others_that_was_killed_while_readers_followed_it(path, tmp_path):
    with h5py.File(path, "w", libver="latest") as file:
        data = file.create_dataset("x", (0,), "f8", maxshape=(None,), chunks=(1024,))
        data.attrs["fs"] = 8000
        file.swmr_mode = True
        data.resize((5000,))
        data[:] = NOISE[0]
        data.flush()
        copy = tmp_path / "copy.h5"
        copy.write_bytes(path.read_bytes())
    with pytest.raises(OSError, match="already open"):
        h5py.File(copy, locking=False)
    with open_recording(copy) as recording:
        assert np.array_equal(joined(recording, recording.streams[0]), NOISE[:1])


# ------------------------------------------------------------------------------------------------- hostile


@pytest.mark.contract("W30")
def test_links_that_lead_away_or_round_in_circles(path, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = NOISE
    with h5py.File(path, "w") as file:
        file.attrs["fs"] = 100
        file["a/x"] = NOISE[0]
        file["a/soft"] = h5py.SoftLink("/a/x")
        file["a/out"] = h5py.ExternalLink("other.h5", "/secret")
        file["a/round"] = file["a"]  # a group in itself
        file["b"] = file["a"]
    with open_recording(path) as recording:
        assert [stream.info.names for stream in recording.streams] == [("x",)]
    for link in ("a/out", "a/soft"):
        with pytest.raises(FileError, match=f"has no dataset '{link}'"):
            Hdf5Recording(path, link)


@pytest.mark.contract("W30")
def test_numbers_that_lie_in_other_files(path, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = NOISE[0]
    raw = tmp_path / "raw.bin"
    raw.write_bytes(NOISE[0].tobytes())
    layout = h5py.VirtualLayout((5000,), "f8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (5000,))
    for make in (
        lambda file: file.create_virtual_dataset("x", layout),
        lambda file: file.create_dataset("x", (5000,), "f8", external=[(str(raw), 0, 40000)]),
    ):
        with h5py.File(path, "w") as file:
            make(file).attrs["fs"] = 100
        with pytest.raises(FileError, match="'/x' has its numbers in other files, which are not opened"):
            open_recording(path)


@pytest.mark.contract("W30")
def test_groups_without_end(path):
    with h5py.File(path, "w") as file:
        deep = file
        for _ in range(100):
            deep = deep.create_group("g")
    with pytest.raises(FileError, match="has groups that nest deeper than 12"):
        open_recording(path)
    with h5py.File(path, "w") as file:
        for k in range(300):
            file.create_group(f"{k}")
    with pytest.raises(FileError, match="has no datasets"):
        open_recording(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlab.io._hdf5_data._MOST", 200)
        with pytest.raises(FileError, match="has more than 200 objects - choose one by `dataset`"):
            open_recording(path)


@pytest.mark.contract("W30")
def test_zeros_that_are_not_there(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1 << 44,), "f8", chunks=(1024,)).attrs["fs"] = 100
    with pytest.raises(FileError, match=r"claims to hold 1\.41e\+05 GB of numbers in a file of \d+ bytes"):
        open_recording(path)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1 << 27,), "f8", chunks=(1 << 26,)).attrs["fs"] = 100
    with pytest.raises(FileError, match="'/x' has chunks of 536870912 bytes; 268435456 are the most"):
        open_recording(path)


@pytest.mark.contract("W30")
@pytest.mark.parametrize(
    ("megabytes", "message"),
    [(100, "unpacks to more than its 131072 bytes"), (200, r"it has \d+ bytes for a chunk of 131072")],
)
def test_a_chunk_that_unpacks_without_end(path, megabytes, message):
    pack = zlib.compressobj(9)
    data = b"".join([pack.compress(bytes(1 << 20)) for _ in range(megabytes)]) + pack.flush()
    with h5py.File(path, "w") as file:
        made = file.create_dataset("x", (1 << 15,), "f8", chunks=(1 << 14,), compression="gzip")
        made.attrs["fs"] = 100
        made.id.write_direct_chunk((0,), data)
    with open_recording(path) as recording, pytest.raises(FileError, match=message):
        joined(recording, recording.streams[0])


@pytest.mark.contract("W30")
@pytest.mark.parametrize("length", [2**64 - 16, 2**64 - 9, 2**63, 1 << 20])
def test_a_heap_that_goes_round_in_circles(tmp_path, length):
    path = record(tmp_path, stream(NOISE, MIXED))
    data = bytearray(path.read_bytes())
    at = data.index(b"GCOL") + 24  # the size of the first text
    data[at : at + 8] = length.to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"the heap at byte \d+ does not end - its texts cannot be read"):
        open_recording(path)


@pytest.mark.contract("W30")
def test_names_that_are_no_utf8(path):
    with h5py.File(path, "w") as file:
        file["x"] = NOISE
        file["x"].attrs["fs"] = 100
        file["x"].attrs["names"] = np.array([b"a\xff", b"b\x1b[31m", b"c"])
        file["x"].attrs["units"] = np.bytes_(b"\xb0C")
    with open_recording(path) as recording:
        assert recording.streams[0].info.names == ("a�", "b [31m", "c")


@pytest.mark.contract("W30")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: file["segments"].resize(0, axis=0), "does not say where its samples lie"),
        (lambda file: file["segments"].__setitem__((0, 0), 5), "its segments overlap"),
        (lambda file: file["segments"].__setitem__((1, 1), 5), "its segments overlap"),
        (lambda file: file["segments"].__setitem__((1, 1), -(1 << 63)), "its segments are no numbers"),
        (lambda file: file["segments"].__setitem__((1, 0), 0), "its segments overlap"),
        (lambda file: file["samples"].resize(1 << 40, axis=1), "claims to hold"),
    ],
)
def test_segments_that_cannot_be(tmp_path, change, message):
    path = record(tmp_path, stream(NOISE, MIXED, [1000], lost=[0, 3]))
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(FileError, match=message):
        open_recording(path)


def test_a_file_of_ours_that_is_something_else_is_read_as_what_it_is(tmp_path):
    path = record(tmp_path, stream(NOISE, MIXED))
    with h5py.File(path, "r+") as file:
        del file["samples"]
        del file["segments"]
        file["x"] = NOISE[0]
    with Hdf5Recording(path, rate=Fraction(5)) as recording:
        assert [stream.info.names for stream in recording.streams] == [("x",)]


def test_without_the_library_the_line_to_type_is_said(tmp_path, monkeypatch):
    path = record(tmp_path, stream(NOISE, MIXED))
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(FileError, match=r'needs h5py - pip install "streamlab-core\[files\]"'):
        open_recording(path)


@settings(deadline=None, max_examples=30)
@given(value=st.floats() | st.text(max_size=20) | st.integers(-(2**63), 2**63 - 1))
def test_rates_and_starts_of_any_value_are_no_other_error(value):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.h5")
        with h5py.File(path, "w") as file:
            file["x"] = NOISE[0]
            try:
                file["x"].attrs.update(fs=value, start=value, units=value, names=value)
            except ValueError:  # h5py does not take it
                return
        with suppress(FileError):
            open_recording(path).close()
