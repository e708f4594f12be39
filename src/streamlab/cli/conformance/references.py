"""Levels and their references: ISO 1683, and the definitions of IEC 61672-1."""

import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from streamlab.cli.conformance.check import Check, Point, Task, measured_by
from streamlab.nodes.measurement.level import Level
from streamlab.nodes.measurement.sound_level import SoundLevel

__all__ = ["tasks"]

_CLOSE = 0.001  # dB
_CREST = 0.03  # dB: a crest between samples
# ISO 1683:2015: a unit, an RMS in it, and its level in dB: 20 lg(RMS / reference)
_ONE = (
    ("Pa", 1.0, 93.9794),  # re 20 uPa
    ("kPa", 1e-3, 93.9794),
    ("m/s2", 1.0, 120.0),  # re 1 um/s2
    ("g", 1.0 / 9.80665, 120.0),
    ("mm/s", 1.0, 120.0),  # re 1 nm/s
    ("um", 1.0, 120.0),  # re 1 pm
    ("N", 1.0, 120.0),  # re 1 uN
    ("mV", 1000.0, 0.0),  # re 1 V
)


def tasks(rates: Sequence[float]) -> list[Task]:
    """Return the checks of level references."""
    definitions: list[Task] = [partial(_definitions, rate) for rate in rates]
    return [_preferred, *definitions]


def _preferred() -> Iterator[Check]:
    tone = math.sqrt(2) * np.sin(2 * np.pi * 1000.0 * np.arange(48_000) / 48_000)
    points = []
    for unit, size, level in _ONE:
        _, result = measured_by(Level(metrics=["Leq"]), size * tone, 48_000.0, unit=unit)
        points.append(Point(f"{size:.4g} {unit}", result["x"]["Leq"] - level, -_CLOSE, _CLOSE))
    yield Check("Leq by the reference of each unit", "ISO 1683:2015", "table 1", tuple(points))


def _definitions(rate: float) -> Iterator[Check]:
    """A tone with a peak of 1 Pa: 3.01 dB under one of 1 Pa RMS; over 2 s its exposure is 3.01 dB more."""
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(round(10 * rate)) / rate)
    node = SoundLevel(levels=["LZeq", "LAeq", "LZE", "LZpeak"], interval=2.0)
    frames, _ = measured_by(node, tone, rate)
    z, a, exposure, peak = frames[-1].samples[:, -1].tolist()
    goal = 20 * math.log10(1 / 20e-6)
    points = (
        Point("LZeq of a peak of 1 Pa", z - (goal - 10 * math.log10(2)), -_CLOSE, _CLOSE),
        Point("LAeq of a peak of 1 Pa", a - (goal - 10 * math.log10(2)), -_CLOSE, _CLOSE),
        Point("LZE of 2 s", exposure - goal, -_CLOSE, _CLOSE),
        Point("LZpeak", peak - goal, -_CREST, _CREST),
    )
    yield Check("Leq, LE and Lpeak of a tone", "IEC 61672-1:2013", "3", points, rate=rate)
