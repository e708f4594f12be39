"""Instance: the nodes of one graph, alive. All or none are made; each that was made is destroyed once."""

import asyncio
import inspect
import os
from collections.abc import Mapping
from typing import Any

from streamlab.core.context import Context
from streamlab.core.info import StreamInfo
from streamlab.core.node import ProcessingNode
from streamlab.engine.layout import Plan
from streamlab.engine.paths import Folders
from streamlab.engine.remote import RemoteSegment, start_workers
from streamlab.errors import NodeError

__all__ = ["DESTROY_GRACE", "HURRIED_GRACE", "Instance", "open_node"]

DESTROY_GRACE = 30.0
"""Seconds that ``on_destroy`` may take: a node that awaits for ever cannot hang the end."""

HURRIED_GRACE = 1.0
"""The same where the run was cut off."""


class Instance:
    """Node objects by id, in the order of the stream."""

    def __init__(self, plan: Plan) -> None:
        self.spec = plan.graph
        self.nodes: dict[str, ProcessingNode] = {}
        self.remote: dict[int, RemoteSegment] = {}
        self._grace = DESTROY_GRACE
        self._limit: asyncio.Timeout | None = None

    @classmethod
    async def create(cls, plan: Plan, folders: Folders) -> "Instance":
        """Make every node and let it open what it needs. If one fails, those before it are destroyed.

        Segments with executor ``process`` are made in worker processes, as many as there are cores.

        Raises NodeError (phase ``create``) with any further failures in ``others``.
        """
        self = cls(plan)
        away = [segment for segment in plan.segments if segment.executor == "process"]
        name = away[0].nodes[0] if away else ""
        try:
            if away:
                self.remote = await start_workers(away, os.cpu_count() or 1)
            home = {node: self.remote[segment.index] for segment in away for node in segment.nodes}
            for name in plan.graph.order:
                spec = plan.graph.nodes[name]
                config = folders.resolved(spec)
                segment = home.get(name)
                context = plan.graph.context(name)
                if segment is None:
                    checked = vars(spec.params) if config == spec.config else None
                    self.nodes[name] = await open_node(spec.cls, config, context, checked)
                else:
                    self.nodes[name] = await segment.create(spec, config, context)
        except BaseException as error:
            others = await self.destroy()
            if isinstance(error, Exception):
                failure = NodeError(name, error, phase="create")
                failure.others += others
                raise failure from error
            raise
        return self

    def opened(self) -> dict[str, StreamInfo]:
        """Return what the open sources say will come."""
        infos = {
            name: getattr(node, "info", None)
            for name, node in self.nodes.items()
            if self.spec.nodes[name].cls.tier == "source"
        }
        return {name: info for name, info in infos.items() if isinstance(info, StreamInfo)}

    async def prepare(self, job: str, *, again: bool) -> None:
        """Make the nodes ready for a job; ``again``: forget the one before.

        Raises NodeError (phase ``reset``).
        """
        for name, node in self.nodes.items():
            node.job = job
            if not again:
                continue
            try:
                resetting: Any = node.reset()  # type: ignore[func-returns-value]
                if inspect.isawaitable(resetting):
                    await resetting
            except Exception as error:
                raise NodeError(name, error, phase="reset") from error

    async def destroy(self) -> list[NodeError]:
        """Destroy the nodes, the last one first.

        Returns what went wrong; every node is destroyed all the same. Cancelled meanwhile, it makes haste
        and finishes: it is for the caller to end then.
        """
        destroying = asyncio.create_task(self._destroy(), name="streamlab:destroy")
        while not destroying.done():
            try:
                await asyncio.shield(destroying)
            except asyncio.CancelledError:
                self.hurry()
        return destroying.result()

    async def _destroy(self) -> list[NodeError]:
        errors = []
        while self.nodes:
            name, node = self.nodes.popitem()
            text = ""
            try:
                ending = node.on_destroy()
                if inspect.isawaitable(ending):
                    async with asyncio.timeout(self._grace) as self._limit:
                        await ending
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError):
                    text = "on_destroy was cut off"
                elif self._limit is not None and self._limit.expired():
                    text = f"on_destroy did not return within {self._grace:g} s"
                errors.append(NodeError(name, error, phase="destroy", message=text))
            self._limit = None
        for segment in self.remote.values():
            await segment.close()
        return errors

    def hurry(self) -> None:
        """Give what is still to be destroyed a short time only: the run was cut off."""
        self._grace = HURRIED_GRACE
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self._grace)


async def open_node(
    cls: type[ProcessingNode],
    config: Mapping[str, Any],
    context: Context,
    checked: Mapping[str, Any] | None = None,
) -> ProcessingNode:
    """Make a node and let it open what it needs. Raises what its constructor or ``on_create`` raises.

    ``checked`` is what its config decodes to, where that is known.
    """
    node: ProcessingNode
    if checked is not None:
        node = cls.of_checked(config, checked)
    else:
        node = cls(**config) if cls.param_set.fields else cls()
    node.context = context
    opening = node.on_create(config)
    if inspect.isawaitable(opening):
        await opening
    return node
