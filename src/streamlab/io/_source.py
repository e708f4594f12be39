"""What the sources that read files share: which part of which stream, cut into frames, gaps as gaps."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, Source, StreamInfo, param
from streamlab.core.samples import Samples
from streamlab.errors import FileError, Problem
from streamlab.io.recording import Recording, StoredStream

__all__ = ["MeasuredSource", "RecordingSource", "recut"]


class RecordingSource(Source):
    """A node that plays a stream of a recording.

    A subclass says with ``open_recording`` how its file is opened, and may say with ``choose`` which stream
    it plays, with ``describe`` what its channels are, and with ``factor`` what their numbers are multiplied
    by. ``start_sample`` counts from the stream's first sample and goes on when it loops; the timestamp is the
    stream's origin plus that, so that streams of one recording lie right for an ``align`` join.
    """

    blocking = True

    path: str = param(doc="File to read", min_length=1, path="input")
    frame_size: int = param(default=1024, doc="Samples per frame", unit="samples", ge=1, le=1 << 24)
    realtime: bool = param(default=False, doc="Play at the pace of the recording")
    loop: bool = param(default=False, doc="Begin again at the end, for ever")
    start: float = param(default=0.0, doc="Where to begin in the recording", unit="s", ge=0, le=1e9)
    duration: float | None = param(
        default=None, doc="How much to play; all when not given", unit="s", gt=0, le=1e9
    )
    select: list[str] | None = param(
        default=None, doc="Channels to read, in this order; all when not given", min_length=1
    )
    channels: list[str] | None = param(
        default=None,
        doc="Names of the channels that come out; those in the file when not given",
        min_length=1,
    )

    _recording: Recording | None = None
    _stream: StoredStream | None = None

    @abstractmethod
    def open_recording(self) -> Recording:
        """Open the file."""

    def choose(self, recording: Recording) -> StoredStream:
        """Return the stream to play."""
        return recording.stream_of(None, self.select)

    def describe(self, channels: Sequence[ChannelInfo]) -> Sequence[ChannelInfo]:
        """Return what comes out, given what the file says of the selected channels."""
        return channels

    def factor(self) -> float:
        """What the numbers in the file are multiplied by."""
        return 1.0

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Open the file and learn what is in it."""
        self._open()

    async def on_destroy(self) -> None:
        """Close the file."""
        self._close()

    def frames(self) -> Iterator[DataFrame]:
        """Yield the stream from its beginning."""
        if self._recording is not None and self._stream is not None:
            yield from self._play(self._recording, self._stream)
        else:
            try:
                yield from self._play(*self._open())
            finally:
                self._close()

    def _open(self) -> tuple[Recording, StoredStream]:
        recording = self._recording = self.open_recording()
        try:
            stream = self._stream = self.choose(recording)
            found = stream.info
            chosen = [found.channels[found.row(name)] for name in self.select or found.names]
            names = self.channels or [channel.name for channel in chosen]
            if len(names) != len(chosen):
                message = f"has {len(chosen)} channels, but {len(names)} are named: {', '.join(names)}"
                hint = "name each channel of the file, or none; `select` chooses among them"
                raise FileError(self.path, message, hint=hint)
            named = [replace(channel, name=name) for channel, name in zip(chosen, names, strict=True)]
            self.info = found.replace(channels=self.describe(named))
        except BaseException:
            self._close()
            raise
        return recording, stream

    def _close(self) -> None:
        recording, self._recording, self._stream = self._recording, None, None
        if recording is not None:
            recording.close()

    def _play(self, recording: Recording, stream: StoredStream) -> Iterator[DataFrame]:
        info, rate = self.info or StreamInfo(), stream.rate
        size = self.frame_size if rate is not None else max(1, stream.length)
        first, last = self._range(recording, stream)
        factor, number, moved, due = self.factor(), 0, 0, first
        while True:
            for position, block in recut(recording.read(stream, self.select, first, last, size), size):
                at = position + moved
                time = stream.origin + (0 if rate is None else at * 10**6 // rate)
                yield DataFrame.from_samples(
                    np.multiply(block, factor) if factor != 1.0 else block,
                    info, timestamp=time, sequence_id=number, start_sample=at, gap=at - due,
                )  # fmt: skip
                number, due = number + 1, at + block.shape[1]
            if not self.loop:
                return
            moved += last - first

    def _range(self, recording: Recording, stream: StoredStream) -> tuple[int, int]:
        """Return the positions to play from and to; FileError where there is nothing between them."""
        if stream.rate is None:
            return 0, stream.length
        begin, origin = Fraction(str(self.start)), recording.origin
        first, last = stream.position(begin, origin), stream.length
        late = first < 0  # the stream begins later: it has less than the whole duration
        if self.duration is not None:
            span = Fraction(str(self.duration))
            count = round(span * stream.rate)
            last = min(last, stream.position(begin + span, origin) if late else first + count)
        first = max(0, first)
        if first >= last and (first or self.loop or late):
            shift = Fraction(stream.origin - origin, 10**6)
            if first >= stream.length:
                message = f"ends at {float(stream.length / stream.rate + shift):g} s"
            else:
                message = f"begins at {float(shift):g} s"
            message += f": there is nothing to play from {self.start:g} s on"
            message += "" if self.duration is None else f" for {self.duration:g} s"
            raise FileError(self.path, message)
        return first, last

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Known when the file is open."""
        return getattr(params, "info", None)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Channel names differ."""
        for key in ("channels", "select"):
            names = getattr(params, key) or ()
            for number, name in enumerate(names):
                if name in names[:number]:
                    yield Problem(f"/{key}/{number}", "channel names must differ", found=f"{name!r} twice")


class MeasuredSource(RecordingSource):
    """A source of files that hold numbers in units, perhaps in several streams."""

    stream: str | None = param(
        default=None, doc="Stream to read, where the file has several: `streamlab info` lists them"
    )
    scale: float = param(
        default=1.0, doc="What the numbers in the file are multiplied by", unit="1", ge=-1e12, le=1e12
    )
    unit: str | None = param(default=None, doc="Unit of all channels, in place of what the file says")
    units: list[str] | None = param(
        default=None, doc="Unit of each channel, in place of what the file says", min_length=1
    )

    def choose(self, recording: Recording) -> StoredStream:
        return recording.stream_of(self.stream, self.select)

    def factor(self) -> float:
        return self.scale

    def describe(self, channels: Sequence[ChannelInfo]) -> Sequence[ChannelInfo]:
        units = [channel.unit for channel in channels] if self.unit is None else [self.unit] * len(channels)
        units = units if self.units is None else self.units
        if len(units) != len(channels):
            message = f"{len(channels)} channels are read, but {len(units)} units are given"
            raise FileError(self.path, message, hint="give a unit for each, or one by `unit`")
        scale = self.scale
        return [
            replace(
                channel,
                unit=unit,
                quantity=channel.quantity if unit == channel.unit else "",
                reference=channel.reference if unit == channel.unit else "",
                range=channel.range and _scaled(channel.range, scale),
            )
            for channel, unit in zip(channels, units, strict=True)
        ]

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """One way to give units; channel names differ."""
        yield from super().check_params(params, given)
        if params.unit is not None and params.units is not None:
            yield Problem("/units", "units are given twice", "unit or units", "both")


def recut(blocks: Iterable[tuple[int, Samples]], size: int) -> Iterator[tuple[int, Samples]]:
    """Cut blocks into frames of ``size`` samples; shorter ones stand before a gap and at the end.

    Blocks of multiples of ``size`` are cut without a copy. What came before an error comes out before it.
    """
    held: list[Samples] = []  # what is too short for a frame yet
    begin = count = 0  # where that begins, and how long it is
    trouble: FileError | None = None
    source = iter(blocks)
    while True:
        try:
            position, block = next(source)
        except StopIteration:
            break
        except FileError as error:
            trouble = error
            break
        if count and position != begin + count:
            yield begin, _joined(held)
            held, count = [], 0
        at, length = 0, block.shape[1]
        if count:
            at = min(size - count, length)
            held.append(block[:, :at])
            count += at
            if count < size:
                continue
            yield begin, _joined(held)
            held, count = [], 0
        while length - at >= size:
            yield position + at, block[:, at : at + size]
            at += size
        if at < length:
            held, begin, count = [block[:, at:]], position + at, length - at
    if count:
        yield begin, _joined(held)
    if trouble is not None:
        raise trouble


def _joined(parts: list[Samples]) -> Samples:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _scaled(limits: tuple[float, float], scale: float) -> tuple[float, float]:
    low, high = limits[0] * scale, limits[1] * scale
    return (low, high) if low <= high else (high, low)
