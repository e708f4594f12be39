"""``streamlab demo level``: the level of a microphone over time, simulated or from a recording."""

import asyncio
import math
from pathlib import Path
from typing import Any

from streamlab.cli.chart import chart
from streamlab.cli.examples import example
from streamlab.cli.level_course import Course, course_of
from streamlab.cli.outcome import DONE, NOT_PASSED, UsageError, show_error
from streamlab.cli.progress import Progress, expected_seconds
from streamlab.cli.results import console, make_table, near, verdict_line
from streamlab.cli.run import drive
from streamlab.core import Verdict
from streamlab.engine import AsyncPipeline, Graph, Report
from streamlab.errors import StreamLabError

__all__ = ["demo_level", "expected_level", "with_recording"]

GRAPH = "sound_level.json"
TOLERANCE = 0.05
"""Decibels between the level of the simulated microphone and what its tones and noise add up to."""
_OVERLOAD = 0.9999
"""Of full scale: a sample beyond it has met the end of the converter's range."""


def demo_level(
    recording: Path | None, out: Path, *, full_scale: float | None, limit: float | None, realtime: bool
) -> int:
    """Run the demo and return the exit code. Raises GraphError, UsageError."""
    graph = Graph.load(example(GRAPH))
    if recording is None and full_scale is not None:
        raise UsageError("--full-scale calibrates a recording", hint="give one: --input take.wav")
    expected = expected_level(graph) if recording is None else None
    if recording is not None:
        graph = with_recording(graph, recording, full_scale)
    _judge(graph, limit, calibrated=recording is None or full_scale is not None)
    if realtime:
        graph.set("clock" if recording is None else "mic", realtime=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: the folder cannot be made: {error.strerror}") from None
    _introduce(graph, recording, full_scale)
    pipeline = AsyncPipeline(graph, outputs=out, collect=["level"])
    progress = Progress.suited(pipeline, total=expected_seconds(pipeline, None))
    code, report = asyncio.run(drive(pipeline, (), progress))
    for each in report.errors:
        show_error(each)
    if report.outputs.get("level"):
        code = _present(report, out, expected, code)
    return code


def with_recording(graph: Graph, recording: Path, full_scale: float | None) -> Graph:
    """Return the graph with a recording as its microphone, in place of all that simulates one."""
    document = graph.to_dict()
    simulated = _upstream(document, "mic")
    config: dict[str, Any] = {"path": str(recording.absolute())}
    config |= {"unit": "FS"} if full_scale is None else {"unit": "Pa", "full_scale": full_scale}
    mic = {"id": "mic", "type": "WavFile", "config": config}
    document["nodes"] = [mic, *(node for node in document["nodes"] if node["id"] not in simulated)]
    document["connections"] = [
        edge for edge in document["connections"] if edge["to"].partition(".")[0] not in simulated
    ]
    changed = Graph(document=document)
    if full_scale is None:
        changed.set("level", reference="1 FS")
    return changed


def _upstream(document: dict[str, Any], node: str) -> set[str]:
    """A node and all that feeds it."""
    found, open_ends = set(), [node]
    while open_ends:
        found.add(at := open_ends.pop())
        open_ends += [edge["from"] for edge in document["connections"] if edge["to"].partition(".")[0] == at]
    return found


def _judge(graph: Graph, limit: float | None, *, calibrated: bool) -> None:
    if limit is not None:
        graph.set("limit", value="Leq", upper=limit)
    elif not calibrated:
        graph.set("limit", value="peak", upper=_OVERLOAD)


def expected_level(graph: Graph) -> float:
    """Return what the simulated microphone's level must be: the powers of its tones and noise add up."""
    spec = graph.spec()

    def power(name: str) -> float:
        node = spec.nodes[name]
        feeds = {edge.target_port: edge.source for edge in spec.inputs[name]}
        if node.type_name == "Mix":
            a, b = float(node.params.gain_a), float(node.params.gain_b)
            return a**2 * power(feeds["a"]) + b**2 * power(feeds["b"])
        if node.type_name == "SineGenerator":
            return float(node.params.amplitude) ** 2 / 2
        if node.type_name == "Noise":
            return float(node.params.rms) ** 2
        raise ValueError(f"no closed form for {node.type_name}")

    return 10 * math.log10(power("mic") / (20e-6) ** 2)


# -- what is shown


def _introduce(graph: Graph, recording: Path | None, full_scale: float | None) -> None:
    from rich.markup import escape

    out = console()
    if recording is None:
        out.print("[bold]Sound level of a simulated microphone[/]", soft_wrap=True)
        out.print("No sound card, no file: two tones of 80 and 74 dB re 20 uPa that beat every 5 s,")
        out.print("in pink noise of 62 dB. A recording in its place: make demo INPUT=take.wav")
    else:
        out.print(f"[bold]Sound level of {escape(str(recording))}[/]", soft_wrap=True)
        if full_scale is None:
            out.print("Not calibrated: levels are in dB re full scale, the verdict is about overload.")
            out.print("--full-scale gives the pressure of a full-scale sample in Pa.")
        else:
            out.print(f"Calibrated: a full-scale sample is {full_scale:g} Pa.", soft_wrap=True)
    out.print()


def _present(report: Report, out: Path, expected: float | None, code: int) -> int:
    console_ = console()
    course = course_of(report.outputs["level"])
    verdict = report.results.get("limit")
    limit = _limit_line(report, course)
    several = " (mean power of the channels)" if len(course.channels) > 1 else ""
    console_.print(f"[bold]Leq over {course.interval:g} s[/], {course.unit}{several}")
    width = min(max(console_.width - 12, 20), 100)
    for line in chart(course.mean_over_channels(), width=width, seconds=course.end, limit=limit):
        console_.print(line, markup=False, soft_wrap=True)
    console_.print(_table(report, course, expected))
    if expected is not None:
        code = _compare(report, expected, code)
    if isinstance(verdict, Verdict):
        console_.print(verdict_line("limit", verdict), soft_wrap=True)
    lost = sum(row["missing"] for row in report.results["level"].values())
    console_.print(f"{report.seconds:.6g} s of signal in {report.duration:.3g} s, {lost} samples lost")
    _tell_files(report, course, out, limit)
    return code


def _limit_line(report: Report, course: Course) -> float | None:
    """The limit in the unit of the chart, if it is one on Leq: bound = value + margin."""
    verdict = report.results.get("limit")
    if not isinstance(verdict, Verdict) or verdict.value is None or verdict.margin is None:
        return None
    return verdict.value + verdict.margin if verdict.channel.endswith(".Leq") else None


def _table(report: Report, course: Course, expected: float | None) -> Any:
    units = next(iter(report.results["level"].values()))["units"]
    columns = ["channel", "Leq", *(["expected"] if expected is not None else [])]
    columns += ["highest", "at", "lowest", "RMS", "peak", "crest"]
    title = f"Levels in {course.unit}"
    table = make_table(*columns, right=range(1, len(columns)), title=title)
    for name, row in report.results["level"].items():
        high, at, low = course.extremes(name)
        cells = [name, f"{row['Leq']:.2f}"]
        cells += [f"{expected:.2f}"] if expected is not None else []
        cells += [f"{high:.2f}", f"{at:g} s", f"{low:.2f}"]
        cells += [
            f"{row['RMS']:.4g} {units['RMS']}",
            f"{row['peak']:.4g} {units['peak']}",
            f"{row['crest']:.2f}",
        ]
        table.add_row(*cells)
    return table


def _compare(report: Report, expected: float, code: int) -> int:
    """The simulated microphone knows what must come out, if it was heard to the end."""
    if report.reason != "completed":
        return code
    (row,) = report.results["level"].values()
    error = abs(row["Leq"] - expected)
    holds = error <= TOLERANCE
    word = "[bold green]ok[/]" if holds else "[bold red]FAILED[/]"
    console().print(
        f"{word}    Leq is {error:.3f} dB from what tones and noise add up to (at most {TOLERANCE} dB)",
        soft_wrap=True,
    )
    return code if holds or code != DONE else NOT_PASSED


def _tell_files(report: Report, course: Course, out: Path, limit: float | None) -> None:
    table = report.results.get("table")
    lines = []
    if table:
        note = "" if table["complete"] else ", incomplete"
        lines.append(f"{near(table['path'])} ({table['samples']} rows{note})")
    try:
        from streamlab.cli.level_plot import plot_levels

        lines.append(near(plot_levels(course, out / "levels.png", limit)))
    except ImportError:
        lines.append("no plot: matplotlib is not installed (pip install 'streamlab-core[plot]')")
    except (OSError, StreamLabError) as error:
        show_error(f"{out / 'levels.png'}: the plot cannot be written: {error}")
    for line in lines:
        console().print(f"      {line}", markup=False, soft_wrap=True)
