"""Gain: scale channels by a constant."""

from collections.abc import Iterable
from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels


class Gain(ProcessingNode):
    """Scale channels by a linear factor or by decibels.

    Input    any frame, (channels, n)        Output  same shape, unit unchanged
    Kind     sample-wise, in place           State   none
    Gaps     passed on
    Settles  at once: each sample for itself
    Errors   ParamError on bad parameters or an unknown channel

    Example
    -------
    >>> frame = DataFrame(payload={"main_channel": [1.0, -2.0]})
    >>> Gain(gain=2.0).process(frame).payload["main_channel"].tolist()
    [2.0, -4.0]
    """

    kind = "sample-wise"
    inplace = True

    gain: float = param(default=1.0, doc="Linear factor", unit="1", ge=-1e9, le=1e9, live=True)
    gain_db: float | None = param(
        default=None, doc="The factor in decibels, in place of gain", unit="dB", ge=-180, le=180, live=True
    )
    channels: list[str] | None = param(
        default=None, doc="Channels to scale; all when not given", min_length=1
    )

    def configure(self, info: StreamInfo) -> None:
        """Find the rows to scale."""
        self.stream_info(self, **{"in": info})
        self._rows = None if self.channels is None else [info.row(name) for name in self.channels]

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame with its channels scaled."""
        if self.channels is None:
            return frame.with_samples(frame.samples * self._factor())
        copy = frame.with_samples(frame.samples.copy())
        self.overwrite(copy)
        return copy

    def overwrite(self, frame: DataFrame) -> None:
        """Scale the frame's own samples."""
        samples = frame.samples
        if self.channels is None:
            samples *= self.gain if self.gain_db is None else self._factor()
        else:
            self.follow(frame.info)
            samples[self._rows] *= self._factor()

    def _factor(self) -> float:
        return self.gain if self.gain_db is None else 10.0 ** (self.gain_db / 20.0)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; a channel that does not exist is a problem."""
        info = inputs["in"]
        problems = missing_channels(info, params.channels)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """``gain`` and ``gain_db`` say the same thing: only one may be given."""
        if "gain" in given and params.gain_db is not None:
            yield Problem(
                "/gain_db", "gain and gain_db are both given", "one of them", "both", "leave one out"
            )
