"""Host: the worker's side. Segments whose nodes live here, or a whole graph that does jobs."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from streamlab.core.context import Context
from streamlab.core.frame import DataFrame
from streamlab.core.node import ProcessingNode, frames_of
from streamlab.core.registry import node_class
from streamlab.engine.chain import Chain, Done
from streamlab.engine.instance import open_node
from streamlab.engine.messages import CODEC, REQUEST, Reply, pack_counters
from streamlab.engine.outlet import Collector, Outlet
from streamlab.engine.process.batch import BatchReader, BatchWriter, Placed
from streamlab.engine.process.link import NOBODY, Link, Op
from streamlab.engine.process.memory import SharedMemory
from streamlab.engine.process.wire import WireError
from streamlab.engine.pull import END, take
from streamlab.engine.remote_jobs import GraphHost
from streamlab.engine.spec import NodeSpec
from streamlab.engine.step import Emissions, Step
from streamlab.errors import NodeError

__all__ = ["Host"]


class Host:
    """Answers the requests of one worker process. ``memory`` is a pair of blocks for each segment."""

    def __init__(self, link: Link, memory: list[SharedMemory]) -> None:
        self._link = link
        self._memory = memory
        self._loop = asyncio.new_event_loop()
        self._segments: dict[int, _SegmentHost] = {}
        self._graph: GraphHost | None = None

    def answer(self, op: Op, number: int, body: bytes) -> bytes:
        """Do what is asked and return the answer's body. Raises whatever goes wrong."""
        if op is Op.NOTHING:
            return CODEC.pack(None)
        if op in (Op.GRAPH, Op.JOB) or (op is Op.DESTROY and number == NOBODY):
            self._graph = self._graph or GraphHost(self._link, *self._memory)
            done: bytes = self._run(self._graph.answer(op, body))
            return done
        segment = self._segments.get(number)
        if segment is None:
            pair = self._memory[2 * number : 2 * number + 2]
            segment = self._segments[number] = _SegmentHost(pair[0], pair[1], self._run)
        return segment.answer(op, body)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        asyncio.set_event_loop(self._loop)
        try:
            return self._loop.run_until_complete(work)
        finally:
            asyncio.set_event_loop(None)

    def close(self) -> None:
        """Let go of the loop and of the memory. What nodes have open ends with the process."""
        self._loop.close()
        for memory in self._memory:
            memory.close()


class _SegmentHost:
    """The nodes of one segment, alive, and the chain that they make."""

    def __init__(
        self, request: SharedMemory, reply: SharedMemory, run: Callable[[Coroutine[Any, Any, Any]], Any]
    ) -> None:
        self._reader = BatchReader(request, CODEC)
        self._writer = BatchWriter(reply, CODEC)
        self._run = run
        self._nodes: dict[str, ProcessingNode] = {}
        self._specs: dict[str, NodeSpec] = {}
        self._steps: list[Step] = []
        self._chain: Chain | None = None
        self._places: dict[Outlet, int] = {}
        self._frames: Any = None
        self._does: dict[Op, Callable[[bytes], bytes]] = {
            Op.PUSH: self._push,
            Op.FLUSH: self._flush,
            Op.TAKE: self._take,
        }
        self._told: dict[Op, Callable[[Any], Any]] = {
            Op.CREATE: self._create,
            Op.BEGIN: self._begin,
            Op.WATCH: self._watch,
            Op.END: self._end,
            Op.UPDATE: lambda told: self._nodes[told["id"]].update(**told["changes"]),
            Op.RESULT: self._results,
            Op.RESET: self._reset,
            Op.DESTROY: self._destroy,
        }

    def answer(self, op: Op, body: bytes) -> bytes:
        """Do what is asked of this segment."""
        does = self._does.get(op)
        return does(body) if does is not None else CODEC.pack(self._told[op](CODEC.unpack(body)))

    # -- the nodes' lives

    def _create(self, told: dict[str, Any]) -> dict[str, Any]:
        name, cls, config = told["id"], node_class(told["type"]), told["config"]
        graph, digest = told["graph"]
        node = self._run(open_node(cls, config, Context(graph, digest, name)))
        self._nodes[name] = node
        self._specs[name] = NodeSpec(
            id=name, type_name=told["type"], index=0, cls=cls, config=config, params=None, join=None,
            on_error=told["on_error"],
        )  # fmt: skip
        return {"info": getattr(node, "info", None), "realtime": bool(getattr(node, "realtime", False))}

    def _reset(self, told: dict[str, Any]) -> None:
        self._nodes[told["id"]].reset()

    def _destroy(self, told: dict[str, Any]) -> None:
        ending = self._nodes.pop(told["id"]).on_destroy()
        if inspect.isawaitable(ending):
            self._run(_awaited(ending))

    def _results(self, _: None) -> dict[str, tuple[Any, BaseException | None]]:
        told: dict[str, tuple[Any, BaseException | None]] = {}
        for name, node in self._nodes.items():
            if type(node).result is not ProcessingNode.result:
                try:
                    value = node.result()
                    CODEC.pack(value)
                    told[name] = (value, None)
                except Exception as error:
                    told[name] = (None, error)
        return told

    # -- a stream

    def _begin(self, told: dict[str, Any]) -> None:
        for node in self._nodes.values():
            node.job = told["job"]
        self._steps = [
            Step(spec, self._nodes[name], {port: Outlet([]) for port in spec.cls.outputs}, jumps)
            for (name, spec), jumps in zip(self._specs.items(), told["mixed"], strict=True)
        ]
        outlets = [outlet for step in self._steps for outlet in step.outlets.values()]
        self._places = {outlet: place for place, outlet in enumerate(outlets)}
        self._frames = None
        self._chain = Chain(self._steps) if self._steps[0].spec.cls.tier == "process" else None

    def _watch(self, watched: list[bool]) -> None:
        """Somebody reads an output there: a reader here makes the chain give it out."""
        for outlet, read in zip(self._places, watched, strict=True):
            outlet.taps[:] = [Collector()] if read else []

    def _push(self, body: bytes) -> bytes:
        size, ports, _ = REQUEST.unpack(body)
        frames = [frame for _, _, frame in self._reader.read(size)]
        groups = [tuple(frames[at : at + ports]) for at in range(0, len(frames), ports)]
        return self._reply(self._running().push_all(groups))

    def _flush(self, body: bytes) -> bytes:
        out: Emissions = []
        try:
            self._running().flush(out, CODEC.unpack(body))
        except NodeError as error:
            return self._reply([error])
        return self._reply([(1, out)])

    def _running(self) -> Chain:
        if self._chain is None:
            raise RuntimeError("no stream has begun in this segment")
        return self._chain

    def _reply(self, done: list[Done | NodeError]) -> bytes:
        error: NodeError | None = None
        placed: list[Placed] = []
        groups: list[int] = []
        for item in done:
            if isinstance(item, NodeError):
                error = item
            else:
                count, out = item
                placed += [(len(groups), self._places[outlet], frame) for outlet, frame in out]
                groups.append(count)
        try:
            size = self._writer.write(placed)
        except WireError as cause:
            error = NodeError(self._steps[-1].id, cause, phase="deliver")
            size, groups = self._writer.write([]), []
        if self._chain is not None:
            self._chain.lead.settle()
        return Reply(size, groups, counters=pack_counters(self._steps), error=error).packed()

    # -- a source

    def _take(self, body: bytes) -> bytes:
        _, count, _ = REQUEST.unpack(body)
        step = self._steps[0]
        if self._frames is None:
            self._frames = _opened(step)
        items = take(self._frames, count)
        error = items.pop() if items and isinstance(items[-1], Exception) else None
        ended = bool(items) and items[-1] is END
        if ended:
            items.pop()
        placed: list[Placed] = []
        groups: list[int] = []
        for item in items:
            try:
                placed += [(len(groups), place, frame) for place, frame in _placed(step, item)]
            except (TypeError, KeyError, AttributeError) as wrong:
                error = NodeError(step.id, wrong)
                break
            groups.append(1)
        size = self._writer.write(placed)
        return Reply(size, groups, ended, error=error).packed()

    def _end(self, _: None) -> None:
        close = getattr(self._frames, "close", None)
        if close is not None:
            close()


def _opened(step: Step) -> Any:
    source: Any = step.node
    frames = source.frames()
    if isinstance(frames, AsyncIterator):
        kept = "an async source stays in the caller's loop"
        raise NodeError(step.id, message=f'{kept}: give it "executor": "inline"')
    return iter(frames)


def _placed(step: Step, item: Any) -> list[tuple[int, DataFrame]]:
    """Return the frames of an item with the places of their ports. Raises TypeError for what is none."""
    if len(step.outlets) == 1 or item is None:
        return [(0, frame) for frame in frames_of(item)]
    ports = list(step.outlets)
    return [(ports.index(port), frame) for port, frames in item.items() for frame in frames_of(frames)]


async def _awaited(ending: Any) -> None:
    await ending
