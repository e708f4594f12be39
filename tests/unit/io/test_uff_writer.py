"""UffWriter: universal files that pyuff reads, with what is known of the stream in their headers (W24)."""

from __future__ import annotations

import asyncio
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import pyuff
from hypothesis import given, settings
from hypothesis import strategies as st

from record_kit import MIXED, START, layers, positions, random_streams, stream, together
from streamlab.core import ChannelInfo, Context, DataFrame, StreamInfo
from streamlab.errors import FileError, FrameError, ParamError
from streamlab.io._files import OutputFile
from streamlab.io._uff58 import exact_line
from streamlab.io.uff_writer import UffWriter
from streamlab.testing.harness import run_node

RNG = np.random.default_rng(7)


def write(folder, frames, **config):
    return Path(run_node("UffWriter", frames, config={"path": str(Path(folder, "take.uff")), **config})
                .result["path"])  # fmt: skip


def read(path):
    told = pyuff.UFF(str(path)).read_sets()
    return told if isinstance(told, list) else [told]


@pytest.mark.contract("W24")
def test_pyuff_reads_the_samples_with_names_units_rate_start_and_gaps(tmp_path):
    frames = stream(
        RNG.standard_normal((3, 500)), MIXED, [100, 1, 250], start=7, timestamp=START, lost=[0, 0, 3, 10**6]
    )
    node = UffWriter(path=str(tmp_path / "take.uff"))
    node.context = Context("hum", "c0ffee" * 10, "table")
    run = run_node(node, frames)
    sets = read(run.result["path"])
    assert [(one["id1"], one["ver_num"], one["rsp_node"]) for one in sets] == [
        (name, part, number) for part in (1, 2, 3) for number, name in enumerate(MIXED.names, 1)
    ]
    for number, row in enumerate(together(frames)):
        assert np.array_equal(np.concatenate([one["data"] for one in sets[number::3]]), row)
    first, last = sets[0], sets[-1]
    assert (first["type"], first["binary"], first["func_type"], first["ord_data_type"]) == (58, 1, 1, 4)
    assert (first["ordinate_axis_lab"], first["ordinate_axis_units_lab"]) == ("sound pressure", "Pa")
    assert [one["ordinate_spec_data_type"] for one in sets[:3]] == [15, 5, 0]
    assert (first["abscissa_spec_data_type"], first["abscissa_axis_units_lab"]) == (17, "s")
    assert first["abscissa_inc"] == pytest.approx(1 / 5000.024, rel=1e-5)  # six digits
    assert last["abscissa_min"] == pytest.approx((7 + 351 + 3 + 10**6) / 5000.024, rel=1e-5)
    assert first["id3"] == "19-NOV-25 13:46:40"
    assert first["id5"] == "graph " + "c0ffee" * 10
    exact = [exact_line(one["id4"]) for one in sets[::3]]
    assert [one.rate for one in exact] == [Fraction("5000.024")] * 3
    assert [one.start_sample for one in exact] == [7, 7 + 104, 7 + 354 + 10**6]
    assert [one.timestamp for one in exact] == [frames[k].timestamp for k in (0, 2, 3)]
    assert run.result["missing"] == 10**6 + 3
    assert run.result["bytes"] == Path(run.result["path"]).stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["take.uff"]


@pytest.mark.contract("W24")
@settings(deadline=None, max_examples=25)
@given(frames=random_streams(names=st.text("abcxyzÄ°.", min_size=1, max_size=12)), every=st.booleans())
def test_any_stream_comes_back_to_the_bit(frames, every):
    full, info = [frame for frame in frames if frame.n], frames[0].info
    with tempfile.TemporaryDirectory() as folder:
        node = UffWriter(path=str(Path(folder, "take.uff")))
        node.block_values = 1 if every else node.block_values  # a block per frame, merged at the end
        path = Path(run_node(node, frames).result["path"])
        data = path.read_bytes()
        sets = sets_of(data)
    count = len(info.names)
    known = [(exact_line(header[5].decode()), row) for header, row in sets[::count]]
    assert all(one.rate == info.sample_rate for one, _ in known)
    assert [one.start_sample + k for one, row in known for k in range(len(row))] == positions(full)
    assert [header[2].decode().strip() for header, _ in sets[:count]] == (list(info.names) if full else [])
    per_channel = [np.concatenate([row for _, row in sets[k::count]]) for k in range(count)] if full else []
    assert b"".join(row.tobytes() for row in per_channel) == together(frames).tobytes()
    starts = 1 + sum(b.start_sample != a.start_sample + a.n for a, b in pairwise(full))
    assert len(sets) == (starts * count if full else 0)


def sets_of(data):
    """Read data sets 58b by what the format says of them: 13 lines of 80, so many bytes, and an end."""
    at, sets = 0, []
    while at < len(data):
        header = [data[at + k * 81 : at + k * 81 + 80] for k in range(13)]
        assert header[0].strip() == b"-1"
        assert header[1][:31].split() == [b"58b", b"1", b"2", b"11"]
        size = int(header[1][31:43])
        assert int(header[8][10:20]) == size // 8
        body = data[at + 13 * 81 : at + 13 * 81 + size]
        at += 13 * 81 + size
        assert data[at : at + 7] == b"    -1\n"
        at += 7
        sets.append((header, np.frombuffer(body, "<f8")))
    return sets


@pytest.mark.contract("W27")
def test_while_it_is_written_it_has_a_data_set_for_every_block(tmp_path):
    node = UffWriter(path=str(tmp_path / "take.uff"))
    node.block_values = 1
    frames = stream(RNG.standard_normal((2, 100)), StreamInfo(["a", "b"], 100), [10] * 10)
    for count, frame in enumerate(frames, 1):
        node.process(frame)
        sets = read(tmp_path / "take.incomplete.uff")
        assert np.array_equal(
            np.concatenate([one["data"] for one in sets[1::2]]), together(frames[:count])[1]
        )
    asyncio.run(node.on_destroy())  # without an end
    assert len(read(tmp_path / "take.incomplete.uff")) == 20
    again = UffWriter(path=str(tmp_path / "take.uff"), if_exists="overwrite")
    again.block_values = 1
    assert len(read(run_node(again, frames).result["path"])) == 2


@pytest.mark.contract("W28")
def test_where_the_second_file_finds_no_room_the_first_stays(tmp_path, monkeypatch):
    node = UffWriter(path=str(tmp_path / "take.uff"))
    node.block_values = 1
    frames = stream(RNG.standard_normal((1, 100)), StreamInfo(["a"], 100), [10] * 10)
    for frame in frames:
        node.process(frame)
    before = (tmp_path / "take.incomplete.uff").read_bytes()
    monkeypatch.setattr(OutputFile, "read", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(FileError, match=r"take\.incomplete\.uff: the disk is full"):
        node.flush()
    asyncio.run(node.on_destroy())
    assert [path.name for path in tmp_path.iterdir()] == ["take.incomplete.uff"]
    assert (tmp_path / "take.incomplete.uff").read_bytes() == before


@pytest.mark.contract("W26")
def test_spectra_are_data_sets_with_their_time(tmp_path):
    info = StreamInfo([ChannelInfo("a", "m/s2", "RMS"), "b"], 48000, "frequency", [0.0, 12.5, 25.0])
    frames = layers(info, 3, 3)
    sets = read(write(tmp_path, frames))
    assert [one["func_type"] for one in sets] == [12] * 6
    assert np.array_equal(
        np.stack([one["data"] for one in sets[::2]]), [frame.samples[0] for frame in frames]
    )
    assert (sets[0]["abscissa_min"], sets[0]["abscissa_inc"]) == (0.0, 12.5)
    assert [one["z_axis_value"] for one in sets[::2]] == [0.0, 0.01, 0.02]
    assert sets[0]["ordinate_spec_data_type"] == 12
    assert sets[0]["abscissa_axis_units_lab"] == "Hz"


def test_single_precision(tmp_path):
    (one,) = read(write(tmp_path, stream([[0.1, 2.0, 3.0]], StreamInfo(["x"], 10)), encoding="float32"))
    assert one["ord_data_type"] == 2
    assert one["data"].tolist() == [float(np.float32(0.1)), 2.0, 3.0]


def test_no_samples(tmp_path):
    path = write(tmp_path, [DataFrame.from_samples(np.zeros((1, 0)), StreamInfo(["x"], 10))])
    assert path.read_bytes() == b""


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    "info",
    [
        StreamInfo(["x"]),
        StreamInfo(["x"], 10, "none"),
        StreamInfo(["x"], 10, "band", [31.5, 63.0]),
        StreamInfo(["x"], 10, "frequency"),
        StreamInfo(["x"], 10, "frequency", [1.0, 2.0, 4.0]),
    ],
)
def test_what_the_format_cannot_hold_is_said(tmp_path, info):
    with pytest.raises(
        ParamError, match=r"a universal file holds functions; expected samples over time .*CSV"
    ):
        run_node("UffWriter", [DataFrame.from_samples(np.zeros((1, 3)), info)],
                 config={"path": str(tmp_path / "take.uff")})  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_complex_spectra_are_refused(tmp_path):
    info = StreamInfo(["x"], 10, "frequency", [1.0, 2.0])
    with pytest.raises(FrameError, match="take their magnitude"):
        write(tmp_path, [DataFrame.from_samples(np.array([[1j, 2]]), info)])


@pytest.mark.parametrize(
    "text", ["", "NONE", "rate 1/0 Hz, sample 1, timestamp 1 us", "rate -1 Hz, sample 1, timestamp 1 us"]
)
def test_other_lines_are_not_exact(text):
    assert exact_line(text) is None


def test_names_fit_their_line(tmp_path):
    info = StreamInfo(["ä" * 79, "  x\n y", "\0"], 10)
    sets = sets_of(write(tmp_path, stream(np.ones((3, 2)), info)).read_bytes())
    assert [header[2].decode().strip() for header, _ in sets] == ["ä" * 40, "x y", "\0"]
