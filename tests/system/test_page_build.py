"""The page is built at install time, and whatever goes wrong with that breaks no install (U19)."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

NPM = """#!/bin/sh
echo "$@" >> "$NPM_CALLS"
case "$1 $2" in
  "ci "*) mkdir -p node_modules ;;
  "run build")
    [ -z "${NPM_FAILS:-}" ] || { echo "error TS2322: on purpose"; exit 2; }
    mkdir -p "$5/assets"
    echo "<!doctype html><title>built</title>" > "$5/index.html"
    head -c 5000 /dev/zero | tr '\\0' 'x' > "$5/assets/index-abc.js" ;;
esac
"""


@pytest.fixture
def hook(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", repository / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a source tree with a page and tools that only pretend."""
    root = tmp_path / "tree"
    (root / "web" / "src").mkdir(parents=True)
    (root / "src" / "streamlab" / "server").mkdir(parents=True)
    (root / "web" / "package.json").write_text("{}")
    (root / "web" / "package-lock.json").write_text("{}")
    (root / "web" / "src" / "main.ts").write_text("one")
    tools = root / "tools"
    tools.mkdir()
    for name, text in (("npm", NPM), ("node", "#!/bin/sh\necho ${NODE_SAYS:-v20.19.0}\n")):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    return root


@pytest.fixture
def build(hook: ModuleType, tree: Path) -> Callable[..., bool]:
    def built(**environment: str) -> bool:
        path = f"{tree / 'tools'}:/usr/bin:/bin"
        return hook.build_page(
            tree, lambda text: None, {"PATH": path, "NPM_CALLS": str(tree / "calls"), **environment}
        )

    return built


def calls(tree: Path) -> list[str]:
    log = tree / "calls"
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.mark.contract("U19")
def test_it_is_built_when_missing_or_old_and_not_else(build: Callable[..., bool], tree: Path) -> None:
    page = tree / "src/streamlab/server/_web"
    assert build()
    assert (page / "index.html").read_text().startswith("<!doctype")
    assert (page / "assets/index-abc.js.gz").is_file()
    assert calls(tree) == ["ci", "run"]
    assert not build()
    assert calls(tree) == ["ci", "run"]
    (tree / "web/src/main.ts").write_text("two")
    assert build()
    assert calls(tree) == ["ci", "run", "run"]  # what is installed still fits the lock
    (tree / "web/package-lock.json").write_text('{"changed": 1}')
    assert build()
    assert calls(tree) == ["ci", "run", "run", "ci", "run"]
    (page / "index.html").unlink()
    assert build()
    (tree / "web/README.md").write_text("words")
    (tree / "web/node_modules/.cache").write_text("x")
    assert not build()


@pytest.mark.contract("U19")
@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"STREAMLAB_SKIP_WEB": "1"}, "STREAMLAB_SKIP_WEB is set"),
        ({"PATH": "/nowhere"}, "Node is not installed"),
        ({"NODE_SAYS": "v18.20.1"}, "v18.20.1; 20.19 or newer"),
        ({"NPM_FAILS": "1"}, "run build has failed:\n  error TS2322: on purpose"),
    ],
)
def test_what_keeps_it_from_being_built_is_said_and_leaves_what_was_there(
    hook: ModuleType, build: Callable[..., bool], tree: Path, environment: dict[str, str], why: str
) -> None:
    assert build()
    (tree / "web/src/main.ts").write_text("two")
    with pytest.raises(hook.PageNotBuilt, match=why):
        build(**environment)
    assert (tree / "src/streamlab/server/_web/index.html").is_file()
    assert sorted(path.name for path in (tree / "src/streamlab/server").iterdir()) == ["_web"]


@pytest.mark.contract("U19")
def test_sources_without_web_keep_the_page_they_came_with(build: Callable[..., bool], tree: Path) -> None:
    assert build()
    shutil.rmtree(tree / "web")
    assert not build()


def wheel_of(repository: Path, tmp_path: Path, path: str) -> tuple[list[str], str]:
    """Build a wheel of a copy of the sources; returns the names in it and what the build has said."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "hatch_build.py"):
        shutil.copy(repository / name, copy)
    for name in ("src", "examples", "web"):
        ignored = shutil.ignore_patterns("node_modules", "_web", "__pycache__", ".web-*")
        shutil.copytree(repository / name, copy / name, ignore=ignored)
    environment = {key: value for key, value in os.environ.items() if key != "STREAMLAB_SKIP_WEB"}
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(copy)],
        env=environment | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist(), done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.contract("U19")
def test_a_wheel_has_the_page_where_node_is_and_is_whole_without_where_it_is_not(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    names, said = wheel_of(repository, tmp_path / "without", "/nowhere")
    assert "streamlab/server/run.py" in names
    assert not any("_web" in name for name in names)
    assert "installed without its page: Node is not installed" in said
    if shutil.which("npm") is None:
        pytest.skip("no Node here: the other half was not tried")
    names, _ = wheel_of(repository, tmp_path / "with", os.environ["PATH"])
    assert "streamlab/server/_web/index.html" in names
    assert any(name.startswith("streamlab/server/_web/assets/index-") for name in names)
    assert not any("node_modules" in name for name in names)
