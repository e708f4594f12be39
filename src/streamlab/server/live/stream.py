"""LiveStream: one view of one output, from frames to the binary frames that clients get."""

import json
from collections.abc import Sequence
from time import monotonic
from typing import Any

from streamlab.core.info import StreamInfo
from streamlab.server.live.blocks import Block
from streamlab.server.live.frames import Flag, FrameHead, Kind, padded
from streamlab.server.live.levels import LevelsReducer
from streamlab.server.live.options import (
    LevelsOptions,
    Options,
    ScalarOptions,
    ScopeOptions,
    SpectrumOptions,
    StripOptions,
    WaterfallOptions,
)
from streamlab.server.live.reducer import CannotShow, Piece, Reducer
from streamlab.server.live.scalar import ScalarReducer
from streamlab.server.live.scope import ScopeReducer
from streamlab.server.live.spectrum import SpectrumReducer
from streamlab.server.live.strip import StripReducer
from streamlab.server.live.waterfall import WaterfallReducer

__all__ = ["LiveStream", "make_reducer"]


def make_reducer(options: Options, block: Block) -> Reducer:
    """Return what makes a view of a stream whose first block this is. Raises CannotShow."""
    info = block.info
    if isinstance(options, StripOptions):
        return StripReducer(info, options, block.span if info.axis == "none" else None)
    if isinstance(options, ScopeOptions):
        return ScopeReducer(info, options)
    if isinstance(options, SpectrumOptions):
        return SpectrumReducer(info, options)
    if isinstance(options, WaterfallOptions):
        return WaterfallReducer(info, options)
    if isinstance(options, LevelsOptions):
        return LevelsReducer(info, options)
    if isinstance(options, ScalarOptions):
        return ScalarReducer(info, options)
    raise TypeError(f"no view has options of type {type(options).__name__}")


class LiveStream:
    """Feeds a reducer and packs what it gives.

    ``facts`` stand in every description (pipeline, output, kind, options); ``generation`` is that of the
    first one. A stream whose info changes begins a new generation with a new description.
    """

    def __init__(self, number: int, options: Options, facts: dict[str, Any], generation: int) -> None:
        self.number = number
        self.options = options
        self.problem: str | None = None
        self._facts = facts
        self._generation = generation - 1
        self._sequence = 0
        self._info: StreamInfo | None = None
        self._span: int | None = None
        self._reducer: Reducer | None = None
        self._described = False
        self._origin: float | None = None
        self._due = 0.0

    @property
    def generation(self) -> int:
        """The one that frames are of now."""
        return self._generation

    def feed(self, blocks: Sequence[Block]) -> None:
        """Take what a tap has caught. What cannot be shown is said by ``problem``, once for each reason."""
        for block in blocks:
            if block.info is not self._info or (block.info.axis == "none" and block.span != self._span):
                self._begin(block)
            if self._reducer is None:
                continue
            try:
                self._reducer.feed(block)
            except CannotShow as error:
                self.problem, self._reducer = str(error), None

    def _begin(self, block: Block) -> None:
        if block.info.axis == "none" and block.info is self._info and not block.samples.shape[1]:
            return
        self._info, self._span = block.info, block.span
        self._generation += 1
        self._sequence = 0
        self._described = False
        rate = block.info.sample_rate
        seconds = 0.0 if rate is None else float(block.start / rate)
        self._origin = block.timestamp / 1e6 - seconds
        try:
            self._reducer = make_reducer(self.options, block)
            self.problem = None
        except CannotShow as error:
            self._reducer, self.problem = None, str(error)

    def restart(self) -> None:
        """Forget averages and held peaks."""
        if self._reducer is not None:
            self._reducer.restart()

    def take(self, emitted: float) -> list[bytes]:
        """Return the frames that are due. ``emitted`` is when the newest sample left its node."""
        reducer = self._reducer
        if reducer is None or monotonic() < self._due:
            return []
        pieces = reducer.take()
        if pieces:
            self._due = monotonic() + reducer.period * 0.9
        return self._packed(reducer, pieces, emitted)

    def end(self, emitted: float, lost: int = 0) -> list[bytes]:
        """The stream has ended: return the rest, the last frame with flag eos."""
        reducer = self._reducer
        if reducer is None:
            return []
        reducer.lost += lost
        pieces = reducer.end() or [Piece(b"", lost=reducer.counted())]
        pieces[-1].flags |= Flag.EOS | (Flag.GAP if lost else Flag.NONE)
        packed = self._packed(reducer, pieces, emitted)
        self._reducer = self._info = None  # what comes after an end is another stream
        return packed

    def _packed(self, reducer: Reducer, pieces: list[Piece], emitted: float) -> list[bytes]:
        frames = []
        if pieces and not self._described:
            frames.append(self._description(reducer))
            self._described = True
        for piece in pieces:
            head = FrameHead(
                reducer.kind,
                self.number,
                self._generation,
                self._sequence,
                piece.flags,
                len(reducer.channels),
                first=max(0, piece.first),
                columns=piece.columns,
                rows=piece.rows,
                time=piece.time,
                emitted=emitted,
                lost=piece.lost,
                trigger=piece.trigger,
            )
            frames.append(head.frame(piece.payload))
            self._sequence += 1
        return frames

    def _description(self, reducer: Reducer) -> bytes:
        info = reducer.info
        rate = info.sample_rate
        document = {
            "stream": self.number,
            "generation": self._generation,
            **self._facts,
            "axis": info.axis,
            "rate": None if rate is None else [rate.numerator, rate.denominator],
            "origin": self._origin,
            "channels": reducer.channel_documents(),
            **reducer.describe(),
        }
        text = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
        return FrameHead(Kind.DESCRIPTION, self.number, self._generation).frame(padded(text, b" "))
