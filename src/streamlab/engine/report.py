"""Report: what a run did, for people and programs. It exists in every case, after failures too."""

from dataclasses import dataclass, field
from typing import Any

from streamlab.core.frame import DataFrame
from streamlab.core.lifecycle import State
from streamlab.core.verdict import Outcome, Verdict, worst
from streamlab.engine.metrics import EdgeMetrics, NodeMetrics
from streamlab.errors import StreamLabError

__all__ = ["Change", "Report"]

Change = tuple[float, str, dict[str, Any]]
"""Live parameters that were changed: after so many seconds of signal, of which node, to which values."""


@dataclass(slots=True)
class Report:
    """What a run did.

    ``reason`` is how it ended: completed, stopped, failed or cancelled. ``results`` has what nodes answered
    to ``result()``, ``outputs`` the frames that were collected, ``nodes`` and ``edges`` the counters by id.
    ``duration`` is seconds on the loop's clock, ``seconds`` of signal that the sources delivered.
    ``errors`` lists what went wrong, the first failure first; ``abandoned`` names work that could not be
    ended. ``changes`` has the latest 1000 changes of live parameters.
    """

    name: str = ""
    state: State = "created"
    reason: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, list[DataFrame]] = field(default_factory=dict)
    nodes: dict[str, NodeMetrics] = field(default_factory=dict)
    edges: dict[str, EdgeMetrics] = field(default_factory=dict)
    errors: list[StreamLabError] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    duration: float = 0.0
    seconds: float = 0.0
    frames_in: int = 0
    frames_out: int = 0

    @property
    def dropped(self) -> int:
        """Frames dropped by edges and joins."""
        return sum(edge.dropped for edge in self.edges.values())

    @property
    def failed(self) -> int:
        """Frames on which a node raised."""
        return sum(node.failed for node in self.nodes.values())

    @property
    def undelivered(self) -> int:
        """Frames that were still on an edge, or in work, when the run was cut off."""
        return sum(edge.undelivered for edge in self.edges.values())

    @property
    def verdict(self) -> Outcome | None:
        """The most severe outcome among the results; None when nothing was judged."""
        return worst(self.results.values())

    @property
    def ok(self) -> bool:
        """Whether nothing failed and every verdict is PASS."""
        return not self.errors and self.verdict in (None, Outcome.PASS)

    def __str__(self) -> str:
        lines = [f"{self.name or 'graph'}: {self.state} ({self.reason}) after {self.duration:.3f} s"]
        lines.append(
            f"  frames in {self.frames_in}, out {self.frames_out}, dropped {self.dropped}, "
            f"failed {self.failed}, undelivered {self.undelivered}"
        )
        lines += [f"  {name}: {value}" for name, value in self.results.items()]
        lines += [f"  error: {error}" for error in self.errors]
        lines += [f"  abandoned: {what}" for what in self.abandoned]
        return "\n".join(lines)


def judged(value: Any, reason: str) -> Any:
    """Return a node's result as the report states it.

    A verdict on a stream that did not arrive whole is INVALID.
    """
    if isinstance(value, Verdict) and reason not in ("completed", "stopped"):
        return value.invalidated(f"the stream was cut off ({reason or 'never began'})")
    return value
