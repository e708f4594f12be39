"""``streamlab demo level``: the noise survey of a microphone, simulated or from a recording."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlab.cli.chart import band_chart, chart
from streamlab.cli.demo_expected import Expected, expected_levels
from streamlab.cli.examples import example
from streamlab.cli.level_course import Course, course_of
from streamlab.cli.outcome import DONE, FAILED, NOT_PASSED, UsageError, show_error
from streamlab.cli.progress import Progress, expected_seconds
from streamlab.cli.reporting import Reporting
from streamlab.cli.results import console, make_table, near, verdict_line
from streamlab.cli.run import drive
from streamlab.core import Verdict
from streamlab.dsp.bands import bands_between
from streamlab.engine import AsyncPipeline, Graph, Report
from streamlab.report import MissingLibraries

__all__ = ["demo_level", "with_microphone", "with_recording"]

SURVEY = "noise_survey.json"
SIMULATED = "sound_level.json"
"""The example whose microphone is simulated."""
_SYMBOL = "LAeq"


def demo_level(
    recording: Path | None, out: Path, *, full_scale: float | None, limit: float | None, realtime: bool
) -> int:
    """Run the demo and return the exit code. Raises GraphError, UsageError."""
    if recording is None and full_scale is not None:
        raise UsageError("--full-scale calibrates a recording", hint="give one: --input take.wav")
    survey, expected = Graph.load(example(SURVEY)), {}
    if recording is None:
        graph = with_microphone(survey, Graph.load(example(SIMULATED)))
        expected = expected_levels(graph)
    else:
        graph = with_recording(survey, recording, full_scale)
    if limit is not None:
        graph.set("limit", upper=limit)
    elif recording is not None and full_scale is None:
        graph = _without(graph, "limit")
    if realtime:
        graph.set("clock" if recording is None else "mic", realtime=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: the folder cannot be made: {error.strerror}") from None
    try:
        reporting, missing = Reporting(out / "report.html", out / "plots"), ""
    except MissingLibraries as error:
        reporting, missing = Reporting(None, None), f"no report: {error} ({error.hint})"
    _introduce(recording, full_scale)
    pipeline = AsyncPipeline(graph, outputs=out, collect=["level"])
    reporting.begin(pipeline)
    progress = Progress.suited(pipeline, total=expected_seconds(pipeline, None))
    try:
        code, report = asyncio.run(drive(pipeline, (), progress))
    finally:
        reporting.finish()
    for each in report.errors:
        show_error(each)
    if report.outputs.get("level"):
        code = _present(report, expected, code)
    for line in [*_tables(report), *reporting.lines(), *([missing] if missing else [])]:
        console().print(f"      {line}", markup=False, soft_wrap=True)
    return FAILED if reporting.failed and code in (DONE, NOT_PASSED) else code


def with_recording(survey: Graph, recording: Path, full_scale: float | None) -> Graph:
    """Return the survey of a recording; without a calibration its levels are relative to full scale."""
    config: dict[str, Any] = {"path": str(recording.absolute()), "channels": None}
    config |= {"unit": "FS", "full_scale": 1.0} if full_scale is None else {"full_scale": full_scale}
    survey.set("mic", **config)
    if full_scale is None:
        # Music and speech may hold digital silence, which no microphone gives.
        survey.set("level", reference="1 FS").set("bands", reference="1 FS").set("check", flat=None)
    return survey


def with_microphone(survey: Graph, simulated: Graph) -> Graph:
    """Return the survey with the microphone of another graph, and all that feeds it, in place of its file."""
    document, other = survey.to_dict(), simulated.to_dict()
    taken = _upstream(other, "mic")
    document["nodes"] = [
        *(node for node in other["nodes"] if node["id"] in taken),
        *(node for node in document["nodes"] if node["id"] != "mic"),
    ]
    document["connections"] += [edge for edge in other["connections"] if _target(edge) in taken]
    return Graph(document=document)


def _without(graph: Graph, name: str) -> Graph:
    document = graph.to_dict()
    document["nodes"] = [node for node in document["nodes"] if node["id"] != name]
    document["connections"] = [edge for edge in document["connections"] if _target(edge) != name]
    return Graph(document=document)


def _target(edge: Mapping[str, Any]) -> str:
    return str(edge["to"]).partition(".")[0]


def _upstream(document: Mapping[str, Any], node: str) -> set[str]:
    """A node and all that feeds it."""
    found, open_ends = set(), [node]
    while open_ends:
        found.add(at := open_ends.pop())
        open_ends += [edge["from"] for edge in document["connections"] if _target(edge) == at]
    return found


# -- what is shown


def _introduce(recording: Path | None, full_scale: float | None) -> None:
    from rich.markup import escape

    out = console()
    if recording is None:
        out.print("[bold]Noise survey of a simulated microphone[/]", soft_wrap=True)
        out.print("No sound card, no file: two tones of 80 and 74 dB re 20 uPa that beat every 5 s,")
        out.print("in pink noise of 62 dB. A recording in its place: make demo INPUT=take.wav")
    else:
        out.print(f"[bold]Noise survey of {escape(str(recording))}[/]", soft_wrap=True)
        if full_scale is None:
            out.print("Not calibrated: levels are in dB re full scale, and nothing but overload is judged.")
            out.print("--full-scale gives the pressure of a full-scale sample in Pa.")
        else:
            out.print(f"Calibrated: a full-scale sample is {full_scale:g} Pa.", soft_wrap=True)
    out.print()


def _present(report: Report, expected: Mapping[str, Expected], code: int) -> int:
    console_ = console()
    course = course_of(report.outputs["level"], _SYMBOL)
    limit = _limit_line(report)
    several = " (mean power of the channels)" if len(course.channels) > 1 else ""
    width = min(max(console_.width - 12, 20), 100)
    console_.print(f"[bold]{_SYMBOL} over {course.interval:g} s[/], {course.unit}{several}", soft_wrap=True)
    for line in chart(course.mean_over_channels(), width=width, seconds=course.end, limit=limit):
        console_.print(line, markup=False, soft_wrap=True)
    bands = _bands_of(report)
    first = course.channels[0]
    whose = f" of {first}" if len(course.channels) > 1 else ""
    console_.print(f"\n[bold]Third octaves{whose}[/], Leq in {course.unit}", markup=True, soft_wrap=True)
    for line in band_chart(_octaves(bands.labels), bands.levels[first], width=width):
        console_.print(line, markup=False, soft_wrap=True)
    console_.print()
    console_.print(_table(report, course, expected))
    if expected and report.reason == "completed":
        code = _compare(report, expected, code)
    for name in ("check", "limit"):
        verdict = report.results.get(name)
        if isinstance(verdict, Verdict):
            console_.print(verdict_line(name, verdict), soft_wrap=True)
    lost = sum(row["missing"] for row in report.results["level"].values())
    console_.print(f"{report.seconds:.6g} s of signal in {report.duration:.3g} s, {lost} samples lost")
    return code


def _limit_line(report: Report) -> float | None:
    """The limit, as bound = value + margin."""
    verdict = report.results.get("limit")
    if not isinstance(verdict, Verdict) or verdict.value is None or verdict.margin is None:
        return None
    return verdict.value + verdict.margin


@dataclass(frozen=True)
class _Bands:
    """Levels over the whole by channel, and the labels of their bands."""

    labels: list[str]
    levels: dict[str, list[float]]


def _bands_of(report: Report) -> _Bands:
    rows = report.results["bands"]
    labels = list(next(iter(rows.values()))["units"])
    return _Bands(labels, {name: [float(row[label]) for label in labels] for name, row in rows.items()})


def _octaves(labels: Sequence[str]) -> list[str]:
    """The labels of octaves; the third octaves between have none."""
    known = {band.label for band in bands_between(1, 16.0, 16_000.0)}
    return [label if label in known else "" for label in labels]


def _table(report: Report, course: Course, expected: Mapping[str, Expected]) -> Any:
    rows = report.results["level"]
    symbols = list(next(iter(rows.values()))["units"])
    table = make_table(
        "channel", *symbols, right=range(1, len(symbols) + 1), title=f"Levels in {course.unit}"
    )
    for name, row in rows.items():
        table.add_row(name, *(f"{row[symbol]:.2f}" for symbol in symbols))
    if expected:
        known = [expected.get(symbol) for symbol in symbols]
        table.add_row(
            "[dim]expected[/]", *("" if one is None else f"[dim]{one.level:.2f}[/]" for one in known)
        )
    return table


def _compare(report: Report, expected: Mapping[str, Expected], code: int) -> int:
    """The simulated microphone knows what must come out, if it was heard to the end."""
    (levels,), (bands,) = report.results["level"].values(), report.results["bands"].values()
    for name, goal in expected.items():
        found, what = (bands[name], "the 1 kHz band") if name in bands else (levels[name], name)
        error = abs(found - goal.level)
        holds = error <= goal.within
        word = "[bold green]ok[/]" if holds else "[bold red]FAILED[/]"
        text = f"{what} is {error:.3f} dB from what tones and noise add up to (at most {goal.within} dB)"
        console().print(f"{word}    {text}", soft_wrap=True)
        code = code if holds or code != DONE else NOT_PASSED
    return code


def _tables(report: Report) -> Iterator[str]:
    """Yield what was written of each table."""
    for name in ("levels", "thirds"):
        table = report.results.get(name)
        if table:
            note = "" if table["complete"] else ", incomplete"
            yield f"{near(table['path'])} ({table['samples']} rows{note})"
