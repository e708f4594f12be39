"""Plain: what StreamLab holds as JSON has it - reports, errors, frames, verdicts."""

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

from streamlab.core.frame import DataFrame
from streamlab.engine.report import Report
from streamlab.errors import GraphError, NodeError, ParamError, StreamLabError

__all__ = ["error_document", "plain", "report_document"]


def report_document(report: Report) -> dict[str, Any]:
    """Return a report as plain JSON values. What is no finite number is null."""
    document: dict[str, Any] = {
        "name": report.name,
        "state": report.state,
        "reason": report.reason,
        "verdict": report.verdict,
        "duration": report.duration,
        "seconds": report.seconds,
        "frames_in": report.frames_in,
        "frames_out": report.frames_out,
        "dropped": report.dropped,
        "failed": report.failed,
        "undelivered": report.undelivered,
        "results": report.results,
        "nodes": report.nodes,
        "edges": report.edges,
        "errors": [error_document(error) for error in report.errors],
        "abandoned": report.abandoned,
        "changes": report.changes,
    }
    plained: dict[str, Any] = plain(document)
    return plained


def error_document(error: StreamLabError) -> dict[str, Any]:
    """Return an error as plain JSON values: its type, its words, and where it was."""
    told: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, NodeError):
        told |= {"node": error.node_id, "phase": error.phase, "sequence_id": error.sequence_id}
    if isinstance(error, GraphError | ParamError):
        told["problems"] = [asdict(problem) for problem in error.problems]
    return told


def plain(value: Any) -> Any:
    """Return a value as JSON has it: frames, verdicts, arrays and paths too."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | str | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, DataFrame):
        return _frame(value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())  # NumPy's arrays and numbers
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


def _frame(frame: DataFrame) -> dict[str, Any]:
    samples = frame.samples
    parts = {"samples": samples} if samples.dtype.kind != "c" else {"re": samples.real, "im": samples.imag}
    header = {
        "timestamp": frame.timestamp,
        "sequence_id": frame.sequence_id,
        "start_sample": frame.start_sample,
        "gap": frame.gap,
        "sample_rate": frame.sample_rate,
        "channels": [asdict(channel) for channel in frame.info.channels],
        "metadata": dict(frame.metadata),
    }
    document: dict[str, Any] = plain(header | parts)
    return document
