"""Batches of frames in shared memory: header and samples side by side, infos sent once."""

import struct
from collections.abc import Iterable

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.info import StreamInfo
from streamlab.core.samples import Samples
from streamlab.engine.process.memory import SharedMemory
from streamlab.engine.process.wire import Codec

__all__ = ["BatchReader", "BatchWriter", "Placed"]

Placed = tuple[int, int, DataFrame]
"""A frame with the number of its group in the batch and its place (port, outlet) in the group."""

_HEAD = struct.Struct("<II")
"""Frames, bytes of new infos."""
_FRAME = struct.Struct("<qqqqqIIIII?3x")
"""timestamp, sequence_id, start_sample, gap, span, group, place, info, n, bytes of metadata, complex."""
_NO_SPAN = -(1 << 63)
_ALIGN = 64
_EMPTY: dict[str, object] = {}


class BatchWriter:
    """Writes batches. Each overwrites the one before: the other side has copied it by then."""

    def __init__(self, memory: SharedMemory, codec: Codec) -> None:
        self._memory = memory
        self._codec = codec
        self._infos: dict[StreamInfo, int] = {}

    def write(self, frames: Iterable[Placed]) -> int:
        """Write the frames and return how many bytes they take. Raises WireError for strange metadata."""
        listed = [
            (item, self._codec.pack(dict(item[2].metadata)) if item[2].metadata else b"") for item in frames
        ]
        known = len(self._infos)
        size = 0
        for (_, _, frame), metadata in listed:
            self._infos.setdefault(frame.info, len(self._infos))
            size += _FRAME.size + len(metadata) + frame.samples.nbytes + 2 * _ALIGN
        told = self._codec.pack(list(self._infos)[known:]) if len(self._infos) > known else b""
        view = self._memory.reserve(_HEAD.size + len(told) + size)
        _HEAD.pack_into(view, 0, len(listed), len(told))
        at = _HEAD.size
        view[at : at + len(told)] = told
        at += len(told)
        for (group, place, frame), metadata in listed:
            samples, span = frame.samples, frame.span
            _FRAME.pack_into(
                view, at, frame.timestamp, frame.sequence_id, frame.start_sample, frame.gap,
                _NO_SPAN if span is None else span, group, place, self._infos[frame.info],
                samples.shape[1], len(metadata), samples.dtype.kind == "c",
            )  # fmt: skip
            at += _FRAME.size
            view[at : at + len(metadata)] = metadata
            at = -(-(at + len(metadata)) // _ALIGN) * _ALIGN
            if samples.size:
                np.copyto(_block(view, at, samples.dtype.kind == "c", samples.shape), samples)
                at += samples.nbytes
        return at


class BatchReader:
    """Reads batches: frames with memory of their own, sealed."""

    def __init__(self, memory: SharedMemory, codec: Codec) -> None:
        self._memory = memory
        self._codec = codec
        self._infos: list[StreamInfo] = []

    def read(self, size: int) -> list[Placed]:
        """Return the frames of the batch of ``size`` bytes that the other side has just written."""
        view = self._memory.seen(size)
        count, told = _HEAD.unpack_from(view, 0)
        at = _HEAD.size
        if told:
            self._infos += self._codec.unpack(view[at : at + told])
            at += told
        frames: list[Placed] = []
        for _ in range(count):
            (
                timestamp, sequence_id, start_sample, gap, span, group, place, number, n, length, is_complex,
            ) = _FRAME.unpack_from(view, at)  # fmt: skip
            at += _FRAME.size
            metadata = self._codec.unpack(view[at : at + length]) if length else _EMPTY
            at = -(-(at + length) // _ALIGN) * _ALIGN
            info = self._infos[number]
            samples = _block(view, at, is_complex, (len(info.names), n)).copy()
            at += samples.nbytes
            frame = DataFrame.from_samples(
                samples, info, timestamp=timestamp, sequence_id=sequence_id, start_sample=start_sample,
                gap=gap, span=None if span == _NO_SPAN else span, metadata=metadata,
            )  # fmt: skip
            frames.append((group, place, frame.seal()))
        return frames


def _block(view: memoryview, at: int, is_complex: bool, shape: tuple[int, ...]) -> Samples:
    return np.ndarray(shape, np.complex128 if is_complex else np.float64, view, at)
