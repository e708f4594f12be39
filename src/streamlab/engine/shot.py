"""Shot: one trigger straight through a graph that is one chain of plain calls.

Such a job needs no task and no channel: there is nobody to wait for. Anything else is a Run.
"""

from collections.abc import Iterator
from typing import Any

from streamlab.core.frame import DataFrame
from streamlab.core.node import ProcessingNode
from streamlab.engine.chain import Chain
from streamlab.engine.instance import Instance
from streamlab.engine.layout import Plan
from streamlab.engine.metrics import EdgeMetrics
from streamlab.engine.outlet import Collector, Outlet
from streamlab.engine.report import Report, judged
from streamlab.engine.step import Emissions, Step
from streamlab.errors import NodeError

__all__ = ["Shot"]


class Shot:
    """The nodes of such a graph, ready for one job after the other.

    Afterwards ``failure`` says whether the last one went well, ``fill`` writes its counters into a report.
    """

    def __init__(self, plan: Plan, instance: Instance) -> None:
        self._name = plan.graph.name
        self._edge = plan.edges[0]
        self._sink = plan.sinks[0]
        steps = []
        for name in plan.segments[0].nodes:
            spec = plan.graph.nodes[name]
            outlets = Outlet.of_node({port: [] for port in spec.cls.outputs})
            steps.append(Step(spec, instance.nodes[name], outlets))
        for outlet in steps[-1].outlets.values():
            outlet.taps.append(Collector())
        self._steps = steps
        self._answering = [step for step in steps if step.spec.cls.result is not ProcessingNode.result]
        self._chain = Chain(steps)
        self.failure: NodeError | None = None
        self._arrived = False
        self._results: dict[str, Any] = {}

    @staticmethod
    def fits(plan: Plan) -> bool:
        """Whether the graph is one chain, here, that one trigger enters."""
        if len(plan.segments) != 1 or len(plan.edges) != 1:
            return False
        segment = plan.segments[0]
        return segment.kind == "chain" and segment.executor == "inline" and plan.edges[0].trigger

    def fire(self, frame: DataFrame) -> dict[str, list[DataFrame]]:
        """Do a job and return what came out of each sink, up to a failure if there was one."""
        chain = self._chain
        chain.begin()
        self.failure, self._arrived = None, False
        out: Emissions = []
        tail: Emissions = []
        try:
            chain.push((frame.seal(),), out)
            self._arrived = True
            chain.flush(tail)
            out += tail
        except NodeError as error:
            self.failure = error
        chain.lead.settle()
        self._results = dict(self._answers())
        return {self._sink: [made for _, made in out] if self._arrived else []}

    def _answers(self) -> Iterator[tuple[str, Any]]:
        for step in self._answering:
            step.reason = "failed" if self.failure else "completed"
            try:
                value = step.node.result()
            except Exception as error:
                failure = NodeError(step.id, error, phase="result")
                if self.failure is None:
                    self.failure = failure
                else:
                    self.failure.others.append(failure)
            else:
                if value is not None:
                    yield step.id, judged(value, step.reason)

    def fill(self, report: Report) -> Report:
        """Write the counters, results and errors into a report."""
        steps, failure, arrived = self._steps, self.failure, int(self._arrived)
        report.name = self._name
        report.reason = "completed" if failure is None else "failed"
        report.results = self._results
        report.nodes = {step.id: step.metrics for step in steps}
        report.edges = {self._edge.id: EdgeMetrics(1, arrived, 0, 1 - arrived, 0, 0, self._edge.capacity)}
        report.errors = [] if failure is None else [failure, *failure.others]
        report.frames_in = 1
        report.frames_out = steps[-1].metrics.frames_out
        return report
