"""``streamlab convert``: a recording in another format, by a graph of a source and a writer."""

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlab.cli.graphs import apply_settings
from streamlab.cli.info import duration_text, size_text
from streamlab.cli.outcome import REFUSED, UsageError, show_error
from streamlab.cli.progress import Progress
from streamlab.cli.results import console
from streamlab.cli.run import drive
from streamlab.core import node_class
from streamlab.engine import AsyncPipeline, Graph, Report
from streamlab.engine.plain import report_document
from streamlab.errors import FileError, StreamLabError
from streamlab.io._files import IfExists, check_writable
from streamlab.io.formats import WRITERS, Format, find_format
from streamlab.io.recording import Recording, StoredStream

__all__ = ["Choice", "convert_file"]

_FRAME = 1 << 16  # numbers: large frames, for nobody waits for the first one
_SOUND = frozenset({"WavFile"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a recording is converted, and how its numbers are taken."""

    stream: str | None = None
    every_stream: bool = False
    select: tuple[str, ...] = ()
    start: float = 0.0
    duration: float | None = None
    scale: float | None = None
    unit: str | None = None
    if_exists: IfExists = "error"


def convert_file(
    source: Path,
    target: Path,
    choice: Choice,
    *,
    settings: Sequence[str] = (),
    as_document: bool = False,
    with_traceback: bool = False,
) -> int:
    """Convert a file and return the exit code. Raises StreamLabError for what cannot be done at all."""
    if not as_document:
        pipeline, seconds = _prepare(source, target, choice, settings)
        code, report = _stream(pipeline, seconds)
        _show(report, trace=with_traceback)
        return code
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        try:
            pipeline, seconds = _prepare(source, target, choice, settings)
            code, report = _stream(pipeline, seconds)
        except StreamLabError as error:
            code, report = REFUSED, Report(name=source.stem, state="failed", reason="refused", errors=[error])
    for each in report.errors:
        show_error(each, trace=with_traceback)
    document = report_document(report) | {"exit_code": code}
    json.dump(document, stdout, indent=2, ensure_ascii=False, allow_nan=False)
    stdout.write("\n")
    return code


# -- the graph


def _prepare(
    source: Path, target: Path, choice: Choice, settings: Sequence[str]
) -> tuple[AsyncPipeline, float]:
    """Return the pipeline and how many seconds of signal it will read."""
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        known = ", ".join(WRITERS)
        raise UsageError(
            f"{target}: no format that can be written has this suffix", hint=f"suffixes: {known}"
        )
    form = find_format(source)
    given = _given(source, form, target, writer, settings)
    reader: Any = node_class(form.node)
    with reader(**given["in"]).open_recording() as recording:
        streams = _streams(recording, choice)
        seconds = max((float(stream.duration or 0) for stream in streams), default=0.0)
    if choice.start and choice.start >= seconds:
        message = f"{source}: ends at {seconds:g} s: there is nothing to convert from {choice.start:g} s on"
        raise UsageError(message)
    nodes, connections = [], []
    for number, stream in enumerate(streams, start=1):
        path = target if len(streams) == 1 else _beside(target, stream.name)
        _check_target(source, path, choice.if_exists)
        ends = ("in", "out") if len(streams) == 1 else (f"in{number}", f"out{number}")
        reads = _reading(form, stream, choice, many=len(streams) > 1) | given["in"]
        writes = {"if_exists": choice.if_exists, **given["out"], "path": str(path)}
        nodes += [
            {"id": ends[0], "type": form.node, "config": reads},
            {"id": ends[1], "type": writer, "config": writes},
        ]
        connections.append({"from": ends[0], "to": ends[1]})
    document = {
        "version": 1,
        "name": f"convert {source.name}",
        "pipeline_config": {"channel_capacity": 4},
        "nodes": nodes,
        "connections": connections,
    }
    left = max(0.0, seconds - choice.start)
    return AsyncPipeline(document), left if choice.duration is None else min(left, choice.duration)


def _given(
    source: Path, form: Format, target: Path, writer: str, settings: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the parameters that --set gives the source (``in``) and the writer (``out``)."""
    ends = [("in", form.node, source), ("out", writer, target)]
    nodes = [{"id": name, "type": kind, "config": {"path": str(path)}} for name, kind, path in ends]
    graph = Graph.load({"nodes": nodes})
    apply_settings(graph, settings)
    return {node["id"]: dict(node["config"]) for node in graph.document["nodes"]}


def _streams(recording: Recording, choice: Choice) -> list[StoredStream]:
    select = choice.select or None
    if not choice.every_stream or choice.stream is not None:
        try:
            return [recording.stream_of(choice.stream, select)]
        except FileError as error:
            hint = error.hint.replace("choose one by `stream`:", "choose one by --stream, or --all-streams:")
            text = str(error).removesuffix(f" - {error.hint}")
            raise UsageError(text, hint=hint) from error
    found = [one for one in recording.streams if not select or any(name in one.info for name in select)]
    if not found:
        return [recording.stream_of(None, select)]  # which says what is wrong
    return found


def _reading(form: Format, stream: StoredStream, choice: Choice, *, many: bool) -> dict[str, Any]:
    """Return the parameters of the source that follow from what is to be converted."""
    chosen = [name for name in choice.select if not many or name in stream.info]
    channels = max(1, len(chosen) or len(stream.info.names))
    config: dict[str, Any] = {"frame_size": max(16, _FRAME // channels)}
    sound = form.node in _SOUND
    config |= {"select": chosen} if chosen else {}
    config |= {"start": choice.start} if choice.start else {}
    config |= {} if choice.duration is None else {"duration": choice.duration}
    config |= {} if choice.unit is None else {"unit": choice.unit}
    config |= {} if choice.scale is None else {"full_scale" if sound else "scale": choice.scale}
    return config if sound else config | {"stream": stream.name}


def _beside(target: Path, stream: str) -> Path:
    """Return the output of one of several streams: ``run-5000.024_Hz.csv``."""
    name = re.sub(r"[^\w.+-]+", "_", stream).strip("_") or "stream"
    return target.with_name(f"{target.stem}-{name}{target.suffix}")


def _check_target(source: Path, target: Path, if_exists: IfExists) -> None:
    """Refuse what is bound to fail before anything is read."""
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target}: is the file that is read", hint="write to another")
    try:
        check_writable(target, if_exists)
    except FileError as error:
        hint = error.hint.replace(
            "set if_exists to overwrite or number", "give --if-exists overwrite or number"
        )
        raise UsageError(str(error).removesuffix(f" - {error.hint}"), hint=hint) from error


# -- running it


def _stream(pipeline: AsyncPipeline, seconds: float) -> tuple[int, Report]:
    progress = Progress.suited(pipeline, total=seconds or None)
    return asyncio.run(drive(pipeline, (), progress, drains=False))


def _show(report: Report, *, trace: bool) -> None:
    """Print a line for each file that was written, and what was lost on the way."""
    from rich.markup import escape

    out = console()
    for result in report.results.values():
        if not isinstance(result, Mapping) or "path" not in result:
            continue
        state = "" if result["complete"] else "  [bold yellow]incomplete[/]"
        line = f"[bold]{escape(result['path'])}[/]  {result['samples']} samples, {size_text(result['bytes'])}"
        out.print(line + state, soft_wrap=True)
        if result.get("missing"):
            out.print(f"[yellow]note[/]  {result['missing']} samples are missing in gaps", soft_wrap=True)
        if result.get("clipped"):
            out.print(f"[yellow]note[/]  {result['clipped']} samples were clipped", soft_wrap=True)
    ratio = report.seconds / report.duration if report.duration else 0.0
    speed = f", {ratio:,.0f} x real time" if ratio >= 100 else f", {ratio:.3g} x real time"
    signal = f"{duration_text(report.seconds)} of signal in " if report.seconds else ""
    word = "done" if report.reason == "completed" else "ended" if report.errors else "stopped"
    out.print(f"{word}: {signal}{report.duration:.3g} s{speed if signal else ''}", soft_wrap=True)
    for error in report.errors:
        show_error(error, trace=trace)
