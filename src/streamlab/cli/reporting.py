"""``--report`` and ``--plots``: the report of a run, written whatever becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlab.cli.outcome import show_error
from streamlab.cli.results import near
from streamlab.engine import AsyncPipeline
from streamlab.errors import StreamLabError
from streamlab.report import Recorder, begin_page, need_libraries, write_refusal, write_report

__all__ = ["Reporting"]


class Reporting:
    """What a call wants of a report: a page, a folder of plots, both or neither.

    Raises MissingLibraries, before anything is run, where it cannot be made.
    """

    def __init__(self, page: Path | None, plots: Path | None, source: Path | None = None) -> None:
        self._page, self._plots = page, plots
        self._source = None if str(source) == "-" else source
        self._recorder: Recorder | None = None
        self.written: list[Path] = []
        self.failed = False
        if self.wanted:
            need_libraries()

    @property
    def wanted(self) -> bool:
        """Whether there is anything to write."""
        return self._page is not None or self._plots is not None

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Write a page of what is raised inside: an older one must not stand for a run that never began."""
        try:
            yield
        except StreamLabError as error:
            if self._page is not None:
                write_refusal(self._page, error, source=self._source)
            raise

    def begin(self, pipeline: AsyncPipeline) -> None:
        """Read along from the start. Raises FileError when the page cannot be written."""
        if self._page is not None:
            begin_page(self._page, pipeline.graph, source=self._source)
        if self.wanted:
            self._recorder = Recorder(pipeline, source=self._source)

    def finish(self) -> None:
        """Write what was wanted; what goes wrong is said, and ``failed`` is true then."""
        if self._recorder is None:
            return
        try:
            document = self._recorder.document()
            self.written = write_report(document, page=self._page, plots=self._plots)
        except (StreamLabError, OSError) as error:
            self.failed = True
            show_error(error)

    def lines(self) -> list[str]:
        """Say what was written, in a line for the page and one for the plots."""
        lines = []
        if self._page is not None and self._page in self.written:
            lines.append(near(self._page))
        if self._plots is not None and not self.failed:
            pictures = [path for path in self.written if path.suffix == ".png"]
            count = f"{len(pictures)} plot{'s' if len(pictures) != 1 else ''} as PNG and SVG"
            lines.append(f"{near(self._plots)} ({count})")
        return lines
