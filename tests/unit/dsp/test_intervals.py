"""Cutting a stream into intervals: against the definition, sample by sample."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.intervals import IntervalCutter

F = Fraction


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 80)), min_size=1, max_size=15),
    start=st.integers(0, 200),
    interval=st.sampled_from([F(1, 10), F(1, 3), F(7, 100), F(1, 100)]),
)
def test_what_is_whole_is_given_once_and_nothing_else(steps, start, interval):
    """Blocks that follow each other, some after a gap."""
    rate = F(100)
    cutter, seen, found, at = IntervalCutter(rate, interval), [], {}, start
    for gap, size in steps:
        at += 10 * gap if gap > 2 and seen else 0
        follows = cutter.follows(at)
        assert follows == (bool(seen) and at == seen[-1] + 1)
        cuts, whole = cutter.cut(size)
        for cut in cuts.tolist():  # the next sample lies in another interval
            assert (at + cut) / rate // interval != (at + cut - 1) / rate // interval
        for k, (first, count) in enumerate(zip(whole.start.tolist(), whole.count.tolist(), strict=True)):
            found[whole.first + k] = list(range(first, first + count))
        seen += range(at, at + size)
        at += size
    assert cutter.next == at
    assert cutter.missing == at - start - len(seen)
    assert cutter.samples == len(seen)
    there, wanted = {}, {}
    for k in range(start, at):
        wanted.setdefault(k / rate // interval, []).append(k)
    for k in seen:
        there.setdefault(k / rate // interval, []).append(k)
    open_one = at / rate // interval
    assert found == {
        number: inside for number, inside in there.items() if number < open_one and inside == wanted[number]
    }
    rest = cutter.rest()
    if rest is not None:
        assert rest.first == open_one
        assert there[open_one] == list(range(rest.start[0], rest.start[0] + rest.count[0]))


def test_a_stream_begins_somewhere():
    with pytest.raises(ValueError, match="`follows` to be asked"):
        IntervalCutter(F(10), F(1)).cut(3)
    assert IntervalCutter(F(10), F(1)).rest() is None
