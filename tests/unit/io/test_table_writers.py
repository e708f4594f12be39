"""ArrowWriter and ParquetWriter: tables that pyarrow reads, with what is known of the stream inside (W21)."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from record_kit import MIXED, START, layers, positions, random_streams, stream, times, together
from streamlab.core import ChannelInfo, Context, DataFrame, StreamInfo
from streamlab.errors import FileError, FrameError
from streamlab.io._describe import Description
from streamlab.io.arrow_writer import ArrowWriter
from streamlab.io.parquet_writer import ParquetWriter
from streamlab.testing.harness import run_node

SUFFIX = {"stream": "arrows", "indexed": "arrow", "parquet": "parquet"}
KINDS = list(SUFFIX)
RNG = np.random.default_rng(5)


def write(folder, kind, frames, **config):
    node = "ParquetWriter" if kind == "parquet" else "ArrowWriter"
    path = Path(folder) / f"take.{SUFFIX[kind]}"
    run = run_node(node, frames, config={"path": str(path), **config})
    return path, run.result


def read(kind, path):
    if kind == "parquet":
        return pq.read_table(path)
    with pa.OSFile(str(path)) as file:
        return (pa.ipc.open_stream(file) if kind == "stream" else pa.ipc.open_file(file)).read_all()


def told(table):
    return json.loads(table.schema.metadata[b"streamlab"])


@pytest.mark.contract("W21")
@pytest.mark.parametrize("kind", KINDS)
def test_pyarrow_reads_the_samples_with_names_units_time_and_what_is_known_of_them(tmp_path, kind):
    frames = stream(
        RNG.standard_normal((3, 500)), MIXED, [100, 1, 250], start=7, timestamp=START, lost=[0, 0, 3, 10**6]
    )
    path, result = write(tmp_path, kind, frames)
    table = read(kind, path)
    # A channel of the name of the first column does not get lost in it.
    assert table.column_names == ["time_", "mic, left", "Überlast °C", "time"]
    for name, row in zip(MIXED.names, together(frames), strict=True):
        assert np.array_equal(table[name].to_numpy(), row)
    assert table["time_"].to_pylist() == times(frames)
    left = table.schema.field("mic, left").metadata
    assert left == {b"unit": b"Pa", b"quantity": b"sound pressure", b"reference": b"20 uPa"}
    assert table.schema.field("time_").metadata == {b"unit": b"s"}
    about = told(table)
    assert about["sample_rate"] == "625003/125"
    assert (about["start_sample"], about["timestamp"]) == (7, START)
    assert datetime.fromisoformat(about["start"]) == datetime(2025, 11, 19, 13, 46, 40, 123456, UTC)
    assert about["channels"][0]["sensitivity"] == 0.05
    assert (result["complete"], result["samples"], result["missing"]) == (True, 500, 10**6 + 3)
    assert result["bytes"] == path.stat().st_size


@pytest.mark.contract("W21")
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(frames=random_streams())
def test_any_stream_comes_back_to_the_bit(kind, frames):
    with tempfile.TemporaryDirectory() as folder:
        path, _ = write(folder, kind, frames)
        table = read(kind, path) if path.exists() else None
    assert table is not None
    info = frames[0].info
    found = np.array([table[name].to_numpy() for name in info.names]).reshape(len(info.names), -1)
    assert found.tobytes() == together(frames).tobytes()  # NaN and -0.0 too
    full = [frame for frame in frames if frame.n]
    assert [round(Fraction(t) * info.sample_rate) for t in table.column(0).to_pylist()] == positions(full)
    back = Description.from_json(table.schema.metadata[b"streamlab"])
    assert back.info == info
    assert back.timestamp == frames[0].timestamp


@pytest.mark.contract("W20")
@pytest.mark.parametrize("kind", KINDS)
def test_the_graphs_hash_is_inside(tmp_path, kind):
    node = {"parquet": ParquetWriter}.get(kind, ArrowWriter)(path=str(tmp_path / f"take.{SUFFIX[kind]}"))
    node.context = Context("hum", "c0ffee" * 10, "table")
    run_node(node, stream([[1.0]], StreamInfo(["x"], 10)))
    about = told(read(kind, node.result()["path"]))
    assert about["graph"] == {"graph": "hum", "graph_hash": "c0ffee" * 10, "node": "table"}


@pytest.mark.contract("W26")
@pytest.mark.parametrize("kind", KINDS)
def test_spectra_have_a_row_per_point(tmp_path, kind):
    info = StreamInfo([ChannelInfo("a", "Pa"), "b"], 48000, "frequency", [0.0, 12.5, 25.0])
    frames = layers(info, 40, 3)
    table = read(kind, write(tmp_path, kind, frames)[0])
    assert table.column_names == ["time", "frequency", "a", "b"]
    assert table["time"].to_pylist() == [float(Fraction(k * 480, 48000)) for k in range(40) for _ in range(3)]
    assert table["frequency"].to_pylist() == [0.0, 12.5, 25.0] * 40
    assert np.array_equal(table["b"].to_numpy(), together(frames)[1])


@pytest.mark.contract("W26")
def test_other_axes(tmp_path):
    bands = StreamInfo(["a"], 8, "band", [1000.0 * 10 ** (k / 10) for k in range(-1, 2)])
    table = read("stream", write(tmp_path, "stream", layers(bands, 2, 3, 1))[0])
    assert table["frequency"].to_pylist() == [800.0, 1000.0, 1250.0] * 2  # nominal, IEC 61260-1
    orders = StreamInfo(["a"], 8, "order", [0.5, 1.0])
    assert read("stream", write(tmp_path, "stream", layers(orders, 1, 2), if_exists="overwrite")[0])[
        "order"
    ].to_pylist() == [0.5, 1.0]
    unknown = StreamInfo(["a"], 8, "frequency")
    one, two = layers(unknown, 1, 2)[0], layers(unknown, 1, 3)[0]
    table = read("stream", write(tmp_path, "stream", [one, two], if_exists="overwrite")[0])
    assert table["point"].to_pylist() == [0, 1, 0, 1, 2]
    values = StreamInfo(["a.mean"], 48000, "none")
    table = read("stream", write(tmp_path, "stream", layers(values, 3, 1), if_exists="overwrite")[0])
    assert (table.column_names, table["time"].to_pylist()) == (["time", "a.mean"], [0.0, 0.01, 0.02])
    rateless = [DataFrame(START + k, k, {"a": [k, k]}) for k in range(2)]
    table = read("stream", write(tmp_path, "stream", rateless, if_exists="overwrite")[0])
    assert table.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")
    assert table["timestamp"].cast(pa.int64()).to_pylist() == [START, START, START + 1, START + 1]


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_and_no_samples(tmp_path, kind):
    path, _ = write(tmp_path, kind, stream([[0.1, 2.0]], StreamInfo(["x"], 10)), encoding="float32")
    table = read(kind, path)
    assert table.schema.field("x").type == pa.float32()
    assert table["x"].to_pylist() == [float(np.float32(0.1)), 2.0]
    empty = DataFrame.from_samples(np.zeros((1, 0)), StreamInfo(["x"], 10))
    path, _ = write(tmp_path, kind, [empty], if_exists="overwrite")
    assert (read(kind, path).num_rows, read(kind, path).column_names) == (0, ["time", "x"])


def test_row_groups_are_as_large_as_asked(tmp_path):
    frames = stream(RNG.standard_normal((2, 1000)), StreamInfo(["a", "b"], 10), [50] * 20)
    path, _ = write(tmp_path, "parquet", frames, row_group=400)
    about = pq.read_metadata(path)
    assert [about.row_group(k).num_rows for k in range(about.num_row_groups)] == [200] * 5
    assert about.row_group(0).column(1).compression == "ZSTD"


@pytest.mark.parametrize("kind", KINDS)
def test_complex_numbers_are_refused(tmp_path, kind):
    spectrum = DataFrame.from_samples(np.array([[1j]]), StreamInfo(["x"], 10, "frequency"))
    with pytest.raises(FrameError, match="take their magnitude"):
        write(tmp_path, kind, [spectrum])


def test_frames_of_other_points_than_the_stream_are_refused(tmp_path):
    info = StreamInfo(["a"], 8, "frequency", [1.0, 2.0])
    with pytest.raises(FrameError, match="the axis has 2 points; found 3 values"):
        write(tmp_path, "stream", layers(info, 1, 3))


def test_after_a_block_that_failed_nothing_looks_complete(tmp_path):
    # As where a graph skips the frames that fail.
    node = ArrowWriter(path=str(tmp_path / "take.arrows"))
    info = StreamInfo(["a"], 8, "frequency", [1.0, 2.0])
    good = layers(info, 1, 2)[0]
    node.process(good)
    node.process(layers(info, 1, 3)[0])
    with pytest.raises(FrameError):
        node.flush()
    for again in (lambda: node.process(good), node.flush):
        with pytest.raises(FrameError, match="the axis has 2 points"):
            again()
    asyncio.run(node.on_destroy())
    assert node.result()["complete"] is False


@pytest.mark.parametrize("name", ["ArrowWriter", "ParquetWriter"])
def test_without_the_library_the_line_to_type_is_said(tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    with pytest.raises(FileError, match=r"needs pyarrow, .*pip install \"streamlab-core\[files\]\""):
        run_node(name, config={"path": str(tmp_path / "t.x")})


@pytest.mark.parametrize("name", ["CsvWriter", "ArrowWriter", "ParquetWriter"])
def test_a_name_that_no_file_can_hold_is_refused_before_there_is_a_file(tmp_path, name):
    with pytest.raises(FileError, match="of channel 'x' has half a character in it - rename"):
        frames = stream([[1.0]], StreamInfo([ChannelInfo("x", "\ud800")], 10))
        run_node(name, frames, config={"path": str(tmp_path / "t.x")})
    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------------------- the description


def test_a_description_reads_back():
    context = Context("hum", "c0ffee", "table")
    unbounded = StreamInfo([ChannelInfo("a", range=(-np.inf, np.inf))])
    assert Description.from_json(Description(unbounded).to_json()).info == StreamInfo(["a"])
    for info in (MIXED, StreamInfo([], None, "none"), StreamInfo(["a"], 8, "band", [1.0, 2.5])):
        about = Description(info, 7, -START, context, ("time", "x"))
        assert Description.from_json(about.to_json()) == about
        assert Description.from_json(about.to_json().encode()) == about


@pytest.mark.contract("W30")
@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"axis": "space"},
        {"sample_rate": "1e999999999"},
        {"sample_rate": "1" * 100},
        {"sample_rate": "-1"},
        {"sample_rate": "1/0"},
        {"sample_rate": 48000},
        {"start_sample": 1.5},
        {"start_sample": 2**64},
        {"timestamp": "now"},
        {"channels": [{"unit": "V", "name": 5}]},
        {"channels": [{"name": "a"}, {"name": "a"}]},
        {"channels": 5},
        {"channels": ["a"]},
        {"channels": [{"name": "a", "range": [1]}]},
        {"points": [2, 1], "axis": "frequency"},
        {"points": ["a"]},
        {"graph": []},
        {"columns": [1]},
    ],
)
def test_a_description_that_cannot_be_is_none(change):
    about = json.loads(Description(MIXED).to_json())
    assert Description.from_json(json.dumps(about)) == Description(MIXED)
    assert Description.from_json(json.dumps({**about, **change})) is None


@pytest.mark.parametrize("text", ["", "[]", "5", "{", b"\xff", "[" * 100_000, '{"format": 1}'])
def test_what_is_no_description_is_none(text):
    assert Description.from_json(text) is None
