"""The test nodes do what their docstrings say."""

import asyncio
import threading

import numpy as np
import pytest

from streamlab.core import DataFrame, StreamInfo, channel, node_types
from streamlab.testing import cut, run_node
from streamlab.testing.faults import EarlyClose, Failing, FailingSource, Hanging, InjectedFault
from streamlab.testing.nodes import AddBoth, Fork, HoldBack, PassRun, Recut, Repeat, Ticks, registered
from streamlab.testing.probes import Gate, ThreadGate, clear_probes, probe
from streamlab.testing.virtual_loop import Deadlock, virtual_time


@pytest.fixture(autouse=True)
def _fresh():
    yield
    clear_probes()


def frame(number, *values, start=0):
    info = StreamInfo(["x"], 1000)
    samples = np.array([values], dtype=float)
    return DataFrame.from_samples(samples, info, sequence_id=number, start_sample=start)


def test_type_names_are_known_only_inside_the_block():
    with registered():
        assert {"Gated", "Ticks", "Failing"} <= set(node_types())
    assert not {"Gated", "Ticks", "Failing"} & set(node_types())


@virtual_time
async def test_a_gate_lets_pass_as_many_as_it_is_told():
    gate, passed = Gate(), []

    async def walk(name):
        await gate.passage()
        passed.append(name)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(walk(name)) for name in "abcd"]
        await asyncio.sleep(0)
        assert gate.waiting == 4
        tasks[0].cancel()
        gate.let(2)
        await asyncio.sleep(0.1)
        assert passed == ["b", "c"]
        gate.open()
    assert passed == ["b", "c", "d"]
    await gate.passage()
    gate.close()
    gate.let()
    await gate.passage()


def test_a_thread_gate_blocks_its_thread():
    gate, passed = ThreadGate(), []
    threads = [threading.Thread(target=lambda: (gate.passage(), passed.append(1))) for _ in range(3)]
    for thread in threads:
        thread.start()
    gate.let(1)
    while not passed:
        threads[0].join(0.001)
    assert len(passed) == 1
    gate.open()
    for thread in threads:
        thread.join()
    assert (len(passed), gate.waiting) == (3, 0)


def test_ticks_count_and_lose_what_they_are_told_to():
    frames = list(Ticks(count=3, frame_size=2, lost_before=[1], lost=5).frames())
    assert [item.start_sample for item in frames] == [0, 7, 9]
    assert [item.samples.tolist() for item in frames] == [[[0, 1]], [[7, 8]], [[9, 10]]]
    assert [item.timestamp for item in frames] == [0, 7000, 9000]


@virtual_time
async def test_awaiting_ticks_take_their_period():
    times = [asyncio.get_running_loop().time() async for _ in Ticks(count=3, period=0.5, probe="t").frames()]
    assert times == [0.5, 1.0, 1.5]
    assert probe("t").events[-1] == "frames closed"


def test_hold_back_delays_and_delivers_the_rest():
    node = HoldBack(count=2)
    given = [frame(number, number) for number in range(4)]
    assert [node.process(item) for item in given] == [None, None, given[0], given[1]]
    assert node.flush() == given[2:]


def test_recut_cuts_at_its_size_at_gaps_and_at_the_end():
    node = Recut(frame_size=3)
    out = [*node.process(frame(0, 0, 1)), *node.process(frame(1, 2, 3, start=2))]
    out += node.process(frame(2, 10, 11, start=10))
    out += node.flush()
    assert [item.samples[0].tolist() for item in out] == [[0, 1, 2], [3], [10, 11]]
    assert [(item.start_sample, item.timestamp) for item in out] == [(0, 0), (3, 3000), (10, 0)]


def test_repeat_fork_and_add():
    assert [item.n for item in Repeat(count=3).process(frame(0, 1, 2))] == [2, 2, 2]
    assert Repeat(count=0).process(frame(0, 1)) == []
    assert list(Fork(mode="turns").process(frame(1, 5))) == ["b"]
    assert list(Fork().process(frame(1, 5))) == ["a", "b"]
    assert AddBoth().process(frame(0, 1, 2), frame(0, 3, 4)).samples.tolist() == [[4, 6]]


@virtual_time
async def test_pass_run_multiplies():
    tx, rx = channel(2)
    out, result = channel(2)
    tx.try_send(frame(0, 1, 2))
    tx.close()
    await PassRun(factor=3).run(rx, out)
    assert [item.samples.tolist() async for item in result] == [[[3, 6]]]


@pytest.mark.parametrize("moment", ["create", "configure", "process", "flush", "result", "reset", "destroy"])
@virtual_time
async def test_failing_fails_at_its_moment_only(moment):
    node = Failing(at=moment, first=1, times=1, probe="f")
    failed = []
    calls = {
        "create": lambda: node.on_create({}),
        "configure": lambda: node.configure(StreamInfo(["x"])),
        "process": lambda: [node.process(frame(number, 1)) for number in range(3)],
        "flush": node.flush,
        "result": node.result,
        "reset": node.reset,
        "destroy": node.on_destroy,
    }
    for name, call in calls.items():
        try:
            if asyncio.iscoroutine(ending := call()):
                await ending
        except InjectedFault as error:
            failed.append((name, str(error)))
    assert failed == [(moment, moment)]
    assert len(probe("f").frames) == (2 if moment == "process" else 3)


def test_a_failing_source_fails_at_its_frame():
    frames = FailingSource(first=2).frames()
    assert [next(frames).sequence_id, next(frames).sequence_id] == [0, 1]
    with pytest.raises(InjectedFault, match="frames"):
        next(frames)


def test_hanging_hangs():
    @virtual_time
    async def hang():
        await Hanging(probe="h").process(frame(0, 1))

    with pytest.raises(Deadlock, match=r"Hanging\.hang"):
        hang()


@virtual_time
async def test_early_close_reads_so_many_and_closes_its_input():
    tx, rx = channel(5)
    out, result = channel(5)
    for number in range(3):
        tx.try_send(frame(number, number))
    await EarlyClose(count=2).run(rx, out)
    assert [item.sequence_id async for item in result] == [0, 1]
    assert tx.closed


@pytest.mark.parametrize("sizes", [[12], [1] * 12, [5, 7], [3, 4, 5]])
def test_recut_keeps_the_time_of_each_sample_however_its_input_is_cut(sizes):
    """floor(k * 10^6 / rate) from the beginning (F5): rounding does not add up."""
    whole = DataFrame(500, 0, {"x": np.arange(12.0)}, sample_rate=3000)
    frames = run_node(Recut, cut(whole, sizes), config={"frame_size": 1})
    assert [frame.timestamp for frame in frames] == [500 + k * 10**6 // 3000 for k in range(12)]
    assert [frame.samples[0, 0] for frame in frames] == list(range(12))
