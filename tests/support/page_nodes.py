"""Node types that go wrong, for `streamlab serve --nodes`: they must not take the page with them."""

from __future__ import annotations

import os
import signal
import time

from streamlab import DataFrame, ProcessingNode, param


class Raises(ProcessingNode):
    """Raise at a frame.

    Input    any frame                       Output  the same
    """

    at: int = param(default=3, doc="Number of the frame", unit="frames", ge=0, le=10**9)

    def process(self, frame: DataFrame) -> DataFrame:
        """Pass it on, or not."""
        if frame.sequence_id >= self.at:
            raise ValueError("the sensor has gone <b>mad</b>")
        return frame


class Dies(ProcessingNode):
    """Take the process along at a frame, as a fault in a library of C does.

    Input    any frame                       Output  the same
    """

    at: int = param(default=3, doc="Number of the frame", unit="frames", ge=0, le=10**9)

    def process(self, frame: DataFrame) -> DataFrame:
        """Pass it on, or die."""
        if frame.sequence_id >= self.at:
            print("last words", flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        return frame


class Hangs(ProcessingNode):
    """Never return, once it was given a frame.

    Input    any frame                       Output  the same
    """

    def process(self, frame: DataFrame) -> DataFrame:
        """Keep the loop for ever."""
        while True:
            time.sleep(0.01)


class Works(ProcessingNode):
    """Keep a core busy.

    Input    any frame                       Output  the same
    """

    seconds: float = param(default=0.2, doc="How long for each frame", unit="s", ge=0, le=100)

    def process(self, frame: DataFrame) -> DataFrame:
        """Work."""
        ends = time.perf_counter() + self.seconds
        while time.perf_counter() < ends:
            pass
        return frame


class Refuses(ProcessingNode):
    """Fail when it is opened.

    Input    any frame                       Output  the same
    """

    async def on_create(self, config: object) -> None:
        """Find no device."""
        raise OSError("no such device")

    def process(self, frame: DataFrame) -> DataFrame:
        """Pass it on."""
        return frame
