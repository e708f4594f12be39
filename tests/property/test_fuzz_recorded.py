"""Hostile files of the formats that have a library of their own: whatever that does with them (W30)."""

from __future__ import annotations

import io

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io

from fuzzing import fuzz
from record_kit import MIXED, START, stream
from streamlab.testing.harness import run_node

NOISE = np.random.default_rng(1).uniform(-1, 1, (3, 200))


def recorded(tmp_path, name, suffix, **config):
    frames = stream(NOISE, MIXED, [50, 1, 100], start=7, timestamp=START, lost=[0, 3])
    path = tmp_path / f"seed.{suffix}"
    run_node(name, frames, config={"path": str(path), "if_exists": "overwrite", **config})
    return path.read_bytes()


def other_table():
    stamps = pa.array(np.arange(100) * 10**6, pa.timestamp("us"))
    return pa.table({"when": stamps, "a [V]": np.arange(100), "b": NOISE[0, :100], "s": ["x"] * 100})


def arrow(tmp_path):
    seeds = [recorded(tmp_path, "ArrowWriter", suffix) for suffix in ("arrows", "arrow")]
    table = other_table()
    for compression in ("lz4", "zstd", None):
        file = io.BytesIO()
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with pa.ipc.new_stream(file, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=40)
        seeds.append(file.getvalue())
    return seeds


def parquet(tmp_path):
    seeds = [recorded(tmp_path, "ParquetWriter", "parquet", row_group=300, compression=kind)
             for kind in ("zstd", "none")]  # fmt: skip
    for options in ({"compression": "gzip"}, {"compression": "snappy", "data_page_version": "2.0"}):
        file = io.BytesIO()
        pq.write_table(other_table(), file, row_group_size=40, **options)
        seeds.append(file.getvalue())
    return seeds


def hdf5(tmp_path):
    seeds = [recorded(tmp_path, "Hdf5Writer", "h5")]
    for library in ("earliest", "latest"):
        path = tmp_path / f"{library}.h5"
        with h5py.File(path, "w", libver=library) as file:
            file.attrs["start_time"] = "2024-01-01T00:00:00"
            packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
            file.create_dataset("g/x", data=NOISE, chunks=(1, 50), **packed).attrs.update(fs=100.0, units="V")
            file["g/x"].attrs["names"] = ["a", "b", "c"]
            file.create_dataset("g/y", data=np.arange(200), chunks=(60,), compression="lzf")
            file["t/time"], file["t/p"] = np.arange(100) / 10, np.arange(100)
            file["s"], file["l"] = ["a", "b"], h5py.SoftLink("/g")
        seeds.append(path.read_bytes())
    return seeds


def mat(tmp_path):
    seeds = [recorded(tmp_path, "MatWriter", "mat", version=version) for version in ("5", "7.3")]
    told = {
        "fs": 100.0,
        "x": NOISE,
        "s": {"dt": 0.1, "time": np.arange(50.0), "y": np.arange(50.0)},
        "t": "text",
    }
    for packed in (False, True):
        file = io.BytesIO()
        scipy.io.savemat(file, told, do_compression=packed)
        seeds.append(file.getvalue())
    return seeds


READERS = {
    "mat": (mat, "streamlab.io._mat:MatRecording"),
    "hdf5": (hdf5, "streamlab.io._hdf5:Hdf5Recording"),
    "arrow": (arrow, "streamlab.io._arrow:ArrowRecording"),
    "parquet": (parquet, "streamlab.io._parquet:ParquetRecording"),
}


@pytest.mark.contract("W30")
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_file_errors(tmp_path, name):
    seeds, reader = READERS[name]
    assert fuzz(reader, seeds(tmp_path), 120) == []


@pytest.mark.contract("W30")
@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_damaged_files(tmp_path, name):
    seeds, reader = READERS[name]
    assert fuzz(reader, seeds(tmp_path), 10_000, first=1000) == []
