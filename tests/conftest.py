"""What every test may use: the contract marks, hypothesis profiles, real recordings."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from streamlab.testing.leaks import check_leaks
from streamlab.testing.nodes import registered

pytest_plugins = ["pytester", "contract_plugin", "figures"]

ROOT = Path(__file__).parents[1]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As a shell starts what runs in the background; tests press Ctrl-C, here and in processes of theirs.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A wall clock says nothing about a property, so no deadline. `make test-long` takes the profile `long`.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=2000)
usual = "ci" if os.environ.get("CI") else "default"
settings.load_profile(os.environ.get("STREAMLAB_HYPOTHESIS_PROFILE", usual))


@pytest.fixture(autouse=True)
def _no_leaks() -> Iterator[None]:
    """Fail a test that leaves a task, thread, process, open file or shared memory behind (contract L5)."""
    with check_leaks():
        yield


@pytest.fixture
def test_nodes() -> Iterator[None]:
    """Make the nodes of the test kit known, with fresh probes."""
    with registered():
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings, which are not ours to ship; without it the test is skipped."""
    folder = Path(os.environ.get("STREAMLAB_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("real recordings are not here: set STREAMLAB_SHARED_DATA to their folder")
    return folder
