"""The work of the chain, the same NumPy calls for every system: sine from tables, gain, mean and RMS.

Needs NumPy and two modules of arithmetic of StreamLab (on the path), which need nothing else.
"""

import json
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from streamlab.dsp.generate import TableSine
from streamlab.dsp.statistics import mean_and_rms

RATE = 48000
FREQUENCY = 440
GAIN = 1.0001


class Work:
    """Kernels for frames of one size. ``last`` is the RMS of the frame measured last."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.last = 0.0
        self._table = TableSine(Fraction(FREQUENCY), Fraction(RATE), size)

    def sine(self, number: int) -> np.ndarray:
        """Return frame ``number``, (1, size), in memory of its own."""
        samples = np.empty((1, self.size))
        self._table.block(number * self.size, samples[0])
        return samples

    def gain(self, samples: np.ndarray) -> np.ndarray:
        """Return scaled samples: a reader of the input must not see them change."""
        return samples * GAIN

    def measure(self, samples: np.ndarray) -> float:
        """Return the RMS, having measured mean and RMS."""
        _, rms = mean_and_rms(samples)
        self.last = float(rms[0])
        return self.last


def expected(size: int, gains: int, frames: int) -> float:
    """Return the RMS of the last frame in closed form: sum of sin^2 over consecutive samples."""
    turn = 2 * np.pi * FREQUENCY / RATE
    first = (frames - 1) * size
    # sum of cos(2 a n) from n = first on, as a geometric series
    cosines = np.sin(size * turn) / np.sin(turn) * np.cos(2 * turn * first + (size - 1) * turn)
    return float(np.sqrt((size - cosines) / 2 / size) * GAIN**gains)


def main(system: Callable[[int, int, int], tuple[float, float]], version: str) -> None:
    """Run ``system(size, gains, frames) -> (seconds, last RMS)`` for each case that stdin lists; print JSON.

    Each case runs briefly first, which does not count. Raises SystemExit when the numbers are wrong.
    """
    taken = []
    for size, gains, frames in json.load(sys.stdin):
        system(size, gains, max(32, frames // 8))
        seconds, last = system(size, gains, frames)
        right = expected(size, gains, frames)
        if abs(last - right) > 1e-9:
            sys.exit(f"RMS of the last of {frames} frames of {size}: {last}, expected {right}")
        taken.append(1e6 * seconds / frames)
    print(json.dumps({"version": version, "numpy": np.__version__, "microseconds": taken}))


clock = time.perf_counter
