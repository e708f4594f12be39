"""Sound levels over intervals, IEC 61672-1:2013: time-weighted, time-averaged, exposure and peak.

Symbols as in clause 3: LAF is the A-weighted level with time weighting F, LAFmax its largest value, LAeq the
level of the mean square, LAE = LAeq + 10 lg(T / 1 s), LCpeak the level of the largest magnitude of the
C-weighted signal. LAF90 (ISO 1996-1) is the level that LAF exceeds for 90 % of the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.design import settling
from streamlab.dsp.detector import TimeWeighting, power_decibels, time_weighting
from streamlab.dsp.histogram import Histogram
from streamlab.dsp.level import IntervalGrid, IntervalMeter, Sums, decibels
from streamlab.dsp.sos import SosFilter
from streamlab.dsp.true_peak import TruePeak
from streamlab.dsp.weighting import Weighting, weighting_sections

__all__ = ["IntervalSampler", "SoundLevelMeter", "SoundLevels"]

_DISTRIBUTION_STEP = Fraction(1, 100)  # seconds between the samples of a distribution


@dataclass(slots=True)
class SoundLevels:
    """Levels in dB of k stretches of a signal; arrays are (channels, k) unless said otherwise.

    ``first`` is the number of the first stretch on the grid, ``start`` its first sample (k,) and ``count``
    the samples in each (k,). ``settled`` (k,) is false where the detectors had not settled at its beginning.
    ``equivalent`` is Leq, ``exposure`` LE re x0^2 * 1 s, ``last`` the time-weighted level at the end,
    ``highest`` and ``lowest`` are its extremes and ``peak`` is Lpeak. ``exceeded`` (channels, shares, k) has
    the levels exceeded for the shares of the time that the meter was given.
    """

    first: int
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    settled: NDArray[np.bool_]
    equivalent: Array
    exposure: Array
    last: Array
    highest: Array
    lowest: Array
    peak: Array
    exceeded: Array


class IntervalSampler:
    """Takes the last sample of each interval [j T, (j + 1) T) out of blocks that follow each other."""

    def __init__(self, rate: Fraction, interval: Fraction) -> None:
        self.grid = IntervalGrid(rate, interval)

    def pick(self, block: Array, start: int) -> Array:
        """Return the columns of a block beginning at sample ``start`` on which an interval ends."""
        stop = start + block.shape[1]
        ends = self.grid.starts(self.grid.index(start) + 1, self.grid.index(stop) + 1) - 1 - start
        return block[:, ends[ends < block.shape[1]]]


class SoundLevelMeter:
    """A sound level meter for any number of channels: levels of each interval, and of the whole.

    Samples are numbered; one that does not follow the last is a gap: the filters and detectors begin anew,
    an interval that lost samples is left out, and :attr:`missing` counts. Filters begin as if the first
    sample had always been there, so that an offset does not ring, detectors in silence: for
    :attr:`settling` seconds a time-weighted level is lower than it will be. The lowest level and the
    distribution of the whole leave that time out; the highest cannot be too high and counts from the start.

    The peak is that of the signal, between its samples too (:class:`streamlab.dsp.true_peak.TruePeak`): that
    of the samples alone would be up to 1.25 dB low at 8 kHz and a rate of 48 kHz. A crest between samples
    counts eight samples later, so one right before the end of an interval may count in the next.

    Parameters
    ----------
    channels
        Number of rows.
    rate, interval
        Sample rate in Hz and length of an interval in seconds, exact.
    reference
        x0 of the levels: 20e-6 for Pa (ISO 1683:2015), or one for each channel as (channels, 1).
    weighting, time, peak_weighting
        Frequency weighting, time weighting, and frequency weighting of the peak; without one ``peak`` is NaN.
    shares
        Of the time, in percent: each stretch is given the levels exceeded for so long, from what is settled.
    """

    def __init__(
        self,
        channels: int,
        rate: Fraction,
        interval: Fraction,
        *,
        reference: float | NDArray[Any] = 20e-6,
        weighting: Weighting = "A",
        time: TimeWeighting = "F",
        peak_weighting: Weighting | None = "C",
        shares: Sequence[float] = (),
    ) -> None:
        self.channels, self.rate, self.interval = channels, rate, interval
        self.reference = np.asarray(reference, dtype=np.float64)
        if rate * interval < 1:
            raise ValueError(f"expected an interval of a sample or more, found {float(interval):g} s")
        sections = weighting_sections(weighting, float(rate))
        self._filter = SosFilter(sections, channels, start="steady")
        self._peak_filter = None
        if peak_weighting not in (None, weighting):
            peak_sections = weighting_sections(peak_weighting, float(rate))
            self._peak_filter = SosFilter(peak_sections, channels, start="steady")
        self._true_peak = None if peak_weighting is None else TruePeak(channels)
        self._detector = time_weighting(time, channels, float(rate))
        # Seconds: of the detector, and until the filter's answer to a step has fallen by 60 dB.
        self.settling = self._detector.settling + settling(sections) / float(rate)
        self._sampler = IntervalSampler(rate, max(_DISTRIBUTION_STEP, 1 / rate))
        self._shares = np.array(shares, dtype=np.float64)
        self.reset()

    def reset(self) -> None:
        """Begin anew: no samples have come."""
        self._open = Histogram(self.channels)  # of the open interval
        count = 2 if self._true_peak is None else 3
        self._meters = [IntervalMeter(self.channels, self.rate, self.interval) for _ in range(count)]
        self._restart(None)
        self._distribution = Histogram(self.channels)
        self._highest = np.zeros((self.channels, 1))
        self._lowest = np.full((self.channels, 1), np.inf)

    @property
    def grid(self) -> IntervalGrid:
        """The grid of the intervals."""
        return self._meters[0].grid

    @property
    def missing(self) -> int:
        """Samples that did not come, between those that did."""
        return self._meters[0].missing

    @property
    def next(self) -> int | None:
        """Number of the sample that should come next."""
        return self._meters[0].next

    def feed(self, block: NDArray[Any], start: int) -> SoundLevels | None:
        """Take the samples from ``start`` on, (channels, n); return the levels of the intervals completed."""
        block = checked(block, self.channels)
        if block.shape[1] == 0:
            return None
        if start != self.next:
            self._restart(start)
        weighted = self._filter.block(block)
        power = self._detector.block(weighted)
        self._note(power, start)
        exceeded = self._exceeded_per_interval(power, start)
        signals = [weighted, power]
        if self._true_peak is not None:
            for_peak = weighted if self._peak_filter is None else self._peak_filter.block(block)
            signals.append(self._true_peak.block(for_peak))
        parts = [meter.feed(signal, start) for meter, signal in zip(self._meters, signals, strict=True)]
        whole = parts[0]
        kept = 0 if whole is None else whole.first - self.grid.index(start)
        return self._levels(parts, exceeded[..., kept:])

    def rest(self) -> SoundLevels | None:
        """Return the interval that the end of the signal cuts short, or None if there is none."""
        exceeded = self._open.exceeded(self._shares)[..., np.newaxis]
        return self._levels([meter.rest() for meter in self._meters], exceeded)

    def totals(self) -> SoundLevels | None:
        """Return the levels over all samples so far as one stretch, or None before the first.

        ``lowest`` is that after settling: plus infinity before.
        """
        exceeded = self._distribution.exceeded(self._shares)[..., np.newaxis]
        total = self._levels([meter.totals() for meter in self._meters], exceeded)
        if total is not None:
            total.highest = power_decibels(self._highest, self.reference)
            total.lowest = power_decibels(self._lowest, self.reference)
        return total

    def exceeded(self, percent: float | NDArray[Any]) -> Array:
        """Return the time-weighted levels that are exceeded for shares of the time: (channels, k).

        From levels taken every 10 ms (every sample where that is longer), in classes of 0.01 dB. NaN before
        the meter has settled.
        """
        return self._distribution.exceeded(percent)

    def _restart(self, start: int | None) -> None:
        self._filter.reset()
        if self._peak_filter is not None:
            self._peak_filter.reset()
        if self._true_peak is not None:
            self._true_peak.reset()
        self._detector.reset()
        self._open.reset()
        self._settled_at = 0 if start is None else start + int(self.settling * self.rate)

    def _note(self, power: Array, start: int) -> None:
        """Take the highest level; the lowest and the distribution once settled."""
        np.maximum(self._highest, power.max(axis=1, keepdims=True), out=self._highest)
        skip = max(0, self._settled_at - start)
        if skip >= power.shape[1]:
            return
        power, start = power[:, skip:], start + skip
        np.minimum(self._lowest, power.min(axis=1, keepdims=True), out=self._lowest)
        self._distribution.add(power_decibels(self._sampler.pick(power, start), self.reference))

    def _exceeded_per_interval(self, power: Array, start: int) -> Array:
        """Return the levels exceeded in each interval that ends in a block, (channels, shares, k)."""
        stop = start + power.shape[1]
        ends = self.grid.starts(self.grid.index(start) + 1, self.grid.index(stop)).tolist()
        if not len(self._shares):
            return np.empty((self.channels, 0, len(ends)))
        rows: list[Array] = []
        for begin, end in pairwise([start, *ends, stop]):
            settled = max(begin, self._settled_at)
            if settled < end:
                part = self._sampler.pick(power[:, settled - start : end - start], settled)
                self._open.add(power_decibels(part, self.reference))
            if len(rows) < len(ends):
                rows.append(self._open.exceeded(self._shares))
                self._open.reset()
        return np.stack(rows, axis=-1) if rows else np.empty((self.channels, len(self._shares), 0))

    def _levels(self, parts: list[Sums | None], exceeded: Array) -> SoundLevels | None:
        weighted, power, *rest = parts
        if weighted is None or power is None:
            return None
        peak = rest[0].peak() if rest and rest[0] is not None else np.full(power.last.shape, np.nan)
        seconds = weighted.count / float(self.rate)
        equivalent = decibels(weighted.rms(), self.reference)
        return SoundLevels(
            weighted.first,
            weighted.start,
            weighted.count,
            weighted.start >= self._settled_at,
            equivalent,
            equivalent + 10.0 * np.log10(seconds),
            power_decibels(power.last, self.reference),
            power_decibels(power.high, self.reference),
            power_decibels(power.low, self.reference),
            decibels(peak, self.reference),
            exceeded,
        )
