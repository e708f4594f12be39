"""Segments whose nodes live in a worker process: what stands for them here."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from streamlab.core.context import Context
from streamlab.core.info import StreamInfo
from streamlab.core.node import ProcessingNode
from streamlab.engine.chain import Done
from streamlab.engine.layout import Segment
from streamlab.engine.messages import CODEC, REQUEST, Reply, apply_counters
from streamlab.engine.outlet import Outlet
from streamlab.engine.process.batch import BatchReader, BatchWriter, Placed
from streamlab.engine.process.link import Op
from streamlab.engine.process.memory import SharedMemory
from streamlab.engine.process.wire import WireError
from streamlab.engine.process.worker_process import WorkerProcess
from streamlab.engine.pull import END
from streamlab.engine.spec import NodeSpec
from streamlab.engine.step import Emissions, Step
from streamlab.errors import NodeError, WorkerLost

__all__ = ["RemoteNode", "RemoteSegment", "start_workers"]

_BATCH_BYTES = 4 << 20
"""Samples that go over at once at most: more gains nothing, and a segment needs this much memory twice."""


class RemoteNode(ProcessingNode):
    """A node in a worker process. Its parameters are there; here is what the engine asks of it."""

    info: StreamInfo | None = None
    realtime = False

    def __init__(self, segment: "RemoteSegment", name: str, told: Mapping[str, Any]) -> None:
        super().__init__()
        self.info = told["info"]
        self.realtime = told["realtime"]
        self._segment = segment
        self._name = name
        self.value: Any = None
        self.error: BaseException | None = None

    def frames(self) -> Any:
        """What SourceRunner pulls by way of the segment."""
        return iter(())

    def result(self) -> Any:
        """The value that ``RemoteSegment.fetch_results`` brought."""
        if self.error is not None:
            raise self.error
        return self.value

    def update(self, **changes: Any) -> Any:
        """Change live parameters there: to be awaited."""
        return self._segment.ask(Op.UPDATE, {"id": self._name, "changes": changes})

    def reset(self) -> Any:
        """Forget the stream: to be awaited."""
        return self._segment.ask(Op.RESET, {"id": self._name})

    async def on_destroy(self) -> None:
        """Close there what it opened; a process that is gone has closed everything."""
        if not self._segment.process.gone:
            with suppress(WorkerLost):
                await self._segment.ask(Op.DESTROY, {"id": self._name})


class RemoteSegment:
    """A chain of nodes, or a source, in a worker process."""

    def __init__(self, segment: Segment, number: int) -> None:
        self.names = segment.nodes
        self.nodes: dict[str, RemoteNode] = {}
        self._process: WorkerProcess | None = None
        self._number = number
        self._memory = (SharedMemory(), SharedMemory())
        self._writer = BatchWriter(self._memory[0], CODEC)
        self._reader = BatchReader(self._memory[1], CODEC)
        self._steps: list[Step] = []
        self._outlets: list[Outlet] = []
        self._mixed: list[bool] = []
        self._watched: list[bool] | None = None

    @property
    def descriptors(self) -> tuple[int, int]:
        """The shared memory, for the worker: what it reads, what it writes."""
        return self._memory[0].descriptor, self._memory[1].descriptor

    @property
    def process(self) -> WorkerProcess:
        """The worker. Raises WorkerLost when it was never started."""
        if self._process is None:
            raise WorkerLost(f"no worker process was started for {self.names[0]!r}")
        return self._process

    @process.setter
    def process(self, process: WorkerProcess) -> None:
        self._process = process

    async def close(self) -> None:
        """End the process, which neighbours may share, and let go of the memory. Twice is fine."""
        if self._process is not None:
            await self._process.close()
        for memory in self._memory:
            memory.close()

    async def ask(self, op: Op, value: Any) -> Any:
        """Send a request about this segment. Raises as :meth:`WorkerProcess.ask`."""
        return await self.process.ask(op, self._number, value)

    # -- its nodes

    async def create(self, spec: NodeSpec, config: dict[str, Any], context: Context) -> RemoteNode:
        """Make a node in the worker and open it. Raises what its constructor or ``on_create`` raised."""
        order = {"id": spec.id, "type": spec.type_name, "config": config, "on_error": spec.on_error}
        order["graph"] = [context.graph, context.graph_hash]
        told = await self.ask(Op.CREATE, order)
        node = self.nodes[spec.id] = RemoteNode(self, spec.id, told)
        return node

    async def fetch_results(self) -> None:
        """Bring the nodes' final values here. Those of a process that is gone are errors."""
        if not any(self._knows_result(step) for step in self._steps):
            return
        try:
            told = await self.ask(Op.RESULT, None)
        except WorkerLost as lost:
            for node in self.nodes.values():
                node.error = lost
            return
        for name, (value, error) in told.items():
            self.nodes[name].value, self.nodes[name].error = value, error

    @staticmethod
    def _knows_result(step: Step) -> bool:
        return step.spec.cls.result is not ProcessingNode.result

    async def update(self, node: str, changes: dict[str, Any]) -> None:
        """Change live parameters between two batches. Raises ParamError."""
        await self.nodes[node].update(**changes)

    async def settle(self, grace: float) -> bool:
        """Wait for the call under way; False if it did not return, and the process was killed."""
        return await self.process.settle(grace) and not self.process.killed

    # -- a stream through them

    def begin(
        self, steps: Sequence[Step], mixed: Sequence[bool], on_failure: Callable[[NodeError], None]
    ) -> "RemoteSegment":
        """Stand for these steps from now on; ``on_failure`` hears if the process dies while it is idle.

        Returns itself.
        """
        name = self.names[0]
        self.process.on_death = [lambda lost: on_failure(NodeError(name, lost))]
        self._steps, self._mixed, self._watched = list(steps), list(mixed), None
        self._outlets = [outlet for step in steps for outlet in step.outlets.values()]
        for node in self.nodes.values():
            node.value = node.error = None
        return self

    async def _ready(self) -> None:
        """Tell the worker that a stream begins, and who reads which output when that changes."""
        watched = [bool(outlet.edges or outlet.taps) for outlet in self._outlets]
        if self._watched is None:
            job = next(iter(self.nodes.values())).job
            await self.ask(Op.BEGIN, {"mixed": self._mixed, "job": job})
        if watched != self._watched:
            await self.ask(Op.WATCH, watched)
            self._watched = watched

    async def push_all(self, groups: list[tuple[Any, ...]]) -> list[Done | NodeError]:
        """As :meth:`Chain.push_all`, there."""
        done: list[Done | NodeError] = []
        try:
            await self._ready()
            for part in self._parts(groups):
                size = self._writer.write(part)
                body = REQUEST.pack(size, len(groups[0]), 0)
                answer: list[Done | NodeError] = await self.process.request(
                    Op.PUSH, self._number, body, self._answer
                )
                done += answer
                if isinstance(answer[-1], NodeError):
                    break
        except (WorkerLost, WireError) as error:
            first = sum(item[0] for item in done if isinstance(item, tuple))
            done.append(self._failed(error, groups[first][0].sequence_id))
        return done

    def _failed(self, error: Exception, sequence_id: int) -> NodeError:
        """The worker died over these frames, or they cannot go there: the first of them counts as failed."""
        metrics = self._steps[0].metrics
        metrics.frames_in += 1
        metrics.failed += 1
        return NodeError(self.names[0], error, sequence_id=sequence_id)

    @staticmethod
    def _parts(groups: list[tuple[Any, ...]]) -> list[list[Placed]]:
        """Cut the groups into batches of a bearable size."""
        parts: list[list[Placed]] = []
        part: list[Placed] = []
        size = first = 0
        for at, frames in enumerate(groups):
            part += [(at - first, port, frame) for port, frame in enumerate(frames)]
            size += sum(frame.samples.nbytes for frame in frames)
            if size >= _BATCH_BYTES:
                parts.append(part)
                part, size, first = [], 0, at + 1
        return [*parts, part] if part else parts

    def _answer(self, body: bytes) -> list[Done | NodeError]:
        reply = Reply.unpacked(body)
        apply_counters(self._steps, reply.counters)
        outs: list[Emissions] = [[] for _ in reply.groups]
        for group, place, frame in self._reader.read(reply.size):
            outs[group].append((self._outlets[place], frame))
        done: list[Done | NodeError] = list(zip(reply.groups, outs, strict=True))
        if isinstance(reply.error, NodeError):
            done.append(reply.error)
        return done

    async def flush(self, gap: int) -> Emissions:
        """As :meth:`Chain.flush`, there. Raises NodeError."""
        try:
            await self._ready()
            answer = await self.process.request(Op.FLUSH, self._number, CODEC.pack(gap), self._answer)
        except (WorkerLost, WireError) as error:
            raise NodeError(self.names[0], error, phase="flush") from error
        tail: Emissions = []
        for item in answer:
            if isinstance(item, NodeError):
                raise item
            tail += item[1]
        return tail

    # -- a source

    async def take(self, frames: Any, count: int) -> list[Any]:
        """See :class:`PullAway`: items as the source gave them, the end or an error behind them."""
        try:
            await self._ready()
            body = REQUEST.pack(0, count, 0)
            items: list[Any] = await self.process.request(Op.TAKE, self._number, body, self._items)
        except (WorkerLost, WireError) as error:
            return [error]
        return items

    def _items(self, body: bytes) -> list[Any]:
        reply = Reply.unpacked(body)
        ports = list(self._steps[0].outlets)
        items: list[Any] = [{} if len(ports) > 1 else [] for _ in reply.groups]
        for group, place, frame in self._reader.read(reply.size):
            if len(ports) > 1:
                items[group].setdefault(ports[place], []).append(frame)
            else:
                items[group].append(frame)
        if reply.error is not None:
            items.append(reply.error)
        elif reply.ended:
            items.append(END)
        return items

    async def end(self, frames: Any) -> None:
        """See :class:`PullAway`."""
        if not (self.process.gone or self.process.busy) and self._watched is not None:
            with suppress(WorkerLost):
                await self.ask(Op.END, None)


async def start_workers(segments: Sequence[Segment], count: int) -> dict[int, RemoteSegment]:
    """Start up to ``count`` worker processes and give each its share of neighbouring segments.

    Returns what stands for the segments, by index. Raises WorkerLost; nothing is left running then.
    """
    shares = min(count, len(segments))
    cuts = [len(segments) * at // shares for at in range(shares + 1)] if shares else []
    groups = [
        [RemoteSegment(segment, number) for number, segment in enumerate(segments[low:high])]
        for low, high in pairwise(cuts)
    ]
    started = await asyncio.gather(*map(_start, groups), return_exceptions=True)
    remotes = [remote for group in groups for remote in group]
    errors = [error for error in started if error is not None]
    if errors:
        for remote in remotes:
            await remote.close()
        raise errors[0]
    return {segment.index: remote for segment, remote in zip(segments, remotes, strict=True)}


async def _start(group: list[RemoteSegment]) -> None:
    """Start the process that a few segments share."""
    label = " + ".join(repr(name) for remote in group for name in remote.names)
    descriptors = [descriptor for remote in group for descriptor in remote.descriptors]
    process = await WorkerProcess.start(label, CODEC, descriptors)
    for remote in group:
        remote.process = process
