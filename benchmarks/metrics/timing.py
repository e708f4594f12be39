"""What the scripts of this folder share: a recording from a file, times and values as JSON."""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

ZERO = 20e-6
BANDS = (20.0, 16_000.0)
"""Nominal frequencies of the lowest and the highest third octave."""


def level(power: Any) -> list[float]:
    """Return mean squares as levels in dB re 20 uPa."""
    return (10 * np.log10(np.asarray(power, dtype=float) / ZERO**2)).ravel().tolist()


def answer(package: str, metrics: dict[str, Callable[[Any, int], list[float]]]) -> None:
    """Read ``{"path": ..., "rate": ...}`` from stdin, run each metric, print what it took and gave.

    A metric gets the samples as (channels, n), and returns levels of the first channel.
    """
    task = json.load(sys.stdin)
    samples = np.load(task["path"])
    seconds, values = {}, {}
    for name, metric in metrics.items():
        metric(samples[:, : task["rate"]], task["rate"])  # warms up
        began = time.perf_counter()
        found = metric(samples, task["rate"])
        seconds[name], values[name] = time.perf_counter() - began, found
    facts = {"version": version(package), "numpy": np.__version__, "seconds": seconds, "values": values}
    print(json.dumps(facts))
