"""Stretch: what is kept of a stream as long as its description stays the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import DataFrame, StreamInfo
from streamlab.dsp.limits import mask_curve
from streamlab.report.columns import Columns, Mark
from streamlab.report.curves import Curves, Floated, scale_of
from streamlab.report.waterfall import Waterfall

__all__ = ["MOST_CHANNELS", "Judging", "Stretch"]

MOST_CHANNELS = 16
"""Channels of a stream that are kept at most; those that are judged come first."""

_MOST_IMAGES = 4
"""Channels of a waterfall that are kept at most."""

_BATCH_VALUES, _BATCH_FRAMES = 1 << 15, 64
"""So much is looked at in one go: a hundred frames one by one cost ten times as much."""


@dataclass(frozen=True, slots=True)
class Judging:
    """A judge behind a stream: its id, its type, its parameters."""

    node: str
    type_name: str
    params: Any

    def rows(self, info: StreamInfo) -> list[int]:
        """Return the rows of the channels that it judges."""
        value = getattr(self.params, "value", None)
        if value is None:
            return list(range(len(info.names)))
        if value in info:
            return [info.row(value)]
        return [row for row, name in enumerate(info.names) if name.endswith(f".{value}")]


@dataclass(slots=True)
class _Batch:
    """Frames of samples over time that follow each other."""

    samples: list[NDArray[np.float64]] = field(default_factory=list)
    start: int = 0
    next: int = 0
    mark: int = 0
    values: int = 0


class Stretch:
    """The course, the curves or the image of a stream, whatever its axis asks for.

    ``rows`` are the channels that are kept. On an axis other than time a frame is one position, ``step``
    samples of the source wide, the first of them at sample ``first``.
    """

    def __init__(self, frame: DataFrame, judges: Iterable[Judging], *, image: bool) -> None:
        info = self.info = frame.info
        judges = list(judges)
        judged = dict.fromkeys(row for judge in judges for row in judge.rows(info))
        self.rows = sorted(
            [*judged, *(row for row in range(len(info.names)) if row not in judged)][:MOST_CHANNELS]
        )
        self.channels = [info.channels[row] for row in self.rows]
        self.frames = 0
        self.first, self.step = (0, 1) if info.axis == "time" else (frame.start_sample, max(1, frame.advance))
        self.columns: Columns | None = None
        self.curves: Curves | None = None
        self.waterfall: Waterfall | None = None
        self.floated: dict[str, Floated] = {}
        self._all = len(self.rows) == len(info.names)
        self._single = info.axis != "time"  # a frame is one position
        self._next: int | None = None
        self._batch = _Batch()
        self._prepare(frame.n, judges, image)

    def _prepare(self, n: int, judges: Sequence[Judging], image: bool) -> None:
        info = self.info
        if info.axis == "time" or (info.axis == "none" and n == 1):
            self.columns = Columns(len(self.rows))
        elif info.axis in ("frequency", "band", "order"):
            self.curves = Curves([scale_of(channel) for channel in self.channels], n)
            if image and info.points and info.axis == "frequency":
                self.waterfall = Waterfall(min(len(self.rows), _MOST_IMAGES), np.array(info.points))
            for judge in judges:
                if info.points and judge.type_name == "Mask" and judge.params.floating:
                    places = np.array(info.points)
                    upper, lower = (
                        mask_curve(part, places) for part in (judge.params.upper, judge.params.lower)
                    )
                    rows = [self.rows.index(row) for row in judge.rows(info) if row in self.rows]
                    self.floated[judge.node] = Floated(upper, lower, rows)

    def rate(self) -> Fraction | None:
        """The rate of the source's axis in Hz, None where there is none."""
        return self.info.sample_rate

    def seconds(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the times of positions in seconds of the stream; their numbers where there is no rate."""
        samples = self.first + positions.astype(np.float64) * self.step
        seconds: NDArray[np.float64] = samples / float(self.info.sample_rate or 1)
        return seconds

    def take(self, frame: DataFrame) -> None:
        """Take a frame with the same description."""
        self.frames += 1
        start = frame.start_sample
        mark = _mark_of(frame) if frame.metadata else 0
        position = start if self.step == 1 else (start - self.first) // self.step
        if self.columns is not None:
            if frame.gap:
                self.settle()
                lost = (start - frame.gap - self.first) // self.step
                self.columns.mark(lost, max(position, lost + 1), Mark.LOST)
            self._put(frame, position, mark)
        elif self.curves is not None and frame.n:
            self._curve(frame, position, mark)
        self._next = start + frame.advance

    def lose(self, count: int) -> None:
        """Note that samples are missing at the end."""
        self.settle()
        if self.columns is not None and self._next is not None and count:
            a, b = ((at - self.first) // self.step for at in (self._next, self._next + count))
            self.columns.mark(a, max(b, a + 1), Mark.LOST)

    def settle(self) -> None:
        """Look at what waits to be looked at together."""
        batch = self._batch
        if batch.samples and self.columns is not None:
            block = batch.samples[0] if len(batch.samples) == 1 else np.concatenate(batch.samples, axis=1)
            batch.samples = []
            batch.values = 0
            self.columns.add(block, batch.start, batch.mark)

    def _put(self, frame: DataFrame, start: int, mark: int) -> None:
        batch = self._batch
        if batch.samples and (start != batch.next or mark != batch.mark):
            self.settle()
        if not batch.samples:
            batch.start, batch.mark = start, mark
        samples = self._kept(frame)
        if self._single:
            samples = samples[:, :1]
        batch.samples.append(samples)
        batch.values += samples.size
        batch.next = start + samples.shape[1]
        if batch.values >= _BATCH_VALUES or len(batch.samples) >= _BATCH_FRAMES:
            self.settle()

    def _kept(self, frame: DataFrame) -> NDArray[np.float64]:
        samples = frame.samples if self._all else frame.samples[self.rows]
        if frame.metadata:
            settling = frame.metadata.get("settling")
            if settling and settling is not True:  # what has not settled says nothing yet
                samples = samples.copy()
                samples[[channel.quantity in settling for channel in self.channels]] = np.nan
        return np.abs(samples) if samples.dtype.kind == "c" else samples

    def _curve(self, frame: DataFrame, position: int, mark: int) -> None:
        values = self._kept(frame)
        if self.curves is not None:
            partial = frame.metadata.get("partial")
            rate = self.info.sample_rate
            weight = 1.0 if partial is None or rate is None else float(partial) * float(rate)
            self.curves.add(values, weight=weight, judged=not mark & Mark.UNJUDGED)
        if self.waterfall is not None:
            self.waterfall.add(values[:_MOST_IMAGES], position)
        if not mark & Mark.UNJUDGED:
            for floated in self.floated.values():
                floated.add(values, position)


def _mark_of(frame: DataFrame) -> int:
    metadata, mark = frame.metadata, 0
    settling = metadata.get("settling")
    if "partial" in metadata or settling is True:
        mark |= Mark.UNJUDGED
    elif settling:  # quantities: the others are as good as ever
        mark |= Mark.SETTLING
    if "invalid" in metadata:
        mark |= Mark.INVALID
    return mark
