"""OctaveBands: levels in octaves, third octaves and finer bands."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.detector import power_decibels
from streamlab.dsp.generate import exact_number
from streamlab.dsp.level import IntervalGrid
from streamlab.dsp.octave import BankDesign, design_bank
from streamlab.dsp.octave_level import BandPowers, OctaveMeter
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import not_over_time
from streamlab.nodes._clockwork import Clockwork
from streamlab.nodes.measurement._intervals import IntervalFrames, too_short
from streamlab.nodes.measurement._metrics import no_level, problems_with, reference_for

Value = Literal["Leq", "RMS", "LF", "LS", "LFmax", "LSmax"]

_TIMES: dict[str, Literal["F", "S"]] = {"LF": "F", "LFmax": "F", "LS": "S", "LSmax": "S"}


class OctaveBands(ProcessingNode):
    """Measure levels in fractional-octave bands per interval and of the whole.

    Input    real (channels, n) over time, with a sample rate
    Output   (channels, bands) on a band axis, a frame per interval; its points are the exact frequencies
    Kind     stream-wise                     State   filters, detectors, sums of the interval and the whole
    Gaps     filters begin anew; an interval that lost samples is left out: a gap in the output, ``missing``
             in the result
    Settles  within 1.34 s for third octaves from 20 Hz, less from higher on: ``settling``
    Errors   ParamError without a sample rate, where it allows none of the bands, for an interval under two
             samples
    Source   IEC 61260-1:2014, class 1 (software part); IEC 61672-1:2013, 5.8 for time weighting

    ``value`` is ``Leq``, the level of the mean square, or ``RMS`` in the channel's unit; or weighted by time
    with F or S, ``LF``, the level at the end of the interval, or ``LFmax``, its largest. Bands that the rate
    does not allow are left out, from above, and ``note`` in the result says so: 20 kHz needs 47.2 kHz. A band
    settles in 6 to 22 / bandwidth seconds. While the slowest has not (the node's ``settling``: 1.34 s for
    third octaves from 20 Hz) frames have ``settling`` in their metadata. An interval that the stream enters
    late or leaves early has its seconds as ``partial`` there. The result is ``{channel: {label: value,
    "units": {label: unit}, "duration": seconds, "missing": samples, "note": text}}`` with nominal frequencies
    as labels, Leq or RMS of the whole, and a note only where there is something to say.

    Example
    -------
    >>> import numpy as np
    >>> tone = np.sqrt(2) * np.sin(2 * np.pi * 1000 * np.arange(96000) / 48000)
    >>> node = OctaveBands(fraction=1, low=500, high=2000, reference="20 uPa")
    >>> frames = node.process(DataFrame(payload={"mic": tone}, sample_rate=48000))
    >>> [round(point, 1) for point in frames[1].info.points]
    [501.2, 1000.0, 1995.3]
    >>> round(float(frames[1].payload["mic"][1]), 1)
    94.0
    """

    kind = "stream-wise"

    interval: float = param(default=1.0, doc="Length of an interval", unit="s", gt=0, le=1e6)
    fraction: int = param(default=3, doc="Bands per octave: 1, 3 ... 24", ge=1, le=24)
    low: float = param(default=20.0, doc="Frequency in the lowest band", unit="Hz", gt=0, le=1e9)
    high: float = param(default=20_000.0, doc="Frequency in the highest band", unit="Hz", gt=0, le=1e9)
    value: Value = param(default="Leq", doc="What to give of each band")
    reference: str | None = param(
        default=None, doc="Reference of levels, such as '20 uPa'; by default that of the unit (ISO 1683)"
    )

    settling = 0.0  # seconds, known with the stream
    _meter: OctaveMeter | None = None
    _lost = 0  # samples at the end of the stream

    def configure(self, info: StreamInfo) -> None:
        """Design the bank."""
        out = self.stream_info(self, **{"in": info}) or info
        self._rate, interval = info.sample_rate or Fraction(1), exact_number(self.interval)
        references = [reference_for(self.reference, channel) for channel in info.channels]
        self._zero = np.array([reference.value for reference in references]).reshape(-1, 1, 1)
        self._meter = OctaveMeter(
            len(info.names),
            self._rate,
            interval,
            fraction=self.fraction,
            low=self.low,
            high=self.high,
            time=_TIMES.get(self.value),
        )
        self.settling = float(self._meter.design.settling().max())
        self._frames = IntervalFrames(out, Clockwork(self._rate), IntervalGrid(self._rate, interval))

    def process(self, frame: DataFrame) -> list[DataFrame]:
        """Return the intervals that this frame completes."""
        self.follow(frame.info)
        if frame.n == 0 or self._meter is None:
            return []
        self._frames.clock.note(frame, self._meter.next)
        return self._made(self._meter.feed(frame.samples, frame.start_sample))

    def ended(self, gap: int) -> None:
        self._lost += gap

    def flush(self) -> list[DataFrame]:
        return [] if self._meter is None else self._made(self._meter.rest())

    def result(self) -> dict[str, dict[str, Any]] | None:
        """Leq or RMS of each band over the whole stream, by channel; None without a sample."""
        powers = None if self._meter is None else self._meter.totals()
        if self._meter is None or powers is None:
            return None
        design, channels = self._meter.design, self._frames.info.channels
        mean = powers.mean[:, :, 0]
        rms = self.value == "RMS"
        values = np.sqrt(mean) if rms else power_decibels(mean, self._zero[:, :, 0])
        rest = {
            "duration": float(int(powers.count[0]) / self._rate),
            "missing": self._meter.missing + self._lost,
        }
        labels = [band.label for band in design.bands]
        return {
            channel.name: dict(zip(labels, values[row].tolist(), strict=True))
            | {"units": dict.fromkeys(labels, _unit(channel))}
            | rest
            | ({"note": design.note} if design.note else {})
            for row, channel in enumerate(channels)
        }

    def reset(self) -> None:
        super().reset()
        self._lost, self._meter = 0, None

    def _made(self, powers: BandPowers | None) -> list[DataFrame]:
        if powers is None:
            return []
        settled = powers.start >= self._frames.clock.origin + int(self.settling * self._rate)
        return self._frames.curves(self._values(powers), powers.first, powers.start, powers.count, settled)

    def _values(self, powers: BandPowers) -> Samples:
        if self.value == "RMS":
            return np.sqrt(powers.mean)
        weighted = powers.highest if self.value.endswith("max") else powers.last
        return power_decibels(powers.mean if weighted is None else weighted, self._zero)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """A value per band, channel and interval."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a filter bank") + too_short(info, params.interval, 2)
        problems += problems_with(params.reference, [], info.channels)
        problems += no_level(info.channels, "/value") if params.value != "RMS" else []
        bands: tuple[float, ...] = ()
        if not problems:
            try:
                bands = tuple(band.centre for band in _design(params, float(info.sample_rate or 1)).bands)
            except ValueError as error:
                problems.append(Problem("/low", f"the sample rate allows none of these bands: {error}"))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = [_described(channel, params) for channel in info.channels]
        return StreamInfo(channels, 1 / exact_number(params.interval), "band", bands)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Bands ascend."""
        if params.low > params.high:
            expected = f"at most {params.high:g} Hz"
            yield Problem("/low", "low is above high", expected, f"{params.low:g} Hz")
        yield from problems_with(params.reference, (), ())


def _design(params: Any, rate: float) -> BankDesign:
    least = float(2 / exact_number(params.interval))
    return design_bank(rate, params.fraction, params.low, params.high, least_rate=least)


def _described(channel: ChannelInfo, params: Any) -> ChannelInfo:
    if params.value == "RMS":
        return ChannelInfo(channel.name, channel.unit, "RMS")
    return ChannelInfo(channel.name, "dB", params.value, reference_for(params.reference, channel).text)


def _unit(channel: ChannelInfo) -> str:
    return f"{channel.unit} re {channel.reference}" if channel.reference else channel.unit
