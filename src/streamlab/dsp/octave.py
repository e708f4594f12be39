"""Fractional-octave filter banks of class 1, IEC 61260-1:2014.

Each octave of bands runs at a rate of its own, halved from the one above (:mod:`streamlab.dsp.halfband`), so
that low bands are cheap and their poles stay away from z = 1. A band is a Butterworth band-pass from the
bilinear transform with two refinements:

- Its edges are drawn together until the effective bandwidth (5.12) is that of the ideal band: the skirts of
  a plain filter of order 8 add 0.11 dB of a broadband noise, those of order 6 0.20 dB, these nothing.
- Its order is 8, flat enough for tones beside the middle of a band, or the next even one that keeps the
  limits of class 1 (5.10, table 1) at every frequency, with the rate changes before it, where the transform
  bends a band close to half the rate.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked
from streamlab.dsp.bands import OCTAVE, Band, attenuation_limits, bands_between, limit_breakpoints
from streamlab.dsp.design import design_sos, response, settling
from streamlab.dsp.halfband import PASS, HalfbandDecimator, halfband_gain
from streamlab.dsp.sos import SosFilter

__all__ = ["BankDesign", "BankStage", "OctaveBank", "design_bank"]

# A band needs its upper edge below this part of the rate: the 20 kHz third octave 47.2 kHz and more.
HIGHEST_EDGE = 0.475
_SMALLEST_ORDER, _LARGEST_ORDER = 4, 10  # of the prototype: half of the band-pass
_MARGIN = 0.05  # dB that a design keeps from the limits


@dataclass(frozen=True, slots=True)
class BankStage:
    """Bands that share a rate: ``factor`` is the input's rate over theirs, ``bands`` their places."""

    factor: int
    bands: range
    sections: tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class BankDesign:
    """A bank for a sample rate: bands in rising order, stages in falling rate.

    ``note`` says in words which of the bands asked for the rate does not allow, or is empty.
    """

    rate: float
    bands: tuple[Band, ...]
    stages: tuple[BankStage, ...]
    note: str

    def response(self, frequencies: NDArray[Any]) -> Array:
        """Return the gain of each band for tones, (bands, k): RMS out over RMS in.

        A tone above half a stage's rate comes out at another frequency; its power counts all the same.
        """
        return np.stack([self.response_of(place, frequencies) for place in range(len(self.bands))])

    def response_of(self, place: int, frequencies: NDArray[Any]) -> Array:
        """Return the same for one band, (k,)."""
        frequencies = np.asarray(frequencies, dtype=np.float64)
        stage = next(one for one in self.stages if place in one.bands)
        sections = stage.sections[place - stage.bands.start]
        before = _rate_changes(frequencies, self.rate, stage.factor)
        gain: Array = before * np.abs(response(sections, frequencies, self.rate / stage.factor))
        return gain

    def settling(self) -> Array:
        """Return the seconds after which each band's answer to a step has fallen by 60 dB, (bands,)."""
        seconds = np.empty(len(self.bands))
        for stage in self.stages:
            for place, sections in zip(stage.bands, stage.sections, strict=True):
                seconds[place] = settling(sections) * stage.factor / self.rate
        return seconds


@lru_cache(maxsize=32)
def design_bank(
    rate: float, fraction: int = 3, low: float = 20.0, high: float = 20_000.0, *, least_rate: float = 0.0
) -> BankDesign:
    """Design the bands that contain ``low`` and ``high`` and all between, as far as the rate allows.

    Parameters
    ----------
    rate
        Sample rate in Hz.
    fraction
        b of 1/b octaves: 1 to 24.
    low, high
        Frequencies in Hz in the lowest and the highest band.
    least_rate
        Rate in Hz below which no stage shall run, for levels over short intervals.

    Raises
    ------
    ValueError
        When the rate allows none of these bands.
    """
    wanted = bands_between(fraction, low, high)
    bands = tuple(band for band in wanted if band.upper <= HIGHEST_EDGE * rate)
    left_out = wanted[len(bands) :]
    if not bands:
        raise ValueError(
            f"expected a sample rate of {wanted[0].upper / HIGHEST_EDGE:.6g} Hz or more for the band "
            f"{wanted[0].label} Hz, found {rate:g} Hz"
        )
    note = ""
    if left_out:
        first, last = left_out[0].label, left_out[-1].label
        names = f"the band {first} Hz" if first == last else f"the bands {first} to {last} Hz"
        needed = left_out[0].upper / HIGHEST_EDGE
        note = f"without {names}: {first} Hz needs a sample rate of {needed:.6g} Hz, found {rate:g} Hz"
    factors = [_factor(band, rate, least_rate) for band in bands]
    stages = []
    for factor in sorted(set(factors)):
        places = range(factors.index(factor), len(factors) - factors[::-1].index(factor))
        sections = tuple(_design_band(bands[place], fraction, rate, factor) for place in places)
        stages.append(BankStage(factor, places, sections))
    return BankDesign(rate, bands, tuple(stages), note)


class _Kernel(Protocol):
    def reset(self) -> None: ...

    def block(self, samples: Array, /) -> Array: ...


class _Stage(_Kernel, Protocol):
    def squares(self, samples: Array, cuts: NDArray[np.int64], /) -> Array: ...


class OctaveBank:
    """Run a bank over a stream: results independent of how it is cut, the bits of signals too.

    Parameters
    ----------
    channels
        Number of rows.
    design
        What :func:`design_bank` gave.
    engine
        ``scipy``; ``numba``, which needs the extra ``fast`` and compiles when first used; or ``auto``, which
        takes numba where it is installed. Both do the same arithmetic in the same order.
    """

    def __init__(
        self, channels: int, design: BankDesign, *, engine: Literal["auto", "scipy", "numba"] = "auto"
    ) -> None:
        if engine not in ("auto", "scipy", "numba"):
            raise ValueError(f"an engine is auto, scipy or numba; found {engine!r}")
        fast = None if engine == "scipy" else _fast_engine(required=engine == "numba")
        self.channels, self.design = channels, design
        self.engine = "scipy" if fast is None else "numba"
        count = design.stages[-1].factor.bit_length() - 1
        stage, halving = (_ScipyStage, HalfbandDecimator) if fast is None else fast
        self._stages: list[_Stage] = [stage(one.sections, channels) for one in design.stages]
        self._halvings: list[_Kernel] = [halving(channels) for _ in range(count)]
        self._position = 0

    def reset(self) -> None:
        """Forget the signal."""
        self._position = 0
        for one in (*self._halvings, *self._stages):
            one.reset()

    def block(self, samples: NDArray[Any]) -> list[Array]:
        """Return the bands' signals, stage by stage: (bands of the stage, channels, n of the stage).

        Sample k of a stage stands at input sample k times its factor, counted from the first; it comes with
        the block that holds that sample.
        """
        return [kernel.block(one) for kernel, one, _ in self._walk(samples)]

    def squares(self, samples: NDArray[Any], cuts: NDArray[np.int64]) -> tuple[Array, Array]:
        """Return sums of squares of the bands' signals in parts of a block.

        Parameters
        ----------
        samples
            (channels, n).
        cuts
            Places in the block where a part ends and the next begins, 0 to n, rising.

        Returns
        -------
        sums : (bands, channels, cuts + 1) array
        counts : (bands, cuts + 1) array
            Samples of each band's own rate in each part.
        """
        at = self._position
        sums, counts, bands = [], [], []
        for kernel, one, stage in self._walk(samples):
            # Sample k of the stage stands at input k * factor; before a cut are those that stand below it.
            first = -(-at // stage.factor)
            places = -(-(cuts + at) // stage.factor) - first
            sums.append(kernel.squares(one, places))
            counts.append([stop - start for start, stop in pairwise([0, *places.tolist(), one.shape[1]])])
            bands.append(len(stage.bands))
        # Stages are in falling rate, bands rise.
        return np.concatenate(sums[::-1]), np.repeat(np.array(counts[::-1], float), bands[::-1], axis=0)

    def _walk(self, samples: NDArray[Any]) -> list[tuple[_Stage, Array, BankStage]]:
        """Return each stage's kernel with the block at its rate."""
        samples = np.ascontiguousarray(checked(samples, self.channels))
        self._position += samples.shape[1]
        result = []
        factor, halvings = 1, iter(self._halvings)
        for stage, kernel in zip(self.design.stages, self._stages, strict=True):
            while factor < stage.factor:
                samples = next(halvings).block(samples)
                factor *= 2
            result.append((kernel, samples, stage))
        return result


class _ScipyStage:
    """The bands of one stage, each a cascade of its own."""

    def __init__(self, sections: tuple[Array, ...], channels: int) -> None:
        self._filters = [SosFilter(one, channels) for one in sections]

    def reset(self) -> None:
        for one in self._filters:
            one.reset()

    def block(self, samples: Array) -> Array:
        return np.stack([one.block(samples) for one in self._filters])

    def squares(self, samples: Array, cuts: NDArray[np.int64]) -> Array:
        sums = np.empty((len(self._filters), samples.shape[0], len(cuts) + 1))
        stops = [0, *cuts.tolist(), samples.shape[1]]
        for row, kernel in zip(sums, self._filters, strict=True):
            out = kernel.block(samples)
            for part, (start, stop) in enumerate(pairwise(stops)):
                piece = out[:, start:stop]
                row[:, part] = np.einsum("ct,ct->c", piece, piece)
        return sums


def _fast_engine(*, required: bool) -> Any:
    """Return the compiled kernels, or None without numba: not installed, or not fit for this NumPy."""
    from streamlab.dsp._fast import FastHalving, FastStage, compile_kernels

    try:
        compile_kernels()
    except ImportError as error:
        if required:
            raise ValueError(f"the engine numba needs the extra `fast`: {error}") from error
        return None
    return FastStage, FastHalving


def _factor(band: Band, rate: float, least_rate: float) -> int:
    factor = 1
    while band.upper <= PASS * rate / (2 * factor) and rate / (2 * factor) >= least_rate:
        factor *= 2
    return factor


def _rate_changes(frequencies: Array, rate: float, factor: int) -> Array:
    """Return the gain of all halvings down to a factor."""
    gain = np.ones(len(frequencies))
    for halving in range(factor.bit_length() - 1):
        gain *= np.abs(halfband_gain(2.0 * np.pi * frequencies * 2**halving / rate))
    return gain


def _design_band(band: Band, fraction: int, rate: float, factor: int) -> Array:
    """Return the sections of the smallest order that keeps class 1."""
    frequencies = _mask_frequencies(band, fraction, rate)
    least, largest = attenuation_limits(fraction, frequencies / band.centre)
    before = _rate_changes(frequencies, rate, factor)
    for order in range(_SMALLEST_ORDER, _LARGEST_ORDER + 1):
        sections = _with_ideal_bandwidth(band, fraction, rate / factor, order)
        with np.errstate(divide="ignore"):
            gain = before * np.abs(response(sections, frequencies, rate / factor))
            attenuation = -20.0 * np.log10(gain)
        if (attenuation >= least + _MARGIN).all() and (attenuation <= largest - _MARGIN).all():
            return sections
    raise ValueError(
        f"no filter of order {2 * _LARGEST_ORDER} or less keeps class 1 for the band {band.label} Hz "
        f"at a sample rate of {rate:g} Hz"
    )


def _mask_frequencies(band: Band, fraction: int, rate: float) -> Array:
    """Return the frequencies at which a design is tried: breakpoints of the limits, and many between them."""
    half = 0.5 / fraction
    near = band.centre * OCTAVE ** (np.linspace(-1.0, 1.0, 65) * half * (1.0 - 1e-9))
    steps = half * np.geomspace(1.0, 30.0, 60)
    beyond = np.concatenate([band.centre * OCTAVE**-steps, band.centre * OCTAVE**steps])
    far = np.geomspace(band.upper, 0.4999 * rate, 60)
    breaks = limit_breakpoints(fraction)
    every = np.concatenate([near, beyond, far, band.centre * breaks, band.centre / breaks])
    return every[(every > 0.0) & (every < 0.5 * rate)]


def _with_ideal_bandwidth(band: Band, fraction: int, rate: float, order: int) -> Array:
    """Return a Butterworth filter with the edges moved until its effective bandwidth is the band's."""
    width = 1.0
    for _ in range(4):  # the bandwidth is almost proportional to the distance of the edges
        width *= log(OCTAVE) / fraction / _effective_bandwidth(band, fraction, rate, order, width)
    half = OCTAVE ** (0.5 * width / fraction)
    edges = band.centre / half, band.centre * half
    return design_sos("butterworth", "bandpass", edges, rate, order=order)


def _effective_bandwidth(band: Band, fraction: int, rate: float, order: int, width: float) -> float:
    """Integrate the squared gain over ln f (5.11) by its closed form for bilinear Butterworth filters."""
    half = 0.5 * log(OCTAVE) / fraction
    # Denser about the band: the squared gain falls by 18 dB and more for each doubling of the distance.
    place = half * np.sinh(np.linspace(-6.0, 6.0, 1201))
    place = np.minimum(place, log(0.5 * rate * (1.0 - 1e-9) / band.centre))
    place = np.maximum(place, log(1e-9))
    warped, low, high = (
        np.tan(np.pi * band.centre / rate * np.exp(one)) for one in (place, -half * width, half * width)
    )
    distance = (warped * warped - low * high) / (warped * (high - low))
    gain = 1.0 / (1.0 + distance ** (2 * order))
    return float(((gain[1:] + gain[:-1]) * np.diff(place)).sum() / 2.0)
