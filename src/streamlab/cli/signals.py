"""Signals and closed pipes. What only POSIX has is used here and nowhere else in the command.

On Windows Ctrl-C arrives as SIGINT too; SIGTERM is never delivered there, and a closed pipe is noticed only
when something is written to it.
"""

import asyncio
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

__all__ = ["Interrupts", "reader_is_gone"]


class Interrupts:
    """Counts Ctrl-C and SIGTERM. The first asks for a drain, the second for an abort, the third kills.

    Plain signal handlers: they run between two instructions of the main thread, so that the third works
    also where a node keeps the event loop from turning.
    """

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None

    @property
    def exit_code(self) -> int | None:
        """128 + number of the first signal, as a shell has it; None if there was none."""
        return None if self.first is None else 128 + self.first

    @contextmanager
    def watch(
        self, drain: Callable[[], object], abort: Callable[[], object], *, quiet: bool = False
    ) -> Iterator[None]:
        """Call ``drain`` and ``abort`` in the running event loop when the signals come.

        After a signal the handlers stay, so that the results of the stream are shown whole.
        """
        loop = asyncio.get_running_loop()

        def handle(number: int, frame: FrameType | None) -> None:
            self.count += 1
            if self.first is None:
                self.first = number
            if self.count > 2:
                os._exit(128 + number)
            word = "stopping: what is under way still arrives" if self.count == 1 else "aborting"
            if not quiet:
                _say(f"\n{word} (Ctrl-C {'aborts' if self.count == 1 else 'kills'})\n")
            loop.call_soon_threadsafe(drain if self.count == 1 else abort)

        before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, self._late if self.count else handler)

    def _late(self, number: int, frame: FrameType | None) -> None:
        """What comes while the results are being shown, after a signal that ended the stream.

        Two in a row, from a hasty hand or from `timeout`, must not cost the results.
        """
        self.count += 1
        if self.count > 2:
            os._exit(128 + number)


def _say(text: str) -> None:
    """Write past Python's buffers, which a signal handler may have interrupted."""
    with suppress(OSError):  # no stderr: nobody to tell
        os.write(2, text.encode())


def reader_is_gone(stream: Any = None) -> bool:
    """Whether stdout is a pipe that nobody reads any more. False where that cannot be asked."""
    poll = getattr(select, "poll", None)
    if poll is None:
        return False
    try:
        descriptor = (sys.stdout if stream is None else stream).fileno()
    except (AttributeError, OSError, ValueError):
        return False
    poller = poll()
    poller.register(descriptor, 0)  # POLLERR is told always
    return any(event & select.POLLERR for _, event in poller.poll(0))
