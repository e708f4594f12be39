"""Whole graphs in worker processes: a pool's jobs, seen from this side and from the worker's."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from streamlab.core.frame import DataFrame
from streamlab.engine.graph import Graph
from streamlab.engine.messages import CODEC, REQUEST
from streamlab.engine.paths import Folders
from streamlab.engine.plan import make_plan
from streamlab.engine.process.batch import BatchReader, BatchWriter
from streamlab.engine.process.link import NOBODY, Link, Op
from streamlab.engine.process.memory import SharedMemory
from streamlab.engine.process.worker_process import WorkerProcess
from streamlab.engine.report import Report
from streamlab.engine.spec import GraphSpec
from streamlab.engine.warm import WarmInstance
from streamlab.errors import NodeError, WorkerLost

__all__ = ["GraphHost", "RemoteGraph", "without_processes"]

_GRACE = 1.0
"""Seconds that a job which is given up gets to end, after which its process is killed."""


def without_processes(spec: GraphSpec) -> GraphSpec:
    """Return the graph as it runs inside a worker: what asks for a process is in one already."""
    nodes = {
        name: replace(node, executor="inline") if node.executor == "process" else node
        for name, node in spec.nodes.items()
    }
    settings = (
        replace(spec.settings, executor="inline") if spec.settings.executor == "process" else spec.settings
    )
    return replace(spec, nodes=nodes, settings=settings)


class RemoteGraph:
    """A warm graph in a worker process of its own (see :class:`streamlab.engine.warm.Warm`)."""

    def __init__(self, process: WorkerProcess, memory: tuple[SharedMemory, SharedMemory]) -> None:
        self.process = process
        self._memory = memory
        self._writer = BatchWriter(memory[0], CODEC)
        self._reader = BatchReader(memory[1], CODEC)
        self._open = False

    @classmethod
    async def create(cls, graph: Graph, folders: Folders) -> Self:
        """Start the process and have it make and open the nodes.

        Raises WorkerLost, NodeError, GraphError; nothing is left then.
        """
        memory = (SharedMemory(), SharedMemory())
        self: Self | None = None
        try:
            name = graph.spec().name or "a graph"
            process = await WorkerProcess.start(f"{name!r}", CODEC, [item.descriptor for item in memory])
            self = cls(process, memory)
            order = {
                "document": graph.to_dict(),
                "inputs": None if folders.inputs is None else str(folders.inputs),
                "outputs": None if folders.outputs is None else str(folders.outputs),
            }
            await process.ask(Op.GRAPH, NOBODY, order)
            self._open = True
        except BaseException:
            if self is not None:
                await self.close()
            for item in memory:
                item.close()
            raise
        return self

    @property
    def alive(self) -> bool:
        """See :class:`Warm`: whether nobody has killed the process meanwhile."""
        return not self.process.gone

    async def job(self, number: int, frame: DataFrame | None) -> Report:
        """See :class:`Warm`. Raises WorkerLost when the process dies over it."""
        size = 0 if frame is None else self._writer.write([(0, 0, frame)])
        report: Report = await self.process.request(
            Op.JOB, NOBODY, REQUEST.pack(size, frame is not None, number), self._answer
        )
        return report

    def _answer(self, body: bytes) -> Report:
        size, _, _ = REQUEST.unpack_from(body)
        report: Report = CODEC.unpack(memoryview(body)[REQUEST.size :])
        names = list(report.outputs)
        for group, _, frame in self._reader.read(size):
            report.outputs[names[group]].append(frame)
        return report

    async def close(self) -> list[NodeError]:
        """See :class:`Warm`. A job that is under way is given up."""
        errors: list[NodeError] = []
        self.process.tell(Op.CANCEL, NOBODY)
        if self._open and await self.process.settle(_GRACE) and not self.process.gone:
            with suppress(WorkerLost):  # it closed everything by dying
                errors = await self.process.ask(Op.DESTROY, NOBODY, None)
        await self.process.close()
        for item in self._memory:
            item.close()
        return errors


class GraphHost:
    """The worker's side: one warm instance of a graph."""

    def __init__(self, link: Link, request: SharedMemory, reply: SharedMemory) -> None:
        self._link = link
        self._reader = BatchReader(request, CODEC)
        self._writer = BatchWriter(reply, CODEC)
        self._warm: WarmInstance | None = None

    async def answer(self, op: Op, body: bytes) -> bytes:
        """Do what is asked: open the graph, do a job, destroy the nodes."""
        if op is Op.GRAPH:
            await self._create(CODEC.unpack(body))
            return CODEC.pack(None)
        if op is Op.DESTROY:
            warm, self._warm = self._warm, None
            return CODEC.pack(await warm.close() if warm is not None else [])
        return await self._job(body)

    async def _create(self, told: dict[str, Any]) -> None:
        spec = without_processes(Graph.load(told["document"]).spec())
        inputs = None if told["inputs"] is None else Path(told["inputs"])
        self._warm = await WarmInstance.create(make_plan(spec), Folders(inputs, told["outputs"]))

    async def _job(self, body: bytes) -> bytes:
        if self._warm is None:
            raise RuntimeError("no graph was opened here")
        size, given, number = REQUEST.unpack(body)
        frame = self._reader.read(size)[0][2] if given else None
        loop = asyncio.get_running_loop()
        job = loop.create_task(self._warm.job(number, frame), name=f"streamlab:job {number}")
        loop.add_reader(self._link.socket.fileno(), self._out_of_turn, job)
        try:
            report = await job
        except asyncio.CancelledError:
            raise WorkerLost(f"job {number} was given up") from None
        finally:
            loop.remove_reader(self._link.socket.fileno())
        frames = [(at, 0, item) for at, items in enumerate(report.outputs.values()) for item in items]
        report.outputs = {name: [] for name in report.outputs}
        told = CODEC.pack(report)
        return REQUEST.pack(self._writer.write(frames), 0, number) + told

    def _out_of_turn(self, job: "asyncio.Task[Report]") -> None:
        """Something comes while a job runs: that it is given up, or the end of the link."""
        if self._link.gives_up():
            asyncio.get_running_loop().remove_reader(self._link.socket.fileno())
            job.cancel()
