"""Spectra of whatever passes: samples over time are transformed, frames of spectra taken as they are."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.info import ChannelInfo, StreamInfo
from streamlab.dsp.peaks import interpolate_peaks
from streamlab.dsp.spectrum import Scaling, scaled
from streamlab.dsp.stft import Stft
from streamlab.dsp.window import WindowName, make_window
from streamlab.server.live.blocks import Block
from streamlab.server.live.options import SpectrumOptions, WaterfallOptions
from streamlab.server.live.reducer import CannotShow, channel_document

__all__ = ["FrameSource", "SpectrumSource", "TransformSource", "spectrum_source"]

_PER_SECOND = 10
_LARGEST = 8192
_SMALLEST = 64
_AT_ONCE = 32
"""Segments that are transformed of one block at most: of a flood only the end is looked at."""

_Array = NDArray[np.float64]


class SpectrumSource:
    """Spectra of some rows of a stream: ``square`` of each, (channels, lines).

    What is averaged and compared is the mean square; ``shown`` makes of it what the view shows.
    """

    axis: str
    lines: _Array
    decibels: bool
    spacing: float
    """Seconds from one spectrum to the next; 0 where that is not known."""

    def spectra(self, block: Block, samples: NDArray[Any]) -> Iterator[_Array]:
        """Yield what a block completes; to be run to its end."""
        raise TypeError(f"{type(self).__name__} has no spectra()")

    def shown(self, square: _Array) -> _Array:
        """Return what is shown of a mean square."""
        raise TypeError(f"{type(self).__name__} has no shown()")

    def peaks(self, values: _Array) -> _Array:
        """Return (channels, 2): place and height of the largest line; NaN where there is none."""
        raise TypeError(f"{type(self).__name__} has no peaks()")

    def document(self) -> dict[str, Any]:
        """Return what the description says of it."""
        raise TypeError(f"{type(self).__name__} has no document()")

    def channel(self, channel: ChannelInfo) -> dict[str, Any]:
        """Return a channel with the unit of what is shown."""
        return channel_document(channel)


class TransformSource(SpectrumSource):
    """Windowed segments of a stream over time, half overlapping."""

    axis = "frequency"
    decibels = False

    def __init__(
        self, channels: int, rate: float, options: SpectrumOptions | WaterfallOptions, overlap: float = 0.5
    ) -> None:
        self._size = options.size or _usual_size(rate)
        self._scaling: Scaling = options.scaling
        self._rate = rate
        self._stft = Stft(
            channels,
            rate,
            self._size,
            window=options.window,
            overlap=overlap,
            remove_mean=options.remove_mean,
        )
        self.lines = self._stft.frequencies
        self.spacing = self._stft.hop / rate
        self._next: int | None = None

    def spectra(self, block: Block, samples: NDArray[Any]) -> Iterator[_Array]:
        start = block.start
        most = self._size + _AT_ONCE * self._stft.hop
        if samples.shape[1] > most:
            start += samples.shape[1] - most
            samples = samples[:, -most:]
        if start != self._next or block.lost:
            self._stft.reset()  # no segment reaches over a hole
        self._next = start + samples.shape[1]
        for transform in self._stft.transforms(samples):
            yield transform.real**2 + transform.imag**2

    def shown(self, square: _Array) -> _Array:
        return scaled(square, self._stft.window, self._rate, self._scaling)

    def peaks(self, values: _Array) -> _Array:
        step = self._rate / self._size
        found = _largest(values, self.lines)
        if self._scaling == "psd":  # a tone has no height in a density
            return found
        height = np.sqrt(values) if self._scaling == "power" else values
        for row, line in enumerate(np.round(found[:, 0] / step)):
            if 0 < line < len(self.lines) - 1:
                place, value = interpolate_peaks(height[row], np.array([int(line)]), self._stft.window)
                if np.isfinite(place[0]):
                    found[row] = place[0] * step, value[0] ** 2 if self._scaling == "power" else value[0]
        return found

    def document(self) -> dict[str, Any]:
        return {
            "source": "transform",
            "x_unit": "Hz",
            "size": self._size,
            "resolution": self._rate / self._size,
            "decibels": False,
        }

    def channel(self, channel: ChannelInfo) -> dict[str, Any]:
        unit = channel.unit or "1"
        units = {"power": f"{unit}^2", "psd": f"{unit}^2/Hz"}
        return channel_document(channel) | {"unit": units.get(self._scaling, channel.unit)}


class FrameSource(SpectrumSource):
    """Frames whose last axis is frequency, bands or orders already."""

    spacing = 0.0

    def __init__(self, info: StreamInfo, window: WindowName) -> None:
        self.axis = info.axis
        self.decibels = any(item.unit in ("dB", "dBFS") for item in info.channels)
        self.lines = np.array(info.points, dtype=np.float64)
        self._window = make_window(window, 4096)
        self._unknown = not info.points

    def spectra(self, block: Block, samples: NDArray[Any]) -> Iterator[_Array]:
        if not samples.shape[1]:
            return
        if self._unknown and not len(self.lines):
            self.lines = np.arange(samples.shape[1], dtype=np.float64)
        if samples.shape[1] != len(self.lines):
            raise CannotShow(f"the axis has {len(self.lines)} points; a frame of {samples.shape[1]} came")
        yield np.abs(samples) if samples.dtype.kind == "c" else np.asarray(samples)

    def shown(self, square: _Array) -> _Array:
        return square

    def peaks(self, values: _Array) -> _Array:
        return _largest(values, self.lines)

    def document(self) -> dict[str, Any]:
        even = len(self.lines) > 2 and self.axis != "band"
        step = (self.lines[-1] - self.lines[0]) / (len(self.lines) - 1) if even else None
        return {
            "source": "frames",
            "x_unit": "" if self.axis == "order" else "Hz",
            "size": None,
            "resolution": step,
            "decibels": self.decibels,
        }


def spectrum_source(
    info: StreamInfo, channels: Sequence[ChannelInfo], options: SpectrumOptions | WaterfallOptions
) -> SpectrumSource:
    """Return what makes spectra of a stream. Raises CannotShow when nothing can."""
    if info.axis in ("frequency", "band", "order"):
        return FrameSource(info, options.window)
    if info.axis != "time" or info.sample_rate is None:
        raise CannotShow("a spectrum needs samples over time, or points on a frequency, band or order axis")
    overlap = 0.5
    if isinstance(options, WaterfallOptions):  # rows come at their rate, whatever the transform's length
        rate = float(info.sample_rate)
        size = options.size or _usual_size(rate)
        overlap = min(0.9, max(0.0, 1.0 - rate / (options.rate * size)))
    return TransformSource(len(channels), float(info.sample_rate), options, overlap)


def _usual_size(rate: float) -> int:
    """Return the largest power of two that makes ten half-overlapping spectra a second."""
    size = _SMALLEST
    while size * 2 <= _LARGEST and size <= rate / _PER_SECOND:
        size *= 2
    return size


def _largest(values: _Array, lines: _Array) -> _Array:
    """Return place and height of the largest line of each channel, that at 0 left out."""
    found = np.full((len(values), 2), np.nan)
    begin = int(np.searchsorted(lines, 0.0, side="right"))
    for row, each in enumerate(values[:, begin:]):
        if np.isfinite(each).any():
            at = int(np.nanargmax(each))
            found[row] = lines[begin + at], each[at]
    return found
