"""Symbols of sound levels, IEC 61672-1 and ISO 1996-1: LAF, LAFmax, LAeq, LAE, LCpeak, LAF90."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from streamlab.core import ChannelInfo
from streamlab.dsp.detector import TimeWeighting
from streamlab.dsp.weighting import Weighting
from streamlab.errors import Problem
from streamlab.units import Reference

__all__ = ["MeterPlan", "Symbol", "described", "meters_for", "parse_symbol", "symbol_problems"]

Part = Literal["last", "highest", "lowest", "equivalent", "exposure", "peak", "exceeded"]

_FORM = re.compile(
    r"L(?P<weighting>[ACZ])(?:(?P<mean>eq|E|peak)|(?P<time>[FSI])(?P<end>max|min|[0-9]{1,2}(?:\.[0-9]+)?)?)"
)
_MEANS: dict[str, Part] = {"eq": "equivalent", "E": "exposure", "peak": "peak"}
_ENDS: dict[str, Part] = {"": "last", "max": "highest", "min": "lowest"}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A level: its symbol, weightings (``time`` empty where it has none), and what it is of the meter's."""

    text: str
    weighting: Weighting
    time: TimeWeighting | Literal[""]
    part: Part
    percent: float = 0.0


def parse_symbol(text: str) -> Symbol:
    """Read a symbol. Raises ValueError with what there is."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("LAF, LAFmax, LAFmin, LAF90, LAeq, LAE, LApeak: with A, C or Z, and F, S or I")
    weighting = cast(Weighting, match["weighting"])
    if match["mean"]:
        return Symbol(text, weighting, "", _MEANS[match["mean"]])
    time, end = cast(TimeWeighting, match["time"]), match["end"] or ""
    if end in _ENDS:
        return Symbol(text, weighting, time, _ENDS[end])
    if not float(end):
        raise ValueError("a share of the time above 0 and below 100 %")
    return Symbol(text, weighting, time, "exceeded", float(end))


def symbol_problems(texts: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a list of symbols."""
    problems = []
    for at, text in enumerate(texts):
        try:
            parse_symbol(text)
        except ValueError as error:
            problems.append(Problem(f"/levels/{at}", "no symbol of a level", str(error), repr(text)))
        if text in texts[:at]:
            problems.append(Problem(f"/levels/{at}", f"{text!r} is there twice"))
    return problems


@dataclass(slots=True)
class MeterPlan:
    """The settings of one sound level meter, and which of the symbols it gives; ``peak`` where it has one."""

    weighting: Weighting
    time: TimeWeighting
    peak: Weighting | None
    places: list[int]


def meters_for(symbols: Sequence[Symbol]) -> list[MeterPlan]:
    """Return the fewest meters that give these levels: one for each pair of weightings, others ride along."""
    plans: list[MeterPlan] = []

    def plan(weighting: Weighting, time: TimeWeighting | None) -> MeterPlan:
        for known in plans:
            if known.weighting == weighting and time in (None, known.time):
                return known
        plans.append(MeterPlan(weighting, time or "F", None, []))
        return plans[-1]

    for place, one in enumerate(symbols):
        if one.time:
            plan(one.weighting, one.time).places.append(place)
    for place, one in enumerate(symbols):
        if one.part in ("equivalent", "exposure"):
            plan(one.weighting, None).places.append(place)
    peaks = [(place, one.weighting) for place, one in enumerate(symbols) if one.part == "peak"]
    for place, weighting in sorted(
        peaks, key=lambda peak: all(peak[1] != known.weighting for known in plans)
    ):
        # With its own weighting if it can, which takes one filter less, else with one that has no peak yet.
        free = [known for known in plans if known.peak is None]
        free.sort(key=lambda known: known.weighting != weighting)
        home = free[0] if free else MeterPlan(weighting, "F", None, [])
        plans += [] if free else [home]
        home.peak = weighting
        home.places.append(place)
    return plans


def described(channel: ChannelInfo, symbol: Symbol, reference: Reference) -> ChannelInfo:
    """Describe a level of a channel: ``mic.LAeq`` in dB re 20 uPa."""
    # ISO 1683: the reference of an exposure is that of the quantity, squared, times a second.
    zero = f"({reference.text})2 s" if symbol.part == "exposure" else reference.text
    return ChannelInfo(f"{channel.name}.{symbol.text}", "dB", symbol.text, zero)
