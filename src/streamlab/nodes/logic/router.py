"""Router: send each frame one of two ways."""

from collections.abc import Mapping
from typing import Any

from streamlab.core import DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.logic._condition import Conditional


class Router(Conditional):
    """Send a frame to port ``inside`` while a number of it lies within the bounds, else to ``outside``.

    Input    any real frame                  Output  inside, outside: the frame, at one of them
    Kind     frame-wise                      State   with hysteresis, where the last frame went
    Gaps     passed on; what went the other way is a gap of this one (``lost: ignore`` in verdicts behind it)
    Errors   ParamError without a bound, or when it is not clear which channel decides

    The number is ``of`` the frame: its last value, mean, max, min or RMS. The condition holds from a number
    within the bounds until one that is outside by more than ``hysteresis``. A frame whose number is NaN, or
    that is empty, goes outside.

    Example
    -------
    >>> node = Router(value="rpm", lower=1000.0)
    >>> [list(node.process(DataFrame(payload={"rpm": [rpm]}))) for rpm in (900.0, 1500.0, 999.0)]
    [['outside'], ['inside'], ['outside']]
    """

    outputs = ("inside", "outside")

    def process(self, frame: DataFrame) -> dict[str, DataFrame]:
        """Return the frame at its port."""
        self.follow(frame.info)
        return {"inside" if self.decide(frame) else "outside": frame}

    def configure(self, info: StreamInfo) -> None:
        """Refuse a stream without the channel that decides."""
        self.stream_info(self, **{"in": info})

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> Mapping[str, StreamInfo | None]:
        """The same stream both ways."""
        info = inputs["in"]
        problems = cls.problems_with(params, info)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return dict.fromkeys(cls.outputs, info)
