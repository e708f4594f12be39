"""The virtual loop: time jumps, deadlocks are named, threads are waited for."""

import asyncio
import socket
import threading
import time

import pytest

from streamlab.core.clock import epoch_us, external_work
from streamlab.testing.virtual_loop import (
    Deadlock,
    LoopErrors,
    VirtualTimeout,
    run_virtual,
    virtual_time,
)


def test_time_begins_at_zero_and_jumps_to_the_next_timer():
    async def main():
        loop = asyncio.get_running_loop()
        seen = [loop.time()]
        await asyncio.sleep(3600)
        seen.append(loop.time())
        return seen

    began = time.monotonic()
    assert run_virtual(main()) == [0.0, 3600.0]
    assert time.monotonic() - began < 5


def test_timers_fire_in_order_of_time():
    async def main():
        order = []

        async def after(delay):
            await asyncio.sleep(delay)
            order.append((delay, asyncio.get_running_loop().time()))

        await asyncio.gather(*(after(delay) for delay in (3, 1, 2)))
        return order

    assert run_virtual(main()) == [(1, 1.0), (2, 2.0), (3, 3.0)]


def test_epoch_follows_virtual_time():
    async def main():
        await asyncio.sleep(1.5)
        return epoch_us(asyncio.get_running_loop())

    assert run_virtual(main()) == 1_500_000
    assert run_virtual(main(), epoch=10**15) == 10**15 + 1_500_000


@pytest.mark.contract("L5")
def test_deadlock_names_the_tasks_that_wait():
    async def forever():
        await asyncio.get_running_loop().create_future()

    async def main():
        task = asyncio.create_task(forever(), name="the stuck one")
        await asyncio.sleep(2)
        await task

    with pytest.raises(
        Deadlock, match=r"deadlock at 2 s.*\n.*\n?.*the stuck one waits at .*forever"
    ) as caught:
        run_virtual(main())
    assert len(caught.value.waiting) == 2


def test_more_virtual_time_than_allowed_is_an_error():
    async def main():
        while True:
            await asyncio.sleep(1)

    with pytest.raises(VirtualTimeout, match="not done after 10 s"):
        run_virtual(main(), timeout=10)


def test_asyncio_timeout_uses_virtual_time():
    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(7):
                await asyncio.get_running_loop().create_future()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 7.0


def test_time_stands_still_while_a_thread_works():
    async def main():
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def work():
            time.sleep(0.05)
            loop.call_soon_threadsafe(done.set_result, "worked")

        thread = threading.Thread(target=work)
        timer = loop.call_later(10, done.cancel)
        thread.start()
        with external_work(loop):
            value = await done
        timer.cancel()
        thread.join()
        return value, loop.time()

    assert run_virtual(main()) == ("worked", 0.0)


def test_a_thread_that_never_returns_cannot_hang_the_loop():
    async def main():
        loop = asyncio.get_running_loop()
        with external_work(loop), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await loop.create_future()
        return loop.time()

    assert run_virtual(main()) == pytest.approx(0.05)


def test_threads_of_the_executor_hold_time_by_themselves():
    async def main():
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(5):
            value = await asyncio.to_thread(lambda: time.sleep(0.02) or "back")
        return value, loop.time()

    assert run_virtual(main()) == ("back", 0.0)


def test_sockets_are_waited_for_in_real_time():
    async def main():
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            thread = threading.Thread(target=lambda: (time.sleep(0.02), theirs.send(b"x")))
            thread.start()
            data = await asyncio.get_running_loop().sock_recv(ours, 1)
            thread.join()
        return data

    assert run_virtual(main()) == b"x"


def test_an_error_that_nobody_handles_fails_the_run():
    async def main():
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(1)

    with pytest.raises(LoopErrors, match="division by zero"):
        run_virtual(main())


def test_tasks_left_over_are_cancelled():
    ended = []

    async def straggler():
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append("cancelled")

    async def main():
        asyncio.create_task(straggler())  # noqa: RUF006 - left over on purpose
        await asyncio.sleep(0)

    run_virtual(main())
    assert ended == ["cancelled"]


@pytest.mark.parametrize("value", [1, 2])
@virtual_time
async def test_decorated_tests_take_fixtures_and_parameters(value, tmp_path):
    await asyncio.sleep(value)
    assert asyncio.get_running_loop().time() == value
    assert tmp_path.is_dir()
