"""The image of a spectrogram: level by colour over time and the logarithm of frequency."""

from typing import Any

import numpy as np

from streamlab.report.plots.axes import frequency_axis, time_axis, time_text, unit_text
from streamlab.report.plots.plot import Plot
from streamlab.report.plots.style import LOST, clean, new_figure, short
from streamlab.report.stretch import Stretch

__all__ = ["as_image"]

_DEPTH = 80.0
"""Decibels that the colours span at most."""


def as_image(stretch: Stretch, name: str) -> Plot | None:
    """Return the image of a stretch of spectra; None where there is nothing in it."""
    waterfall = stretch.waterfall
    if waterfall is None or not waterfall.used:
        return None
    if stretch.info.points[-1] <= 0:
        return None
    images = len(waterfall.cells)
    figure = new_figure(3.4 * images + 0.3)
    all_axes = np.atleast_1d(figure.subplots(images, 1, sharex=True))
    for row, axes in enumerate(all_axes):
        _image(figure, axes, stretch, row)
    edges = stretch.seconds(waterfall.edges())
    time_axis(all_axes[-1], float(edges[0]), float(edges[-1]), timed=stretch.info.sample_rate is not None)
    for axes in all_axes[:-1]:
        axes.set_xlabel("")
    caption = []
    if waterfall.width > 1:
        rate = stretch.info.sample_rate
        span = (
            time_text(waterfall.width * stretch.step / float(rate))
            if rate is not None
            else f"{waterfall.width} spectra"
        )
        caption.append(f"A column of the image stands for {span} and has the highest of each line in it.")
    if len(waterfall.first_lines) < len(stretch.info.points):
        caption.append(
            f"{len(stretch.info.points)} lines are put together into {len(waterfall.first_lines)} rows, "
            "each with the highest of its lines."
        )
    if len(stretch.info.names) > images:
        caption.append(f"{images} of {len(stretch.info.names)} channels are shown.")
    return Plot(name=name, title="spectrogram", figure=figure, caption=caption, summary=[])


def _image(figure: Any, axes: Any, stretch: Stretch, row: int) -> None:
    waterfall, channel = stretch.waterfall, stretch.channels[row]
    if waterfall is None:
        return
    lines = np.array(stretch.info.points)
    first = waterfall.first_lines
    cells = np.array(waterfall.cells[row].T, dtype=float)
    cells[np.isposinf(cells)] = np.nan
    lower = _between(lines)[first]
    upper = np.append(lower[1:], _between(lines)[-1])
    there = upper > 0
    rows = np.append(lower[there], upper[-1])
    if rows[0] <= 0:  # a line at 0 Hz, and the lower half of one beside it, have no place on this axis
        rows[0] = lines[1] / 2 if len(lines) > 1 else rows[1] / 2
    cells = cells[there]
    decibels = channel.unit.startswith("dB")
    finite = cells[np.isfinite(cells) & (True if decibels else cells > 0)]
    norm = _norm(finite, decibels=decibels)
    axes.patch.set(hatch="////", edgecolor=LOST, linewidth=0.0)  # what nothing covers was lost
    axes.grid(False)
    edges = stretch.seconds(waterfall.edges())
    shown = (
        np.where(np.isneginf(cells), norm.vmin, cells) if decibels else np.where(cells <= 0, norm.vmin, cells)
    )
    mesh = axes.pcolormesh(
        edges, rows, np.ma.masked_invalid(shown), norm=norm, cmap="viridis", rasterized=True, shading="flat"
    )
    frequency_axis(axes, rows, along="y")
    axes.set_title(short(channel.name), loc="left")
    bar = figure.colorbar(mesh, ax=axes, pad=0.01, extend="min", aspect=28)
    bar.solids.set_rasterized(True)
    unit = unit_text(channel.unit, channel.reference)
    what = clean(channel.quantity)
    bar.set_label(f"{what} in {unit}" if what and unit else unit or what)
    bar.outline.set_visible(False)


def _between(lines: Any) -> Any:
    """The frequencies half-way between lines, and as far beyond the first and the last."""
    if len(lines) == 1:
        return np.array([lines[0] / 1.1, lines[0] * 1.1])
    middle = (lines[1:] + lines[:-1]) / 2
    return np.concatenate([[2 * lines[0] - middle[0]], middle, [2 * lines[-1] - middle[-1]]])


def _norm(finite: Any, *, decibels: bool) -> Any:
    from matplotlib.colors import LogNorm, Normalize

    if not len(finite):
        return Normalize(0.0, 1.0) if decibels else LogNorm(0.1, 1.0)
    high = float(finite.max())
    floor = float(np.percentile(finite, 2))
    if decibels:
        return Normalize(max(high - _DEPTH, min(floor, high - 10.0)), high)
    return LogNorm(max(high * 10 ** (-_DEPTH / 20), min(floor, high / 3)), high)
