"""Gate: let a stream pass while another one is within bounds."""

from typing import Any

from streamlab.core import DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.logic._condition import Conditional


class Gate(Conditional):
    """Pass the frames of ``in`` while a number of ``control`` lies within the bounds.

    Input    in: any frame; control: real frames that decide
    Output   the frame of ``in``, or none
    Kind     frame-wise                      State   with hysteresis, whether it is open
    Gaps     passed on; what was held back is a gap when it opens (``lost: ignore`` in verdicts behind it)
    Errors   ParamError without a bound, or when it is not clear which channel decides

    Inputs are paired by the node's join: zip takes a control frame for each frame of ``in``, ``latest`` the
    newest one. The number is ``of`` the control frame: its last value, mean, max, min or RMS. It is open
    from a number within the bounds until one that is outside by more than ``hysteresis``. It is shut for a
    control frame that is empty or whose number is NaN.

    Example
    -------
    >>> gate = Gate(lower=1000.0)
    >>> signal = DataFrame(payload={"mic": [0.1, 0.2]})
    >>> [gate.process(signal, DataFrame(payload={"rpm": [rpm]})) is signal for rpm in (900.0, 1500.0)]
    [False, True]
    """

    inputs = ("in", "control")

    def process(self, frame: DataFrame, control: DataFrame) -> DataFrame | None:
        """Return the frame if the gate is open."""
        self.follow(frame.info, control.info)
        return frame if self.decide(control) else None

    def configure(self, info: StreamInfo, control: StreamInfo) -> None:
        """Refuse a control without the channel that decides."""
        self.stream_info(self, **{"in": info, "control": control})

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The stream of ``in``."""
        problems = cls.problems_with(params, inputs.get("control"))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return inputs.get("in")
