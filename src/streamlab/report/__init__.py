"""Reports: a page that shows what was run, what came out, and the plots of it.

``run`` runs a graph and writes its report. A ``Recorder`` reads along with a pipeline of your own;
``write_report`` writes what it kept, ``report_text`` gives its page as text.
"""

from collections.abc import Iterable
from pathlib import Path

from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline, Report, run_to_end
from streamlab.engine.graph import GraphSource
from streamlab.errors import StreamLabError
from streamlab.report.document import Document
from streamlab.report.files import (
    MissingLibraries,
    begin_page,
    need_libraries,
    report_text,
    write_refusal,
    write_report,
)
from streamlab.report.recorder import Recorder

__all__ = [
    "Document",
    "MissingLibraries",
    "Recorder",
    "begin_page",
    "need_libraries",
    "report_text",
    "run",
    "write_refusal",
    "write_report",
]


def run(
    graph: GraphSource,
    page: str | Path | None = None,
    *,
    plots: str | Path | None = None,
    triggers: Iterable[DataFrame] | None = None,
    collect: Iterable[str] = (),
    outputs: str | Path | None = None,
    duration: float | None = None,
) -> Report:
    """Run a graph as ``streamlab.run`` does, and write its report: a page, plots into a folder, or both.

    The report is written also when the run fails; what it failed of is raised after that.

    Raises GraphError, NodeError, FileError, and MissingLibraries before anything is run.
    """
    need_libraries()
    source = (
        Path(graph) if isinstance(graph, str | Path) and not str(graph).lstrip().startswith("{") else None
    )
    try:
        pipeline = AsyncPipeline(graph, collect=collect, outputs=outputs, duration=duration)
    except StreamLabError as error:
        if page is not None:
            write_refusal(page, error, source=source)
        raise
    if page is not None:
        begin_page(page, pipeline.graph, source=source)
    recorder = Recorder(pipeline, source=source)
    try:
        return run_to_end(pipeline, triggers)
    finally:
        write_report(recorder.document(), page=page, plots=plots)
