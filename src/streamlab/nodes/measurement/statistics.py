"""Statistics: mean and RMS of every frame."""

from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, FrameRun, ProcessingNode, Samples, StreamInfo
from streamlab.dsp.statistics import mean_and_rms

# Frames are summed so many at a time, counted from the first: one by one or in blocks, the bits are the same.
_SUMMED_AT_ONCE = 64


class Statistics(ProcessingNode):
    """Measure mean and root mean square of each channel, frame by frame and over all.

    Input    (channels, n)                   Output  (2 channels, 1): ``name.mean`` and ``name.RMS`` of each
    Kind     frame-wise                      State   sums for the result
    Gaps     passed on
    Settles  at once: sums, no filter
    Errors   none on data; an empty frame gives nothing

    Both are in the channel's own unit. The output keeps timestamp, sequence_id, start_sample and metadata;
    its ``span`` is the frame measured.
    The result is ``{channel: {"mean": ..., "RMS": ..., "count": ...}}`` over all samples. ``measure`` does
    several frames of one stream and length at once, with the same bits.

    Example
    -------
    >>> frame = DataFrame(payload={"main_channel": [1.0, 2.0, 3.0]})
    >>> {name: round(float(row[0]), 4) for name, row in Statistics().process(frame).payload.items()}
    {'main_channel.mean': 2.0, 'main_channel.RMS': 2.1602}
    """

    _count = 0
    _filled = 0

    def configure(self, info: StreamInfo) -> None:
        """Describe the output; the totals begin anew with another set of channels."""
        self._out: StreamInfo = self.stream_info(self, **{"in": info})
        self._names = info.names
        # Of mean and square, (channels, 2), each weighted with its frame's length; then mean and RMS of
        # frames not summed yet, (frames, channels, 2), and their lengths, (frames, 1, 1).
        self._sums: Samples = np.zeros((len(info.names), 2))
        self._recent: Samples = np.empty((_SUMMED_AT_ONCE, len(info.names), 2))
        self._lengths: Samples = np.empty((_SUMMED_AT_ONCE, 1, 1))
        self._count = self._filled = 0

    def process(self, frame: DataFrame) -> DataFrame | None:
        """Return the numbers of one frame."""
        size = frame.n
        if not size:
            return None
        self.follow(frame.info)
        mean, rms = mean_and_rms(frame.samples)
        numbers = np.empty((len(mean), 2))
        numbers[:, 0] = mean
        numbers[:, 1] = rms
        self._add(numbers[np.newaxis], size)
        return DataFrame.from_samples(
            numbers.reshape(-1, 1),
            self._out,
            timestamp=frame.timestamp,
            sequence_id=frame.sequence_id,
            start_sample=frame.start_sample,
            gap=frame.gap,
            span=None if frame.advance == 1 else frame.advance,
            metadata=frame.metadata,
        )

    def measure(self, frames: FrameRun) -> FrameRun:
        """Return what ``process`` returns for each of several frames, from one pass over their block."""
        self.follow(frames.info)
        mean, rms = mean_and_rms(frames.block)
        channels, count = mean.shape
        numbers = np.empty((count, channels, 2))
        numbers[:, :, 0] = mean.T
        numbers[:, :, 1] = rms.T
        self._add(numbers, frames.block.shape[2])
        return frames.derive(numbers.reshape(count, -1).T[:, :, np.newaxis], self._out)

    def _add(self, numbers: Samples, size: int) -> None:
        """Put the numbers of some frames of ``size`` samples, (frames, channels, 2), to the totals."""
        self._count += size * len(numbers)
        end = self._filled + len(numbers)
        if end < _SUMMED_AT_ONCE:
            self._recent[self._filled : end] = numbers
            self._lengths[self._filled : end] = size
            self._filled = end
            return
        at = 0
        while at < len(numbers):
            count = min(len(numbers) - at, _SUMMED_AT_ONCE - self._filled)
            there = slice(self._filled, self._filled + count)
            self._recent[there] = numbers[at : at + count]
            self._lengths[there] = size
            self._filled += count
            at += count
            if self._filled == _SUMMED_AT_ONCE:
                self._sums, self._filled = self._total(), 0

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
        numbers = self._recent[: self._filled].copy()
        numbers[:, :, 1] **= 2
        total: Samples = self._sums + (numbers * self._lengths[: self._filled]).sum(axis=0)
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
