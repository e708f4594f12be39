"""The one tree of errors. Each says where, what was expected and what was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "ChannelClosed",
    "DeviceError",
    "EdgeOverflow",
    "EndOfStream",
    "FileError",
    "FrameError",
    "GraphError",
    "IllegalTransition",
    "NoTriggerInput",
    "NodeError",
    "NotRunning",
    "ParamError",
    "PoolClosed",
    "PoolFull",
    "Problem",
    "RemoteError",
    "StalledError",
    "StreamLabError",
    "WorkerLost",
    "WouldBlock",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a graph or a set of parameters.

    ``pointer`` is a JSON pointer (RFC 6901) into the graph, such as ``/nodes/2/config/upper``; for a node
    that is built directly it is the parameter's name behind a slash. ``kind`` is "shape" for what the
    published JSON Schema refuses too and "meaning" for what only the validator can know.
    """

    pointer: str
    message: str
    expected: str = ""
    found: str = ""
    hint: str = ""
    node: str = ""
    kind: Literal["shape", "meaning"] = "meaning"

    def __str__(self) -> str:
        parts = [f"{self.pointer or '/'}: {self.message}"]
        if self.node:
            parts[0] = f"{self.pointer or '/'} (node {self.node!r}): {self.message}"
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.found:
            parts.append(f"found {self.found}")
        text = "; ".join(parts)
        return f"{text} - {self.hint}" if self.hint else text


class StreamLabError(Exception):
    """Root of everything that StreamLab raises on purpose."""


class _Problems(StreamLabError, ValueError):
    def __init__(self, problems: Iterable[Problem] | str, *, title: str = "") -> None:
        if isinstance(problems, str):
            problems = [Problem("", problems)]
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.title = title
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [str(problem) for problem in self.problems]
        if len(lines) == 1:
            return f"{self.title}: {lines[0]}" if self.title else lines[0]
        return "\n  ".join([f"{self.title or 'problems'} ({len(lines)}):", *lines])


class GraphError(_Problems):
    """A graph that cannot run; ``problems`` lists everything that is wrong with it."""


class ParamError(_Problems):
    """Parameters that a node refuses; ``problems`` lists all of them."""


class FrameError(StreamLabError, ValueError):
    """Samples that do not make a frame, or a write to a sealed one."""


class NodeError(StreamLabError, RuntimeError):
    """A node failed while it ran. The original exception is ``__cause__``.

    ``node_id`` names the node, ``sequence_id`` the frame it was working on (None outside a frame),
    ``phase`` what it was doing (``create``, ``configure``, ``process``, ``flush``, ``result``, ``destroy``)
    and ``others`` holds further failures of the same run.
    """

    def __init__(
        self,
        node_id: str,
        cause: BaseException | None = None,
        *,
        sequence_id: int | None = None,
        phase: str = "process",
        message: str = "",
    ) -> None:
        self.node_id = node_id
        self.sequence_id = sequence_id
        self.phase = phase
        self.others: list[NodeError] = []
        where = "" if sequence_id is None else f" at frame {sequence_id}"
        what = message or (f"{type(cause).__name__}: {cause}" if cause is not None else "failed")
        super().__init__(f"node {node_id!r} failed in {phase}{where}: {what}")
        self.__cause__ = cause


class IllegalTransition(StreamLabError, RuntimeError):
    """A move that the lifecycle table does not have; nothing was changed."""


class NotRunning(StreamLabError, RuntimeError):
    """The pipeline is not in a state that takes this call."""


class NoTriggerInput(StreamLabError, RuntimeError):
    """The graph has no input that waits for a trigger, or none of that name."""


class StalledError(StreamLabError, RuntimeError):
    """Nothing moves and everyone waits; ``waits`` says who for whom."""

    def __init__(self, waits: Sequence[tuple[str, str]]) -> None:
        self.waits = tuple(waits)
        text = "; ".join(f"{who} {what}" for who, what in self.waits)
        super().__init__(f"the stream is stalled, nothing can move: {text}")


class PoolClosed(StreamLabError, RuntimeError):
    """The pool takes no more jobs."""


class PoolFull(StreamLabError, RuntimeError):
    """The pool's queue is full and the caller chose not to wait."""


class WorkerLost(StreamLabError, RuntimeError):
    """A worker process ended without being asked to; the text says how."""


class RemoteError(StreamLabError, RuntimeError):
    """What was raised in a worker process, where its class is not known in this one."""


class ChannelClosed(StreamLabError):
    """The other end is gone: what was sent would never be read."""


class WouldBlock(StreamLabError):
    """The call cannot finish without waiting."""


class EdgeOverflow(StreamLabError):
    """A frame met a full edge whose policy is ``error``."""


class EndOfStream(StreamLabError, EOFError):
    """Every sender is done. ``reason`` says how it ended, ``gap`` how many samples are missing at the end."""

    def __init__(self, reason: str = "completed", gap: int = 0) -> None:
        self.reason = reason
        self.gap = gap
        super().__init__(f"end of stream ({reason})")


class DeviceError(StreamLabError, OSError):
    """A device that does not do what it is asked."""


class FileError(StreamLabError, OSError):
    """A file that cannot be read or written; names the path and what to do about it."""

    def __init__(self, path: Any, message: str, *, hint: str = "") -> None:
        self.path = str(path)
        self.hint = hint
        text = f"{self.path}: {message}"
        super().__init__(f"{text} - {hint}" if hint else text)
