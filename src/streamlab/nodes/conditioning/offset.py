"""Offset: add a constant to channels."""

from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import ParamError
from streamlab.nodes._channels import missing_channels, one_unit, rows_of


class Offset(ProcessingNode):
    """Add a constant, in the channels' own unit.

    Input    any frame, (channels, n)        Output  same shape, unit unchanged
    Kind     sample-wise, in place           State   none
    Gaps     passed on
    Settles  at once: each sample for itself
    Errors   ParamError for channels in several units, or unknown ones

    Example
    -------
    >>> frame = DataFrame(payload={"temperature": [293.15, 300.0]})
    >>> Offset(offset=-273.15).process(frame).payload["temperature"].round(2).tolist()
    [20.0, 26.85]
    """

    kind = "sample-wise"
    inplace = True

    offset: float = param(
        doc="What to add, in the channels' unit", unit="unit", ge=-1e300, le=1e300, live=True
    )
    channels: list[str] | None = param(
        default=None, doc="Channels to add it to; all when not given", min_length=1
    )

    def configure(self, info: StreamInfo) -> None:
        """Find the rows to add to."""
        self.stream_info(self, **{"in": info})
        self._rows = rows_of(info, self.channels)

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame with the constant added."""
        copy = frame.with_samples(frame.samples.copy())
        self.overwrite(copy)
        return copy

    def overwrite(self, frame: DataFrame) -> None:
        """Add to the frame's own samples."""
        self.follow(frame.info)
        samples = frame.samples
        if self.channels is None:
            samples += self.offset
        else:
            samples[self._rows] += self.offset

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; one number cannot be added to channels in different units."""
        info = inputs["in"]
        problems = missing_channels(info, params.channels)
        if info is not None and not problems:
            problems = one_unit(info, rows_of(info, params.channels), "one number is added to channels of")
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info
