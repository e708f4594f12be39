"""Limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.judgement.limit import Limit
from streamlab.testing.harness import cut, run_node

LEQ = StreamInfo([ChannelInfo(f"{side}.Leq", "dB", "Leq", "20 uPa") for side in ("left", "right")], 8)


def leq(left, right=None, info=LEQ, **header):
    rows = [left, right if right is not None else left][: len(info.names)]
    return DataFrame.from_samples(np.array(rows, dtype=float), info, **header)


def judge(frames, **config):
    return run_node("Limit", frames, config={"value": "Leq", **config}).result


# ------------------------------------------------------------------------------ limit


@pytest.mark.contract("N10")
@pytest.mark.parametrize(
    ("bounds", "outcome", "channel", "value", "margin", "time"),
    [
        ({"upper": 90.0}, Outcome.PASS, "right.Leq", 85.0, 5.0, 1.375),
        ({"upper": 85.0}, Outcome.PASS, "right.Leq", 85.0, 0.0, 1.375),
        ({"upper": 84.0}, Outcome.FAIL, "right.Leq", 85.0, -1.0, 1.375),
        ({"lower": 60.5}, Outcome.FAIL, "left.Leq", 60.0, -0.5, 1.0),
        ({"lower": 50.0, "upper": 87.0}, Outcome.PASS, "right.Leq", 85.0, 2.0, 1.375),
        ({"upper": 87.0, "margin": 2.1}, Outcome.MARGINAL, "right.Leq", 85.0, 2.0, 1.375),
        ({"upper": 87.0, "margin": 2.0}, Outcome.PASS, "right.Leq", 85.0, 2.0, 1.375),
        ({"value": "left.Leq", "upper": 84.0}, Outcome.PASS, "left.Leq", 70.0, 14.0, 1.125),
    ],
)
def test_the_worst_value_and_its_time(bounds, outcome, channel, value, margin, time):
    frames = [
        leq([60.0, 70.0], [61.0, 71.0], start_sample=8),
        leq([65.0, 66.0], [62.0, 85.0], start_sample=10, sequence_id=1),
    ]
    verdict = judge(frames, **bounds)
    assert verdict.outcome is outcome
    assert (verdict.channel, verdict.value, verdict.time, verdict.unit) == (
        channel,
        value,
        time,
        "dB re 20 uPa",
    )
    assert verdict.margin == pytest.approx(margin)
    assert verdict.count == (4 if "value" in bounds else 8)


def test_the_reason_is_a_sentence():
    failed = str(judge([leq([85.0])], upper=80.0))
    assert failed == "FAIL: left.Leq = 85 dB re 20 uPa at 0 s is above 80 by 5"
    assert str(judge([leq([85.0])], lower=80.0)) == (
        "PASS: left.Leq = 85 dB re 20 uPa at 0 s is within bounds, 5 above 80"
    )


@pytest.mark.contract("N10")
def test_nothing_judged_is_no_pass():
    assert judge([], upper=80.0).outcome is Outcome.NOT_RUN
    assert judge([leq([])], upper=80.0).outcome is Outcome.NOT_RUN
    partial = judge([leq([1.0], metadata={"partial": 0.1})], upper=80.0)
    assert partial.outcome is Outcome.NOT_RUN
    assert "1 partial intervals were left out" in partial.reason


@pytest.mark.contract("N10")
def test_what_is_not_a_number_is_no_pass():
    verdict = judge([leq([60.0]), leq([61.0, np.nan], start_sample=1)], upper=80.0)
    assert (verdict.outcome, verdict.time, verdict.channel) == (Outcome.INVALID, 0.25, "left.Leq")
    assert verdict.reason == "left.Leq at 0.25 s is not a number"
    assert math.isnan(verdict.value)


@pytest.mark.contract("N10", "F7")
def test_what_was_lost_cannot_have_passed():
    frames = [leq([60.0]), leq([61.0], start_sample=5, gap=4)]
    assert judge(frames, upper=80.0).outcome is Outcome.INVALID
    assert "4 samples were lost" in judge(frames, upper=80.0).reason
    assert judge(frames, upper=60.5).outcome is Outcome.FAIL


def test_silence_is_below_everything():
    assert judge([leq([-math.inf])], upper=80.0).outcome is Outcome.PASS
    failed = judge([leq([-math.inf])], lower=30.0)
    assert (failed.outcome, failed.value, failed.margin) == (Outcome.FAIL, -math.inf, -math.inf)


def test_a_stream_without_a_rate_has_no_time():
    verdict = judge([DataFrame(payload={"Leq": [99.0]})], upper=80.0)
    assert verdict.time is None
    assert verdict.reason == "Leq = 99 is above 80 by 19"


@pytest.mark.contract("G7")
def test_a_value_that_no_channel_bears():
    with pytest.raises(ParamError, match=r"no channel is called 'Leg' .*did you mean 'Leq'"):
        Limit.stream_info(Limit(value="Leg", upper=1.0), **{"in": LEQ})
    with pytest.raises(ParamError, match="no channel is called"):
        Limit(value="eq", upper=1.0).process(leq([1.0]))


@pytest.mark.contract("N7")
def test_bounds_that_are_refused():
    with pytest.raises(ParamError, match="a limit needs a bound"):
        Limit(value="x")
    with pytest.raises(ParamError, match="lower is above upper; expected at most 1; found 2"):
        Limit(value="x", lower=2.0, upper=1.0)


@pytest.mark.contract("M4", "N10")
def test_a_signal_with_a_fault_is_invalid_even_where_it_fails():
    marked = leq([60.0, 90.0], metadata={"invalid": "overload on mic at 2 s"})
    verdict = judge([leq([60.0]), marked], upper=85.0)
    assert verdict.outcome is Outcome.INVALID
    assert verdict.reason.startswith("overload on mic at 2 s; left.Leq = 90 dB")


def test_lost_samples_can_be_meant():
    frames = [leq([60.0]), leq([70.0], start_sample=5, gap=4)]
    assert judge(frames, upper=85.0).outcome is Outcome.INVALID
    assert judge(frames, upper=85.0, lost="ignore").outcome is Outcome.PASS
    assert judge(frames, upper=65.0, lost="ignore").outcome is Outcome.FAIL


def test_a_plain_number_is_shown_without_its_unit():
    info = StreamInfo([ChannelInfo("x.count", "1")], 10)
    frame = DataFrame.from_samples(np.array([[249.0]]), info)
    verdict = run_node("Limit", [frame], config={"value": "count", "upper": 250.0}).result
    assert str(verdict) == "PASS: x.count = 249 at 0 s is within bounds, 1 below 250"
    assert verdict.unit == "1"


def test_what_still_settles_is_not_judged():
    """A detector that begins at zero would break any lower bound in its first intervals."""
    frames = [leq([10.0], metadata={"settling": True}), leq([60.0], start_sample=1, sequence_id=1)]
    verdict = judge(frames, lower=50.0)
    assert (verdict.outcome, verdict.value) == (Outcome.PASS, 60.0)
    nothing = judge(frames[:1], lower=50.0)
    assert nothing.outcome is Outcome.NOT_RUN
    assert "1 settling intervals were left out" in nothing.reason


def test_settling_is_about_the_quantities_that_are_named():
    frames = [leq([10.0], metadata={"settling": ("LAF90",)}), leq([60.0], start_sample=1, sequence_id=1)]
    assert judge(frames, lower=50.0).outcome is Outcome.FAIL
    frames = [leq([10.0], metadata={"settling": (LEQ.channels[0].quantity,)})]
    assert judge(frames, lower=50.0).outcome is Outcome.NOT_RUN


# ------------------------------------------------------------------------- excursions


def excursions(values, upper, hysteresis):
    """One by one: a value above begins an excursion, one at or below upper - hysteresis ends it."""
    count, outside = 0, False
    for value in values:
        if value > upper and not outside:
            count, outside = count + 1, True
        elif value <= upper - hysteresis:
            outside = False
    return count


@pytest.mark.contract("M6")
@given(
    left=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    sizes=st.lists(st.integers(0, 9), max_size=8),
    allowed=st.integers(0, 6),
    hysteresis=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_excursions_are_counted_whatever_the_cutting(left, sizes, allowed, hysteresis, seed):
    right = np.random.default_rng(seed).integers(0, 6, len(left)).tolist()
    config = {"upper": 3.0, "allowed": allowed, "hysteresis": float(hysteresis)}
    verdict = judge(cut(leq(left, right), sizes), **config)
    counts = [excursions(values, 3, hysteresis) for values in (left, right)]
    assert verdict.outcome is (Outcome.FAIL if max(counts) > allowed else Outcome.PASS)
    assert (verdict.value, verdict.margin) == (max(left + right), 3.0 - max(left + right))
    if max(counts) and (allowed or hysteresis):
        name = ("left.Leq", "right.Leq")[counts[0] < counts[1]]
        assert f"; {name} was outside " in verdict.reason
        assert verdict.reason.endswith(f"{allowed} allowed")


@pytest.mark.contract("M6")
def test_a_value_that_wavers_about_its_bound_is_one_excursion():
    wavers = leq([79.0, 80.5, 79.9, 80.2, 79.8, 80.4, 78.0], [70.0] * 7)
    assert str(judge([wavers], upper=80.0, allowed=2)) == (
        "FAIL: left.Leq = 80.5 dB re 20 uPa at 0.125 s is above 80 by 0.5; "
        "left.Leq was outside 3 times, 2 allowed"
    )
    verdict = judge([wavers], upper=80.0, allowed=2, hysteresis=1.0)
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason.endswith("left.Leq was outside once, 2 allowed")
    assert judge([wavers], upper=80.0, hysteresis=1.0).outcome is Outcome.FAIL  # none is allowed


@pytest.mark.contract("M6", "F7")
def test_an_excursion_does_not_span_a_gap():
    frames = [leq([85.0], [70.0]), leq([84.0], [70.0], start_sample=5, gap=4)]
    verdict = judge(frames, upper=80.0, allowed=2, hysteresis=10.0, lost="ignore")
    assert verdict.reason.endswith("left.Leq was outside 2 times, 2 allowed")
    assert judge(frames, upper=80.0, allowed=2).outcome is Outcome.INVALID  # perhaps a third was lost


@pytest.mark.contract("M6")
def test_each_point_of_a_curve_has_excursions_of_its_own():
    info = StreamInfo([ChannelInfo("a.Leq", "dB"), ChannelInfo("b.Leq", "dB")], 1, "band", [500.0, 1000.0])
    curves = [[[81.0, 60.0], [60.0, 81.0]], [[60.0, 81.0], [60.0, 60.0]], [[60.0, 60.0], [60.0, 81.0]]]
    frames = [DataFrame.from_samples(np.array(one), info, start_sample=k) for k, one in enumerate(curves)]
    verdict = judge(frames, upper=80.0, allowed=1)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.endswith("b.Leq was outside 2 times, 1 allowed")


@pytest.mark.contract("N7")
def test_a_hysteresis_that_nothing_comes_back_from():
    with pytest.raises(ParamError, match="no value is inside by that much; expected at most 5; found 6"):
        Limit(value="x", lower=0.0, upper=10.0, hysteresis=6.0)
    assert Limit(value="x", lower=0.0, upper=10.0, hysteresis=5.0).hysteresis == 5.0
