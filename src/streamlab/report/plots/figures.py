"""All plots of a report, drawn one after the other: as SVG, and as PNG where that is wanted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from streamlab.report.document import Document, Stream
from streamlab.report.plots.bands import in_bands
from streamlab.report.plots.floating import as_floated
from streamlab.report.plots.over_frequency import over_frequency
from streamlab.report.plots.over_time import over_time
from streamlab.report.plots.plot import Plot, Table
from streamlab.report.plots.style import drawing, png_bytes, svg_text
from streamlab.report.plots.waterfalls import as_image

__all__ = ["Drawn", "drawn_plots"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot as it goes onto the page and into a file.

    ``name`` is a file name without its suffix. ``svg`` is a document of its own, ``png`` empty unless it was
    asked for; ``trouble`` says why there is no picture.
    """

    stream: Stream
    name: str
    title: str
    svg: str = ""
    png: bytes = b""
    caption: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    table: Table | None = None
    trouble: str = ""


def drawn_plots(document: Document, *, png: bool = False) -> list[Drawn]:
    """Draw every plot of a report. What cannot be drawn is in the list too, and says why.

    Raises ImportError without matplotlib.
    """
    taken: set[str] = set()
    found: list[Drawn] = []
    with drawing():
        for stream in document.streams:
            for kind, make in _plots(stream, document):
                name = _free(_file_name(stream, kind), taken)
                try:
                    plot = make(name)
                    if plot is not None:
                        found.append(_drawn(stream, plot, len(found), png=png))
                except Exception as error:  # numbers that no axis can hold: the page goes without this plot
                    found.append(Drawn(stream, name, kind, trouble=f"{type(error).__name__}: {error}"))
    return found


def _drawn(stream: Stream, plot: Plot, number: int, *, png: bool) -> Drawn:
    return Drawn(
        stream=stream,
        name=plot.name,
        title=plot.title,
        svg=svg_text(plot.figure, f"plot-{number}"),
        png=png_bytes(plot.figure) if png else b"",
        caption=plot.caption,
        summary=plot.summary,
        table=plot.table,
    )


def _plots(stream: Stream, document: Document) -> Iterator[tuple[str, Callable[[str], Plot | None]]]:
    """Yield the kind of each plot of a stream, and what draws it under a name."""
    verdicts = document.verdicts
    result = document.report.results.get(stream.node) if document.report is not None else None
    for stretch in stream.stretches:
        if stretch.columns is not None:
            yield "time", partial(over_time, stream, stretch, verdicts)
            continue
        if stretch.info.axis == "band":
            yield "bands", partial(in_bands, stream, stretch, verdicts, result)
        else:
            if stretch.waterfall is not None:
                yield "spectrogram", partial(as_image, stretch)
            yield "spectrum", partial(over_frequency, stream, stretch, verdicts)
        for judge in stretch.floated:
            yield "shifted", partial(as_floated, stream, stretch, verdicts, judge)


def _file_name(stream: Stream, kind: str) -> str:
    """Return a file name that holds on any system, whatever the node is called."""
    port = f"-{stream.port}" if stream.port != "out" else ""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{stream.node}{port}").strip("-")[:60]
    return f"{plain or 'node'}-{kind}"


def _free(name: str, taken: set[str]) -> str:
    """Return the name, numbered where another plot has it already; capitals make no difference."""
    number, free = 1, name
    while free.lower() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.lower())
    return free
