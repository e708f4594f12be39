"""CsvWriter: a table of what passes."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from streamlab.core import DataFrame, StreamInfo
from streamlab.dsp.bands import nominal_frequencies
from streamlab.errors import FrameError
from streamlab.io._files import OutputFile
from streamlab.io._writer import FileWriter


class CsvWriter(FileWriter):
    r"""Write frames as a table of text (RFC 4180, UTF-8): a row per sample, a column per channel.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise, blocking            State   the open file
    Gaps     a jump in time; counted as ``missing`` in the result
    Errors   FileError naming the file: folder missing, no permission, disk full, file exists; FrameError for
             complex samples

    The header is ``time [s]`` and each channel's name with its unit. Numbers are as short as they can be
    and read back exactly. Time is that of the sample on the stream's own axis; a stream without a rate has
    ``timestamp [us]`` in its place. A spectrum has a row per line, with its place as ``frequency [Hz]`` or
    ``order``; bands of a fraction of an octave stand under their nominal frequency, 31.5 or 1250, as reports
    have them. Where the stream does not say where its points lie, ``bin`` numbers them. Each frame is in the
    file when ``process`` returns.

    Example
    -------
    >>> import os, tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = CsvWriter(path=os.path.join(folder.name, "table.csv"))
    >>> frame = node.process(DataFrame(payload={"mic": [0.1, 0.2]}, sample_rate=4))
    >>> node.flush()
    >>> Path(node.result()["path"]).read_text()
    'time [s],mic\n0.0,0.1\n0.25,0.2\n'
    >>> folder.cleanup()
    """

    def begin(self, file: OutputFile, info: StreamInfo) -> None:
        first = ["timestamp [us]" if info.sample_rate is None else "time [s]"]
        self._places: Sequence[float] = ()
        if info.axis not in _PLAIN_AXES:
            name, self._places = _axis_column(info)
            first.append(name)
        file.append(_rows([[*first, *(channel.label for channel in info.channels)]]))

    def write(self, file: OutputFile, frame: DataFrame) -> None:
        samples = frame.samples
        if samples.dtype.kind == "c":
            raise FrameError("a table has no complex numbers; take their magnitude first")
        if frame.n:
            lead: list[Sequence[Any]] = [_times(frame)]
            if frame.info.axis not in _PLAIN_AXES:
                lead.append(self._column(frame))
            file.append(_rows(zip(*lead, *samples.tolist(), strict=True)))

    def _column(self, frame: DataFrame) -> Sequence[float]:
        places = self._places
        if not places:
            return range(frame.n)
        if len(places) != frame.n:
            raise FrameError(f"the axis has {len(places)} points; found {frame.n} values")
        return places


_PLAIN_AXES = ("time", "none")  # whose samples need no column of their own beside the time


def _axis_column(info: StreamInfo) -> tuple[str, Sequence[float]]:
    """Return header and places of a frame's points; no places where they are to be counted."""
    if not info.points:
        return "bin", ()
    if info.axis == "order":
        return "order", info.points
    bands = nominal_frequencies(info.points) if info.axis == "band" else None
    return "frequency [Hz]", bands or info.points


def _times(frame: DataFrame) -> list[Any]:
    """The time of each sample in seconds, correctly rounded."""
    rate, count = frame.sample_rate, frame.n
    if rate is None:
        return [frame.timestamp] * count
    if frame.info.axis != "time":
        return [frame.start_sample * rate.denominator / rate.numerator] * count
    top, bottom, start = rate.denominator, rate.numerator, frame.start_sample
    if max(abs(start) + count, 1) * top < 2**53 and bottom < 2**53:  # the division is the only rounding
        times: list[Any] = (np.arange(start, start + count) * top / bottom).tolist()
        return times
    return [index * top / bottom for index in range(start, start + count)]


def _rows(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        rows
    )  # floats by repr: shortest text that reads back exactly
    return text.getvalue().encode()
