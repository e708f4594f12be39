"""EnvelopeSpectrum: the rates at which a band of a signal is modulated."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, Samples, StreamInfo, param
from streamlab.dsp.design import design_sos, settling
from streamlab.dsp.envelope import Envelope, height_over_median
from streamlab.dsp.sos import SosFilter
from streamlab.dsp.spectrum import Average
from streamlab.errors import ParamError, Problem
from streamlab.nodes.measurement._spectral import SpectralNode

_LONGEST = (
    1000  # half the rate over the lowest frequency: the Hilbert transformer has four times as many taps
)


class EnvelopeSpectrum(SpectralNode):
    """Measure the spectrum of the envelope of a band: the shocks of a bearing or gear, by their rates.

    Input    real (channels, n) over time, with a sample rate
    Output   (channels, lines) on a frequency axis, those of the envelope
    Kind     stream-wise                     State   filters, the open segment and the average
    Gaps     filters begin anew and settle before the next segment; an average of so many segments begins
             anew, one over the whole stream goes on and has what is missing as its gap
    Settles  before its first segment: what filters say until then is left out
    Errors   ParamError without a sample rate, for a band that does not lie below half of it, as for Spectrum
    Source   R. B. Randall, J. Antoni, "Rolling element bearing diagnostics: a tutorial", MSSP 25, 2011

    A Butterworth band-pass from ``band_low`` to ``band_high``, then the magnitude of the analytic signal by a
    Hilbert transformer, then spectra as Spectrum makes them, without the mean of each segment. What the
    filters say before they have settled (the node's ``settling``) is left out, and their delay is taken off
    the position. With ``over_median`` lines are in dB over the median of all lines from ``low`` to ``high``:
    a healthy machine has none far above it, whatever its level. Geometry gives the rates of a bearing's
    faults within 1 to 2 %, for its rollers slip.

    Example
    -------
    >>> import numpy as np
    >>> from streamlab.core import DataFrame
    >>> time = np.arange(30000) / 10000
    >>> shaken = (1 + 0.5 * np.sin(2 * np.pi * 30 * time)) * np.sin(2 * np.pi * 2000 * time)
    >>> node = EnvelopeSpectrum(band_low=1500, band_high=2500, resolution=1, high=100, scaling="amplitude")
    >>> _ = node.process(DataFrame(payload={"x": shaken}, sample_rate=10000))
    >>> _ = node.flush()
    >>> node.result()["x"]["frequency"], round(node.result()["x"]["highest"], 2)
    (30.0, 0.5)
    """

    band_low: float = param(doc="Lower edge of the band whose envelope is taken", unit="Hz", gt=0, le=1e9)
    band_high: float = param(doc="Upper edge of that band", unit="Hz", gt=0, le=1e9)
    order: int = param(default=4, doc="Order of the band-pass, as in Filter", ge=1, le=24)
    averages: int | None = param(default=None, doc="Segments per spectrum; all when not given", ge=1)
    average: Average = param(default="linear", doc="How segments make an average")
    over_median: bool = param(default=False, doc="Give dB over the median line instead")

    settling = 0.0  # seconds, known with the stream
    _skip = 0  # samples still to be left out

    def _removes_mean(self) -> bool:
        return True

    def _ready(self, info: StreamInfo) -> None:
        rate, count = self._stft.rate, len(info.names)
        sections = _design(self, rate)
        self._band = SosFilter(sections, count)
        self._envelope = Envelope(count, rate, low=_lowest(self, rate))
        self._settle = settling(sections) + 2 * self._envelope.delay
        self.settling = self._settle / rate
        self._lead = self._settle - self._envelope.delay
        self._skip = self._settle

    def _restart(self) -> None:
        super()._restart()
        self._band.reset()
        self._envelope.reset()
        self._skip = self._settle

    def _prepared(self, samples: Samples) -> Samples:
        envelope = self._envelope.block(self._band.block(samples))
        skipped = min(self._skip, envelope.shape[1])
        self._skip -= skipped
        return envelope[:, skipped:]

    def _values(self, square: Samples) -> Samples:
        values = super()._values(square)
        if not self.over_median:
            return values
        points = np.array(self._out.points)
        return height_over_median(values, points, points[0], points[-1])

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """As for a spectrum; the band lies below half the rate."""
        out, info = super().stream_info(params, **inputs), inputs["in"]
        if info is not None and info.sample_rate is not None:
            half = float(info.sample_rate / 2)
            if params.band_high >= half:
                what, most = "band_high is not below half the sample rate", f"below {half:g} Hz"
                problem = Problem("/band_high", what, most, f"{params.band_high:g} Hz")
                raise ParamError([problem], title=cls.__name__)
            if _lowest(params, 2 * half) < half / _LONGEST:
                what = "the band comes too close to 0 Hz or to half the sample rate for an envelope"
                least = half / _LONGEST / 0.75
                expected, found = f"{least:g} Hz away", f"{params.band_low:g} to {params.band_high:g} Hz"
                raise ParamError([Problem("/band_low", what, expected, found)], title=cls.__name__)
            try:
                _design(params, 2 * half)
            except ValueError as error:
                raise ParamError([Problem("/band_low", str(error))], title=cls.__name__) from None
        return out

    @classmethod
    def described(cls, channel: ChannelInfo, params: Any) -> ChannelInfo:
        """Describe the lines of a channel's envelope."""
        said = super().described(channel, params)
        unit, reference = ("dB", "median") if params.over_median else (said.unit, said.reference)
        return ChannelInfo(channel.name, unit, f"envelope {said.quantity}", reference)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """The band has a width; heights over the median are of values, not of levels."""
        yield from super().check_params(params, given)
        if params.band_low >= params.band_high:
            expected = f"below {params.band_high:g} Hz"
            yield Problem("/band_low", "band_low is not below band_high", expected, f"{params.band_low:g} Hz")
        if params.over_median and (params.decibels or params.scaling not in ("rms", "amplitude")):
            yield Problem(
                "/over_median", "heights are those of rms or amplitude", "no decibels", "other scales"
            )
        if params.average == "exponential" and params.averages is None:
            yield Problem("/averages", "an exponential average needs averages", "a count", "nothing")


def _design(params: Any, rate: float) -> Samples:
    edges = params.band_low, params.band_high
    return design_sos("butterworth", "bandpass", edges, rate, order=params.order)


def _lowest(params: Any, rate: float) -> float:
    """Return from where on the Hilbert transformer is to be right: beside the band, at both of its ends."""
    return float(0.75 * min(params.band_low, rate / 2 - params.band_high))
