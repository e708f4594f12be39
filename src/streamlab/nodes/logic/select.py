"""Select: keep some channels, in the order wanted, under other names."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.core.params import suggest
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, twice


class Select(ProcessingNode):
    """Keep the channels named, in that order, or all but some; and give them other names.

    Input    any frame, (channels, n)        Output  (channels kept, n)
    Kind     sample-wise                     State   none
    Gaps     passed on
    Errors   ParamError for a channel that is not there, names that clash, or when none would be left

    Example
    -------
    >>> frame = DataFrame(payload={"ch0": [1.0], "ch1": [2.0], "ch2": [3.0]})
    >>> out = Select(keep=["ch2", "ch0"], rename={"ch2": "mic"}).process(frame)
    >>> {name: row.tolist() for name, row in out.payload.items()}
    {'mic': [3.0], 'ch0': [1.0]}
    """

    kind = "sample-wise"

    keep: list[str] | None = param(
        default=None, doc="Channels to keep, in this order; all when not given", min_length=1
    )
    drop: list[str] | None = param(default=None, doc="Channels to leave out, in place of keep", min_length=1)
    rename: dict[str, str] | None = param(default=None, doc="Other names: old to new")

    def configure(self, info: StreamInfo) -> None:
        """Find the rows to keep."""
        self._out = self.stream_info(self, **{"in": info}) or info
        self._rows = [info.row(name) for name in _kept(self, info)]

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame with these channels only."""
        self.follow(frame.info)
        return frame.replace(samples=frame.samples[self._rows], info=self._out)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The channels kept, with all that is known of them."""
        info = inputs["in"]
        if info is None:
            return None
        names = params.rename or {}
        problems = missing_channels(info, params.keep, "keep") + missing_channels(info, params.drop, "drop")
        kept = [] if problems else _kept(params, info)
        if not problems:
            have = f"one of {', '.join(kept) or 'no channels'}"
            problems += [
                Problem(
                    f"/rename/{name}", f"no channel {name!r} is kept", have, repr(name), suggest(name, kept)
                )
                for name in names
                if name not in kept
            ]
        if not problems and not kept:
            problems.append(Problem("/drop", "no channel would be left", "at least one", "all dropped"))
        new = [names.get(name, name) for name in kept]
        problems += [
            Problem("/rename", "two channels would have one name", found=repr(name))
            for at, name in enumerate(new)
            if name in new[:at]
        ]
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = [info.channels[info.row(name)] for name in kept]
        return info.replace(
            channels=[replace(one, name=name) for one, name in zip(channels, new, strict=True)]
        )

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """``keep`` and ``drop`` exclude each other; something has to be asked for."""
        if params.keep is not None and params.drop is not None:
            yield Problem("/drop", "keep and drop are both given", "one of them", "both", "leave one out")
        if params.keep is None and params.drop is None and not params.rename:
            yield Problem("", "nothing is selected", "keep, drop or rename", "none of them")
        yield from twice(params.keep, "keep")
        yield from twice(params.drop, "drop")


def _kept(params: Any, info: StreamInfo) -> list[str]:
    if params.keep is not None:
        return list(params.keep)
    return [name for name in info.names if name not in (params.drop or ())]
