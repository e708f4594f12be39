"""Pipeline: a deployed graph as the server holds it - its state, its worker process, its streams."""

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from streamlab.engine.graph import Graph
from streamlab.errors import GraphError
from streamlab.server.checking import Places, check
from streamlab.server.errors import ApiError
from streamlab.server.hub import StreamHub
from streamlab.server.live.frames import FrameHead
from streamlab.server.process import WorkerProcess

__all__ = ["Pipeline"]

_LOG_LINES = 1000
_LOG_SECONDS = 0.1
_TOLD_LINES = 100
"""Lines of one message; what is printed faster than that is in the log, and counted here."""
_LOAD_SECONDS = 30.0
_START_SECONDS = 120.0
"""Opening devices and large files may take a while."""
_REPORT_SECONDS = 120.0
_HANG_SECONDS = 2.0
"""How much longer than its timeout a stop may take before the process is ended."""

Tell = Callable[[dict[str, Any]], None]


class Pipeline:
    """One graph in one worker process.

    ``tell`` gets what every client shall hear. ``spawn`` returns a worker process that is ready, or soon is;
    ``give_back`` takes it when the pipeline is done, with whether it may be used again.
    """

    def __init__(
        self,
        name: str,
        places: Places,
        tell: Tell,
        spawn: Callable[[], Awaitable[WorkerProcess]],
        give_back: Callable[[WorkerProcess, bool], Awaitable[None]],
    ) -> None:
        self.id = name
        self.hubs: dict[int, StreamHub] = {}
        self.places = places
        self.path: str | None = None
        self.revision: str | None = None
        self.document: dict[str, Any] = {}
        self.state = "created"
        self.reason = ""
        self.how: dict[str, Any] = {"pace": "realtime", "drive": "auto", "duration": None}
        self.report: dict[str, Any] | None = None
        self.log: deque[dict[str, Any]] = deque(maxlen=_LOG_LINES)
        self.metrics: dict[str, Any] | None = None
        self.plan: dict[str, Any] = {}
        self.results: dict[str, Any] = {}
        self.verdicts: dict[str, Any] = {}
        self.flow: dict[str, Any] = {}
        self._learned: dict[str, Any] = {}
        self._error: dict[str, Any] | None = None
        self._facts: dict[str, Any] = {}
        self._live: dict[str, dict[str, Any]] = {}
        self._since = time.time()
        self._started: float | None = None
        self._tell = tell
        self._spawn = spawn
        self._give_back = give_back
        self._worker: WorkerProcess | None = None
        self._changing = asyncio.Lock()
        self._fresh_lines: list[dict[str, Any]] = []
        self._dropped_lines = 0
        self._line_timer: asyncio.TimerHandle | None = None

    # -- what it is

    @property
    def name(self) -> str:
        """The graph's name, or its file's."""
        name = self.document.get("name")
        if isinstance(name, str) and name:
            return name
        return Path(self.path).stem if self.path else self.id

    @property
    def alive(self) -> bool:
        """Whether it runs, or is about to."""
        return self.state in ("starting", "running", "stopping")

    def described(self, *, whole: bool = False) -> dict[str, Any]:
        """Return it as the API shows it; ``whole``: with its document."""
        seconds = self.metrics["seconds"] if self.metrics is not None else 0.0
        told = {
            "id": self.id,
            "name": self.name,
            "path": self.path,
            "revision": self.revision,
            "state": self.state,
            "reason": self.reason,
            **self.how,
            "since": self._since,
            "started": self._started,
            "seconds": seconds,
            "triggers": self._facts.get("triggers", []),
            "sources": self._facts.get("sources", []),
            "live": self._live,
            "outputs": self._learned,
            "error": self._error,
            "verdict": None if self.report is None else self.report["verdict"],
            "verdicts": self.verdicts,
        }
        return told | {"document": self.document} if whole else told

    def _changed(self, state: str) -> None:
        self.state = state
        self._tell({"type": "pipeline", "pipeline": self.described()})

    # -- its graph

    async def load(self, document: dict[str, Any], path: str | None, revision: str | None) -> None:
        """Take a graph. Raises ApiError 422 with its problems, and leaves what was there as it was."""
        graph = Graph.load(document)
        graph.folder = self.places.folder
        found = check(graph, self.places)
        if not found["ok"]:
            problems = [*graph.problems()] or self.places.problems(graph.spec())
            raise ApiError(422, "bad-graph", _title(graph, problems), problems=problems)
        async with self._changing:
            again = self.alive
            if again:
                await self._stop(5.0)
            self.document, self.path, self.revision = document, path, revision
            self.flow, self._learned = found["outputs"], {}
            await self._give()
            self.metrics, self.report, self.results, self.verdicts = None, None, {}, {}
            self.reason, self._error = "", None
            self._changed("created")
            if again:
                await self._start()

    async def _give(self) -> None:
        """Give the graph to the worker, a new one if there is none."""
        worker = self._worker
        if worker is None or worker.gone:
            worker = self._worker = await self._spawn()
            worker.on_event = self._heard
            worker.on_frame = self._frame
            worker.after = self._flush
            worker.on_line = self._line
            worker.on_death = self._died
        self._facts = await worker.ask(
            "load",
            within=_LOAD_SECONDS,
            document=self.document,
            folder=str(self.places.folder),
            outputs=str(self.places.outputs),
            name=self.name,
        )
        self._live, self.plan = self._facts["live"], self._facts["plan"]
        for hub in self.hubs.values():
            await self._ask_stream(worker, hub)

    # -- its life

    async def start(self, **how: Any) -> None:
        """Run it. Raises ApiError 409 when it runs already, 422 or 409 when it cannot be started."""
        async with self._changing:
            if self.alive:
                raise ApiError(409, "state", f"the pipeline is {self.state}")
            self.how |= {key: value for key, value in how.items() if value is not None}
            if "duration" in how:
                self.how["duration"] = how["duration"]
            if self._worker is None or self._worker.gone:
                await self._give()
            await self._start()

    async def _start(self) -> None:
        worker = self._worker
        if worker is None:
            raise ApiError(503, "worker", "there is no worker process")
        self._started = time.time()
        self.reason, self._error, self.report, self.results, self.metrics = "", None, None, {}, None
        self.verdicts = {}
        try:
            await worker.ask("start", within=_START_SECONDS, **self.how)
        except TimeoutError:
            worker.kill()
            raise ApiError(409, "state", f"the graph did not start within {_START_SECONDS:g} s") from None
        except ApiError:
            if self._error is None:  # it was told before the answer, else
                raise
            error = self._error
            raise ApiError(
                409, "failed", error["message"], hint=error.get("hint", ""), failure=error
            ) from None

    async def stop(self, timeout: float) -> None:
        """End the stream; after ``timeout`` seconds what is left is cut off, after some more the process."""
        async with self._changing:
            if self.alive:
                await self._stop(timeout)

    async def _stop(self, timeout: float) -> None:
        worker = self._worker
        if worker is None:
            return
        try:
            answer = await worker.ask("stop", within=timeout + _HANG_SECONDS, timeout=timeout)
        except TimeoutError:  # a call that does not return keeps its loop
            worker.on_death = lambda how: self._died(f"{how}: it did not end within {timeout:g} s")
            worker.kill()
            await worker.close()
            if self.alive:
                self._died("the graph did not end in time; its process was ended")
        except ApiError:
            return  # it has died meanwhile, and said so
        else:
            if answer["abandoned"]:  # threads that hang: the next run gets a process without them
                await worker.close()

    async def finish(self) -> None:
        """Say that no more triggers come."""
        await self._running().ask("finish", within=_LOAD_SECONDS)

    async def trigger(self, count: int, to: str | None) -> int:
        """Give triggers; returns how many there was room for."""
        answer = await self._running().ask("trigger", count=count, to=to)
        given: int = answer["given"]
        return given

    async def update(self, node: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change live parameters; returns those of the node. Raises ApiError 404, 409, 422."""
        nodes = self.document.get("nodes", ())
        if not any(isinstance(each, dict) and each.get("id") == node for each in nodes):
            raise ApiError(404, "not-found", f"no node {node!r} in the pipeline {self.id!r}")
        answer = await self._running().ask("update", node=node, changes=changes)
        live: dict[str, Any] = answer["live"]
        return live

    async def report_page(self) -> bytes:
        """Return the report of the last run. Raises ApiError 404 before a run has ended."""
        worker = self._worker
        if self.report is None or worker is None or worker.gone:
            raise ApiError(404, "not-found", "there is no report: no run of this pipeline has ended")
        with tempfile.TemporaryDirectory(prefix="streamlab-report-") as folder:
            page = Path(folder) / "report.html"
            await worker.ask("report", within=_REPORT_SECONDS, page=str(page))
            return page.read_bytes()

    def _running(self) -> WorkerProcess:
        if self._worker is None or self.state != "running":
            raise ApiError(409, "state", f"the pipeline is not running, it is {self.state}")
        return self._worker

    def kill(self) -> None:
        """End its process now."""
        if self._worker is not None:
            self._worker.kill()

    async def close(self, timeout: float = 0.0) -> None:
        """End it and its process."""
        if self.alive and timeout > 0:
            await self.stop(timeout)
        worker, self._worker = self._worker, None
        if worker is not None:
            healthy = not (self.alive or worker.gone)
            worker.release()
            await self._give_back(worker, healthy)
        if self._line_timer is not None:
            self._line_timer.cancel()
            self._line_timer = None

    # -- its streams

    async def open_stream(self, hub: StreamHub) -> None:
        """Let the worker make a stream."""
        self.hubs[hub.number] = hub
        if self._worker is not None and not self._worker.gone:
            await self._ask_stream(self._worker, hub)

    async def _ask_stream(self, worker: WorkerProcess, hub: StreamHub) -> None:
        facts = {"generation": hub.generation + 1, "pipeline": self.id}
        await worker.ask("unstream", number=hub.number)
        await worker.ask("stream", number=hub.number, facts=facts, **hub.request)

    async def close_stream(self, number: int) -> None:
        """Let the worker forget a stream."""
        if self.hubs.pop(number, None) is not None and self._worker is not None and not self._worker.gone:
            await self._worker.ask("unstream", number=number)

    async def reset_stream(self, number: int) -> None:
        """Forget averages and held peaks of a stream."""
        if self._worker is not None and not self._worker.gone:
            await self._worker.ask("reset", number=number)

    def _frame(self, frame: bytes) -> None:
        head = FrameHead.unpacked(frame)
        hub = self.hubs.get(head.stream)
        if hub is not None:
            hub.add(frame, head)

    def _flush(self) -> None:
        """What came in one piece is sent in one piece."""
        for listener in {listener for hub in self.hubs.values() for listener in hub.listeners}:
            listener()

    # -- what the worker says

    def _heard(self, message: dict[str, Any]) -> None:
        match message.pop("event"):
            case "flow":
                self._learn(message["outputs"])
            case "state":
                self._changed(message["state"])
            case "metrics":
                self.metrics = {"type": "metrics", "pipeline": self.id, **message}
                self._tell(self.metrics)
            case "live":
                self._live.setdefault(message["node"], {}).update(message["values"])
                self._tell({"type": "live", "pipeline": self.id, **message})
            case "result":
                self.results[message["node"]] = message["value"]
                self._tell({"type": "result", "pipeline": self.id, **message})
            case "verdict":
                self.verdicts[message["node"]] = message["verdict"]
                self._tell({"type": "verdict", "pipeline": self.id, **message})
            case "stream":
                hub = self.hubs.get(message["stream"])
                if hub is not None:
                    hub.problem = ApiError(422, "cannot-show", message["message"]).body()["error"]
                    self._tell({"type": "stream", "stream": hub.number, "error": hub.problem})
            case "end":
                self.reason, self._error = message["reason"], message["error"]
                self.report = message["report"]
                self._changed(message["state"])

    def _learn(self, outputs: dict[str, Any]) -> None:
        """Keep what flows where the checks did not know it, for it is said by a file."""
        for name, info in outputs.items():
            if info is not None and (name in self._learned or self.flow.get(name) is None):
                self.flow[name] = self._learned[name] = info

    def _line(self, level: str, text: str) -> None:
        """Keep what it prints; clients hear it soon, a few times a second."""
        line = {"time": time.time(), "level": level, "text": text}
        self.log.append(line)
        if len(self._fresh_lines) < _TOLD_LINES:
            self._fresh_lines.append(line)
        else:
            self._dropped_lines += 1
        if self._line_timer is None:
            self._line_timer = asyncio.get_running_loop().call_later(_LOG_SECONDS, self._tell_lines)

    def _tell_lines(self) -> None:
        self._line_timer = None
        lines, self._fresh_lines = self._fresh_lines, []
        dropped, self._dropped_lines = self._dropped_lines, 0
        self._tell({"type": "log", "pipeline": self.id, "lines": lines, "dropped": dropped})

    def _died(self, how: str) -> None:
        self._error = {
            "type": "WorkerLost",
            "message": how,
            "node": None,
            "phase": "",
            "sequence": None,
            "pointer": "",
            "trace": "",
            "hint": "what it printed last is in the log",
        }
        was = self.state
        self.reason = "failed"
        if was != "created" or self._worker is not None:
            self._changed("failed")


def _title(graph: Graph, problems: list[Any]) -> str:
    error = GraphError(problems, title=graph.name or "graph")
    if len(problems) == 1:
        return f"{error.title}: {problems[0].message}"
    return f"{error.title}: {len(problems)} problems"
