"""Mask: judge a curve against limit curves."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import (
    ChannelInfo,
    DataFrame,
    Outcome,
    Samples,
    StreamInfo,
    Verdict,
    param,
)
from streamlab.dsp.limits import Bounds, best_offset, mask_curve
from streamlab.errors import FrameError, ParamError, Problem
from streamlab.nodes._channels import matching, missing_value
from streamlab.nodes.judgement._evidence import Judge, LostPolicy, at, shown, time_of, unit_of
from streamlab.nodes.judgement._mask_points import Points, curve, problems_with


class Mask(Judge):
    """Judge spectra or band levels against limits that depend on frequency. The result is a Verdict.

    Input    real (channels, n) on a frequency or band axis that says where its points lie
    Output   the same frame
    Kind     frame-wise                      State   the worst point so far
    Gaps     passed on; what was lost cannot have passed: INVALID, unless what came is a FAIL
    Errors   ParamError without a limit, off such an axis, or when no point lies within the mask

    ``upper`` and ``lower`` are lists of [frequency, limit], straight in between over the logarithm of
    frequency; outside their points nothing is judged. A value on a limit is inside. FAIL: a point outside;
    MARGINAL: none outside, one closer than ``margin``; PASS: neither; INVALID: a value is not a number, or a
    CheckSignal before has found a fault; NOT_RUN: nothing came. The verdict names the point nearest to its
    limit, or farthest beyond, with its frequency. ``floating`` judges the shape: each curve is first
    shifted to where it fits best (the largest possible smallest distance to both limits). Where it still
    fails it does so as far on both sides, and the verdict names the point on the side with fewer outside.

    Example
    -------
    >>> from streamlab.core import ChannelInfo
    >>> info = StreamInfo([ChannelInfo("mic", "dB")], 1, "band", [500, 1000, 2000])
    >>> node = Mask(upper=[[250, 80], [1000, 80], [4000, 70]])
    >>> frame = node.process(DataFrame(payload={"mic": [70.0, 79.0, 78.0]}, info=info))
    >>> print(node.result())
    FAIL: mic = 78 dB at 2000 Hz at 0 s is above 75 by 3
    """

    upper: Points | None = param(
        default=None,
        doc="Upper limit: [frequency in Hz, limit in the channels' unit]",
        min_length=1,
    )
    lower: Points | None = param(default=None, doc="Lower limit, likewise", min_length=1)
    value: str | None = param(
        default=None, doc="Channel to judge, or what its name ends with behind a dot; all when not given"
    )
    margin: float = param(
        default=0.0, doc="Points closer than this to a limit are MARGINAL", unit="unit", ge=0, le=1e300
    )
    floating: bool = param(default=False, doc="Shift each curve to its best fit first; needs both limits")
    lost: LostPolicy = param(
        default="invalid",
        doc="What lost samples make of a verdict that is not FAIL; ignore behind a Gate or Router",
    )

    _count = 0
    _worst = math.inf  # distance of the point nearest to its limit, negative outside
    _where: tuple[ChannelInfo, float, float, float, float | None] | None = None
    # of that point: channel, value, shift, frequency, time

    def configure(self, info: StreamInfo) -> None:
        """Draw the limits at the stream's frequencies."""
        self.stream_info(self, **{"in": info})
        self._rows = list(range(len(info.names))) if self.value is None else matching(self.value, info)
        self._upper, self._lower = (curve(points, info) for points in (self.upper, self.lower))
        self._judged = ~(np.isnan(self._upper) & np.isnan(self._lower))

    def process(self, frame: DataFrame) -> DataFrame:
        """Judge the frame and pass it on."""
        self.follow(frame.info)
        if frame.n not in (0, len(frame.info.points)):
            raise FrameError(f"the axis has {len(frame.info.points)} points; found {frame.n} values")
        if self._evidence.takes(frame, self._rows) and frame.n:
            self._judge(frame, frame.samples[self._rows])
        return frame

    def result(self) -> Verdict:
        """The verdict over all curves that came."""
        if self._where is None:
            return self._evidence.settle(
                Verdict(Outcome.NOT_RUN, "no curve arrived", count=self._count), self.lost
            )
        channel, value, shift, frequency, time = self._where
        unit, spot = unit_of(channel), np.array([frequency])
        limits = [
            None if points is None else float(mask_curve(points, spot)[0])
            for points in (self.lower, self.upper)
        ]
        bounds = Bounds(*(None if limit is None or math.isnan(limit) else limit for limit in limits))
        shifted = f" (shifted by {shift:.3g})" if self.floating else ""
        where = f"{channel.name} = {shown(value, unit)}{shifted} at {frequency:g} Hz{at(time)}"
        close = Outcome.MARGINAL if self._worst < self.margin else Outcome.PASS
        outcome = Outcome.FAIL if self._worst < 0 else close
        reason, name = f"{where} is {bounds.place(value)}", channel.name
        verdict = Verdict(outcome, reason, value, unit, time, name, self._worst, self._count, frequency)
        return self._evidence.settle(verdict, self.lost)

    def reset(self) -> None:
        super().reset()
        self._count, self._worst, self._where = 0, math.inf, None

    def _judge(self, frame: DataFrame, curves: Samples) -> None:
        self._count += len(curves) * int(self._judged.sum())
        channels, points = frame.info.channels, frame.info.points
        bad = (~np.isfinite(curves) if self.floating else np.isnan(curves)) & self._judged
        if bad.any():
            row, column = divmod(int(np.argmax(bad)), frame.n)
            name = channels[self._rows[row]].name
            self._evidence.not_a_number(f"{name} at {points[column]:g} Hz", time_of(frame, 0))
            return
        shift = np.zeros(len(curves))
        if self.floating:
            shift = best_offset(self._upper - curves, curves - self._lower)
            curves = curves + shift[:, np.newaxis]
        above, below = self._upper - curves, curves - self._lower  # NaN where there is no limit
        distance = np.fmin(above, below)
        row, column = divmod(int(np.nanargmin(distance)), frame.n)
        if self.floating and distance[row, column] < 0.0:
            column = _odd_one_out(above[row], below[row])
        if distance[row, column] < self._worst or self._where is None:
            self._worst = float(distance[row, column])
            value = float(curves[row, column])
            self._where = (
                channels[self._rows[row]],
                value,
                float(shift[row]),
                points[column],
                time_of(frame, 0),
            )

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; the mask has to lie over its points."""
        info = inputs["in"]
        if info is None:
            return None
        problems = [] if params.value is None else missing_value(params.value, info)
        limits = [points for points in (params.upper, params.lower) if points]
        if info.axis not in ("frequency", "band") or not info.points:
            have = f"{info!r}" if info.axis not in ("frequency", "band") else "frequencies that are not known"
            expected = "an axis of frequencies or bands"
            problems.append(
                Problem("", "a mask lies over frequency", expected, have, "judge numbers by Limit")
            )
        elif all(np.isnan(curve(points, info)).all() for points in limits):
            reach = f"{limits[0][0][0]:g} Hz to {limits[0][-1][0]:g} Hz"
            have = f"{info.points[0]:g} Hz to {info.points[-1]:g} Hz"
            problems.append(Problem("", "no point of the stream lies within the mask", reach, have))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """There is a limit, its points ascend, and the lower is nowhere above the upper."""
        return problems_with(params.upper, params.lower, params.floating)


def _odd_one_out(above: Samples, below: Samples) -> int:
    """Return the point that lies farthest outside, of both sides the one with fewer points outside.

    A curve that floats lies as far outside above as below: where its treble is missing, so are its bass and
    middle too loud. What is odd are the few.
    """
    few = above if int((above < 0.0).sum()) < int((below < 0.0).sum()) else below
    return int(np.nanargmin(few))
