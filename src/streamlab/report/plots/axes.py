"""Axes as the field draws them: time in seconds or hours, frequency by octaves and decades, units."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import ChannelInfo
from streamlab.report.plots.style import MUTED, clean, short

__all__ = [
    "Group",
    "drawable",
    "frequency_axis",
    "groups_of",
    "hertz",
    "legend_above",
    "quantity_label",
    "time_axis",
    "time_text",
    "unit_text",
]

_LONG = 600.0
"""Seconds from which on a time axis counts in hours and minutes."""

_LARGEST = 1e100

_MOST_LINES = 8
"""Channels in one plot at most: as many colours as can be told apart."""


_SQUARE = re.compile(r"(\)|(?<![A-Za-z])(?:[mkµ]?(?:Pa|V|A|W|N|g|m|s)|FS))2(?![0-9A-Za-z])")
_MICRO = re.compile(r"(?<![A-Za-z])u(?=(?:Pa|V|A|W|N|g|m|s)(?![A-Za-z]))")


class Group:
    """Channels of one unit that share a plot, by their rows among those kept; at most eight."""

    def __init__(self, channels: Sequence[ChannelInfo], rows: list[int], judged: set[int]) -> None:
        order = sorted(rows, key=lambda row: row not in judged)
        self.rows = sorted(order[:_MOST_LINES])
        self.judged = any(row in judged for row in self.rows)
        self.first = channels[self.rows[0]]
        self.decibels = self.first.unit.startswith("dB")


def groups_of(channels: Sequence[ChannelInfo], judged: set[int], *, apart: bool = False) -> list[Group]:
    """Put channels of one unit together, or each ``apart``; what is judged comes first, then levels."""
    found: dict[Any, list[int]] = {}
    for row, channel in enumerate(channels):
        found.setdefault(row if apart else (channel.unit, channel.reference), []).append(row)
    groups = [Group(channels, rows, judged) for rows in found.values()]
    return groups if apart else sorted(groups, key=lambda group: (not group.judged, not group.decibels))


def unit_text(unit: str, reference: str = "") -> str:
    """Return a unit as it is printed: ``dB re 20 µPa``, ``m/s²``."""
    text = f"{unit} re {reference}" if reference else unit
    text = _SQUARE.sub(r"\1²", _MICRO.sub("µ", text))
    return clean(text)


def quantity_label(channels: Sequence[ChannelInfo]) -> str:
    """Return the label of an axis of values: what they measure if that is one thing, and their unit."""
    quantities = {channel.quantity for channel in channels}
    what = short(quantities.pop(), 40) if len(quantities) == 1 else ""
    unit = unit_text(channels[0].unit, channels[0].reference)
    unit = "" if unit == "1" else unit
    return f"{what} in {unit}" if what and unit else what or unit or "value"


def time_text(seconds: float) -> str:
    """Return a time of the stream: seconds, and hours and minutes where there are many."""
    if abs(seconds) < _LONG:
        return f"{seconds:.6g} s"
    return _clock(seconds)


def _clock(seconds: float) -> str:
    whole = round(abs(seconds))
    sign = "\N{MINUS SIGN}" if seconds < 0 else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def time_axis(axes: Any, start: float, end: float, *, timed: bool) -> None:
    """Set up the axis of time from ``start`` to ``end``; without a rate it counts samples."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if end <= start:
        end = start + 1.0
    axes.set_xlim(start, end)
    if timed and max(abs(start), abs(end)) >= _LONG:
        span = end - start
        steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
        step = next((one for one in steps if span / one <= 10), None)
        if step is not None:
            ticks = np.arange(np.ceil(start / step) * step, end + step * 1e-9, step)
            axes.set_xticks(ticks)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _clock(value)))
        axes.set_xlabel("time in h:mm:ss")
        return
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, steps=[1, 2, 5, 10]))
    axes.set_xlabel("time in s" if timed else "sample")


def hertz(value: float) -> str:
    """Return a frequency as a scale has it: ``31.5``, ``1k``, ``12.5k``."""
    return f"{value:g}" if value < 1000.0 else f"{value / 1000.0:g}k"


def frequency_axis(axes: Any, points: NDArray[np.float64], *, along: str = "x") -> None:
    """Set up a logarithmic axis of frequency over points above 0 Hz."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    set_scale, set_limits = (
        (axes.set_xscale, axes.set_xlim) if along == "x" else (axes.set_yscale, axes.set_ylim)
    )
    axis = axes.xaxis if along == "x" else axes.yaxis
    set_scale("log")
    low, high = float(points[0]), float(points[-1])
    set_limits(low, high if high > low else low * 1.01)
    few = high / low > 3e3
    axis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0) if not few or along == "x" else (1.0,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: hertz(value)))
    axis.set_minor_locator(LogLocator(10, subs=range(1, 10)))
    axis.set_minor_formatter(NullFormatter())
    (axes.set_xlabel if along == "x" else axes.set_ylabel)("frequency in Hz")


def legend_above(axes: Any) -> None:
    """Put the legend above the plot, where it hides nothing, and make the figure higher by as much."""
    from matplotlib.container import BarContainer

    listed = sorted(
        zip(*axes.get_legend_handles_labels(), strict=True),
        key=lambda one: not isinstance(one[0], BarContainer),
    )
    if not listed:
        return
    handles, labels = zip(*listed, strict=True)
    lines = -(-sum(len(label) + 8 for label in labels) // 118)  # so many does the text take
    columns = -(-len(handles) // lines)
    order = [at for column in range(columns) for at in range(column, len(handles), columns)]
    axes.legend(  # which fills one column after the other; one reads along lines
        [handles[at] for at in order], [labels[at] for at in order], loc="lower left",
        bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2, handlelength=2.0, columnspacing=1.4,
        fontsize=8.5,
    )  # fmt: skip
    figure = axes.get_figure()
    figure.set_figheight(figure.get_figheight() + 0.18 * (lines - 1))


def drawable(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values with NaN where they are infinite, or so large that arithmetic on an axis overflows."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(values) < _LARGEST, values, np.nan)


def note_inside(axes: Any, text: str) -> None:
    """Write a remark into the upper right corner of a plot."""
    axes.text(
        0.995, 0.97, text, transform=axes.transAxes, ha="right", va="top", color=MUTED, fontsize=8.5, zorder=6
    )  # fmt: skip
