"""UffWriter: what passes, for the programs of modal and vibration analysis."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from streamlab.core import DataFrame, StreamInfo, param
from streamlab.errors import FrameError, ParamError, Problem
from streamlab.io._arrow_table import Number
from streamlab.io._blocks import Block, BlockWriter
from streamlab.io._files import OutputFile
from streamlab.io._uff58 import END, HEAD, Function


class UffWriter(BlockWriter):
    """Write frames to a universal file: a data set 58b (binary) for each channel.

    Input    real samples over time, or lines evenly spaced over frequency
    Output   the same frame
    Kind     frame-wise, blocking            State   the open file, up to half a second of frames
    Gaps     each stretch is a data set of its own; counted as ``missing`` in the result
    Errors   ParamError for a stream that the format cannot hold; FileError naming the file: folder missing,
             no permission, disk full, file exists

    Name, unit and quantity of a channel are ID line 1 and the labels of the ordinate; the header has rate
    and start with six digits, ID line 4 exactly, ID line 3 the date, ID line 5 the graph's hash. A spectrum
    is a data set for each channel and frame, its time on the z-axis. While it is written, the file has a
    data set for every half second, and so it stays after a kill; at the end they become one for each
    channel and stretch, which takes the room of a second file for a moment.

    Example
    -------
    >>> import os, pyuff, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = UffWriter(path=os.path.join(folder.name, "take.uff"))
    >>> frame = node.process(DataFrame(payload={"mic": [0.5, 1.0]}, sample_rate=4))
    >>> node.flush()
    >>> told = pyuff.UFF(node.result()["path"]).read_sets()
    >>> told["id1"], told["data"].tolist(), told["abscissa_inc"]
    ('mic', [0.5, 1.0], 0.25)
    >>> folder.cleanup()
    """

    encoding: Number = param(default="float64", doc="How a sample is stored")

    def configure(self, info: StreamInfo) -> None:
        """Refuse a stream that the format cannot hold."""
        self.stream_info(self, **{"in": info})

    def process(self, frame: DataFrame) -> DataFrame:
        self.follow(frame.info)
        return super().process(frame)

    def open(self, file: OutputFile, frame: DataFrame) -> None:
        info, width = frame.info, np.dtype(self.encoding).itemsize
        self._spectral = info.axis == "frequency"
        self._functions = [
            Function(
                channel, number, info.sample_rate or Fraction(1), width, self.about.context, self._spectral
            )
            for number, channel in enumerate(info.channels, 1)
        ]
        self._written: list[_Written] = []
        self._part = 0

    def put(self, file: OutputFile, block: Block) -> None:
        if block.samples.dtype.kind == "c":
            raise FrameError("complex spectra are not written; take their magnitude first")
        if self._spectral:
            for frame in block.frames:
                self._part += 1
                file.append(b"".join(self._spectrum(frame)))
            return
        self._part += 1
        samples = block.samples.astype(np.dtype(self.encoding).newbyteorder("<"))
        n = samples.shape[1]
        self._written.append(_Written(file.size, n, block.fresh, block.start_sample, block.timestamp))
        pieces = []
        for function, row in zip(self._functions, samples, strict=True):
            pieces += [
                self._head(function, n, self._part, block.start_sample, block.timestamp),
                row.tobytes(),
                END,
            ]
        file.append(b"".join(pieces))

    def _spectrum(self, frame: DataFrame) -> Iterator[bytes]:
        points, rate = frame.info.points, frame.sample_rate or Fraction(1)
        if len(points) != frame.n:
            raise FrameError(f"the axis has {len(points)} points; found {frame.n} values")
        step = (points[-1] - points[0]) / (len(points) - 1)
        time = float(Fraction(frame.start_sample) / rate)
        kind = np.dtype(self.encoding).newbyteorder("<")
        for function, row in zip(self._functions, frame.samples, strict=True):
            yield function.head(
                frame.n, self._part, points[0], step, time, frame.start_sample, frame.timestamp
            )
            yield row.astype(kind).tobytes()
            yield END

    @staticmethod
    def _head(function: Function, count: int, part: int, start: int, timestamp: int) -> bytes:
        rate = function.rate
        return function.head(count, part, float(start / rate), float(1 / rate), 0.0, start, timestamp)

    def completed(self, file: OutputFile) -> None:
        """Make of the data sets of half seconds one for each channel and stretch."""
        if self._opened and not all(written.fresh for written in self._written):
            file.rewrite(self._whole(file))

    def _whole(self, file: OutputFile) -> Iterator[bytes]:
        for part, stretch in enumerate(_stretches(self._written), 1):
            first, total = stretch[0], sum(written.n for written in stretch)
            for place, function in enumerate(self._functions):
                yield self._head(function, total, part, first.start_sample, first.timestamp)
                for written in stretch:
                    size = written.n * function.width
                    yield file.read(written.offset + place * (HEAD + size + len(END)) + HEAD, size)
                yield END

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; what a universal file cannot hold is a problem."""
        info = inputs["in"]
        if info is None:
            return None
        over_time = info.axis == "time" and info.sample_rate is not None
        if not over_time and not (info.axis == "frequency" and _evenly_spaced(info.points)):
            need = "samples over time at a rate, or lines evenly spaced over frequency"
            hint = "write a table (CSV, Parquet) or HDF5 instead"
            found = repr(info)
            raise ParamError(
                [Problem("", "a universal file holds functions", need, found, hint)], title=cls.__name__
            )
        return info


class _Written(NamedTuple):
    """A block in the file: where its first data set begins, and what it is."""

    offset: int
    n: int
    fresh: bool
    start_sample: int
    timestamp: int


def _stretches(blocks: list[_Written]) -> Iterator[list[_Written]]:
    stretch: list[_Written] = []
    for written in blocks:
        if written.fresh and stretch:
            yield stretch
            stretch = []
        stretch.append(written)
    if stretch:
        yield stretch


def _evenly_spaced(points: tuple[float, ...]) -> bool:
    if len(points) < 2:
        return False
    even = np.linspace(points[0], points[-1], len(points))
    return bool(np.allclose(points, even, rtol=1e-5, atol=1e-6 * (points[1] - points[0])))
