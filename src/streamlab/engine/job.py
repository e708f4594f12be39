"""A job: one trigger through one instance, from fresh channel ends to the last sink.

What Pipeline and PipelinePool have in common.
"""

from dataclasses import dataclass, field
from typing import Any

from streamlab.core.frame import DataFrame
from streamlab.core.params import shown
from streamlab.engine.instance import Instance
from streamlab.engine.layout import Plan
from streamlab.engine.outlet import Collector
from streamlab.engine.report import Report
from streamlab.engine.run import Run
from streamlab.engine.shot import Shot
from streamlab.engine.spec import GraphSpec
from streamlab.errors import NoTriggerInput

__all__ = ["JobResult", "check_frame", "check_trigger", "run_job"]


@dataclass(slots=True)
class JobResult:
    """What a job brought.

    ``outputs[sink id]`` the frames that came out of each sink, ``results[node id]`` final values.

    ``started_at`` and ``duration`` are seconds on the event loop's clock; ``report`` has the counters.
    """

    number: int
    outputs: dict[str, list[DataFrame]]
    results: dict[str, Any]
    started_at: float
    duration: float
    report: Report = field(repr=False)


def check_frame(frame: object) -> None:
    """Raise TypeError for a trigger that is no frame."""
    if not isinstance(frame, DataFrame):
        raise TypeError(f"a trigger is a DataFrame; found {shown(frame)}")


def check_trigger(spec: GraphSpec, frame: DataFrame | None) -> None:
    """Raise NoTriggerInput when the graph waits for a trigger and there is none, or the other way round.

    TypeError for what is no frame.
    """
    if frame is not None:
        check_frame(frame)
    if frame is None and spec.triggers and not spec.sources:
        raise NoTriggerInput(f"the graph waits for a trigger (at {', '.join(spec.triggers)}); give a frame")
    if frame is not None and not spec.triggers:
        raise NoTriggerInput(
            "nothing in this graph waits for triggers: its sources run by themselves; give no frame"
        )


async def run_job(
    plan: Plan, instance: Instance, frame: DataFrame | None, *, frames: int | None = None
) -> tuple[Run | Shot, dict[str, list[DataFrame]]]:
    """Send one trigger (None: let the sources run) through fresh channels until every sink has seen the end.

    Returns the run - its ``failure`` says whether it went well - and the frames that came out of each sink.
    """
    if frame is not None and Shot.fits(plan):
        shot = Shot(plan, instance)
        return shot, shot.fire(frame)
    run = Run(plan, instance, frames=frames)
    sinks = {name: Collector() for name in plan.sinks}
    for name, collector in sinks.items():
        for port in plan.graph.nodes[name].cls.outputs:
            run.tap(name, port, collector)
    if frame is not None:
        frame.seal()
        for sender in run.triggers.values():
            sender.offer(frame)
    run.finish()
    await run.drive()
    return run, {name: collector.frames for name, collector in sinks.items()}
