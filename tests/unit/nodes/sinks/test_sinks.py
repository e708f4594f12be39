"""Print and Collect."""

from __future__ import annotations

import asyncio
import io
import sys
import threading

import pytest

from streamlab.core import DataFrame
from streamlab.nodes.sinks import _console
from streamlab.nodes.sinks.collect import Collect
from streamlab.nodes.sinks.print import Print
from streamlab.testing.harness import run_node

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
