"""The plot of level over time: axes with units, the limit as a line."""

import logging
from pathlib import Path

from streamlab.cli.level_course import Course

__all__ = ["plot_levels"]


def plot_levels(course: Course, path: Path, limit: float | None) -> Path:
    """Write the plot as PNG and return its path. Raises ImportError without matplotlib, OSError."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache on the first run
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 4.2), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    edges = [*course.time.tolist(), course.end]
    for name, levels in zip(course.channels, course.levels, strict=True):
        axes.stairs(levels, edges, baseline=None, linewidth=1.3, label=name)
    if limit is not None:
        axes.axhline(limit, color="tab:red", linewidth=1.2, linestyle="--", label=f"limit {limit:g} dB")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("time in s")
    axes.set_ylabel(f"Leq over {course.interval:g} s in {course.unit.replace('uPa', 'µPa')}")
    axes.set_title("Sound level over time")
    axes.grid(True, alpha=0.3)
    if len(course.channels) > 1 or limit is not None:
        figure.legend(loc="outside lower right", ncols=min(6, len(course.channels) + 1), frameon=False)
    figure.savefig(path)
    return path
