"""Align against a model that knows nothing of frames, buffers or heads.

A point of the grid comes out when every input has a sample at or before it without a loss in between, and
none behind the end of any input; its value is that of the closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction as F
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from join_kit import RAMP, Bench, ramp
from streamlab.core import DataFrame
from streamlab.testing import virtual_time


@dataclass
class Stream:
    """What an input brings: pieces of samples without a loss, cut into frames anyhow."""

    rate: F
    origin: int
    pieces: list[tuple[int, int]]  # (first sample, one past the last)
    cuts: list[int]

    def frames(self) -> list[DataFrame]:
        out: list[DataFrame] = []
        sizes = iter(self.cuts * 1000)
        for begin, end in self.pieces:
            at = begin
            while at < end:
                n = min(next(sizes), end - at)
                gap = at - (out[-1].start_sample + out[-1].n) if out else 0
                out.append(ramp(float(self.rate), len(out), at, n, origin=self.origin, gap=gap))
                at += n
        return out

    def value(self, time: F, fill: str) -> float | None:
        """The signal at a time (s, from the zero of all timestamps), None where there is nothing."""
        position = (time - F(self.origin, 1_000_000)) * self.rate
        index = floor(position)
        for begin, end in self.pieces:
            if begin <= index < end:
                held = fill == "hold" or index + 1 == end
                return float(RAMP * (F(index) if held else position) / self.rate)
        return None


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    rate = F(draw(st.sampled_from([8, 10, 16, 25, 40])))
    pieces, at = [], draw(st.integers(0, 3))
    for length in draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)):
        pieces.append((at, at + length))
        at += length + draw(st.integers(1, 6))
    cuts = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    return Stream(rate, draw(st.sampled_from([0, 0, 100_000, 262_500])), pieces, cuts)


@pytest.mark.contract("E3", "F7")
@given(
    inputs=st.lists(streams(), min_size=2, max_size=3),
    fill=st.sampled_from(["hold", "linear"]),
    rate=st.sampled_from([None, 8, 20, 50]),
    turns=st.lists(st.integers(0, 2), max_size=12),
)
def test_what_comes_out_is_what_all_inputs_have_whatever_way_it_came_in(inputs, fill, rate, turns):
    async def run():
        first = inputs[0]
        grid = F(rate) if rate else first.rate
        bench = Bench(len(inputs), rate=rate, fill=fill)
        waiting = [iter(item.frames()) for item in inputs]
        order = [turn % len(inputs) for turn in turns] + [at for at in range(len(inputs)) for _ in range(40)]
        for at in order:
            item = next(waiting[at], None)
            if item is not None:
                bench.give(at, item)
            elif not bench.senders[at].closed:
                bench.close(at)
        ends = [(F(item.pieces[-1][1]) / item.rate) + F(item.origin, 1_000_000) for item in inputs]

        def time(point: int) -> F:
            return F(point) / grid + F(first.origin, 1_000_000)

        # A point comes out when every input has it, and so does none behind the end of any of them.
        reach = range(0, ceil((max(ends) + 1) * grid))
        expected = {
            point: values
            for point in reach
            if time(point) < min(ends)
            and None not in (values := [item.value(time(point), fill) for item in inputs])
        }
        assert [point for low, high in bench.spans() for point in range(low, high)] == list(expected)
        for at in range(len(inputs)):
            np.testing.assert_allclose(bench.values(at), [row[at] for row in expected.values()], atol=1e-12)
        # Every gap is the distance to what came before.
        spans = bench.spans()
        before = [high for _, high in spans[:-1]]
        assert bench.gaps()[1:] == [low - high for high, (low, _) in zip(before, spans[1:], strict=True)]
        if spans:
            assert bench.gaps()[0] == spans[0][0] - ceil(first.pieces[0][0] * grid / first.rate)
        assert bench.end is not None
        for at in range(len(inputs)):
            state = bench.receivers[at].statistics()
            assert state.sent == state.done + state.dropped + state.queued
            assert state.taken == 0
        for item in (item for group in bench.groups for item in group):
            assert item.sample_rate == grid
            assert item.sealed

    virtual_time(run)()
