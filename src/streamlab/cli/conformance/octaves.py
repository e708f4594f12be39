"""Filters of fractional octaves: IEC 61260-1:2014."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from streamlab.cli.conformance.check import Check, Point, Task, hertz, measured_by
from streamlab.cli.conformance.standards import BANDWIDTH, LINEAR_TIME, SUMMATION
from streamlab.dsp.bands import OCTAVE, Band, attenuation_limits, limit_breakpoints
from streamlab.dsp.octave import BankDesign, design_bank
from streamlab.nodes.measurement.octave_bands import OctaveBands

__all__ = ["tasks"]

FRACTIONS = (1, 3, 6, 12, 24)
_STANDARD = "IEC 61260-1:2014"
_LOW, _HIGH = 20.0, 20_000.0
_SECONDS = 8.0
_PER_DECADE = 3.0  # seconds of a sweep


def tasks(rates: Sequence[float]) -> list[Task]:
    """Return the checks of filter banks of each fraction at each rate."""
    planned: list[Task] = [partial(_designs, fraction, rate) for fraction in FRACTIONS for rate in rates]
    for measure in (_tones, _sweep):
        planned += [partial(measure, fraction, rate) for fraction in (1, 3) for rate in rates]
    return planned


def _name(fraction: int) -> str:
    return "octaves" if fraction == 1 else f"1/{fraction} octaves"


def _said(band: Band) -> str:
    return hertz(band.centre, band.label)


def _designs(fraction: int, rate: float) -> Iterator[Check]:
    """By the response of each band, changes of rate included; the tests hold it against tones."""
    design = design_bank(rate, fraction, _LOW, _HIGH)
    name, parts = _name(fraction), (_attenuation, _bandwidth, _summation)
    for what, clause, part in zip(
        ("attenuation", "effective bandwidth", "sum of neighbours"),
        ("5.10, table 1", "5.12", "5.16"),
        parts,
        strict=True,
    ):
        yield Check(f"{what}, {name}", _STANDARD, clause, tuple(part(design, fraction, rate)), rate=rate)


def _attenuation(design: BankDesign, fraction: int, rate: float) -> Iterator[Point]:
    """Each band just within and just beyond the breakpoints of table 1, and half-way between them."""
    breaks = np.unique(limit_breakpoints(fraction))
    places = np.concatenate([breaks * (1 - 1e-7), breaks * (1 + 1e-7), np.sqrt(breaks[1:] * breaks[:-1])])
    above = places[places > 1.0]
    ratios = np.concatenate([above, 1.0 / above, [1.0]])
    for number, band in enumerate(design.bands):
        frequencies = band.centre * ratios
        heard = frequencies[frequencies < rate / 2]
        values = -20 * np.log10(np.maximum(design.response_of(number, heard), 1e-30))
        limits = attenuation_limits(fraction, heard / band.centre)
        for one, value, low, high in zip(heard, values, *limits, strict=True):
            yield Point(f"{_said(band)} at {hertz(one)}", float(value), float(low), float(high))


def _bandwidth(design: BankDesign, fraction: int, rate: float) -> Iterator[Point]:
    steps = np.concatenate([-np.geomspace(8, 1e-6, 1500), np.geomspace(1e-6, 8, 1500)]) * 3 / fraction
    for number, band in enumerate(design.bands):
        frequencies = band.centre * OCTAVE**steps
        heard = (frequencies < rate / 2) & (frequencies > 0.01)
        power, place = design.response_of(number, frequencies[heard]) ** 2, steps[heard]
        width = float(((power[1:] + power[:-1]) * np.diff(place)).sum()) / 2 * fraction
        yield Point(_said(band), 10 * math.log10(width), -BANDWIDTH, BANDWIDTH)


def _summation(design: BankDesign, fraction: int, rate: float) -> Iterator[Point]:
    bands = design.bands
    for number, (low, high) in enumerate(pairwise(bands)):
        frequencies = np.geomspace(low.centre, high.centre, 25)
        near = range(max(0, number - 3), min(len(bands), number + 5))
        power = np.sum([design.response_of(one, frequencies) ** 2 for one in near], axis=0)
        for extreme in (power.min(), power.max()):
            yield Point(f"{_said(low)} to {_said(high)}", 10 * math.log10(extreme), *SUMMATION)


def _tones(fraction: int, rate: float) -> Iterator[Check]:
    """Tones in the middle of bands, an octave apart, through the node: the mean of its last seconds."""
    bands = design_bank(rate, fraction, _LOW, _HIGH).bands
    limit = float(attenuation_limits(fraction, np.array([1.0]))[1][0])
    time = np.arange(round(_SECONDS * rate)) / rate
    points: dict[int, Point] = {}
    apart = 3 * fraction  # 40 dB down in each other's band
    for first in range(min(apart, len(bands))):
        chosen = range(first, len(bands), apart)
        waves = [np.sqrt(2) * np.sin(2 * np.pi * bands[one].centre * time) for one in chosen]
        frames, _ = measured_by(OctaveBands(fraction=fraction, value="RMS"), np.sum(waves, axis=0), rate)
        power = np.mean([frame.samples[0] ** 2 for frame in frames[2:]], axis=0)
        for one in chosen:
            points[one] = Point(_said(bands[one]), 10 * math.log10(power[one]), -limit, limit)
    name, listed = f"tones in mid-band, {_name(fraction)}", tuple(points[one] for one in sorted(points))
    yield Check(name, _STANDARD, "5.10, table 1", listed, rate=rate)


def _sweep(fraction: int, rate: float) -> Iterator[Check]:
    """A sweep gives each band the power of its tone for the time that it is there."""
    start, stop = 12.0, min(0.49 * rate, 24_000.0)
    seconds = _PER_DECADE * math.log10(stop / start)
    growth = math.log(stop / start) / seconds
    phase = 2 * np.pi * start / growth * np.expm1(growth * np.arange(round(seconds * rate)) / rate)
    signal = np.concatenate([np.sin(phase), np.zeros(round(rate))])
    node = OctaveBands(fraction=fraction, low=40.0, high=16_000.0, value="RMS")
    _, result = measured_by(node, signal, rate)
    expected = 0.5 * math.log(OCTAVE) / fraction / growth
    points = []
    for band in design_bank(rate, fraction, 40.0, 16_000.0).bands:
        if band.upper < 0.8 * stop:
            deviation = 10 * math.log10(result["x"][band.label] ** 2 * len(signal) / rate / expected)
            points.append(Point(_said(band), deviation, -LINEAR_TIME, LINEAR_TIME))
    yield Check(f"sweep through {_name(fraction)}", _STANDARD, "5.14", tuple(points), rate=rate)
