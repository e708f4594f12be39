"""The metrics of a level: what they are called, in which unit they come, how they are made from sums."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from streamlab.core import ChannelInfo, Samples
from streamlab.dsp.level import Sums, decibels
from streamlab.errors import Problem
from streamlab.units import Reference, default_reference, parse_reference, quantity_of, reference_in

Metric = Literal["RMS", "peak", "peak_to_peak", "crest", "Leq", "Lpeak"]

_IN_DECIBELS = ("Leq", "Lpeak")


def reference_for(text: str | None, channel: ChannelInfo) -> Reference:
    """Return the reference of a channel's levels, its value in the channel's unit.

    The one that is written, or that of what the unit measures (ISO 1683).
    """
    if text is None:
        return default_reference(channel.unit)
    return reference_in(parse_reference(text), channel.unit)


def described(channel: ChannelInfo, metrics: Sequence[Metric], reference: Reference) -> list[ChannelInfo]:
    """Describe the metrics of a channel, in the order given: ``name.metric`` with its unit."""

    def one(metric: Metric) -> ChannelInfo:
        name = f"{channel.name}.{metric}"
        if metric in _IN_DECIBELS:
            return ChannelInfo(name, "dB", metric, reference.text)
        return ChannelInfo(name, "1" if metric == "crest" else channel.unit, metric)

    return [one(metric) for metric in metrics]


def problems_with(
    text: str | None, metrics: Sequence[Metric], channels: Sequence[ChannelInfo]
) -> list[Problem]:
    """Return what is wrong with a reference, a list of metrics, or the two for these channels."""
    problems = [
        Problem(f"/metrics/{number}", f"{metric!r} is there twice")
        for number, metric in enumerate(metrics)
        if metric in metrics[:number]
    ]
    try:
        reference = None if text is None else parse_reference(text)
    except ValueError as error:
        return [*problems, Problem("/reference", str(error))]
    for channel in channels if reference else ():
        try:
            reference_for(text, channel)
        except ValueError:
            what = f"the reference does not go with the unit of channel {channel.name!r}"
            problems.append(Problem("/reference", what, channel.unit, text or ""))
    return problems


def no_level(channels: Sequence[ChannelInfo], param: str) -> list[Problem]:
    """Return a problem for each channel that has no level: what is one already, and powers.

    A level here is that of the mean square, which goes with field quantities (ISO 80000-8). ``param`` points
    to what asks for it.
    """
    expected = "a field quantity, such as Pa, V or m/s2"
    return [
        Problem(param, f"channel {channel.name!r} {why}", expected, channel.label, hint)
        for channel in channels
        for why, hint, holds in (
            ("is a level already", "a Limit or CsvWriter takes it as it is", channel.unit == "dB"),
            ("is a power: its level is not that of its square", "", quantity_of(channel.unit) == "power"),
        )
        if holds
    ]


def table_row(numbers: Sequence[float], channels: Sequence[ChannelInfo]) -> dict[str, Any]:
    """Return ``{metric: value, ..., "units": {metric: unit}}`` of one channel."""
    row: dict[str, Any] = {item.quantity: number for item, number in zip(channels, numbers, strict=True)}
    row["units"] = {
        item.quantity: f"{item.unit} re {item.reference}" if item.reference else item.unit
        for item in channels
    }
    return row


def values(sums: Sums, metrics: Sequence[Metric], references: Sequence[Reference]) -> Samples:
    """Return the metrics of k stretches as (channels x metrics, k), in the order of :func:`described`."""
    rms, peak = sums.rms(), sums.peak()
    zero = np.array([[reference.value] for reference in references])
    known: dict[Metric, Callable[[], Samples]] = {
        "RMS": lambda: rms,
        "peak": lambda: peak,
        "peak_to_peak": sums.peak_to_peak,
        "crest": sums.crest,
        "Leq": lambda: decibels(rms, zero),
        "Lpeak": lambda: decibels(peak, zero),
    }
    return np.stack([known[metric]() for metric in metrics], axis=1).reshape(-1, rms.shape[1])
