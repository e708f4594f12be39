"""Taking items from a source's generator, several at a time, here or in a thread."""

from collections.abc import Iterator
from math import inf
from time import monotonic
from typing import Any, Final, Protocol

from streamlab.engine.threads import ThreadWorker

__all__ = ["END", "PullAway", "PullInThread", "take"]

END: Final = object()
"""Stands behind the last item."""


def take(frames: Iterator[Any], count: int, until: float = inf) -> list[Any]:
    """Pull up to ``count`` items, no further one after ``until`` (``time.monotonic``).

    The end, or an error, takes the place of the last one.
    """
    pulled: list[Any] = []
    try:
        for _ in range(count):
            pulled.append(next(frames))
            if monotonic() > until:
                break
    except StopIteration:
        pulled.append(END)
    except Exception as error:
        pulled.append(error)
    return pulled


class PullAway(Protocol):
    """A place other than the caller's loop where a source is read."""

    async def take(self, frames: Any, count: int) -> list[Any]:
        """As the function ``take``."""

    async def end(self, frames: Any) -> None:
        """Close the generator, unless a call in it never returned."""


class PullInThread:
    """Reads a source in a worker thread."""

    def __init__(self, worker: ThreadWorker) -> None:
        self._worker = worker

    async def take(self, frames: Any, count: int) -> list[Any]:
        """See :class:`PullAway`."""
        pulled: list[Any] = await self._worker.call(take, frames, count)
        return pulled

    async def end(self, frames: Any) -> None:
        """See :class:`PullAway`."""
        close = getattr(frames, "close", None)
        if close is not None and not self._worker.busy:
            await self._worker.call(close)
