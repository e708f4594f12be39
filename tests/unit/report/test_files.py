"""Pages and plots come into their place whole, or not at all."""

import os
import stat
from pathlib import Path

import pytest

from html_page import read_page
from streamlab import Graph
from streamlab.errors import FileError
from streamlab.report import begin_page
from streamlab.report.files import _write


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for data in (b"one", b"two"):
        assert _write(tmp_path / "out.html", data) == tmp_path / "out.html"
        assert (tmp_path / "out.html").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_others_may_read_it_where_the_user_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        _write(tmp_path / "out.html", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.html").stat().st_mode) == 0o640


def test_behind_a_link_the_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "real.html").write_bytes(b"old")
    (tmp_path / "link.html").symlink_to(tmp_path / "there" / "real.html")
    _write(tmp_path / "link.html", b"new")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "there" / "real.html").read_bytes() == b"new"


def test_what_is_no_file_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name, what in (
        ("folder", "a folder"),
        ("pipe", "a device or a pipe"),
        ("link", "a device or a pipe"),
    ):
        with pytest.raises(FileError, match=f"is {what}; a file was to be written"):
            _write(tmp_path / name, b"x")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_an_old_file_stays_where_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.html").write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        _write(tmp_path / "out.html", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize("name", ["no/such/folder.html", "nul\0.html"])
def test_a_place_that_is_none_is_a_file_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError):
        begin_page(tmp_path / name, Graph("x"))


@pytest.mark.contract("W42")
def test_the_page_before_the_run_is_whole_and_passes_nothing(tmp_path: Path) -> None:
    begin_page(tmp_path / "out.html", Graph("<b>not yet</b>"))
    page = read_page(tmp_path / "out.html")
    assert page.one("h1").text == "<b>not yet</b>"
    assert page.one("div", id="verdict").attributes["data-outcome"] == "NOT_RUN"
    assert "PASS" not in page.one("main").text
