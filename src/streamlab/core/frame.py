"""DataFrame: StreamLab's frame of samples (not a table), one (channels, n) block with its header."""

from collections.abc import Iterator, Mapping, MutableMapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from streamlab.core.info import StreamInfo
from streamlab.core.samples import Samples, as_row, checked, same, same_row, stack
from streamlab.errors import FrameError

__all__ = ["DataFrame", "Payload"]

_NO_INFO = StreamInfo()
_NO_METADATA: Mapping[str, Any] = MappingProxyType({})
_FLOAT64 = np.dtype(np.float64)
_NO_SAMPLES = np.zeros((0, 0))
_NO_SAMPLES.flags.writeable = False


class DataFrame:
    """A frame of samples (not a table): channels x n numbers, when they were taken, and what they are.

    ``timestamp`` is the time of the first sample in integer microseconds since the epoch, ``sequence_id``
    numbers the frames of a stream, ``start_sample`` counts on the source's time axis, ``gap`` is the number
    of samples lost just before this frame, ``span`` how many source samples a frame on another axis covers
    (None: as many as it has samples).

    ``samples`` is (channels, n) float64, time on the last axis; ``payload`` is the mapping view of it. The
    engine *seals* each frame that it hands on: from then on a write raises and ``replace`` makes a new
    frame.

    Raises FrameError for ragged or non-numeric channels.

    Examples
    --------
    >>> frame = DataFrame(1000, 1, {"mic1": [1, 2, 3]}, sample_rate=48000)
    >>> frame.payload["mic1"].tolist(), frame.samples.shape
    ([1.0, 2.0, 3.0], (1, 3))
    """

    __slots__ = (
        "_metadata",
        "_rows",
        "_samples",
        "gap",
        "info",
        "sequence_id",
        "span",
        "start_sample",
        "timestamp",
    )

    sealed = False

    timestamp: int
    sequence_id: int
    start_sample: int
    gap: int
    span: int | None
    info: StreamInfo
    _samples: Samples
    _metadata: Mapping[str, Any]
    _rows: list[Samples] | None

    def __init__(
        self,
        timestamp: int = 0,
        sequence_id: int = 0,
        payload: Mapping[str, ArrayLike] | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        sample_rate: float | str | Fraction | None = None,
        start_sample: int = 0,
        gap: int = 0,
        span: int | None = None,
        info: StreamInfo | None = None,
    ) -> None:
        self.timestamp = timestamp
        self.sequence_id = sequence_id
        self.start_sample = start_sample
        self.gap = gap
        self.span = span
        self._metadata = dict(metadata) if metadata else _NO_METADATA
        self._rows = None
        if info is None:
            names = () if payload is None else payload.keys()
            info = _NO_INFO if not names and sample_rate is None else StreamInfo(names, sample_rate)
        elif sample_rate is not None:
            raise FrameError("give sample_rate or info, not both: the info carries the rate")
        elif tuple(payload or ()) != info.names:
            found = list(payload or ())
            raise FrameError(f"the payload is not that of info: expected {list(info.names)}, found {found}")
        self.info = info
        self._samples = stack(payload, info) if payload else _NO_SAMPLES

    @classmethod
    def from_samples(
        cls,
        samples: Samples,
        info: StreamInfo,
        *,
        timestamp: int = 0,
        sequence_id: int = 0,
        start_sample: int = 0,
        gap: int = 0,
        span: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> "DataFrame":
        """Make a frame around a (channels, n) array, which the frame owns from now on (no copy).

        Raises FrameError when the array's shape or type does not fit ``info``.
        """
        plain = samples.__class__ is np.ndarray and samples.dtype is _FLOAT64 and samples.ndim == 2
        if not plain or samples.shape[0] != len(info.names) or (samples.strides[1] != 8 and samples.size):
            samples = checked(samples, info)
        self = DataFrame.__new__(DataFrame)
        self.timestamp = timestamp
        self.sequence_id = sequence_id
        self.start_sample = start_sample
        self.gap = gap
        self.span = span
        self.info = info
        self._samples = samples
        self._metadata = _unshared(metadata) if metadata else _NO_METADATA
        self._rows = None
        return self

    # -- what is in it

    @property
    def samples(self) -> Samples:
        """The (channels, n) block, unit stride on the last axis. Read-only once the frame is sealed."""
        return self._samples

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the rows of ``samples``."""
        return self.info.names

    @property
    def sample_rate(self) -> Fraction | None:
        """Exact sample rate in Hz, or None where there is none."""
        return self.info.sample_rate

    @property
    def n(self) -> int:
        """Samples per channel."""
        n: int = self._samples.shape[1]
        return n

    @property
    def advance(self) -> int:
        """How far the stream moves on its source's time axis with this frame, in samples."""
        span = self.span
        return self.n if span is None else span

    @property
    def time(self) -> Fraction | None:
        """Exact time of the first sample on the source's axis in seconds, or None without a rate."""
        rate = self.info.sample_rate
        return None if rate is None else Fraction(self.start_sample) / rate

    @property
    def payload(self) -> "Payload":
        """The channels as a mapping from name to row: the original design's view of the same memory."""
        return Payload(self)

    @payload.setter
    def payload(self, channels: Mapping[str, ArrayLike]) -> None:
        self._reshape(channels)

    @property
    def metadata(self) -> MutableMapping[str, Any]:
        """Facts that travel with the frame. Read-only once the frame is sealed."""
        if self._metadata.__class__ is not dict and not self.sealed:
            self._metadata = dict(self._metadata)
        return self._metadata  # type: ignore[return-value]

    @metadata.setter
    def metadata(self, metadata: Mapping[str, Any]) -> None:
        self._metadata = dict(metadata)

    # -- making others of it

    def replace(self, **changes: Any) -> "DataFrame":
        """Return a new, unsealed frame with the given parts changed; the rest is shared, not copied.

        Takes ``samples`` (owned by the new frame), ``info``, ``payload``, ``metadata``, ``timestamp``,
        ``sequence_id``, ``start_sample``, ``gap`` and ``span``. Raises FrameError when the samples do not
        fit the info, TypeError for another name.
        """
        frame = DataFrame.__new__(DataFrame)
        get = changes.pop
        frame.timestamp = get("timestamp", self.timestamp)
        frame.sequence_id = get("sequence_id", self.sequence_id)
        frame.start_sample = get("start_sample", self.start_sample)
        frame.gap = get("gap", self.gap)
        frame.span = get("span", self.span)
        frame.info = get("info", self.info)
        frame._metadata = _unshared(get("metadata", self._metadata) or _NO_METADATA)
        frame._rows = None
        samples = get("samples", None)
        frame._samples = self._samples if samples is None else samples
        payload = get("payload", None)
        if changes:
            raise TypeError(f"replace() got an unexpected keyword {next(iter(changes))!r}")
        if payload is not None:
            frame._reshape(payload)
        elif samples is not None or frame.info is not self.info:
            frame._samples = checked(frame._samples, frame.info)
        return frame

    def with_samples(self, samples: Samples) -> "DataFrame":
        """Return this frame's header around new samples of the same shape (owned, no copy).

        The short way for one-to-one nodes.
        """
        known = self._samples
        plain = samples.__class__ is np.ndarray and samples.strides[-1:] == (samples.itemsize,)
        if not plain or samples.shape != known.shape or samples.dtype is not known.dtype:
            return self.replace(samples=samples)  # which checks them
        return self.with_block(samples)

    def with_block(self, samples: Samples) -> "DataFrame":
        """Return this frame's header around a block that is known to fit its info (owned, unchecked)."""
        frame = DataFrame.__new__(DataFrame)
        frame.timestamp = self.timestamp
        frame.sequence_id = self.sequence_id
        frame.start_sample = self.start_sample
        frame.gap = self.gap
        frame.span = self.span
        frame.info = self.info
        frame._samples = samples
        frame._metadata = _unshared(self._metadata)
        frame._rows = None
        return frame

    def seal(self) -> Self:
        """Make samples, payload, metadata and header read-only, through every row taken so far too.

        Returns the frame.
        """
        if self.__class__ is not _SealedFrame:
            if self._samples is not _NO_SAMPLES:
                self._samples.setflags(False)  # type: ignore[call-arg]  # by position: three times as fast
            if self._rows is not None:
                for row in self._rows:
                    row.flags.writeable = False
                self._rows = None
            metadata = self._metadata
            if metadata.__class__ is dict:
                self._metadata = MappingProxyType(dict(metadata)) if metadata else _NO_METADATA
            self.__class__ = _SealedFrame  # type: ignore[assignment]
        return self

    def _row(self, name: str) -> Samples:
        row: Samples = self._samples[self.info.row(name)]
        if not self.sealed:
            self._rows = self._rows or []
            self._rows.append(row)
        return row

    def _reshape(self, channels: Mapping[str, ArrayLike]) -> None:
        """Take another set of channels; a channel that stays keeps what is known of it."""
        known = {channel.name: channel for channel in self.info.channels}
        info = self.info.replace(channels=[known.get(name, name) for name in channels])
        self._samples = stack(channels, info) if channels else _NO_SAMPLES
        self.info = info
        self._rows = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DataFrame):
            return NotImplemented
        return (
            self.timestamp == other.timestamp
            and self.sequence_id == other.sequence_id
            and self.start_sample == other.start_sample
            and self.gap == other.gap
            and self.span == other.span
            and self.info is other.info
            and same(self._metadata, other._metadata)
            and np.array_equal(self._samples, other._samples, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        channels = ", ".join(self.info.names) or "no channels"
        rate = "" if self.info.sample_rate is None else f", {float(self.info.sample_rate):g} Hz"
        gap = f", gap={self.gap}" if self.gap else ""
        return f"DataFrame(#{self.sequence_id} @ {self.timestamp}us, [{channels}] x {self.n}{rate}{gap})"

    def __reduce__(self) -> tuple[Any, ...]:
        state = (
            self.timestamp,
            self.sequence_id,
            self.start_sample,
            self.gap,
            self.span,
            dict(self._metadata),
        )
        return (_rebuild, (self._samples, self.info, self.sealed, state))


class _SealedFrame(DataFrame):
    """A frame that the engine has handed on.

    Same data, no writes; the class is the state, so reading costs nothing.
    """

    __slots__ = ()

    sealed = True

    def __setattr__(self, name: str, value: object) -> None:
        raise FrameError(f"the frame is sealed and {name} cannot be set; use replace({name.lstrip('_')}=...)")


_SealedFrame.__name__ = _SealedFrame.__qualname__ = "DataFrame"


class Payload(MutableMapping[str, Any]):
    """A frame's channels as a mapping from name to row (a view of ``samples``).

    A row taken after the last set is a view of the frame's block. Setting a channel of another length
    raises FrameError, unless it is the only one.
    """

    __slots__ = ("_frame",)

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame

    def __getitem__(self, name: str) -> Samples:
        return self._frame._row(name)

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        frame = self._frame
        if frame.sealed:
            raise FrameError(
                f"the frame is sealed and channel {name!r} cannot be set; use replace(payload=...)"
            )
        samples = frame._samples
        row = as_row(name, values, frame.info)
        if (
            name in frame.info
            and row.shape[0] == samples.shape[1]
            and samples.flags.writeable
            and row.dtype == samples.dtype
        ):
            samples[frame.info.row(name)] = row
        else:
            frame._reshape({**dict(self), name: row})

    def __delitem__(self, name: str) -> None:
        frame = self._frame
        if frame.sealed:
            raise FrameError(f"the frame is sealed and channel {name!r} cannot be deleted")
        frame.info.row(name)
        frame._reshape({key: row for key, row in self.items() if key != name})

    def __iter__(self) -> Iterator[str]:
        return iter(self._frame.info.names)

    def __len__(self) -> int:
        return len(self._frame.info.names)

    def __contains__(self, name: object) -> bool:
        return name in self._frame.info

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return self.keys() == other.keys() and all(same_row(row, other[name]) for name, row in self.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{name!r}: {row!r}' for name, row in self.items())}}}"


def _unshared(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """A dict can still be written to by whoever holds it; what a sealed frame has cannot."""
    return dict(metadata) if metadata.__class__ is dict else metadata


def _rebuild(samples: Samples, info: StreamInfo, sealed: bool, state: tuple[Any, ...]) -> DataFrame:
    timestamp, sequence_id, start_sample, gap, span, metadata = state
    frame = DataFrame.from_samples(
        samples, info, timestamp=timestamp, sequence_id=sequence_id,
        start_sample=start_sample, gap=gap, span=span, metadata=metadata,
    )  # fmt: skip
    return frame.seal() if sealed else frame
