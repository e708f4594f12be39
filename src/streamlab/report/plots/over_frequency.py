"""The plot of spectra: mean, highest and last over the logarithm of frequency, with the masks on them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import Verdict
from streamlab.report.curves import Curves
from streamlab.report.document import Stream
from streamlab.report.plots.axes import (
    Group,
    drawable,
    frequency_axis,
    groups_of,
    hertz,
    legend_above,
    quantity_label,
    unit_text,
)
from streamlab.report.plots.bounds import Bound, bounds_of, draw_levels, draw_masks, draw_worst, reach
from streamlab.report.plots.plot import Plot, number
from streamlab.report.plots.style import DASHES, SERIES, new_figure, short
from streamlab.report.stretch import Stretch

__all__ = ["over_frequency"]

_MOST_POINTS = 3000
"""Points of a curve that are drawn: of more, the highest of neighbours."""

_WIDE = 200.0
"""How far the largest value may be above the median until a linear scale shows nothing but its peaks."""

_NEAR = 40.0


def over_frequency(
    stream: Stream, stretch: Stretch, verdicts: Mapping[str, Verdict], name: str
) -> Plot | None:
    """Return the plot of a stretch of spectra; None where there is nothing in it."""
    curves = stretch.curves
    if curves is None or not curves.count:
        return None
    bounds = [one for one in bounds_of(stream.judges, stretch.info, verdicts) if not one.floating]
    judged = {stretch.rows.index(row) for bound in bounds for row in bound.rows if row in stretch.rows}
    groups = groups_of(stretch.channels, judged)[:4]
    points = np.array(stretch.info.points or range(curves.last.shape[1]), dtype=float)
    figure = new_figure(3.3 * len(groups) + 0.4)
    all_axes = np.atleast_1d(figure.subplots(len(groups), 1))
    summary: list[str] = []
    for axes, group in zip(all_axes, groups, strict=True):
        mine = [bound for bound in bounds if any(stretch.rows[row] in bound.rows for row in group.rows)]
        _panel(axes, stretch, curves, points, group, mine)
        summary += [_in_words(stretch, curves, points, row) for row in group.rows]
    caption = _caption(stretch, curves, points, sum(len(group.rows) for group in groups))
    return Plot(name=name, title=_title(curves), figure=figure, caption=caption, summary=summary)


def _title(curves: Curves) -> str:
    return "spectrum" if curves.count == 1 else f"{curves.count} spectra: mean and extremes"


def _panel(
    axes: Any,
    stretch: Stretch,
    curves: Curves,
    points: NDArray[np.float64],
    group: Group,
    bounds: list[Bound],
) -> None:
    logarithmic = stretch.info.axis != "order" and bool(stretch.info.points)
    there = points > 0 if logarithmic else np.ones(len(points), dtype=bool)
    if not there.any():  # a line at 0 Hz alone
        logarithmic, there = False, ~there
    x, pick = _thinned(points[there], logarithmic)
    mean, high, low = (values[:, there] for values in (curves.mean(), curves.high, curves.low))
    several = curves.count > 1
    lower = any(not bound.upper for bound in bounds)
    drawn = []
    for place, row in enumerate(group.rows):
        colour, dash, label = SERIES[place], DASHES[place], short(stretch.channels[row].name)
        mean_label = f"{label} mean" if several else label
        axes.plot(x, drawable(pick(mean[row])), color=colour, linewidth=1.5, linestyle=dash, label=mean_label)
        drawn.append(pick(mean[row]))
        if several:
            axes.plot(
                x,
                drawable(pick(high[row])),
                color=colour,
                linewidth=0.8,
                alpha=0.75,
                label=f"{label} highest",
            )
            drawn.append(pick(high[row]))
            if lower:
                axes.plot(
                    x, drawable(pick(low[row])), color=colour, linewidth=0.8, alpha=0.75,
                    linestyle=(0, (1, 1)), label=f"{label} lowest",
                )  # fmt: skip
                drawn.append(pick(low[row]))
        if several and len(group.rows) == 1:
            last = pick(curves.last[row][there])
            axes.plot(
                x,
                drawable(last),
                color=SERIES[7],
                linewidth=0.7,
                linestyle=(0, (2, 1)),
                label=f"{label} last",
            )
            drawn.append(last)
    limits = [
        *draw_masks(axes, bounds, points),
        *(bound.level for bound in bounds if bound.level is not None),
    ]
    _values_axis(axes, drawn, limits, decibels=group.decibels)
    draw_levels(axes, bounds, group.first.unit)
    if logarithmic:
        frequency_axis(axes, points[there])
    else:
        axes.set_xlim(points[0], points[-1] if points[-1] > points[0] else points[0] + 1)
        axes.set_xlabel("order" if stretch.info.axis == "order" else "line")
    _worst_of(axes, stretch, group, bounds)
    axes.set_ylabel(quantity_label([stretch.channels[row] for row in group.rows]))
    legend_above(axes)


def _thinned(points: NDArray[np.float64], logarithmic: bool) -> tuple[NDArray[np.float64], Any]:
    """Return where to draw, and what takes the highest value of the lines that fall together there."""
    if len(points) <= _MOST_POINTS:
        return points, lambda values: values
    space = np.geomspace if logarithmic else np.linspace
    cuts = np.unique(np.searchsorted(points, space(points[0], points[-1], _MOST_POINTS)))
    cuts = np.unique(np.concatenate([[0], cuts[cuts < len(points)]]))
    return points[cuts], lambda values: np.fmax.reduceat(values, cuts)


def _values_axis(axes: Any, drawn: list[NDArray[np.float64]], limits: list[float], *, decibels: bool) -> None:
    values = drawable(np.concatenate(drawn))
    values = values[np.isfinite(values)]
    if not len(values):
        values = drawable(np.array([0.0, *limits]))
        values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    median = float(np.median(values))
    if not decibels and low >= 0 and high > _WIDE * median > 0:
        positive = values[values > 0]
        axes.set_yscale("log")
        bottom = max(float(positive.min()), high * 1e-9)
        top = max([high, *(limit for limit in limits if limit <= 100 * high)])
        axes.set_ylim(bottom / 1.5, top * 1.6)
        return
    if decibels:
        low = max(low, high - 120.0)
    bottom, top = reach(low, high, limits, _NEAR if decibels else 0.0)
    axes.set_ylim(bottom if decibels or low < 0 else min(0.0, bottom), top)


def _worst_of(axes: Any, stretch: Stretch, group: Group, bounds: list[Bound]) -> None:
    names = {stretch.channels[row].name for row in group.rows}
    for verdict in {bound.judge: bound.verdict for bound in bounds}.values():
        if verdict is None or verdict.value is None or verdict.frequency is None:
            continue
        if verdict.channel in names and np.isfinite(verdict.value):
            draw_worst(axes, verdict.frequency, verdict.value, verdict.outcome)


def _in_words(stretch: Stretch, curves: Curves, points: NDArray[np.float64], row: int) -> str:
    channel, mean = stretch.channels[row], curves.mean()[row]
    if not np.isfinite(mean).any():
        return f"{short(channel.name)}: no number came"
    place = int(np.nanargmax(np.where(np.isfinite(mean), mean, np.nan)))
    unit = unit_text(channel.unit, channel.reference)
    unit = "" if unit in ("", "1") else f" {unit}"
    where = (
        f"{hertz(float(f'{points[place]:.5g}'))}Hz" if points[place] >= 1000 else f"{points[place]:.5g} Hz"
    )
    where = where.replace("kHz", " kHz")
    if stretch.info.axis == "order":
        where = f"order {points[place]:.4g}"
    what = "highest line of the mean" if curves.count > 1 else "highest line"
    return f"{short(channel.name)}: {what} {number(float(mean[place]))}{unit} at {where}"


def _caption(stretch: Stretch, curves: Curves, points: NDArray[np.float64], shown: int) -> list[str]:
    caption = []
    if curves.count > 1:
        caption.append(f"The mean is one of powers over {curves.count} spectra.")
        if 0 < curves.judged < curves.count:
            out = curves.count - curves.judged
            caption.append(
                f"{out} of them, partial or settling, are not among the extremes: judges pass them by."
            )
    if len(points) > _MOST_POINTS:
        caption.append(f"Of {len(points)} lines, those that fall together are drawn by their highest.")
    if len(stretch.info.names) > shown:
        caption.append(f"{shown} of {len(stretch.info.names)} channels are shown.")
    return caption
