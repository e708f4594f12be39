"""The metrics of a level: what they are called, in which unit they come, how they are made from sums."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from streamlab.core import ChannelInfo, Samples
from streamlab.dsp.level import Sums, decibels
from streamlab.errors import Problem
from streamlab.units import Reference, default_reference, parse_reference

Metric = Literal["RMS", "peak", "peak_to_peak", "crest", "Leq", "Lpeak"]

_IN_DECIBELS = ("Leq", "Lpeak")


def reference_for(text: str | None, channel: ChannelInfo) -> Reference:
    """Return the reference of a channel's levels: the one that is written, or that of its unit (ISO 1683)."""
    return default_reference(channel.unit) if text is None else parse_reference(text)


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
        # Numbers without a unit are whatever the reference says.
        if reference is not None and channel.unit not in ("", reference.unit):
            what = f"the reference has another unit than channel {channel.name!r}"
            problems.append(Problem("/reference", what, channel.unit, reference.unit or "no unit"))
    return problems


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
