"""The plot of values over time: levels as steps, signals as their lowest to highest, losses as holes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import Verdict
from streamlab.report.columns import Columns, Mark, covered
from streamlab.report.document import Stream
from streamlab.report.plots.axes import (
    Group,
    drawable,
    groups_of,
    legend_above,
    quantity_label,
    time_axis,
    time_text,
    unit_text,
)
from streamlab.report.plots.bounds import Bound, bounds_of, draw_levels, draw_worst, reach
from streamlab.report.plots.plot import Plot, number
from streamlab.report.plots.style import DASHES, FLAW, LOST, SERIES, UNJUDGED, new_figure, short
from streamlab.report.stretch import Stretch

__all__ = ["over_time"]

_WAVEFORM_RATE = 50.0
"""Hz from which on values are a signal: each channel has a plot of its own then."""

_NEAR = 40.0
"""Decibels at which a limit is still near enough to be shown."""

_DEPTH = 100.0
"""Decibels from the highest level down to where a plot ends at most."""


def over_time(stream: Stream, stretch: Stretch, verdicts: Mapping[str, Verdict], name: str) -> Plot | None:
    """Return the plot of a stretch over time; None where there is nothing in it."""
    columns = stretch.columns
    if columns is None or not columns.used:
        return None
    rate = stretch.info.sample_rate
    wave = rate is None or float(rate) / stretch.step >= _WAVEFORM_RATE
    bounds = bounds_of(stream.judges, stretch.info, verdicts)
    judged = {stretch.rows.index(row) for bound in bounds for row in bound.rows if row in stretch.rows}
    groups = groups_of(stretch.channels, judged, apart=wave)
    shown = groups[:8]
    heights = [1.35 if wave and len(shown) > 1 else 2.5 for _ in shown]
    figure = new_figure(sum(heights) + 0.5)
    all_axes = np.atleast_1d(
        figure.subplots(len(shown), 1, sharex=True, gridspec_kw={"height_ratios": heights})
    )
    edges = stretch.seconds(columns.edges())
    time_axis(all_axes[-1], float(edges[0]), float(edges[-1]), timed=rate is not None)
    summary: list[str] = []
    for axes, group in zip(all_axes, shown, strict=True):
        mine = [bound for bound in bounds if any(stretch.rows[row] in bound.rows for row in group.rows)]
        summary += _panel(
            axes, stretch, columns, edges, group, mine, wave=wave, tight=wave and len(shown) > 1
        )
    for axes in all_axes[:-1]:
        axes.set_xlabel("")
        axes.tick_params(labelbottom=False)
    return Plot(
        name=name,
        title="over time",
        figure=figure,
        caption=_caption(stretch, columns, shown),
        summary=summary,
    )


def _panel(
    axes: Any,
    stretch: Stretch,
    columns: Columns,
    edges: NDArray[np.float64],
    group: Group,
    bounds: list[Bound],
    *,
    wave: bool,
    tight: bool,
) -> list[str]:
    """Draw the channels of one unit; returns what there is to see in words."""
    lows, highs = columns.low[group.rows], columns.high[group.rows]
    summary = []
    for place, row in enumerate(group.rows):
        low, high, channel = lows[place], highs[place], stretch.channels[row]
        colour, dash, label = SERIES[place], DASHES[place], short(channel.name)
        low, high = drawable(low), drawable(high)
        if np.array_equal(low, high, equal_nan=True):
            if wave:
                axes.plot((edges[:-1] + edges[1:]) / 2, high, color=colour, linewidth=0.9, label=label)
            else:
                axes.stairs(
                    high, edges, baseline=None, color=colour, linestyle=dash, linewidth=1.5, label=label
                )
        else:
            bottom = np.where(np.isfinite(low), low, high)
            axes.stairs(  # with an edge, since a column in which nothing changes has no area
                high, edges, baseline=bottom, fill=True, facecolor=colour, edgecolor=colour,
                alpha=0.85 if wave else 0.45, linewidth=0.7, label=label,
            )  # fmt: skip
            if not wave:
                axes.stairs(high, edges, baseline=None, color=colour, linewidth=0.9)
        summary.append(_in_words(stretch, columns, row))
    limits = [bound.level for bound in bounds if bound.level is not None]
    scale = _scale(drawable(lows), drawable(highs), _judged(columns), limits, decibels=group.decibels)
    axes.set_ylim(scale)
    draw_levels(axes, bounds, group.first.unit)
    _stripes(axes, columns, edges)
    _below(axes, lows, edges, scale[0])
    _worst_of(axes, stretch, group, bounds)
    channels = [stretch.channels[row] for row in group.rows]
    axes.set_ylabel(unit_text(group.first.unit) if tight else quantity_label(channels))
    legend_above(axes)
    return summary


def _stripes(axes: Any, columns: Columns, edges: NDArray[np.float64]) -> None:
    """Show where samples are missing, where nothing is judged, and what lies behind a fault."""
    kinds = (
        (Mark.INVALID, {"facecolor": FLAW, "edgecolor": "none"}, "behind a fault: INVALID"),
        (Mark.UNJUDGED, {"facecolor": UNJUDGED, "edgecolor": "none"}, "not judged: partial or settling"),
        (
            Mark.LOST,
            {"facecolor": "none", "edgecolor": LOST, "hatch": "////", "linewidth": 0.0},
            "samples lost",
        ),
    )
    least = float(edges[-1] - edges[0]) / 600.0  # what is narrower could not be seen
    for mark, look, label in kinds:
        for number_, (a, b) in enumerate(covered(columns.marks, mark)):
            begin, end = float(edges[a]), float(edges[b])
            if end - begin < least and mark is Mark.LOST:
                middle = (begin + end) / 2
                begin, end = middle - least / 2, middle + least / 2
            axes.axvspan(begin, end, zorder=0, label=label if not number_ else None, **look)


def _judged(columns: Columns) -> NDArray[np.bool_]:
    """Say which columns have nothing in them that judges pass by; all if there is none without."""
    judged: NDArray[np.bool_] = (columns.marks & Mark.UNJUDGED) == 0
    return judged if judged.any() else ~judged


def _scale(
    lows: NDArray[np.float64],
    highs: NDArray[np.float64],
    judged: NDArray[np.bool_],
    limits: list[float],
    *,
    decibels: bool,
) -> tuple[float, float]:
    """Return the range of the values axis: down to what is judged, levels by so many decibels at most."""
    values = np.concatenate([lows[np.isfinite(lows)], highs[np.isfinite(highs)]])
    if not len(values):
        values = drawable(np.array([0.0, *limits]))
        values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    trusted = lows[:, judged]
    if np.isfinite(trusted).any():  # a filter that settles comes from far below
        low = float(trusted[np.isfinite(trusted)].min())
    if decibels:
        low = max(low, high - _DEPTH)
    return reach(low, high, limits, _NEAR if decibels else 0.0)


def _below(axes: Any, lows: NDArray[np.float64], edges: NDArray[np.float64], bottom: float) -> None:
    """Mark at the bottom of the plot where values lie below it: silence has a level of minus infinity."""
    with np.errstate(invalid="ignore"):
        where = ((edges[:-1] + edges[1:]) / 2)[(lows < bottom).any(axis=0)]
    where = where[:: max(1, -(-len(where) // 60))]
    if len(where):
        axes.plot(
            where, np.full(len(where), 0.015), transform=axes.get_xaxis_transform(), marker="v",
            markersize=4.5, linestyle="none", color=LOST, label="below this scale", zorder=4,
        )  # fmt: skip


def _worst_of(axes: Any, stretch: Stretch, group: Group, bounds: list[Bound]) -> None:
    names = {stretch.channels[row].name for row in group.rows}
    for verdict in {bound.judge: bound.verdict for bound in bounds if bound.level is not None}.values():
        if verdict is None or verdict.time is None or verdict.value is None or verdict.channel not in names:
            continue
        if np.isfinite(verdict.value) and verdict.unit.partition(" ")[0] == group.first.unit:
            width = (
                0.0 if stretch.info.sample_rate is None else stretch.step / float(stretch.info.sample_rate)
            )
            draw_worst(axes, verdict.time + width / 2, verdict.value, verdict.outcome)


def _in_words(stretch: Stretch, columns: Columns, row: int) -> str:
    low, high, channel = columns.low[row], columns.high[row], stretch.channels[row]
    if columns.width == 1:  # else a column that is marked in part may have what is highest
        low, high = (np.where(_judged(columns), part, np.nan) for part in (low, high))
    if np.isnan(high).all():
        return f"{short(channel.name)}: no number came"
    highest, lowest = int(np.nanargmax(high)), int(np.nanargmin(low))
    edges = stretch.seconds(columns.edges())
    unit = unit_text(channel.unit, channel.reference)
    unit = "" if unit in ("", "1") else f" {unit}"
    timed = stretch.info.sample_rate is not None
    at = time_text(float(edges[highest])) if timed else f"sample {edges[highest]:g}"
    least, most = number(float(low[lowest])), number(float(high[highest]))
    return f"{short(channel.name)}: {least} to {most}{unit}, highest at {at}"


def _caption(stretch: Stretch, columns: Columns, shown: list[Group]) -> list[str]:
    caption = []
    rate = stretch.info.sample_rate
    if columns.width > 1:
        count = columns.width * stretch.step
        span = f"{count} samples" if rate is None else f"{count / float(rate):.4g} s"
        caption.append(f"A column stands for {span} and reaches from the lowest to the highest value in it.")
    kept = sum(len(group.rows) for group in shown)
    left = len(stretch.info.names) - kept
    if left:
        caption.append(f"{kept} of {len(stretch.info.names)} channels are shown.")
    if (columns.marks & Mark.SETTLING).any():
        caption.append("What had not settled yet is left out.")
    unexpected = Mark.NO_NUMBER | Mark.UNJUDGED | Mark.SETTLING
    if ((columns.marks & unexpected) == Mark.NO_NUMBER).any():
        caption.append("Some values are no numbers; they are left out.")
    return caption
