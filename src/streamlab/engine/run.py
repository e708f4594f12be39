"""Run: one stream through one instance - channels, tasks, failure, drain.

Pipelines and pools are built on it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from streamlab.core.channel import Receiver, Sender, channel
from streamlab.core.channel_state import ChannelState
from streamlab.core.node import ProcessingNode
from streamlab.engine.block import Lead
from streamlab.engine.chain import Chain
from streamlab.engine.instance import Instance
from streamlab.engine.joins import make_inlet
from streamlab.engine.layout import Plan, Segment
from streamlab.engine.metrics import EdgeMetrics, NodeMetrics
from streamlab.engine.outlet import Outlet, Tap
from streamlab.engine.pull import PullInThread
from streamlab.engine.remote import RemoteSegment
from streamlab.engine.report import Change, Report, judged
from streamlab.engine.runners import AsyncRunner, ChainAway, ChainInThread, ChainRunner, FreeRunner, Runner
from streamlab.engine.source_runner import SourceRunner
from streamlab.engine.stall import StallMonitor
from streamlab.engine.step import Step
from streamlab.engine.threads import ThreadWorker
from streamlab.errors import ChannelClosed, NodeError, NoTriggerInput, StalledError, StreamLabError

__all__ = ["Run"]

_GRACE = 1.0
"""Seconds that a worker thread gets to finish the call it is in, after which it is abandoned."""

_GRAVITY = ("", "completed", "stopped", "cancelled", "failed")
"""How a segment may end; the gravest gives the run its reason."""

Failure = NodeError | StalledError


class Run:
    """A stream in the making and under way. Made and driven in one event loop.

    ``duration`` (seconds of signal) and ``frames`` limit what each source gives; ``on_failure`` is called
    at once when the first node fails.
    """

    def __init__(
        self,
        plan: Plan,
        instance: Instance,
        *,
        duration: float | None = None,
        frames: int | None = None,
        on_failure: Callable[[Failure], None] = lambda failure: None,
    ) -> None:
        self.plan = plan
        self.failure: Failure | None = None
        self.reason = ""
        self.results: dict[str, Any] = {}
        self.triggers: dict[str, Sender] = {}
        self.abandoned: list[str] = []
        self._changes: deque[Change] = deque(maxlen=1000)
        self._stuck: set[str] = set()
        self._on_failure = on_failure
        self._monitor = StallMonitor(self._failed)
        self._states: dict[str, ChannelState] = {}
        self._outlets: dict[str, dict[str, Outlet]] = {}
        self._steps: dict[str, Step] = {}
        self._workers: dict[int, ThreadWorker | RemoteSegment] = {}
        self._remote = instance.remote
        self._mixed: set[str] = set()
        self._leads: dict[str, Lead] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._subscribers: list[Sender] = []
        self._stopping = False
        self._limits = (duration, frames)
        self._runners = self._build(instance)

    # -- putting it together

    def _build(self, instance: Instance) -> list[Runner]:
        home = {name: segment.index for segment in self.plan.segments for name in segment.nodes}
        senders: dict[tuple[str, str], list[Sender]] = {}
        receivers: dict[tuple[str, str], list[Receiver]] = {}
        for edge in self.plan.edges:
            tx, rx = channel(edge.capacity, edge.policy, label=edge.id)
            self._monitor.connect(tx.state, home.get(edge.source), home[edge.target])
            self._states[edge.id] = tx.state
            receivers.setdefault((edge.target, edge.target_port), []).append(rx)
            if edge.trigger:
                self.triggers[edge.target] = tx
            else:
                senders.setdefault((edge.source, edge.source_port), []).append(tx)
        mixed = self._mixed
        for name, node in instance.nodes.items():
            spec = self.plan.graph.nodes[name]
            before = {edge.source for edge in self.plan.graph.inputs[name]}
            if before & mixed or (spec.join is not None and spec.join.policy == "merge"):
                mixed.add(name)
            self._outlets[name] = Outlet.of_node(
                {port: senders.get((name, port), []) for port in spec.cls.outputs}
            )
            self._steps[name] = Step(spec, node, self._outlets[name], name in mixed)
        runners = [self._runner(segment, receivers) for segment in self.plan.segments]
        for segment, runner in zip(self.plan.segments, runners, strict=True):
            if (
                isinstance(runner, SourceRunner)
                and len(segment.outputs) == 1
                and segment.executor == "inline"
            ):
                reader = runners[home[segment.outputs[0].target]]
                if isinstance(reader, ChainRunner) and isinstance(reader.where, Chain) and reader.is_end:
                    runner.lend_turns(reader, reader.where)
        return runners

    def _runner(self, segment: Segment, receivers: dict[tuple[str, str], list[Receiver]]) -> Runner:
        steps = [self._steps[name] for name in segment.nodes]
        head = steps[0].spec
        join = head.join
        self._monitor.add(
            segment.index, " + ".join(segment.nodes), join is not None and join.deadline is not None
        )
        worker: ThreadWorker | RemoteSegment | None = None
        if segment.executor == "thread":
            worker = self._workers[segment.index] = ThreadWorker(segment.nodes[0])
        elif segment.executor == "process":
            mixed = [step.spec.id in self._mixed for step in steps]
            worker = self._workers[segment.index] = self._remote[segment.index].begin(
                steps, mixed, self._failed
            )
        if segment.kind == "source":
            away = PullInThread(worker) if isinstance(worker, ThreadWorker) else worker
            return SourceRunner(steps[0], away, *self._limits)
        listed = {port: receivers[head.id, port] for port in head.cls.inputs}
        if segment.kind == "run":
            return FreeRunner(steps[0], {port: ends[0] for port, ends in listed.items()})
        inlet = make_inlet([end for ends in listed.values() for end in ends], join, len(listed) > 1)
        if segment.kind == "async":
            return AsyncRunner(steps[0], inlet)
        if isinstance(worker, RemoteSegment):
            return ChainRunner(steps, inlet, worker)
        chain = Chain(steps)
        self._leads.update(dict.fromkeys(segment.nodes[: chain.lead.size], chain.lead))
        where: Chain | ChainAway = chain if worker is None else ChainInThread(chain, worker)
        return ChainRunner(steps, inlet, where)

    def trigger_senders(self, to: str | None) -> list[Sender]:
        """Return the ends that take triggers, or the one of that name. Raises NoTriggerInput."""
        if not self.triggers:
            raise NoTriggerInput("nothing in this graph waits for triggers: its sources run by themselves")
        if to is None:
            return list(self.triggers.values())
        if to not in self.triggers:
            raise NoTriggerInput(f"no trigger input {to!r}; there are: {', '.join(self.triggers)}")
        return [self.triggers[to]]

    def tap(self, node: str, port: str, tap: Tap) -> None:
        """Let somebody read an output beside its edges, from the next frame on.

        Raises ChannelClosed when the stream of that node is over.
        """
        outlet = self._outlets[node][port]
        if outlet.closed and self._steps[node].reason:
            raise ChannelClosed(f"the stream of {node!r} is over")
        outlet.taps.append(tap)
        if isinstance(tap, Sender):
            self._monitor.connect(tap.state, self._segment_of(node), None)
            self._subscribers.append(tap)
            if self._stopping:
                tap.state.loosen()

    def _segment_of(self, node: str) -> int:
        return next(segment.index for segment in self.plan.segments if node in segment.nodes)

    # -- its life

    async def drive(self) -> None:
        """Run the stream to its end.

        Afterwards ``reason``, ``results`` and ``failure`` say how it went; nothing is left running.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for segment, runner in zip(self.plan.segments, self._runners, strict=True):
                    task = group.create_task(
                        self._guard(segment, runner), name=f"streamlab:{'+'.join(segment.nodes)}"
                    )
                    self._monitor.started(segment.index, task)
                    self._tasks.append(task)
        finally:
            for segment, runner in zip(self.plan.segments, self._runners, strict=True):
                if not runner.steps[0].reason:  # cancelled before its first turn
                    self._end_segment(segment, runner, "cancelled" if self.failure is None else "failed")
            await self._end_workers()
            self._collect_results()

    async def _guard(self, segment: Segment, runner: Runner) -> None:
        """Run one segment; whatever happens, its neighbours hear of it and its counters are true."""
        reason = "cancelled"
        try:
            reason = await runner.run()
        except ChannelClosed:
            reason = "completed"  # nobody reads any more: a quiet end
        except NodeError as error:
            reason = "failed"
            self._failed(error)
        except asyncio.CancelledError:
            reason = "cancelled" if self.failure is None else "failed"
            raise
        except Exception as error:
            reason = "failed"
            self._failed(NodeError(segment.nodes[-1], error, phase="deliver"))
        finally:
            self._end_segment(segment, runner, reason)

    def _end_segment(self, segment: Segment, runner: Runner, reason: str) -> None:
        """Close every end that a segment holds, so that nobody waits for it, and count what it leaves."""
        self._monitor.ended(segment.index)
        for receiver in runner.receivers:
            if reason in ("completed", "stopped"):
                receiver.close()
            else:
                receiver.state.abandon()
        for step in runner.steps:
            step.reason = reason
            for outlet in step.outlets.values():
                outlet.end(reason)
        self.reason = max(self.reason, reason, key=_GRAVITY.index)

    def _failed(self, failure: Failure) -> None:
        """The first failure ends the run at once; further ones are kept with it."""
        if self.failure is not None:
            if (
                isinstance(failure, NodeError)
                and isinstance(self.failure, NodeError)
                and failure is not self.failure
            ):
                self.failure.others.append(failure)
            return
        self.failure = failure
        self.reason = "failed"
        self._on_failure(failure)
        self.abort()

    def abort(self) -> None:
        """Cut the run off: cancel every segment and wake whoever waits to trigger.

        What is on the edges is counted undelivered.
        """
        for sender in self.triggers.values():
            sender.state.abandon()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    def finish(self) -> None:
        """Take no more triggers: their streams end, everything in flight arrives."""
        for sender in self.triggers.values():
            sender.close("completed")

    def stop(self) -> None:
        """End every stream where it begins; everything in flight arrives. Subscribers stop pushing back."""
        self._stopping = True
        for sender in self.triggers.values():
            sender.close("stopped")
        for runner in self._runners:
            if isinstance(runner, SourceRunner):
                runner.stop()
        for tap in self._subscribers:
            tap.state.loosen()

    async def update(self, node: str, changes: dict[str, Any]) -> None:
        """Change live parameters of a node between two of its frames. Raises ParamError."""
        worker = self._workers.get(self._segment_of(node))
        change = partial(self._steps[node].node.update, **changes)
        if worker is None:
            change()
        elif isinstance(worker, RemoteSegment):
            await worker.update(node, changes)
        else:
            await worker.call(change)  # the thread does one thing after the other
        self._changes.append((self.seconds, node, changes))

    async def _end_workers(self) -> None:
        for index, worker in self._workers.items():
            name = self.plan.segments[index].nodes[0]
            if isinstance(worker, RemoteSegment):
                if not await worker.settle(_GRACE):
                    self.abandoned.append(f"the process of node {name!r}: killed, its call did not return")
                await worker.fetch_results()
            elif not await worker.close(_GRACE):
                self._stuck.update(self.plan.segments[index].nodes)
                self.abandoned.append(f"the thread of node {name!r}, in a call that does not return")

    def _collect_results(self) -> None:
        for name, step in self._steps.items():
            if step.spec.cls.result is ProcessingNode.result:
                continue
            try:
                value = step.node.result()
            except Exception as error:
                self._failed(NodeError(name, error, phase="result"))
            else:
                if value is not None:
                    self.results[name] = judged(value, step.reason)

    # -- what it says of itself

    @property
    def seconds(self) -> float:
        """Seconds of signal that the sources have delivered."""
        return max(
            (runner.seconds for runner in self._runners if isinstance(runner, SourceRunner)), default=0.0
        )

    def fill(self, report: Report) -> Report:
        """Write the counters, results and errors as they are now into a report."""
        spec = self.plan.graph
        report.name = spec.name
        report.reason = self.reason
        report.results = dict(self.results)
        report.nodes = {name: self._node_metrics(step) for name, step in self._steps.items()}
        report.edges = {name: _edge_metrics(state) for name, state in self._states.items()}
        report.errors = _errors(self.failure)
        report.abandoned = list(self.abandoned)
        report.changes = list(self._changes)
        report.seconds = self.seconds
        report.frames_in = sum(sender.state.sent for sender in self.triggers.values()) + sum(
            report.nodes[name].frames_in for name in self.plan.sources
        )
        report.frames_out = sum(report.nodes[name].frames_out for name in self.plan.sinks)
        return report

    def _node_metrics(self, step: Step) -> NodeMetrics:
        """A copy: a thread that was abandoned may still count."""
        metrics = step.metrics.copy()
        lead = self._leads.get(step.id)
        if lead is not None:
            metrics.passed(lead.uncounted)
        if step.id in self._stuck:
            metrics.undelivered = metrics.frames_in - metrics.frames_out - metrics.dropped - metrics.failed
        return metrics


def _edge_metrics(state: ChannelState) -> EdgeMetrics:
    return EdgeMetrics(
        frames_in=state.sent,
        frames_out=state.done,
        dropped=state.dropped,
        failed=state.failed,
        undelivered=state.undelivered,
        queued=len(state.queue) + state.taken,
        capacity=state.capacity,
        trailing_gap=state.trailing_gap,
    )


def _errors(failure: Failure | None) -> list[StreamLabError]:
    if failure is None:
        return []
    return [failure, *(failure.others if isinstance(failure, NodeError) else ())]
