"""Pipeline: one graph, one shot.

A trigger in, the sinks' frames out - and ``run`` for those who want no asyncio.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from streamlab.core.frame import DataFrame
from streamlab.engine.async_pipeline import AsyncPipeline
from streamlab.engine.graph import Graph, GraphSource
from streamlab.engine.instance import Instance
from streamlab.engine.job import check_trigger, run_job
from streamlab.engine.paths import Folders
from streamlab.engine.plan import make_plan, replan
from streamlab.engine.report import Report
from streamlab.engine.run import Run
from streamlab.engine.shot import Shot
from streamlab.errors import GraphError, NodeError, StreamLabError

__all__ = ["Pipeline", "run", "run_to_end"]


class Pipeline:
    """A graph for single shots. Every shot has nodes of its own, so one does not depend on those before it.

    Raises GraphError with every problem.
    """

    def __init__(self, graph: GraphSource, *, outputs: str | Path | None = None) -> None:
        self.graph = Graph.load(graph)
        self.spec = self.graph.spec()
        self.plan = make_plan(self.spec)
        self.report = Report(name=self.spec.name)
        self._folders = Folders(self.graph.folder, outputs)
        escaping = self._folders.problems(self.spec)
        if escaping:
            raise GraphError(escaping, title=self.spec.name or "graph")

    @classmethod
    def from_json(cls, graph: GraphSource, **options: Any) -> "Pipeline":
        """Make a pipeline: the same as the constructor."""
        return cls(graph, **options)

    async def execute_once(self, frame: DataFrame | None = None) -> dict[str, list[DataFrame]]:
        """Send one frame through the graph and return what comes out of each sink, tails included.

        ``{sink id: [frames]}``.

        A Source gives its first frame. Raises NodeError when a node fails or works in a stream only,
        NoTriggerInput when the graph waits for a frame and there is none.
        """
        for node in self.spec.nodes.values():
            if node.cls.tier == "run":
                raise NodeError(
                    node.id,
                    phase="process",
                    message=f"{node.type_name} has only run(rx, tx): it works in a stream, not in a shot",
                )
        check_trigger(self.spec, frame)
        clock = asyncio.get_running_loop().time
        began = clock()
        report = self.report = Report(name=self.spec.name, state="starting")
        try:
            outputs = await self._shoot(frame, report)
        except BaseException as error:
            report.state = "failed"
            report.reason = report.reason or ("failed" if isinstance(error, Exception) else "cancelled")
            if isinstance(error, StreamLabError):
                report.errors = [error, *(error.others if isinstance(error, NodeError) else ())]
            raise
        finally:
            report.duration = clock() - began
        report.state = "stopped"
        return outputs

    async def _shoot(self, frame: DataFrame | None, report: Report) -> dict[str, list[DataFrame]]:
        instance = await Instance.create(self.plan, self._folders)
        shot: Run | Shot | None = None
        errors: list[NodeError] = []
        try:
            plan = replan(self.plan, instance.opened())
            shot, report.outputs = await run_job(plan, instance, frame, frames=1)
        finally:
            errors = await instance.destroy()
        shot.fill(report)
        failure = shot.failure
        if failure is None and errors:
            failure = errors.pop(0)
        if isinstance(failure, NodeError):
            failure.others += errors
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        if failure is not None:
            raise failure
        return report.outputs


def run(
    graph: GraphSource,
    *,
    triggers: Iterable[DataFrame] | None = None,
    collect: Iterable[str] = (),
    outputs: str | Path | None = None,
    duration: float | None = None,
) -> Report:
    """Run a graph as a stream until it has ended and return the report.

    No asyncio needed; works inside a running loop too.

    Parameters are those of :class:`AsyncPipeline` and its ``run``. Raises GraphError, NodeError, FileError.
    """
    return run_to_end(AsyncPipeline(graph, collect=collect, outputs=outputs, duration=duration), triggers)


def run_to_end(pipeline: AsyncPipeline, triggers: Iterable[DataFrame] | None = None) -> Report:
    """Run a pipeline that was made already, as :func:`run` does, which see."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(pipeline.run(triggers))
    return _in_thread(pipeline, triggers)


def _in_thread(pipeline: AsyncPipeline, triggers: Iterable[DataFrame] | None) -> Report:
    """A notebook's loop is running already: use a loop of our own in a thread, and let Ctrl-C abort it."""
    outcome: list[Any] = [None, None]
    loop = asyncio.new_event_loop()
    running = loop.create_task(pipeline.run(triggers), name="streamlab:run")
    news: SimpleQueue[str] = SimpleQueue()  # a signal handler may put into it at any moment

    def work() -> None:
        try:
            outcome[0] = loop.run_until_complete(running)
        except BaseException as error:
            outcome[1] = error
        finally:
            loop.close()
            news.put("over")

    def abort() -> None:
        with suppress(RuntimeError):  # it has just ended by itself
            loop.call_soon_threadsafe(running.cancel)  # which aborts the rest in its order

    thread = threading.Thread(target=work, name="streamlab:run", daemon=True)
    with _ctrl_c_tells(lambda: news.put("interrupted")):
        thread.start()
        try:
            interrupted = news.get() == "interrupted"
            if interrupted:
                abort()
                if news.get() == "interrupted":
                    raise KeyboardInterrupt  # a second time: it is not waited for any longer
        except BaseException:
            abort()
            raise
    thread.join()
    if interrupted:
        raise KeyboardInterrupt
    if outcome[1] is not None:
        raise outcome[1]
    report: Report = outcome[0]
    return report


@contextmanager
def _ctrl_c_tells(heard: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C call ``heard``, in place of what it does now.

    asyncio's own handler only tells the running loop, which cannot hear it while its thread waits for ours;
    an exception out of the blue could hit any line here.
    """
    before = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread() and before not in (None, signal.SIG_IGN)
    if ours:
        signal.signal(signal.SIGINT, lambda number, frame: heard())
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)
