"""Host: the worker's side. One graph at a time, what it says of itself, and what is asked of it."""

import asyncio
import logging
import time
import traceback
import typing
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from streamlab.core.node import ProcessingNode
from streamlab.core.verdict import Verdict
from streamlab.engine.async_pipeline import AsyncPipeline
from streamlab.engine.graph import Graph
from streamlab.engine.plain import error_document, plain, report_document
from streamlab.engine.spec import GraphSpec
from streamlab.errors import GraphError, NodeError, ParamError, Problem, StreamLabError
from streamlab.server.checking import flow_document, plan_document
from streamlab.server.errors import ApiError, told
from streamlab.server.worker.drive import Drive
from streamlab.server.worker.metrics import Meter
from streamlab.server.worker.publisher import Publisher
from streamlab.server.worker.wire import Wire

__all__ = ["Host"]

_METRICS_SECONDS = 0.25

log = logging.getLogger("streamlab")


_IN_LINE = ("load", "start", "stop", "clear")
"""What changes the graph's life is done one after the other; all else is answered beside it."""


class Host:
    """Runs a graph for the server."""

    def __init__(self) -> None:
        self.wire = Wire(self._asked, self._ended)
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._publisher = Publisher(self.wire)
        self._document: dict[str, Any] = {}
        self._folder: Path | None = None
        self._outputs = Path()
        self._spec: GraphSpec | None = None
        self._pipeline: AsyncPipeline | None = None
        self._live: dict[str, dict[str, Any]] = {}
        self._meter: Meter | None = None
        self._recorder: Any = None
        self._verdicts: dict[str, Verdict] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._line: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._tasks.add(asyncio.create_task(self._answer_all(), name="streamlab:answers"))
        self._does: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
            "load": self._load,
            "start": self._start,
            "stop": self._stop,
            "clear": self._clear,
            "finish": self._finish,
            "trigger": self._trigger,
            "update": self._update,
            "stream": self._stream,
            "unstream": self._unstream,
            "reset": self._reset,
            "report": self._report,
        }

    # -- requests

    def _asked(self, message: dict[str, Any]) -> None:
        if message["op"] in _IN_LINE:
            self._line.put_nowait(message)
        else:
            self._begin(self._answer(message), str(message["op"]))

    def _ended(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    async def _answer_all(self) -> None:
        while True:
            await self._answer(await self._line.get())

    async def _answer(self, message: dict[str, Any]) -> None:
        number, name = message.pop("id"), message.pop("op")
        try:
            answer = await self._does[name](**message)
        except StreamLabError as error:
            body = told(error)
            answer = {"status": body.status, **body.body()}
        except Exception as error:
            log.exception("a worker could not do %r", name)
            answer = {"status": 500, "error": {"code": "internal", "message": str(error), "hint": ""}}
        self.wire.send({"re": number, **plain(answer)})

    async def _load(self, document: dict[str, Any], folder: str, outputs: str, name: str) -> dict[str, Any]:
        """Take a graph. It is checked, and nothing is opened."""
        graph = Graph.load(document)
        if not graph.name:
            graph.document = {**graph.document, "name": name}
        graph.folder = Path(folder)
        pipeline = AsyncPipeline(graph, outputs=outputs)
        self._document, self._folder, self._outputs = graph.document, graph.folder, Path(outputs)
        self._spec = pipeline.spec
        self._live = _live_values(pipeline.spec)
        return {
            "triggers": list(pipeline.spec.triggers),
            "sources": list(pipeline.spec.sources),
            "live": self._live,
            "plan": plan_document(pipeline.plan),
        }

    async def _start(self, pace: str, drive: str, duration: float | None) -> dict[str, Any]:
        """Make the nodes and let the stream run."""
        if self._spec is None:
            raise StreamLabError("no graph was loaded")
        if self._running is not None:
            await asyncio.wait([self._running])
        graph = Graph(document=self._document, folder=self._folder)
        if pace == "realtime":
            _in_real_time(graph, self._spec)
        self._outputs.mkdir(parents=True, exist_ok=True)
        pipeline = self._pipeline = AsyncPipeline(graph, outputs=self._outputs, duration=duration)
        self._live, self._verdicts = _live_values(pipeline.spec), {}
        self._recorder = _recorder(pipeline)
        pipeline.listen(lambda _, new: self._tell_state(pipeline, new))
        self._publisher.attach(pipeline)
        try:
            await pipeline.start()
        except (GraphError, NodeError) as error:
            self._tell_end(pipeline, error)
            raise
        driver = Drive(pipeline, paced=pace == "realtime", duration=duration)
        self._meter = Meter(pipeline, driver)
        self._running = self._begin(self._watch(pipeline), "watch")
        if pipeline.spec.triggers and drive == "auto":
            self._begin(driver.run(), "drive")
        return {}

    def _begin(self, work: Any, name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=f"streamlab:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _stop(self, timeout: float) -> dict[str, Any]:
        """End the stream; what is in flight arrives."""
        pipeline = self._pipeline
        if pipeline is not None and pipeline.state in ("running", "stopping"):
            with suppress(StreamLabError):  # its end tells it
                await pipeline.stop(timeout)
        if self._running is not None:
            await asyncio.wait([self._running])
        return {"abandoned": pipeline.report.abandoned if pipeline is not None else []}

    async def _clear(self) -> dict[str, Any]:
        """Forget the graph and the streams: another pipeline gets this process."""
        self._publisher.clear()
        self._document, self._spec, self._live, self._verdicts = {}, None, {}, {}
        self._pipeline = self._meter = self._recorder = None
        return {}

    async def _finish(self) -> dict[str, Any]:
        self._alive().finish()
        return {}

    async def _trigger(self, count: int, to: str | None) -> dict[str, Any]:
        """Give so many triggers, one after the other, as long as there is room for them."""
        from streamlab.core.frame import DataFrame

        pipeline = self._alive()
        given = 0
        for number in range(count):
            frame = DataFrame(time.time_ns() // 1000, number)
            try:
                await pipeline.trigger(frame, to=to, timeout=5.0)
            except TimeoutError:
                break
            given += 1
        return {"given": given}

    def _alive(self) -> AsyncPipeline:
        if self._pipeline is None or self._pipeline.state != "running":
            state = "created" if self._pipeline is None else self._pipeline.state
            raise StreamLabError(f"the pipeline is not running, it is {state}")
        return self._pipeline

    async def _update(self, node: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change live parameters between two frames, all or none."""
        pipeline = self._alive()
        at = pipeline.spec.nodes[node].pointer if node in pipeline.spec.nodes else ""
        try:
            await pipeline.update(node, **changes)
        except ParamError as error:
            problems = [
                Problem(
                    f"{at}/config{item.pointer}",
                    item.message,
                    item.expected,
                    item.found,
                    item.hint,
                    node,
                    item.kind,
                )
                for item in error.problems
            ]
            raise ParamError(problems, title=node) from None
        values = self._live.setdefault(node, {})
        values.update(changes)
        self.wire.send(plain({"event": "live", "node": node, "values": dict(changes)}))
        return {"live": values}

    async def _stream(
        self, number: int, output: str, kind: str, options: dict[str, Any], facts: dict[str, Any]
    ) -> dict[str, Any]:
        self._publisher.add(number, output, kind, options, facts)
        return {}

    async def _unstream(self, number: int) -> dict[str, Any]:
        self._publisher.drop(number)
        return {}

    async def _reset(self, number: int) -> dict[str, Any]:
        self._publisher.reset(number)
        return {}

    async def _report(self, page: str) -> dict[str, Any]:
        """Write the report of the run that has ended."""
        if self._recorder is None:
            raise ApiError(404, "not-found", "reports need the extra 'plot' of StreamLab")
        if self._running is not None:
            await asyncio.wait([self._running])
        from streamlab.report import write_report

        document = self._recorder.document()
        await asyncio.to_thread(write_report, document, page=page)
        return {}

    # -- what is told unasked

    def _tell_state(self, pipeline: AsyncPipeline, state: str) -> None:
        if state == "running":  # sources are open: what they bring is known now
            self.wire.send({"event": "flow", "outputs": flow_document(pipeline.plan.flow)})
        if state in ("starting", "running", "stopping"):
            self.wire.send({"event": "state", "state": state})  # an end is told with its report

    async def _watch(self, pipeline: AsyncPipeline) -> None:
        """Tell how it goes, and how it ended."""
        ending = asyncio.ensure_future(pipeline.wait())
        failure: StreamLabError | None = None
        while True:
            done, _ = await asyncio.wait([ending], timeout=_METRICS_SECONDS)
            if done:
                break
            self._tell_metrics()
            self._tell_verdicts(pipeline)
        try:
            await ending
        except StreamLabError as error:
            failure = error
        self._publisher.publish()
        self._tell_metrics()
        self._tell_end(pipeline, failure)

    def _tell_metrics(self) -> None:
        if self._meter is not None:
            self.wire.send({"event": "metrics", **plain(self._meter.read())})

    def _tell_verdicts(self, pipeline: AsyncPipeline) -> None:
        for name, node in _judges(pipeline):
            verdict = node.result()
            known = self._verdicts.get(name)
            if isinstance(verdict, Verdict) and (known is None or verdict.outcome != known.outcome):
                self._verdicts[name] = verdict
                told = {"event": "verdict", "node": name, "verdict": verdict, "final": False}
                self.wire.send(plain(told))

    def _tell_end(self, pipeline: AsyncPipeline, failure: StreamLabError | None) -> None:
        report = pipeline.report
        for name, value in report.results.items():
            self.wire.send(plain({"event": "result", "node": name, "value": value}))
            if isinstance(value, Verdict):
                self.wire.send(plain({"event": "verdict", "node": name, "verdict": value, "final": True}))
        error = None if failure is None else self._failure(pipeline.spec, failure)
        self.wire.send(
            {
                "event": "end",
                "state": pipeline.state,
                "reason": report.reason,
                "error": error,
                "report": report_document(report),
            }
        )

    def _failure(self, spec: GraphSpec, failure: StreamLabError) -> dict[str, Any]:
        node = failure.node_id if isinstance(failure, NodeError) else None
        pointer = spec.nodes[node].pointer if node in spec.nodes else ""
        cause: BaseException = failure.__cause__ or failure
        document: dict[str, Any] = {"node": None, "phase": "", "sequence_id": None} | error_document(failure)
        document["sequence"] = document.pop("sequence_id")
        document["pointer"] = pointer
        document["hint"] = getattr(cause, "hint", "")
        document["trace"] = "".join(traceback.format_exception(cause))
        return document

    async def close(self) -> None:
        """End everything at once."""
        self._publisher.close()
        if self._pipeline is not None and self._pipeline.state in ("starting", "running", "stopping"):
            with suppress(StreamLabError):
                await self._pipeline.stop(0.0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _recorder(pipeline: AsyncPipeline) -> Any:
    """Let a report read along, where there is what it needs."""
    from streamlab.report import MissingLibraries, Recorder, need_libraries

    try:
        need_libraries()
    except MissingLibraries:
        return None
    return Recorder(pipeline)


def _live_values(spec: GraphSpec) -> dict[str, dict[str, Any]]:
    """Return the parameters that may change while it runs, with their values."""
    found: dict[str, dict[str, Any]] = {}
    for name, node in spec.nodes.items():
        live = [key for key, item in node.cls.param_set.fields.items() if item.live]
        if live:
            found[name] = plain({key: getattr(node.params, key, None) for key in live})
    return found


def _in_real_time(graph: Graph, spec: GraphSpec) -> None:
    """Let sources that can be paced release each frame when its last sample is due."""
    for name in spec.sources:
        if "realtime" in spec.nodes[name].cls.param_set.fields:
            graph.set(name, realtime=True)


def _judges(pipeline: AsyncPipeline) -> list[tuple[str, ProcessingNode]]:
    """Return the nodes in this process whose result is a verdict: they may be asked while they run."""
    return [(name, node) for name, node in pipeline.nodes.items() if _gives_verdict(type(node))]


def _gives_verdict(cls: type[ProcessingNode]) -> bool:
    try:
        return typing.get_type_hints(cls.result).get("return") is Verdict
    except Exception:  # annotations of a foreign class that cannot be resolved
        return False
