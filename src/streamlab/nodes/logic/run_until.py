"""RunUntil: end a stream after some time, some frames, or when something happens."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.dsp.generate import exact_number
from streamlab.dsp.limits import Bounds
from streamlab.errors import EndOfStream, ParamError, Problem
from streamlab.nodes._channels import bounds_problems, matching, missing_value, not_over_time


class RunUntil(ProcessingNode):
    """Pass a stream on until the first of some conditions is met, and end it there.

    Input    (channels, n)                   Output  the same frames; the last one as long as it may be
    Kind     stream-wise                     State   where the stream began, and how many frames have passed
    Gaps     passed on; ``duration`` counts lost samples too
    Errors   ParamError without a condition, for a duration without a sample rate, or for an unknown channel

    ``duration`` is in seconds of signal from its first sample on; ``frames`` counts frames, and is the one
    condition that depends on how the stream is cut; ``lower`` and ``upper`` end it with the first sample of
    ``value`` that lies within them, which still passes. Its input is closed then: a source that feeds nobody
    else ends, too, while other branches of it run on. The result says what has ended it, and at which time.

    Example
    -------
    >>> node = RunUntil(duration=0.25)
    >>> node.process(DataFrame(payload={"x": [1.0, 2.0, 3.0, 4.0]}, sample_rate=10)).payload["x"].tolist()
    [1.0, 2.0, 3.0]
    >>> node.result()
    {'ended': 'duration', 'time': 0.3}
    """

    kind = "stream-wise"
    renumbers = False

    duration: float | None = param(default=None, doc="Seconds of signal to pass", unit="s", gt=0, le=1e9)
    frames: int | None = param(default=None, doc="Frames to pass", unit="frames", ge=1)
    value: str | None = param(
        default=None, doc="Channel to wait for, or what its name ends with", min_length=1
    )
    lower: float | None = param(
        default=None,
        doc="Smallest value that ends the stream, in the channel's unit",
        unit="unit",
        ge=-1e300,
        le=1e300,
    )
    upper: float | None = param(
        default=None,
        doc="Largest value that ends the stream, in the channel's unit",
        unit="unit",
        ge=-1e300,
        le=1e300,
    )

    _ended: tuple[str, float | None] | None = None
    _passed = 0
    _begin: int | None = None  # position of the first sample

    def configure(self, info: StreamInfo) -> None:
        """Find out what to wait for."""
        self.stream_info(self, **{"in": info})
        self._rows = [] if self.value is None else matching(self.value, info)
        rate = info.sample_rate or Fraction(1)
        self._samples = None if self.duration is None else ceil(exact_number(self.duration) * rate)

    def process(self, frame: DataFrame) -> DataFrame | None:
        """Return the frame, or as much of it as may pass; None once it is over."""
        if self._ended is not None:
            return None
        self.follow(frame.info)
        self._passed += 1
        if self._begin is None and frame.n:
            self._begin = frame.start_sample
        size, ended = self._limit(frame)
        if ended:
            rate = frame.sample_rate
            self._ended = ended, None if rate is None else float((frame.start_sample + size) / rate)
        if size == frame.n:
            return frame
        return frame.replace(samples=frame.samples[:, :size], span=None) if size else None

    async def run(self, rx: Any, tx: Any) -> None:
        """Pass frames on until the end, then close both sides."""
        await super().run(rx, tx)

    async def _pump(self, rx: Any, tx: Any) -> str:
        while self._ended is None:
            try:
                frame = await rx.recv()
            except EndOfStream as end:
                return end.reason
            await self._emit(self.process(frame), tx)
        rx.close()
        return "completed"

    def result(self) -> dict[str, Any]:
        """What has ended the stream (null: it ended by itself) and at which time, in seconds."""
        ended, time = self._ended or (None, None)
        return {"ended": ended, "time": time}

    def reset(self) -> None:
        super().reset()
        self._ended, self._passed, self._begin = None, 0, None

    def _limit(self, frame: DataFrame) -> tuple[int, str]:
        """Return how much of the frame may pass, and what ends the stream with it, if anything does."""
        size, ended = frame.n, ""
        if self._rows and size:
            within = Bounds(self.lower, self.upper).distance(frame.samples[self._rows]) >= 0
            if within.any():
                size, ended = int(np.argmax(within.any(axis=0))) + 1, "value"
        if self._samples is not None and self._begin is not None:
            left = self._begin + self._samples - frame.start_sample
            if left <= size:
                size, ended = max(0, left), "duration"
        if not ended and self._passed == self.frames:
            ended = "frames"
        return size, ended

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; seconds need a sample rate."""
        info = inputs["in"]
        if info is None:
            return None
        problems = [] if params.value is None else missing_value(params.value, info)
        if params.duration is not None:
            problems += not_over_time(info, "a duration")
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """There is something to wait for."""
        bounded = params.lower is not None or params.upper is not None
        if params.value is not None:
            yield from bounds_problems(params, "a value to wait for")
        elif bounded:
            yield Problem(
                "/value", "it is not said which channel ends the stream", "the name of a channel", "nothing"
            )
        elif params.duration is None and params.frames is None:
            yield Problem("", "nothing would end the stream", "duration, frames or value", "none of them")
