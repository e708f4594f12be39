"""Limit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.judgement.limit import Limit
from streamlab.testing.harness import run_node

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
