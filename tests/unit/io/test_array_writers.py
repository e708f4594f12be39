"""Hdf5Writer and MatWriter: arrays that h5py and SciPy read, with what is known of the stream beside them."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings

from record_kit import MIXED, START, layers, positions, random_streams, stream, together
from streamlab.core import ChannelInfo, Context, DataFrame, StreamInfo
from streamlab.errors import FileError, FrameError
from streamlab.io import _mat5
from streamlab.io._describe import Description
from streamlab.io._files import OutputFile
from streamlab.io._hdf5_disk import Hdf5Disk
from streamlab.io.hdf5_writer import Hdf5Writer
from streamlab.io.mat_writer import MatWriter
from streamlab.testing.harness import run_node

KINDS = ["hdf5", "mat5", "mat73"]
RNG = np.random.default_rng(6)


def node_for(folder, kind, **config):
    if kind == "hdf5":
        return Hdf5Writer(path=str(Path(folder, "take.h5")), **config)
    return MatWriter(path=str(Path(folder, "take.mat")), version="5" if kind == "mat5" else "7.3", **config)


def write(folder, kind, frames, **config):
    node = node_for(folder, kind, **config)
    return Path(run_node(node, frames).result["path"])


def as_matlab(file, name):
    """Read a variable of a MAT file of version 7.3 as MATLAB does: axes turned round, text of UTF-16."""
    item = file[name]
    kind = item.attrs["MATLAB_class"]
    if kind == b"char":
        return "" if "MATLAB_empty" in item.attrs else item[:].astype("<u2").tobytes().decode("utf-16-le")
    if kind == b"cell":
        return [as_matlab(file, reference) for reference in item[:].T.ravel()]
    assert kind == {"f8": b"double", "f4": b"single"}[item.dtype.str[1:]]
    return item[:].T


def read(kind, path):
    """Return what an independent reader finds: data, names, units, and what stands beside them."""
    if kind == "mat5":
        told = scipy.io.loadmat(path, squeeze_me=False)
        cells = {name: [str(cell[0]) if cell.size else "" for cell in told[name].ravel()]
                 for name in ("names", "units", "quantities", "references") if name in told}  # fmt: skip
        texts = {name: str(told[name][0]) for name in ("streamlab", "start", "graph_hash") if name in told}
        return {key: value for key, value in told.items() if not key.startswith("__")} | cells | texts
    with h5py.File(path) as file:
        if kind == "mat73":
            return {name: as_matlab(file, name) for name in file if name != "#refs#"}
        told = {name: item[:] for name, item in file.items()}
        told |= {name: value.tolist() if isinstance(value, np.ndarray) else value
                 for name, value in file["samples"].attrs.items()}  # fmt: skip
        told["labels"] = [axis.label for axis in file["samples"].dims]
        return told | {"data": told.pop("samples"), "streamlab": file.attrs["streamlab"]}


def segments(kind, told):
    """Position, start and timestamp of each stretch, (3, k)."""
    return told["segments"].T if kind == "hdf5" else told["segments"]


@pytest.mark.contract("W22", "W23")
@pytest.mark.parametrize("kind", KINDS)
def test_other_programs_read_the_samples_with_names_units_rate_start_and_gaps(tmp_path, kind):
    frames = stream(
        RNG.standard_normal((3, 500)), MIXED, [100, 1, 250], start=7, timestamp=START, lost=[0, 0, 3, 10**6]
    )
    node = node_for(tmp_path, kind)
    node.context = Context("hum", "c0ffee" * 10, "table")
    run = run_node(node, frames)
    told = read(kind, Path(run.result["path"]))
    assert np.array_equal(told["data"], together(frames))
    assert told["names"] == ["mic, left", "Überlast °C", "time"]
    assert told["units"] == ["Pa", "°C", "V"]
    assert told["quantities"] == ["sound pressure", "temperature", ""]
    assert told["references"] == ["20 uPa", "", ""]
    assert np.asarray(told["sample_rate" if kind == "hdf5" else "fs"]).item() == 5000.024
    assert told["start"] == "2025-11-19T13:46:40.123456+00:00"
    assert told["graph_hash"] == "c0ffee" * 10
    about = Description.from_json(told["streamlab"])
    assert (about.info, about.start_sample, about.timestamp) == (MIXED, 7, START)
    assert (about.context.graph, about.context.node) == ("hum", "table")
    stamps = [frames[k].timestamp for k in (0, 2, 3)]
    assert segments(kind, told).tolist() == [[0, 101, 351], [7, 7 + 101 + 3, 7 + 351 + 3 + 10**6], stamps]
    if kind == "hdf5":
        assert told["labels"] == ["channel", "time"]
    assert run.result["missing"] == 10**6 + 3
    assert run.result["bytes"] == Path(run.result["path"]).stat().st_size


@pytest.mark.contract("W22", "W23")
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=25)
@given(frames=random_streams())
def test_any_stream_comes_back_to_the_bit(kind, frames):
    with tempfile.TemporaryDirectory() as folder:
        told = read(kind, write(folder, kind, frames))
    info, full = frames[0].info, [frame for frame in frames if frame.n]
    assert told["data"].shape == together(frames).shape
    assert np.ascontiguousarray(told["data"]).tobytes() == together(frames).tobytes()
    about = Description.from_json(told["streamlab"])
    assert (about.info, about.timestamp) == (info, frames[0].timestamp)
    if full:
        begin, start, _ = segments(kind, told).astype(int)
        ends = [*begin[1:], told["data"].shape[1]]
        found = [s + k for b, s, e in zip(begin, start, ends, strict=True) for k in range(e - b)]
        assert found == positions(full)


@pytest.mark.contract("W26")
@pytest.mark.parametrize("kind", KINDS)
def test_spectra_are_layers(tmp_path, kind):
    info = StreamInfo([ChannelInfo("a", "Pa"), "b"], 48000, "frequency", [0.0, 12.5, 25.0])
    frames = layers(info, 40, 3)
    told = read(kind, write(tmp_path, kind, frames))
    expected = np.stack([frame.samples for frame in frames])  # (frames, channels, points)
    order = (1, 0, 2) if kind == "hdf5" else (1, 2, 0)
    assert np.array_equal(told["data"], expected.transpose(order))
    assert told["frequency"].ravel().tolist() == [0.0, 12.5, 25.0]
    assert told["time"].ravel().tolist() == [float(Fraction(k * 480, 48000)) for k in range(40)]
    assert told["start_sample"].ravel().tolist() == [k * 480 for k in range(40)]
    assert told["timestamp"].ravel().tolist() == [frame.timestamp for frame in frames]
    if kind == "hdf5":
        assert told["labels"] == ["channel", "time", "frequency"]
    with pytest.raises(FileError, match="frames have 3 points, and now 2 - a table"):
        write(tmp_path, kind, [frames[0], frames[1].replace(samples=frames[1].samples[:, :2])],
              if_exists="overwrite")  # fmt: skip


@pytest.mark.contract("W26")
@pytest.mark.parametrize("kind", KINDS)
def test_values_with_a_time_of_their_own(tmp_path, kind):
    frames = layers(StreamInfo(["a.mean"], 48000, "none"), 3, 1)
    told = read(kind, write(tmp_path, kind, frames))
    assert np.array_equal(told["data"], together(frames))
    assert told["time"].ravel().tolist() == [0.0, 0.01, 0.02]
    rateless = [DataFrame(START + k, k, {"a": [k, k + 0.5]}) for k in range(2)]
    told = read(kind, write(tmp_path, kind, rateless, if_exists="overwrite"))
    assert told["data"].tolist() == [[0.0, 0.5, 1.0, 1.5]]
    assert told["timestamp"].ravel().tolist() == [START, START, START + 1, START + 1]
    assert "time" not in told
    orders = read(kind, write(tmp_path, kind, layers(StreamInfo(["a"], 8, "order", [0.5, 1.0]), 1, 2),
                              if_exists="overwrite"))  # fmt: skip
    assert orders["order"].ravel().tolist() == [0.5, 1.0]


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_and_no_samples(tmp_path, kind):
    told = read(
        kind, write(tmp_path, kind, stream([[0.1, 2.0, 3.0]], StreamInfo(["x"], 10)), encoding="float32")
    )
    assert told["data"].dtype == np.float32
    assert told["data"].tolist() == [[float(np.float32(0.1)), 2.0, 3.0]]
    empty = DataFrame.from_samples(np.zeros((1, 0)), StreamInfo(["x"], 10))
    told = read(kind, write(tmp_path, kind, [empty], if_exists="overwrite"))
    assert told["data"].shape == (1, 0)
    told = read(kind, write(tmp_path, kind, [DataFrame()], if_exists="overwrite"))
    assert told["data"].size == 0


def test_complex_spectra(tmp_path):
    info = StreamInfo(["x"], 10, "frequency", [1.0, 2.0])
    frames = [DataFrame.from_samples(np.array([[1j, 2 + k * 1j]]), info, start_sample=k) for k in range(2)]
    with h5py.File(write(tmp_path, "hdf5", frames)) as file:
        assert file["samples"][:].tolist() == [[[1j, 2 + 0j], [1j, 2 + 1j]]]
    for kind in ("mat5", "mat73"):
        with pytest.raises(FrameError, match="take their magnitude"):
            write(tmp_path, kind, frames, if_exists="overwrite")


@pytest.mark.parametrize("kind", KINDS)
def test_very_many_channels(tmp_path, kind):
    info = StreamInfo([ChannelInfo(f"channel {k}", "m/s2") for k in range(500)], 10)
    told = read(kind, write(tmp_path, kind, stream(RNG.standard_normal((500, 5)), info, [2, 3])))
    assert told["names"] == list(info.names)
    assert told["data"].shape == (500, 5)


@pytest.mark.parametrize("kind", ["hdf5", "mat73"])
def test_without_the_library_the_line_to_type_is_said(tmp_path, monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(FileError, match=r"needs h5py, .*pip install \"streamlab-core\[files\]\""):
        write(tmp_path, kind, [])


def test_matlab_knows_the_file_by_its_first_bytes(tmp_path):
    head = write(tmp_path, "mat73", stream([[1.0]], StreamInfo(["x"], 10))).read_bytes()[:512]
    assert head.startswith(b"MATLAB 7.3 MAT-file")
    assert head[116:128] == bytes(8) + b"\x00\x02IM"
    with pytest.raises(NotImplementedError, match="HDF reader"):  # SciPy says what it is
        scipy.io.loadmat(tmp_path / "take.mat")


@pytest.mark.contract("W23")
def test_a_variable_of_version_5_that_is_full_is_said_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(_mat5, "_LARGEST", 1000)  # for 2 GB
    node = MatWriter(path=str(tmp_path / "take.mat"))
    node.block_values = 1
    for k in range(11):
        node.process(stream(np.full((1, 10), k), StreamInfo(["x"], 10), start=10 * k)[0])
    with pytest.raises(FileError, match=r"holds 2 GB, and it is full - set version to 7\.3"):
        node.process(stream(np.full((1, 10), 11), StreamInfo(["x"], 10), start=110)[0])
    asyncio.run(node.on_destroy())
    assert scipy.io.loadmat(tmp_path / "take.incomplete.mat")["data"].shape == (1, 110)


# ---------------------------------------------------------------------------- a file that is always whole


@pytest.mark.contract("W27")
@pytest.mark.parametrize("kind", KINDS)
def test_the_file_opens_after_every_block_while_it_is_written(tmp_path, kind, monkeypatch):
    monkeypatch.setattr("streamlab.io._blocks.SECONDS", 0.0)
    node = node_for(tmp_path, kind)
    info = StreamInfo(["a", "b"], 100)
    frames = stream(RNG.standard_normal((2, 400)), info, [10] * 40, lost=[0, 0, 0, 7])
    for count, frame in enumerate(frames, 1):
        node.process(frame)
        copy = tmp_path / "copy.x"
        copy.write_bytes(node._file.current.read_bytes())
        told = read(kind, copy)
        assert np.array_equal(told["data"], together(frames[:count]))
        if kind != "mat5":
            assert segments(kind, told).shape == (3, 1 if count < 4 else 2)
    asyncio.run(node.on_destroy())


class Journal(OutputFile):
    """An output that remembers what was done to it, to look at every moment between two writes."""

    def __init__(self, *args):
        self.moments = []
        super().__init__(*args)

    def patch(self, offset, data):
        super().patch(offset, data)
        self.moments.append(("put", offset, bytes(data)))

    def resize(self, size):
        super().resize(size)
        self.moments.append(("size", size, b""))


@pytest.mark.contract("W27")
@pytest.mark.long
def test_hdf5_opens_between_any_two_writes(tmp_path, monkeypatch):
    # More than 64 chunks, so that the index of the file is split, which is where others lose it.
    monkeypatch.setattr("streamlab.io._blocks.SECONDS", 0.0)
    monkeypatch.setattr("streamlab.io._writer.OutputFile", Journal)
    node = node_for(tmp_path, "hdf5")
    info = StreamInfo(["a"], 1)
    frames = stream(np.arange(40_000.0)[None], info, [200] * 200, lost=[0, 5] * 100)
    for frame in frames:
        node.process(frame)
    journal = node._file.moments
    asyncio.run(node.on_destroy())
    image, opened = bytearray(), 0
    first = len(journal) // 2  # from before the first split to behind several
    for number, (what, offset, data) in enumerate(journal):
        if what == "size":
            image = image[:offset].ljust(offset, b"\0")
        else:
            image = image.ljust(offset, b"\0")
            image[offset : offset + len(data)] = data
        if number < first:
            continue
        path = tmp_path / "moment.h5"
        path.write_bytes(image)
        with h5py.File(path) as file:
            found, begins = file["samples"][0], file["segments"][:]
        ends = [*begins[1:, 0], len(found)]
        assert np.array_equal(found, np.arange(float(len(found))))  # and no zeros for what is not there yet
        known = [s + k for (b, s, _), e in zip(begins, ends, strict=False) for k in range(max(0, e - b))]
        assert known[: len(found)] == positions(frames)[: len(found)]
        opened += 1
    assert opened > 300


@pytest.mark.contract("W28")
def test_when_the_disk_is_full_the_last_commit_stays(tmp_path):
    class Full(OutputFile):
        room = 1 << 30

        def patch(self, offset, data):
            if offset + len(data) > self.room:
                raise FileError(self.current, "the disk is full")
            super().patch(offset, data)

    file = Full(tmp_path / "x.h5", "error")
    disk = Hdf5Disk(file)
    hdf5 = h5py.File(disk, "w", libver=("v108", "v108"))
    data = hdf5.create_dataset("x", (0,), "f8", maxshape=(None,), chunks=(4096,))
    for k in range(5):
        data.resize((k + 1) * 4096, axis=0)
        data[-4096:] = k
        hdf5.flush()
        disk.commit()
    size = file.size
    file.room = size + 1000
    data.resize(6 * 4096, axis=0)
    data[-4096:] = 5
    hdf5.flush()
    assert file.size == size
    with pytest.raises(FileError, match="the disk is full"):
        disk.commit()
    hdf5.close()
    file.close()
    with h5py.File(tmp_path / "x.incomplete.h5") as back:
        assert np.array_equal(back["x"], np.repeat(np.arange(5.0), 4096))


def test_what_is_held_reads_back_as_written(tmp_path):
    file = OutputFile(tmp_path / "x.bin", "error")
    disk = Hdf5Disk(file)
    expected = bytearray(b"a" * 300)
    disk.write(bytes(expected))
    disk.commit()
    rng = np.random.default_rng(1)
    for number in range(200):
        offset, size = int(rng.integers(0, 280)), int(rng.integers(1, 60))
        data = bytes([number]) * size
        disk.seek(offset)
        disk.write(data)
        expected = expected.ljust(offset, b"\0")
        expected[offset : offset + size] = data
        disk.seek(0)
        assert disk.read() == bytes(expected)
        assert disk.seek(0, 2) == len(expected)
        if number % 17 == 0:
            disk.commit()
            assert file.read(0, 1000) == bytes(expected)
    disk.truncate(100)
    disk.commit()
    assert file.read(0, 1000) == bytes(expected[:100])
    file.close()
