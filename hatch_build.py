"""Build of the page: `web/` becomes `src/streamlab/server/_web/`, at install time and by `make page`.

As a hook of the Python build it runs for wheels and for editable installs, and never breaks one: without
Node, without the network or with STREAMLAB_SKIP_WEB=1 the package is installed without the page, the server
says how to build it, and everything else works. A page that was built from these sources is kept.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
SKIP = "STREAMLAB_SKIP_WEB"
NODE = (20, 19)
"""The oldest version of Node that the tools of the page run on."""

_STAMP = ".source-hash"
_LEFT_OUT = {"node_modules", "dist", "coverage", "test", "README.md"}
_PACKED = {".js", ".css", ".html", ".svg", ".json"}
_SECONDS = 900
_LAST_LINES = 15

Say = Callable[[str], None]


class PageNotBuilt(Exception):
    """The page cannot be built here; the text says why and what would do."""


def source_hash(web: Path) -> str:
    """Return the hash of what the page is built from."""
    total = hashlib.sha256()
    for path in sorted(web.rglob("*")):
        relative = path.relative_to(web)
        if _LEFT_OUT.isdisjoint(relative.parts) and path.is_file():
            total.update(f"{relative.as_posix()}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def up_to_date(web: Path, target: Path) -> bool:
    """Whether the page is there, and of these sources."""
    stamp = target / _STAMP
    if not (target / "index.html").is_file() or not stamp.is_file():
        return False
    return stamp.read_text(encoding="utf-8").strip() == source_hash(web)


def build_page(root: Path, say: Say, environment: Mapping[str, str] = os.environ) -> bool:
    """Build the page if it is missing or old; returns whether it was built now. Raises PageNotBuilt."""
    web, target = root / "web", root / "src" / "streamlab" / "server" / "_web"
    if environment.get(SKIP, "") not in ("", "0"):
        raise PageNotBuilt(f"{SKIP} is set")
    if not (web / "package.json").is_file():
        if (target / "index.html").is_file():
            return False  # a source archive brings the page as it was built
        raise PageNotBuilt("these sources have no folder web")
    if up_to_date(web, target):
        return False
    npm = _npm(environment)
    wanted = source_hash(web)
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    installed = web / "node_modules" / ".streamlab-lock"
    if not installed.is_file() or installed.read_text(encoding="utf-8") != lock:
        say("page: npm ci (half a minute, once)")
        _run([npm, "ci", "--no-audit", "--no-fund"], web, environment)
        installed.write_text(lock, encoding="utf-8")
    say("page: npm run build")
    with tempfile.TemporaryDirectory(prefix=".web-", dir=target.parent) as folder:
        built = Path(folder) / "page"
        _run([npm, "run", "build", "--", "--outDir", str(built), "--emptyOutDir"], web, environment)
        if not (built / "index.html").is_file():
            raise PageNotBuilt("npm run build has left no index.html")
        _pack(built)
        (built / _STAMP).write_text(f"{wanted}\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        built.replace(target)
    return True


def _npm(environment: Mapping[str, str]) -> str:
    path = environment.get("PATH")
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        raise PageNotBuilt("Node is not installed (20.19 or newer, with npm)")
    asked = subprocess.run(
        [node, "--version"], capture_output=True, text=True, env={**environment}, check=False
    )
    found = asked.stdout
    version = re.match(r"v([0-9]+)\.([0-9]+)", found)
    if version is None or (int(version[1]), int(version[2])) < NODE:
        raise PageNotBuilt(f"Node is {found.strip() or 'of no known version'}; 20.19 or newer is needed")
    return npm


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**environment, "CI": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PageNotBuilt(f"{' '.join(command[1:3])}: {error}") from error
    if done.returncode:
        last = "\n  ".join(done.stdout.strip().splitlines()[-_LAST_LINES:])
        raise PageNotBuilt(f"{' '.join(command[1:3])} has failed:\n  {last}")


def _pack(folder: Path) -> None:
    """Lay a packed copy beside each file that gets smaller: the server then has nothing to pack."""
    for path in folder.rglob("*"):
        if path.suffix in _PACKED and path.is_file():
            data = path.read_bytes()
            packed = gzip.compress(data, 9, mtime=0)
            if len(packed) < 0.9 * len(data):
                path.with_name(f"{path.name}.gz").write_bytes(packed)


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where the build tool is not installed
    BuildHookInterface = None


if BuildHookInterface is not None:

    class PageBuildHook(BuildHookInterface):  # type: ignore[misc,type-arg]
        """Hatchling's side of it."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build the page before files are collected; say it where that cannot be done."""
            try:
                build_page(Path(self.root), self.app.display_info)
            except PageNotBuilt as error:
                self.app.display_warning(f"StreamLab is installed without its page: {error}")


def main() -> int:
    """Build the page by hand and return an exit code."""
    try:
        built = build_page(ROOT, print)
    except PageNotBuilt as error:
        print(f"page: not built: {error}", file=sys.stderr)
        return 1
    print("page: built" if built else "page: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
