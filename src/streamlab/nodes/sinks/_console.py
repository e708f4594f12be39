"""Text to the console without waiting for it: a bounded writer thread per stream, shared by all who print."""

import asyncio
import queue
import sys
import threading
from abc import ABC, abstractmethod
from typing import Any, Literal

from streamlab.core.clock import external_work

__all__ = ["Console", "ConsoleName", "TextStream", "encodable"]

ConsoleName = Literal["stdout", "stderr"]
CAPACITY = 1024  # texts that wait to be written; beyond it they are counted instead
PATIENCE = 10.0  # seconds that the last user waits for a console that does not move


class TextStream(ABC):
    """Anything with ``write(text)``: an open text file, ``io.StringIO``."""

    @abstractmethod
    def write(self, text: str, /) -> Any:
        """Take a text."""

    @classmethod
    def __subclasshook__(cls, other: type) -> bool:
        return callable(getattr(other, "write", None))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        """Leave it out of the JSON Schema: a stream is given in Python only."""
        from pydantic_core import PydanticOmit

        raise PydanticOmit


def encodable(text: str, stream: Any) -> str:
    """Return the text with what the stream's encoding does not have replaced by question marks."""
    encoding = getattr(stream, "encoding", None)
    return text.encode(encoding, "replace").decode(encoding) if encoding else text


class Console:
    """A writer thread for stdout or stderr. It starts with its first user and ends with its last.

    ``write`` never waits: a text that finds the queue full is counted, and the count is shown as soon as
    there is room. A console that is gone (a closed pipe) takes nothing more.
    """

    _shared: "dict[ConsoleName, Console]" = {}  # noqa: RUF012 - guarded by _sharing
    _sharing = threading.Lock()

    def __init__(self, name: ConsoleName) -> None:
        self.name = name
        self.lost = 0
        self._unreported = 0
        self._users = 0
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._done: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._thread = threading.Thread(target=self._work, name=f"streamlab-{name}", daemon=True)

    @classmethod
    def open(cls, name: ConsoleName) -> "Console":
        """Return the console of that name; each call needs a ``close``."""
        with cls._sharing:
            console = cls._shared.get(name)
            if console is None:
                console = cls._shared[name] = cls(name)
                console._thread.start()
            console._users += 1
            return console

    def write(self, text: str) -> None:
        """Hand over a text to be written in one piece."""
        with self._sharing:
            if self._queue.qsize() >= CAPACITY:
                self.lost += 1
                self._unreported += 1
                return
            if self._unreported:
                self._queue.put(
                    f"[{self.name}] {self._unreported} texts were not shown: the console is too slow\n"
                )
                self._unreported = 0
            self._queue.put(text)

    async def close(self) -> None:
        """Leave; the last one waits until everything is written."""
        with self._sharing:
            self._users -= 1
            if self._users:
                return
            del self._shared[self.name]
            if self._unreported:
                self._queue.put(
                    f"[{self.name}] {self._unreported} texts were not shown: the console is too slow\n"
                )
            loop = asyncio.get_running_loop()
            done = loop.create_future()
            self._done.append((loop, done))
            self._queue.put(None)
        try:
            with external_work(loop):
                async with asyncio.timeout(PATIENCE):
                    await done
        except TimeoutError:
            return  # nobody reads the other end of the console; the thread ends with the process
        self._thread.join()

    def _work(self) -> None:
        gone = False
        while (text := self._queue.get()) is not None:
            stream = getattr(sys, self.name)
            if gone or stream is None:
                continue
            try:
                stream.write(encodable(text, stream))
                if self._queue.empty():
                    stream.flush()
            except (OSError, ValueError):  # a closed pipe, a closed stream: nobody reads any more
                gone = True
        for loop, done in self._done:
            loop.call_soon_threadsafe(_finish, done)


def _finish(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)
