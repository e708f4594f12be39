"""Facts of a run: what it ran on, and which files went into it."""

import hashlib
import os
import platform
import threading
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from streamlab.engine import Graph
from streamlab.engine.paths import Folders
from streamlab.engine.spec import GraphSpec

__all__ = ["FileFact", "InputHashes", "machine", "versions"]

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file that went into a run: its role, its path, its size in bytes, its SHA-256 in hexadecimal.

    ``note`` says why there is no hash, or that the file changed meanwhile.
    """

    role: str
    path: str
    size: int | None = None
    sha256: str = ""
    note: str = ""


class InputHashes:
    """Takes the hashes of the graph's file and of what its nodes read, beside the run, in a thread."""

    def __init__(self, graph: Graph, spec: GraphSpec, source: Path | None) -> None:
        self._files = [] if source is None else [("graph", source)]
        self._files += _inputs(graph, spec)
        self._facts: dict[int, FileFact] = {}
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start, unless it has been started."""
        if self._files and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="streamlab:hashes", daemon=True)
            self._thread.start()

    def end(self, *, wait: bool) -> list[FileFact]:
        """Return what is known of each file; ``wait``: finish what is under way."""
        if self._thread is not None:
            if not wait:
                self._enough.set()
            self._thread.join()
        without = "not read to its end"
        return [
            self._facts.get(at, FileFact(role, str(path), note=without))
            for at, (role, path) in enumerate(self._files)
        ]

    def _work(self) -> None:
        for at, (role, path) in enumerate(self._files):
            fact = self._hashed(role, path)
            if fact is None:
                return
            self._facts[at] = fact

    def _hashed(self, role: str, path: Path) -> FileFact | None:
        digest = hashlib.sha256()
        try:
            if not path.is_file():
                return FileFact(role, str(path), note="not a file" if path.exists() else "not there")
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                while block := file.read(_BLOCK):
                    if self._enough.is_set():
                        return None
                    digest.update(block)
                after = os.fstat(file.fileno())
        except OSError as error:
            return FileFact(role, str(path), note=f"cannot be read: {error.strerror}")
        changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        note = "changed while it was read" if changed else ""
        return FileFact(role, str(path), after.st_size, digest.hexdigest(), note)


def _inputs(graph: Graph, spec: GraphSpec) -> list[tuple[str, Path]]:
    folders = Folders(graph.folder)
    found = []
    for name, node in spec.nodes.items():
        fields = node.cls.param_set.fields
        resolved = folders.resolved(node)
        for param, item in fields.items():
            text = resolved.get(param)
            if item.path == "input" and isinstance(text, str) and text:
                found.append((name, Path(text)))
    return found


def versions() -> dict[str, str]:
    """Return the versions of what computes."""
    known = {"StreamLab": "streamlab-core", "NumPy": "numpy", "SciPy": "scipy"}
    found = {}
    for name, distribution in known.items():
        try:
            found[name] = version(distribution)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {"StreamLab": found.pop("StreamLab"), "Python": platform.python_version(), **found}


def machine() -> dict[str, str]:
    """Return what the run was made on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "Machine": platform.node() or "unknown",
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "Processor": f"{_cpu() or 'unknown'}, {cores} core{'s' if cores != 1 else ''} in use",
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())
