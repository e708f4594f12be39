"""Generators: a sine from tables with an exact phase; white, pink and brown noise from a seed."""

from fractions import Fraction
from functools import lru_cache
from math import cos, exp, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp.magnitude import fit_sections
from streamlab.dsp.sos import SosFilter

__all__ = ["BrownNoise", "PinkNoise", "TableSine", "WhiteNoise", "exact_number", "phase_residues"]

Array = NDArray[np.float64]


def exact_number(value: float | str | Fraction) -> Fraction:
    """Return the number that was written: a float is its shortest decimal (440.1 is 4401/10)."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def phase_residues(start: int, count: int, step: Fraction) -> tuple[NDArray[Any], int]:
    """Return n a mod b for n from ``start`` on, and b, where step = a / b: exact fractions of a period.

    ``start`` is an unbounded integer; the residues are int64 where they fit, Python's integers otherwise.
    """
    first = start * step.numerator % step.denominator
    small = step.numerator * count + first < 2**62
    index: NDArray[Any] = np.arange(count, dtype=np.int64 if small else object)
    return (index * step.numerator + first) % step.denominator, step.denominator


class TableSine:
    """sin(2 pi frac(n f / fs)) in blocks of a fixed size, n an unbounded integer.

    With a = the phase at the block's start and b = the phase within it, sin(a + b) = sin a cos b + cos a
    sin b: cos b and sin b are tables, the same for every block and shared by equal sines, so a sample
    costs two multiplications and one addition. Both phases are reduced to one period in integers before
    the sine is taken: the error stays at a few units in the last place after any time.

    Parameters
    ----------
    frequency, rate
        Frequency and sample rate in Hz, exact.
    size
        Samples of a block.
    """

    __slots__ = ("_cosines", "_numerator", "_period", "_scratch", "_sines", "size")

    def __init__(self, frequency: Fraction, rate: Fraction, size: int) -> None:
        step = frequency / rate
        self.size = size
        self._numerator, self._period = step.numerator, step.denominator
        self._sines, self._cosines = _tables(step.numerator, step.denominator, size)
        self._scratch = np.empty(size)

    def cycles(self, start: int) -> Fraction:
        """Return frac(start * f / fs), exactly."""
        return Fraction(start * self._numerator % self._period, self._period)

    def block(self, start: int, out: Array, *, amplitude: float = 1.0, phase: float = 0.0) -> None:
        """Write amplitude * sin(2 pi frac(n f / fs) + phase) to ``out``, shape (size,), n from ``start`` on.

        ``phase`` is in radians.
        """
        angle = 2.0 * pi * (start * self._numerator % self._period / self._period) + phase
        np.multiply(self._cosines, amplitude * sin(angle), out=out)
        out += np.multiply(self._sines, amplitude * cos(angle), out=self._scratch)

    def blocks(self, starts: list[int], out: Array, *, amplitude: float = 1.0, phase: float = 0.0) -> None:
        """Write a block per start to the rows of ``out``, (len(starts), size), with the bits of ``block``."""
        angles = [2.0 * pi * (n * self._numerator % self._period / self._period) + phase for n in starts]
        np.multiply(np.array([[amplitude * sin(angle)] for angle in angles]), self._cosines, out=out)
        out += np.array([[amplitude * cos(angle)] for angle in angles]) * self._sines


@lru_cache(maxsize=32)
def _tables(numerator: int, period: int, size: int) -> tuple[Array, Array]:
    index: NDArray[Any] = np.arange(size, dtype=np.int64 if numerator * size < 2**62 else object)
    turns = (index * numerator % period).astype(np.float64) / float(period)
    angles = 2.0 * pi * turns
    tables = np.sin(angles), np.cos(angles)
    for table in tables:
        table.flags.writeable = False
    return tables


class WhiteNoise:
    """Normally distributed noise of RMS 1, flat up to half the sample rate; kurtosis 3.

    Each channel is a stream of its own, drawn sample by sample: how it is cut into blocks does not change
    its bits. The same seed gives the same bits on the same version of NumPy (NEP 19).

    Parameters
    ----------
    channels
        Number of independent channels.
    seed
        Any integer from 0.
    """

    def __init__(self, channels: int, seed: int) -> None:
        seeds = np.random.SeedSequence(seed).spawn(channels)
        self._streams = [np.random.Generator(np.random.SFC64(one)) for one in seeds]

    def block(self, out: Array) -> None:
        """Write the next samples to ``out``, shape (channels, n)."""
        for stream, row in zip(self._streams, out, strict=True):
            stream.standard_normal(out=row)


class PinkNoise:
    """Noise of RMS 1 whose power falls by 3.01 dB per octave: equal power in bands of equal ratio.

    White noise through four second-order sections with eight real poles and zeros, fitted (least squares,
    then minimax) to 1/sqrt(f): within 0.06 dB from 1e-5 of the sample rate (0.48 Hz at 48 kHz) up to half
    of it. Below that it is flat, so that its power is finite. The filter has settled before the first sample.

    Parameters
    ----------
    channels
        Number of independent channels.
    seed
        Any integer from 0.
    """

    _ZEROS = (-0.64139274, 0.03592218, 0.63857982, 0.91340198, 0.98166788, 0.99622764, 0.99922986, 0.99984918)
    _POLES = (-0.60648946, 0.35206743, 0.81811026, 0.95989362, 0.99167192, 0.99829396, 0.99965441, 0.99994348)
    _GAIN = 0.4693531991875923  # one over the root of the energy of the impulse response
    _SETTLING = 1 << 17  # samples; the slowest pole has a time constant of 17 700

    def __init__(self, channels: int, seed: int) -> None:
        from scipy.signal import sosfilt

        self._filter = sosfilt
        self._white = WhiteNoise(channels, seed)
        sections = [
            np.concatenate([np.poly(zeros), np.poly(poles)])
            for zeros, poles in zip(_pairs(self._ZEROS), _pairs(self._POLES), strict=True)
        ]
        sections[0][:3] *= self._GAIN
        self._sections = np.array(sections)
        self._state = np.zeros((len(sections), channels, 2))
        settling = np.empty((channels, self._SETTLING // 16))
        for _ in range(16):
            self.block(settling)

    def block(self, out: Array) -> None:
        """Write the next samples to ``out``, shape (channels, n)."""
        if out.shape[1]:
            self._white.block(out)
            out[:], self._state = self._filter(self._sections, out, axis=-1, zi=self._state)


def _pairs(roots: tuple[float, ...]) -> list[tuple[float, float]]:
    return list(zip(roots[::2], roots[1::2], strict=True))


class BrownNoise:
    """Noise of RMS 1 whose power falls by 6.02 dB per octave, as that of a random walk.

    White noise through a pole at 1e-5 of the sample rate (0.48 Hz at 48 kHz), below which it is flat so that
    its power is finite, and zeros fitted to the analogue curve 1 / (f^2 + f1^2): within 0.01 dB up to 0.48 of
    the rate. Most of its power lies below 1e-4 of the rate. The filter has settled before the first sample.

    Parameters
    ----------
    channels
        Number of independent channels.
    seed
        Any integer from 0.
    """

    CORNER = 1e-5  # of the rate
    _SETTLING = 1 << 17  # samples; the time constant is 15 900

    def __init__(self, channels: int, seed: int) -> None:
        self._white = WhiteNoise(channels, seed)
        self._filter = SosFilter(_brown_sections(self.CORNER), channels)
        settling = np.empty((channels, self._SETTLING // 16))
        for _ in range(16):
            self.block(settling)

    def block(self, out: Array) -> None:
        """Write the next samples to ``out``, shape (channels, n)."""
        if out.shape[1]:
            self._white.block(out)
            out[:] = self._filter.block(out)


@lru_cache(maxsize=1)
def _brown_sections(corner: float) -> Array:
    """Return sections that follow 1 / (f^2 + corner^2), with an impulse response of energy 1."""
    from scipy.signal import sosfilt

    frequency = np.concatenate([np.geomspace(corner / 100.0, 0.01, 200), np.linspace(0.0101, 0.48, 200)])
    power = corner**2 / (frequency**2 + corner**2)
    sections, _ = fit_sections(power, 2.0 * pi * frequency, [exp(-2.0 * pi * corner)])
    impulse = np.zeros(1 << 19)
    impulse[0] = 1.0
    response = sosfilt(sections, impulse)
    sections[0, :3] /= np.sqrt(float(response @ response))
    return sections
