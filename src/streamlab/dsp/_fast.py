"""Filter banks compiled by numba, the extra ``fast``.

Channels lie side by side, so that the processor takes several at a time; a tile of samples stays in its
nearest cache while all bands pass over it. The arithmetic is in the order of SciPy's ``sosfilt``. The
functions are plain Python until :func:`compile_kernels` has run, and give the same then.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.halfband import path_sections
from streamlab.dsp.sos import NOTHING, SWEEP

__all__ = ["LANES", "FastHalving", "FastStage", "compile_kernels"]

LANES = 32  # channels side by side, at most
TILE = 128  # samples at a time


def _run_section(source: Array, target: Array, size: int, row: Array, first: Array, second: Array) -> None:
    """One section in transposed direct form II: (size, lanes) from source to target, not in place."""
    b0, b1, b2, a1, a2 = row[0], row[1], row[2], row[3], row[4]
    lanes = source.shape[1]
    for t in range(size):
        for lane in range(lanes):
            x = source[t, lane]
            y = b0 * x + first[lane]
            first[lane] = b1 * x - a1 * y + second[lane]
            second[lane] = b2 * x - a2 * y
            target[t, lane] = y


def _load(samples: Array, first_channel: int, start: int, size: int, tile: Array) -> None:
    count = min(tile.shape[1], samples.shape[0] - first_channel)
    for t in range(size):
        for lane in range(count):
            tile[t, lane] = samples[first_channel + lane, start + t]


def _sweep(state: Array, position: int) -> None:
    """Make what has become nothing zero at the places where :class:`streamlab.dsp.sos.SosFilter` does."""
    if position % SWEEP == 0:
        flat = state.reshape(-1)
        for k in range(flat.size):
            if abs(flat[k]) < NOTHING:
                flat[k] = 0.0


def _run_bands(samples: Array, rows: Array, state: Array, position: int, out: Array) -> None:
    """Filter (channels, n) into (bands, channels, n); ``position`` counts the samples before."""
    channels, total = samples.shape
    bands, sections = rows.shape[0], rows.shape[1]
    lanes = state.shape[4]
    tile, one, two = np.zeros((TILE, lanes)), np.zeros((TILE, lanes)), np.zeros((TILE, lanes))
    for group in range(state.shape[0]):
        first = group * lanes
        count = min(lanes, channels - first)
        start = 0
        while start < total:
            size = min(TILE, total - start, SWEEP - (position + start) % SWEEP)
            load(samples, first, start, size, tile)
            for band in range(bands):
                source, target, other = tile, one, two
                for section in range(sections):
                    kept = state[group, band, section]
                    run_section(source, target, size, rows[band, section], kept[0], kept[1])
                    source, target, other = target, other, target
                for lane in range(count):
                    for t in range(size):
                        out[band, first + lane, start + t] = source[t, lane]
            start += size
            sweep(state[group], position + start)


def _sum_bands(
    samples: Array, rows: Array, state: Array, position: int, cuts: NDArray[np.int64], sums: Array
) -> None:
    """Filter (channels, n) and add up the squares between cuts into (bands, channels, cuts + 1)."""
    channels, total = samples.shape
    bands, sections = rows.shape[0], rows.shape[1]
    lanes = state.shape[4]
    tile, one, two = np.zeros((TILE, lanes)), np.zeros((TILE, lanes)), np.zeros((TILE, lanes))
    squares = np.zeros(lanes)
    for group in range(state.shape[0]):
        first = group * lanes
        count = min(lanes, channels - first)
        start, part = 0, 0
        while start < total:
            while part < len(cuts) and cuts[part] <= start:
                part += 1
            size = min(TILE, total - start, SWEEP - (position + start) % SWEEP)
            if part < len(cuts):
                size = min(size, cuts[part] - start)
            load(samples, first, start, size, tile)
            for band in range(bands):
                source, target, other = tile, one, two
                for section in range(sections):
                    kept = state[group, band, section]
                    run_section(source, target, size, rows[band, section], kept[0], kept[1])
                    source, target, other = target, other, target
                squares[:] = 0.0
                for t in range(size):
                    for lane in range(lanes):
                        squares[lane] += source[t, lane] * source[t, lane]
                for lane in range(count):
                    sums[band, first + lane, part] += squares[lane]
            start += size
            sweep(state[group], position + start)


def _halve(
    samples: Array, phase: int, waiting: Array, rows: Array, state: Array, position: int, out: Array
) -> None:
    """Halve the rate of (channels, n) into (channels, m); ``waiting`` holds an odd sample if phase is 0."""
    channels, total = samples.shape[0], out.shape[1]
    sections = rows.shape[1]
    lanes = state.shape[4]
    tile, one, two = np.zeros((TILE, lanes)), np.zeros((TILE, lanes)), np.zeros((TILE, lanes))
    for group in range(state.shape[0]):
        first = group * lanes
        count = min(lanes, channels - first)
        start = 0
        while start < total:
            size = min(TILE, total - start, SWEEP - (position + start) % SWEEP)
            for path in range(2):
                # Path 0 takes the even samples, path 1 the odd ones before them.
                for t in range(size):
                    place = 2 * (start + t) + phase - path
                    for lane in range(count):
                        channel = first + lane
                        tile[t, lane] = waiting[channel] if place < 0 else samples[channel, place]
                source, target, other = tile, one, two
                for section in range(sections):
                    kept = state[group, path, section]
                    run_section(source, target, size, rows[path, section], kept[0], kept[1])
                    source, target, other = target, other, target
                for lane in range(count):
                    for t in range(size):
                        y = source[t, lane]
                        if path:
                            out[first + lane, start + t] = (out[first + lane, start + t] + y) * 0.5
                        else:
                            out[first + lane, start + t] = y
            start += size
            sweep(state[group], position + start)


def _compiled(function: Any, signature: str) -> Any:
    """Compile; keep the machine code for the next process where there is a place to keep it."""
    from numba import njit, types

    names = {
        "i": types.int64,
        "1": types.Array(types.float64, 1, "C"),
        "2": types.Array(types.float64, 2, "C"),
        "3": types.Array(types.float64, 3, "C"),
        "4": types.Array(types.float64, 4, "C"),
        "5": types.Array(types.float64, 5, "C"),
        "c": types.Array(types.int64, 1, "C"),
        # A frame's samples cannot be written; what can be written fits as well.
        "s": types.Array(types.float64, 2, "C", readonly=True),
    }
    kinds = types.void(*(names[one] for one in signature))
    try:
        return njit(kinds, cache=True, error_model="numpy", nogil=True)(function)
    except RuntimeError:  # no directory that can be written
        return njit(kinds, error_model="numpy", nogil=True)(function)


@lru_cache(maxsize=1)
def compile_kernels() -> None:
    """Compile what the kernels call; ImportError where numba is not installed or does not fit NumPy."""
    global run_section, load, sweep, run_bands, sum_bands, halve
    run_section = _compiled(_run_section, "22i111")
    load = _compiled(_load, "siii2")
    sweep = _compiled(_sweep, "4i")
    run_bands = _compiled(_run_bands, "s35i3")
    sum_bands = _compiled(_sum_bands, "s35ic3")
    halve = _compiled(_halve, "si135i2")


# What the functions above call each other by.
run_section: Any = _run_section
load: Any = _load
sweep: Any = _sweep
run_bands: Any = _run_bands
sum_bands: Any = _sum_bands
halve: Any = _halve


class FastStage:
    """The bands of one stage of a bank, see :class:`streamlab.dsp.octave.OctaveBank`."""

    def __init__(self, sections: tuple[Array, ...], channels: int) -> None:
        self._rows, self._state = _rows(sections), _state(sections, channels)
        self._position = 0

    def reset(self) -> None:
        """Forget the signal."""
        self._state[:] = 0.0
        self._position = 0

    def block(self, samples: Array) -> Array:
        """Return (bands, channels, n)."""
        out = np.empty((len(self._rows), *samples.shape))
        run_bands(samples, self._rows, self._state, self._position, out)
        self._position += samples.shape[1]
        return out

    def squares(self, samples: Array, cuts: NDArray[np.int64]) -> Array:
        """Return the sums of squares before, between and after cuts: (bands, channels, cuts + 1)."""
        sums = np.zeros((len(self._rows), samples.shape[0], len(cuts) + 1))
        sum_bands(samples, self._rows, self._state, self._position, cuts, sums)
        self._position += samples.shape[1]
        return sums


class FastHalving:
    """A :class:`streamlab.dsp.halfband.HalfbandDecimator`, compiled."""

    def __init__(self, channels: int) -> None:
        paths = (path_sections(0), path_sections(1))
        self._rows, self._state = _rows(paths), _state(paths, channels)
        self._waiting = np.zeros(channels)
        self._phase = self._position = 0

    def reset(self) -> None:
        """Forget the signal."""
        self._state[:] = 0.0
        self._waiting[:] = 0.0
        self._phase = self._position = 0

    def block(self, samples: Array) -> Array:
        """Return the outputs for this block, (channels, n / 2)."""
        size, phase = samples.shape[1], self._phase
        count = (size - phase + 1) // 2
        out = np.empty((samples.shape[0], count))
        halve(samples, phase, self._waiting, self._rows, self._state, self._position, out)
        self._position += count
        self._phase = (phase + size) % 2
        if size and self._phase == 0:
            self._waiting = samples[:, -1].copy()
        return out


def _rows(sections: tuple[Array, ...]) -> Array:
    """Return b0, b1, b2, a1, a2 as (chains, sections, 5), short chains filled up with sections that pass."""
    longest = max(len(one) for one in sections)
    rows = np.zeros((len(sections), longest, 5))
    rows[:, :, 0] = 1.0
    for chain, one in zip(rows, sections, strict=True):
        chain[: len(one)] = one[:, (0, 1, 2, 4, 5)]
    return rows


def _state(sections: tuple[Array, ...], channels: int) -> Array:
    longest = max(len(one) for one in sections)
    lanes = max(1, min(LANES, channels))
    return np.zeros((-(-channels // lanes), len(sections), longest, 2, lanes))
