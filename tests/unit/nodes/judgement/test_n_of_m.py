"""NofM against a count over every window."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import DataFrame, Outcome
from streamlab.errors import ParamError
from streamlab.nodes.judgement.n_of_m import NofM
from streamlab.testing.harness import cut, run_node


def frame(*values, **header):
    return DataFrame(payload={"x": list(values)}, sample_rate=10, **header)


def judge(frames, **config):
    return run_node("NofM", frames, config={"value": "x", **config}).result


def outside(values, upper, hysteresis):
    state, flags = False, []
    for value in values:
        state = value > upper or (state and value > upper - hysteresis)
        flags.append(state)
    return flags


@pytest.mark.contract("M6")
@given(
    values=st.lists(st.integers(0, 4), min_size=1, max_size=50),
    sizes=st.lists(st.integers(0, 9), max_size=8),
    m=st.integers(1, 8),
    n=st.integers(1, 8),
    hysteresis=st.integers(0, 2),
)
def test_every_window_is_counted(values, sizes, m, n, hysteresis):
    n = min(n, m)
    flags = outside(values, 2, hysteresis)
    windows = [sum(flags[max(0, end - m) : end]) for end in range(1, len(flags) + 1)]
    config = {"upper": 2.0, "n": n, "m": m, "hysteresis": float(hysteresis)}
    verdict = judge(cut(frame(*map(float, values)), sizes), **config)
    assert verdict.value == max(windows)
    assert verdict.time == windows.index(max(windows)) / 10
    assert verdict.outcome is (Outcome.FAIL if max(windows) >= n else Outcome.PASS)
    assert verdict.margin == n - 1 - max(windows)
    assert verdict.count == len(values)


@pytest.mark.contract("M6")
def test_marginal_and_the_sentence():
    frames = [frame(0.0, 5.0, 0.0, 5.0, 0.0)]
    assert judge(frames, upper=1.0, n=3, m=3).outcome is Outcome.PASS
    verdict = judge(frames, upper=1.0, n=3, m=3, marginal=2)
    assert str(verdict) == "MARGINAL: 2 of 3 values of x at 0.3 s are outside; 3 are too many"


@pytest.mark.contract("M6", "F7", "N10")
def test_what_is_no_pass():
    config = {"upper": 1.0, "n": 2, "m": 4}
    assert judge([], **config).outcome is Outcome.NOT_RUN
    split = [frame(0.0, 5.0), frame(5.0, 0.0, start_sample=4, gap=2)]
    assert (
        judge(split, **config).outcome is Outcome.INVALID
    )  # no window spans the gap, but it might have failed
    assert judge(split, **config, lost="ignore").outcome is Outcome.PASS
    assert judge([frame(5.0, 5.0), *split[1:]], **config).outcome is Outcome.FAIL
    assert judge([frame(0.0, math.nan)], **config).reason == "x at 0.1 s is not a number"
    assert judge([frame(0.0, metadata={"invalid": "dropout"})], **config).outcome is Outcome.INVALID


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"n": 1, "m": 1}, "a count of outliers needs a bound"),
        ({"n": 3, "m": 2, "upper": 1.0}, "/n: there are not that many; expected at most m, 2; found 3"),
        ({"n": 2, "m": 3, "upper": 1.0, "marginal": 2}, "/marginal: that is a FAIL; expected below n, 2"),
        ({"n": 2, "m": 3, "upper": 1.0, "lower": 2.0}, "lower is above upper"),
    ],
)
def test_counts_that_cannot_be(config, message):
    with pytest.raises(ParamError, match=message):
        NofM(value="x", **config)
