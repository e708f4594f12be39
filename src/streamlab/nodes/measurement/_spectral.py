"""What nodes that give spectra have in common: segments, averages, lines, scales."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, cast

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.level import decibels
from streamlab.dsp.spectrum import RunningMean, Scaling, scaled
from streamlab.dsp.stft import Stft, line_frequencies
from streamlab.dsp.window import WindowName
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import not_over_time
from streamlab.nodes._clockwork import Clockwork
from streamlab.nodes.measurement._metrics import no_level, problems_with, reference_for

__all__ = ["SpectralNode", "lines_between", "segment_size"]

_USUAL_SIZE, _LARGEST = 4096, 1 << 24
_QUANTITIES = {"amplitude": "amplitude", "rms": "RMS", "power": "power", "psd": "PSD", "esd": "ESD"}


class SpectralNode(ProcessingNode):
    """Cut a stream into windowed segments at fixed places, transform and average them.

    At a gap a new segment begins behind it. An average of a fixed number of segments that was open is left
    out; one over the whole stream goes on, and its frame carries what is missing as its gap.
    """

    kind = "stream-wise"

    size: int | None = param(
        default=None, doc="Samples per segment; 4096 without resolution", unit="samples", ge=2, le=_LARGEST
    )
    resolution: float | None = param(
        default=None,
        doc="Distance of the lines, as near as whole samples allow, instead of size",
        unit="Hz",
        gt=0,
        le=1e9,
    )
    window: WindowName = param(default="hann", doc="Window of each segment")
    beta: float | None = param(
        default=None, doc="Shape of a Kaiser window; 14 when not given", unit="1", ge=0, le=100
    )
    overlap: float = param(
        default=0.5, doc="Part of a segment that it shares with the next", unit="1", ge=0, le=0.99
    )
    scaling: Scaling = param(
        default="rms", doc="rms and amplitude for tones, power their square, psd for noise, esd for shocks"
    )
    decibels: bool = param(default=False, doc="Give levels: of rms, or of psd")
    reference: str | None = param(
        default=None, doc="Reference of levels, such as '20 uPa'; by default that of the unit (ISO 1683)"
    )
    low: float = param(default=0.0, doc="Lowest line to give", unit="Hz", ge=0, le=1e9)
    high: float | None = param(
        default=None, doc="Highest line to give; half the rate when not given", unit="Hz", gt=0, le=1e9
    )

    averages: Any = 1  # segments per average, None: all of the stream
    average: Any = "linear"
    _next: int | None = None  # sample that is due
    _lost = 0  # samples at the end of the stream
    _latest: Samples | None = None

    def configure(self, info: StreamInfo) -> None:
        """Make the window; the averages begin anew."""
        self._out = self.stream_info(self, **{"in": info}) or info
        rate = info.sample_rate or Fraction(1)
        size = segment_size(self, rate)
        self._stft = Stft(
            len(info.names),
            float(rate),
            size,
            window=self.window,
            beta=self.beta,
            overlap=self.overlap,
            remove_mean=self._removes_mean(),
        )
        self._lines = lines_between(self, size, float(rate))
        self._zero = np.array([[reference_for(self.reference, one).value] for one in info.channels])
        self._mean = RunningMean(self.average, self.averages or 1)
        self._clock, self._missing, self._lead = Clockwork(rate), 0, 0
        self._next, self._latest = None, None
        self._first = self._last = 0  # of the open average: begin of its first and its newest segment
        self._count = 0
        self._ready(info)

    def process(self, frame: DataFrame) -> list[DataFrame]:
        """Return the spectra that this frame completes."""
        self.follow(frame.info)
        if frame.n == 0:
            return []
        if self._clock.note(frame, self._next):
            self._missing += 0 if self._next is None else max(0, frame.start_sample - self._next)
            self._restart()
        self._next = frame.start_sample + frame.n
        done = []
        for spectrum in self._stft.transforms(self._prepared(frame.samples)):
            self._last = self._clock.origin + self._lead + (self._stft.count - 1) * self._stft.hop
            if not self._mean.count:
                self._first = self._last
            self._mean.add(spectrum.real**2 + spectrum.imag**2)
            done += self._due()
        return done

    def ended(self, gap: int) -> None:
        self._lost += gap

    def flush(self) -> list[DataFrame]:
        if self._followed is None or self.averages is not None or not self._mean.count:
            return []
        span = self._last + self._stft.window.size - self._first
        return [self._frame(self._first, span, self._mean.count, self._missing)]

    def result(self) -> dict[str, dict[str, Any]] | None:
        """The highest line of the newest spectrum, by channel; None without a spectrum."""
        if self._latest is None:
            return None
        points, rest = self._out.points, {"averages": self._count, "missing": self._missing + self._lost}
        places = self._latest.argmax(axis=1).tolist()
        return {
            channel.name: {
                "highest": float(self._latest[row, place]),
                "frequency": points[place],
                "units": {"highest": _label(channel), "frequency": "Hz"},
            }
            | rest
            for row, (channel, place) in enumerate(zip(self._out.channels, places, strict=True))
        }

    def reset(self) -> None:
        super().reset()
        self._lost, self._latest = 0, None

    # -- what a kind of spectrum may do otherwise

    def _removes_mean(self) -> bool:
        return False

    def _ready(self, info: StreamInfo) -> None:
        """Prepare for a stream."""

    def _prepared(self, samples: Samples) -> Samples:
        """Return what is transformed; the first ``_lead`` samples of a stretch may be left out."""
        return samples

    def _values(self, square: Samples) -> Samples:
        """Return mean squares of lines, (channels, lines), in the scale wanted."""
        values = scaled(square, self._stft.window, float(self._clock.rate), self.scaling)[:, self._lines]
        if not self.decibels:
            return np.ascontiguousarray(values)
        return decibels(np.sqrt(values) if self.scaling == "psd" else values, self._zero)

    # -- averages

    def _restart(self) -> None:
        self._stft.reset()
        if self.averages is not None and self.average != "exponential":
            self._mean.reset()

    def _due(self) -> list[DataFrame]:
        """Return the spectrum that the newest segment completes."""
        if self.averages is None:
            return []
        hop = self._stft.hop
        if self.average == "exponential":
            return [self._frame(self._last, hop, self._mean.count)]
        if self._mean.count < self.averages:
            return []
        frame = self._frame(self._first, self.averages * hop, self._mean.count)
        self._mean.reset()
        return [frame]

    def _frame(self, start: int, span: int, count: int, gap: int = 0) -> DataFrame:
        values = self._values(cast(Samples, self._mean.value))  # there is one: a segment has come
        self._latest, self._count = values, count
        return DataFrame.from_samples(
            values,
            self._out,
            timestamp=self._clock.at(start),
            start_sample=start,
            span=span,
            gap=gap,
            metadata=self._clock.metadata,
        )

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """The same channels over frequency."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a spectrum") + problems_with(params.reference, (), info.channels)
        problems += no_level(info.channels, "/decibels") if params.decibels else []
        if problems or info.sample_rate is None:
            raise ParamError(problems, title=cls.__name__)
        rate = info.sample_rate
        size = segment_size(params, rate)
        lines = lines_between(params, size, float(rate))
        if size < 2 or size > _LARGEST:
            what = "the resolution does not go with the sample rate"
            expected = f"{float(rate / _LARGEST):.3g} to {float(rate / 2):g} Hz"
            problems.append(Problem("/resolution", what, expected, f"{params.resolution:g} Hz"))
        elif params.high is not None and params.high > rate / 2:
            what, most = "high is above half the sample rate", f"at most {float(rate / 2):g} Hz"
            problems.append(Problem("/high", what, most, f"{params.high:g} Hz"))
        elif lines.start >= min(lines.stop, size // 2 + 1):
            found = f"lines every {float(rate / size):g} Hz"
            problems.append(Problem("/low", "no line lies between low and high", "a line", found))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        points = line_frequencies(size, float(rate))[lines]
        channels = [cls.described(channel, params) for channel in info.channels]
        return StreamInfo(channels, rate, "frequency", points.tolist())

    @classmethod
    def described(cls, channel: ChannelInfo, params: Any) -> ChannelInfo:
        """Describe the lines of a channel."""
        quantity = _QUANTITIES[params.scaling]
        unit = f"({channel.unit})2" if "/" in channel.unit else f"{channel.unit or '1'}2"
        if params.decibels:
            text = reference_for(params.reference, channel).text
            return ChannelInfo(
                channel.name, "dB", quantity, f"({text})2/Hz" if params.scaling == "psd" else text
            )
        units = {"power": unit, "psd": f"{unit}/Hz", "esd": f"{unit} s/Hz"}
        return ChannelInfo(channel.name, units.get(params.scaling, channel.unit), quantity)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """One of size and resolution; levels of what has a level; a range of lines."""
        if params.size is not None and params.resolution is not None:
            yield Problem("/resolution", "size says what the resolution is", "one of them", "both")
        if params.decibels and params.scaling not in ("rms", "psd"):
            yield Problem("/decibels", f"a level is not of {params.scaling}", "rms or psd", params.scaling)
        if params.beta is not None and params.window != "kaiser":
            yield Problem("/beta", "only a Kaiser window has a beta", "window kaiser", params.window)
        if params.high is not None and params.low > params.high:
            yield Problem("/low", "low is above high", f"at most {params.high:g} Hz", f"{params.low:g} Hz")
        yield from problems_with(params.reference, (), ())


def segment_size(params: Any, rate: Fraction) -> int:
    """Return the samples of a segment."""
    if params.resolution is not None:
        return round(rate / Fraction(str(params.resolution)))
    return params.size or _USUAL_SIZE


def lines_between(params: Any, size: int, rate: float) -> slice:
    """Return the lines from ``low`` to ``high``, both included."""
    step = rate / max(size, 1)
    first = int(np.ceil(params.low / step - 1e-9))
    last = size // 2 if params.high is None else int(params.high / step + 1e-9)
    return slice(first, last + 1)


def _label(channel: ChannelInfo) -> str:
    return f"{channel.unit} re {channel.reference}" if channel.reference else channel.unit
