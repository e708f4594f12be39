"""Levels in fractional-octave bands over intervals, time-averaged and time-weighted."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.detector import TIME_CONSTANTS, ExponentialDetector
from streamlab.dsp.intervals import IntervalCutter
from streamlab.dsp.octave import OctaveBank, design_bank

__all__ = ["BandPowers", "OctaveMeter"]

_AT_ONCE = 2048
"""Samples that are filtered together where blocks are shorter: a call costs as much as 200 of them."""


@dataclass(slots=True)
class BandPowers:
    """Mean squares of k stretches of a signal; arrays are (channels, bands, k) unless said otherwise.

    ``first`` is the number of the first stretch on the grid, ``start`` its first sample (k,) and ``count``
    the samples in each (k,). ``mean`` is the mean square of each band, NaN in a stretch too short to hold a
    sample of the band's own rate. With time weighting ``last`` is the weighted mean square at the end and
    ``highest`` its largest value; without, both are None.
    """

    first: int
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    mean: Array
    last: Array | None
    highest: Array | None


class OctaveMeter:
    """Mean squares in bands of each interval [j T, (j + 1) T), and of the whole.

    Samples are numbered; one that does not follow the last is a gap: the filters begin anew, an interval that
    lost samples is left out and :attr:`missing` counts. An interval that the signal enters late at its very
    start, or that the end cuts short, is given with the samples it has.

    Parameters
    ----------
    channels
        Number of rows.
    rate, interval
        Sample rate in Hz and length of an interval in seconds, exact. No band runs at fewer than two samples
        an interval.
    fraction, low, high
        Bands, see :func:`streamlab.dsp.octave.design_bank`.
    time
        Time weighting F or S of IEC 61672-1, or None for none, which is faster.
    engine
        See :class:`streamlab.dsp.octave.OctaveBank`.
    """

    _held = 0  # samples that wait to be measured, in
    _waiting: Array | None = None
    _measured: int  # samples since the filters began

    def __init__(
        self,
        channels: int,
        rate: Fraction,
        interval: Fraction,
        *,
        fraction: int = 3,
        low: float = 20.0,
        high: float = 20_000.0,
        time: Literal["F", "S"] | None = None,
        engine: Literal["auto", "scipy", "numba"] = "auto",
    ) -> None:
        if rate * interval < 2:
            raise ValueError(f"expected an interval of two samples or more, found {float(interval):g} s")
        if time not in (None, "F", "S"):
            raise ValueError(f"a time weighting of bands is F, S or None; found {time!r}")
        least = float(2 / interval)
        self.design = design_bank(float(rate), fraction, low, high, least_rate=least)
        self._cutter = IntervalCutter(rate, interval)
        self.channels = channels
        self._bank = OctaveBank(channels, self.design, engine=engine)
        self._detectors: list[ExponentialDetector] = []
        if time is not None:
            for stage in self.design.stages:
                rows, its_rate = len(stage.bands) * channels, self.design.rate / stage.factor
                self._detectors.append(ExponentialDetector(rows, its_rate, TIME_CONSTANTS[time]))
        self.reset()

    @property
    def engine(self) -> str:
        """The engine that runs: ``scipy`` or ``numba``."""
        return self._bank.engine

    @property
    def next(self) -> int | None:
        """Number of the sample that should come next."""
        return self._cutter.next

    @property
    def missing(self) -> int:
        """Samples that did not come, between those that did."""
        return self._cutter.missing

    def reset(self) -> None:
        """Begin anew: no samples have come."""
        self._cutter.reset()
        shape = len(self.design.bands), self.channels, 1
        self._sums = np.zeros(shape)  # of the open interval, and of all that are closed
        self._counts = np.zeros((shape[0], 1, 1))
        self._all_sums, self._all_counts = self._sums, self._counts
        self._held = 0
        self._restart()

    def feed(self, block: NDArray[Any], start: int) -> BandPowers | None:
        """Take the samples from ``start`` on, (channels, n); return the intervals completed."""
        block = checked(block, self.channels)
        if block.shape[1] == 0:
            return None
        if not self._cutter.follows(start):
            self._restart()
        cuts, whole = self._cutter.cut(block.shape[1])
        if not len(cuts) and self._held + block.shape[1] < _AT_ONCE:
            self._hold(block)
            return None
        block, cuts = self._with_held(block), cuts + self._held
        weighted = self._measure(block, cuts)
        done = slice(whole.spoiled, len(cuts))
        powers = None
        if len(whole.count):
            powers = BandPowers(
                whole.first,
                whole.start,
                whole.count,
                _mean(self._sums[..., done], self._counts[..., done]),
                *(None if one is None else _by_channel(one[..., done]) for one in weighted),
            )
        self._close(len(cuts))
        return powers

    def rest(self) -> BandPowers | None:
        """Return the interval that the end of the signal cuts short, or None if there is none."""
        self._catch_up()
        rest = self._cutter.rest()
        if rest is None:
            return None
        return BandPowers(
            rest.first,
            rest.start,
            rest.count,
            _mean(self._sums, self._counts),
            *(_by_channel(one) if self._detectors else None for one in (self._last, self._highest)),
        )

    def totals(self) -> BandPowers | None:
        """Return the mean squares over all samples so far as one stretch, or None before the first."""
        self._catch_up()
        samples = self._cutter.samples
        if not samples:
            return None
        mean = _mean(self._all_sums + self._sums, self._all_counts + self._counts)
        return BandPowers(0, np.array([0]), np.array([samples]), mean, None, None)

    def _restart(self) -> None:
        """Begin at a sample that does not follow the last one."""
        self._catch_up()
        self._close(1)
        self._bank.reset()
        for one in self._detectors:
            one.reset()
        self._measured = 0
        self._last = self._highest = np.zeros(self._sums.shape)

    def _hold(self, block: Array) -> None:
        """Keep a short block: many at once are less work, and nobody asks before an interval ends."""
        if self._waiting is None:
            self._waiting = np.empty((self.channels, _AT_ONCE))
        self._waiting[:, self._held : self._held + block.shape[1]] = block
        self._held += block.shape[1]

    def _with_held(self, block: Array) -> Array:
        if self._waiting is None or not self._held:
            return block
        return np.concatenate([self._waiting[:, : self._held], block], axis=1)

    def _catch_up(self) -> None:
        """Measure what is kept."""
        if self._waiting is not None and self._held:
            held = self._waiting[:, : self._held]
            self._measure(held, np.zeros(0, dtype=np.int64))

    def _close(self, done: int) -> None:
        """Add the first intervals to the total; the one after them is open."""
        self._all_sums = self._all_sums + self._sums[..., :done].sum(axis=-1, keepdims=True)
        self._all_counts = self._all_counts + self._counts[..., :done].sum(axis=-1, keepdims=True)
        self._sums, self._counts = self._sums[..., done:], self._counts[..., done:]
        if not self._sums.shape[-1]:
            self._sums, self._counts = np.zeros(self._all_sums.shape), np.zeros(self._all_counts.shape)

    def _measure(self, block: Array, cuts: NDArray[np.int64]) -> tuple[Array | None, Array | None]:
        """Add a block to the open interval and those after cuts; return last and highest power of each."""
        at, self._held = self._measured, 0
        self._measured += block.shape[1]
        if not self._detectors:
            sums, counts = self._bank.squares(block, cuts)
            self._add(sums, counts)
            return None, None
        shape = *self._sums.shape[:2], len(cuts) + 1
        sums, counts = np.zeros(shape), np.zeros((shape[0], len(cuts) + 1))
        last, highest = np.empty(shape), np.empty(shape)
        stages = zip(self.design.stages, self._detectors, self._bank.block(block), strict=True)
        for stage, detector, signal in stages:
            rows = slice(stage.bands.start, stage.bands.stop)
            flat = signal.reshape(detector.channels, signal.shape[-1])
            power = detector.block(flat).reshape(signal.shape)
            places = (-(-(cuts + at) // stage.factor) + at // -stage.factor).tolist()
            kept, top = self._last[rows, :, 0], self._highest[rows, :, 0]
            for part, (first, stop) in enumerate(pairwise([0, *places, signal.shape[-1]])):
                if stop > first:
                    kept = power[..., stop - 1]
                    top = np.maximum(top, power[..., first:stop].max(axis=-1))
                sums[rows, :, part] = np.square(signal[..., first:stop]).sum(axis=-1)
                counts[rows, part] = stop - first
                last[rows, :, part], highest[rows, :, part] = kept, top
                top = kept  # of the next interval, which begins here
        self._add(sums, counts)
        self._last, self._highest = last[..., -1:], highest[..., -1:]
        return last, highest

    def _add(self, sums: Array, counts: Array) -> None:
        sums[..., :1] += self._sums
        wider = counts[:, np.newaxis, :].copy()
        wider[..., :1] += self._counts
        self._sums, self._counts = sums, wider


def _mean(sums: Array, counts: Array) -> Array:
    with np.errstate(invalid="ignore"):  # nothing over nothing is NaN
        return _by_channel(sums / counts)


def _by_channel(values: Array) -> Array:
    """Return (channels, bands, k) of (bands, channels, k)."""
    return np.ascontiguousarray(values.swapaxes(0, 1))
