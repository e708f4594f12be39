"""memory_for: a bound on what is allocated within, and none behind it."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from streamlab.io import _memory_limit
from streamlab.io._memory_limit import memory_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the size of a process is read from /proc")


@pytest.mark.contract("W30")
def test_within_it_there_is_so_much_memory_and_no_more():
    before = resource.getrlimit(resource.RLIMIT_AS)
    with memory_for(1 << 28):
        np.empty(1 << 24)
    with memory_for(1 << 28), pytest.raises(MemoryError):
        np.empty(1 << 28)
    np.empty(1 << 28)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_limit_that_is_lower_stays():
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (1 << 28), hard))
    try:
        with memory_for(1 << 30):
            assert resource.getrlimit(resource.RLIMIT_AS)[0] == size + (1 << 28)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_where_the_size_is_not_known_nothing_is_bounded(monkeypatch):
    for name, value in (("_address_space", lambda page: None), ("sys", type("x", (), {"platform": "other"}))):
        with monkeypatch.context() as patch:
            patch.setattr(_memory_limit, name, value)
            with memory_for(0):
                np.empty(1 << 22)
