"""Ports and joins: how a graph names the ends of an edge.

And how a node with several inputs puts frames together.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["FILLS", "JOIN_POLICIES", "Fill", "Join", "JoinPolicy", "split_port"]

JoinPolicy = Literal["zip", "align", "latest", "merge"]
JOIN_POLICIES: tuple[JoinPolicy, ...] = get_args(JoinPolicy)
Fill = Literal["hold", "linear", "resample"]
FILLS: tuple[Fill, ...] = get_args(Fill)


@dataclass(frozen=True, slots=True)
class Join:
    """How a node's inputs are put together.

    ``zip`` pairs frames of equal ``sequence_id``; ``align`` cuts all inputs to the same stretch of sample
    time, at ``rate`` Hz (None: that of the first input), filling by ``hold``, ``linear`` interpolation or
    band-limited ``resample``; ``latest`` gives each frame of the first input with the newest of the others;
    ``merge`` takes frames as they arrive. ``deadline`` is how long, in seconds, a frame waits for its
    partners.
    """

    policy: JoinPolicy = "zip"
    deadline: float | None = None
    rate: float | None = None
    fill: Fill = "hold"


def split_port(text: str, nodes: Container[str]) -> tuple[str, str]:
    """Split ``node.port`` into node and port; the port is empty where only the node is named."""
    if text in nodes:
        return text, ""
    node, dot, port = text.rpartition(".")
    return (node, port) if dot else (text, "")
