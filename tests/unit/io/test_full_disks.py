"""A disk that is full: the error names the file, and what was written before reads back (W28)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import numpy as np
import pytest

from record_kit import stream
from streamlab.core import ChannelInfo, StreamInfo, node_class
from streamlab.errors import FileError
from streamlab.io.formats import open_recording

INFO = StreamInfo([ChannelInfo("a", "Pa"), ChannelInfo("b", "V")], 48000)
WRITERS = {
    "take.csv": ("CsvWriter", {}),
    "take.wav": ("WavWriter", {"encoding": "float64"}),
    "take.w64": ("WavWriter", {"encoding": "float64"}),
    "take.arrows": ("ArrowWriter", {}),
    "take.arrow": ("ArrowWriter", {}),
    "take.h5": ("Hdf5Writer", {}),
    "take5.mat": ("MatWriter", {}),
    "take73.mat": ("MatWriter", {"version": "7.3"}),
    "take.uff": ("UffWriter", {}),
    "take.parquet": ("ParquetWriter", {"row_group": 4000, "compression": "none"}),
}


@pytest.fixture
def small(tmp_path):
    """A disk of 2 MB."""
    mounted = subprocess.run(
        [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=2m", "none", str(tmp_path)],
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here (it takes root)")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.contract("W28")
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_said_and_what_came_before_is_kept(small, name):
    kind, config = WRITERS[name]
    node = node_class(kind)(path=str(small / name), **config)
    node.block_values = getattr(node, "block_values", 0) and 4000
    samples = np.random.default_rng(1).standard_normal((2, 400_000))
    frames = iter(stream(samples, INFO, [1000] * 400))
    taken = 0
    with pytest.raises(FileError) as caught:
        for frame in frames:
            node.process(frame)
            taken += frame.n
    stem, suffix = name.split(".")
    left = small / f"{stem}.incomplete.{suffix}"
    assert f"{left}: the disk is full - free some space" in str(caught.value)
    with pytest.raises(FileError, match="the disk is full"):
        node.process(next(frames))
        node.flush()
    assert node.result()["complete"] is False
    asyncio.run(node.on_destroy())
    assert [path.name for path in small.iterdir()] == [left.name]
    if suffix == "parquet":  # as the documents say
        with pytest.raises(FileError, match="it was not finished"):
            open_recording(left)
        return
    found = []
    with open_recording(left) as recording:
        try:
            found += [values for _, values in recording.read(recording.streams[0])]
        except FileError:
            assert suffix in ("uff",)
    values = np.concatenate(found, axis=1)
    assert values.shape[1] >= taken - 3000  # of the blocks in memory one is lost
    assert np.array_equal(values, samples[:, : values.shape[1]])
