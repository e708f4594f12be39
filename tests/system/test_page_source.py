"""The page's own checks and tests, as `npm run check` and `npm test` run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
REGISTRY = ("registry.", "resolved")


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call npm in the page's folder; the forms are tested with this Python's node types."""
    command = shutil.which("npm")
    if command is None:
        pytest.skip("no Node on this machine")
    if not (WEB / "node_modules").is_dir():
        pytest.skip("the page's tools are not installed (make page, or npm ci in web/)")
    return subprocess.run(
        [command, *arguments],
        cwd=WEB,
        env={**os.environ, "STREAMLAB_PYTHON": sys.executable, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
    )


@pytest.mark.long
def test_types_and_lint_of_the_page() -> None:
    done = npm("run", "check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.contract("U11")
@pytest.mark.contract("U12")
@pytest.mark.contract("U13")
def test_the_page_s_own_tests(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = npm("test", "--", "--reporter=json", f"--outputFile={report}")
    assert report.is_file(), done.stdout + done.stderr
    result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    bad = [
        f"{test['fullName']}: {' '.join(test['failureMessages'])[:600]}"
        for file in result["testResults"]
        for test in file["assertionResults"]
        if test["status"] != "passed"
    ]
    assert bad == []
    assert done.returncode == 0, done.stdout + done.stderr
    names = [test["fullName"] for file in result["testResults"] for test in file["assertionResults"]]
    for item in ("U11", "U12", "U13"):  # each is there, and none was left out
        assert any(item in name for name in names), item


def test_the_lock_names_no_registry_and_versions_are_exact() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert not any(word in lock for word in REGISTRY)
    packages = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    for group in ("dependencies", "devDependencies"):
        for name, version in packages[group].items():
            assert version[0].isdigit(), f"{name} {version}"
            assert json.loads(lock)["packages"][f"node_modules/{name}"]["version"] == version
