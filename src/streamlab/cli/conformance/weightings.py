"""Frequency weightings: IEC 61672-1:2013, 5.5."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from streamlab.cli.conformance.check import Check, Point, Task, hertz, measured_by
from streamlab.cli.conformance.standards import TABLE_3, WEIGHTINGS_AT_1_KHZ, WeightingRow
from streamlab.core import Samples
from streamlab.dsp.bands import nominal_label
from streamlab.dsp.weighting import WEIGHTINGS, Weighting, weighting_gain
from streamlab.nodes.measurement.frequency_weighting import FrequencyWeighting
from streamlab.nodes.measurement.sound_level import SoundLevel

__all__ = ["tasks"]

_STANDARD = "IEC 61672-1:2013"
_SECONDS = 0.5  # the slowest part of a response falls by 20.6 Hz * 2 pi * 8.7 dB = 1100 dB a second
_HIGHEST = 0.45  # of the rate: what a weighting promises; 20 kHz from 44.1 kHz upwards


def tasks(rates: Sequence[float]) -> list[Task]:
    """Return the checks of A, C and Z at each rate, and of their agreement at 1 kHz."""
    tables: list[Task] = [partial(_against_table_3, kind, rate) for kind in WEIGHTINGS for rate in rates]
    return tables + [partial(_at_one_kilohertz, rate) for rate in rates]


def _against_table_3(kind: Weighting, rate: float) -> Iterator[Check]:
    highest = 20_000.0 if rate >= 44_100.0 else _HIGHEST * rate
    rows = [row for row in TABLE_3 if row.frequency < highest]
    frequencies = np.array([row.frequency for row in rows])
    deviation = (_response(kind, rate, frequencies) - weighting_gain(kind, frequencies)).tolist()
    points = tuple(
        Point(_said(row), off, row.lower, row.upper) for row, off in zip(rows, deviation, strict=True)
    )
    name = f"{kind}-weighting, {points[0].at} to {points[-1].at}"
    yield Check(name, _STANDARD, "5.5, table 3", points, rate=rate)


def _said(row: WeightingRow) -> str:
    return hertz(row.frequency, nominal_label(3, row.frequency))


def _response(kind: Weighting, rate: float, frequencies: Samples) -> Samples:
    """The level in dB at exact frequencies, from the answer of the node to an impulse."""
    impulse = np.zeros(round(_SECONDS * rate))
    impulse[0] = 1.0
    frames, _ = measured_by(FrequencyWeighting(weighting=kind), impulse, rate)
    answer = np.concatenate([frame.samples[0] for frame in frames])
    turns = np.exp(-2j * np.pi / rate * np.outer(frequencies, np.arange(len(answer))))
    return np.asarray(20.0 * np.log10(np.abs(turns @ answer)))


def _at_one_kilohertz(rate: float) -> Iterator[Check]:
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(round(2 * rate)) / rate)
    frames, _ = measured_by(SoundLevel(levels=["LAeq", "LCeq", "LZeq"]), tone, rate)
    a, c, z = frames[-1].samples[:, -1].tolist()
    limit = WEIGHTINGS_AT_1_KHZ
    points = Point("LAeq - LCeq", a - c, -limit, limit), Point("LAeq - LZeq", a - z, -limit, limit)
    yield Check("A against C and Z at 1 kHz", _STANDARD, "5.5.9", points, rate=rate)
