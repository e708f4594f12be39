"""What a pool keeps warm between jobs: the nodes of a graph, here or in a worker process."""

from typing import Protocol, Self

from streamlab.core.frame import DataFrame
from streamlab.engine.instance import Instance
from streamlab.engine.job import run_job
from streamlab.engine.layout import Plan
from streamlab.engine.paths import Folders
from streamlab.engine.plan import replan
from streamlab.engine.report import Report
from streamlab.engine.run import Run
from streamlab.engine.shot import Shot
from streamlab.errors import NodeError

__all__ = ["Warm", "WarmInstance"]


class Warm(Protocol):
    """Does one job after the other."""

    @property
    def alive(self) -> bool:
        """Whether it can do a job."""

    async def job(self, number: int, frame: DataFrame | None) -> Report:
        """Do a job and return its report, ``outputs`` of the sinks included. Raises what it failed of.

        After an error it must not be used again, only closed.
        """

    async def close(self) -> list[NodeError]:
        """Destroy the nodes and let go of everything. Returns what went wrong with that."""


class WarmInstance:
    """An instance in this process; its state is reset between jobs."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self._instance = instance
        self._plan = plan
        self._shot = Shot(plan, instance) if Shot.fits(plan) else None
        self._used = False

    @classmethod
    async def create(cls, plan: Plan, folders: Folders) -> Self:
        """Make and open the nodes. Raises NodeError, GraphError; nothing is left then."""
        instance = await Instance.create(plan, folders)
        try:
            return cls(instance, replan(plan, instance.opened()))
        except BaseException:
            await instance.destroy()
            raise

    @property
    def alive(self) -> bool:
        """See :class:`Warm`."""
        return True

    async def job(self, number: int, frame: DataFrame | None) -> Report:
        """See :class:`Warm`."""
        again, self._used = self._used, True
        await self._instance.prepare(str(number), again=again)
        run: Run | Shot
        if self._shot is not None and frame is not None:
            run, outputs = self._shot, self._shot.fire(frame)
        else:
            run, outputs = await run_job(self._plan, self._instance, frame)
        if run.failure is not None:
            raise run.failure
        return run.fill(Report(state="stopped", outputs=outputs))

    async def close(self) -> list[NodeError]:
        """See :class:`Warm`."""
        return await self._instance.destroy()
