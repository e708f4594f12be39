"""AsyncPipeline: one graph as a stream - start, trigger, subscribe, finish, stop, report."""

import asyncio
from collections.abc import AsyncIterable, Callable, Generator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from streamlab.core.channel import Sender
from streamlab.core.channel_state import Policy
from streamlab.core.channel_waits import send_all
from streamlab.core.frame import DataFrame
from streamlab.core.lifecycle import Lifecycle, State
from streamlab.core.node import ProcessingNode
from streamlab.core.params import positive
from streamlab.engine.graph import Graph, GraphSource
from streamlab.engine.instance import Instance
from streamlab.engine.job import check_frame
from streamlab.engine.layout import Plan
from streamlab.engine.outlet import Collector, Tap
from streamlab.engine.paths import Folders
from streamlab.engine.plan import make_plan, replan
from streamlab.engine.report import Report
from streamlab.engine.run import Failure, Run
from streamlab.engine.spec import DEFAULT_CAPACITY, GraphSpec
from streamlab.engine.subscription import Subscription, output_of
from streamlab.errors import (
    ChannelClosed,
    GraphError,
    IllegalTransition,
    NodeError,
    NotRunning,
    StreamLabError,
)

__all__ = ["AsyncPipeline"]

Pipe = TypeVar("Pipe", bound="AsyncPipeline")


class AsyncPipeline:
    """A graph that runs as a stream in the caller's event loop.

    ``graph`` is a dict, JSON text, a file's path or a Graph. ``collect`` lists nodes (or ``node.port``)
    whose frames the report keeps, ``outputs`` is the folder that writers write under, ``duration`` ends
    sources after so many seconds of signal. Checks everything, opens nothing.

    Raises GraphError with every problem, ValueError for a duration that is none.
    """

    def __init__(
        self,
        graph: GraphSource,
        *,
        collect: Iterable[str] = (),
        outputs: str | Path | None = None,
        duration: float | None = None,
    ) -> None:
        self.graph = Graph.load(graph)
        self.spec: GraphSpec = self.graph.spec()
        self.plan: Plan = make_plan(self.spec)
        self.report = Report(name=self.spec.name)
        self._folders = Folders(self.graph.folder, outputs)
        escaping = self._folders.problems(self.spec)
        if escaping:
            raise GraphError(escaping, title=self.spec.name or "graph")
        self._collect = {name: output_of(self.spec, name) for name in collect}
        self._duration = None if duration is None else positive("duration", duration, "s")
        self._life = Lifecycle()
        self._run: Run | None = None
        self._instance: Instance | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._collectors: dict[str, Collector] = {}
        self._waiting: list[tuple[str, str, Tap]] = []
        self._failure: StreamLabError | None = None
        self._raised = False
        self._began = 0.0

    @classmethod
    def from_json(cls, graph: GraphSource, **options: Any) -> Self:
        """Make a pipeline: the same as the constructor, and may be awaited, as in the original design."""
        return cls(graph, **options)

    def __await__(self) -> Generator[Any, None, Self]:
        return _itself(self).__await__()

    # -- what it is

    @property
    def state(self) -> State:
        """created, starting, running, stopping, stopped or failed."""
        return self._life.state

    def listen(self, listener: Callable[[State, State], None]) -> Callable[[], None]:
        """Call ``listener(old, new)`` at every change of state. Returns a function that ends it."""
        return self._life.listen(listener)

    @property
    def nodes(self) -> Mapping[str, ProcessingNode]:
        """The nodes of the run that is under way, by id; nothing else holds them."""
        return {} if self._instance is None else self._instance.nodes

    @property
    def seconds(self) -> float:
        """Seconds of signal that the sources have delivered so far."""
        return self._run.seconds if self._run is not None else self.report.seconds

    def metrics(self) -> Report:
        """Return the counters as they are now."""
        if self._run is None:
            return self.report
        elapsed = asyncio.get_running_loop().time() - self._began
        return self._run.fill(Report(name=self.spec.name, state=self.state, duration=elapsed))

    # -- its life

    async def start(self) -> Self:
        """Make the nodes and set the stream going, all or nothing; after a stop afresh, with new nodes.

        Raises NodeError when a node cannot be made, GraphError when the open sources do not fit the graph,
        NotRunning when it is running already.
        """
        try:
            self._life.move("starting")
        except IllegalTransition as error:
            raise NotRunning(f"cannot start: the pipeline is {self.state} ({error})") from None
        self._failure, self._raised, self._run = None, False, None
        self.report = Report(name=self.spec.name, state="starting")
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._supervisor = asyncio.create_task(self._supervise(started), name="streamlab:supervisor")
        try:
            await asyncio.shield(started)
        except asyncio.CancelledError:
            await self._abort()
            raise
        except BaseException:
            self._raised = True
            await asyncio.wait([self._supervisor])
            raise
        return self

    async def trigger(self, frame: DataFrame, to: str | None = None, timeout: float | None = None) -> None:
        """Give a frame to every trigger input (or the one named ``to``), all or none, waiting for room.

        Raises TimeoutError after ``timeout`` seconds, and the frame is not given later; TypeError,
        NotRunning, NoTriggerInput, or NodeError when the pipeline has failed.
        """
        check_frame(frame)
        senders = self._trigger_senders(to)
        frame = frame.seal()
        if all(sender.has_room and not sender.closed for sender in senders):
            for sender in senders:
                sender.offer(frame)
            return
        try:
            async with asyncio.timeout(timeout):
                await send_all(senders, frame)
        except ChannelClosed:
            self._raise_failure()
            raise self._refused(senders) from None
        except TimeoutError:
            raise TimeoutError(f"no room for the trigger within {timeout} s; it was not given") from None

    def _trigger_senders(self, to: str | None) -> list[Sender]:
        run = self._run
        if self.state == "failed":
            self._raise_failure()
        if run is None or self.state not in ("running", "stopping"):
            raise NotRunning(f"the pipeline takes no triggers: it is {self.state}")
        senders = run.trigger_senders(to)
        if any(sender.closed for sender in senders):
            raise self._refused(senders)
        return senders

    def _refused(self, senders: list[Sender]) -> NotRunning:
        left = self.state == "running" and not all(sender.state.receiver_open for sender in senders)
        why = "who read them has ended" if left else f"it was finished and is {self.state}"
        return NotRunning(f"the pipeline takes no more triggers: {why}")

    def finish(self) -> None:
        """Say that no more triggers come: their streams end after what is in flight.

        Raises NotRunning before the start.
        """
        if self._run is None and self.state in ("created", "starting"):
            raise NotRunning(f"cannot finish: the pipeline is {self.state}")
        if self._run is not None:
            self._run.finish()

    async def wait(self) -> Report:
        """Wait until the stream has ended by itself. Raises NodeError, once, when it failed."""
        if self._supervisor is None:
            raise NotRunning("cannot wait: the pipeline was never started")
        await asyncio.wait([self._supervisor])
        return self._outcome()

    async def stop(self, timeout: float | None = None) -> Report:
        """End the stream (sources and triggers stop, everything in flight arrives) and return the report.

        After ``timeout`` seconds the rest is cut off and counted as undelivered. A second stop returns the
        report. Raises NodeError, once, when the pipeline failed; NotRunning when it was never started.
        """
        supervisor = self._supervisor
        if supervisor is None:
            raise NotRunning("cannot stop: the pipeline was never started")
        if not supervisor.done():
            if self.state == "running":
                self._life.move("stopping")
            if self._run is not None:
                self._run.stop()
            await asyncio.wait([supervisor], timeout=timeout)
            if not supervisor.done():
                await self._abort()
        return self._outcome()

    async def run(self, triggers: Iterable[DataFrame] | AsyncIterable[DataFrame] | None = None) -> Report:
        """Start, give the triggers, finish, and wait until every sink has seen the end. Returns the report.

        Cancelled, it aborts. Raises NodeError when a node failed, GraphError when the graph waits for
        triggers and there are none.
        """
        if triggers is None and self.spec.triggers and not self.spec.sources:
            waiting = ", ".join(repr(name) for name in self.spec.triggers)
            raise GraphError(f"the graph only waits for triggers (at {waiting}); give run() some")
        await self.start()
        try:
            if isinstance(triggers, AsyncIterable):
                async for frame in triggers:
                    await self.trigger(frame)
            else:
                for frame in triggers or ():
                    await self.trigger(frame)
            self.finish()
            return await self.wait()
        except BaseException:
            await self._abort()
            self._raised = True
            raise

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            if self.state == "stopped" or (self.state == "failed" and self._raised):
                return
            await self.stop()
        else:
            self._raised = True
            await self._abort()

    async def _abort(self) -> None:
        """Cut the run off and wait until nothing of it is left."""
        supervisor = self._supervisor
        if supervisor is None or supervisor.done():
            return
        if self._instance is not None:
            self._instance.hurry()
        if self._run is not None:
            self._run.abort()
        else:
            supervisor.cancel()
        await asyncio.wait([supervisor])

    # -- reading along

    def subscribe(self, node: str, *, capacity: int | None = None, policy: Policy = "block") -> Subscription:
        """Read the output of a node (or ``node.port``). Subscribed before the start, nothing is missed.

        Raises KeyError for an unknown node, ValueError for a bad capacity or policy, NotRunning at its end.
        """
        name, port = output_of(self.spec, node)
        if capacity is None:
            default = self.spec.settings.channel_capacity
            capacity = default if default != "auto" else DEFAULT_CAPACITY
        subscription = Subscription(name, port, capacity, policy, lambda: self._failure)
        self._read_along(name, port, subscription.sender)
        return subscription

    def tap(self, node: str, tap: Tap) -> None:
        """Give ``tap`` each frame of a node (or ``node.port``) as it comes, in the run's own turn.

        So it has to be quick; it ends by raising ChannelClosed. Raises KeyError, NotRunning at its end.
        """
        self._read_along(*output_of(self.spec, node), tap)

    def _read_along(self, name: str, port: str, tap: Tap) -> None:
        if self.state in ("stopped", "failed"):
            raise NotRunning(f"nothing to read along: the pipeline is {self.state}")
        if self._run is None or self.state == "created":
            self._waiting.append((name, port, tap))
        else:
            try:
                self._run.tap(name, port, tap)
            except ChannelClosed as error:
                raise NotRunning(str(error)) from None

    async def update(self, node: str, **changes: Any) -> None:
        """Change live parameters of a running node, all or none, between two frames.

        Raises ParamError when a value is refused, KeyError for an unknown node, NotRunning.
        """
        if node not in self.spec.nodes:
            raise KeyError(f"no node {node!r}; nodes: {', '.join(self.spec.nodes)}")
        if self._run is None or self.state != "running":
            raise NotRunning(f"cannot update {node!r}: the pipeline is {self.state}")
        await self._run.update(node, changes)

    # -- the supervisor

    async def _supervise(self, started: "asyncio.Future[None]") -> None:
        """Own the run from first to last; failures end up in ``_failure``, never in the user's task."""
        clock = asyncio.get_running_loop().time
        self._began = clock()
        run: Run | None = None
        try:
            self._instance = await Instance.create(self.plan, self._folders)
            plan = self.plan = replan(self.plan, self._instance.opened())
            run = self._run = Run(plan, self._instance, duration=self._duration, on_failure=self._on_failure)
            self._attach(run)
            self._life.move("running")
            started.set_result(None)
            await run.drive()
            self._failure = self._failure or run.failure
        except asyncio.CancelledError:
            if not started.done():
                self._failure = NotRunning("the start was cancelled")
        except StreamLabError as error:
            self._failure = self._failure or error
        finally:
            await self._end(run, clock() - self._began, started)

    def _attach(self, run: Run) -> None:
        self._collectors = {name: Collector() for name in self._collect}
        for name, (node, port) in self._collect.items():
            run.tap(node, port, self._collectors[name])
        for node, port, tap in self._waiting:
            if not (isinstance(tap, Sender) and tap.closed):
                run.tap(node, port, tap)
        self._waiting = []

    def _on_failure(self, failure: Failure) -> None:
        self._failure = failure
        self._life.move("failed")

    async def _end(self, run: Run | None, duration: float, started: "asyncio.Future[None]") -> None:
        errors = await self._instance.destroy() if self._instance is not None else []
        self._instance = None
        if errors:
            first, *rest = errors
            if isinstance(self._failure, NodeError):
                self._failure.others += errors
            elif self._failure is None:
                first.others += rest
                self._failure = first
        for _, _, tap in self._waiting:
            tap.close("failed")
        self._waiting = []
        self._settle()
        report = self.report
        if run is not None:
            run.fill(report)
        report.state = self.state
        report.reason = report.reason or "failed"
        report.duration = duration
        report.outputs = {name: collector.frames for name, collector in self._collectors.items()}
        if self._failure is not None and self._failure not in report.errors:
            others = self._failure.others if isinstance(self._failure, NodeError) else []
            report.errors = [self._failure, *others]
        if not started.done():
            started.set_exception(self._failure or NotRunning("the start was cancelled"))
            started.exception()  # looked at, whether or not somebody still waits for it

    def _settle(self) -> None:
        """Bring the lifecycle to its end state."""
        if self._failure is not None:
            if self.state != "failed":
                self._life.move("failed")
            return
        if self.state == "running":
            self._life.move("stopping")
        self._life.move("stopped")

    def _raise_failure(self) -> None:
        if self._failure is not None:
            self._raised = True
            raise self._failure

    def _outcome(self) -> Report:
        if self._failure is not None and not self._raised:
            self._raise_failure()
        return self.report


async def _itself(pipeline: Pipe) -> Pipe:
    return pipeline
