"""ArrowFile and ParquetFile: what was recorded comes back, other tables are understood, damage is said."""

from __future__ import annotations

import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record_kit import MIXED, START, layers, positions, random_streams, stream, together
from streamlab.core import StreamInfo
from streamlab.errors import FileError
from streamlab.io._arrow import ArrowRecording
from streamlab.io._parquet import ParquetRecording
from streamlab.io.formats import open_recording
from streamlab.testing.harness import run_node

KINDS = {"stream": "arrows", "indexed": "arrow", "parquet": "parquet"}
RECORDINGS = {"stream": ArrowRecording, "indexed": ArrowRecording, "parquet": ParquetRecording}
NODES = {"stream": "ArrowFile", "indexed": "ArrowFile", "parquet": "ParquetFile"}
every_kind = pytest.mark.parametrize("kind", list(KINDS))


def record(folder, kind, frames, **config):
    path = Path(folder, f"take.{KINDS[kind]}")
    name = "ParquetWriter" if kind == "parquet" else "ArrowWriter"
    run_node(name, frames, config={"path": str(path), "if_exists": "overwrite", **config})
    return path


def save(folder, kind, table, **options):
    path = Path(folder, f"log.{KINDS[kind]}")
    if kind == "parquet":
        pq.write_table(table, path, **options)
        return path
    options = pa.ipc.IpcWriteOptions(**options)
    make = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
    with make(str(path), table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=1000)
    return path


def all_of(recording, *args, **more):
    (one,) = recording.streams
    return list(recording.read(one, *args, **more))


@pytest.mark.contract("W29")
@every_kind
def test_what_was_recorded_comes_back(tmp_path, kind):
    samples = np.random.default_rng(1).standard_normal((3, 5000))
    frames = stream(samples, MIXED, [1000, 1, 2500], start=7, timestamp=START, lost=[0, 0, 3, 10**6])
    path = record(tmp_path, kind, frames)
    with open_recording(path) as recording:
        assert isinstance(recording, RECORDINGS[kind])
        (one,) = recording.streams
        assert (one.info, one.rate) == (MIXED, Fraction("5000.024"))
        assert (one.start, one.offset) == (START, 7 * 10**6 // MIXED.sample_rate)
        assert (one.length, one.gaps.tolist()) == (5003 + 10**6, [[1001, 3], [3504, 10**6]])
        assert recording.facts["software"].startswith("streamlab-core")
    run = run_node(NODES[kind], config={"path": str(path), "frame_size": 800})
    assert [(frame.start_sample, frame.n, frame.gap) for frame in run] == [
        (0, 800, 0), (800, 201, 0), (1004, 800, 3), (1804, 800, 0), (2604, 800, 0), (3404, 100, 0),
        (1003504, 800, 10**6), (1004304, 699, 0),
    ]  # fmt: skip
    assert np.array_equal(together(run.outputs), samples)
    assert run[0].timestamp == START
    picked = run_node(NODES[kind], config={"path": str(path), "select": ["time", "mic, left"], "start": 0.1,
                                           "duration": 0.05})  # fmt: skip
    assert np.array_equal(together(picked.outputs), samples[[2, 0], 500:750])


@pytest.mark.contract("W29")
@every_kind
@settings(deadline=None, max_examples=25)
@given(frames=random_streams(), block=st.integers(1, 100))
def test_any_stream_comes_back(kind, frames, block):
    info, full = frames[0].info, [frame for frame in frames if frame.n]
    with tempfile.TemporaryDirectory() as folder:
        path = record(folder, kind, frames, **({"row_group": block} if kind == "parquet" else {}))
        with RECORDINGS[kind](path) as recording:
            (one,) = recording.streams
            blocks = all_of(recording, multiple=3)
    assert one.info == info
    found = [at + k for at, values in blocks for k in range(values.shape[1])]
    assert found == [position - positions(full)[0] for position in positions(full)] if full else not found
    samples = (
        np.concatenate([values for _, values in blocks], axis=1) if blocks else np.zeros((len(info.names), 0))
    )
    assert samples.tobytes() == together(frames).tobytes()


@pytest.mark.contract("W26", "W29")
@every_kind
def test_a_spectrum_is_one_frame_and_many_are_said(tmp_path, kind):
    info = StreamInfo(["a", "b"], 48000, "frequency", [0.0, 12.5, 25.0])
    frames = layers(info, 2, 3)
    run = run_node(NODES[kind], config={"path": str(record(tmp_path, kind, frames[:1]))})
    (frame,) = run.outputs
    assert (frame.info.axis, frame.info.points) == ("frequency", info.points)
    assert np.array_equal(frame.samples, frames[0].samples)
    with pytest.raises(
        FileError, match=r"holds frequency frames over time \(6 points\).* - read it as a table"
    ):
        open_recording(record(tmp_path, kind, frames))


# --------------------------------------------------------------------------------------------- other tables


@pytest.mark.contract("W29")
@every_kind
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_time_stamps(tmp_path, kind, unit):
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    seconds = [0, 1, 2, 5, 6]
    stamps = pa.array([(1_700_000_000 + k) * per for k in seconds], pa.int64()).cast(
        pa.timestamp(unit, tz="UTC")
    )
    table = pa.table({"value [bar]": [1, 2, 3, 4, None], "label": list("abcde"), "when": stamps,
                      "on": [True, False, True, False, True]})  # fmt: skip
    with open_recording(save(tmp_path, kind, table)) as recording:
        (one,) = recording.streams
        assert [channel.label for channel in one.info.channels] == ["value [bar]", "on"]
        assert (one.rate, one.start, one.gaps.tolist()) == (Fraction(1), 1_700_000_000 * 10**6, [[3, 2]])
        blocks = all_of(recording)
        assert recording.notes == ["column 'label' is left out: it has no numbers"]
    assert [at for at, _ in blocks] == [0, 5]
    np.testing.assert_array_equal(np.concatenate([values for _, values in blocks], axis=1),
                                  [[1, 2, 3, 4, np.nan], [1, 0, 1, 0, 1]])  # fmt: skip


@pytest.mark.contract("W29")
@every_kind
def test_columns_that_are_called_time(tmp_path, kind):
    values = np.arange(2500.0)
    for name, step, start in (
        ("time", 1 / 51200, None),
        ("Time [ms]", 0.25, None),
        ("timestamp", 300, 1_700_000_000),
    ):
        times = (start or 0) + np.arange(2500) * step
        path = save(tmp_path, kind, pa.table({"T [K]": values, name: times}))
        with open_recording(path) as recording:
            (one,) = recording.streams
            rate = {"time": 51200, "Time [ms]": 4000, "timestamp": Fraction(1, 300)}[name]
            assert (one.rate, one.info.names, one.length) == (rate, ("T",), 2500)
            assert one.start == (None if start is None else start * 10**6)
            found = np.concatenate([block for _, block in all_of(recording)], axis=1)
            assert found.tolist() == [values.tolist()]


@every_kind
def test_a_table_without_time_needs_a_rate(tmp_path, kind):
    path = save(tmp_path, kind, pa.table({"a.b": [1.0, 2.0], "a": pa.array([3, 4], pa.uint8())}))
    with pytest.raises(FileError, match="has no column of time - give the rate by `rate`"):
        open_recording(path)
    run = run_node(NODES[kind], config={"path": str(path), "rate": 0.5, "unit": "V", "select": ["a"]})
    assert (run[0].samples.tolist(), run[0].sample_rate) == ([[3.0, 4.0]], Fraction(1, 2))
    run = run_node(NODES[kind], config={"path": str(path), "rate": 2.0, "select": ["a.b"]})
    assert run[0].samples.tolist() == [[1.0, 2.0]]
    run = run_node(NODES[kind], config={"path": str(path), "time": "a"})
    assert (run[0].channels, run[0].sample_rate) == (("a.b",), Fraction(1))
    with pytest.raises(FileError, match=r"has no column 't' - columns: a\.b, a"):
        run_node(NODES[kind], config={"path": str(path), "time": "t"})


@every_kind
def test_columns_that_are_no_channels(tmp_path, kind):
    table = pa.table({"s": ["x"], "l": [[1.0]], "d": pa.array(["x"]).dictionary_encode()})
    with pytest.raises(FileError, match="has no columns of numbers - column 's' is left out"):
        open_recording(save(tmp_path, kind, table))
    table = pa.table({"s": pa.array(["x", "y"]).dictionary_encode(), "v": [1.5, 2.5]})
    run = run_node(NODES[kind], config={"path": str(save(tmp_path, kind, table)), "rate": 1.0})
    assert run[0].samples.tolist() == [[1.5, 2.5]]


@every_kind
@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([0.0, 1.0, 0.5], "row 3: the time goes back by 0.5 s"),
        ([0.0, 1.0, 1.0], "row 3: the same time as before"),
        ([0.0, 1.0, 2.4, 3.0], "row 4: 0.6 s after the one before .* - give `rate` and an empty `time`"),
        ([0.0, 1.0, None], "column 't' has rows without a time"),
        ([0.0, 1.0, float("nan")], "row 3: the time is missing or no number"),
        ([0.0], "has one time stamp: its rate is not known"),
        ([], "has no rows"),
    ],
)
def test_times_that_are_no_time(tmp_path, kind, times, message):
    table = pa.table({"t": pa.array(times, pa.float64()), "x": pa.array([1.0] * len(times), pa.float64())})
    with pytest.raises(FileError, match=message):
        open_recording(save(tmp_path, kind, table))


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_compressed_batches(tmp_path, compression):
    table = pa.table({"time": np.arange(5000) / 10, "x": np.arange(5000.0)})
    for kind in ("stream", "indexed"):
        with open_recording(save(tmp_path, kind, table, compression=compression)) as recording:
            assert np.concatenate([values for _, values in all_of(recording)], axis=1)[0].tolist() == list(
                range(5000)
            )
    pyarrow.feather.write_feather(table, tmp_path / "x.feather", compression=compression)
    with open_recording(tmp_path / "x.feather") as recording:
        assert recording.streams[0].length == 5000


# ------------------------------------------------------------------------------------------------- damage


@pytest.mark.contract("W27", "W29")
@pytest.mark.parametrize("kind", ["stream", "indexed"])
def test_a_file_that_is_cut_off_is_read_to_its_last_whole_batch(tmp_path, kind):
    samples = np.random.default_rng(1).standard_normal((2, 30))
    whole = record(tmp_path, kind, stream(samples, StreamInfo(["a", "b"], 10)))
    with open_recording(whole) as recording:
        assert recording.notes == []
    table = pa.table({"time": np.arange(30) / 10, "a": samples[0]})
    schema = table.schema
    make = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
    path = tmp_path / "many.x"
    with make(str(path), schema) as writer:
        writer.write_table(table, max_chunksize=10)
    data = path.read_bytes()
    ends = set()
    end = len(data) if kind == "stream" else data.rindex(b"\xff\xff\xff\xff\0\0\0\0") + 8
    for size in range(9, len(data), 16):
        path.write_bytes(data[:size])
        try:
            recording = ArrowRecording(path)
        except FileError:
            continue
        with recording:
            (one,) = recording.streams
            got, trouble = [], ""
            try:
                for _, values in recording.read(one):
                    got.append(values)
            except FileError as error:
                trouble = str(error)
            note = "".join(recording.notes)
            assert note in trouble if trouble else not note.startswith("is cut off")
            assert bool(note) == (size < end)
            count = sum(values.shape[1] for values in got)
            assert count == one.length
            assert np.array_equal(np.concatenate(got, axis=1)[0], samples[0, :count])
            ends.add(count)
    assert ends == {10, 20, 30}


@pytest.mark.contract("W30")
def test_a_parquet_file_that_is_cut_off_is_said(tmp_path):
    path = record(tmp_path, "parquet", stream(np.ones((1, 100)), StreamInfo(["a"], 10)))
    data = path.read_bytes()
    for size in (4, 8, 12, 100, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(FileError, match="is damaged, or not a Parquet file as it should be"):
            open_recording(path)


@pytest.mark.contract("W30")
@every_kind
def test_times_that_our_own_file_cannot_have(tmp_path, kind):
    path = record(tmp_path, kind, stream(np.ones((1, 10)), StreamInfo(["a"], 10)))
    table = pq.read_table(path) if kind == "parquet" else None
    if table is None:
        with pa.OSFile(str(path)) as file:
            if kind == "indexed":
                file.seek(8)
            table = pa.ipc.open_stream(file).read_all()
    for times, message in (
        ([0.0, 0.13], r"row 2: 0.13 s is the time of no sample"),
        ([0.0, 0.0], "row 2: the time is not later"),
        ([0.0, float("nan")], "row 2: nan s is the time of no sample"),
        ([0.0, 1e300], r"row 2: 1e\+300 s is the time of no sample"),
    ):
        bad = pa.table({"time": times, "a": [1.0, 2.0]}).replace_schema_metadata(table.schema.metadata)
        with pytest.raises(FileError, match=message):
            open_recording(save(tmp_path, kind, bad))
    # A file that says what it is, but is something else, is read as what it is.
    other = pa.table({"a": [1.0, 2.0]}).replace_schema_metadata(table.schema.metadata)
    with RECORDINGS[kind](save(tmp_path, kind, other), Fraction(5)) as recording:
        assert recording.streams[0].rate == 5


@pytest.mark.contract("W30")
def test_bombs(tmp_path, monkeypatch):
    zeros = np.zeros(1 << 20)
    schema = pa.schema([("x", pa.float64())])
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    path = tmp_path / "bomb.arrows"
    with pa.ipc.new_stream(str(path), schema, options=options) as writer:
        writer.write_table(pa.table({"x": zeros}, schema=schema))
    data = bytearray(path.read_bytes())
    at = data.index((8 << 20).to_bytes(8, "little"))  # what the buffer says that it unpacks to
    data[at : at + 8] = (1 << 40).to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"claims to hold 1\.1e\+03 GB of numbers in a file of \d+ bytes"):
        ArrowRecording(path, Fraction(1))
    path = tmp_path / "bomb.parquet"
    table = pa.table({"x": zeros})
    table = pa.table({"x": np.zeros(1 << 24), "y": np.ones(1 << 24)})
    large = {"use_dictionary": False, "data_page_size": 1 << 30, "max_rows_per_page": 1 << 26}
    pq.write_table(table, path, compression="zstd", row_group_size=1 << 24, **large)
    assert path.stat().st_size < 50_000
    recording = ParquetRecording(path, Fraction(1))
    with pytest.raises(
        FileError, match=r"has a page of \d+ bytes that unpacks to 1342177\d\d - it is made to"
    ):
        list(recording.read(recording.streams[0]))
    recording.close()
    monkeypatch.setattr("streamlab.io._parquet._RATIO", 10**6)
    monkeypatch.setattr("streamlab.io._parquet._PAGES", 1 << 28)
    with ParquetRecording(path, Fraction(1)) as recording:
        assert next(recording.read(recording.streams[0], ["y"]))[1].all()
    with (
        ParquetRecording(path, Fraction(1)) as recording,
        pytest.raises(FileError, match=r"pages that take 0\.268 GB together when they are unpacked - select"),
    ):
        list(recording.read(recording.streams[0]))
    monkeypatch.setattr("streamlab.io._tables._MOST", 1 << 20)
    monkeypatch.setattr("streamlab.io._tables._RATIO", 1000)
    with pytest.raises(FileError, match=r"claims to hold 0\.134 GB of numbers in a file of"):
        ParquetRecording(path, Fraction(1))


@every_kind
def test_without_the_library_the_line_to_type_is_said(tmp_path, monkeypatch, kind):
    path = record(tmp_path, kind, stream(np.ones((1, 10)), StreamInfo(["a"], 10)))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(FileError, match=r'needs pyarrow - pip install "streamlab-core\[files\]"'):
        open_recording(path)
