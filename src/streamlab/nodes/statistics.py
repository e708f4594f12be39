"""Statistics: mean and RMS of every frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo
from streamlab.dsp.statistics import mean_and_rms

_MANY = 256  # frames whose numbers wait to be added up


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
    _size = 0  # samples of each frame that waits
    _waiting: list[Samples]
    _out: StreamInfo
    _mean: Samples
    _square: Samples

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self._waiting = []

    def configure(self, info: StreamInfo) -> None:
        """Describe the output; the totals begin anew with another set of channels."""
        self._out = self.stream_info(self, **{"in": info})
        self._names = info.names
        self._count, self._waiting = 0, []
        self._mean = np.zeros(len(info.names))
        self._square = np.zeros(len(info.names))

    def process(self, frame: DataFrame) -> DataFrame | None:
        """Return the numbers of one frame."""
        return self._report(frame, *mean_and_rms(frame.samples)) if frame.n else None

    def measure(self, frames: Sequence[DataFrame], block: Samples | None = None) -> list[DataFrame]:
        """Return what ``process`` returns for each of several frames with one StreamInfo and length.

        ``block`` is their samples as (channels, frames, n), where the caller has them at hand.
        """
        if not frames or not frames[0].n:
            return []
        if block is None:
            block = np.stack([frame.samples for frame in frames], axis=1)
        mean, rms = mean_and_rms(block)
        return [self._report(frame, mean[:, k], rms[:, k]) for k, frame in enumerate(frames)]

    def result(self) -> dict[str, dict[str, float]] | None:
        """Mean, RMS and count of all samples by channel; None without any."""
        self._add_up()
        if not self._count:
            return None
        means, roots = self._mean / self._count, np.sqrt(self._square / self._count)
        return {
            name: {"mean": float(mean), "RMS": float(rms), "count": self._count}
            for name, mean, rms in zip(self._names, means, roots, strict=True)
        }

    def reset(self) -> None:
        super().reset()
        self._count, self._waiting = 0, []

    def _add_up(self) -> None:
        """Take the numbers of the last frames into the totals: many at once, for the sake of speed."""
        if self._waiting:
            numbers = np.stack(self._waiting)
            self._count += self._size * len(numbers)
            self._mean += numbers[:, :, 0].sum(axis=0) * self._size
            self._square += np.square(numbers[:, :, 1]).sum(axis=0) * self._size
            self._waiting = []

    def _report(self, frame: DataFrame, mean: Samples, rms: Samples) -> DataFrame:
        self.follow(frame.info)
        numbers = np.empty((len(mean), 2))
        numbers[:, 0] = mean
        numbers[:, 1] = rms
        if frame.n != self._size or len(self._waiting) >= _MANY:
            self._add_up()
            self._size = frame.n
        self._waiting.append(numbers)
        return DataFrame.from_samples(
            numbers.reshape(-1, 1),
            self._out,
            timestamp=frame.timestamp,
            sequence_id=frame.sequence_id,
            start_sample=frame.start_sample,
            gap=frame.gap,
            span=frame.advance,
            metadata=frame.metadata,
        )

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
