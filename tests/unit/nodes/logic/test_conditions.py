"""Router, Gate, Switch, Counter and RunUntil."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab import AsyncPipeline, Graph
from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.logic.counter import Counter
from streamlab.nodes.logic.gate import Gate
from streamlab.nodes.logic.router import Router
from streamlab.nodes.logic.run_until import RunUntil
from streamlab.nodes.logic.switch import Switch
from streamlab.testing import virtual_time
from streamlab.testing.harness import cut, join, run_node
from streams import conserved


def frame(*values, name="x", **header):
    return DataFrame(payload={name: list(values)}, sample_rate=10, **header)


def series(*values):
    return [frame(value, start_sample=k, sequence_id=k) for k, value in enumerate(values)]


def ways(run):
    return {port: [item.start_sample for item in frames] for port, frames in run.ports.items()}


@pytest.mark.contract("M7")
@pytest.mark.parametrize(
    ("of", "number"), [("last", 2.0), ("mean", 1.0), ("max", 4.0), ("min", -3.0), ("RMS", math.sqrt(29 / 3))]
)
def test_the_number_that_decides(of, number):
    item = frame(4.0, -3.0, 2.0)
    for lower, port in ((number - 1e-9, "inside"), (number + 1e-9, "outside")):
        assert list(Router(lower=lower, of=of).process(item)) == [port]


@pytest.mark.contract("M7")
@pytest.mark.parametrize(
    ("config", "inside"),
    [
        ({"lower": 2.0}, [2, 3, 7]),
        ({"lower": 2.0, "upper": 3.5}, [2, 7]),
        ({"lower": 2.0, "hysteresis": 1.0}, [2, 3, 4, 7, 8]),
        ({"upper": 0.0}, [0, 5]),
    ],
)
def test_hysteresis_holds_a_condition(config, inside):
    values = [0.0, 1.0, 2.0, 4.0, 1.0, 0.0, 1.0, 3.0, 1.5, math.nan, 1.5]
    run = run_node("Router", series(*values), config={"value": "x", **config})
    assert ways(run) == {"inside": inside, "outside": [k for k in range(11) if k not in inside]}


def test_an_empty_frame_goes_outside_and_changes_nothing():
    items = [frame(5.0), frame(start_sample=1), frame(1.5, start_sample=1)]
    run = run_node("Router", items, config={"value": "x", "lower": 2.0, "hysteresis": 1.0})
    assert ways(run) == {"inside": [0, 1], "outside": [1]}


@pytest.mark.contract("M7", "F7")
@virtual_time
async def test_what_went_the_other_way_is_a_gap():
    graph = Graph().add("way", "Router", lower=2.0).add("high", "Limit", value="x", upper=9.0)
    graph.add("low", "Limit", value="x", upper=9.0, lost="ignore")
    graph.connect("way.inside", "high").connect("way.outside", "low")
    pipeline = AsyncPipeline(graph, collect=["high", "low"])
    report = await pipeline.run(series(0.0, 5.0, 5.0, 0.0, 0.0, 5.0))
    assert [(item.start_sample, item.gap) for item in report.outputs["high"]] == [(1, 0), (2, 0), (5, 2)]
    assert [(item.start_sample, item.gap) for item in report.outputs["low"]] == [(0, 0), (3, 2), (4, 0)]
    assert report.results["high"].outcome is Outcome.INVALID
    assert report.results["low"].outcome is Outcome.PASS
    conserved(pipeline)


@pytest.mark.contract("M7")
@virtual_time
async def test_a_gate_opens_by_the_level_of_the_signal_itself():
    graph = Graph().add("in", "Gain").add("numbers", "Statistics")
    graph.add("gate", "Gate", value="x.RMS", lower=1.0, of="last")
    graph.connect("in", "gate.in").connect("in", "numbers").connect("numbers", "gate.control")
    items = [
        frame(*[level] * 4, start_sample=4 * k, sequence_id=k) for k, level in enumerate([0.5, 2, 0.1, -3])
    ]
    pipeline = AsyncPipeline(graph, collect=["gate"])
    report = await pipeline.run(items)
    assert [(item.sequence_id, item.gap) for item in report.outputs["gate"]] == [(1, 0), (3, 4)]
    assert report.outputs["gate"][1].samples.tolist() == [[-3.0] * 4]
    conserved(pipeline)


@pytest.mark.contract("M7")
def test_a_switch_takes_one_of_two():
    a, b, control = series(1.0, 1.0, 1.0), series(2.0, 2.0, 2.0), series(0.0, 7.0, math.nan)
    run = run_node("Switch", list(zip(a, b, control, strict=True)), config={"upper": 5.0})
    assert join(run.outputs).samples[0].tolist() == [1.0, 2.0, 2.0]
    marked = frame(1.0, metadata={"k": 1, "c": 2})  # as the engine gives it: with the metadata of all
    out = Switch(upper=5.0).process(marked, frame(2.0, metadata={"k": 3}), frame(9.0))
    assert dict(out.metadata) == {"k": 3, "c": 2}


@pytest.mark.contract("G7", "N7")
def test_conditions_that_do_not_fit():
    two, volts = StreamInfo(["x", "y"], 10), StreamInfo([ChannelInfo("x", "V")], 10)
    with pytest.raises(
        ParamError, match=r"/value: it is not said which channel decides; expected one of x, y"
    ):
        Router.stream_info(Router(lower=0.0), **{"in": two})
    with pytest.raises(ParamError, match=r"/value: no channel 'z'; expected one of x, y"):
        Gate.stream_info(Gate(lower=0.0, value="z"), **{"in": None, "control": two})
    with pytest.raises(ParamError, match="streams to switch between are alike"):
        Switch.stream_info(Switch(lower=0.0), a=StreamInfo(["x"], 10), b=volts, control=None)
    assert Switch.stream_info(Switch(lower=0.0), a=None, b=volts, control=None) is volts
    for cls in (Router, Gate, Switch):
        with pytest.raises(ParamError, match="a condition needs a bound"):
            cls(value="x")


# ------------------------------------------------------------------------------ counter


@pytest.mark.contract("M7")
@given(
    values=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    sizes=st.lists(st.integers(0, 9), max_size=8),
    hysteresis=st.integers(0, 2),
)
def test_each_entry_is_counted_once(values, sizes, hysteresis):
    inside, count, expected = values[0] >= 2, 0, []
    for value in values:
        now = value >= 2 or (inside and value >= 2 - hysteresis)
        count += now and not inside
        inside = now
        expected.append(count)
    config = {"value": "x", "lower": 2.0, "hysteresis": float(hysteresis)}
    run = run_node("Counter", cut(frame(*map(float, values)), sizes), config=config)
    assert join(run.outputs).samples[0].tolist() == expected
    assert run.result == {"x": count}


@pytest.mark.contract("M7")
@virtual_time
async def test_the_pulses_of_a_second():
    # 25 cycles of a sine, of which the first begins at its zero, outside.
    graph = Graph().add("tick", "Clock", rate=10.0, frames=10)
    graph.add("tone", "SineGenerator", frequency=25.0, sample_rate=1000.0, frame_size=100)
    graph.add("count", "Counter", value="main_channel", lower=0.5, hysteresis=0.1)
    graph.connect("tick", "tone").connect("tone", "count")
    report = await AsyncPipeline(graph).run()
    assert report.results["count"] == {"main_channel": 25}


@pytest.mark.contract("M7", "F7")
def test_behind_a_gap_nothing_has_entered():
    run = run_node("Counter", [frame(0.0, 5.0), frame(5.0, 0.0, 5.0, start_sample=4, gap=2)], config={
        "value": "x", "lower": 1.0,
    })  # fmt: skip
    assert [item.samples[0].tolist() for item in run] == [[0, 1], [1, 1, 2]]
    assert run[1].info.channels == (ChannelInfo("x.count", "1", "count"),)
    assert run_node("Counter", config={"value": "x", "lower": 1.0}).result is None
    with pytest.raises(ParamError, match="no channel is called 'z'"):
        Counter.stream_info(Counter(value="z", lower=1.0), **{"in": StreamInfo(["x"], 1)})


# ------------------------------------------------------------------------------ run until


@pytest.mark.contract("M7")
@given(sizes=st.lists(st.integers(0, 30), max_size=10), start=st.integers(0, 50))
def test_a_duration_is_exact_to_the_sample(sizes, start):
    whole = frame(*map(float, range(100)), start_sample=start)
    run = run_node("RunUntil", cut(whole, sizes), config={"duration": 3.31})
    assert join(run.outputs).samples[0].tolist() == list(range(34))  # 3.31 s at 10 Hz: the 34th is needed
    assert run.result == {"ended": "duration", "time": (start + 34) / 10}
    assert run.reason == "completed"


@pytest.mark.contract("M7", "F7")
@pytest.mark.parametrize(
    ("config", "passed", "result"),
    [
        ({"frames": 2}, [0, 1, 2, 3], {"ended": "frames", "time": 0.4}),
        ({"value": "x", "lower": 4.0}, [0, 1, 2, 3, 8], {"ended": "value", "time": 0.9}),
        ({"value": "x", "lower": 4.0, "duration": 0.3}, [0, 1, 2], {"ended": "duration", "time": 0.3}),
        ({"duration": 0.6}, [0, 1, 2, 3], {"ended": "duration", "time": 0.8}),  # over within the gap
        ({"duration": 99.0}, [0, 1, 2, 3, 8, 9], {"ended": None, "time": None}),
    ],
)
def test_the_first_condition_ends_it(config, passed, result):
    items = [frame(0.0, 1.0), frame(2.0, 3.0, start_sample=2), frame(8.0, 9.0, start_sample=8, gap=4)]
    run = run_node("RunUntil", items, config=config)
    assert [value for item in run for value in item.samples[0]] == passed
    assert run.result == result


@pytest.mark.contract("M7")
@pytest.mark.parametrize("fuse", [True, False])
@virtual_time
async def test_it_ends_an_endless_graph(fuse):
    graph = Graph().add("tick", "Clock", rate=10.0)
    graph.add("tone", "SineGenerator", sample_rate=1000.0, frame_size=100)
    graph.add("until", "RunUntil", duration=0.45).add("numbers", "Statistics")
    graph.connect("tick", "tone").connect("tone", "until").connect("until", "numbers")
    graph.document["pipeline_config"] = {"fuse": fuse}
    pipeline = AsyncPipeline(graph)
    report = await pipeline.run()
    assert report.reason == "completed"
    assert report.results["numbers"]["main_channel"]["count"] == 450
    assert report.results["until"] == {"ended": "duration", "time": 0.45}
    conserved(pipeline)


@pytest.mark.contract("M7")
@virtual_time
async def test_another_branch_runs_on():
    graph = Graph().add("tick", "Clock", rate=10.0, frames=20)
    graph.add("tone", "SineGenerator", sample_rate=1000.0, frame_size=100)
    graph.add("until", "RunUntil", frames=3).add("all", "Statistics")
    graph.connect("tick", "tone").connect("tone", "until").connect("tone", "all")
    pipeline = AsyncPipeline(graph, collect=["until"])
    report = await pipeline.run()
    assert len(report.outputs["until"]) == 3
    assert report.results["all"]["main_channel"]["count"] == 2000
    conserved(pipeline)


@pytest.mark.contract("G7", "N7")
def test_ends_that_do_not_fit():
    for config, message in (
        ({}, "nothing would end the stream; expected duration, frames or value"),
        ({"value": "x"}, "a value to wait for needs a bound"),
        ({"upper": 1.0}, "it is not said which channel ends the stream"),
        ({"frames": 0}, "out of range"),
    ):
        with pytest.raises(ParamError, match=message):
            RunUntil(**config)
    with pytest.raises(ParamError, match="a duration needs samples over time"):
        RunUntil.stream_info(RunUntil(duration=1.0), **{"in": StreamInfo(["x"])})
    assert np.array_equal(RunUntil(frames=1).process(frame(1.0)).samples, [[1.0]])
