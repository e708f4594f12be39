"""ParquetFile: play a table of the Parquet format."""

from fractions import Fraction
from pathlib import Path

from streamlab.core import param
from streamlab.io._parquet import ParquetRecording
from streamlab.io._source import MeasuredSource
from streamlab.io.recording import Recording


class ParquetFile(MeasuredSource):
    """Read a Parquet file: a row per sample, a column per channel.

    Input    none                            Output  (channels, frame_size); shorter before a gap, at the end
    Kind     source, blocking                State   the open file
    Gaps     where the times leave out samples; nothing is filled
    Errors   FileError naming the file: no column of time and no rate, time that goes back or lies on no even
             grid, damaged, not finished, pyarrow not installed

    A file of ParquetWriter gives back the stream that was recorded, at its exact rate. In any other, the
    channels are the columns of numbers, with the units of their metadata or names (``T [°C]``), and the time
    is the column of time stamps or the one that is called so; without one the rows are ``rate`` apart. A
    value that is missing is NaN.

    Example
    -------
    >>> import os, pyarrow, pyarrow.parquet, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "log")
    >>> table = pyarrow.table({"time": [0.0, 0.5, 2.0], "T [°C]": [21.5, 21.6, 22.4]})
    >>> pyarrow.parquet.write_table(table, path)
    >>> for frame in ParquetFile(path=path).frames():
    ...     print(frame, frame.samples.tolist(), frame.info.channels[0].unit)
    DataFrame(#0 @ 0us, [T] x 2, 2 Hz) [[21.5, 21.6]] degC
    DataFrame(#1 @ 2000000us, [T] x 1, 2 Hz, gap=2) [[22.4]] degC
    >>> folder.cleanup()
    """

    time: str | None = param(default=None, doc="Column of time, by its name; empty: there is none")
    rate: float | None = param(
        default=None, doc="Rows per second; that of the time stamps when not given", unit="Hz", gt=0, le=1e12
    )

    def open_recording(self) -> Recording:
        rate = None if self.rate is None else Fraction(str(self.rate))
        return ParquetRecording(Path(self.path), rate, self.time)
