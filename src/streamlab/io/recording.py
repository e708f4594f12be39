"""Recording: what every file format looks like to the rest of StreamLab, once it is open for reading.

A recording holds *streams*, each with one exact rate, its channels, and its place in time. A format whose
channels have several rates gives one stream per rate. Positions count on the stream's own time axis from its
first sample, 0; where samples are missing the axis goes on, so a gap is a jump in position and never filled.

To read a new format, write one module in this folder with a subclass of :class:`Recording`::

    class TapeRecording(Recording):
        title = "Tape"                              # in errors and in `streamlab info`
        library = "tapelib"                         # what `open` imports, for the error where it is missing

        def open(self) -> Iterable[StoredStream]:   # library exceptions may fly: they become FileError
            import tapelib
            self._tape = tapelib.Tape(self.path)
            info = StreamInfo([ChannelInfo("mic", "Pa")], exact_rate(self._tape.rate))
            return [StoredStream("main", info, length=len(self._tape), start=self._tape.start_us)]

        def blocks(self, stream, rows, first, last, multiple):
            for at in steps(first, last, len(rows), multiple):       # bounded memory
                yield at.start, self._tape.read(at.start, at.stop)[list(rows)]

        def close(self) -> None:                    # also called where `open` failed half-way
            ...

enter it in the table of :mod:`streamlab.io.formats`, which finds it by content, and give it a node: a
subclass of :class:`streamlab.io._source.RecordingSource` that returns it from ``open_recording``. What a
hostile file may do is bounded here: an exception that is no FileError becomes one, in this one place; numbers
of streams and channels have limits; lengths are compared with nothing, so a reader allocates by what is
there, never by what a header says.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from streamlab.core import StreamInfo
from streamlab.errors import FileError
from streamlab.io._files import check_readable, explain

__all__ = ["BLOCK", "MAX_CHANNELS", "NO_GAPS", "Recording", "StoredStream", "explained", "rate_name", "steps"]

BLOCK = 1 << 14
"""Numbers that are read at once: a call to read costs as much as thousands of them."""
MAX_CHANNELS = 1 << 17  # in all streams of a file; a sound file has at most 65535
_MAX_LENGTH = 1 << 62
_SLOWEST, _FASTEST = Fraction(1, 10**12), Fraction(10**15)  # Hz: a sample in 30 000 years, light over 0.3 um

Gaps = NDArray[np.int64]
NO_GAPS: Gaps = np.zeros((0, 2), np.int64)
NO_GAPS.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class StoredStream:
    """One stream of a recording: channels that share rate, length and place in time.

    ``info`` has the exact rate and the channels; ``length`` is the extent on the time axis in samples, what
    is missing included; ``start`` the time of sample 0 in microseconds since the epoch, None where the file
    does not say; ``offset`` where sample 0 lies on the recording's own axis, in microseconds, for streams
    that do not begin together; ``gaps`` is (n, 2): position of the first missing sample and how many are
    missing, ascending.

    On another axis than time (a stored spectrum) a stream is one frame: ``length`` points, no rate.
    """

    name: str
    info: StreamInfo
    length: int
    start: int | None = None
    offset: int = 0
    gaps: Gaps = field(default_factory=lambda: NO_GAPS)

    @property
    def rate(self) -> Fraction | None:
        """Samples per second, exact; None on another axis than time."""
        return self.info.sample_rate

    @property
    def missing(self) -> int:
        """Samples that lie in gaps."""
        return int(self.gaps[:, 1].sum())

    @property
    def held(self) -> int:
        """Samples per channel that the file holds."""
        return self.length - self.missing

    @property
    def duration(self) -> Fraction | None:
        """Extent in seconds, gaps included; None without a rate."""
        return None if self.rate is None else self.length / self.rate

    @property
    def origin(self) -> int:
        """Timestamp of sample 0: since the epoch where that is known, else since the recording's start."""
        return self.offset if self.start is None else self.start

    def position(self, seconds: Fraction, origin: int) -> int:
        """Return the sample at a time after ``origin``, the timestamp of the recording's beginning."""
        rate = self.rate
        return 0 if rate is None else round((seconds - Fraction(self.origin - origin, 10**6)) * rate)


class Recording(ABC):
    """A file that is open for reading; a context manager. See the module for how to write one.

    ``streams`` says what is in it; ``facts`` are what the file tells about itself (title, author, the hash
    of the graph that wrote it), as text; ``notes`` what is odd about it, in words (cut off, time stamps that
    jitter). Raises FileError for whatever is wrong with the file, and nothing else.
    """

    title: ClassVar[str] = ""
    library: ClassVar[str] = ""

    streams: tuple[StoredStream, ...] = ()
    facts: Mapping[str, str]
    notes: Sequence[str]

    def __init__(self, path: Path) -> None:
        check_readable(path)
        self.path = path
        self.facts = {}
        self.notes = []
        try:
            with explained(path, self.title, self.library):
                self.streams = tuple(self.open())
                self._check()
        except BaseException:
            self.close()
            raise

    @abstractmethod
    def open(self) -> Iterable[StoredStream]:
        """Open ``self.path`` and say what is in it, without reading the samples if that can be."""

    @abstractmethod
    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield positions and samples, (len(rows), n), of the channels ``rows`` from ``first`` to ``last``.

        In ascending order, ``last`` excluded, each block new memory, without a gap in it and of bounded
        size; n is best a multiple of ``multiple``. Raise FileError after what can be read where the file is
        cut off.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the file; fine if it is closed or was never opened."""

    def read(
        self,
        stream: StoredStream,
        channels: Sequence[str] | None = None,
        first: int = 0,
        last: int | None = None,
        multiple: int = 1,
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield positions and samples: (channels, n) blocks of float64 with unit stride in time.

        ``channels`` selects by name, in that order; ``first`` and ``last`` are positions of ``stream``. A
        jump between the end of a block and the next position is a gap. Complex on another axis than time.
        Raises FileError.
        """
        info = stream.info
        rows = range(len(info.names)) if channels is None else [info.row(name) for name in channels]
        first, last = max(0, first), stream.length if last is None else min(last, stream.length)
        with explained(self.path, self.title, self.library):
            if first < last:
                for position, block in self.blocks(stream, rows, first, last, max(1, multiple)):
                    kind = np.complex128 if block.dtype.kind == "c" else np.float64
                    if block.dtype != kind or (block.shape[1] > 1 and block.strides[1] != block.itemsize):
                        with np.errstate(invalid="ignore", over="ignore"):  # a NaN that signals is a NaN
                            block = np.ascontiguousarray(block, dtype=kind)
                    yield position, block

    def stream_of(self, name: str | None, channels: Sequence[str] | None = None) -> StoredStream:
        """Return the stream of a name, or the only one that has the ``channels``.

        Raises FileError that lists the streams where that does not say which.
        """
        wanted = list(channels or ())
        named = [stream for stream in self.streams if name is None or stream.name == name]
        if not self.streams:
            raise FileError(self.path, "holds no samples")
        if not named:
            raise FileError(self.path, f"has no stream {name!r}", hint=self._list())
        fitting = [stream for stream in named if all(one in stream.info for one in wanted)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            several = "streams of different rates" if _rates(fitting) > 1 else "streams"
            message = f"holds {len(fitting)} {several}" + (" with these channels" if wanted else "")
            raise FileError(self.path, message, hint=f"choose one by `stream`: {self._list()}")
        unknown = [one for one in wanted if not any(one in stream.info for stream in named)]
        if unknown:
            have = ", ".join(one for stream in named for one in stream.info.names[:50])
            raise FileError(self.path, f"has no channel {unknown[0]!r}", hint=f"channels: {have}")
        message = f"the channels {', '.join(wanted)} are not of one stream"
        raise FileError(self.path, message, hint=f"read one stream each: {self._list()}")

    @property
    def origin(self) -> int:
        """Timestamp of the beginning: that of the stream that begins first."""
        return min((stream.origin for stream in self.streams), default=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _list(self) -> str:
        lines = []
        for stream in self.streams[:20]:
            names = ", ".join(stream.info.names[:8]) + (", ..." if len(stream.info.names) > 8 else "")
            rate = f", {rate_name(stream.rate)}" if rate_name(stream.rate) != stream.name else ""
            lines.append(f"{stream.name!r} ({names}{rate})")
        return ", ".join(lines) + (", ..." if len(self.streams) > 20 else "")

    def _check(self) -> None:
        count = sum(len(stream.info.names) for stream in self.streams)
        if count > MAX_CHANNELS:
            raise FileError(self.path, f"has {count} channels; {MAX_CHANNELS} are the most that can be read")
        for stream in self.streams:
            if not 0 <= stream.length <= _MAX_LENGTH:
                message = f"is damaged: stream {stream.name!r} claims a length of {stream.length} samples"
                raise FileError(self.path, message)
            if stream.rate is not None and not _SLOWEST <= stream.rate <= _FASTEST:
                power = len(str(int(stream.rate))) - 1 if stream.rate > 1 else -len(str(int(1 / stream.rate)))
                message = f"is damaged: stream {stream.name!r} claims a rate of about 1e{power} Hz"
                raise FileError(self.path, message)


@contextmanager
def explained(path: Path, title: str, library: str = "") -> Iterator[None]:
    """Turn whatever a library raises over a file into a FileError in words."""
    try:
        yield
    except FileError:
        raise
    except ModuleNotFoundError as error:
        hint = 'pip install "streamlab-core[files]"'
        raise FileError(path, f"reading {title} needs {library or error.name}", hint=hint) from error
    except MemoryError as error:
        raise FileError(path, f"is damaged or too large for the memory ({title})") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
            raise explain(path, error) from error
        what = " ".join(str(error).split())[:200] or type(error).__name__
        message = f"is damaged, or not {title} as it should be ({what})"
        raise FileError(path, message, hint="what came before it was read") from error


def rate_name(rate: Fraction | None) -> str:
    """Return a rate as the name of a stream that has no other: ``48000 Hz``, ``5000.024 Hz``."""
    return "no rate" if rate is None else f"{float(rate):.10g} Hz"


def steps(first: int, last: int, channels: int, multiple: int, block: int = BLOCK) -> Iterator[range]:
    """Yield the stretches to read one after the other: about ``block`` numbers, in multiples of a frame."""
    step = max(1, block // (multiple * max(1, channels))) * multiple
    for at in range(first, last, step):
        yield range(at, min(at + step, last))


def _rates(streams: Iterable[StoredStream]) -> int:
    return len({stream.rate for stream in streams})
