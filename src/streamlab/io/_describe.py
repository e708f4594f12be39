"""What is known of a stream beside its samples, as JSON that a file carries.

Formats that have room for text keep it under the name ``streamlab``, so that a reader of ours gets back the
exact stream, and another program finds units and origin in words.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import isfinite
from typing import Any

from streamlab.core import ChannelInfo, Context, DataFrame, StreamInfo
from streamlab.core.info import AXES

__all__ = ["Description", "date_of", "software"]

_FORMAT = 1
_LONGEST = 1 << 24  # characters of JSON that are looked at
_FIRST_DATE = 10**14  # microseconds: a timestamp before 1973 is a position in a recording, not a date
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = ChannelInfo("")
_NO_CONTEXT = Context()
_GRAPH = ("graph", "graph_hash", "node")  # parts of a context


def software() -> str:
    """Return what writes the files, with its version."""
    package = sys.modules[__name__.partition(".")[0]]  # not imported: it is above this folder
    return f"streamlab-core {getattr(package, '__version__', '')}"


def date_of(timestamp: int) -> datetime | None:
    """Return the date of a timestamp in microseconds since 1970 (UTC), or None where it is just a position.

    A player counts from the beginning of its recording, a generator from 0: that is no date.
    """
    if timestamp < _FIRST_DATE:
        return None
    try:
        return _EPOCH + timedelta(microseconds=timestamp)
    except OverflowError:
        return None


@dataclass(frozen=True)
class Description:
    """A stream: what it is, where it begins, and which graph made it.

    ``start_sample`` and ``timestamp`` (microseconds since the epoch) are those of the first sample in the
    file, ``columns`` the names of the columns that a table has before its channels.
    """

    info: StreamInfo
    start_sample: int = 0
    timestamp: int = 0
    context: Context = _NO_CONTEXT
    columns: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What the text says beside, not looked at."""

    @classmethod
    def of(cls, frame: DataFrame, context: Context, columns: Iterable[str] = ()) -> "Description":
        """Describe the stream that begins with a frame."""
        return cls(frame.info, frame.start_sample, frame.timestamp, context, tuple(columns))

    @property
    def date(self) -> datetime | None:
        """When the first sample was taken (UTC), or None where the stream's time is a position only."""
        return date_of(self.timestamp)

    def facts(self) -> dict[str, str]:
        """Return what a recording tells about itself: program, graph, hash, node."""
        told = {"software": self.more.get("software", "")}
        told |= {name.replace("_", " "): getattr(self.context, name) for name in _GRAPH}
        return {name: text for name, text in told.items() if isinstance(text, str) and text}

    def place(self, later: int = 0) -> tuple[int | None, int]:
        """Return date and place on the recording's own axis, in us, of the sample so many after the first.

        The date is None where the stream has none; its timestamps then say where it lies among others.
        """
        rate = self.info.sample_rate
        if rate is None:
            return None, 0
        begin, offset = self.start_sample * 10**6 // rate, (self.start_sample + later) * 10**6 // rate
        moment = self.timestamp + offset - begin
        return (None, moment) if self.date is None else (moment, offset)

    def to_json(self, **more: float) -> str:
        """Return it as JSON, on one line. What is not known is left out. ``more`` is what a format adds."""
        rate, date = self.info.sample_rate, self.date
        about: dict[str, Any] = {
            "format": _FORMAT,
            "software": software(),
            "axis": self.info.axis,
            "sample_rate": None if rate is None else str(rate),
            "start_sample": self.start_sample,
            "timestamp": self.timestamp,
            "start": "" if date is None else date.isoformat(),
            "points": list(self.info.points),
            "columns": list(self.columns),
            "graph": {name: text for name in _GRAPH if (text := getattr(self.context, name))},
            "channels": [_channel(channel) for channel in self.info.channels],
            **more,
        }
        kept = {key: value for key, value in about.items() if value not in ("", [], {}, None)}
        return json.dumps(kept, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Description | None":
        """Read it back; None for what is no such text, or says what cannot be.

        The text comes from a file that anybody may have written: nothing in it is taken on trust.
        """
        try:
            text = text.decode() if isinstance(text, bytes) else text
            told = json.loads(text) if len(text) <= _LONGEST else None
            return cls._parsed(told) if isinstance(told, dict) else None
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
            return None

    @classmethod
    def _parsed(cls, told: Mapping[str, Any]) -> "Description | None":
        if told.get("format") != _FORMAT or told.get("axis") not in AXES:
            return None
        rate = told.get("sample_rate")
        graph = told.get("graph", {})
        channels = [_known_channel(item) for item in told.get("channels", ())]
        info = StreamInfo(
            channels, None if rate is None else _exact(rate), told["axis"], told.get("points", ())
        )
        return cls(
            info,
            _whole(told.get("start_sample", 0)),
            _whole(told.get("timestamp", 0)),
            Context(*[_text(graph.get(name, "")) for name in _GRAPH]),
            tuple(map(_text, told.get("columns", ()))),
            told,
        )


def _channel(channel: ChannelInfo) -> dict[str, Any]:
    told = asdict(channel)
    if not all(map(isfinite, channel.range or ())):
        told["range"] = None  # JSON has no infinity
    return {key: value for key, value in told.items() if key == "name" or value != getattr(_PLAIN, key)}


def _known_channel(told: Mapping[str, Any]) -> ChannelInfo:
    name, unit, quantity, reference = (
        _text(told.get(key, "")) for key in ("name", "unit", "quantity", "reference")
    )
    bounds = told.get("range")
    return ChannelInfo(
        name,
        unit,
        quantity,
        reference,
        sensitivity=None if told.get("sensitivity") is None else float(told["sensitivity"]),
        range=None if bounds is None else (float(bounds[0]), float(bounds[1])),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r:.40}")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError(f"expected a whole number of 64 bits, found {value!r:.40}")
    return value


def _exact(value: object) -> Fraction:
    text = _text(value)
    if len(text) > 60 or "e" in text.lower():  # an exponent could ask for a number of any length
        raise ValueError("a sample rate is a fraction")
    return Fraction(text)
