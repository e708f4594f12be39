"""Document: everything that a report shows, as data."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from streamlab.core import Outcome, Verdict
from streamlab.engine import Graph, Report
from streamlab.engine.spec import GraphSpec
from streamlab.report.facts import FileFact
from streamlab.report.stretch import Judging, Stretch

__all__ = ["Document", "Headline", "Stream"]


@dataclass(frozen=True, slots=True)
class Stream:
    """What was kept of an output: where it comes from, who looks at it, one stretch per description."""

    node: str
    port: str
    readers: tuple[str, ...]
    judges: tuple[Judging, ...]
    frames: int
    reason: str
    stretches: tuple[Stretch, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands at the top: an outcome (None: nothing was judged), and in words how the run ended."""

    outcome: Outcome | None
    words: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A run as its report shows it.

    ``spec`` is None for a graph that was refused, ``report`` None for a run that has not ended. ``started``
    is the time of day.
    """

    graph: Graph
    spec: GraphSpec | None
    report: Report | None
    source: Path | None = None
    started: datetime | None = None
    streams: list[Stream] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    files: list[FileFact] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The graph's name."""
        return self.graph.name or (self.source.stem if self.source is not None else "graph")

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdicts of the run by node."""
        results = self.report.results if self.report is not None else {}
        return {name: value for name, value in results.items() if isinstance(value, Verdict)}

    def headline(self) -> Headline:
        """Return the overall verdict. A run that failed, was cut off or never ended has not passed."""
        report = self.report
        if report is None:
            return Headline(Outcome.NOT_RUN, "The run has not ended, or its end was not seen.", False)
        outcome = report.verdict
        if self.spec is None or report.reason == "refused":
            return Headline(Outcome.NOT_RUN, "The graph was refused: nothing was run.", False)
        if report.errors or report.reason == "failed":
            words, complete = "The run failed before its end.", False
        elif report.reason == "cancelled":
            words, complete = "The run was cut off before its end.", False
        elif report.reason == "stopped":
            words, complete = "The run was stopped; what was under way has arrived.", True
        elif report.reason == "completed":
            words, complete = "The run is complete.", True
        else:
            words, complete = f"The run ended as {report.reason or report.state!r}.", False
        if not complete:
            outcome = Outcome.INVALID
        return Headline(outcome, words, complete)
