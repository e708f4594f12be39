"""What is constant along a stream: channels, units, exact sample rate. Shared, immutable, interned."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from typing import Any, Literal, Self, get_args
from weakref import WeakValueDictionary

from streamlab.errors import FrameError

__all__ = ["AXES", "Axis", "ChannelInfo", "StreamInfo", "exact_rate"]

Axis = Literal["time", "frequency", "order", "band", "none"]
AXES: tuple[Axis, ...] = get_args(Axis)


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One channel of a stream.

    ``unit`` is the symbol of the numbers in ``samples`` ("Pa", "V", "dB"), ``quantity`` what they measure
    in words ("sound pressure", "Leq"), ``reference`` the reference of a level ("20 uPa"), ``sensitivity``
    the transducer's electrical output per unit, ``range`` the smallest and largest value that the input can
    represent.
    """

    name: str
    unit: str = ""
    quantity: str = ""
    reference: str = ""
    sensitivity: float | None = None
    range: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        """Name and unit as a table's header prints them: ``mic1.Leq [dB re 20 uPa]``."""
        unit = f"{self.unit} re {self.reference}" if self.reference else self.unit
        return f"{self.name} [{unit}]" if unit else self.name


def exact_rate(rate: float | str | Fraction | None) -> Fraction | None:
    """Return a sample rate as an exact rational.

    A float is taken as its shortest decimal (5000.024 -> 625003/125).

    Raises FrameError when it is not a positive, finite number.
    """
    if rate is None:
        return None
    try:
        exact = rate if isinstance(rate, Fraction) else Fraction(str(rate))
    except (ValueError, ZeroDivisionError):
        exact = Fraction(0)
    if exact <= 0 or isinstance(rate, bool):
        raise FrameError(f"a sample rate is a positive number in Hz; found {rate!r}")
    return exact


class StreamInfo:
    """The description that all frames of a stream share.

    Equal descriptions are one object, so a change of stream is found by ``is``. ``sample_rate`` is an exact
    ``Fraction`` in Hz or None where the axis has no rate; ``axis`` says what the last axis of ``samples`` is.
    ``points`` says where its points lie, in ascending order: Hz on a frequency or band axis, orders on an
    order axis; empty where that is not known, and on the other axes.
    """

    __slots__ = ("__weakref__", "_rows", "axis", "channels", "names", "points", "sample_rate")

    channels: tuple[ChannelInfo, ...]
    names: tuple[str, ...]
    sample_rate: Fraction | None
    axis: Axis
    points: tuple[float, ...]
    _rows: dict[str, int]

    def __new__(
        cls,
        channels: Iterable[str | ChannelInfo] = (),
        sample_rate: float | str | Fraction | None = None,
        axis: Axis = "time",
        points: Iterable[float] = (),
    ) -> Self:
        """Return the one description that is equal to this. Raises FrameError for a bad part."""
        listed = tuple(ChannelInfo(item) if isinstance(item, str) else item for item in channels)
        rate = exact_rate(sample_rate)
        places = tuple(map(float, points))
        key = (cls, listed, rate, axis, places)
        known = _interned.get(key)
        if known is not None:
            return known  # type: ignore[return-value]
        strange = [item for item in listed if type(item) is not ChannelInfo]
        if strange or isinstance(channels, str):
            found = repr(channels) if isinstance(channels, str) else repr(strange[0])
            raise FrameError(f"channels are a list of names or ChannelInfo; found {found}")
        names = tuple(item.name for item in listed)
        rows = {name: row for row, name in enumerate(names)}
        if len(rows) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise FrameError(f"channel names must differ; found {', '.join(twice)} more than once")
        if axis not in AXES:
            raise FrameError(f"an axis is one of {', '.join(AXES)}; found {axis!r}")
        if places and (axis not in _WITH_POINTS or not _ascending(places)):
            raise FrameError(
                f"points are ascending numbers on one of the axes {', '.join(_WITH_POINTS)}; "
                f"found {list(places)!s:.60} on {axis!r}"
            )
        self = super().__new__(cls)
        put = object.__setattr__
        put(self, "channels", listed)
        put(self, "names", names)
        put(self, "sample_rate", rate)
        put(self, "axis", axis)
        put(self, "points", places)
        put(self, "_rows", rows)
        with _interning:
            return _interned.setdefault(key, self)  # type: ignore[return-value]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"StreamInfo is immutable; use replace({name}=...)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("StreamInfo is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.channels, self.sample_rate, self.axis, self.points))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __repr__(self) -> str:
        rate = "" if self.sample_rate is None else f", {float(self.sample_rate):g} Hz"
        axis = "" if self.axis == "time" else f", {self.axis}"
        return f"StreamInfo([{', '.join(item.label for item in self.channels)}]{rate}{axis})"

    def row(self, name: str) -> int:
        """Return the row of a channel in ``samples``. Raises KeyError with the channels that there are."""
        row = self._rows.get(name)
        if row is None:
            have = ", ".join(self.names) or "none"
            raise KeyError(f"no channel {name!r}; channels: {have}")
        return row

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def replace(
        self,
        *,
        channels: Iterable[str | ChannelInfo] | None = None,
        sample_rate: float | str | Fraction | None = None,
        axis: Axis | None = None,
        points: Iterable[float] | None = None,
    ) -> "StreamInfo":
        """Return the description with the given parts changed (None keeps a part).

        Points go with their axis: another axis has none unless they are given.
        """
        kept = self.points if axis is None or axis == self.axis else ()
        return StreamInfo(
            self.channels if channels is None else channels,
            self.sample_rate if sample_rate is None else sample_rate,
            self.axis if axis is None else axis,
            kept if points is None else points,
        )


_WITH_POINTS: tuple[Axis, ...] = ("frequency", "order", "band")


def _ascending(points: tuple[float, ...]) -> bool:
    return all(a < b for a, b in pairwise(points)) and all(map(isfinite, points))


_interned: "WeakValueDictionary[tuple[Any, ...], StreamInfo]" = WeakValueDictionary()
_interning = threading.Lock()
