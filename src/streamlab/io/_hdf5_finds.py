"""What a dataset of a foreign HDF5 file says of itself: channels, units, rate, start."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo
from streamlab.core.info import exact_rate
from streamlab.errors import FrameError
from streamlab.io._hdf5_data import attribute, check_dataset, read_slice, text_of, texts_of
from streamlab.io._labels import channel_of, clean, is_time_name, unit_of
from streamlab.io._stamps import TICKS, find_clock, tick_of_epoch
from streamlab.io._time_axis import EvenAxis, TimeAxis, plain_rate
from streamlab.io.recording import steps

__all__ = ["channels_in", "is_time", "rate_of", "start_of", "time_axis", "time_beside"]

_RATES = ("sample_rate", "samplerate", "sampling_rate", "samplingrate", "sample rate", "sampling rate",
          "sampling_frequency", "samplefreq", "fs", "sr", "srate")  # fmt: skip
_STEPS = (
    "wf_increment",
    "dt",
    "delta_t",
    "increment",
    "sample_period",
    "sampling_interval",
    "sample_interval",
)
_UNITS = ("units", "unit", "unit_string", "unitstring", "unitsymbol")
_QUANTITIES = ("quantities", "quantity", "long_name")
_NAMES = ("names", "channel_names", "channels", "channel_name", "labels", "columns")
_STARTS = ("start", "start_time", "starttime", "wf_start_time", "timestamp", "t0")
_DOUBT = Fraction(1, 10**13)  # of an increment, which is a float


def is_time(name: str, data: Any) -> bool:
    """Whether a dataset is the time of others."""
    if data.ndim != 1 or data.dtype.kind not in "fiu":
        return False
    plain = channel_of(_base(name))
    unit = text_of(attribute(data, *_UNITS)) or plain.unit
    return is_time_name(plain.name) and (not unit or unit in TICKS)  # T in degC is a temperature


def time_beside(name: str, count: int, tables: Mapping[str, Any]) -> str | None:
    """Return the dataset in the same group that is the time of so many samples."""
    group = name.rpartition("/")[0]
    for other, data in tables.items():
        if (
            other.rpartition("/")[0] == group
            and other != name
            and is_time(other, data)
            and data.size == count
        ):
            return other
    return None


def channels_in(name: str, data: Any) -> tuple[int, list[ChannelInfo]]:
    """Return which axis of a dataset is its time, and its channels.

    Of a table the longer side is time, unless as many names as channels say otherwise.
    """
    names = _texts(data, _NAMES)
    units, quantities = _texts(data, _UNITS), _texts(data, _QUANTITIES)
    if data.ndim == 1:
        plain = channel_of(_base(name))
        unit = unit_of(units[0])[0] if units else plain.unit
        return 0, [ChannelInfo(plain.name, unit, quantities[0] if quantities else "")]
    rows, columns = data.shape
    axis = 1 if columns >= rows else 0
    if len(names) in (rows, columns):
        axis = 1 if len(names) == rows else 0
    count = data.shape[1 - axis]
    names = names if len(names) == count else [f"{_base(name)} {number}" for number in range(1, count + 1)]
    units = units if len(units) == count else units * count if len(units) == 1 else [""] * count
    quantities = quantities if len(quantities) == count else [""] * count
    return axis, [
        ChannelInfo(one, unit_of(unit)[0], quantity)
        for one, unit, quantity in zip(names, units, quantities, strict=True)
    ]


def rate_of(homes: Sequence[Any]) -> Fraction | None:
    """Return the rate that the first of some objects tells, by a rate or by an increment of time."""
    for home in homes:
        rate = _number(attribute(home, *_RATES))
        if rate is not None and rate > 0:
            try:
                return exact_rate(rate)
            except FrameError:
                continue
        step = _number(attribute(home, *_STEPS))
        if step is not None and step > 0:
            exact = Fraction(step)
            return plain_rate(1 / (exact * (1 + _DOUBT)), 1 / (exact * (1 - _DOUBT)))
    return None


def start_of(homes: Sequence[Any]) -> int | None:
    """Return when the first of some objects says that it begins, in microseconds since the epoch."""
    for home in homes:
        value = attribute(home, *_STARTS)
        text, number = text_of(value), _number(value)
        if number is not None:
            micro = Fraction(number) * tick_of_epoch(abs(number)) * 10**6
            if 10**14 <= micro < 10**17:
                return round(micro)
        if text:
            try:
                clock = find_clock(text, "", ".", None)
                stamp = clock.parse([text])[0].item()
            except (ValueError, OverflowError):
                continue
            if clock.absolute:
                return round(Fraction(stamp) * clock.tick * 10**6)
    return None


def time_axis(path: Path, name: str, data: Any) -> tuple[EvenAxis, bool]:
    """Return the axis of a dataset of times, and whether it counts from the epoch."""
    check_dataset(data, path)
    unit = text_of(attribute(data, *_UNITS)) or channel_of(_base(name)).unit
    first = float(read_slice(data, (slice(0, 1),), path)[0])
    tick = TICKS.get(unit) or (tick_of_epoch(abs(first)) if isfinite(first) else Fraction(1))
    axis = TimeAxis(path, lambda row: f"{clean(name)!r}, value {row + 1}", tick=tick)
    for part in steps(0, data.size, 1, 1, max(1 << 16, data.chunks[0] if data.chunks else 1)):
        stamps = read_slice(data, (slice(part.start, part.stop),), path)
        axis.add(stamps.astype(np.int64) if stamps.dtype.kind in "iu" else stamps.astype(np.float64))
    return axis.finish(), bool(isfinite(first) and 1e8 <= abs(first) * float(tick) < 1e11)


def _texts(data: Any, names: Sequence[str]) -> list[str]:
    value = attribute(data, *names)
    return [] if value is None else texts_of(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bytes | str):
        try:
            value = float(value)
        except ValueError:
            return None
    values = np.asarray(value) if value is not None else np.zeros(0)
    if values.size != 1 or values.dtype.kind not in "fiu":
        return None
    number = float(values.ravel()[0])
    return number if isfinite(number) else None


def _base(name: str) -> str:
    return clean(name.rpartition("/")[2])
