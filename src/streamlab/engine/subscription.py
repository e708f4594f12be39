"""Subscription: somebody outside the graph reads a node's output."""

from collections.abc import Callable
from typing import Self

from streamlab.core.channel import Sender, channel
from streamlab.core.channel_state import ChannelStatistics, Policy
from streamlab.core.frame import DataFrame
from streamlab.core.ports import split_port
from streamlab.engine.spec import GraphSpec
from streamlab.errors import EndOfStream, StreamLabError

__all__ = ["Subscription", "output_of"]


class Subscription:
    """The frames of one output, bounded: ``async for frame in subscription``.

    It ends with the stream, or raises what the stream died of.

    A reader that is done early calls ``close`` (or uses it as a context manager); a full subscription with
    policy ``block`` pushes back on the graph.
    """

    def __init__(
        self,
        node: str,
        port: str,
        capacity: int,
        policy: Policy,
        failure: Callable[[], StreamLabError | None],
    ) -> None:
        self.node = node
        self.port = port
        self.sender: Sender
        self.sender, self._receiver = channel(capacity, policy, label=f"{node} -> subscription")
        self._failure = failure

    async def recv(self) -> DataFrame:
        """Return the next frame.

        Raises EndOfStream at the end, NodeError when the pipeline failed, ChannelClosed after ``close``.
        """
        try:
            return await self._receiver.recv()
        except EndOfStream as end:
            failure = self._failure() if end.reason == "failed" else None
            if failure is not None:
                raise failure from None
            raise

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> DataFrame:
        try:
            return await self.recv()
        except EndOfStream:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Read no more; the graph goes on without this reader. Closing twice is fine."""
        self._receiver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def statistics(self) -> ChannelStatistics:
        """Return what is in it and what went through it."""
        return self._receiver.statistics()


def output_of(spec: GraphSpec, text: str) -> tuple[str, str]:
    """Return the node and port that ``node`` or ``node.port`` names. Raises KeyError with what there is."""
    name, port = split_port(text, spec.nodes)
    if name not in spec.nodes:
        raise KeyError(f"no node {text!r}; nodes: {', '.join(spec.nodes)}")
    ports = spec.nodes[name].cls.outputs
    if not port and len(ports) == 1:
        return name, ports[0]
    if port in ports:
        return name, port
    have = ", ".join(f"{name}.{item}" for item in ports) or "none"
    raise KeyError(f"no output {text!r}; outputs of {name!r}: {have}")
