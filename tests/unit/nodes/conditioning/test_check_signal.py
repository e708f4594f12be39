"""CheckSignal: each fault to the sample, and what it does to verdicts behind."""

from __future__ import annotations

import numpy as np
import pytest

import streamlab
from streamlab import Graph
from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.conditioning.check_signal import CheckSignal
from streamlab.testing.harness import cut, run_node

RATE = 1000
CUTS = [[2000], [7] * 300, [1] * 2000, [500, 3, 999]]


def signal(count=2000, info=None, **header):
    """A ramp that never stands still, on two channels."""
    up = np.linspace(-0.5, 0.5, count)
    info = info or StreamInfo([ChannelInfo("left", "V"), ChannelInfo("right", "V")], RATE)
    return DataFrame.from_samples(np.stack([up, -up]), info, **header)


def checked(frame, sizes, **config):
    return run_node("CheckSignal", cut(frame, sizes), config=config)


@pytest.mark.contract("M4")
@pytest.mark.parametrize("sizes", CUTS)
def test_a_good_signal_passes_unmarked(sizes):
    run = checked(signal(), sizes, overload=0.6)
    assert run.result.outcome is Outcome.PASS
    assert run.result.count == 4000
    assert all("invalid" not in frame.metadata for frame in run)


@pytest.mark.contract("M4")
@pytest.mark.parametrize("sizes", CUTS)
@pytest.mark.parametrize(
    ("values", "config", "reason"),
    [
        ({700: 1.0}, {"overload": 1.0}, "overload on right at 0.7 s"),
        ({700: -1.5}, {"overload": 1.0}, "overload on right at 0.7 s"),
        ({700: 0.999}, {"overload": 1.0}, None),
        (
            dict.fromkeys(range(700, 703), 1.0),
            {"overload": 1.0, "overload_samples": 3},
            "overload on right at 0.7 s",
        ),
        (dict.fromkeys((700, 701, 703), 1.0), {"overload": 1.0, "overload_samples": 3}, None),
        ({1999: 2.0}, {"overload": 1.0}, "overload on right at 1.999 s"),
        (dict.fromkeys(range(300, 400), 0.0), {"flat": 0.1}, "dropout on right at 0.3 s"),
        (dict.fromkeys(range(300, 399), 0.0), {"flat": 0.1}, None),
        (dict.fromkeys(range(300, 400), 0.25), {"flat": 0.1}, "flat line on right at 0.3 s"),
        (dict.fromkeys(range(300, 400), 0.25), {"flat": None}, None),
        ({5: np.nan}, {}, "no number on right at 0.005 s"),
        ({5: -np.inf}, {}, "no number on right at 0.005 s"),
    ],
)
def test_a_fault_is_found_where_it_begins(sizes, values, config, reason):
    frame = signal()
    for place, value in values.items():
        frame.samples[1, place] = value
    run = checked(frame, sizes, **config)
    if reason is None:
        assert run.result.outcome is Outcome.PASS
        return
    assert (run.result.outcome, run.result.reason, run.result.channel) == (Outcome.INVALID, reason, "right")
    last = max(values)
    for one in run:
        assert one.metadata.get("invalid") == (reason if one.start_sample + one.n > last else None)


@pytest.mark.contract("M4")
@pytest.mark.parametrize("sizes", CUTS)
def test_both_infinities_in_one_frame(sizes):
    frame = signal()
    frame.samples[1, 5:7] = np.inf, -np.inf
    assert checked(frame, sizes).result.reason == "no number on right at 0.005 s"


@pytest.mark.contract("M4")
def test_the_range_of_the_channel_is_the_limit_where_none_is_given():
    info = StreamInfo([ChannelInfo("left", "V", range=(-2.0, 2.0)), ChannelInfo("right", "V")], RATE)
    frame = signal(info=info)
    frame.samples[1, 50] = 1e9  # nothing is known of this one
    assert checked(frame, [2000]).result.outcome is Outcome.PASS
    frame.samples[0, 60] = 2.0 * 32767 / 32768  # the largest of 16 bits
    assert checked(frame, [2000]).result.reason == "overload on left at 0.06 s"


@pytest.mark.contract("M4", "F7")
def test_lost_samples_are_a_fault_and_no_run_goes_over_them():
    first, second = signal(1000), signal(1000, start_sample=1060, gap=60, timestamp=1_060_000)
    first.samples[0, -60:] = 0.1
    second.samples[0, :60] = 0.1
    run = run_node("CheckSignal", [first, second])
    assert run.result.reason == "60 samples lost at 1 s"
    assert [frame.metadata.get("invalid") for frame in run] == [None, "60 samples lost at 1 s"]
    assert run[1].gap == 60


@pytest.mark.contract("M4")
def test_only_the_channels_named_are_checked_and_nothing_is_no_pass():
    frame = signal()
    frame.samples[0] = 0.0
    assert checked(frame, [2000], channels=["right"]).result.outcome is Outcome.PASS
    assert checked(frame, [2000], channels=["left"]).result.reason == "dropout on left at 0 s"
    assert run_node("CheckSignal").result.outcome is Outcome.NOT_RUN


@pytest.mark.contract("G7")
def test_streams_that_cannot_be_checked():
    for info, message in ((StreamInfo(["x"]), "a sample rate"), (StreamInfo(["x"], 1), "no channel 'y'")):
        with pytest.raises(ParamError, match=message):
            CheckSignal.stream_info(CheckSignal(channels=["y"]), **{"in": info})


@pytest.mark.contract("M4", "N10")
@pytest.mark.parametrize(
    ("amplitude", "outcome"), [(0.9, Outcome.PASS), (1.1, Outcome.INVALID)], ids=["within", "beyond"]
)
def test_a_verdict_behind_it_is_invalid_though_the_level_is_within(amplitude, outcome):
    # The overload is in the first interval only; the last one, which ends at the flush, carries it too.
    graph = Graph().add("tick", "Clock", rate=10.0, frames=20)
    graph.add(
        "tone", "SineGenerator", frequency=50.0, sample_rate=1000.0, frame_size=100, amplitude=amplitude
    )
    graph.add("check", "CheckSignal", overload=1.0).add("level", "Level", interval=0.3, metrics=["RMS"])
    graph.add("limit", "Limit", value="RMS", upper=5.0)
    graph.connect("tick", "tone").connect("tone", "check").connect("check", "level").connect("level", "limit")
    report = streamlab.run(graph)
    verdict = report.results["limit"]
    assert verdict.outcome is outcome
    assert report.verdict is outcome
    if outcome is Outcome.INVALID:
        assert verdict.reason.startswith("overload on main_channel at 0.004 s; main_channel.RMS = 0.7778")
