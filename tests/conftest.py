"""What every test may use: the contract marks, hypothesis profiles, real recordings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# LEAD: the leak check goes here, once streamlab.testing.leaks exists (contract L5); then delete this comment:
#     from streamlab.testing.leaks import no_leaks
#     @pytest.fixture(autouse=True)
#     def _no_leaks(no_leaks): ...

pytest_plugins = ["pytester", "contract_plugin"]

ROOT = Path(__file__).parents[1]

# A wall clock says nothing about a property, so no deadline. `make test-long` takes the profile `long`.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=2000)
usual = "ci" if os.environ.get("CI") else "default"
settings.load_profile(os.environ.get("STREAMLAB_HYPOTHESIS_PROFILE", usual))


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
