"""Running drawn graphs and comparing what came of it, to the bit."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from streamlab.core import DataFrame
from streamlab.engine import AsyncPipeline, Graph, Report
from streamlab.errors import NodeError, NotRunning, StalledError
from streamlab.testing import run_virtual
from streamlab.testing.probes import clear_probes
from streamlab.testing.strategies import trigger_frames

Document = dict[str, Any]


def ends(document: Document, nodes: Container[str]) -> list[str]:
    """The outputs of these nodes that nothing reads, as ``collect`` wants them."""
    spec = Graph.load(document).spec()
    found = []
    for name, node in spec.nodes.items():
        read = {edge.source_port for edge in spec.outputs[name]}
        several = len(node.cls.outputs) > 1
        free = [f"{name}.{port}" if several else name for port in node.cls.outputs if port not in read]
        found += free if name in nodes else []
    return found


def read_whole(document: Document) -> set[str]:
    """The nodes whose stream is read to its end, whatever the buffers: no join stands in every way.

    A join ends with the first of its inputs, and how far the others had come by then depends on what the
    edges hold.
    """
    spec = Graph.load(document).spec()
    found = set(spec.sinks)
    for name in reversed(spec.order):
        if any(edge.target in found and len(spec.inputs[edge.target]) == 1 for edge in spec.outputs[name]):
            found.add(name)
    return found


@dataclass
class Outcome:
    """What a run brought: the pipeline with its report, and the error that ended it, if one did."""

    pipeline: AsyncPipeline
    error: NodeError | StalledError | NotRunning | None = None

    @property
    def report(self) -> Report:
        return self.pipeline.report


def run(document: Document, collect: Iterable[str] = ()) -> Outcome:
    """Run a drawn graph to its end in virtual time.

    That a node failed, that everyone waits, and that nobody takes the triggers any more are outcomes.
    """
    pipeline = AsyncPipeline(document, collect=collect)
    outcome = Outcome(pipeline)
    try:
        run_virtual(pipeline.run(trigger_frames(document)))
    except (NodeError, StalledError, NotRunning) as error:
        outcome.error = error
    finally:
        clear_probes()
    return outcome


def exact(value: Any) -> Any:
    """Turn what a run brought into something that compares to the bit and prints what differs."""
    if isinstance(value, DataFrame):
        return {
            "timestamp": value.timestamp,
            "sequence_id": value.sequence_id,
            "start_sample": value.start_sample,
            "gap": value.gap,
            "span": value.span,
            "info": repr(value.info),
            "metadata": exact(dict(value.metadata)),
            "sealed": value.sealed,
            "samples": exact(value.samples),
            "same info": value.info,
        }
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, [number.hex() for number in value.ravel().tolist()])
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, Mapping):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: exact(getattr(value, item.name)) for item in fields(value)}
    return value


def difference(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Say where two exact values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from difference(one[key], other[key], f"{at}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from difference(*pair, f"{at}/{index}")
    elif one != other:
        yield f"{at}: {one!r:.300} is not {other!r:.300}"
