"""ThreadWorker: a daemon thread that does one segment's work, several frames a hop."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

from streamlab.core.clock import external_work

__all__ = ["ThreadWorker"]

_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class ThreadWorker:
    """Runs calls one after the other in a thread of its own. The thread starts with the first call.

    It is a daemon: a call that never returns can be abandoned, it does not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.busy = False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def call(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run ``work(*args)`` in the thread and return what it returns or raise what it raises.

        Cancelled, the call goes on unheard.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=f"streamlab:{self.name}", daemon=True)
            self._thread.start()
        self._jobs.put((loop, done, work, args))
        with external_work(loop):
            return await done

    async def close(self, grace: float = 1.0) -> bool:
        """End the thread once its work is done.

        Returns False if it is still busy after ``grace`` seconds: it is abandoned.
        """
        thread = self._thread
        if thread is None:
            return True
        try:
            async with asyncio.timeout(grace):
                await self.call(_nothing)
        except TimeoutError:
            return False
        finally:
            self._jobs.put(None)
            self._thread = None
        thread.join()
        return True

    def _serve(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            loop, done, work, args = job
            self.busy = True
            value, error = None, None
            try:
                value = work(*args)
            except BaseException as caught:
                error = caught
            self.busy = False
            try:
                loop.call_soon_threadsafe(_settle, done, value, error)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more
            del job, done, work, args, value, error


def _nothing() -> None:
    pass


def _settle(done: "asyncio.Future[Any]", value: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(value)
    elif isinstance(error, StopIteration):
        done.set_exception(RuntimeError("StopIteration raised in a worker thread"))
    else:
        done.set_exception(error)
