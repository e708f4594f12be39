"""Print: show the frames that pass."""

import asyncio
import sys
import time
from collections.abc import Mapping
from typing import Any

from streamlab.core import DataFrame, ProcessingNode, param
from streamlab.dsp.statistics import mean_and_rms
from streamlab.nodes.sinks._console import Console, ConsoleName, TextStream, encodable


class Print(ProcessingNode):
    """Write number, time, length, mean and RMS of each frame, and pass it on unchanged.

    Input    any frame                       Output  the same frame
    Kind     frame-wise                      State   the count of frames not shown
    Gaps     passed on                       Errors  those of an injected stream, none of a console

    stdout and stderr are written to by a thread of their own and never hold up the stream: what a slow
    console cannot take is counted, and the count shown. Python code may give a text stream of its own,
    which is written to directly. ``rate_limit`` skips frames that come sooner than 1 / rate_limit after
    the last one shown.

    Example
    -------
    >>> import sys
    >>> node = Print(label="StreamTest", stream=sys.stdout)
    >>> frame = node.process(DataFrame(5000, 5, {"main_channel": [1.0, 2.0, 3.0]}))
    [StreamTest] Frame #5 @ 5000μs
      main_channel: len=3, mean=2.0000, rms=2.1602
    """

    label: str = param(default="Print", doc="Written in front of each frame")
    stream: ConsoleName | TextStream = param(
        default="stdout", doc="Where to: stdout or stderr, in Python also an open text stream"
    )
    rate_limit: float | None = param(
        default=None, doc="Frames shown per second at most; all when not given", unit="Hz", gt=0, le=1e6
    )

    _console: Console | None = None
    _last: float | None = None
    _skipped = 0

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Begin to use the console."""
        if isinstance(self.stream, str):
            self._console = Console.open(self.stream)

    async def on_destroy(self) -> None:
        """Wait until all is written."""
        console, self._console = self._console, None
        if console is not None:
            await console.close()

    def process(self, frame: DataFrame) -> DataFrame:
        """Write the frame and pass it on."""
        if self._due():
            self._write(self._text(frame))
        return frame

    def reset(self) -> None:
        super().reset()
        self._last, self._skipped = None, 0

    def _due(self) -> bool:
        if self.rate_limit is None:
            return True
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:  # called without a loop
            now = time.monotonic()
        if self._last is not None and now - self._last < 1.0 / self.rate_limit:
            self._skipped += 1
            return False
        self._last = now
        return True

    def _text(self, frame: DataFrame) -> str:
        skipped, self._skipped = self._skipped, 0
        lines = [f"[{self.label}] ({skipped} frames not shown)"] if skipped else []
        lines.append(f"[{self.label}] Frame #{frame.sequence_id} @ {frame.timestamp}μs")
        if frame.n:
            means, roots = mean_and_rms(frame.samples)
            for name, mean, rms in zip(frame.channels, means, roots, strict=True):
                lines.append(f"  {name}: len={frame.n}, mean={mean:.4f}, rms={rms:.4f}")
        else:
            lines += [f"  {name}: empty" for name in frame.channels]
        return "\n".join(lines) + "\n"

    def _write(self, text: str) -> None:
        if self._console is not None:
            self._console.write(text)
            return
        stream = getattr(sys, self.stream) if isinstance(self.stream, str) else self.stream
        if stream is not None:
            stream.write(encodable(text, stream))
