"""Limit, Print and Collect."""

from __future__ import annotations

import asyncio
import io
import math
import sys
import threading

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes import _console
from streamlab.nodes.collect import Collect
from streamlab.nodes.limit import Limit
from streamlab.nodes.print import Print
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


# ------------------------------------------------------------------------------ print


def shown(frames, **config):
    text = io.StringIO()
    node = Print(label="StreamTest", stream=text, **config)
    run = run_node(node, frames)
    return text.getvalue(), run


@pytest.mark.contract("N6")
def test_the_form_is_that_of_the_original():
    frame = DataFrame(5000, 5, {"main_channel": [1.0, 2.0, 3.0]})
    text, run = shown([frame])
    header, channel = text.splitlines(keepends=True)
    assert header == "[StreamTest] Frame #5 @ 5000\N{GREEK SMALL LETTER MU}s\n"
    assert channel == "  main_channel: len=3, mean=2.0000, rms=2.1602\n"
    assert run[0] is frame


@pytest.mark.contract("N6")
def test_channels_come_in_their_order_and_empty_ones_say_so():
    text, _ = shown(
        [DataFrame(0, 1, {"z": [1.0], "a": [-1.0]}), DataFrame(0, 2, {"z": [], "a": []}), DataFrame(0, 3)]
    )
    lines = text.splitlines()
    assert lines[1:3] == ["  z: len=1, mean=1.0000, rms=1.0000", "  a: len=1, mean=-1.0000, rms=1.0000"]
    assert lines[4:6] == ["  z: empty", "  a: empty"]
    assert lines[6:] == ["[StreamTest] Frame #3 @ 0μs"]


@pytest.mark.contract("N6")
def test_one_write_per_frame():
    class Writes(io.StringIO):
        count = 0

        def write(self, text):
            self.count += 1
            return super().write(text)

    stream = Writes()
    run_node(Print(stream=stream), [DataFrame(payload={"a": [1.0], "b": [1.0]}), DataFrame()])
    assert stream.count == 2


@pytest.mark.contract("N6")
def test_what_the_stream_cannot_encode_is_replaced():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    run_node(Print(label="Ω", stream=stream), [DataFrame(7, 1)])
    stream.flush()
    assert raw.getvalue() == b"[?] Frame #1 @ 7?s\n"


@pytest.mark.contract("N6")
@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_the_console_gets_everything_before_the_end(name, capsys):
    run_node("Print", [DataFrame(k, k) for k in range(500)], config={"stream": name, "label": "x"})
    captured = capsys.readouterr()
    lines = getattr(captured, "out" if name == "stdout" else "err").splitlines()
    assert lines == [f"[x] Frame #{k} @ {k}μs" for k in range(500)]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("streamlab-std")]


@pytest.mark.contract("N6")
def test_without_a_life_it_writes_directly(capsys):
    Print(label="x").process(DataFrame(1, 1))
    assert capsys.readouterr().out == "[x] Frame #1 @ 1μs\n"


class Gate(io.StringIO):
    """A console that takes nothing until it is told to."""

    def __init__(self):
        super().__init__()
        self.opened = threading.Event()
        self.reached = threading.Event()

    def write(self, text):
        self.reached.set()
        self.opened.wait(30)
        return super().write(text)


@pytest.mark.contract("N6")
def test_a_console_that_does_not_move_holds_up_nothing(monkeypatch):
    monkeypatch.setattr(_console, "CAPACITY", 10)
    gate = Gate()
    monkeypatch.setattr(sys, "stdout", gate)

    async def scenario():
        node = Print(label="x")
        await node.on_create({})
        node.process(DataFrame(0, 0))
        await asyncio.to_thread(gate.reached.wait, 30)  # the writer has taken the first one and hangs
        for k in range(1, 16):
            node.process(DataFrame(k, k))  # returns at once: ten are queued, five are counted
        console = node._console
        assert console.lost == 5
        gate.opened.set()
        await node.on_destroy()

    asyncio.run(scenario())
    lines = gate.getvalue().splitlines()
    assert lines[:11] == [f"[x] Frame #{k} @ {k}μs" for k in range(11)]
    assert lines[11:] == ["[stdout] 5 texts were not shown: the console is too slow"]


def test_the_writer_is_shared_and_ends_with_its_last_user(capsys):
    async def scenario():
        first, second = Print(label="1"), Print(label="2")
        await first.on_create({})
        await second.on_create({})
        assert first._console is second._console
        thread = first._console._thread
        await first.on_destroy()
        assert thread.is_alive()
        second.process(DataFrame(0, 0))
        await second.on_destroy()
        assert not thread.is_alive()

    asyncio.run(scenario())
    assert capsys.readouterr().out == "[2] Frame #0 @ 0μs\n"


def test_a_closed_pipe_is_no_failure(monkeypatch):
    class Closed(io.StringIO):
        calls = 0

        def write(self, text):
            self.calls += 1
            raise BrokenPipeError

    closed = Closed()
    monkeypatch.setattr(sys, "stdout", closed)
    run = run_node("Print", [DataFrame(k, k) for k in range(5)])
    assert len(run) == 5
    assert closed.calls == 1


@pytest.mark.contract("N6")
def test_the_rate_limit_counts_on_the_clock_of_the_loop():
    from streamlab.testing import run_virtual

    text = io.StringIO()
    node = Print(label="x", stream=text, rate_limit=2.0)

    async def scenario():
        for k in range(10):
            node.process(DataFrame(k, k))
            await asyncio.sleep(0.2)

    run_virtual(scenario())
    assert text.getvalue().splitlines() == [
        "[x] Frame #0 @ 0μs",
        "[x] (2 frames not shown)",
        "[x] Frame #3 @ 3μs",
        "[x] (2 frames not shown)",
        "[x] Frame #6 @ 6μs",
        "[x] (2 frames not shown)",
        "[x] Frame #9 @ 9μs",
    ]


# ------------------------------------------------------------------------------ collect


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({"limit": 3}, [7, 8, 9]),
        ({"limit": 3, "keep": "first"}, [0, 1, 2]),
        ({"limit": None}, list(range(10))),
    ],
)
def test_collect_keeps(config, kept):
    frames = [DataFrame(k, k) for k in range(10)]
    run = run_node("Collect", frames, config=config)
    assert [frame.sequence_id for frame in run.result] == kept
    assert run.outputs == frames


def test_collect_is_bounded_by_default():
    node = Collect()
    for k in range(1500):
        node.process(DataFrame(k, k))
    assert len(node.result()) == 1000
