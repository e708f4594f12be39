"""The command itself: choose, measure, show, write, and say by the exit code whether something is lost."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from streamlab.cli.bench.groups import GROUPS, Group, chosen
from streamlab.cli.bench.machine import machine
from streamlab.cli.bench.nodes import bench_nodes
from streamlab.cli.bench.rows import Bench
from streamlab.cli.bench.table import show_growth, show_head, show_summary, show_topic
from streamlab.cli.outcome import DONE, NOT_PASSED, UsageError

__all__ = ["bench"]


def bench(output: Path | None, *, quick: bool, full: bool, only: Sequence[str], as_document: bool) -> int:
    """Measure, show each topic as it is done, and return the exit code: 1 if a figure is lost.

    Raises UsageError for a name that is none, two lengths at once, or an output that cannot be written.
    """
    if quick and full:
        raise UsageError("--quick and --full ask for two things at once", hint="leave one out")
    groups = _groups(only)
    if output is not None:
        _touch(output)
    runs = Bench(quick=quick, full=full)
    facts = machine()
    if not as_document:
        show_head(facts, runs)
    with bench_nodes(), _ctrl_c() as heard, _Progress(len(groups)) as progress:
        for topic, members in groupby(groups, key=lambda group: group.topic):
            rows, growths = len(runs.rows), len(runs.growths)
            try:
                for group in members:
                    progress.begin(group.id, runs)
                    group.measure(runs)
                    if heard:
                        raise KeyboardInterrupt
            finally:  # Ctrl-C: what is known so far is shown
                if not as_document:
                    with progress.paused():
                        _show(topic, runs, rows, growths)
    document = _document(facts, runs)
    if output is not None:
        output.write_text(document, encoding="utf-8")
    if as_document:
        print(document, end="")
    else:
        show_summary(runs.rows)
        if output is not None:
            print(f"written to {output}")
    return NOT_PASSED if any(row.standing == "lost" for row in runs.rows) else DONE


@contextmanager
def _ctrl_c() -> Iterator[list[int]]:
    """Remember that Ctrl-C was pressed, too: what it raises inside a finalizer never gets out of there."""
    heard: list[int] = []

    def note(number: int, frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    def quiet(lost: "sys.UnraisableHookArgs") -> None:
        if lost.exc_type is not KeyboardInterrupt:
            told(lost)

    before, told = signal.signal(signal.SIGINT, note), sys.unraisablehook
    sys.unraisablehook = quiet
    try:
        yield heard
    finally:
        sys.unraisablehook = told
        signal.signal(signal.SIGINT, before)


def _groups(only: Sequence[str]) -> list[Group]:
    try:
        return chosen(only)
    except KeyError as error:
        known = dict.fromkeys(name for group in GROUPS for name in (group.id, *group.aliases))
        raise UsageError(f"--only {error.args[0]}: no rows of that name", hint=", ".join(known)) from None


def _touch(output: Path) -> None:
    """Find out before the measurement, not after it, that the file cannot be written."""
    try:
        with output.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(f"--output {output}: the file cannot be written: {error.strerror}") from None


def _show(topic: str, runs: Bench, rows: int, growths: int) -> None:
    for growth in runs.growths[growths:]:
        show_growth(growth)  # with its exponents, which are rows too
    if len(runs.growths) == growths and runs.rows[rows:]:
        show_topic(topic, runs.rows[rows:])


def _document(facts: dict[str, Any], runs: Bench) -> str:
    document = {
        "machine": facts,
        "quick": runs.quick,
        "full": runs.full,
        "rows": [asdict(row) | {"value": row.value, "standing": row.standing} for row in runs.rows],
        "growth": [asdict(growth) for growth in runs.growths],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


class _Progress:
    """A line on the terminal: what is being measured. Drawn between measurements, never beside one."""

    def __init__(self, total: int) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._total = total
        self._done = 0

    def __enter__(self) -> "_Progress":
        if sys.stderr.isatty():
            self._bar = self._make()
            self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _make(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        bar = Progress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            auto_refresh=False,  # a thread that draws would be measured as well
            transient=True,
        )
        self._task = bar.add_task("", total=self._total)
        return bar

    def begin(self, name: str, runs: Bench) -> None:
        """Say what comes now; its steps are drawn as ``runs`` hears of them."""
        if self._bar is None:
            return

        def step(text: str) -> None:
            self._bar.update(self._task, description=f"{name}, {text}")
            self._bar.refresh()

        runs.watch = step
        self._bar.update(self._task, completed=self._done, description=name)
        self._bar.refresh()
        self._done += 1

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the line away while something else is written to the terminal."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        yield
        self._bar.start()
