"""What measuring costs: S6, a chain against its kernels alone; each metric against SciPy on whole arrays.

A figure of a metric is its real-time factor per channel: so many channels at 51.2 kHz can one core measure
while they are recorded. All of it runs as a graph in the engine, frames of 1024 samples.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.cli.bench.chains import graph_of, line, node
from streamlab.cli.bench.offline import OFFLINE
from streamlab.cli.bench.rows import Bench, ratios
from streamlab.core import ChannelInfo, DataFrame, Source, StreamInfo, param, register
from streamlab.core.registry import unregister
from streamlab.engine import AsyncPipeline, Report

__all__ = ["METRICS", "Feed", "metrics", "octave_speed", "real_chain", "run_metric"]

RATE = 51_200
SIZE = 1024
CHANNELS = 8
SECONDS = 4.0
_S6_CHANNELS = 64
_BANDS = {"low": 20.0, "high": 16_000.0}

METRICS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "A": ("A-weighting", [node("m", "FrequencyWeighting")]),
    "F": ("level LAF at every sample", [node("a", "FrequencyWeighting"), node("m", "TimeWeighting")]),
    "levels": ("LAeq, LAFmax, LCpeak, LAF10, LAF90 per second", [node("m", "SoundLevel")]),
    "thirds": ("third octaves 20 Hz to 16 kHz per second", [node("m", "OctaveBands", **_BANDS)]),
    "spectrum": ("averaged spectrum, 4096 lines", [node("m", "Spectrum", size=4096, scaling="psd")]),
    "envelope": (
        "envelope spectrum of 2 to 15 kHz, 1 Hz",
        [node("m", "EnvelopeSpectrum", band_low=2000.0, band_high=15_000.0, resolution=1.0)],
    ),
    "velocity": ("acceleration to velocity", [node("m", "Integrate", to="m/s")]),
    "resample": ("resampling to 48 kHz", [node("m", "Resample", rate=48_000.0)]),
    "moments": (
        "mean, deviation, skewness, kurtosis per second",
        [node("m", "Moments", metrics=["mean", "deviation", "skewness", "kurtosis"])],
    ),
}
"""What it is, and the chain whose last node is ``m``."""
_UNITS = {"velocity": "m/s2"}


class Feed(Source):
    """Hands out a recording from memory, frame by frame."""

    samples: ClassVar[NDArray[np.float64]] = np.zeros((1, 0))
    unit: str = param(default="Pa", doc="Unit of the channels")

    def frames(self) -> Iterator[DataFrame]:
        """Yield the recording in frames."""
        info = StreamInfo([ChannelInfo(f"ch{row}", self.unit) for row in range(len(Feed.samples))], RATE)
        for number, at in enumerate(range(0, Feed.samples.shape[1], SIZE)):
            part = np.ascontiguousarray(Feed.samples[:, at : at + SIZE])
            yield DataFrame.from_samples(part, info, sequence_id=number, start_sample=at)


@contextmanager
def feeding(samples: NDArray[np.float64]) -> Iterator[None]:
    """Make ``BenchFeed`` known while the block runs."""
    register("BenchFeed", Feed)
    Feed.samples = samples
    try:
        yield
    finally:
        Feed.samples = np.zeros((1, 0))
        unregister("BenchFeed")


def noise(channels: int, seconds: float) -> NDArray[np.float64]:
    """White noise of 1 Pa in whole frames."""
    frames = max(2, round(seconds * RATE / SIZE))
    return np.random.default_rng(1).standard_normal((channels, frames * SIZE))


def run_metric(name: str) -> Report:
    """Run a metric on the recording that is fed."""
    _, nodes = METRICS[name]
    graph = line([node("feed", "BenchFeed", unit=_UNITS.get(name, "Pa")), *nodes])
    return asyncio.run(AsyncPipeline(graph).run())


def metrics(runs: Bench) -> None:
    """Each metric in the engine, and offline with SciPy."""
    samples = noise(2, 1.2) if runs.quick else noise(CHANNELS, SECONDS)
    signal = samples.size / RATE  # seconds of one channel
    with feeding(samples):
        for name, (what, _) in METRICS.items():
            offline = partial(_timed, OFFLINE[name], samples)
            mine, other = runs.in_turn(partial(_engine, name), offline, repeats=5)
            runs.add(f"M/{name}", what, "channels", [signal / taken for taken in mine], more=True)
            factors = [signal / taken for taken in other]
            told = {"base": factors, "note": f"{np.median(factors):.3g} channels"}
            runs.add(f"M/{name}/scipy", "engine / SciPy on whole arrays", "", ratios(mine, other), **told)


def _engine(name: str) -> float:
    return run_metric(name).duration


def _timed(work: Callable[[NDArray[np.float64], float], Any], samples: NDArray[np.float64]) -> float:
    began = time.perf_counter()
    work(samples, float(RATE))
    return time.perf_counter() - began


# -- third octaves by themselves


def octave_speed(runs: Bench) -> None:
    """Third octaves of 64 channels in real time on one core, by both engines and block sizes."""
    seconds = 0.1 if runs.quick else 1.0
    engines: tuple[tuple[Literal["scipy", "numba"], float], ...] = (("scipy", 4.0), ("numba", 10.0))
    for engine, goal in engines:
        for size in (512, 1024, 8192):
            what = f"30 third octaves of 64 channels against real time, blocks of {size}"
            measure = partial(_octaves, engine, 64, size, seconds)
            _octave_row(runs, f"O/{engine}/{size}", what, measure, goal)
    measure = partial(_octaves, "numba", 1000, 1024, seconds)
    _octave_row(runs, "O/1000", "the same of 1000 channels, numba, blocks of 1024", measure, 1.0)


def _octave_row(runs: Bench, id: str, what: str, measure: Callable[[], float], goal: float) -> None:
    try:
        (taken,) = runs.in_turn(measure, repeats=5)
    except ValueError as error:  # numba is not there
        runs.missing(id, what, str(error), goal=goal, more=True)
        return
    runs.add(id, what, "times", taken, goal=goal, more=True)


def _octaves(engine: Literal["scipy", "numba"], channels: int, size: int, seconds: float) -> float:
    block = np.random.default_rng(1).standard_normal((channels, size))
    meter = _meter(channels, engine)
    count = max(2, round(seconds * RATE / size))
    meter.feed(block, 0)
    began = time.perf_counter()
    for number in range(1, count + 1):
        meter.feed(block, number * size)
    meter.totals()  # what waits to be filtered counts
    return count * size / RATE / (time.perf_counter() - began)


def _meter(channels: int, engine: Literal["auto", "scipy", "numba"] = "auto") -> Any:
    from streamlab.dsp.octave_level import OctaveMeter

    low, high = _BANDS["low"], _BANDS["high"]
    return OctaveMeter(channels, Fraction(RATE), Fraction(1), low=low, high=high, engine=engine)


# -- S6


def real_chain(runs: Bench) -> None:
    """S6: a chain as it is used, against the same kernels in a loop."""
    samples = noise(_S6_CHANNELS, 0.2 if runs.quick else 2.0)
    with feeding(samples):
        mine, plain = runs.in_turn(chain_in_the_engine, partial(kernels_alone, samples))
    what = "64 channels at 51.2 kHz: A weighting, F level, third octaves, spectrum"
    frames = samples.shape[1] / SIZE
    engine, loop = ([1e6 * seconds / frames for seconds in taken] for taken in (mine, plain))
    runs.add("S6/frame", what, "us/frame", engine)
    runs.compare("S6", "engine / the same kernels in a plain loop", engine, loop, goal=1.05)


def chain_graph() -> dict[str, Any]:
    """The graph: three branches behind the source."""
    nodes = [
        node("feed", "BenchFeed"),
        node("weighting", "FrequencyWeighting"),
        node("level", "TimeWeighting"),
        node("bands", "OctaveBands", **_BANDS),
        node("spectrum", "Spectrum", size=4096, scaling="psd"),
    ]
    edges = [("feed", "weighting"), ("weighting", "level"), ("feed", "bands"), ("feed", "spectrum")]
    return graph_of(nodes, edges)


def chain_in_the_engine() -> float:
    """Run the chain and return its seconds."""
    return asyncio.run(AsyncPipeline(chain_graph()).run()).duration


def kernels_alone(samples: NDArray[np.float64]) -> float:
    """Do the arithmetic of the chain in a loop over its frames, and return the seconds."""
    from streamlab.dsp.detector import power_decibels, time_weighting
    from streamlab.dsp.sos import SosFilter
    from streamlab.dsp.spectrum import SpectrumAverager
    from streamlab.dsp.weighting import weighting_sections

    channels, zero = len(samples), np.full((len(samples), 1), 20e-6)
    weighting = SosFilter(weighting_sections("A", RATE), channels)
    detector = time_weighting("F", channels, RATE)
    meter = _meter(channels)
    averager = SpectrumAverager(channels, RATE, 4096)
    began = time.perf_counter()
    for at in range(0, samples.shape[1], SIZE):
        part = np.ascontiguousarray(samples[:, at : at + SIZE])
        power_decibels(detector.block(weighting.block(part)), zero)
        meter.feed(part, at)
        averager.block(part)
    meter.totals()
    averager.spectrum("psd")
    return time.perf_counter() - began
