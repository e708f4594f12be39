"""RemoveDc: take the constant part and slow drift out of a signal."""

from math import pi, tan
from typing import Any

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, not_over_time, rows_of


class RemoveDc(ProcessingNode):
    """Take out DC and drift by a first-order high-pass filter that runs along.

    Input    (channels, n) over time, with a sample rate
    Output   same shape, unit unchanged
    Kind     sample-wise                     State   the filter's, one number per channel
    Gaps     passed on; behind one the filter begins anew
    Settles  within five time constants, 5 / (2 pi cutoff): 0.8 s at 1 Hz
    Errors   ParamError without a sample rate, or for a cutoff that is not below half of it

    Butterworth by the bilinear transform, warped so that ``cutoff`` lies at -3.01 dB exactly; phase lead
    atan(cutoff / f). It is a filter and no mean over blocks, so the numbers do not depend on how the
    stream is cut. It begins as if the first sample had always been there: a constant is 0 from the first
    sample on, and what that sample was off by decays with 1 / (2 pi cutoff) seconds (settled after five of
    these). A value that is not a number stays in the state: all are NaN until a gap.

    Example
    -------
    >>> frame = DataFrame(payload={"x": [5.0, 5.0, 5.0]}, sample_rate=1000)
    >>> RemoveDc(cutoff=1.0).process(frame).payload["x"].tolist()
    [0.0, 0.0, 0.0]
    """

    kind = "sample-wise"

    cutoff: float = param(default=1.0, doc="Where the filter is at -3.01 dB", unit="Hz", gt=0, le=1e9)
    channels: list[str] | None = param(
        default=None, doc="Channels to filter; all when not given", min_length=1
    )

    _state: Samples | None = None

    def configure(self, info: StreamInfo) -> None:
        """Design the filter for the stream's rate."""
        from scipy.signal import sosfilt

        self.stream_info(self, **{"in": info})
        self._filter, self._state = sosfilt, None
        self._rows = None if self.channels is None else rows_of(info, self.channels)
        warped = tan(pi * self.cutoff / float(info.sample_rate or 1))
        self._b0 = 1.0 / (1.0 + warped)
        pole = (1.0 - warped) * self._b0
        self._sections = np.array([[self._b0, -self._b0, 0.0, 1.0, -pole, 0.0]])

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame without its constant part."""
        self.follow(frame.info)
        if frame.gap:
            self._state = None
        samples = frame.samples.copy()
        if frame.n:
            chosen = samples if self._rows is None else samples[self._rows]
            filtered = self._filtered(chosen)
            if self._rows is None:
                samples = filtered
            else:
                samples[self._rows] = filtered
        return frame.with_samples(samples)

    def reset(self) -> None:
        super().reset()
        self._state = None

    def _filtered(self, samples: Samples) -> Samples:
        if self._state is None:
            self._state = np.zeros((1, len(samples), 2))
            self._state[0, :, 0] = -self._b0 * samples[:, 0]
        filtered: Samples
        filtered, self._state = self._filter(self._sections, samples, axis=-1, zi=self._state)
        return filtered

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; a filter needs a rate, and a cutoff below half of it."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a filter") + missing_channels(info, params.channels)
        if info.sample_rate is not None and params.cutoff >= info.sample_rate / 2:
            most = f"below {float(info.sample_rate / 2):g} Hz"
            problems.append(
                Problem(
                    "/cutoff", "the cutoff is not below half the sample rate", most, f"{params.cutoff:g} Hz"
                )
            )
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info
