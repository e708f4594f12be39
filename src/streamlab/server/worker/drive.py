"""Drive: triggers for graphs that wait for them, at the pace of the signal that they make."""

import asyncio
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from streamlab.core.frame import DataFrame
from streamlab.engine.async_pipeline import AsyncPipeline
from streamlab.errors import NodeError, NotRunning

__all__ = ["Drive", "trigger_period"]

_USUAL = Fraction(1, 10)
"""Seconds between triggers of what does not say how long its frames are."""
_LATE = 0.5
"""Seconds behind after which what was missed is not made up for."""
_SLEEP = 0.004
"""Seconds that are worth a sleep."""


def trigger_period(params: Any) -> Fraction:
    """Return the seconds of signal that a trigger makes."""
    size, rate = getattr(params, "frame_size", None), getattr(params, "sample_rate", None)
    return _USUAL if not size or not rate else Fraction(size) / Fraction(str(rate))


class Drive:
    """Triggers every input that waits, until the pipeline ends or for so many seconds of signal.

    Inputs whose frames are of different lengths are each triggered at their own pace. ``seconds`` is how
    much signal was asked for so far.
    """

    def __init__(self, pipeline: AsyncPipeline, *, paced: bool, duration: float | None) -> None:
        self.seconds = 0.0
        self._pipeline = pipeline
        self._paced = paced
        self._duration = duration

    async def run(self) -> None:
        """Trigger."""
        pipeline, groups = self._pipeline, dict[Fraction, list[str]]()
        for name in pipeline.spec.triggers:
            groups.setdefault(trigger_period(pipeline.spec.nodes[name].params), []).append(name)
        origin = time.time_ns() // 1000
        try:
            async with asyncio.TaskGroup() as group:
                for period, names in groups.items():
                    group.create_task(self._drive(names, period, origin), name="streamlab:drive")
            pipeline.finish()
        except* (NotRunning, NodeError):
            pass  # it has ended; who watches it knows why

    async def _drive(self, names: list[str], period: Fraction, origin: int) -> None:
        clock, pipeline = asyncio.get_running_loop().time, self._pipeline
        began = clock()
        everyone = len(names) == len(pipeline.spec.triggers)
        for number, at in enumerate(_times(period, self._duration)):
            if self._paced:
                ahead = began + float(at) - clock()
                if ahead > _SLEEP:
                    await asyncio.sleep(ahead)
                elif ahead < -_LATE:
                    began -= ahead
            frame = DataFrame(origin + int(at * 10**6), number)
            for name in (None,) if everyone else names:
                await pipeline.trigger(frame, to=name)
            self.seconds = max(self.seconds, float(at + period))
            if not number % 16:
                await asyncio.sleep(0)


def _times(period: Fraction, duration: float | None) -> Iterator[Fraction]:
    number = 0
    while duration is None or number * period < duration:
        yield number * period
        number += 1
