"""Meter: what a running graph says of itself four times a second."""

import time
from typing import Any

from streamlab.engine.async_pipeline import AsyncPipeline
from streamlab.engine.plan import edge_id
from streamlab.server.worker.drive import Drive

__all__ = ["Meter"]


class Meter:
    """Turns counters into rates. One for each run."""

    def __init__(self, pipeline: AsyncPipeline, drive: Drive) -> None:
        self._pipeline = pipeline
        self._drive = drive
        self._edges = [(edge_id(pipeline.spec, edge), edge.source) for edge in pipeline.spec.edges]
        self._at = time.monotonic()
        self._cpu = time.process_time()
        self._emitted: dict[str, int] = {}
        self._passed: dict[str, int] = {}

    def read(self) -> dict[str, Any]:
        """Return the metrics of now; rates are those since the last call."""
        pipeline = self._pipeline
        report = pipeline.metrics()
        now, cpu = time.monotonic(), time.process_time()
        elapsed = max(now - self._at, 1e-6)
        load = (cpu - self._cpu) / elapsed
        self._at, self._cpu = now, cpu
        nodes = {
            name: {
                "frames_in": item.frames_in,
                "frames_out": item.frames_out,
                "dropped": item.dropped,
                "failed": item.failed,
                "emitted": item.emitted,
                "rate": self._rate(self._emitted, name, max(item.emitted, item.frames_out), elapsed),
                "busy": item.busy,
            }
            for name, item in report.nodes.items()
        }
        edges: dict[str, dict[str, Any]] = {}
        for name, source in self._edges:
            edge = report.edges.get(name)
            passed = edge.frames_in if edge is not None else (report.nodes[source].emitted if nodes else 0)
            edges[name] = {
                "frames": passed,
                "rate": self._rate(self._passed, name, passed, elapsed),
                "queued": None if edge is None else edge.queued,
                "capacity": None if edge is None else edge.capacity,
                "dropped": 0 if edge is None else edge.dropped,
                "failed": 0 if edge is None else edge.failed,
                "fused": edge is None,
            }
        return {
            "time": time.time(),
            "state": pipeline.state,
            "seconds": max(report.seconds, self._drive.seconds),
            "duration": report.duration,
            "load": load,
            "frames_in": report.frames_in,
            "frames_out": report.frames_out,
            "dropped": report.dropped,
            "failed": report.failed,
            "undelivered": report.undelivered,
            "nodes": nodes,
            "edges": edges,
        }

    @staticmethod
    def _rate(known: dict[str, int], name: str, count: int, elapsed: float) -> float:
        rate = (count - known.get(name, 0)) / elapsed
        known[name] = count
        return rate
