"""Time. The engine's clock is the event loop's; a loop with virtual time drives tests without waiting."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["epoch_us", "external_work"]


def epoch_us(loop: asyncio.AbstractEventLoop | None = None) -> int:
    """Return the time of day in integer microseconds since the epoch; a virtual loop answers with its own."""
    virtual = getattr(loop, "epoch_us", None)
    return int(virtual()) if virtual is not None else time.time_ns() // 1000


@contextmanager
def external_work(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Tell a virtual loop that something outside it (a worker thread) is at work.

    So that its time stands still meanwhile.
    """
    hold = getattr(loop, "hold_time", None)
    if hold is None:
        yield
        return
    hold()
    try:
        yield
    finally:
        loop.release_time()  # type: ignore[attr-defined]
