"""Plots of a noise survey: level over time with its limit, and bands over frequency; axes with units."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streamlab.cli.level_course import Course

__all__ = ["plot_bands", "plot_levels"]


def plot_levels(course: Course, path: Path, limit: float | None) -> Path:
    """Write level over time as PNG and return the path. Raises ImportError without matplotlib, OSError."""
    figure, axes = _figure()
    edges = [*course.time.tolist(), course.end]
    for name, levels in zip(course.channels, course.levels, strict=True):
        axes.stairs(levels, edges, baseline=None, linewidth=1.3, label=name)
    if limit is not None:
        axes.axhline(limit, color="tab:red", linewidth=1.2, linestyle="--", label=f"limit {limit:g} dB")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("time in s")
    axes.set_ylabel(f"{course.symbol} over {course.interval:g} s in {_printed(course.unit)}")
    axes.set_title("Sound level over time")
    axes.grid(True, alpha=0.3)
    if len(course.channels) > 1 or limit is not None:
        figure.legend(loc="outside lower right", ncols=min(6, len(course.channels) + 1), frameon=False)
    figure.savefig(path)
    return path


def plot_bands(labels: Sequence[str], levels: Mapping[str, Sequence[float]], unit: str, path: Path) -> Path:
    """Write the level of each band as PNG, a bar per channel, and return the path. Raises as above."""
    figure, axes = _figure()
    places, width = range(len(labels)), 0.86 / max(1, len(levels))
    floor = _floor([value for row in levels.values() for value in row])
    for number, (name, row) in enumerate(levels.items()):
        shift = (number - (len(levels) - 1) / 2) * width
        heights = [max(value, floor) - floor for value in row]
        axes.bar([place + shift for place in places], heights, width, bottom=floor, label=name)
    axes.set_xticks(list(places), labels, rotation=60)
    axes.set_xlim(-0.7, len(labels) - 0.3)
    axes.set_xlabel("nominal mid-band frequency in Hz")
    axes.set_ylabel(f"Leq in {_printed(unit)}")
    axes.set_title("Third octaves")
    axes.grid(True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    if len(levels) > 1:
        figure.legend(loc="outside lower right", ncols=min(6, len(levels)), frameon=False)
    figure.savefig(path)
    return path


def _floor(values: Sequence[float]) -> float:
    """Where the bars begin: a multiple of ten below the lowest, at most 80 dB under the highest."""
    finite = [value for value in values if value > -1e9] or [0.0]
    return float(max(min(finite) // 10 * 10, (max(finite) - 80) // 10 * 10))


def _figure() -> tuple[Any, Any]:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache on the first run
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 4.2), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _printed(unit: str) -> str:
    return unit.replace("uPa", "µPa")
