"""Recordings that the examples need, simulated where there is no microphone and no machine."""

import csv
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["SIMULATED", "Simulator"]

Simulator = Callable[[Path], None]
"""Writes a recording to a file."""

_Samples = NDArray[np.float64]


def _survey() -> tuple[_Samples, int]:
    """Twenty seconds beside a road: pink noise of 62 dB, a hum at 125 Hz, and a car of 82 dB that passes.

    Full scale is that of the example, a sine of 100 dB: 2 sqrt(2) Pa.
    """
    rate, seconds = 48000, 20
    time = np.arange(rate * seconds) / rate
    noise = _pink(rate * seconds, seed=1)
    passing = np.exp(-(((time - 11.0) / 2.0) ** 2))
    pascal = _pressure(62.0) * noise
    pascal += _pressure(58.0) * math.sqrt(2) * np.sin(2 * np.pi * 125.0 * time)
    pascal += _pressure(82.0) * passing * _pink(rate * seconds, seed=2)
    return pascal / (2.0 * math.sqrt(2)), rate


def _bearing() -> tuple[_Samples, int]:
    """Ten seconds of a bearing whose outer race is chipped: shocks at 81.1 Hz that ring at 4 kHz, in noise.

    Full scale is that of the example: 100 g.
    """
    rate, seconds, fault = 48000, 10, 81.1 * 0.995  # rollers slip
    generator = np.random.default_rng(4)
    samples = 0.3 * generator.standard_normal(rate * seconds)
    samples += 0.5 * np.sin(2 * np.pi * 25.0 * np.arange(rate * seconds) / rate)
    ring = np.arange(round(0.005 * rate)) / rate
    shock = 4.0 * np.exp(-ring / 0.0008) * np.sin(2 * np.pi * 4000.0 * ring)
    for number in range(int(seconds * fault) - 1):
        at = round(number / fault * rate)
        samples[at : at + len(shock)] += shock * (1.0 + 0.2 * generator.standard_normal())
    return samples / 100.0, rate


def _voice() -> tuple[_Samples, int]:
    """A second and a half of something like a vowel, for machines that have no recording of one."""
    rate = 48000
    time = np.arange(round(1.5 * rate)) / rate
    tones = sum(np.sin(2 * np.pi * 120.0 * order * time) / order for order in range(1, 12))
    envelope = np.sin(np.pi * time / 1.5) ** 2
    samples: _Samples = 0.15 * envelope * np.asarray(tones)
    return samples, rate


def _pressure(level: float) -> float:
    """Root mean square in Pa of a level in dB re 20 uPa."""
    return float(20e-6 * 10.0 ** (level / 20.0))


def _pink(count: int, seed: int) -> _Samples:
    """Pink noise of root mean square 1, from 20 Hz."""
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / 48000)
    shaped = np.where(frequency >= 20.0, white / np.sqrt(np.maximum(frequency, 20.0)), 0.0)
    samples: _Samples = np.fft.irfft(shaped, count)
    return samples / float(np.sqrt(np.mean(samples**2)))


def _temperature(path: Path) -> None:
    """Six weeks of a machine's temperature, a row every five minutes, as a table; it cools down twice."""
    begin, step, rows = datetime(2026, 1, 5), timedelta(minutes=5), 42 * 24 * 12
    days = np.arange(rows) / (24 * 12)
    values = 85.0 + 6.0 * np.sin(2 * np.pi * days) + np.random.default_rng(6).standard_normal(rows)
    for day, depth in ((17.5, 45.0), (33.0, 60.0)):
        values -= depth * np.exp(-(((days - day) / 0.25) ** 2))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["timestamp", "value"])
        table.writerows(zip((begin + step * row for row in range(rows)), values.round(3), strict=True))


def _sound(simulate: Callable[[], tuple[_Samples, int]]) -> Simulator:
    def write(path: Path) -> None:
        import soundfile

        samples, rate = simulate()
        soundfile.write(str(path), samples, rate, subtype="FLOAT", format="WAV")

    return write


SIMULATED: dict[str, Simulator] = {
    "survey.wav": _sound(_survey),
    "bearing.wav": _sound(_bearing),
    "voice.wav": _sound(_voice),
    "machine_temperature.csv": _temperature,
}
