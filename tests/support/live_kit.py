"""Frames for live views, and their binary form read as the document says - by code of its own."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.server.live.blocks import assemble
from streamlab.server.live.options import parse_options
from streamlab.server.live.stream import LiveStream

HEAD = "<4sBBHIIIIQIIddII"
NAMES = [
    "magic",
    "kind",
    "flags",
    "channels",
    "length",
    "stream",
    "generation",
    "sequence",
    "first",
    "columns",
    "rows",
    "time",
    "emitted",
    "lost",
    "trigger",
]
GAP, CLIPPED, EOS, PEAK, RESET = 1, 2, 4, 8, 16


@dataclass
class Read:
    """A frame, read."""

    kind: int
    flags: int
    channels: int
    stream: int
    generation: int
    sequence: int
    first: int
    columns: int
    rows: int
    time: float
    lost: int
    trigger: int
    payload: bytes = field(repr=False)

    @property
    def strip(self) -> tuple[np.ndarray, np.ndarray]:
        """Values (columns, channels, 2) and marks."""
        count = self.columns * self.channels * 2
        values = np.frombuffer(self.payload, "<f4", count).reshape(self.columns, self.channels, 2)
        return values, np.frombuffer(self.payload, "u1", self.columns, 4 * count)

    @property
    def spectrum(self) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
        """Values, held peaks (None without), largest line of each channel."""
        size = self.channels * self.columns
        values = np.frombuffer(self.payload, "<f4", size).reshape(self.channels, self.columns)
        held, at = None, size
        if self.flags & PEAK:
            held = np.frombuffer(self.payload, "<f4", size, 4 * at).reshape(self.channels, self.columns)
            at += size
        return values, held, np.frombuffer(self.payload, "<f4", self.channels * 2, 4 * at).reshape(-1, 2)

    @property
    def waterfall(self) -> np.ndarray:
        """Rows of bytes."""
        size = self.rows * self.columns
        return np.frombuffer(self.payload, "u1", size).reshape(self.rows, self.columns)

    def table(self, dtype: str) -> np.ndarray:
        """Levels ("<f4") or numbers ("<f8"), four of each channel."""
        return np.frombuffer(self.payload, dtype, self.channels * 4).reshape(self.channels, 4)

    @property
    def description(self) -> dict[str, Any]:
        """What a frame of kind 0 says."""
        document: dict[str, Any] = json.loads(self.payload)
        return document


def read(data: bytes) -> list[Read]:
    """Read frames that lie one behind the other."""
    found, at = [], 0
    while at < len(data):
        head = dict(zip(NAMES, struct.unpack_from(HEAD, data, at), strict=True))
        assert head.pop("magic") == b"SLF1"
        length = head.pop("length")
        assert length % 8 == 0
        head.pop("emitted")
        found.append(Read(**head, payload=data[at + 64 : at + length]))
        at += length
    assert at == len(data)
    return found


class View:
    """A stream that is fed by hand; what it has sent is read at once."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.stream = LiveStream(7, parse_options(kind, options), {"kind": kind}, 1)
        self.descriptions: list[dict[str, Any]] = []
        self.frames: list[Read] = []

    def feed(self, *frames: DataFrame) -> list[Read]:
        """Feed frames that came together; returns what was sent of them."""
        self.stream.feed(assemble(frames))
        self.stream._due = 0.0  # as if there had been enough time
        return self._sent(self.stream.take(0.0))

    def end(self, lost: int = 0) -> list[Read]:
        """End the stream."""
        return self._sent(self.stream.end(0.0, lost))

    def _sent(self, packed: list[bytes]) -> list[Read]:
        listed = read(b"".join(packed))
        self.descriptions += [item.description for item in listed if item.kind == 0]
        data = [item for item in listed if item.kind]
        self.frames += data
        return data


def stream_info(
    channels: int = 1, rate: float | Fraction | None = 48000, axis: str = "time", **more: Any
) -> StreamInfo:
    """An info with channels a, b, ... in volts."""
    unit, value_range = more.pop("unit", "V"), more.pop("range", None)
    named = [ChannelInfo(chr(97 + at), unit, "voltage", range=value_range) for at in range(channels)]
    return StreamInfo(named, rate, axis, **more)  # type: ignore[arg-type]


def cut_frames(
    samples: np.ndarray, info: StreamInfo, size: int, start: int = 0, gap: int = 0
) -> list[DataFrame]:
    """A signal as frames of one size, the last one shorter."""
    listed = []
    for number, at in enumerate(range(0, samples.shape[1], size)):
        part = np.ascontiguousarray(samples[:, at : at + size])
        listed.append(
            DataFrame.from_samples(
                part,
                info,
                sequence_id=number,
                start_sample=start + at,
                gap=gap if number == 0 else 0,
                timestamp=1_000_000
                + (0 if info.sample_rate is None else int((start + at) * 10**6 / info.sample_rate)),
            ).seal()
        )
    return listed
