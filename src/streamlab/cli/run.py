"""``streamlab run``: a graph as a stream, with progress, results and an exit code."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from streamlab.cli.graphs import load
from streamlab.cli.outcome import DONE, FAILED, NOT_PASSED, PIPE_CLOSED, REFUSED, UsageError, show_error
from streamlab.cli.progress import Progress, expected_seconds
from streamlab.cli.reporting import Reporting
from streamlab.cli.results import console, show_report
from streamlab.cli.signals import Interrupts, reader_is_gone
from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline, Report
from streamlab.engine.plain import report_document
from streamlab.engine.spec import GraphSpec
from streamlab.errors import GraphError, NodeError, NotRunning, StreamLabError

__all__ = ["drive", "run_graph", "trigger_frames"]

_LOOK = 0.1
"""Seconds between two looks at the counters, at the terminal, and at whether anybody reads the output."""


def run_graph(
    source: Path,
    *,
    settings: Sequence[str] = (),
    triggers: int | None = None,
    duration: float | None = None,
    out: Path | None = None,
    as_document: bool = False,
    nodes: Path | None = None,
    page: Path | None = None,
    plots: Path | None = None,
    with_traceback: bool = False,
) -> int:
    """Run a graph file and return the exit code. Raises StreamLabError for what cannot be run at all."""
    reporting = Reporting(page, plots, source)

    def ran() -> tuple[int, Report]:
        with reporting.refusals():
            pipeline = _prepare(source, settings, triggers, duration, out, nodes)
        reporting.begin(pipeline)
        try:
            code, report = _stream(pipeline, triggers, total=_total(pipeline, triggers, duration))
        finally:
            reporting.finish()
        return (FAILED if reporting.failed and code in (DONE, NOT_PASSED) else code), report

    if not as_document:
        code, report = ran()
        show_report(report, trace=with_traceback)
        for line in reporting.lines():
            console().print(f"      {line}", markup=False, soft_wrap=True)
        return code
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # nodes that print must not get into the document
        try:
            code, report = ran()
        except StreamLabError as error:
            code, report = REFUSED, Report(name=source.stem, state="failed", reason="refused", errors=[error])
    for each in report.errors:
        show_error(each, trace=with_traceback)
    document = report_document(report) | {"exit_code": code}
    json.dump(document, stdout, indent=2, ensure_ascii=False, allow_nan=False)
    stdout.write("\n")
    return code


def _prepare(
    source: Path,
    settings: Sequence[str],
    triggers: int | None,
    duration: float | None,
    out: Path | None,
    nodes: Path | None,
) -> AsyncPipeline:
    graph = load(source, settings, nodes)
    pipeline = AsyncPipeline(graph, outputs=out, duration=duration)
    waiting = pipeline.spec.triggers
    if waiting and not pipeline.spec.sources and triggers is None:
        inputs = ", ".join(repr(name) for name in waiting)
        raise UsageError(
            f"{source}: the graph only waits for triggers (at {inputs}), and there are none",
            hint="give it some: --triggers 10; or put a source in front, such as Clock",
        )
    if triggers is not None and not waiting:
        raise UsageError(
            f"{source}: nothing in the graph waits for triggers: its sources run by themselves",
            hint="leave --triggers out; --duration ends sources after so many seconds of signal",
        )
    if out is not None:
        _make_folder(out)
    return pipeline


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: the folder cannot be made: {error.strerror}") from None


def _total(pipeline: AsyncPipeline, triggers: int | None, duration: float | None) -> float | None:
    if triggers is not None and not pipeline.spec.sources:
        return None
    return expected_seconds(pipeline, duration)


def trigger_frames(spec: GraphSpec, count: int) -> Iterator[DataFrame]:
    """Yield ``count`` triggers, numbered from 0.

    Where all that wait are generators of frames of one length, each trigger has the time of the frame that
    it makes; else they are a millisecond apart.
    """
    lengths = {_frame_seconds(spec.nodes[name].params) for name in spec.triggers}
    step = lengths.pop() if len(lengths) == 1 else None
    step = step if step is not None else Fraction(1, 1000)
    for number in range(count):
        yield DataFrame(int(number * step * 10**6), number)


def _frame_seconds(params: Any) -> Fraction | None:
    size, rate = getattr(params, "frame_size", None), getattr(params, "sample_rate", None)
    return None if not size or not rate else Fraction(size) / Fraction(str(rate))


def _stream(pipeline: AsyncPipeline, triggers: int | None, *, total: float | None) -> tuple[int, Report]:
    frames = trigger_frames(pipeline.spec, triggers) if triggers is not None else ()
    return asyncio.run(drive(pipeline, frames, Progress.suited(pipeline, total=total, triggers=triggers)))


async def drive(
    pipeline: AsyncPipeline,
    frames: Iterable[DataFrame],
    progress: Progress,
    *,
    beside: Callable[[], Any] | None = None,
    drains: bool = True,
) -> tuple[int, Report]:
    """Run a pipeline under the eyes of the user and return exit code and report.

    The first Ctrl-C or SIGTERM drains, the second aborts; so does a closed pipe the first time. Where the
    pipeline is not to drain, the first aborts too. ``beside`` is called after each look at the counters.
    Raises GraphError when the open sources do not fit the graph.
    """
    interrupts = Interrupts()
    endings: set[asyncio.Task[Any]] = set()
    wanted: list[float | None] = []  # ends that were asked for, each with its patience in seconds
    gone = False

    def end(timeout: float | None) -> None:
        wanted.append(timeout)
        if pipeline.state in ("running", "stopping"):
            endings.add(asyncio.ensure_future(_quietly(pipeline.stop(timeout))))

    patience = None if drains else 0.0

    async def look() -> None:
        nonlocal gone
        while True:
            await asyncio.sleep(_LOOK)
            progress.show(pipeline)
            if beside is not None:
                beside()
            if not gone and reader_is_gone():
                gone = True
                end(patience)

    with interrupts.watch(lambda: end(patience), lambda: end(0.0), quiet=not drains), progress:
        looking = asyncio.ensure_future(look())
        try:
            report = await _to_the_end(pipeline, frames, wanted)
        finally:
            looking.cancel()
            await asyncio.gather(looking, *endings, return_exceptions=True)
        progress.show(pipeline)
    if interrupts.exit_code is not None:
        return interrupts.exit_code, report
    if gone:
        return PIPE_CLOSED, report
    return _code(report), report


async def _to_the_end(
    pipeline: AsyncPipeline, frames: Iterable[DataFrame], wanted: list[float | None]
) -> Report:
    try:
        await pipeline.start()
        if wanted:  # it came while the nodes were made
            await pipeline.stop(wanted[-1])
        for frame in frames:
            await pipeline.trigger(frame)
        pipeline.finish()
    except GraphError:
        raise
    except NotRunning:
        if pipeline.state not in ("stopping", "stopped", "failed"):
            raise
    except NodeError:
        pass  # the report has it
    await _quietly(pipeline.wait())
    return pipeline.report


async def _quietly(waiting: Any) -> None:
    """Wait for an end whose failure stands in the report."""
    with contextlib.suppress(StreamLabError):
        await waiting


def _code(report: Report) -> int:
    if report.errors:
        return FAILED
    return DONE if report.ok else NOT_PASSED
