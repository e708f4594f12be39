"""What a node class is told when it is written, and what it does without an engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamlab.core import DataFrame, FrameRun, ProcessingNode, Source, StreamInfo, channel
from streamlab.core.node import frames_of
from streamlab.errors import ChannelClosed, EndOfStream
from streamlab.testing import virtual_time
from streams import frame, frames, numbers


class Blank(ProcessingNode):
    """Has nothing of its own."""


class Empty(Source):
    """A source that does not say where its frames come from."""


def run_of(one: DataFrame) -> FrameRun:
    """A run of a single frame."""
    return FrameRun([one], one.samples[:, None], one.info, range(0, one.n, one.n))


def drained(rx: Any) -> tuple[list[int], EndOfStream]:
    got = []
    while True:
        try:
            got.append(rx.try_recv().sequence_id)
        except EndOfStream as end:
            return got, end


@pytest.mark.contract("N1")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Blank().process(frame(0)), r"Blank has no process\(\): it works in a stream only"),
        (lambda: Blank().process_block([frame(0)]), r"Blank has no process_block\(\)"),
        (lambda: Blank().overwrite(frame(0)), r"Blank has no overwrite\(\)"),
        (lambda: Blank().measure(run_of(frame(0))), r"Blank has no measure\(\)"),
        (lambda: Empty().frames(), r"Empty has no frames\(\)"),
    ],
)
def test_what_a_node_does_not_have_it_says(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.contract("N1")
def test_what_the_author_wrote_decides_how_a_node_is_driven():
    class Plain(ProcessingNode):
        def process(self, item): ...

    class Awaits(ProcessingNode):
        async def process(self, item): ...

    class Free(Plain):
        async def run(self, rx, tx): ...

    tiers = [cls.tier for cls in (Blank, Plain, Awaits, Free, Empty)]
    assert tiers == ["none", "process", "async process", "run", "source"]


def test_a_node_that_cuts_anew_is_numbered_anew_unless_it_says_otherwise():
    class Recuts(ProcessingNode):
        kind = "stream-wise"

    class Keeps(ProcessingNode):
        kind = "stream-wise"
        renumbers = False

    assert (Blank.renumbers, Recuts.renumbers, Keeps.renumbers) == (False, True, False)
    info = StreamInfo(["x"], 8)
    assert Blank.stream_info(None, **{"in": info}) is info
    assert Recuts.stream_info(None, **{"in": info}) is None  # it cannot be known
    assert Empty.stream_info(None) is None
    assert Blank.delay(None) == 0
    assert Blank().result() is Blank().flush() is None


def test_a_node_is_configured_when_its_input_changes_and_after_a_reset():
    class Follows(ProcessingNode):
        heard: list[Any]

        def configure(self, *infos, **_):
            self.heard.append(infos)

    one, two = StreamInfo(["x"], 8), StreamInfo(["x"], 16)
    node = Follows()
    node.heard = []
    for infos in ((one,), (one,), (two,), (two, one), (two, one), (one, two)):
        node.follow(*infos)
    assert node.heard == [(one,), (two,), (two, one), (one, two)]
    node.reset()
    node.follow(one, two)
    assert len(node.heard) == 5


# -- frames_of


def test_what_a_node_returns_is_none_one_or_many_frames():
    one, two = frames(2)
    assert frames_of(None) == ()
    assert frames_of(one) == (one,)
    assert frames_of([one, two]) == [one, two]
    assert frames_of((one, two)) == (one, two)
    with pytest.raises(TypeError, match="expected a frame, a list of frames or None, found int"):
        frames_of(5)
    with pytest.raises(TypeError, match="expected frames, found a list with a str"):
        frames_of([one, "two"])
    with pytest.raises(TypeError, match="found generator"):
        frames_of(item for item in (one, two))


# -- run, as it is inherited


@pytest.mark.contract("N2")
@virtual_time
async def test_a_process_that_awaits_is_awaited_and_so_is_its_tail():
    class Late(ProcessingNode):
        async def process(self, item):
            await asyncio.sleep(1)
            return [item, item]

        async def flush(self):
            await asyncio.sleep(1)
            return frame(9)

    (tx, rx), (out, result) = channel(10), channel(10)
    for item in frames(2):
        tx.try_send(item)
    tx.close("stopped")
    await Late().run(rx, out)
    assert drained(result)[0] == [0, 0, 1, 1, 9]
    assert asyncio.get_running_loop().time() == 3.0


@pytest.mark.contract("N2", "N9")
@pytest.mark.parametrize("reason", ["completed", "stopped", "failed", "cancelled"])
@virtual_time
async def test_ports_are_mappings_and_the_tail_comes_at_a_regular_end_only(reason):
    class Sorts(ProcessingNode):
        inputs = ("a", "b")
        outputs = ("even", "odd", "never")

        def process(self, a, b):
            return {"odd" if a.sequence_id % 2 else "even": [a, b]} if a.sequence_id else None

        def flush(self):
            return {"odd": frame(99)}

    ins, outs = {}, {}
    readers = {}
    for port in Sorts.inputs:
        tx, ins[port] = channel(10)
        for item in frames(4):
            tx.try_send(item)
        tx.close(reason)
    for port in Sorts.outputs:
        outs[port], readers[port] = channel(10)
    await Sorts().run(ins, outs)
    tail = [99] if reason in ("completed", "stopped") else []
    got = {port: drained(rx) for port, rx in readers.items()}
    assert {port: item[0] for port, item in got.items()} == {
        "even": [2, 2],
        "odd": [1, 1, 3, 3, *tail],
        "never": [],
    }
    assert {end.reason for _, end in got.values()} == {reason}


@pytest.mark.contract("N2", "E4")
@pytest.mark.parametrize("awaits", [False, True])
@virtual_time
async def test_a_source_can_run_by_itself(awaits):
    class Counts(Source):
        def frames(self):
            return self._awaiting() if awaits else iter(frames(3))

        async def _awaiting(self):
            for item in frames(3):
                await asyncio.sleep(1)
                yield item

    out, result = channel(10)
    await Counts().run(None, out)
    got, end = drained(result)
    assert (got, end.reason) == ([0, 1, 2], "completed")


@pytest.mark.contract("N2")
@virtual_time
async def test_a_source_that_nobody_reads_ends_quietly():
    given = []

    class Counts(Source):
        def frames(self):
            for item in frames(100):
                given.append(item)
                yield item

    out, result = channel(2)
    running = asyncio.create_task(Counts().run(None, out))
    await asyncio.sleep(0)
    assert numbers(given) == [0, 1, 2]
    result.close()
    await running
    assert numbers(given) == [0, 1, 2]
    with pytest.raises(ChannelClosed):
        out.try_send(DataFrame())
