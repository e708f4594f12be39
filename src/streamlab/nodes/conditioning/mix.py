"""Mix: add two streams."""

from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import FrameError, ParamError, Problem
from streamlab.units import quantity_of


class Mix(ProcessingNode):
    """Add two streams row by row, each scaled by a factor: a * gain_a + b * gain_b.

    Input    a, b: (channels, n), same number of channels, units, rate and n
    Output   (channels, n) with the names and the header of a
    Kind     sample-wise                     State   none
    Gaps     as the join marks them
    Settles  at once: each sample for itself
    Errors   ParamError for streams that do not fit, FrameError for frames of other lengths

    Inputs are paired by the node's join (zip unless said otherwise), which gives a the metadata of both
    and, at a zip, the larger gap. Chain Mix nodes for more than two.

    Example
    -------
    >>> a, b = DataFrame(payload={"left": [1.0, 2.0]}), DataFrame(payload={"right": [10.0, 20.0]})
    >>> Mix(gain_b=0.5).process(a, b).payload["left"].tolist()
    [6.0, 12.0]
    """

    kind = "sample-wise"
    inputs = ("a", "b")

    gain_a: float = param(default=1.0, doc="Factor of input a", unit="1", ge=-1e9, le=1e9, live=True)
    gain_b: float = param(default=1.0, doc="Factor of input b", unit="1", ge=-1e9, le=1e9, live=True)

    def configure(self, a: StreamInfo, b: StreamInfo) -> None:
        """Refuse streams that cannot be added."""
        self.stream_info(self, a=a, b=b)

    def process(self, a: DataFrame, b: DataFrame) -> DataFrame:
        """Return the sum of two frames."""
        self.follow(a.info, b.info)
        if a.n != b.n:
            raise FrameError(
                f"frames to add have the same length; found {a.n} samples in a and {b.n} in b"
                " - join the inputs by align, or give both sources the same frame_size"
            )
        first = a.samples if self.gain_a == 1.0 else a.samples * self.gain_a
        second = b.samples if self.gain_b == 1.0 else b.samples * self.gain_b
        return a.with_samples(first + second)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The stream of a; a problem if b does not fit."""
        first, second = inputs.get("a"), inputs.get("b")
        if first is None or second is None:
            return first
        problems = []
        if len(first.names) != len(second.names):
            problems.append(
                Problem(
                    "",
                    "streams to add have as many channels",
                    f"{list(first.names)}",
                    f"{list(second.names)}",
                )
            )
        for one, two in zip(first.channels, second.channels, strict=False):
            if (one.unit, one.reference) != (two.unit, two.reference):
                alike = one.unit != two.unit and quantity_of(one.unit) == quantity_of(two.unit) != ""
                hint = f"ConvertUnit gives {two.name!r} in {one.unit}" if alike else ""
                problems.append(Problem("", "channels to add have one unit", one.label, two.label, hint))
        if first.sample_rate != second.sample_rate and None not in (first.sample_rate, second.sample_rate):
            one_rate, other_rate = (f"{float(info.sample_rate or 0):g} Hz" for info in (first, second))
            problems.append(
                Problem("", "streams to add have one rate", one_rate, other_rate, "join them by align")
            )
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return first
