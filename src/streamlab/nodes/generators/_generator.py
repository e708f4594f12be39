"""What the generators share: a frame comes in as a trigger and leaves with ``frame_size`` new samples."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.core.recycle import Recycled
from streamlab.errors import ParamError, Problem


class Generator(ProcessingNode):
    """A node that makes samples whenever a frame comes in.

    The frame keeps timestamp, sequence_id, metadata and, if they have ``frame_size`` samples, its other
    channels; ``start_sample`` counts the samples made here. A lost trigger loses no samples, so a gap ends
    here.
    """

    kind = "sample-wise"
    generator = True

    sample_rate: float = param(default=48000.0, doc="Sample rate", unit="Hz", gt=0, le=1e9)
    frame_size: int = param(default=1024, doc="Samples made per frame", unit="samples", ge=1, le=1 << 24)
    channels: list[str] = param(default=["main_channel"], doc="Names of the channels to make", min_length=1)
    unit: str = param(default="", doc="Unit of the channels, such as Pa or V")

    _count = 0
    _given: StreamInfo | None = None

    @abstractmethod
    def make(self, start: int, out: Samples) -> None:
        """Write the samples from number ``start`` on to ``out``, shape (channels, frame_size)."""

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame with the channels made here."""
        size = self.frame_size
        given = frame.info if frame.n == size else _NOTHING
        if given is not self._given:
            self._arrange(given)
        samples = self._blocks.take(len(self._info.names), size)
        if self._kept:
            samples[: len(self._kept)] = frame.samples[self._kept]
        self.make(self._count, samples[len(self._kept) :])
        made = DataFrame.from_samples(
            samples,
            self._info,
            timestamp=frame.timestamp,
            sequence_id=frame.sequence_id,
            start_sample=self._count,
            metadata=frame.metadata,
        )
        self._count += size
        return made

    def process_block(self, frames: Sequence[DataFrame]) -> DataFrame:
        """Return one frame with the samples that the triggers, which bring none, would get one by one."""
        if self._given is not _NOTHING:
            self._arrange(_NOTHING)
        size, count, start = self.frame_size, len(frames), self._count
        samples = self._blocks.take(len(self._info.names), count * size)
        self.make_many(start, count, samples)
        self._count += count * size
        return DataFrame.from_samples(samples, self._info, start_sample=start)

    def make_many(self, start: int, count: int, out: Samples) -> None:
        """Write ``count`` times ``frame_size`` samples to ``out``, with the bits of ``make``."""
        size = self.frame_size
        for at in range(count):
            self.make(start + at * size, out[:, at * size : (at + 1) * size])

    def reset(self) -> None:
        """Begin again at sample 0."""
        super().reset()
        self._count = 0

    def _arrange(self, given: StreamInfo) -> None:
        """Find the channels to keep and describe what comes out: constant per stream."""
        self._blocks = Recycled()
        self._info: StreamInfo = self.stream_info(self, **{"in": given})
        self._kept: list[int] = [given.row(name) for name in self._info.names[: -len(self.channels)]]
        self._given = given

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo:
        """Channels, unit and rate as the parameters say, behind what the input brings along."""
        made = [ChannelInfo(name, unit=params.unit) for name in params.channels]
        info = StreamInfo(made, params.sample_rate)
        given = inputs["in"]
        if given is None or given.axis != "time":
            return info
        kept = [channel for channel in given.channels if channel.name not in info]
        if kept and given.sample_rate not in (None, info.sample_rate):
            found = f"{float(given.sample_rate or 0):g} Hz"
            names = ", ".join(channel.name for channel in kept)
            problem = Problem(
                "/sample_rate",
                f"the channels that come in ({names}) have another rate",
                found,
                f"{params.sample_rate:g} Hz",
            )
            raise ParamError([problem], title=cls.__name__)
        return info.replace(channels=[*kept, *made])

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Channel names differ."""
        for number, name in enumerate(params.channels):
            if name in params.channels[:number]:
                yield Problem(f"/channels/{number}", "channel names must differ", found=f"{name!r} twice")


_NOTHING = StreamInfo()


def above_nyquist(params: Any) -> Iterable[Problem]:
    """Yield a problem when ``frequency`` is above half of ``sample_rate``."""
    if params.frequency > params.sample_rate / 2:
        yield Problem(
            "/frequency",
            "the frequency is above half the sample rate",
            f"at most {params.sample_rate / 2:g} Hz",
            f"{params.frequency:g} Hz",
            "sampled, it would sound as another frequency; raise sample_rate",
        )
