"""Pipelines: all graphs that are deployed, a spare process for the next, and who looks at which stream."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from streamlab.errors import ParamError, StreamLabError
from streamlab.server.checking import Places
from streamlab.server.errors import ApiError
from streamlab.server.hub import StreamHub
from streamlab.server.live.options import KINDS, parse_options
from streamlab.server.pipeline import Pipeline, Tell
from streamlab.server.process import WorkerProcess

__all__ = ["Pipelines"]

_MAX_PIPELINES = 32
_MAX_STREAMS = 256
_MAX_USES = 20
"""Graphs that a process runs, one after the other: what their nodes have leaked goes with it."""
_CLEAR_SECONDS = 2.0
_LINGER = 10.0
"""Seconds that a stream lives on without a client: a page that is loaded again finds its past."""


class Pipelines:
    """The deployed graphs of one server. ``tell`` gets what every client shall hear."""

    def __init__(self, tell: Tell, nodes: Sequence[Path] = ()) -> None:
        self._tell = tell
        self._nodes = nodes
        self._all: dict[str, Pipeline] = {}
        self._numbers = itertools.count(1)
        self._stream_numbers = itertools.count(1)
        self._keys: dict[str, StreamHub] = {}
        self._spare: WorkerProcess | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    # -- processes

    async def warm_up(self) -> None:
        """Have a process ready for the next graph."""
        if self._spare is None and not self._closed:
            worker = WorkerProcess()
            with suppress(ApiError):  # whoever needs one will be told
                await worker.start(self._nodes)
                self._spare = worker

    async def _spawn(self) -> WorkerProcess:
        worker, self._spare = self._spare, None
        if worker is None or worker.gone:
            worker = WorkerProcess()
            await worker.start(self._nodes)
        self._soon(self.warm_up())
        return worker

    async def _give_back(self, worker: WorkerProcess, healthy: bool) -> None:
        """Keep a process for the next graph, or end it."""
        worker.uses += 1
        if healthy and not self._closed and worker.uses < _MAX_USES:
            try:
                await worker.ask("clear", within=_CLEAR_SECONDS)
            except (StreamLabError, TimeoutError):
                pass
            else:
                spare, self._spare = self._spare, worker
                worker = spare if spare is not None else worker
        if worker is not self._spare:
            await worker.close()

    def _soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work, name="streamlab:soon")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- pipelines

    def __iter__(self) -> Any:
        return iter(self._all.values())

    def get(self, name: str) -> Pipeline:
        """Return a pipeline. Raises ApiError 404."""
        pipeline = self._all.get(name)
        if pipeline is None:
            raise ApiError(404, "not-found", f"no pipeline {name!r}")
        return pipeline

    async def deploy(
        self, document: dict[str, Any], places: Places, path: str | None, revision: str | None
    ) -> Pipeline:
        """Take a graph. Raises ApiError 422 with its problems, 503; nothing is left then."""
        if len(self._all) >= _MAX_PIPELINES:
            raise ApiError(409, "state", f"there are {_MAX_PIPELINES} pipelines already: delete one")
        pipeline = Pipeline(f"p{next(self._numbers)}", places, self._tell, self._spawn, self._give_back)
        try:
            await pipeline.load(document, path, revision)
        except BaseException:
            await pipeline.close()
            raise
        self._all[pipeline.id] = pipeline
        return pipeline

    async def delete(self, name: str) -> None:
        """End a pipeline and forget it. Raises ApiError 404."""
        pipeline = self.get(name)
        del self._all[name]
        await pipeline.close(2.0)
        for key in [key for key, hub in self._keys.items() if hub.pipeline == name]:
            del self._keys[key]
        self._tell({"type": "gone", "pipeline": name})

    def kill(self) -> None:
        """End all processes now; ``close`` then has nothing to wait for."""
        for pipeline in self._all.values():
            pipeline.kill()

    async def close(self, timeout: float = 1.5) -> None:
        """End everything; what is in flight has so many seconds to arrive."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        ending = [pipeline.close(timeout) for pipeline in self._all.values()]
        if self._spare is not None:
            ending.append(self._spare.close())
        await asyncio.gather(*ending, return_exceptions=True)

    # -- streams

    async def subscribe(self, name: str, output: str, kind: str, given: dict[str, Any]) -> StreamHub:
        """Return the stream for such a view, one more client counted. Raises ApiError 400, 404, 422."""
        pipeline = self.get(name)
        if kind == "auto":
            kind = self._suited(pipeline, output)
        if kind not in KINDS:
            raise ApiError(400, "bad-request", f"no kind {kind!r}; kinds: {', '.join(KINDS)}, auto")
        try:
            options = parse_options(kind, given).model_dump()
        except ParamError as error:
            raise ApiError(
                400, "bad-request", str(error.problems[0].message), problems=error.problems
            ) from None
        output = _known_output(pipeline, output)
        request = {"output": output, "kind": kind, "options": options}
        key = json.dumps([name, request], sort_keys=True)
        hub = self._keys.get(key)
        if hub is None:
            if len(self._keys) >= _MAX_STREAMS:
                raise ApiError(409, "state", f"there are {_MAX_STREAMS} streams already: close some views")
            hub = self._keys[key] = StreamHub(next(self._stream_numbers), name, request)
            hub.clients += 1
            try:
                await pipeline.open_stream(hub)
            except BaseException:
                self._keys.pop(key, None)
                raise
        else:
            hub.clients += 1
        return hub

    def unsubscribe(self, hub: StreamHub) -> None:
        """Count one client less; without any the stream ends a while later."""
        hub.clients -= 1
        if not hub.clients and not self._closed:
            self._soon(self._forget(hub))

    async def _forget(self, hub: StreamHub) -> None:
        await asyncio.sleep(_LINGER)
        if hub.clients:
            return
        for key, known in list(self._keys.items()):
            if known is hub:
                del self._keys[key]
        pipeline = self._all.get(hub.pipeline)
        if pipeline is not None:
            with suppress(StreamLabError):
                await pipeline.close_stream(hub.number)

    async def reset(self, hub: StreamHub) -> None:
        """Forget averages and held peaks of a stream."""
        await self.get(hub.pipeline).reset_stream(hub.number)

    @staticmethod
    def _suited(pipeline: Pipeline, output: str) -> str:
        info = pipeline.flow.get(_known_output(pipeline, output))
        if info is None:
            return "strip"
        if info["axis"] in ("frequency", "band", "order"):
            return "spectrum"
        return "strip" if info["axis"] == "time" and (info["rate"] or 0.0) >= 20.0 else "scalar"


def _known_output(pipeline: Pipeline, text: str) -> str:
    """Return the output in full, ``node.port``. Raises ApiError 404."""
    if text in pipeline.flow:
        return text
    ports = [name for name in pipeline.flow if name.rpartition(".")[0] == text]
    if len(ports) == 1:
        return ports[0]
    have = ", ".join(pipeline.flow) or "none"
    raise ApiError(404, "not-found", f"no output {text!r}", hint=f"outputs: {have}")
