"""Writing reports: the page at once or not at all, the plots beside it."""

import os
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from streamlab.engine import Graph, Report
from streamlab.errors import FileError, StreamLabError
from streamlab.report.document import Document

__all__ = ["MissingLibraries", "begin_page", "need_libraries", "report_text", "write_refusal", "write_report"]


class MissingLibraries(StreamLabError):
    """What draws the plots or makes the page is not installed; ``hint`` says how to get it."""

    def __init__(self, missing: list[str]) -> None:
        self.hint = "pip install 'streamlab-core[plot]'"
        verb = "are" if len(missing) > 1 else "is"
        super().__init__(f"a report needs {' and '.join(missing)}, which {verb} not installed")


def need_libraries() -> None:
    """Raise MissingLibraries unless reports can be made here. Imports nothing."""
    missing = [name for name in ("matplotlib", "jinja2") if find_spec(name) is None]
    if missing:
        raise MissingLibraries(missing)


def begin_page(path: str | Path, graph: Graph, *, source: Path | None = None) -> None:
    """Write a page that says that the run has not ended, so that no older one stands for it.

    Raises FileError when it cannot be written, MissingLibraries.
    """
    write_report(Document(graph, None, None, source=source, started=datetime.now(UTC)), page=path)


def write_refusal(path: str | Path, error: StreamLabError, *, source: Path | None = None) -> None:
    """Write the page of a graph that was refused: what is wrong with it, and that nothing was run.

    Raises FileError, MissingLibraries.
    """
    name = "graph" if source is None else source.stem
    report = Report(name=name, state="failed", reason="refused", errors=[error])
    write_report(Document(Graph(name), None, report, source=source, started=datetime.now(UTC)), page=path)


def report_text(document: Document) -> str:
    """Return the page of a run as HTML, for whoever hands it on otherwise. Raises MissingLibraries."""
    need_libraries()
    from streamlab.report.page import render_page
    from streamlab.report.plots.figures import drawn_plots

    return render_page(document, drawn_plots(document) if document.streams else [])


def write_report(
    document: Document, *, page: str | Path | None = None, plots: str | Path | None = None
) -> list[Path]:
    """Write the page of a run, its plots into a folder as PNG and SVG, or both; returns what was written.

    The folder is made if it is not there. A file that exists is replaced when the new one is whole.

    Raises FileError, MissingLibraries.
    """
    need_libraries()
    from streamlab.report.page import graph_svg, render_page
    from streamlab.report.plots.figures import drawn_plots

    drawn = drawn_plots(document, png=plots is not None) if document.streams else []
    written = []
    if page is not None:
        written.append(_write(Path(page), render_page(document, drawn).encode("utf-8", "replace")))
    if plots is not None:
        folder = Path(plots)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(folder, f"the folder cannot be made: {error.strerror or error}") from error
        picture = graph_svg(document)
        if picture:
            written.append(_write(folder / "graph.svg", picture.encode("utf-8", "replace")))
        for plot in drawn:
            if not plot.trouble:
                written.append(_write(folder / f"{plot.name}.png", plot.png))
                written.append(_write(folder / f"{plot.name}.svg", plot.svg.encode("utf-8", "replace")))
    return written


def _write(path: Path, data: bytes) -> Path:
    """Put a file in its place in one step, so that nobody ever finds half of it. Raises FileError."""
    try:
        _put(path, data)
    except FileError:
        raise
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        raise FileError(path, f"cannot be written: {getattr(error, 'strerror', None) or error}") from error
    return path


def _put(path: Path, data: bytes) -> None:
    place = path.resolve()  # behind a link it is the file that is replaced
    if place.exists() and not place.is_file():
        what = "a folder" if place.is_dir() else "a device or a pipe"
        raise FileError(path, f"is {what}; a file was to be written")
    beside = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    file = beside.open("xb")  # who opens it may remove it
    try:
        with file:
            file.write(data)
        os.replace(beside, place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
