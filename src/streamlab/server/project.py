"""The project: a folder with graphs, recordings and what runs have written. Saving never loses anything."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlab.engine.graph import MAX_FILE_BYTES, Graph
from streamlab.errors import GraphError, Problem
from streamlab.server.errors import ApiError, told
from streamlab.server.rooted import Root

__all__ = ["OUTPUT", "GraphFile", "Project", "revision_of"]

OUTPUT = "output"
"""The folder of the project that runs write under."""

_DEPTH = 4
_MAX_ENTRIES = 20_000
"""Files and folders that a listing looks at: a home folder is no project, but may be taken for one."""
_SKIPPED = {"node_modules", "__pycache__"}


def revision_of(data: bytes) -> str:
    """Return the revision of a file: what is in it, not when it was written."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class GraphFile:
    """A graph as it lies on disk."""

    path: str
    revision: str
    modified: float
    text: str
    document: dict[str, Any]


class Project:
    """The graphs of a folder."""

    def __init__(self, folder: Path) -> None:
        self.root = Root(folder)
        self.outputs = self.root.folder / OUTPUT
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, int], dict[str, Any] | None]] = {}

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.root.folder

    # -- listing

    def files(self) -> Iterator[Path]:
        """Yield the files of the project: no links, nothing hidden, down to a bearable depth."""
        left = _MAX_ENTRIES
        folders = [(self.folder, 0)]
        while folders:
            folder, depth = folders.pop(0)
            try:
                entries = sorted(folder.iterdir())
            except OSError:
                continue
            for entry in entries:
                left -= 1
                if left < 0:
                    return
                if entry.name.startswith(".") or entry.name in _SKIPPED or entry.is_symlink():
                    continue
                if entry.is_dir():
                    if depth < _DEPTH:
                        folders.append((entry, depth + 1))
                elif entry.is_file():
                    yield entry

    def graphs(self) -> list[dict[str, Any]]:
        """Return what a list of the graphs shows; JSON files that are no graphs are left out."""
        listed = []
        for path in self.files():
            if path.suffix.lower() == ".json" and self.outputs not in path.parents:
                row = self._row(path)
                if row is not None:
                    listed.append(row)
        return listed

    def _row(self, path: Path) -> dict[str, Any] | None:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._known.get(path, ((0, 0), None))[0]:
                return self._known[path][1]
            data = path.read_bytes() if status.st_size <= MAX_FILE_BYTES else b""
        except OSError:
            return None
        row = self._described(path, data, status.st_mtime)
        self._known[path] = (stamp, row)
        return row

    def _described(self, path: Path, data: bytes, modified: float) -> dict[str, Any] | None:
        try:
            document = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, dict) or not isinstance(document.get("nodes"), list):
            return None
        metadata = document.get("metadata")
        about = metadata.get("about", "") if isinstance(metadata, dict) else ""
        name = document.get("name")
        return {
            "path": self.root.name(path),
            "name": name if isinstance(name, str) and name else path.stem,
            "about": about if isinstance(about, str) else "",
            "nodes": len(document["nodes"]),
            "modified": modified,
            "revision": revision_of(data),
        }

    # -- one graph

    def load(self, name: str) -> GraphFile:
        """Read a graph. Raises ApiError: 404, 422 for a path or a file that is no graph document."""
        _check_suffix(name)
        data = self.root.read(name, MAX_FILE_BYTES)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            found = f"{error.reason} at byte {error.start}"
            raise _no_graph(name, Problem("", "not UTF-8 text", "UTF-8", found, kind="shape")) from None
        try:
            graph = Graph.load(text if text.lstrip().startswith("{") else "{" + text)
        except GraphError as error:
            raise _no_graph(name, *error.problems) from None
        modified = self.root.path(name).stat().st_mtime
        return GraphFile(name, revision_of(data), modified, text, graph.document)

    def graph(self, file: GraphFile) -> Graph:
        """Return the graph of a file, with duplicate keys remembered."""
        graph = Graph.load(file.text)
        graph.folder = self.root.path(file.path).parent
        return graph

    def folder_of(self, name: str | None) -> Path:
        """Return where the relative paths of a graph start. Raises ApiError 422."""
        return self.folder if name is None else self.root.path(name).parent

    def save(
        self, name: str, document: dict[str, Any], base: str | None, *, force: bool = False
    ) -> tuple[str, float]:
        """Write a graph and return its revision and time.

        ``base`` is the revision that it was made from, None for a new file. Raises ApiError 409, with what
        is there, when that is another one; 422 for a document that JSON cannot hold.
        """
        _check_suffix(name)
        try:
            data = Graph(document=document).to_json().encode()
        except GraphError as error:
            raise told(error) from None
        if len(data) > MAX_FILE_BYTES:
            raise ApiError(413, "too-large", f"{name!r} would be larger than {MAX_FILE_BYTES} bytes")
        with self._lock:
            there = self._there(name)
            if there is not None:
                if not force and revision_of(there) != base:
                    raise self._conflict(name, there, base)
                if _same_document(there, document):  # as it was written, blanks and all
                    return revision_of(there), self.root.path(name).stat().st_mtime
            elif base is not None and not force:
                raise self._conflict(name, None, base)
            path = self.root.write(name, data)
            return revision_of(data), path.stat().st_mtime

    def move(self, name: str, to: str) -> tuple[str, float]:
        """Give a graph another name. Raises ApiError 404, 409, 422."""
        _check_suffix(name)
        _check_suffix(to)
        with self._lock:
            data = self.root.read(name, MAX_FILE_BYTES)
            there = self._there(to)
            if there is not None:
                raise self._conflict(to, there, None)
            path = self.root.write(to, data)
            self.root.path(name).unlink()
            return revision_of(data), path.stat().st_mtime

    def delete(self, name: str, base: str) -> None:
        """Delete a graph that is still what it was. Raises ApiError 404, 409, 422."""
        _check_suffix(name)
        with self._lock:
            data = self.root.read(name, MAX_FILE_BYTES)
            if revision_of(data) != base:
                raise self._conflict(name, data, base)
            self.root.path(name).unlink()

    def free_name(self, wanted: str) -> str:
        """Return a name that no file has: the wanted one, or with a number."""
        stem, dot, suffix = wanted.rpartition(".")
        for number in range(1, 10_000):
            name = wanted if number == 1 else f"{stem} {number}{dot}{suffix}"
            if not self.root.path(name).exists():
                return name
        raise ApiError(409, "conflict", f"there are too many files of the name {wanted!r}")

    def _there(self, name: str) -> bytes | None:
        try:
            return self.root.read(name, MAX_FILE_BYTES)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def _conflict(self, name: str, there: bytes | None, base: str | None) -> ApiError:
        if there is None:
            return ApiError(
                409,
                "conflict",
                f"{name!r} was deleted or moved meanwhile",
                hint="save it as a new file",
                current=None,
            )
        what = "is there already" if base is None else "was saved by somebody else meanwhile"
        try:
            file = self.load(name)
            document: dict[str, Any] | None = file.document
            modified = file.modified
        except ApiError:  # what is there is no graph at all
            document, modified = None, self.root.path(name).stat().st_mtime
        current = {"revision": revision_of(there), "document": document, "modified": modified}
        return ApiError(409, "conflict", f"{name!r} {what}", current=current)


def _check_suffix(name: str) -> None:
    if not name.lower().endswith(".json"):
        hint = "such as hum.json"
        raise ApiError(422, "bad-path", f"a graph file ends with .json; found {name!r}", hint=hint)


def _no_graph(name: str, *problems: Problem) -> ApiError:
    return ApiError(422, "bad-graph", f"{name}: {problems[0].message}", problems=problems)


def _same_document(data: bytes, document: dict[str, Any]) -> bool:
    """Whether a file holds this document, in this order."""
    try:
        there = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return json.dumps(there) == json.dumps(document)
