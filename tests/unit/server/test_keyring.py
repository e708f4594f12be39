"""Keys of sessions that outlive a restart are for their owner alone, and not for ever (X2)."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from streamlab.server.keyring import session_keys, state_folder

pytestmark = pytest.mark.contract("X2")


def test_a_port_has_its_keys_again(tmp_path: Path) -> None:
    first = session_keys(8710, tmp_path)
    assert set(first) == {"edit", "view"}
    assert all(len(key) == 43 for key in first.values())
    assert session_keys(8710, tmp_path) == first
    assert session_keys(8711, tmp_path) != first
    path = tmp_path / "sessions-8710.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.chmod(0o644),
        lambda path: path.write_text("{"),
        lambda path: path.write_text(json.dumps({"edit": "x", "view": "y"})),
        lambda path: path.write_text(json.dumps(dict.fromkeys(("edit", "view"), "x" * 43))),
        lambda path: path.write_text("[]"),
        lambda path: os.utime(path, (time.time() - 90_000,) * 2),
        lambda path: path.replace(path.with_name("other")) and path.symlink_to(path.with_name("other")),
    ],
)
def test_a_file_that_others_can_read_or_that_is_odd_is_not_taken(tmp_path: Path, spoil: object) -> None:
    first = session_keys(8710, tmp_path)
    spoil(tmp_path / "sessions-8710.json")  # type: ignore[operator]
    again = session_keys(8710, tmp_path)
    assert not set(first.values()) & set(again.values())
    assert session_keys(8710, tmp_path) == again


def test_what_nobody_has_used_for_a_day_is_gone(tmp_path: Path) -> None:
    session_keys(8710, tmp_path)
    os.utime(tmp_path / "sessions-8710.json", (time.time() - 90_000,) * 2)
    session_keys(8711, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sessions-8711.json"]


def test_where_no_file_can_be_kept_there_are_keys_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert set(session_keys(8710, tmp_path / "file" / "folder")) == {"edit", "view"}


def test_the_folder_is_that_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert state_folder() == tmp_path / "streamlab"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert state_folder() == tmp_path / "state" / "streamlab"
