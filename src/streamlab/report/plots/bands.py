"""The plot of fractional-octave bands: bars over their nominal frequencies, and the highest they reached."""

from collections.abc import Mapping
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import Verdict
from streamlab.dsp.bands import LARGEST_FRACTION, OCTAVE, nominal_label
from streamlab.report.curves import Curves
from streamlab.report.document import Stream
from streamlab.report.plots.axes import Group, drawable, groups_of, legend_above, quantity_label, unit_text
from streamlab.report.plots.bounds import Bound, bounds_of, draw_levels, draw_worst, reach
from streamlab.report.plots.plot import Plot, Table, number
from streamlab.report.plots.style import DASHES, INK, LIMIT, SERIES, clean, new_figure, short
from streamlab.report.stretch import Stretch

__all__ = ["band_labels", "in_bands"]

_NEAR = 40.0
_MOST_BARS = 3
"""Channels that are drawn as bars beside each other; more are lines."""

_NAMES = {1: "octave", 3: "third-octave", 6: "sixth-octave", 12: "twelfth-octave", 24: "1/24-octave"}


def band_fraction(points: NDArray[np.float64]) -> int:
    """Return how many bands an octave has: from the distance of two, 3 where there is one alone."""
    if len(points) < 2:
        return 3
    return min(LARGEST_FRACTION, max(1, round(log(OCTAVE) / log(float(points[1]) / float(points[0])))))


def band_labels(points: NDArray[np.float64]) -> list[str]:
    """Return the nominal frequencies of bands in Hz (IEC 61260-1, annex E): ``31.5``, ``1k``."""
    fraction = band_fraction(points)
    return [nominal_label(fraction, float(point)) for point in points]


def in_bands(
    stream: Stream, stretch: Stretch, verdicts: Mapping[str, Verdict], result: Any, name: str
) -> Plot | None:
    """Return the plot of a stretch of bands; None where there is nothing in it.

    Where the ``result`` of the node has the bands of the whole stream, the bars are those.
    """
    curves = stretch.curves
    if curves is None or not curves.count or not stretch.info.points:
        return None
    bounds = [one for one in bounds_of(stream.judges, stretch.info, verdicts) if not one.floating]
    judged = {stretch.rows.index(row) for bound in bounds for row in bound.rows if row in stretch.rows}
    groups = groups_of(stretch.channels, judged)[:4]
    points = np.array(stretch.info.points)
    whole = _of_the_whole(stretch, points, result) if len(stream.stretches) == 1 else None
    mean = curves.mean() if whole is None else whole
    figure = new_figure(3.3 * len(groups) + 0.4)
    all_axes = np.atleast_1d(figure.subplots(len(groups), 1))
    for axes, group in zip(all_axes, groups, strict=True):
        mine = [bound for bound in bounds if any(stretch.rows[row] in bound.rows for row in group.rows)]
        _panel(axes, stretch, curves, mean, points, group, mine)
    fraction = band_fraction(points)
    shown = [row for group in groups for row in group.rows]
    return Plot(
        name=name,
        title=f"{_NAMES.get(fraction, f'1/{fraction}-octave')} bands",
        figure=figure,
        caption=_caption(stretch, curves, len(shown), whole=whole is not None),
        summary=[_in_words(stretch, mean[row], points, row) for row in shown],
        table=_table(stretch, curves, mean, points, groups[0]),
    )


def _of_the_whole(stretch: Stretch, points: NDArray[np.float64], result: Any) -> NDArray[np.float64] | None:
    """Return what a node such as OctaveBands says of the whole stream, (channels, bands), or None.

    Its result is an Leq or an RMS, whatever its frames are.
    """
    rows = []
    for channel in stretch.channels:
        row = result.get(channel.name) if isinstance(result, Mapping) else None
        values = [row.get(label) for label in band_labels(points)] if isinstance(row, Mapping) else [None]
        if channel.quantity not in ("Leq", "RMS") or not all(isinstance(value, float) for value in values):
            return None
        rows.append(values)
    return np.array(rows, dtype=float)


def _panel(
    axes: Any, stretch: Stretch, curves: Curves, means: NDArray[np.float64], points: NDArray[np.float64],
    group: Group, bounds: list[Bound],
) -> None:  # fmt: skip
    places, count = np.arange(len(points)), len(group.rows)
    mean, high = drawable(means[group.rows]), drawable(curves.high[group.rows])
    several = curves.count > 1
    values = np.concatenate([mean.ravel(), high.ravel()])
    values = values[np.isfinite(values)]
    limits = [float(one) for bound in bounds for one in drawable(bound.at(points)) if np.isfinite(one)]
    bottom, top = _range(values, limits, decibels=group.decibels)
    if not group.decibels and len(values) and bottom > 0:
        axes.set_yscale("log")
    axes.set_ylim(bottom, top)
    width = 0.8 / count if count <= _MOST_BARS else 0.8
    for place, row in enumerate(group.rows):
        colour, label = SERIES[place], short(stretch.channels[row].name)
        mean_label = f"{label} mean" if several else label
        heights = np.where(np.isfinite(mean[place]), mean[place], bottom)
        if count <= _MOST_BARS:
            at = places + (place - (count - 1) / 2) * width
            axes.bar(
                at, heights - bottom, width * 0.92, bottom=bottom, color=colour, label=mean_label, zorder=2
            )
        else:
            at = places.astype(float)
            axes.step(
                at,
                heights,
                where="mid",
                color=colour,
                linestyle=DASHES[place],
                linewidth=1.5,
                label=mean_label,
            )
        if several:
            axes.plot(
                at, high[place], marker="_",
                markersize=max(4.0, 300.0 * width / len(points)), markeredgewidth=1.4, linestyle="none",
                color=INK if count == 1 else colour, label=f"{label} highest", zorder=3,
            )  # fmt: skip
    draw_levels(axes, bounds, group.first.unit)
    for bound in bounds:
        if bound.points:
            curve = drawable(bound.at(points))
            axes.stairs(
                curve, np.arange(len(points) + 1) - 0.5, baseline=None, color=LIMIT, linewidth=1.6,
                linestyle=bound.style, zorder=4, label=bound.label(),
            )  # fmt: skip
    labels = band_labels(points)
    axes.set_xlim(-0.6, len(points) - 0.4)
    step = -(-len(points) // 36)
    axes.set_xticks(places[::step], labels[::step], rotation=45 if len(points) > 14 else 0)
    axes.grid(False, axis="x")
    axes.set_xlabel("nominal frequency in Hz")
    _worst_of(axes, stretch, points, group, bounds)
    axes.set_ylabel(quantity_label([stretch.channels[row] for row in group.rows]))
    legend_above(axes)


def _range(values: NDArray[np.float64], limits: list[float], *, decibels: bool) -> tuple[float, float]:
    if not len(values):
        values = np.array([0.0, *limits])
    low, high = float(values.min()), float(values.max())
    if decibels:
        low = max(low, high - 90.0)
        bottom, top = reach(low, high, limits, _NEAR)
        return 10.0 * np.floor((bottom - 1.0) / 10.0), top
    positive = values[values > 0]
    if low >= 0 and len(positive) and high > 300.0 * float(np.median(positive)):
        return max(float(positive.min()), high * 1e-6) / 2.0, 2.0 * high
    bottom, top = reach(min(low, 0.0), high, limits)
    return (0.0 if low >= 0 else bottom), top


def _worst_of(
    axes: Any, stretch: Stretch, points: NDArray[np.float64], group: Group, bounds: list[Bound]
) -> None:
    names = {stretch.channels[row].name for row in group.rows}
    for verdict in {bound.judge: bound.verdict for bound in bounds}.values():
        if (
            verdict is None
            or verdict.value is None
            or verdict.frequency is None
            or verdict.channel not in names
        ):
            continue
        if np.isfinite(verdict.value):
            draw_worst(
                axes, float(np.argmin(np.abs(points - verdict.frequency))), verdict.value, verdict.outcome
            )


def _in_words(stretch: Stretch, mean: NDArray[np.float64], points: NDArray[np.float64], row: int) -> str:
    channel = stretch.channels[row]
    if not np.isfinite(mean).any():
        return f"{short(channel.name)}: no number came"
    place = int(np.nanargmax(np.where(np.isfinite(mean), mean, np.nan)))
    unit = unit_text(channel.unit, channel.reference)
    highest = f"{number(float(mean[place]))} {unit}".strip()
    return f"{short(channel.name)}: highest band {highest} at {band_labels(points)[place]} Hz"


def _table(
    stretch: Stretch, curves: Curves, mean: NDArray[np.float64], points: NDArray[np.float64], group: Group
) -> Table:
    high = curves.high
    several = curves.count > 1
    columns, values = [], []
    for row in group.rows:
        label = clean(stretch.channels[row].name)
        columns += [f"{label}, mean", f"{label}, highest"] if several else [label]
        values += [mean[row], high[row]] if several else [mean[row]]
    rows = [
        (label, [float(column[place]) for column in values])
        for place, label in enumerate(band_labels(points))
    ]
    return Table("band in Hz", columns, rows, unit_text(group.first.unit, group.first.reference))


def _caption(stretch: Stretch, curves: Curves, shown: int, *, whole: bool) -> list[str]:
    caption = []
    if curves.count > 1:
        caption.append(
            f"The mean is that of the whole stream, as in the result, over {curves.count} intervals."
            if whole
            else f"The mean is one of powers over all {curves.count} intervals, each by its length."
        )
        if 0 < curves.judged < curves.count:
            out = curves.count - curves.judged
            caption.append(
                f"The highest leaves out {out} of them, partial or with filters that were still settling."
            )
    if len(stretch.info.names) > shown:
        caption.append(f"{shown} of {len(stretch.info.names)} channels are shown.")
    return caption
