"""Matplotlib keeps the files of its fonts open as long as the program runs: no leak, but like one."""

from __future__ import annotations


def open_fonts() -> None:
    """Have matplotlib open its fonts before the first test of a module looks for what is left behind."""
    from streamlab.report.plots.style import drawing, new_figure, svg_text

    with drawing():
        figure = new_figure(1.0)
        figure.text(0.5, 0.5, "µ 漢")
        svg_text(figure, "fonts")
