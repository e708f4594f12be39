"""Publisher: fetches what the taps have caught, sixty times a second, and sends what clients can draw."""

import asyncio
from time import perf_counter
from typing import Any

from streamlab.core.ports import split_port
from streamlab.engine.async_pipeline import AsyncPipeline
from streamlab.engine.subscription import output_of
from streamlab.errors import NotRunning
from streamlab.server.live.blocks import assemble
from streamlab.server.live.options import parse_options
from streamlab.server.live.stream import LiveStream
from streamlab.server.live.tap import LeakyTap
from streamlab.server.worker.wire import Wire

__all__ = ["Publisher"]

_TICK = 1 / 60
_SHARE = 0.25
"""Of the process's time at most: what it cannot reduce in that, the taps lose, and say so."""
_BACKLOG = 8 * 2**20
"""Bytes that may wait to be read by the server."""

Output = tuple[str, str]


class Publisher:
    """Taps and streams of one worker. They live on when the graph is stopped, started or replaced."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._pipeline: AsyncPipeline | None = None
        self._streams: dict[int, tuple[LiveStream, str]] = {}
        self._taps: dict[Output, LeakyTap] = {}
        self._readers: dict[Output, list[LiveStream]] = {}
        self._timer: asyncio.TimerHandle | None = None

    # -- the graph

    def attach(self, pipeline: AsyncPipeline) -> None:
        """Read along at a pipeline that is about to start."""
        self._pipeline = pipeline
        self._taps.clear()
        self._readers.clear()
        for stream, output in self._streams.values():
            self._read(stream, output)

    def _read(self, stream: LiveStream, text: str) -> None:
        """Let a stream read an output, if the graph has it."""
        pipeline = self._pipeline
        if pipeline is None:
            return
        try:
            output = output_of(pipeline.spec, text)
        except KeyError as error:
            self._tell(stream.number, str(error.args[0]))
            return
        if output not in self._taps:
            tap = LeakyTap()
            try:
                pipeline.tap(text if split_port(text, pipeline.spec.nodes)[1] else output[0], tap)
            except (NotRunning, KeyError):
                return  # its stream is over: it reads the next one
            self._taps[output] = tap
            self._readers[output] = []
        tap = self._taps[output]
        self._send(stream, assemble(tap.ring), tap)
        self._readers[output].append(stream)
        self._wake()

    # -- streams

    def add(
        self, number: int, output: str, kind: str, options: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        """Begin a stream; ``facts`` go into its description, and have its first ``generation``."""
        generation = int(facts.pop("generation"))
        told = {"kind": kind, "options": options, "output": output, **facts}
        stream = LiveStream(number, parse_options(kind, options), told, generation)
        self._streams[number] = (stream, output)
        self._read(stream, output)

    def drop(self, number: int) -> None:
        """End a stream; a tap that nobody reads any more leaves the graph."""
        found = self._streams.pop(number, None)
        if found is None:
            return
        for output, readers in list(self._readers.items()):
            if found[0] in readers:
                readers.remove(found[0])
            if not readers:
                self._taps.pop(output).detach()
                del self._readers[output]

    def clear(self) -> None:
        """End all streams and let go of the graph."""
        for number in list(self._streams):
            self.drop(number)
        self._pipeline = None

    def reset(self, number: int) -> None:
        """Forget averages and held peaks of a stream."""
        if number in self._streams:
            self._streams[number][0].restart()

    # -- the beat

    def _wake(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TICK, self._beat)

    def _beat(self) -> None:
        self._timer = None
        began = perf_counter()
        if self._wire.backlog < _BACKLOG:
            self.publish()
        took = perf_counter() - began
        if any(tap.ended is None for tap in self._taps.values()):
            delay = max(_TICK - took, took * (1 / _SHARE - 1))
            self._timer = asyncio.get_running_loop().call_later(delay, self._beat)

    def publish(self) -> None:
        """Send what is new."""
        for output, tap in self._taps.items():
            ended = tap.ended is not None
            blocks = assemble(tap.fetch())
            for stream in self._readers[output]:
                self._send(stream, blocks, tap)
                if ended:
                    self._frames(stream.end(tap.emitted, tap.trailing_gap))
        for output in [output for output, tap in self._taps.items() if tap.ended is not None]:
            del self._taps[output], self._readers[output]

    def _send(self, stream: LiveStream, blocks: list[Any], tap: LeakyTap) -> None:
        before = stream.problem
        stream.feed(blocks)
        if stream.problem is not None and stream.problem != before:
            self._tell(stream.number, stream.problem)
        self._frames(stream.take(tap.emitted))

    def _frames(self, frames: list[bytes]) -> None:
        for frame in frames:
            self._wire.send_frame(frame)

    def _tell(self, number: int, text: str) -> None:
        self._wire.send({"event": "stream", "stream": number, "message": text})

    def close(self) -> None:
        """Publish no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
