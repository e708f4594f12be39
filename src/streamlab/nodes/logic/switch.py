"""Switch: one of two streams, chosen by a third."""

from typing import Any

from streamlab.core import DataFrame, StreamInfo
from streamlab.errors import ParamError, Problem
from streamlab.nodes.logic._condition import Conditional


class Switch(Conditional):
    """Pass the frame of ``a`` while a number of ``control`` lies within the bounds, else that of ``b``.

    Input    a, b: frames of one description; control: real frames that decide
    Output   the frame of a or of b
    Kind     frame-wise                      State   with hysteresis, which one it was
    Gaps     as the join marks them
    Errors   ParamError without a bound, for streams that differ, or when it is not clear what decides

    Inputs are paired by the node's join (zip unless said otherwise). The number is ``of`` the control frame:
    its last value, mean, max, min or RMS. It is a from a number within the bounds until one that is outside
    by more than ``hysteresis``. It is b for a control frame that is empty or whose number is NaN.

    Example
    -------
    >>> switch = Switch(upper=0.5)
    >>> a, b = DataFrame(payload={"x": [1.0]}), DataFrame(payload={"x": [2.0]})
    >>> [switch.process(a, b, DataFrame(payload={"c": [c]})).samples[0, 0].item() for c in (0.0, 1.0)]
    [1.0, 2.0]
    """

    inputs = ("a", "b", "control")

    def process(self, a: DataFrame, b: DataFrame, control: DataFrame) -> DataFrame:
        """Return one of the first two."""
        self.follow(a.info, b.info, control.info)
        if self.decide(control):
            return a
        return b if b.metadata == a.metadata else b.replace(metadata={**a.metadata, **b.metadata})

    def configure(self, a: StreamInfo, b: StreamInfo, control: StreamInfo) -> None:
        """Refuse streams that differ."""
        self.stream_info(self, a=a, b=b, control=control)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The stream of a, and of b."""
        problems = cls.problems_with(params, inputs.get("control"))
        a, b = inputs.get("a"), inputs.get("b")
        if a is not None and b is not None and a is not b:
            hint = "Select gives channels other names, ConvertUnit other units"
            problems.append(Problem("", "streams to switch between are alike", f"{a!r}", f"{b!r}", hint))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return a if a is not None else b
