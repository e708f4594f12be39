"""A join on a bench: frames go in by hand, and whatever comes out is taken at once, as a runner would."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from math import floor
from typing import Any

import numpy as np

from streamlab.core import DataFrame, StreamInfo
from streamlab.core.channel import Receiver, Sender, channel
from streamlab.core.ports import Join, JoinPolicy
from streamlab.engine.joins import make_inlet
from streamlab.errors import EndOfStream
from streamlab.testing import virtual_time

RAMP = 64.0  # a signal of 64 per second of its own time: exact in floating point at these rates


def ramp(
    rate: float,
    number: int,
    start: int,
    n: int,
    *,
    origin: int = 0,
    gap: int = 0,
    name: str = "x",
    **notes: Any,
) -> DataFrame:
    """Frame ``number`` with samples ``start`` to ``start + n`` of the ramp."""
    exact = F(str(rate))
    values = np.array([float(RAMP * index / exact) for index in range(start, start + n)])
    return DataFrame.from_samples(
        values[None, :],
        StreamInfo([name], rate),
        timestamp=origin + floor(start * 1_000_000 / exact),
        sequence_id=number,
        start_sample=start,
        gap=gap,
        metadata=notes,
    ).seal()


class Bench:
    """An inlet with its senders; takes whatever comes out at once, as a runner would."""

    def __init__(self, inputs: int = 2, policy: JoinPolicy = "align", **join: Any) -> None:
        ends = [channel(1000, label=f"in {at + 1}") for at in range(inputs)]
        self.senders: list[Sender] = [tx for tx, _ in ends]
        self.receivers: list[Receiver] = [rx for _, rx in ends]
        self.inlet = make_inlet(self.receivers, Join(policy, **join), policy != "merge")
        self.groups: list[tuple[DataFrame, ...]] = []
        self.end: EndOfStream | None = None

    def give(self, at: int, *frames: DataFrame) -> Bench:
        for item in frames:
            self.senders[at].try_send(item)
            self.take()
        return self

    def close(self, at: int, reason: str = "completed", gap: int = 0) -> Bench:
        self.senders[at].close(reason, gap=gap)
        self.take()
        return self

    def take(self) -> None:
        try:
            while self.end is None and (group := self.inlet.poll()) is not None:
                self.groups.append(group)
                self.inlet.done()
        except EndOfStream as end:
            self.end = end

    def spans(self) -> list[tuple[int, int]]:
        """From where to where on the grid each group goes."""
        return [(group[0].start_sample, group[0].start_sample + group[0].n) for group in self.groups]

    def values(self, at: int) -> list[float]:
        return [value for group in self.groups for value in group[at].samples[0].tolist()]

    def gaps(self) -> list[int]:
        for group in self.groups:
            assert len({(item.start_sample, item.n, item.gap, item.timestamp) for item in group}) == 1
        return [group[0].gap for group in self.groups]

    def numbers(self) -> list[int]:
        return [group[0].sequence_id for group in self.groups]

    def counts(self, at: int = 0) -> tuple[int, int, int]:
        """(done, dropped, still held)."""
        state = self.receivers[at].statistics()
        return state.done, state.dropped, state.taken


def of(rate: float, size: int, count: int, **rest: Any) -> list[DataFrame]:
    return [ramp(rate, number, number * size, size, **rest) for number in range(count)]


def in_loop(test: Callable[[], Any]) -> Callable[[], Any]:
    async def run() -> None:
        test()

    return virtual_time(run)
