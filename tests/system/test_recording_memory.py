"""Recording takes memory for a block, not for the recording: two minutes of 16 channels, 737 MB (W31)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import record_long

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
CASES = [
    ("ArrowWriter", {}, "arrows"),
    ("Hdf5Writer", {}, "h5"),
    ("MatWriter", {}, "mat"),
    ("MatWriter", {"version": "7.3"}, "mat"),
    ("ParquetWriter", {}, "parquet"),
    ("UffWriter", {}, "uff"),
    ("WavWriter", {}, "w64"),
]


@pytest.mark.long
@pytest.mark.contract("W31")
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("name", "config", "suffix"), CASES)
def test_memory_does_not_grow_with_the_recording(tmp_path, name, config, suffix):
    command = [sys.executable, record_long.__file__, str(tmp_path), name, json.dumps(config), suffix]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    growth, speed = json.loads(done.stdout)
    print(f"{name} {config}: {growth:.1f} MB more memory, {speed:.0f} MB of samples per second")
    assert growth < (100 if name == "ParquetWriter" else 30)  # a row group of 32 MB, and what it becomes
