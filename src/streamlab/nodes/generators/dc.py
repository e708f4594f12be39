"""Dc: a constant."""

from streamlab.core import Samples, param
from streamlab.nodes.generators._generator import Generator


class Dc(Generator):
    """Make a constant, the same on every channel.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter
    Gaps     end here                        Errors  ParamError on bad parameters

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> Dc(value=1.5, frame_size=3, unit="V").process(DataFrame(0, 0)).payload["main_channel"].tolist()
    [1.5, 1.5, 1.5]
    """

    value: float = param(
        default=1.0, doc="The constant, in the channels' unit", unit="unit", ge=-1e300, le=1e300, live=True
    )

    def make(self, start: int, out: Samples) -> None:
        out[:] = self.value
