"""What nodes say of input and parameters: a channel that is not there, a stream not over time, no bound."""

from collections.abc import Iterable, Sequence
from typing import Any

from streamlab.core import StreamInfo
from streamlab.core.params import suggest
from streamlab.errors import Problem

__all__ = [
    "bounds_problems",
    "matching",
    "missing_channels",
    "missing_value",
    "not_over_time",
    "one_unit",
    "rows_of",
    "twice",
]


def rows_of(info: StreamInfo, names: Sequence[str] | None) -> list[int]:
    """Return the rows of the channels called so; all where no names are given."""
    return list(range(len(info.names))) if names is None else [info.row(name) for name in names]


def missing_channels(
    info: StreamInfo | None, names: Sequence[str] | None, param: str = "channels"
) -> list[Problem]:
    """Return a problem for each name that the stream has no channel of."""
    if info is None or names is None:
        return []
    have = f"one of {', '.join(info.names) or 'no channels'}"
    return [
        Problem(f"/{param}/{at}", f"no channel {name!r}", have, repr(name), suggest(name, info.names))
        for at, name in enumerate(names)
        if name not in info
    ]


def twice(names: Sequence[str] | None, param: str = "channels") -> Iterable[Problem]:
    """Yield a problem for each name that a list has twice."""
    for at, name in enumerate(names or ()):
        if name in (names or ())[:at]:
            yield Problem(f"/{param}/{at}", "channel names must differ", found=f"{name!r} twice")


def matching(value: str, info: StreamInfo) -> list[int]:
    """Return the rows of the channel of that name, or of those whose names end with it behind a dot."""
    if value in info:
        return [info.row(value)]
    return [row for row, name in enumerate(info.names) if name.endswith(f".{value}")]


def missing_value(value: str, info: StreamInfo, param: str = "value") -> list[Problem]:
    """Return a problem when no channel bears the name or ends with it."""
    if matching(value, info):
        return []
    ends = {name.rpartition(".")[2] for name in info.names}
    hint = suggest(value, [*info.names, *sorted(ends)])
    what = f"no channel is called {value!r} or ends with '.{value}'"
    return [Problem(f"/{param}", what, f"one of {', '.join(info.names) or 'no channels'}", repr(value), hint)]


def not_over_time(info: StreamInfo, who: str, *, rate: bool = True) -> list[Problem]:
    """Return a problem when the samples are not over time, or have no sample rate where one is needed."""
    if info.axis == "time" and (info.sample_rate is not None or not rate):
        return []
    expected = "a sample rate" if rate else "the axis time"
    return [Problem("", f"{who} needs samples over time", expected, repr(info))]


def one_unit(info: StreamInfo, rows: Sequence[int], what: str) -> list[Problem]:
    """Return a problem when the channels have different units; ``what`` ends with "one unit"."""
    chosen = [info.channels[row] for row in rows]
    others = [item for item in chosen if (item.unit, item.reference) != (chosen[0].unit, chosen[0].reference)]
    if not others:
        return []
    hint = "name those of one unit in channels"
    return [Problem("/channels", f"{what} one unit", chosen[0].label, others[0].label, hint)]


def bounds_problems(params: Any, who: str) -> Iterable[Problem]:
    """Yield a problem when ``lower`` and ``upper`` are both missing, or the wrong way round."""
    if params.lower is None and params.upper is None:
        yield Problem("/upper", f"{who} needs a bound", "lower, upper or both", "neither")
    elif params.lower is not None and params.upper is not None and params.lower > params.upper:
        yield Problem("/lower", "lower is above upper", f"at most {params.upper:g}", f"{params.lower:g}")
