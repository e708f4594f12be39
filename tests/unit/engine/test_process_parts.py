"""The parts of a worker process: its link, its memory, how it is started, spoken to and buried."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import pytest

from streamlab.engine.messages import CODEC
from streamlab.engine.process.link import NOBODY, PREFIX, Link, Op, cut_messages
from streamlab.engine.process.memory import SharedMemory
from streamlab.engine.process.worker_process import WorkerProcess
from streamlab.errors import WorkerLost


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, Link(theirs)


def message(op: Op, body: bytes = b"", number: int = NOBODY) -> bytes:
    return PREFIX.pack(len(body), op, number) + body


# -- the link


def test_messages_arrive_whole_and_in_order_however_they_are_cut(ends):
    ours, link = ends
    data = message(Op.HELLO, b"x" * 1000, 3) + message(Op.PUSH, b"", 4) + message(Op.END, b"yz", 5)
    for at in range(0, len(data), 7):
        ours.sendall(data[at : at + 7])
    assert [link.receive() for _ in range(3)] == [(1, 3, b"x" * 1000), (5, 4, b""), (8, 5, b"yz")]
    ours.close()
    with pytest.raises(EOFError, match="the link is closed"):
        link.receive()


def test_what_comes_while_another_is_worked_on_waits_unless_it_gives_that_up(ends):
    ours, link = ends
    ours.sendall(message(Op.JOB, b"1") + message(Op.JOB, b"2") + message(Op.CANCEL))
    assert link.receive()[2] == b"1"
    assert not link.gives_up()  # a further job: it has to wait
    assert link.gives_up()
    assert link.receive()[2] == b"2"
    ours.close()
    assert link.gives_up()  # nobody is there who could want the answer


def test_the_other_end_takes_whole_messages_and_leaves_the_rest():
    data = message(Op.DONE, b"one") + message(Op.LOG, b"two")
    buffer = bytearray()
    got = []
    for at in range(0, len(data), 5):
        buffer += data[at : at + 5]
        got += cut_messages(buffer)
    assert got == [(Op.DONE, b"one"), (Op.LOG, b"two")]
    assert not buffer
    with pytest.raises(ValueError, match="a message of 2147483648 bytes"):
        cut_messages(bytearray(PREFIX.pack(1 << 31, Op.DONE, 0)))
    with pytest.raises(ValueError, match="99"):
        cut_messages(bytearray(PREFIX.pack(0, 99, 0)))


# -- the memory


@pytest.mark.contract("L5")
@pytest.mark.parametrize("nameless", [True, False])
def test_both_sides_see_what_one_of_them_writes_also_when_it_has_grown(nameless, monkeypatch):
    if not nameless:  # a platform without memfd_create
        monkeypatch.delattr(os, "memfd_create", raising=False)
    ours = SharedMemory()
    theirs = SharedMemory(os.dup(ours.descriptor))
    for size in (10, 1 << 20, 5 << 20):
        view = ours.reserve(size)
        assert len(view) >= size
        view[size - 4 : size] = b"last"
        assert theirs.seen(size)[size - 4 : size] == b"last"
        assert theirs.seen(10) is theirs.seen(size)  # no larger than it is known to be
        del view
    for side in (ours, theirs):
        side.close()
        side.close()


# -- the process


@pytest.mark.contract("L2")
def test_a_worker_that_cannot_be_started_says_why(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerLost, match=r"the worker process of 'x' cannot be started: .*No such file"):
        asyncio.run(WorkerProcess.start("'x'", CODEC))


@pytest.mark.contract("L2")
def test_a_worker_that_ends_before_it_answers_says_how(monkeypatch):
    mine = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: mine + 1)  # it finds that its parent is gone

    async def main():
        with pytest.raises(WorkerLost, match=r"the worker process of 'x' \(pid \d+\) ended with code 1"):
            await WorkerProcess.start("'x'", CODEC, [])

    asyncio.run(main())


@pytest.mark.contract("L5")
def test_a_message_larger_than_the_link_holds_is_sent_piece_by_piece():
    async def main():
        worker = await WorkerProcess.start("'x'", CODEC)
        try:
            path = ["p" * 1000] * 20_000  # 20 MB
            pid = await worker.ask(Op.HELLO, NOBODY, {"path": [*sys.path, *path], "types": {}})
            assert pid == worker.pid
            with pytest.raises(KeyError):
                await worker.ask(Op.HELLO, NOBODY, {"types": {}})
        finally:
            await worker.close()
        assert worker.gone
        with pytest.raises(WorkerLost, match=r"ended with code 0"):
            await worker.ask(Op.HELLO, NOBODY, {"path": [], "types": {}})
        worker.tell(Op.CANCEL, NOBODY)  # nobody hears it
        await worker.close()
        assert await worker.settle(1.0)

    asyncio.run(main())


@pytest.mark.contract("L2", "L5")
@pytest.mark.parametrize("asked", [True, False])
def test_a_worker_that_is_killed_is_noticed_by_who_asked_or_else_by_who_listens(asked):
    async def main():
        worker = await WorkerProcess.start("'x'", CODEC)
        heard = []
        worker.on_death.append(heard.append)
        os.kill(worker.pid, signal.SIGSTOP)
        asking = asyncio.ensure_future(worker.request(Op.NOTHING, NOBODY, b"")) if asked else None
        await asyncio.sleep(0)
        os.kill(worker.pid, signal.SIGKILL)
        wanted = rf"the worker process of 'x' \(pid {worker.pid}\) was killed by signal 9 \(SIGKILL\)"
        if asking is not None:
            with pytest.raises(WorkerLost, match=wanted):
                await asking
            assert heard == []
        else:
            while not heard:
                await asyncio.sleep(0.01)
            with pytest.raises(WorkerLost, match=wanted):
                raise heard[0]
        await worker.close()

    asyncio.run(main())


@pytest.mark.contract("L4", "L5")
def test_a_worker_that_does_not_settle_is_killed():
    async def main():
        worker = await WorkerProcess.start("'x'", CODEC)
        assert await worker.settle(1.0)  # nothing is owed
        os.kill(worker.pid, signal.SIGSTOP)
        asking = asyncio.ensure_future(worker.request(Op.NOTHING, NOBODY, b""))
        await asyncio.sleep(0)
        assert worker.busy
        assert not await worker.settle(0.05)
        with pytest.raises(WorkerLost):
            await asking
        assert worker.killed

    asyncio.run(main())
