"""Runs and hysteresis against a loop over the samples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.runs import run_lengths, runs_end, schmitt

BITS = st.lists(st.booleans(), max_size=40)


def cuts(row, sizes):
    edges = np.cumsum([0, *sizes])
    return [row[a:b] for a, b in zip(edges, [*edges[1:], len(row)], strict=True) if len(row[a:b])]


@given(BITS, st.lists(st.integers(0, 9), max_size=5), st.integers(0, 5))
def test_run_lengths(bits, sizes, before):
    expected, run = [], before
    for bit in bits:
        run = run + 1 if bit else 0
        expected.append(run)
    found, carry = [], np.array([before])
    for piece in cuts(bits, sizes):
        lengths = run_lengths(np.array([piece]), carry)
        carry = lengths[:, -1]
        found += lengths[0].tolist()
    assert found == expected


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40), st.lists(st.integers(0, 9), max_size=5)
)
def test_schmitt(pairs, sizes):
    expected, state = [], False
    for inside, back in pairs:
        state = True if inside else False if back else state
        expected.append(state)
    found, carry = [], np.array([False])
    for piece in cuts(pairs, sizes):
        inside, back = np.array(piece).T[:, np.newaxis]
        states = schmitt(inside, back, carry)
        carry = states[:, -1]
        found += states[0].tolist()
    assert found == expected


@given(BITS.filter(bool), st.integers(0, 8), st.integers(1, 12))
def test_runs_end_is_the_last_length_unless_one_may_be_long_enough(bits, before, length):
    mask, carry = np.array([bits, [True] * len(bits)]), np.array([before, 0])
    lengths = run_lengths(mask, carry)
    ends = runs_end(mask, carry, length)
    if (lengths >= length).any():
        assert ends is None
    if ends is not None:
        assert ends.tolist() == lengths[:, -1].tolist()
    quiet = runs_end(np.zeros((2, 5), dtype=bool), carry, 1)
    assert quiet.tolist() == [0, 0]
