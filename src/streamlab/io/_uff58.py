"""Data sets 58b of the Universal File Format: a function of one channel, in binary.

UC-SDRL, Universal File Formats for Modal Analysis Testing: 58, Function at Nodal DOF, and its binary form.
The rate and the start stand in the header with six digits only; ID line 4 has them exactly.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from streamlab.core import ChannelInfo, Context
from streamlab.io._describe import date_of, software
from streamlab.units import quantity_of

__all__ = ["END", "Exact", "Function", "exact_line"]

END = b"    -1\n"
TIME, SPECTRUM = 1, 12  # function types

_DOUBLE, _SINGLE = 4, 2
_LINES = 11
_WIDTH = 80  # bytes of a line
# Record 9, field 1: what the ordinate is.
_KINDS = {
    "temperature": 5,
    "length": 8,
    "velocity": 11,
    "acceleration": 12,
    "force": 13,
    "pressure": 15,
    "mass": 16,
    "time": 17,
    "frequency": 18,
}
_RPM = 19
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_EXACT = re.compile(r"rate (\d{1,30}(?:/\d{1,30})?) Hz, sample (-?\d{1,19}), timestamp (-?\d{1,19}) us")


@dataclass(frozen=True, slots=True)
class Exact:
    """What ID line 4 says: rate in Hz, place of the first sample on the stream's axis, its time in us."""

    rate: Fraction
    start_sample: int
    timestamp: int

    def __str__(self) -> str:
        return f"rate {self.rate} Hz, sample {self.start_sample}, timestamp {self.timestamp} us"


def exact_line(text: str) -> Exact | None:
    """Read an ID line 4 of ours; None for any other."""
    match = _EXACT.fullmatch(text.strip())
    try:
        return None if match is None else Exact(Fraction(match[1]), int(match[2]), int(match[3]))
    except ZeroDivisionError:
        return None


@dataclass(frozen=True, slots=True)
class Function:
    """The header of a data set but for what differs from set to set: see :meth:`head`."""

    channel: ChannelInfo
    number: int
    rate: Fraction
    width: int  # bytes of a sample
    context: Context
    spectrum: bool = False

    def head(
        self, count: int, part: int, minimum: float, increment: float, z: float, start: int, timestamp: int
    ) -> bytes:
        """Return what stands before ``count`` numbers.

        ``part`` counts the data sets of the channel from 1, ``minimum`` and ``increment`` are those of the
        abscissa (s or Hz), ``z`` the time of a spectrum in seconds, ``start`` and ``timestamp`` those of the
        first sample.
        """
        date = date_of(timestamp)
        digest = self.context.graph_hash
        identification = [
            self.channel.name,
            software(),
            "NONE" if date is None else f"{date:%d}-{_MONTHS[date.month - 1]}-{date:%y %H:%M:%S}",
            str(Exact(self.rate, start, timestamp)),
            f"graph {digest}" if digest else "NONE",
        ]
        kind = SPECTRUM if self.spectrum else TIME
        abscissa = (18, "Frequency", "Hz") if self.spectrum else (17, "Time", "s")
        unit = self.channel.unit
        what = quantity_of(unit)
        number = _RPM if unit == "rpm" else _KINDS.get(what, 0)
        ordinate = (number, self.channel.quantity or what or "NONE", unit or "NONE")
        third = (17, "Time", "s") if self.spectrum else (0, "NONE", "NONE")
        lines = [
            END[:-1],
            b"    58b     1     2%12d%12d     0     0%12d%12d" % (_LINES, count * self.width, 0, 0),
            *map(_line, identification),
            b"%5d%10d%5d%10d %10s%10d%4d %10s%10d%4d"
            % (kind, 0, part % 100_000, 0, b"NONE", self.number, 0, b"NONE", 0, 0),
            f"{_DOUBLE if self.width == 8 else _SINGLE:10d}{count:10d}{1:10d}"
            f"{minimum:13.5e}{increment:13.5e}{z:13.5e}".encode(),
            *(_axis(*axis) for axis in (abscissa, ordinate, (0, "NONE", "NONE"), third)),
        ]  # fmt: skip
        return b"".join(line.ljust(_WIDTH)[:_WIDTH] + b"\n" for line in lines)


HEAD = (_LINES + 2) * (_WIDTH + 1)
"""Bytes of a header."""


def _line(text: str) -> bytes:
    """Return a line of 80 bytes, which may not be empty nor end in the middle of a character."""
    kept = " ".join(text.split()).encode()[:_WIDTH].decode(errors="ignore")
    return (kept or "NONE").encode()


def _axis(kind: int, label: str, unit: str) -> bytes:
    texts = [_line(text)[:20].decode(errors="ignore").encode() for text in (label, unit)]
    return b"%10d%5d%5d%5d " % (kind, 0, 0, 0) + b" ".join(text.ljust(20) for text in texts)
