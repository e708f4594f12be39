"""Delay: let channels come later by whole samples."""

from typing import Any

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.errors import ParamError
from streamlab.nodes._channels import missing_channels, not_over_time, rows_of


class Delay(ProcessingNode):
    """Delay channels by a whole number of samples against the rest of the stream.

    Input    (channels, n) over time         Output  same shape; sample k is what came as sample k - samples
    Kind     sample-wise                     State   the last samples of each channel
    Gaps     passed on; what was under way is lost with it, and the delay begins anew with zeros
    Errors   ParamError for samples that are not over time, or an unknown channel

    The header stays as it is, so what is delayed lines up with what is not: another channel of the frame, or
    the other input of a Mix. The first ``samples`` samples are 0; the last ones never come.

    Example
    -------
    >>> node = Delay(samples=2, channels=["b"])
    >>> frame = node.process(DataFrame(payload={"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 3.0]}, sample_rate=10))
    >>> frame.payload["a"].tolist(), frame.payload["b"].tolist()
    ([1.0, 2.0, 3.0], [0.0, 0.0, 1.0])
    """

    kind = "sample-wise"

    samples: int = param(doc="How much later", unit="samples", ge=0, le=1 << 24)
    channels: list[str] | None = param(
        default=None, doc="Channels to delay; all when not given", min_length=1
    )

    _line: Samples | None = None  # (channels, samples), a ring
    _at = 0  # where its oldest sample is

    def configure(self, info: StreamInfo) -> None:
        """Find the rows to delay."""
        self.stream_info(self, **{"in": info})
        self._rows, self._line = rows_of(info, self.channels), None

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame with what came earlier."""
        self.follow(frame.info)
        if frame.gap or self._line is None:
            self._line, self._at = np.zeros((len(self._rows), self.samples)), 0
        if not frame.n or not self.samples:
            return frame.with_samples(frame.samples.copy())
        if self.channels is None:
            return frame.with_samples(self._through(self._line, frame.samples))
        out = frame.samples.copy()
        out[self._rows] = self._through(self._line, out[self._rows])
        return frame.with_samples(out)

    def reset(self) -> None:
        super().reset()
        self._line = None

    def _through(self, line: Samples, samples: Samples) -> Samples:
        """Return what came ``samples`` before each sample, and keep the newest."""
        count, length = samples.shape[1], self.samples
        if count >= length:
            out = np.concatenate(
                [line[:, self._at :], line[:, : self._at], samples[:, : count - length]], axis=1
            )
            line[:], self._at = samples[:, count - length :], 0
            return out
        out = np.empty_like(samples)
        straight = min(
            count, length - self._at
        )  # as far as the end of the ring; the rest is at its beginning
        end, around = slice(self._at, self._at + straight), slice(0, count - straight)
        for there, here in ((end, slice(0, straight)), (around, slice(straight, None))):
            out[:, here] = line[:, there]
            line[:, there] = samples[:, here]
        self._at = (self._at + count) % length
        return out

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on."""
        info = inputs["in"]
        problems = [] if info is None else not_over_time(info, "a delay", rate=False)
        problems += missing_channels(info, params.channels)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info
