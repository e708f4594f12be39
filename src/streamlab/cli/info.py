"""``streamlab info``: what is in files, as tables or as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

from streamlab.cli.graphs import apply_settings
from streamlab.cli.outcome import DONE, REFUSED, show_error
from streamlab.cli.results import console, make_table
from streamlab.core import node_class
from streamlab.engine import Graph
from streamlab.errors import StreamLabError
from streamlab.io.formats import Format, find_format
from streamlab.io.recording import Recording, StoredStream

__all__ = ["clock_text", "duration_text", "show_info", "size_text"]

_CHANNELS = 64  # that are listed for people; JSON has all
_GAPS = 5
_FACTS = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def show_info(
    paths: Sequence[Path],
    *,
    settings: Sequence[str] = (),
    as_document: bool = False,
    with_traceback: bool = False,
) -> int:
    """Print what is in the files; what cannot be read is an error of its own, and the exit code 2.

    ``settings`` are parameters of the nodes that read them, as ``param=value``.
    """
    code, documents = DONE, []
    for number, path in enumerate(paths):
        try:
            form = find_format(path)
            with _opened(path, form, settings) as recording:
                if as_document:
                    documents.append(_document(recording, form.name))
                else:
                    _show(recording, form.name, first=not number)
        except StreamLabError as error:
            code = REFUSED
            documents.append({"path": str(path), "error": str(error)})
            show_error(error, trace=with_traceback)
    if as_document:
        print(json.dumps({"files": documents}, indent=2, ensure_ascii=False, allow_nan=False))
    return code


def _opened(path: Path, form: Format, settings: Sequence[str]) -> Recording:
    if not settings:
        return form.load()(path)
    graph = Graph.load({"nodes": [{"id": "file", "type": form.node, "config": {"path": str(path)}}]})
    apply_settings(graph, [f"file.{setting}" for setting in settings])
    reader: Any = node_class(form.node)
    recording: Recording = reader(**graph.document["nodes"][0]["config"]).open_recording()
    return recording


# -- for people


def _show(recording: Recording, form: str, *, first: bool) -> None:
    from rich.markup import escape

    out = console()
    size = size_text(recording.path.stat().st_size)
    if not first:
        out.print()
    out.print(f"[bold]{escape(str(recording.path))}[/]  {form}, {size}", soft_wrap=True)
    for name, value in list(recording.facts.items())[:_FACTS]:
        out.print(f"[dim]{escape(name)}[/]  {escape(value)}", soft_wrap=True)
    for note in recording.notes:
        out.print(f"[yellow]note[/]  {escape(note)}", soft_wrap=True)
    rows = [_row(recording, stream) for stream in recording.streams]
    columns = ["stream", "rate", "channels", "samples", "duration", "start (UTC)", "gaps"]
    kept = [at for at in range(len(columns)) if at < 4 or any(row[at] for row in rows)]
    table = make_table(*(columns[at] for at in kept), right=(2, 3))
    for row in rows:
        table.add_row(*(escape(row[at]) for at in kept))
    out.print(table)
    _show_channels(out, recording)
    for stream in recording.streams:
        _show_gaps(out, stream, named=len(recording.streams) > 1)


def _row(recording: Recording, stream: StoredStream) -> tuple[str, ...]:
    """Return a stream as a row; a cell is empty where there is nothing to say."""
    rate, points = stream.rate, stream.info.points
    if rate is not None:
        over = f"{float(rate):.10g} Hz"
    else:
        unit = "" if stream.info.axis == "order" else " Hz"
        over = f"{points[0]:.6g} to {points[-1]:.6g}{unit}" if points else f"over {stream.info.axis}"
    length = "" if stream.duration is None else duration_text(float(stream.duration))
    gaps = f"{len(stream.gaps)} ({stream.missing} samples)" if len(stream.gaps) else ""
    start = "" if stream.start is None else clock_text(stream.start)
    if stream.start is None and stream.origin != recording.origin:
        start = f"+{(stream.origin - recording.origin) / 1e6:g} s"
    return stream.name, over, str(len(stream.info.names)), str(stream.held), length, start, gaps


def _show_channels(out: Any, recording: Recording) -> None:
    from rich.markup import escape

    several = len(recording.streams) > 1
    with_quantity = any(one.quantity for stream in recording.streams for one in stream.info.channels)
    first, last = (["stream"] if several else []), (["quantity"] if with_quantity else [])
    table = make_table(*first, "channel", "unit", *last)
    left = _CHANNELS
    for stream in recording.streams:
        name = stream.name
        for channel in stream.info.channels[: max(0, left)]:
            unit = f"{channel.unit} re {channel.reference}" if channel.reference else channel.unit
            cells = [*([name] if several else []), channel.name, unit, *([channel.quantity] if last else [])]
            table.add_row(*map(escape, cells))
            name = ""
        left -= len(stream.info.channels)
    out.print(table)
    if left < 0:
        out.print(f"... and {-left} channels more; --json lists all")


def _show_gaps(out: Any, stream: StoredStream, *, named: bool) -> None:
    from rich.markup import escape

    if not len(stream.gaps) or stream.rate is None:
        return
    parts = []
    for at, count in stream.gaps[:_GAPS].tolist():
        seconds = duration_text(float(Fraction(at) / stream.rate))
        parts.append(f"{count} sample{'s' if count > 1 else ''} at {seconds}")
    more = f", ... ({len(stream.gaps)} gaps; --json lists all)" if len(stream.gaps) > _GAPS else ""
    of = f" of {escape(stream.name)}" if named else ""
    out.print(f"[yellow]missing[/]{of}  {', '.join(parts)}{more}", soft_wrap=True)


def duration_text(seconds: float) -> str:
    """Return a length of time as people say it: ``3.545 s``, ``19:59 min``, ``4:00:00 h``, ``78 d 19 h``."""
    if seconds < 60:
        return f"{seconds:.4g} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    if whole < 86400:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02} h"
    return f"{whole // 86400} d {whole // 3600 % 24} h"


def clock_text(micro: int) -> str:
    """Return microseconds since the epoch as a date and time of day (UTC)."""
    try:
        when = _EPOCH + timedelta(microseconds=micro)
    except OverflowError:
        return f"{micro} us"
    return f"{when:%Y-%m-%d %H:%M:%S}" + (f".{when.microsecond:06}".rstrip("0") if when.microsecond else "")


def size_text(size: float) -> str:
    """Return a number of bytes as people say it: ``3.2 MB``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}" if unit != "bytes" else f"{size:.0f} bytes"
        size /= 1000
    return f"{size:.3g} TB"


# -- for programs


def _document(recording: Recording, form: str) -> dict[str, Any]:
    return {
        "path": str(recording.path),
        "format": form,
        "size": recording.path.stat().st_size,
        "facts": dict(recording.facts),
        "notes": list(recording.notes),
        "streams": [_stream_document(stream, recording.origin) for stream in recording.streams],
    }


def _stream_document(stream: StoredStream, origin: int) -> dict[str, Any]:
    rate = stream.rate
    start = None
    if stream.start is not None and abs(stream.start) < 1 << 56:
        start = clock_text(stream.start).replace(" ", "T") + "Z"
    return {
        "name": stream.name,
        "axis": stream.info.axis,
        "sample_rate": None if rate is None else float(rate),
        "exact_rate": None if rate is None else str(rate),
        "length": stream.length,
        "samples": stream.held,
        "missing": stream.missing,
        "seconds": None if stream.duration is None else float(stream.duration),
        "start": start,
        "timestamp": stream.start,
        "offset": (stream.origin - origin) / 1e6,
        "gaps": [{"at": at, "samples": count} for at, count in stream.gaps.tolist()],
        "points": list(stream.info.points),
        "channels": [_channel_document(asdict(channel)) for channel in stream.info.channels],
    }


def _channel_document(channel: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in channel.items() if name == "name" or value not in ("", None)}
    if "range" in known and not all(map(isfinite, known["range"])):
        del known["range"]  # JSON has no infinity
    return {"unit": ""} | known
