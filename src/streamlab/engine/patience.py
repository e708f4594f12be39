"""Patience: how long a join waits for what is missing."""

import asyncio
from collections.abc import Iterable

from streamlab.core.channel import Receiver
from streamlab.core.channel_waits import wait_any

__all__ = ["Patience"]


class Patience:
    """A time that runs while something waits for its partners; it has no end without ``seconds``."""

    __slots__ = ("_seconds", "_since")

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def begin(self) -> None:
        """Something is there that waits, from now on unless it does already."""
        if self._since is None:
            self._since = asyncio.get_running_loop().time()

    def end(self) -> None:
        """Nothing waits any more."""
        self._since = None

    def renew(self, waits: bool) -> None:
        """What waited is gone; whether something else waits from now on."""
        self.end()
        if waits:
            self.begin()

    @property
    def over(self) -> bool:
        """Whether it has waited long enough."""
        since, seconds = self._since, self._seconds
        return (
            since is not None and seconds is not None and asyncio.get_running_loop().time() >= since + seconds
        )

    async def wait(self, receivers: Iterable[Receiver]) -> None:
        """Wait until one of them has news, or until it is over."""
        if self._since is None or self._seconds is None:
            await wait_any(receivers)
            return
        try:
            async with asyncio.timeout_at(self._since + self._seconds):
                await wait_any(receivers)
        except TimeoutError:
            pass
