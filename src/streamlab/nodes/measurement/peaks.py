"""Peaks: the highest tones of a spectrum."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.peaks import find_peaks
from streamlab.dsp.window import WindowName, make_window
from streamlab.errors import FrameError, ParamError, Problem

_WINDOW_SIZE = 4096
"""Samples of the window that stands for the spectrum's: over lines their transforms differ by 1e-7."""


class Peaks(ProcessingNode):
    """Find the highest tones of a spectrum, with frequency and height between its lines.

    Input    real (channels, lines) on a frequency axis with evenly spaced lines: amplitude or RMS
    Output   (2 channels, count): ``name.frequency`` and ``name.height``, the highest first, NaN beyond the
             last; one frame per spectrum
    Kind     frame-wise                      State   the newest peaks, for the result
    Gaps     passed on
    Settles  at once: each spectrum for itself
    Errors   ParamError off such an axis, for a density, a power or a level, whose heights need other rules
    Source   D. C. Rife, G. A. Vincent, Bell Syst. Tech. J. 49, 1970

    A peak is a line above both of its neighbours. The ratio of the two highest lines of a tone says where it
    lies between them, what the ``window`` lets through there how high it is: give the window of the spectrum.
    A tone alone is found within 0.01 line at 60 dB over the noise; two within the main lobe of the window
    (four lines for Hann) pull at each other. ``apart`` keeps the higher of two that are close. The result is
    ``{channel: {"frequency": [...], "height": [...], "units": ...}}`` of the newest spectrum.

    Example
    -------
    >>> from streamlab.nodes.measurement.spectrum import Spectrum
    >>> tone = 2.0 * np.sin(2 * np.pi * 100.3 * np.arange(4000) / 1000)
    >>> spectrum = Spectrum(size=1000, scaling="amplitude", averages=7)
    >>> (frame,) = spectrum.process(DataFrame(payload={"x": tone}, sample_rate=1000))
    >>> found = Peaks(count=1).process(frame)
    >>> round(float(found.payload["x.frequency"][0]), 2), round(float(found.payload["x.height"][0]), 2)
    (100.3, 2.0)
    """

    count: int = param(default=10, doc="How many at most", ge=1, le=10_000)
    window: WindowName = param(default="hann", doc="Window of the spectrum")
    beta: float | None = param(
        default=None, doc="Shape of a Kaiser window; 14 when not given", unit="1", ge=0, le=100
    )
    least: float = param(
        default=0.0, doc="Smallest height, in the unit of the spectrum", unit="unit", ge=0, le=1e300
    )
    apart: float = param(default=0.0, doc="Smallest distance of two", unit="Hz", ge=0, le=1e9)
    low: float = param(default=0.0, doc="Lowest line of a peak", unit="Hz", ge=0, le=1e9)
    high: float = param(default=1e9, doc="Highest line of a peak", unit="Hz", ge=0, le=1e9)

    _latest: Samples | None = None

    def configure(self, info: StreamInfo) -> None:
        """Learn where the lines lie."""
        self._out = self.stream_info(self, **{"in": info}) or info
        self._lines, self._first = len(info.points), info.points[0]
        self._step = (info.points[-1] - info.points[0]) / (len(info.points) - 1)
        self._window = make_window(self.window, _WINDOW_SIZE, beta=self.beta)
        self._units = [channel.unit for channel in info.channels]
        self._names = info.names

    def process(self, frame: DataFrame) -> DataFrame | None:
        """Return the peaks of one spectrum."""
        self.follow(frame.info)
        if not frame.n:
            return None
        if frame.n != self._lines:
            raise FrameError(f"the axis has {self._lines} points; found {frame.n} values")
        found = find_peaks(
            frame.samples,
            self._window,
            self._step * _WINDOW_SIZE,
            count=self.count,
            least=self.least,
            apart=self.apart,
            low=self.low - self._first,
            high=self.high - self._first,
        )
        numbers = np.stack([found.frequency + self._first, found.amplitude], axis=1)
        self._latest = numbers
        return frame.replace(samples=numbers.reshape(-1, self.count), info=self._out, span=frame.advance)

    def result(self) -> dict[str, dict[str, Any]] | None:
        """The peaks of the newest spectrum by channel; None without one."""
        if self._latest is None:
            return None
        return {
            name: {"frequency": _known(places), "height": _known(heights)}
            | {"units": {"frequency": "Hz", "height": unit}}
            for name, unit, (places, heights) in zip(self._names, self._units, self._latest, strict=True)
        }

    def reset(self) -> None:
        super().reset()
        self._latest = None

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Two numbers per peak and channel."""
        info = inputs["in"]
        if info is None:
            return None
        problems = _unsuited(info)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        numbers = [
            item
            for channel in info.channels
            for item in (
                ChannelInfo(f"{channel.name}.frequency", "Hz", "frequency"),
                ChannelInfo(f"{channel.name}.height", channel.unit, channel.quantity, channel.reference),
            )
        ]
        return StreamInfo(numbers, info.sample_rate, "none")

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """A range has a width; only a Kaiser window has a beta."""
        if params.low > params.high:
            yield Problem("/low", "low is above high", f"at most {params.high:g} Hz", f"{params.low:g} Hz")
        if params.beta is not None and params.window != "kaiser":
            yield Problem("/beta", "only a Kaiser window has a beta", "window kaiser", params.window)


def _unsuited(info: StreamInfo) -> list[Problem]:
    """Return what keeps a stream from having peaks between its lines."""
    if info.axis != "frequency" or len(info.points) < 3:
        have = repr(info) if info.axis != "frequency" else f"{len(info.points)} lines"
        return [Problem("", "tones are found in a spectrum", "a frequency axis of 3 lines or more", have)]
    steps = np.diff(info.points)
    if not np.allclose(steps, steps.mean(), rtol=1e-6, atol=0.0):
        return [Problem("", "the lines are not evenly spaced", "lines of a Fourier transform", repr(info))]
    return [
        Problem("", "heights are those of amplitude or RMS", "scaling rms or amplitude", channel.label)
        for channel in info.channels
        if channel.unit.startswith("dB") or channel.quantity.rpartition(" ")[2] in ("power", "PSD", "ESD")
    ][:1]


def _known(values: Samples) -> list[float]:
    return [value for value in values.tolist() if value == value]
