"""The look of the plots: colours that follow the page into the dark, text that stays text, SVG in HTML."""

import io
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

__all__ = [
    "DASHES",
    "FIGURE_WIDTH",
    "FLAW",
    "GRID",
    "INK",
    "LIMIT",
    "LOST",
    "MUTED",
    "SERIES",
    "UNJUDGED",
    "clean",
    "drawing",
    "new_figure",
    "png_bytes",
    "short",
    "svg_inline",
    "svg_text",
]

# Each colour is found again in the SVG by its number and given a name there, so no two are the same.
INK, MUTED, GRID = "#1c2733", "#5a6875", "#d8dfe6"
LIMIT, LOST, UNJUDGED, FLAW = "#b3261e", "#7d8894", "#e9edf1", "#f8ecf7"
SERIES = ("#0b63a5", "#c2500d", "#137a58", "#7a3ff0", "#946200", "#b0246b", "#00727a", "#5c5d5e")
DASHES = (*["solid"] * 4, *[(0, (4, 1, 1, 1))] * 4)

_NAMES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    LIMIT: "--limit",
    LOST: "--lost",
    UNJUDGED: "--unjudged",
    FLAW: "--flaw",
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES, 1)},
}

FIGURE_WIDTH = 10.0
"""Inches."""

_SETTINGS: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "text.usetex": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.formatter.use_mathtext": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "hatch.color": LOST,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "path.simplify": False,  # it may leave out a spike
    "agg.path.chunksize": 20_000,
}

_one_at_a_time = threading.RLock()
"""matplotlib's settings are the program's: whoever draws has them alone."""


@contextmanager
def drawing() -> Iterator[None]:
    """Have matplotlib draw in the look of a report, whatever the user's own settings are.

    Raises ImportError without matplotlib.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache on the first run
    import matplotlib

    with _one_at_a_time, matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)  # browsers have other fonts
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams
        settings.update(_SETTINGS)
        yield


def new_figure(height: float) -> Any:
    """Return an empty figure of the width of a page and a height in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(FIGURE_WIDTH, height), layout="constrained")


def png_bytes(figure: Any) -> bytes:
    """Return a figure as PNG, 1500 pixels wide, on white."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=150, facecolor="white", metadata={"Software": None})
    return out.getvalue()


def svg_text(figure: Any, salt: str) -> str:
    """Return a figure as an SVG document, on white; ``salt`` keeps its ids apart from those of others."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    FigureCanvasSVG(figure)
    out = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    settings: Any = {"svg.hashsalt": salt}
    with matplotlib.rc_context(settings):
        figure.savefig(out, format="svg", dpi=110, facecolor="white", metadata=nothing)
    root = ElementTree.fromstring(out.getvalue())
    _make_lean(root, salt)
    ElementTree.register_namespace("", _SVG[1:-1])
    ElementTree.register_namespace("xlink", _XLINK[1:-1])
    text: str = ElementTree.tostring(root, encoding="unicode")
    return text


def svg_inline(svg: str) -> str:
    """Return an SVG document as a part of an HTML page: its colours are the page's, its ground is none.

    The page describes it in words, so it is hidden from those who have it read to them.
    """
    root = ElementTree.fromstring(svg)
    for part in root.iter():
        part.tag = part.tag.removeprefix(_SVG)
        if f"{_XLINK}href" in part.attrib:
            part.set("href", part.attrib.pop(f"{_XLINK}href"))
        style = part.get("style")
        if style is not None:
            part.set("style", _COLOUR.sub(lambda found: f"var({_NAMES[found[0]]})", style))
    for part in root.findall("defs/style/.."):
        root.remove(part)  # it would hold for the whole page, which has it in its own
    ground = root.find("g/g/path")
    if ground is not None:
        ground.set("style", "fill: none")
    root.attrib = {"viewBox": root.attrib["viewBox"], "aria-hidden": "true", "focusable": "false"}
    text: str = ElementTree.tostring(root, encoding="unicode", method="html")
    return text


_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_COLOUR = re.compile("|".join(_NAMES))
_POINTS = re.compile(r"(\.\d\d)\d+")
_REFERENCE = re.compile(r"(url\(#)([^)]+)(?=\))|^(#)(.+)$")


def _make_lean(root: ElementTree.Element, scope: str) -> None:
    """Leave out what nobody needs, round to a hundredth of a point, and give every id its scope."""
    for part in root.findall(f"{_SVG}metadata"):
        root.remove(part)
    names: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        head, target = found[1] or found[3], found[2] or found[4]
        return head + names.setdefault(target, f"{scope}-{len(names)}")

    for part in root.iter():
        for name in {"style", "clip-path", f"{_XLINK}href"} & part.attrib.keys():
            part.set(name, _REFERENCE.sub(renamed, part.attrib[name]))
        if "d" in part.attrib:
            part.set("d", _POINTS.sub(r"\1", part.attrib["d"]).replace("\n", ""))
    for part in root.iter():
        if "id" in part.attrib:
            name = part.attrib.pop("id")
            if name in names:
                part.set("id", names[name])


def clean(text: str) -> str:
    """Return text without what XML cannot hold, in one line."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if ord(sign) < 32
        or ord(sign) in (0xFFFE, 0xFFFF)
        or 0x7F <= ord(sign) < 0xA0
        or 0xD800 <= ord(sign) < 0xE000
        else sign
        for sign in text
    )


def short(text: str, most: int = 36) -> str:
    """Return text as a legend has room for it."""
    text = clean(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"
