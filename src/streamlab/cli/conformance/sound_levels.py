"""Sound levels over time: IEC 61672-1:2013, 5.6 and 5.8 to 5.13."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

import numpy as np

from streamlab.cli.conformance.check import Check, Point, Task, hertz, measured_by
from streamlab.cli.conformance.standards import (
    CHANGE,
    DECAY,
    FAST_AND_SLOW,
    LINEARITY,
    TABLE_4,
    TABLE_5,
    Peak,
)
from streamlab.core import Samples
from streamlab.nodes.measurement.sound_level import SoundLevel
from streamlab.nodes.measurement.time_weighting import TimeWeighting

__all__ = ["tasks"]

_STANDARD = "IEC 61672-1:2013"
_BURSTS = 4000.0  # Hz
_LEAST_FOR_BURSTS, _LEAST_FOR_PEAKS = 10_000.0, 40_000.0  # Hz of the rate: for 4 kHz, for a cycle of 8 kHz
_SETTLED = 5.2  # seconds after which S has settled, and the extremes of the whole begin
_LEVELS = range(0, 181)  # dB re 20 uPa
_PHASES = 4  # places of the samples within a cycle


def tasks(rates: Sequence[float]) -> list[Task]:
    """Return the checks of a sound level meter at each rate."""
    for_bursts = [rate for rate in rates if rate >= _LEAST_FOR_BURSTS]
    for_peaks = [rate for rate in rates if rate >= _LEAST_FOR_PEAKS]
    planned: list[Task] = [partial(_bursts, rate) for rate in for_bursts]
    planned += [partial(_repeated_bursts, rate) for rate in for_bursts]
    planned += [partial(_time_weightings, rate) for rate in rates]
    planned += [partial(_linearity, rate) for rate in rates]
    return planned + [partial(_peaks, rate) for rate in for_peaks]


def _tone(frequency: float, seconds: float, rate: float) -> Samples:
    """A tone with an RMS of 1 Pa."""
    return np.asarray(math.sqrt(2) * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate))


def _whole(samples: Samples, rate: float, *levels: str) -> dict[str, float]:
    """Levels over all of a signal."""
    _, result = measured_by(SoundLevel(levels=list(levels)), samples, rate)
    row: dict[str, float] = result["x"]
    return row


def _last_second(samples: Samples, rate: float, *levels: str) -> list[float]:
    """Levels over the last whole second of a signal, when everything has settled."""
    frames, _ = measured_by(SoundLevel(levels=list(levels)), samples, rate)
    values: list[float] = frames[-1].samples[:, -1].tolist()
    return values


def _bursts(rate: float) -> Iterator[Check]:
    (steady,) = _last_second(_tone(_BURSTS, 2.0, rate), rate, "LAeq")
    fast, slow, exposure = [], [], []
    for row in TABLE_4:
        signal = np.zeros(round((_SETTLED + 1.5) * rate))
        burst, start = _tone(_BURSTS, row.milliseconds / 1000.0, rate), round(_SETTLED * rate)
        signal[start : start + len(burst)] = burst
        found = _whole(signal, rate, "LAFmax", "LASmax", "LAE")
        at = f"{row.milliseconds:g} ms"
        fast.append(Point(at, found["LAFmax"] - steady - row.fast, row.lower, row.upper))
        exposure.append(Point(at, found["LAE"] - steady - row.exposure, row.lower, row.upper))
        if row.slow is not None and row.slow_lower is not None and row.slow_upper is not None:
            slow.append(Point(at, found["LASmax"] - steady - row.slow, row.slow_lower, row.slow_upper))
    for name, points in (("LAFmax", fast), ("LASmax", slow), ("LAE", exposure)):
        yield Check(f"{name} of 4 kHz tonebursts", _STANDARD, "5.9, table 4", tuple(points), rate=rate)


def _repeated_bursts(rate: float) -> Iterator[Check]:
    """Bursts that come again after ten times their length: LAeq is lower by 10 dB."""
    (steady,), points = _last_second(_tone(_BURSTS, 2.0, rate), rate, "LAeq"), []
    for row in TABLE_4:
        seconds = row.milliseconds / 1000.0
        if seconds > 0.1:
            continue
        count, period = max(1, round(0.1 / seconds)), round(10 * seconds * rate)
        burst = _tone(_BURSTS, seconds, rate)
        signal = np.zeros(period * count + round(0.2 * rate))
        for number in range(count):
            signal[number * period : number * period + len(burst)] = burst
        # Of the sequence, not of the silence behind it, in which the filter comes to rest.
        level = _whole(signal, rate, "LAE")["LAE"] - 10 * math.log10(count * period / rate)
        goal = steady + 10 * math.log10(len(burst) / period)
        points.append(Point(f"{row.milliseconds:g} ms", level - goal, row.lower, row.upper))
    yield Check("LAeq of repeated tonebursts", _STANDARD, "5.10, table 4", tuple(points), rate=rate)


def _time_weightings(rate: float) -> Iterator[Check]:
    seconds, frequency = 6.0, min(_BURSTS, rate / 8)
    signal = np.concatenate([_tone(frequency, seconds, rate), np.zeros(round(0.5 * rate))])
    stop, points = round(seconds * rate), []
    for kind, limits in DECAY.items():
        falling = _time_weighted(kind, signal, rate)[stop:]
        points.append(Point(kind, (falling[0] - falling[-1]) * rate / (len(falling) - 1), *limits))
    yield Check("decay when a tone stops", _STANDARD, "5.8.2", tuple(points), "dB/s", rate)
    fast, slow = _last_second(_tone(1000.0, 8.0, rate), rate, "LAF", "LAS")
    point = Point("1 kHz", fast - slow, -FAST_AND_SLOW, FAST_AND_SLOW)
    yield Check("F against S on a steady tone", _STANDARD, "5.8.3", (point,), rate=rate)


def _time_weighted(kind: Literal["F", "S"], signal: Samples, rate: float) -> list[float]:
    frames, _ = measured_by(TimeWeighting(time=kind), signal, rate)
    levels: list[float] = np.concatenate([frame.samples[0] for frame in frames]).tolist()
    return levels


def _linearity(rate: float) -> Iterator[Check]:
    """Levels of one tone at every whole decibel: against a straight line, and step by step."""
    tone = _tone(1000.0, 1.0, rate)
    found = [_last_second(20e-6 * 10 ** (level / 20) * tone, rate, "LAF")[0] for level in _LEVELS]
    reference = found[94] - 94.0
    points = [
        Point(f"{level} dB", found[level] - level - reference, -LINEARITY, LINEARITY) for level in _LEVELS
    ]
    steps = [
        Point(f"{low} to {low + size} dB", found[low + size] - found[low] - size, -CHANGE, CHANGE)
        for size in (1, 10)
        for low in _LEVELS[:-size:size]
    ]
    span = f"{_LEVELS[0]} to {_LEVELS[-1]} dB"
    yield Check(f"level linearity, {span}", _STANDARD, "5.6.5", tuple(points), rate=rate)
    yield Check(f"steps of 1 and 10 dB, {span}", _STANDARD, "5.6.6", tuple(steps), rate=rate)


def _peaks(rate: float) -> Iterator[Check]:
    points = []
    for row in TABLE_5:
        (level,) = _last_second(_tone(row.frequency, 2.0, rate), rate, "LCeq")
        half = "positive half" if row.sign > 0 else "negative half"
        part = f"{'one' if row.cycles == 1.0 else half} cycle of {hertz(row.frequency)}"
        for number in range(_PHASES):
            found = _whole(_cycles(row, rate, number / _PHASES), rate, "LCpeak")["LCpeak"]
            deviation = found - level - row.difference
            points.append(Point(part, deviation, -row.limit, row.limit))
    yield Check("LCpeak of single cycles", _STANDARD, "5.13, table 5", tuple(points), rate=rate)


def _cycles(row: Peak, rate: float, late: float) -> Samples:
    """Cycles of a tone in silence, their beginning so many samples after a sample."""
    time = (np.arange(round(0.5 * rate)) - late) / rate - 0.1
    inside = (time >= 0.0) & (time < row.cycles / row.frequency)
    return np.where(inside, row.sign * math.sqrt(2) * np.sin(2 * np.pi * row.frequency * time), 0.0)
