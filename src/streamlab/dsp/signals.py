"""Test signals: sums of tones, logarithmic sweeps, tone bursts, pulses."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, log

import numpy as np

from streamlab.dsp._blocks import Array
from streamlab.dsp.generate import TableSine, phase_residues

__all__ = ["LogSweep", "Pulse", "ToneBurst", "ToneSum", "schroeder_phases"]


def schroeder_phases(count: int) -> list[float]:
    """Return phases in radians that keep the crest factor of equal tones on neighbouring lines below 1.95.

    M. R. Schroeder, "Synthesis of low-peak-factor signals and binary sequences with low autocorrelation",
    IEEE Trans. IT-16, 1970: -pi k (k - 1) / count for k = 1 ... count.
    """
    return [-np.pi * k * (k - 1) / count % (2.0 * np.pi) for k in range(1, count + 1)]


class ToneSum:
    """The sum of sines, each with an exact phase (:class:`streamlab.dsp.generate.TableSine`).

    Parameters
    ----------
    frequencies, amplitudes, phases
        In Hz (exact), the signal's unit, and radians; as many of each.
    rate
        Sample rate in Hz, exact.
    size
        Samples of a block.
    """

    def __init__(
        self,
        frequencies: Sequence[Fraction],
        amplitudes: Sequence[float],
        phases: Sequence[float],
        rate: Fraction,
        size: int,
    ) -> None:
        if not len(frequencies) == len(amplitudes) == len(phases):
            raise ValueError(
                "expected as many amplitudes and phases as frequencies, found "
                f"{len(frequencies)}, {len(amplitudes)} and {len(phases)}"
            )
        self._tones = [
            (TableSine(frequency, rate, size), amplitude, phase)
            for frequency, amplitude, phase in zip(frequencies, amplitudes, phases, strict=True)
        ]
        self._one = np.empty(size)

    def block(self, start: int, out: Array) -> None:
        """Write the samples from ``start`` on to ``out``, shape (size,)."""
        out[:] = 0.0
        for tone, amplitude, phase in self._tones:
            tone.block(start, self._one, amplitude=amplitude, phase=phase)
            out += self._one


class LogSweep:
    """sin(2 pi f1 L (exp(t / L) - 1)) for 0 <= t < T with L = T / ln(f2 / f1), and zero afterwards.

    The exponential sweep of A. Farina, "Simultaneous measurement of impulse response and distortion with a
    swept-sine technique", AES 108, 2000 (ISO 18233:2006, annex B): its frequency is f1 exp(t / L). A
    sample follows from its number alone, its phase right to 1e-15 of the cycles so far.

    Parameters
    ----------
    start, stop
        Frequencies f1 and f2 in Hz; falling where f2 is the lower one.
    duration
        T in seconds.
    rate
        Sample rate in Hz.
    """

    def __init__(self, start: float, stop: float, duration: float, rate: float) -> None:
        for name, value in (("start", start), ("stop", stop)):
            if not 0.0 < value <= rate / 2.0:
                raise ValueError(f"expected a {name} between 0 and {rate / 2:g} Hz, found {value:g} Hz")
        if start == stop:
            raise ValueError(f"expected two frequencies, found {start:g} Hz twice; that is a sine")
        if not duration > 0.0:
            raise ValueError(f"expected a positive duration, found {duration:g} s")
        self.rate, self.first = rate, start
        self.samples = ceil(duration * rate)  # the sweep's own; zeros follow
        self.growth = log(stop / start) / duration  # 1 / L, per second

    def frequency(self, time: Array) -> Array:
        """Return the instantaneous frequency in Hz at times in seconds."""
        frequency: Array = self.first * np.exp(self.growth * np.asarray(time))
        return frequency

    def block(self, start: int, out: Array, *, amplitude: float = 1.0) -> None:
        """Write the samples from ``start`` on to ``out``, shape (n,)."""
        inside = max(0, min(out.shape[0], self.samples - start))
        time = np.arange(start, start + inside) / self.rate
        cycles = self.first / self.growth * np.expm1(self.growth * time)
        out[:inside] = amplitude * np.sin(2.0 * np.pi * (cycles - np.floor(cycles)))
        out[inside:] = 0.0


class ToneBurst:
    """Whole or part cycles of a sine that begin at a zero crossing, then silence, again and again.

    Bursts for IEC 61672-1:2013, 5.9 (4 kHz), and IEC 60268-1. Burst k begins at k periods, not always on a
    sample.

    Parameters
    ----------
    frequency, rate
        In Hz, exact.
    cycles
        Length of a burst in cycles.
    period
        Seconds from one burst to the next, exact; at least a burst.
    """

    def __init__(self, frequency: Fraction, rate: Fraction, cycles: Fraction, period: Fraction) -> None:
        if not (frequency > 0 and rate > 0 and cycles > 0):
            raise ValueError("expected a positive frequency, rate and number of cycles")
        if period * frequency < cycles:
            raise ValueError(
                f"{float(cycles):g} cycles of {float(frequency):g} Hz last {float(cycles / frequency):g} s: "
                f"expected a period as long, found {float(period):g} s"
            )
        self._step = 1 / (rate * period)  # periods a sample
        self._cycles_per_period = frequency * period
        self._on = cycles / self._cycles_per_period

    def block(self, start: int, out: Array, *, amplitude: float = 1.0) -> None:
        """Write the samples from ``start`` on to ``out``, shape (n,)."""
        residues, period = phase_residues(start, out.shape[0], self._step)
        on = residues < ceil(self._on * period)
        turns = residues[on].astype(np.float64) / float(period) * float(self._cycles_per_period)
        out[:] = 0.0
        out[on] = amplitude * np.sin(2.0 * np.pi * (turns - np.floor(turns)))


class Pulse:
    """1 for the first part of each period, 0 for the rest: a sample is either, so edges fall on samples.

    Parameters
    ----------
    width, period
        In seconds, exact, 0 < width <= period.
    rate
        Sample rate in Hz, exact.
    """

    def __init__(self, width: Fraction, period: Fraction, rate: Fraction) -> None:
        if not 0 < width <= period:
            found = f"{float(width):g} s of {float(period):g} s"
            raise ValueError(f"expected a width above 0 and up to the period, found {found}")
        self._step = 1 / (rate * period)
        self._on = width / period

    def block(self, start: int, out: Array, *, amplitude: float = 1.0) -> None:
        """Write the samples from ``start`` on to ``out``, shape (n,)."""
        residues, period = phase_residues(start, out.shape[0], self._step)
        out[:] = np.where(residues < ceil(self._on * period), amplitude, 0.0)
