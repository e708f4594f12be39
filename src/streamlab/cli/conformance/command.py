"""The command: measure group by group, show a table each, and say by the exit code whether all is met."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from streamlab.cli.conformance import octaves, references, sound_levels, spectra, weightings
from streamlab.cli.conformance.check import Check, Task
from streamlab.cli.conformance.table import as_document, show_group, show_head, show_summary
from streamlab.cli.outcome import DONE, NOT_PASSED, UsageError

__all__ = ["GROUPS", "RATES", "conformance"]

RATES = (44_100.0, 48_000.0, 51_200.0, 96_000.0)
_LOWEST_RATE, _HIGHEST_RATE = 8_000.0, 1e6


@dataclass(frozen=True)
class _Group:
    """Checks that make one table."""

    id: str
    title: str
    tasks: Callable[[Sequence[float]], list[Task]]


GROUPS = (
    _Group("weighting", "Frequency weighting: IEC 61672-1, class 1", weightings.tasks),
    _Group("level", "Levels over time: IEC 61672-1, class 1", sound_levels.tasks),
    _Group("octave", "Fractional octaves: IEC 61260-1, class 1", octaves.tasks),
    _Group("spectrum", "Windows and spectra", spectra.tasks),
    _Group("reference", "Levels and their references", references.tasks),
)


def conformance(rates: Sequence[float], only: Sequence[str], *, in_json: bool) -> int:
    """Measure, show, and return the exit code: 1 if a requirement is not met. Raises UsageError."""
    groups, rates = _chosen(only), tuple(dict.fromkeys(rates)) or RATES
    for rate in rates:
        if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
            span = f"from {_LOWEST_RATE:g} to {_HIGHEST_RATE:g} Hz"
            raise UsageError(f"--rate {rate:g} is no sample rate to measure sound at", hint=span)
    planned = [(group, group.tasks(rates)) for group in groups]
    whole = len(groups) == len(GROUPS) and min(rates) >= RATES[0]
    began = time.perf_counter()
    measured: dict[str, list[Check]] = {}
    if not in_json:
        show_head(rates)
    total, done = sum(len(tasks) for _, tasks in planned), 0
    for group, tasks in planned:
        checks = measured[group.id] = []
        with _progress(total, done) as step:
            for task in tasks:
                checks.extend(task())
                step(checks[-1].requirement)
        done += len(tasks)
        if not in_json:
            show_group(group.title, checks)
    everything = [one for checks in measured.values() for one in checks]
    if in_json:
        print(json.dumps(as_document(rates, measured, whole), indent=1, allow_nan=False))
    else:
        show_summary(everything, whole, time.perf_counter() - began)
    return DONE if all(one.passed for one in everything) else NOT_PASSED


def _chosen(only: Sequence[str]) -> list[_Group]:
    known = [group.id for group in GROUPS]
    for name in only:
        if name not in known:
            raise UsageError(f"--only {name!r} is no group of checks", hint=f"one of {', '.join(known)}")
    return [group for group in GROUPS if not only or group.id in only]


@contextmanager
def _progress(total: int, done: int) -> Iterator[Callable[[str], object]]:
    """Yield what to call after each task: a bar on a terminal, gone before a table is shown; else nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = [BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}")]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda what: bar.update(task, advance=1, description=what)
