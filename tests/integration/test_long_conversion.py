"""Four hours of sixteen channels through streamlab convert: memory is bounded, whatever the length."""

from __future__ import annotations

import shutil
import time

import h5py
import numpy as np
import psutil
import pytest
import soundfile
from pyarrow import parquet

from command import start
from streamlab.io._wav_header import header

HOURS, CHANNELS = 4, 16
MARKS = 25  # seconds of the recording that hold a signal; the rest of the file is a hole of zeros
MEMORY = 400 << 20


def recording(path, rate):
    """Make the file, RF64 beyond 4 GB, with noise in some of its seconds, first and last among them."""
    seconds = HOURS * 3600
    total = seconds * rate * CHANNELS * 2
    start = header(CHANNELS, rate, "pcm16", total)
    noise = np.random.default_rng(7).integers(-30000, 30000, (rate, CHANNELS)).astype("<i2")
    marks = np.linspace(0, seconds - 1, MARKS).astype(int).tolist()
    with path.open("wb") as file:
        file.write(start)
        file.truncate(len(start) + total)
        for mark in marks:
            file.seek(len(start) + mark * rate * CHANNELS * 2)
            file.write(np.roll(noise, mark, axis=0).tobytes())
    return marks, noise


def stretch(path, first, last):
    """Return samples of a file, (n, channels), read by the library of its format."""
    if path.suffix == ".wav":
        return soundfile.read(path, start=first, stop=last)[0]
    if path.suffix == ".h5":
        with h5py.File(path) as file:
            return file["samples"][:, first:last].T
    if path.suffix == ".csv":
        return np.loadtxt(path, delimiter=",", skiprows=1 + first, max_rows=last - first)[:, 1:]
    with parquet.ParquetFile(path) as file:
        at, parts = 0, []
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if at < last and at + rows > first:
                table = file.read_row_group(group).slice(
                    max(0, first - at), min(last, at + rows) - max(first, at)
                )
                parts.append(np.stack([column.to_numpy() for column in table.columns[1:]], axis=1))
            at += rows
        return np.concatenate(parts)


@pytest.mark.contract("W13")
@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("suffix", "rate", "options"),
    [
        ("wav", 48000, ["--set", "out.encoding=pcm16"]),
        ("h5", 8000, ["--set", "out.encoding=float32"]),
        ("parquet", 8000, []),
        ("csv", 100, []),
    ],
)
def test_four_hours_of_sixteen_channels(tmp_path, suffix, rate, options, capsys):
    wide = 2 if suffix == "wav" else 20 if suffix == "csv" else 8
    while shutil.disk_usage(tmp_path).free < 1.5 * HOURS * 3600 * rate * CHANNELS * wide:
        rate //= 2  # what fits on this disk
    source, target = tmp_path / "take.wav", tmp_path / f"out.{suffix}"
    marks, noise = recording(source, rate)
    began = time.monotonic()
    process = start("convert", source, target, *options)
    peak = 0
    try:
        while process.poll() is None:
            try:
                peak = max(peak, psutil.Process(process.pid).memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.05)
        _, error = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    seconds = time.monotonic() - began
    assert process.returncode == 0, error
    with capsys.disabled():
        ratio, size = HOURS * 3600 / seconds, target.stat().st_size / 1e9
        took = f"in {seconds:.0f} s, {ratio:.0f} x real time, {size:.1f} GB, peak {peak / 2**20:.0f} MiB"
        print(f"\n{suffix}: {HOURS} h x {CHANNELS} channels at {rate} Hz {took}")
    assert peak < MEMORY
    for mark in marks:
        expected = np.roll(noise, mark, axis=0) / 32768
        assert np.array_equal(stretch(target, mark * rate, (mark + 1) * rate), expected)
        if mark:
            assert not stretch(target, mark * rate - 100, mark * rate).any()
