"""Split: part the channels of a stream in two."""

from collections.abc import Iterable, Mapping
from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, rows_of, twice


class Split(ProcessingNode):
    """Send some channels to port ``a`` and others, or all the rest, to port ``b``.

    Input    any frame, (channels, n)        Output  a, b: (channels of each, n)
    Kind     sample-wise                     State   none
    Gaps     passed on to both
    Errors   ParamError for a channel that is not there, or when none is left for ``b``

    Both keep header and metadata, so Mix and other joins find them again by number. For more than two ways,
    chain it or give several Select nodes the same input.

    Example
    -------
    >>> frame = DataFrame(payload={"mic1": [1.0], "tacho": [2.0], "mic2": [3.0]})
    >>> parts = Split(a=["tacho"]).process(frame)
    >>> parts["a"].channels, parts["b"].channels
    (('tacho',), ('mic1', 'mic2'))
    """

    kind = "sample-wise"
    outputs = ("a", "b")

    a: list[str] = param(doc="Channels for port a, in this order", min_length=1)
    b: list[str] | None = param(
        default=None, doc="Channels for port b; all the others when not given", min_length=1
    )

    def configure(self, info: StreamInfo) -> None:
        """Find the rows of each port."""
        out = self.stream_info(self, **{"in": info})
        self._ports = {
            port: (rows_of(info, part.names), part) for port, part in out.items() if part is not None
        }

    def process(self, frame: DataFrame) -> dict[str, DataFrame]:
        """Return a frame for each port."""
        self.follow(frame.info)
        return {
            port: frame.replace(samples=frame.samples[rows], info=info)
            for port, (rows, info) in self._ports.items()
        }

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> Mapping[str, StreamInfo | None]:
        """The channels of each port, with all that is known of them."""
        info = inputs["in"]
        if info is None:
            return {"a": None, "b": None}
        problems = missing_channels(info, params.a, "a") + missing_channels(info, params.b, "b")
        rest = [name for name in info.names if name not in params.a] if params.b is None else params.b
        if not problems and not rest:
            problems.append(Problem("/a", "no channel is left for b", "at least one", "all are in a"))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return {
            port: info.replace(channels=[info.channels[row] for row in rows_of(info, names)])
            for port, names in (("a", params.a), ("b", rest))
        }

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """No port has a channel twice."""
        yield from twice(params.a, "a")
        yield from twice(params.b, "b")
