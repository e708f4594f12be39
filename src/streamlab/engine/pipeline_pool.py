"""PipelinePool: many runs of one graph at once, on warm instances."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streamlab.core.frame import DataFrame
from streamlab.core.params import whole_number
from streamlab.engine.graph import Graph, GraphSource
from streamlab.engine.job import JobResult, check_trigger
from streamlab.engine.layout import Plan
from streamlab.engine.paths import Folders
from streamlab.engine.plan import make_plan, worker_problems
from streamlab.engine.remote_jobs import RemoteGraph, without_processes
from streamlab.engine.report import Report
from streamlab.engine.spec import EXECUTORS, Executor, GraphSpec
from streamlab.engine.warm import Warm, WarmInstance
from streamlab.errors import GraphError, PoolClosed, PoolFull, Problem, WorkerLost

__all__ = ["Job", "PipelinePool"]

log = logging.getLogger("streamlab")


class Job:
    """A run that was accepted. Await it for its JobResult, or for the error that it died of."""

    def __init__(self, number: int, frame: DataFrame | None, forget: Callable[["Job"], None]) -> None:
        self.number = number
        self.frame = frame
        self.tries = 0
        self.task: asyncio.Task[None] | None = None
        self.outcome: asyncio.Future[JobResult] = asyncio.get_running_loop().create_future()
        self._heard = False
        self._forget = forget

    def __await__(self) -> Generator[Any, None, JobResult]:
        self._heard = True
        return asyncio.shield(self.outcome).__await__()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self.outcome.done()

    def cancel(self) -> None:
        """Give the job up: one that waits never starts, one that runs is cut off.

        Awaiting it raises CancelledError.
        """
        self._heard = True
        if self.task is not None:
            self.task.cancel()
        elif not self.outcome.done():
            self.outcome.cancel()
            self._forget(self)

    def fail(self, error: BaseException) -> None:
        """Set the error that awaiting raises.

        One that nobody ever awaits is logged when the job is forgotten.
        """
        if not self.outcome.done():
            self.outcome.set_exception(error)
            self.outcome.exception()  # looked at: asyncio need not complain as well

    def __del__(self) -> None:
        outcome = self.outcome
        if not self._heard and outcome.done() and not outcome.cancelled() and outcome.exception() is not None:
            log.error("job %d failed and was never awaited: %s", self.number, outcome.exception())


class PipelinePool:
    """Runs up to ``max_concurrent`` jobs of a graph at once.

    Each job is one trigger, or one run of the graph's sources.

    Instances are made when first needed and used again, with their state reset; one that failed is
    replaced. ``max_pending`` bounds the jobs that wait (default: twice ``max_concurrent``). ``outputs`` is
    the folder that writers write under; their paths need ``{job}`` where jobs run side by side. ``executor``
    is where jobs work, in place of the graph's own setting: ``inline`` and ``thread`` in this process,
    ``process`` in ``max_concurrent`` worker processes, each with a warm graph; a job whose worker process
    dies is tried again ``retries`` times.

    Raises GraphError with every problem, ValueError for a width or bound below 1 or an unknown executor.
    """

    def __init__(
        self,
        graph: GraphSource,
        max_concurrent: int = 4,
        *,
        max_pending: int | None = None,
        outputs: str | Path | None = None,
        executor: Executor | None = None,
        retries: int = 0,
    ) -> None:
        self._width = whole_number("max_concurrent", max_concurrent)
        self._max_pending = (
            2 * self._width if max_pending is None else whole_number("max_pending", max_pending)
        )
        self.graph = Graph.load(graph)
        self.spec: GraphSpec = _placed(self.graph.spec(), executor)
        self._away = self.spec.settings.executor == "process"
        self._retries = whole_number("retries", retries, least=0)
        self.plan: Plan = make_plan(without_processes(self.spec) if self._away else self.spec)
        self._folders = Folders(self.graph.folder, outputs)
        problems = self._folders.problems(self.spec)
        if max_concurrent > 1:
            problems += _shared_files(self.spec)
        if self._away:
            problems += worker_problems(self.spec.nodes.values())
        if problems:
            raise GraphError(problems, title=self.spec.name or "graph")
        self._pending: deque[Job] = deque()
        self._running: set[Job] = set()
        self._idle: list[Warm] = []
        self._room: deque[asyncio.Future[None]] = deque()
        self._coming = 0
        self._empty: asyncio.Future[None] | None = None
        self._count = 0
        self._closed = False

    @property
    def max_concurrent(self) -> int:
        """How many jobs run at once."""
        return self._width

    @property
    def max_pending(self) -> int:
        """How many jobs may wait."""
        return self._max_pending

    # -- jobs

    async def execute(self, frame: DataFrame | None = None, *, wait: bool = True) -> Job:
        """Accept a job and return it; await the job for its result.

        Waits while the queue is full, or raises PoolFull with ``wait=False``.

        Raises PoolClosed after ``close``, NoTriggerInput when the graph needs a frame and there is none.
        """
        check_trigger(self.spec, frame)
        self._check_open()
        if self._room or self._is_full():
            if not wait:
                raise PoolFull(f"{len(self._pending)} jobs are waiting, as many as the pool takes")
            await self._wait_for_room()
            self._check_open()
        job = Job(self._count, frame, self._withdraw)
        self._count += 1
        self._pending.append(job)
        self._start_jobs()
        return job

    def map(self, frames: Iterable[DataFrame]) -> "_Results":
        """Run a job for each frame.

        Iterate (``async for``) or await it for the results, in the order of the frames.

        Iterating takes frames only as fast as jobs get done. The first error is raised in its turn.
        """
        return _Results(self, frames)

    def _is_full(self) -> bool:
        return len(self._running) >= self._width and len(self._pending) + self._coming >= self._max_pending

    async def _wait_for_room(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._room.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self._coming -= 1
                self._make_room()
            elif waiter in self._room:
                self._room.remove(waiter)
            raise
        self._coming -= 1

    def _make_room(self) -> None:
        """Let the next one in who waits; its place counts as taken until it gets there."""
        while self._room:
            waiter = self._room.popleft()
            if not waiter.done():
                self._coming += 1
                waiter.set_result(None)
                return

    def _withdraw(self, job: Job) -> None:
        """A job that waited was cancelled: its place is free."""
        self._pending.remove(job)
        self._make_room()

    def _check_open(self) -> None:
        if self._closed:
            raise PoolClosed("the pool is closed and takes no more jobs")

    def _start_jobs(self) -> None:
        while self._pending and len(self._running) < self._width:
            job = self._pending.popleft()
            self._running.add(job)
            job.task = asyncio.create_task(self._work(job), name=f"streamlab:job {job.number}")
            job.task.add_done_callback(partial(self._ended, job))
            self._make_room()
        if not self._running and not self._pending and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    async def _work(self, job: Job) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            report = await self._done(job)
            while report is None:
                report = await self._done(job)
            report.duration = clock() - began
            if not job.outcome.done():
                job.outcome.set_result(
                    JobResult(job.number, report.outputs, report.results, began, report.duration, report)
                )
        except asyncio.CancelledError:
            job.outcome.cancel()
        except Exception as error:
            job.fail(error)

    async def _done(self, job: Job) -> Report | None:
        """Do a job on a warm graph, or on a new one. Raises what it failed of.

        None: its worker process died over it, and it shall be tried again.
        """
        warm = await self._warm()
        try:
            report = await warm.job(job.number, job.frame)
        except BaseException as error:
            await self._discard(warm)
            if isinstance(error, WorkerLost) and job.tries < self._retries:
                job.tries += 1
                log.warning("job %d is tried again: %s", job.number, error)
                return None
            raise
        self._idle.append(warm)
        return report

    async def _warm(self) -> Warm:
        while self._idle:
            warm = self._idle.pop()
            if warm.alive:
                return warm
            await self._discard(warm)
        if self._away:
            return await RemoteGraph.create(self.graph, self._folders)
        return await WarmInstance.create(self.plan, self._folders)

    def _ended(self, job: Job, task: "asyncio.Task[None]") -> None:
        """Give a job's place to the next, also where it was cancelled before its first turn."""
        if not job.outcome.done():
            job.outcome.cancel()
        self._running.discard(job)
        self._start_jobs()

    async def _discard(self, warm: Warm) -> None:
        for error in await warm.close():
            log.error("%s", error)

    # -- its life

    async def close(self, *, drain: bool = True) -> None:
        """Take no more jobs.

        With ``drain`` those accepted are finished first; without, they are cut off and awaiting them raises
        PoolClosed.

        Afterwards every node is destroyed. Closing twice is fine.
        """
        self._closed = True
        while self._room:
            self._make_room()
        if not drain:
            self._give_up()
        if self._running or self._pending:
            self._empty = self._empty or asyncio.get_running_loop().create_future()
            await asyncio.shield(self._empty)
        while self._idle:
            await self._discard(self._idle.pop())

    def _give_up(self) -> None:
        for job in (*self._pending, *self._running):
            job.fail(PoolClosed(f"the pool was closed before job {job.number} was done"))
            if job.task is not None:
                job.task.cancel()
        self._pending.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(drain=error is None)


class _Results:
    """The results of ``map``: an asynchronous iterator that may also be awaited as a whole."""

    def __init__(self, pool: PipelinePool, frames: Iterable[DataFrame]) -> None:
        self._pool = pool
        self._frames = iter(frames)
        self._jobs: deque[Job] = deque()

    def __aiter__(self) -> AsyncIterator[JobResult]:
        return self._iterate()

    def __await__(self) -> Generator[Any, None, list[JobResult]]:
        return self._all().__await__()

    async def _all(self) -> list[JobResult]:
        return [result async for result in self._iterate()]

    async def _iterate(self) -> AsyncIterator[JobResult]:
        ahead = self._pool.max_concurrent + self._pool.max_pending
        try:
            for frame in self._frames:
                self._jobs.append(await self._pool.execute(frame))
                if len(self._jobs) >= ahead:
                    yield await self._jobs.popleft()
            while self._jobs:
                yield await self._jobs.popleft()
        finally:
            for job in self._jobs:
                job.cancel()


def _placed(spec: GraphSpec, executor: Executor | None) -> GraphSpec:
    """Return the graph with its general executor replaced. Raises ValueError for one that there is not."""
    if executor is None:
        return spec
    if executor not in EXECUTORS:
        raise ValueError(f"executor: expected one of {', '.join(EXECUTORS)}, found {executor!r}")
    return replace(spec, settings=replace(spec.settings, executor=executor))


def _shared_files(spec: GraphSpec) -> list[Problem]:
    """Jobs side by side must not write the same file."""
    problems = []
    for node in spec.nodes.values():
        for name, item in node.cls.param_set.fields.items():
            path = getattr(node.params, name, None)
            if item.path == "output" and isinstance(path, str) and "{job}" not in path:
                problems.append(
                    Problem(
                        f"{node.pointer}/config/{name}",
                        "several jobs would write the same file",
                        "a path with {job} in it",
                        repr(path),
                        "such as 'levels-{job}.csv', or a pool of width 1",
                        node.id,
                    )
                )
    return problems
