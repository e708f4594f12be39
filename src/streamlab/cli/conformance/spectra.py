"""Windows and spectra: figures of windows, tones off the lines, Parseval's theorem."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from streamlab.cli.conformance.check import Check, Point, Task, measured_by
from streamlab.cli.conformance.standards import WINDOW_TABLE, WindowRow
from streamlab.dsp.window import Window, make_window
from streamlab.nodes.measurement.spectrum import Spectrum

__all__ = ["tasks"]

_RATE, _SIZE = 48_000.0, 4096
_HARRIS = "Harris 1978"  # Proc. IEEE 66
_EXACT = 1e-9  # of the mean square
_FLAT = 0.01  # dB: what a flat-top window loses at most between two lines


def tasks(rates: Sequence[float]) -> list[Task]:
    """Return the checks of windows and spectra, which do not depend on the rate."""
    return [_windows, _noise_through_windows, _parseval, _tones_between_lines]


def _windows() -> Iterator[Check]:
    """Figures of each window against the table, to its last digit."""

    def points(deviation: Callable[[Window, WindowRow], float], digit: float) -> tuple[Point, ...]:
        limit = 0.51 * digit
        return tuple(
            Point(row.name, deviation(make_window(row.name, _SIZE), row), -limit, limit)
            for row in WINDOW_TABLE
        )

    gain = points(lambda window, row: window.coherent_gain - row.coherent_gain, 1e-5)
    width = points(lambda window, row: window.noise_bandwidth - row.noise_bandwidth, 1e-4)
    loss = points(lambda window, row: window.scalloping - row.scalloping, 1e-4)
    yield Check("coherent gain of windows", _HARRIS, "table I", gain, "1")
    yield Check("noise bandwidth of windows (ENBW)", _HARRIS, "table I", width, "lines")
    yield Check("scalloping loss of windows", _HARRIS, "table I", loss)


def _noise_through_windows() -> Iterator[Check]:
    """The density of white noise is the same under every window: its noise bandwidth is taken off."""
    noise = np.random.default_rng(1).standard_normal(600 * _SIZE)
    points = []
    for row in WINDOW_TABLE:
        node = Spectrum(size=_SIZE, window=row.name, scaling="psd", overlap=0.0)
        frames, _ = measured_by(node, noise, _RATE)
        density = float(frames[0].samples[0, 20:-20].mean()) * _RATE / 2
        # Chance moves the mean square of so much noise by 0.004 dB, under a narrow window by twice that.
        points.append(Point(row.name, 10 * math.log10(density), -0.05, 0.05))
    yield Check("density of white noise", "closed form", "2 / rate", tuple(points))


def _parseval() -> Iterator[Check]:
    """The sum of a density over its lines is the mean square."""
    points = []
    for name, signal in (
        ("noise", np.random.default_rng(2).standard_normal(8 * _SIZE)),
        ("impulse", np.eye(1, 8 * _SIZE, 1234)[0]),
        ("offset", np.full(8 * _SIZE, -3.0)),
    ):
        node = Spectrum(size=_SIZE, window="rectangular", scaling="psd", overlap=0.0)
        frames, _ = measured_by(node, signal, _RATE)
        total = float(frames[0].samples[0].sum()) * _RATE / _SIZE
        points.append(Point(name, total / float(np.mean(signal**2)) - 1.0, -_EXACT, _EXACT))
    yield Check("sum of a density over its lines", "Parseval", "mean square", tuple(points), "1")


def _tones_between_lines() -> Iterator[Check]:
    points = []
    for offset in np.linspace(0.0, 0.5, 11).tolist():
        frequency = (171.0 + offset) * _RATE / _SIZE
        tone = np.sin(2 * np.pi * frequency * np.arange(4 * _SIZE) / _RATE)
        _, result = measured_by(Spectrum(size=_SIZE, window="flattop", scaling="amplitude"), tone, _RATE)
        level = 20 * math.log10(result["x"]["highest"])
        points.append(Point(f"{offset:g} lines off", level, -_FLAT, _FLAT))
    yield Check("amplitude under a flat-top window", _HARRIS, "scalloping", tuple(points))
