"""CsvFile: play a table of text."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from streamlab.core import param
from streamlab.errors import Problem
from streamlab.io._csv import CsvRecording
from streamlab.io._csv_form import CsvOptions
from streamlab.io._source import MeasuredSource
from streamlab.io.recording import Recording


class CsvFile(MeasuredSource):
    r"""Read a table of text: CSV, TSV and their kin, a row per sample, a column per channel.

    Input    none                            Output  (channels, frame_size); shorter before a gap, at the end
    Kind     source, blocking                State   the open file
    Gaps     where the time stamps leave out whole periods; nothing is filled
    Errors   FileError naming line and column: a cell that is no number, a row of another length, time that
             goes back or lies on no even grid; no column of time and no rate

    What is not given is found from the first lines: the delimiter (tab, semicolon, bar, comma, blanks), a
    decimal comma, lines before the header (``name: value`` is kept for ``streamlab info``), names with units
    as in ``mic1 [Pa]``, ``Pressure (bar)`` or ``p / Pa``, or units in a row of their own, and the column of
    time: ISO 8601 dates, 31.12.2024 13:00:00, times of day, seconds, or a number since 1970. A stamp without
    a zone is taken as UTC. Empty cells, ``NaN`` and ``n/a`` are NaN; a column of text is left out.

    The rate is the plainest that the stamps allow. A step between two stamps is k periods if it is that
    within ``tolerance`` periods: one is the next sample, more are a gap, anything else is refused. Without a
    column of time the rows are ``rate`` apart. A table over frequency or order is one frame on that axis.

    Example
    -------
    >>> import os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "log.csv")
    >>> with open(path, "w") as file:
    ...     n = file.write("time [s];T [°C]\n0,0;21,5\n0,5;21,6\n1,0;21,8\n3,0;22,4\n")
    >>> for frame in CsvFile(path=path).frames():
    ...     print(frame, frame.samples.tolist(), frame.info.channels[0].unit)
    DataFrame(#0 @ 0us, [T] x 3, 2 Hz) [[21.5, 21.6, 21.8]] degC
    DataFrame(#1 @ 3000000us, [T] x 1, 2 Hz, gap=3) [[22.4]] degC
    >>> folder.cleanup()
    """

    delimiter: str | None = param(
        default=None, doc="What stands between cells; a blank for runs of blanks, empty for one column"
    )
    decimal: Literal[".", ","] | None = param(default=None, doc="Decimal mark")
    skip: int | None = param(default=None, doc="Lines before the header or the first row", ge=0, le=10**6)
    time: str | None = param(
        default=None, doc="Column of time, by its name or its number from 1; empty: there is none"
    )
    time_format: str | None = param(
        default=None, doc="How a time stamp is written, as in %d/%m/%Y %H:%M:%S (strptime)", min_length=1
    )
    rate: float | None = param(
        default=None, doc="Rows per second; that of the time stamps when not given", unit="Hz", gt=0, le=1e12
    )
    tolerance: float = param(
        default=0.25,
        doc="How far a step in time may be from a whole number of periods",
        unit="1",
        gt=0,
        le=0.5,
    )
    disorder: Literal["error", "drop"] = param(
        default="error", doc="What to do with rows whose time is not later than before: refuse, or leave out"
    )

    def open_recording(self) -> Recording:
        rate = None if self.rate is None else Fraction(str(self.rate))
        return CsvRecording(
            Path(self.path),
            CsvOptions(
                self.delimiter, self.decimal, self.skip, self.time, self.time_format, rate, self.tolerance,
                self.disorder,
            ),
        )  # fmt: skip

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Marks that differ; a rate where there is no time."""
        yield from super().check_params(params, given)
        mark = params.delimiter
        if mark is not None and len(mark) > 1:
            yield Problem("/delimiter", "a delimiter is one sign", "one sign, or none", repr(mark))
        if mark is not None and mark == params.decimal:
            yield Problem("/decimal", "decimal mark and delimiter must differ", found=repr(mark))
        if params.time == "" and params.rate is None:
            yield Problem("/rate", "rows without a time need a rate", "a rate in Hz", "none")
