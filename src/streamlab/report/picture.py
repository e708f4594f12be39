"""The picture of a graph: boxes and ways with their coordinates, for the template that makes SVG of them."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from streamlab.core import Outcome
from streamlab.engine import Report
from streamlab.engine.plan import edge_id
from streamlab.engine.spec import EdgeSpec, GraphSpec
from streamlab.report.layout import Layout, lay_out
from streamlab.report.plots.style import clean

__all__ = ["Box", "Picture", "Way", "picture_of"]

_WIDE, _HIGH = 158.0, 46.0
_SIZE, _SMALL = 13.0, 11.0  # of the text, in the units of the picture
_MOST_ALONG = 6
"""Layers that fit side by side on a page; a longer graph goes from top to bottom if it is not too wide."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its upper left corner, what is written in it, and its verdict's outcome."""

    id: str
    x: float
    y: float
    name: str
    type_name: str
    trigger: bool
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Way:
    """An edge: its path as SVG draws it, its label with the place of it, and in full what it is."""

    path: str
    label: str
    x: float
    y: float
    title: str
    loses: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and ways in a frame of ``width`` by ``height``."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: list[Box]
    ways: list[Way]


def picture_of(spec: GraphSpec, report: Report | None, outcomes: Mapping[str, Outcome]) -> Picture:
    """Return the picture of a graph; ``report`` has what its edges have dropped."""
    layout = lay_out(spec.order, [(edge.source, edge.target) for edge in spec.edges])
    along = layout.layers <= _MOST_ALONG or layout.width > layout.layers
    turn = _Turned(layout, along=along)
    boxes = []
    for name in spec.order:
        x, y = turn.corner(layout.layer[name], layout.place[name])
        node = spec.nodes[name]
        boxes.append(
            Box(
                id=name,
                x=x,
                y=y,
                name=fitted(name, _WIDE - 22, _SIZE * 0.58),
                type_name=fitted(node.type_name, _WIDE - 22, _SMALL * 0.58),
                trigger=name in spec.triggers,
                outcome=outcomes.get(name),
            )
        )
    ways = [_way(spec, report, edge, way, turn) for edge, way in zip(spec.edges, layout.ways, strict=True)]
    return Picture(*turn.size, _WIDE, _HIGH, boxes, ways)


class _Turned:
    """Coordinates in a picture that goes from left to right (``along``) or from top to bottom."""

    def __init__(self, layout: Layout, *, along: bool) -> None:
        self._along = along
        self._step = _WIDE + 62 if along else _HIGH + 40
        self._beside = _HIGH + 22 if along else _WIDE + 26
        main = (layout.layers - 1) * self._step + (_WIDE if along else _HIGH)
        across = (layout.width - 1) * self._beside + (_HIGH if along else _WIDE)
        self.size = (main + 8, across + 8) if along else (across + 8, main + 8)

    def corner(self, layer: int, place: float) -> tuple[float, float]:
        main, across = 4 + layer * self._step, 4 + place * self._beside
        x, y = (main, across) if self._along else (across, main)
        return round(x, 1), round(y, 1)

    def way(self, points: list[tuple[int, float]]) -> list[tuple[float, float]]:
        """Return where a way leaves, what it passes, and where it ends: in pairs of in and out of a layer."""
        found = []
        for number, (layer, place) in enumerate(points):
            x, y = self.corner(layer, place)
            middle = (x, y + _HIGH / 2) if self._along else (x + _WIDE / 2, y)
            through = (x + _WIDE, y + _HIGH / 2) if self._along else (x + _WIDE / 2, y + _HIGH)
            found += [middle] if number else []
            found += [through] if number < len(points) - 1 else []
        return found

    def path(self, points: list[tuple[float, float]]) -> str:
        """Return the path of an SVG: curves between layers, straight through them."""
        parts = [f"M{points[0][0]:g},{points[0][1]:g}"]
        for number, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
            if number % 2:
                parts.append(f"L{x2:g},{y2:g}")
            elif self._along:
                middle = (x1 + x2) / 2
                parts.append(f"C{middle:g},{y1:g} {middle:g},{y2:g} {x2:g},{y2:g}")
            else:
                middle = (y1 + y2) / 2
                parts.append(f"C{x1:g},{middle:g} {x2:g},{middle:g} {x2:g},{y2:g}")
        return " ".join(parts)


def _way(
    spec: GraphSpec, report: Report | None, edge: EdgeSpec, points: list[tuple[int, float]], turn: _Turned
) -> Way:
    corners = turn.way(points)
    counted = report.edges.get(edge_id(spec, edge)) if report is not None else None
    dropped = counted.dropped if counted is not None else 0
    words = [_ports(spec, edge), edge.policy if edge.policy not in (None, "block") else ""]
    words += [f"{dropped} dropped"] if dropped else []
    (xa, ya), (xb, yb) = corners[-2], corners[-1]
    return Way(
        path=turn.path(corners),
        label=clean(", ".join(word for word in words if word)),
        x=(xa + xb) / 2,
        y=(ya + yb) / 2 - 5,
        title=clean(f"{edge.source}.{edge.source_port} to {edge.target}.{edge.target_port}"),
        loses=dropped > 0,
    )


def _ports(spec: GraphSpec, edge: EdgeSpec) -> str:
    """Name the ports where there is a choice."""
    out = edge.source_port if len(spec.nodes[edge.source].cls.outputs) > 1 else ""
    into = edge.target_port if len(spec.nodes[edge.target].cls.inputs) > 1 else ""
    return " → ".join(part for part in (out, into) if part)


def fitted(text: str, room: float, wide: float) -> str:
    """Return text cut to a room; East Asian letters count as two of ``wide``."""
    text, left = clean(text), room
    for at, sign in enumerate(text):
        left -= wide * (2 if unicodedata.east_asian_width(sign) in "WF" else 1)
        if left < 0:
            return f"{text[: max(1, at - 1)]}…"
    return text
