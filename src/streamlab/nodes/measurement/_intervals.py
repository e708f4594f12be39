"""Frames of what was measured in intervals of time."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from streamlab.core import DataFrame, Samples, StreamInfo
from streamlab.dsp.generate import exact_number
from streamlab.dsp.level import IntervalGrid
from streamlab.errors import Problem
from streamlab.nodes._clockwork import Clockwork

__all__ = ["IntervalFrames", "too_short"]


def too_short(info: StreamInfo, interval: float, least: int = 1) -> list[Problem]:
    """Return a problem when an interval is shorter than so many samples."""
    rate = info.sample_rate
    if rate is None or exact_number(interval) * rate >= least:
        return []
    samples = "a sample" if least == 1 else f"{least} samples"
    expected = f"at least {float(least / rate):g} s"
    return [Problem("/interval", f"the interval is shorter than {samples}", expected, f"{interval:g} s")]


class IntervalFrames:
    """Makes frames of the intervals that a meter has completed.

    An interval that is not whole comes in a frame of its own with its seconds as ``partial`` in the metadata;
    one in which the meter was still settling says ``settling`` there: True, or the quantities it is about.

    Parameters
    ----------
    info
        What the frames are of: values over time at 1 / interval, or curves.
    clock, grid
        Times of samples, and the intervals.
    """

    def __init__(self, info: StreamInfo, clock: Clockwork, grid: IntervalGrid) -> None:
        self.info, self.clock, self.grid = info, clock, grid

    def columns(
        self,
        values: Samples,
        first: int,
        start: NDArray[np.int64],
        count: NDArray[np.int64],
        settling: Sequence[tuple[str, ...]] | None = None,
    ) -> list[DataFrame]:
        """Return frames of (channels, k) values, a column per interval: one for all that are alike."""
        partial = self._partial(first, count)
        settling = [()] * len(count) if settling is None else settling
        differ = np.array([one != other for one, other in pairwise(settling)], dtype=bool)
        changes = np.flatnonzero(partial[1:] | partial[:-1] | differ) + 1
        cuts = [0, *changes.tolist(), len(count)]
        return [
            self._frame(values[:, a:b], first + a, start, count, a, bool(partial[a]), settling[a])
            for a, b in pairwise(cuts)
        ]

    def curves(
        self,
        values: Samples,
        first: int,
        start: NDArray[np.int64],
        count: NDArray[np.int64],
        settled: NDArray[np.bool_],
    ) -> list[DataFrame]:
        """Return a frame for each interval of (channels, points, k) values."""
        partial = self._partial(first, count)
        return [
            self._frame(values[..., a], first + a, start, count, a, bool(partial[a]), not settled[a], 1)
            for a in range(len(count))
        ]

    def _partial(self, first: int, count: NDArray[np.int64]) -> NDArray[np.bool_]:
        partial: NDArray[np.bool_] = count != np.diff(self.grid.starts(first, first + len(count)))
        return partial

    def _frame(
        self,
        values: Samples,
        number: int,
        start: NDArray[np.int64],
        count: NDArray[np.int64],
        at: int,
        partial: bool,
        settling: bool | tuple[str, ...],
        span: int | None = None,
    ) -> DataFrame:
        frame = DataFrame.from_samples(
            np.ascontiguousarray(values),
            self.info,
            timestamp=self.clock.at(int(start[at])),
            start_sample=number,
            span=span,
            metadata=self.clock.metadata,
        )
        if partial:
            frame.metadata["partial"] = float(int(count[at]) / self.clock.rate)
        if settling:
            frame.metadata["settling"] = settling
        return frame
