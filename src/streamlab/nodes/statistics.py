"""Statistics: mean and RMS of every frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo
from streamlab.dsp.statistics import mean_and_rms

# Frames are summed so many at a time, counted from the first: one by one or in blocks, the bits are the same.
_SUMMED_AT_ONCE = 64


class Statistics(ProcessingNode):
    """Measure mean and root mean square of each channel, frame by frame and over all.

    Input    (channels, n)                   Output  (2 channels, 1): ``name.mean`` and ``name.RMS`` of each
    Kind     frame-wise                      State   sums for the result
    Gaps     passed on                       Errors  none on data; an empty frame gives nothing

    The output keeps timestamp, sequence_id, start_sample and metadata; its ``span`` is the frame measured.
    The result is ``{channel: {"mean": ..., "RMS": ..., "count": ...}}`` over all samples. ``measure`` does
    several frames of one stream and length at once, with the same bits.

    Example
    -------
    >>> frame = DataFrame(payload={"main_channel": [1.0, 2.0, 3.0]})
    >>> {name: round(float(row[0]), 4) for name, row in Statistics().process(frame).payload.items()}
    {'main_channel.mean': 2.0, 'main_channel.RMS': 2.1602}
    """

    _count = 0
    _out: StreamInfo
    _sums: Samples  # of mean and square, (channels, 2), each weighted with its frame's length
    _recent: list[tuple[int, Samples]]  # length and (channels, 2) numbers of the frames not summed yet

    def configure(self, info: StreamInfo) -> None:
        """Describe the output; the totals begin anew with another set of channels."""
        self._out = self.stream_info(self, **{"in": info})
        self._names = info.names
        self._count = 0
        self._sums = np.zeros((len(info.names), 2))
        self._recent = []

    def process(self, frame: DataFrame) -> DataFrame | None:
        """Return the numbers of one frame."""
        return self.measure([frame], frame.samples[:, np.newaxis])[0] if frame.n else None

    def measure(self, frames: Sequence[DataFrame], block: Samples | None = None) -> list[DataFrame]:
        """Return what ``process`` returns for each of several frames of one info and length, from one pass.

        ``block`` is their samples as (channels, frames, n), where the caller has them at hand.
        """
        if not frames or not frames[0].n:
            return []
        if block is None:
            block = np.stack([frame.samples for frame in frames], axis=1)
        self.follow(frames[0].info)
        mean, rms = mean_and_rms(block)
        numbers = np.empty((len(frames), len(mean), 2))
        numbers[:, :, 0] = mean.T
        numbers[:, :, 1] = rms.T
        columns = numbers.reshape(len(frames), -1, 1)
        count = block.shape[2]
        self._count += count * len(frames)
        for row in numbers:
            self._recent.append((count, row))
            if len(self._recent) == _SUMMED_AT_ONCE:
                self._sums, self._recent = self._total(), []
        return [
            DataFrame.from_samples(
                column,
                self._out,
                timestamp=frame.timestamp,
                sequence_id=frame.sequence_id,
                start_sample=frame.start_sample,
                gap=frame.gap,
                span=frame.advance,
                metadata=frame.metadata,
            )
            for frame, column in zip(frames, columns, strict=True)
        ]

    def result(self) -> dict[str, dict[str, float]] | None:
        """Mean, RMS and count of all samples by channel; None without any."""
        if not self._count:
            return None
        means, squares = (self._total() / self._count).T
        return {
            name: {"mean": float(mean), "RMS": float(rms), "count": self._count}
            for name, mean, rms in zip(self._names, means, np.sqrt(squares), strict=True)
        }

    def reset(self) -> None:
        super().reset()
        self._count = 0

    def _total(self) -> Samples:
        """Return the sums with the recent frames in them."""
        if not self._recent:
            return self._sums
        counts = np.array([[[count]] for count, _ in self._recent], dtype=np.float64)
        numbers = np.stack([row for _, row in self._recent])
        numbers[:, :, 1] **= 2
        total: Samples = self._sums + (numbers * counts).sum(axis=0)
        return total

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> Any:
        """Two numbers per channel and frame; the rate stays that of the samples measured."""
        info = inputs["in"]
        if info is None:
            return None
        numbers = [
            ChannelInfo(f"{channel.name}.{name}", channel.unit, name, channel.reference)
            for channel in info.channels
            for name in ("mean", "RMS")
        ]
        return StreamInfo(numbers, info.sample_rate, "none")
