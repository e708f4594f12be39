"""An event loop with virtual time: nothing waits, everything happens in the right order.

When nothing is ready, time jumps to the next timer. When there is no timer either and nobody outside is at
work, nothing can ever happen again: that is a deadlock, and it is said instead of hanging.
"""

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar

__all__ = ["Deadlock", "LoopErrors", "VirtualLoop", "VirtualTimeout", "run_virtual", "virtual_time"]

T = TypeVar("T")
P = ParamSpec("P")


class Deadlock(AssertionError):
    """Nothing can ever happen again; ``waiting`` describes the tasks that wait for it."""

    def __init__(self, waiting: Iterable[str], when: float) -> None:
        self.waiting = tuple(waiting)
        self.when = when
        super().__init__(
            _listed(f"deadlock at {when:g} s of virtual time: nothing can ever happen", self.waiting)
        )


class VirtualTimeout(AssertionError):
    """More virtual time went by than the caller allowed; ``waiting`` describes the tasks that still wait."""

    def __init__(self, limit: float, waiting: Iterable[str]) -> None:
        self.waiting = tuple(waiting)
        super().__init__(_listed(f"not done after {limit:g} s of virtual time", self.waiting))


class LoopErrors(AssertionError):
    """Somebody's error reached nobody but the loop (``contexts``, as its exception handler got them)."""

    def __init__(self, contexts: Iterable[Mapping[str, Any]]) -> None:
        self.contexts = tuple(contexts)
        lines = [
            f"{item.get('message')} {item.get('exception') or item.get('task') or ''}"
            for item in self.contexts
        ]
        super().__init__(_listed("errors that nobody handled", lines))


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps. It begins at 0 and at ``epoch`` microseconds since 1970.

    While somebody outside the loop is at work (``hold_time`` until ``release_time``; threads of the default
    executor hold it by themselves) time stands still. Should that work really take longer than the next
    timer is away, the timer is due all the same: a thread that never returns cannot hang the loop.

    ``limit`` is how much virtual time may pass before VirtualTimeout is raised out of the loop. ``errors``
    lists what reached the loop's exception handler.
    """

    def __init__(self, *, epoch: int = 0, limit: float | None = None) -> None:
        self._now = 0.0
        self._epoch = epoch
        self._held = 0
        self._waited = 0.0
        self.limit = limit
        self.errors: list[Mapping[str, Any]] = []
        super().__init__(_VirtualSelector(self))
        self._own_files = len(self._watched.get_map())
        self.set_exception_handler(lambda _, context: self.errors.append(context))

    def time(self) -> float:
        """Return seconds of virtual time."""
        return self._now

    def epoch_us(self) -> int:
        """Return the virtual time of day in microseconds since 1970."""
        return self._epoch + round(self._now * 1_000_000)

    def hold_time(self) -> None:
        """Let time stand still: somebody outside is at work. May be nested."""
        self._held += 1

    def release_time(self) -> None:
        """The work outside is done."""
        self._held -= 1
        if not self._held:
            self._waited = 0.0

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """As the standard loop; time stands still meanwhile."""
        future = super().run_in_executor(executor, func, *args)
        self.hold_time()
        future.add_done_callback(lambda _: self.release_time())
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """As the standard loop; time stands still meanwhile."""
        self.hold_time()
        try:
            await super().shutdown_default_executor()
        finally:
            self.release_time()

    # -- what the selector asks

    @property
    def _watched(self) -> selectors.BaseSelector:
        selector: selectors.BaseSelector = self._selector  # type: ignore[attr-defined]
        return selector

    def _pass(self, timeout: float | None, wait: Callable[[float | None], list[Any]]) -> list[Any]:
        """Let the time until the next timer pass (None: there is no timer), or wait for who is at work."""
        events = wait(0)
        if events or timeout == 0:
            return events
        if self._held:
            return self._wait_outside(timeout, wait)
        if timeout is None:
            if len(self._watched.get_map()) > self._own_files:
                return wait(None)  # sockets, pipes, children: they live in real time
            raise Deadlock(_describe(self), self._now)
        if self.limit is not None and self._now + timeout > self.limit:
            raise VirtualTimeout(self.limit, _describe(self))
        self._now += timeout
        return events

    def _wait_outside(self, timeout: float | None, wait: Callable[[float | None], list[Any]]) -> list[Any]:
        if timeout is None:
            return wait(None)
        began = time.monotonic()
        events = wait(max(0.0, timeout - self._waited))
        self._waited += time.monotonic() - began
        if not events and self._waited >= timeout:
            self._now += timeout
            self._waited = 0.0
        return events


class _VirtualSelector(selectors.BaseSelector):
    """The platform's selector, with the waiting left to the loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[Any]:
        return self._loop._pass(timeout, self._real.select)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


def run_virtual(main: Coroutine[Any, Any, T], *, timeout: float | None = 86_400.0, epoch: int = 0) -> T:
    """Run a coroutine on a fresh virtual loop and return what it returns.

    ``timeout`` is in seconds of virtual time. Raises Deadlock when nothing can ever happen again,
    VirtualTimeout when the time is up, and LoopErrors when an error reached nobody but the loop. Tasks that
    are left over are cancelled.
    """
    made: list[VirtualLoop] = []

    def make() -> VirtualLoop:
        made.append(VirtualLoop(epoch=epoch, limit=timeout))
        return made[0]

    with asyncio.Runner(loop_factory=make) as runner:
        try:
            value = runner.run(main)
        finally:
            made[0].limit = None
    if made[0].errors:
        raise LoopErrors(made[0].errors)
    return value


def virtual_time(
    test: Callable[P, Coroutine[Any, Any, T]] | None = None, *, timeout: float | None = 86_400.0
) -> Any:
    """Turn an async test into a plain one that runs on a virtual loop: ``@virtual_time``."""
    if test is None:
        return functools.partial(virtual_time, timeout=timeout)
    coroutine = test

    @functools.wraps(coroutine)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return run_virtual(coroutine(*args, **kwargs), timeout=timeout)

    return run


def _describe(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Return a line for each task that is not done: its name and the line of code it waits at."""
    lines = []
    for task in sorted(asyncio.all_tasks(loop), key=lambda item: item.get_name()):
        stack = task.get_stack(limit=1)
        place = _deepest(task.get_coro())
        if not place and stack:
            place = f"{stack[-1].f_code.co_filename}:{stack[-1].f_lineno}"
        lines.append(f"{task.get_name()} waits at {place or 'its beginning'}")
    return lines


def _deepest(waiting: Any) -> str:
    """Follow what a coroutine awaits down to the last one written in Python."""
    place = ""
    while waiting is not None:
        frame = (
            getattr(waiting, "cr_frame", None)
            or getattr(waiting, "gi_frame", None)
            or getattr(waiting, "ag_frame", None)
        )
        if frame is not None:
            place = f"{frame.f_code.co_qualname} ({frame.f_code.co_filename}:{frame.f_lineno})"
        waiting = (
            getattr(waiting, "cr_await", None)
            or getattr(waiting, "gi_yieldfrom", None)
            or getattr(waiting, "ag_await", None)
        )
    return place


def _listed(title: str, lines: Iterable[str]) -> str:
    return "\n  ".join([title, *lines])
