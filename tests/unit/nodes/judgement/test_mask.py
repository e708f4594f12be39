"""Mask: limit curves over frequency against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab import Graph
from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.dsp.limits import best_offset, mask_curve
from streamlab.errors import FrameError, ParamError
from streamlab.nodes.judgement.mask import Mask
from streamlab.testing.harness import run_node

OCTAVES = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0]
INFO = StreamInfo(
    [ChannelInfo(side, "dB", "level", "20 uPa") for side in ("left", "right")], 8, "band", OCTAVES
)
UPPER = [[250.0, 60.0], [4000.0, 80.0]]  # 5 dB per octave: 60, 65, 70, 75, 80 from 250 Hz on


def curves(left, right=None, **header):
    rows = [left, [-1e9] * 6 if right is None else right]
    return DataFrame.from_samples(np.array(rows, dtype=float), INFO, **header)


def judge(*frames, **config):
    return run_node("Mask", frames, config=config).result


@pytest.mark.contract("M5")
def test_a_limit_is_straight_over_the_logarithm_of_frequency():
    at = np.array([0.0, 100.0, 250.0, 500.0, 1000.0, 250 * 2**0.5, 4000.0, 4001.0])
    expected = [np.nan, np.nan, 60.0, 65.0, 70.0, 62.5, 80.0, np.nan]
    assert mask_curve(UPPER, at) == pytest.approx(expected, nan_ok=True, rel=1e-14)
    assert mask_curve([[100, 1], [1000, 3], [10000, 2]], np.array([1e3, 10**3.5])) == pytest.approx(
        [3.0, 2.5]
    )
    assert mask_curve([[1000.0, 5.0]], np.array([999.0, 1000.0])) == pytest.approx([np.nan, 5.0], nan_ok=True)


@pytest.mark.contract("M5", "N10")
@pytest.mark.parametrize(
    ("left", "config", "outcome", "frequency", "value", "margin"),
    [
        ([99, 55, 55, 55, 55, 55], {}, Outcome.PASS, 250.0, 55.0, 5.0),
        ([99, 55, 55, 69, 55, 55], {}, Outcome.PASS, 1000.0, 69.0, 1.0),
        ([99, 55, 55, 69, 55, 55], {"margin": 1.5}, Outcome.MARGINAL, 1000.0, 69.0, 1.0),
        ([99, 55, 66, 72, 74, 55], {}, Outcome.FAIL, 1000.0, 72.0, -2.0),
        ([99, 55, 65, 55, 55, 55], {}, Outcome.PASS, 500.0, 65.0, 0.0),
        ([99, 55, 55, 55, 45, 55], {"lower": [[500, 50], [2000, 46]]}, Outcome.FAIL, 2000.0, 45.0, -1.0),
        ([99, 55, 55, -math.inf, 55, 55], {}, Outcome.PASS, 250.0, 55.0, 5.0),
    ],
)
def test_the_worst_point(left, config, outcome, frequency, value, margin):
    verdict = judge(curves(left, start_sample=20), upper=UPPER, value="left", **config)
    assert (verdict.outcome, verdict.frequency, verdict.value) == (outcome, frequency, value)
    assert verdict.margin == pytest.approx(margin, abs=1e-12)
    assert (verdict.channel, verdict.time, verdict.unit) == ("left", 2.5, "dB re 20 uPa")


@pytest.mark.contract("M5")
def test_the_worst_of_all_curves_and_channels():
    frames = [curves([50] * 6, [50, 59, 50, 50, 50, 50], start_sample=k) for k in range(4)]
    frames[2].samples[1, 4] = 76.5
    verdict = judge(*frames, upper=UPPER)
    assert str(verdict) == ("FAIL: right = 76.5 dB re 20 uPa at 2000 Hz at 0.25 s is above 75 by 1.5")
    assert verdict.count == 4 * 2 * 5  # 125 Hz lies outside the mask


@pytest.mark.contract("M5")
@given(
    st.lists(st.floats(-20, 20), min_size=6, max_size=6),
    st.floats(-1e3, 1e3),
)
def test_a_floating_mask_judges_the_shape(shape, offset):
    upper, lower = [[125, 3], [4000, 3]], [[125, -3], [4000, -3]]
    verdict = judge(curves(np.array(shape) + offset), upper=upper, lower=lower, floating=True, value="left")
    half = (max(shape) - min(shape)) / 2  # between the best of all shifts and the farther limit
    assert verdict.margin == pytest.approx(3 - half, abs=1e-9)
    if abs(half - 3) > 1e-6:
        assert verdict.outcome is (Outcome.FAIL if half > 3 else Outcome.PASS)


def test_the_best_offset_leaves_equal_room():
    curve = np.array([[0.0, 5.0, 1.0]])
    upper, lower = np.array([6.0, np.nan, 4.0]), np.array([-8.0, 1.0, np.nan])
    shift = best_offset(upper - curve, curve - lower)[0]
    assert shift == (3.0 - 4.0) / 2
    assert np.nanmin(upper - (curve + shift)) == np.nanmin(curve + shift - lower) == 3.5


@pytest.mark.contract("M5", "N10", "F7")
def test_what_is_no_pass():
    assert judge(upper=UPPER).outcome is Outcome.NOT_RUN
    quiet = curves([0] * 6)
    bad = curves([0, 0, math.nan, 0, 0, 0], start_sample=8)
    assert judge(quiet, bad, upper=UPPER).reason == "left at 500 Hz at 1 s is not a number"
    assert judge(curves([math.nan, 0, 0, 0, 0, 0]), upper=UPPER).outcome is Outcome.PASS  # outside the mask
    lost = curves([0] * 6, start_sample=3, gap=2)
    assert judge(quiet, lost, upper=UPPER).outcome is Outcome.INVALID
    assert judge(quiet, lost, upper=UPPER, lost="ignore").outcome is Outcome.PASS
    assert judge(curves([0] * 6, metadata={"invalid": "overload"}), upper=UPPER).reason.startswith(
        "overload; "
    )


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    ("info", "config", "message"),
    [
        (StreamInfo(["x"], 10), {}, "a mask lies over frequency; expected an axis of frequencies or bands"),
        (StreamInfo(["x"], 10, "band"), {}, "found frequencies that are not known"),
        (
            StreamInfo(["x"], 10, "band", [5, 10]),
            {},
            "no point .* expected 250 Hz to 4000 Hz; found 5 Hz to 10 Hz",
        ),
        (INFO, {"value": "middle"}, "no channel is called 'middle'"),
    ],
)
def test_streams_that_have_no_curve(info, config, message):
    with pytest.raises(ParamError, match=message):
        Mask.stream_info(Mask(upper=UPPER, **config), **{"in": info})


def test_a_curve_of_another_length():
    with pytest.raises(FrameError, match="the axis has 6 points; found 5 values"):
        Mask(upper=UPPER).process(DataFrame.from_samples(np.zeros((2, 5)), INFO))


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "a mask needs a limit"),
        ({"upper": [[100, 1, 2]]}, "/upper/0: a point of a mask is a pair"),
        ({"lower": [[100, 1], [0, 2]]}, "/lower/1: a point of a mask is a pair"),
        (
            {"upper": [[100, 1], [100, 2]]},
            "/upper/1: frequencies ascend; expected above 100 Hz; found 100 Hz",
        ),
        ({"upper": [[10, 1], [1000, 1]], "lower": [[100, 2]]}, "lower is above upper at 100 Hz"),
        ({"upper": [[10, 1]], "floating": True}, "a floating mask needs both limits"),
        ({"upper": []}, "too few items"),
        ({"upper": [["a", 1]]}, "/upper/0"),
    ],
)
def test_masks_that_are_none(config, message):
    with pytest.raises(ParamError, match=message):
        Mask(**config)


@pytest.mark.contract("G7")
def test_a_mask_on_a_signal_is_a_problem_of_the_graph():
    graph = Graph().add("tone", "SineGenerator").add("mask", "Mask", upper=UPPER).connect("tone", "mask")
    (problem,) = graph.problems()
    assert (problem.pointer, problem.hint) == ("/nodes/1", "judge numbers by Limit")


@pytest.mark.contract("M5")
@pytest.mark.parametrize(("odd", "word"), [(-12.0, "below"), (12.0, "above")])
def test_a_floating_mask_names_what_is_odd(odd, word):
    """Nine bands alike and one that is 12 dB off: it fails by 3 dB on both sides, and the one is named."""
    points = [100.0 * 2**k for k in range(10)]
    info = StreamInfo([ChannelInfo("mic", "dB")], 1, "band", points)
    curve = [70.0] * 10
    curve[7] += odd
    frame = DataFrame.from_samples(np.array([curve]), info)
    flat = [[100, 3.0], [100_000, 3.0]]
    config = {"upper": flat, "lower": [[f, -limit] for f, limit in flat], "floating": True}
    verdict = run_node("Mask", [frame], config=config).result
    assert (verdict.outcome, verdict.frequency) == (Outcome.FAIL, points[7])
    assert verdict.margin == pytest.approx(-3.0)
    assert f"is {word} " in verdict.reason
