"""Progress on a terminal: frames, seconds of signal, multiple of real time, drops. Nothing elsewhere."""

import sys
import time
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streamlab.engine import AsyncPipeline
from streamlab.engine.spec import NodeSpec
from streamlab.errors import StreamLabError

__all__ = ["Progress", "expected_seconds"]


class Progress:
    """One line that is drawn anew, on stderr. Without a terminal it does nothing."""

    def __init__(
        self, *, total: float | None = None, triggers: int | None = None, shown: bool = True
    ) -> None:
        self._total = total
        self._triggers = triggers
        self._bar: Any = None
        self._began = time.monotonic()
        if shown:
            self._bar = self._make()

    @classmethod
    def suited(cls, pipeline: AsyncPipeline, *, total: float | None, triggers: int | None = None) -> Self:
        """Return the progress for a run: drawn on a terminal, unless a node prints to it as well.

        What prints each frame shows the progress itself, and would be slowed down by a line to be kept below.
        """
        prints = any(_prints(node) for node in pipeline.spec.nodes.values())
        return cls(total=total, triggers=triggers, shown=sys.stderr.isatty() and not prints)

    def _make(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24)]
        bar = Bar(
            *columns,
            TextColumn("{task.fields[text]}", markup=True),
            console=Console(stderr=True),
            auto_refresh=False,
            redirect_stdout=sys.stdout.isatty(),
            transient=False,
        )
        self._task = bar.add_task("running", total=self._triggers or self._total, text="")
        return bar

    def show(self, pipeline: AsyncPipeline) -> None:
        """Draw the counters as they are now."""
        if self._bar is None:
            return
        report = pipeline.metrics()
        passed = time.monotonic() - self._began
        seconds = pipeline.seconds
        parts = [f"{report.frames_in} frames"]
        if seconds:
            parts.append(f"{seconds:.1f} s of signal")
            parts.append(f"{seconds / passed:.3g} x real time" if passed > 0 else "")
        parts.append(f"[yellow]{report.dropped} dropped[/]" if report.dropped else "0 dropped")
        done = float(report.frames_out if self._triggers else seconds)
        words = {"completed": "done", "stopped": "stopped", "failed": "failed", "cancelled": "aborted"}
        word = words.get(report.reason, str(pipeline.state))
        self._bar.update(self._task, completed=done, description=word, text=", ".join(parts))
        self._bar.refresh()

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _prints(node: NodeSpec) -> bool:
    return node.type_name == "Print" and node.params.rate_limit is None


def expected_seconds(pipeline: AsyncPipeline, duration: float | None) -> float | None:
    """Return how many seconds of signal the longest source will give, None where that is not known."""
    spec = pipeline.spec
    known = [_length(spec.nodes[name], pipeline) for name in spec.sources]
    if not known or any(seconds is None for seconds in known):
        return duration
    longest = max(seconds for seconds in known if seconds is not None)
    return longest if duration is None else min(duration, longest)


def _length(node: NodeSpec, pipeline: AsyncPipeline) -> float | None:
    params = node.params
    if getattr(params, "loop", False):
        return None
    wanted: float | None = getattr(params, "duration", None)
    if node.type_name == "Clock":
        return wanted if params.frames is None else float(params.frames / params.rate)
    if isinstance(getattr(params, "path", None), str):
        return _of_recording(params, pipeline, wanted)
    return wanted


def _of_recording(params: Any, pipeline: AsyncPipeline, wanted: float | None) -> float | None:
    """Return the seconds that a source of a file will play, unless finding out would read all of it."""
    from streamlab.io.formats import find_format

    path = (pipeline.graph.folder or Path()) / params.path
    try:
        form = find_format(path)
        if form.scans:
            return wanted
        with form.load()(path) as recording:
            stream = recording.stream_of(getattr(params, "stream", None), params.select)
            begins = Fraction(stream.origin - recording.origin, 10**6)
            end = begins + (stream.duration or 0)
    except (StreamLabError, AttributeError):
        return None  # opening it will say what is wrong
    left = max(0.0, float(end) - float(params.start))
    return left if wanted is None else min(left, wanted)
