"""The plot of a curve that a floating mask has judged, shifted to where it fits best."""

from collections.abc import Mapping

import numpy as np

from streamlab.core import Verdict
from streamlab.report.document import Stream
from streamlab.report.plots.axes import drawable, frequency_axis, legend_above, time_text, unit_text
from streamlab.report.plots.bounds import bounds_of, draw_masks, draw_worst, reach
from streamlab.report.plots.plot import Plot, number
from streamlab.report.plots.style import SERIES, new_figure, short
from streamlab.report.stretch import Stretch

__all__ = ["as_floated"]


def as_floated(
    stream: Stream, stretch: Stretch, verdicts: Mapping[str, Verdict], judge: str, name: str
) -> Plot | None:
    """Return the plot of what decides a floating mask; None where it has judged nothing."""
    floated = stretch.floated[judge]
    points = np.array(stretch.info.points)
    there = points > 0
    if floated.curve is None or not there.any():
        return None
    bounds = [one for one in bounds_of(stream.judges, stretch.info, verdicts) if one.judge == judge]
    channel = stretch.channels[floated.channel]
    figure = new_figure(3.2)
    axes = figure.add_subplot()
    curve = drawable(floated.curve)
    marker = "." if stretch.info.axis == "band" else None
    label = f"{short(channel.name)}, shifted by {number(floated.shift)}"
    axes.plot(points[there], curve[there], color=SERIES[0], linewidth=1.4, marker=marker, label=label)
    limits = draw_masks(axes, bounds, points)
    inside = ~(np.isnan(floated.upper) & np.isnan(floated.lower)) & np.isfinite(curve)
    values = curve[inside] if inside.any() else np.zeros(1)
    axes.set_ylim(reach(float(values.min()), float(values.max()), limits, 40.0))
    frequency_axis(axes, points[there])
    verdict = verdicts.get(judge)
    if verdict is not None and verdict.frequency is not None and verdict.value is not None:
        draw_worst(axes, verdict.frequency, verdict.value, verdict.outcome)
    unit = unit_text(channel.unit)
    axes.set_ylabel(f"shifted, in {unit}" if unit not in ("", "1") else "shifted")
    legend_above(axes)
    when = float(stretch.seconds(np.array([floated.position]))[0])
    at = f" at {time_text(when)}" if stretch.info.sample_rate is not None else ""
    caption = [f"The curve that has least room{at}, shifted to where it fits {short(judge)} best."]
    summary = [f"{short(channel.name)}: room of {number(floated.worst)} {unit}".rstrip()]
    return Plot(name, f"as {short(judge)} judged it", figure, caption, summary)
