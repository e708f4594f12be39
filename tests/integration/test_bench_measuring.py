"""The measurement rows of the benchmark: both sides do the same work, and both are right."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from streamlab.cli.bench import measuring
from streamlab.cli.bench.measuring import RATE, SIZE, chain_graph, feeding, kernels_alone, noise, run_metric
from streamlab.cli.bench.offline import OFFLINE
from streamlab.cli.bench.rows import Bench
from streamlab.dsp import octave_level
from streamlab.dsp.spectrum import SpectrumAverager
from streamlab.engine import AsyncPipeline


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return noise(2, 2.0)


def in_the_engine(name: str, samples: np.ndarray):
    with feeding(samples):
        return run_metric(name).results.get("m")


def test_the_engine_and_scipy_find_the_same(samples: np.ndarray) -> None:
    """White noise of 1 Pa by both: and what the usual designs are off by, in closed form."""
    offline = OFFLINE["levels"](samples, RATE)
    for row, (laeq, lafmax, lcpeak, l10, l90) in zip(
        in_the_engine("levels", samples).values(), offline.tolist(), strict=True
    ):
        assert row["LAeq"] - laeq == pytest.approx(0.8, abs=0.2)  # what it loses at high frequencies
        assert row["LAFmax"] - lafmax == pytest.approx(0.8, abs=0.3)
        assert row["LAF10"] - l10 == pytest.approx(0.8, abs=0.3)
        assert row["LAF90"] - l90 == pytest.approx(0.8, abs=0.3)
        assert 0.0 < row["LCpeak"] - lcpeak < 2.0  # between the samples, and what C loses
    bands = in_the_engine("thirds", samples)["ch1"]
    found = [bands[label] for label in bands["units"]]
    # A Butterworth band of order 6 between its edges passes pi / 6 / sin(pi / 6) of an ideal one: 0.2 dB.
    wider = OFFLINE["thirds"](samples, RATE)[1, 10:] - 10 * np.log10(np.pi / 3)
    assert found[10:] == pytest.approx(wider.tolist(), abs=0.15)
    moments = in_the_engine("moments", samples)["ch0"]
    numbers = [moments[name] for name in ("mean", "deviation", "skewness", "kurtosis")]
    assert numbers == pytest.approx(OFFLINE["moments"](samples, RATE)[0].tolist(), abs=1e-9)


def test_spectra_and_envelopes_are_of_the_same_signal(samples: np.ndarray) -> None:
    for name, close in (("spectrum", 0.05), ("envelope", 0.3)):
        offline = OFFLINE[name](samples, RATE)[0]
        found = in_the_engine(name, samples)["ch0"]
        highest = found["highest"] if name == "spectrum" else found["highest"] ** 2
        assert 10 * np.log10(highest / offline[2:-2].max()) == pytest.approx(0.0, abs=4 * close)


def test_filters_of_scipy_are_those_of_the_standard() -> None:
    """The weightings of the comparison are 0 dB at 1 kHz and right at 100 Hz (IEC 61672-1, table 3)."""
    time = np.arange(RATE) / RATE
    for frequency, level in ((1000.0, 0.0), (100.0, -19.1)):
        tone = np.sqrt(2) * np.sin(2 * np.pi * frequency * time)[np.newaxis]
        out = OFFLINE["A"](tone, RATE)[0, RATE // 2 :]
        assert 10 * np.log10((out**2).mean()) == pytest.approx(level, abs=0.06)
    ramp = np.cos(2 * np.pi * 50.0 * time)[np.newaxis]
    velocity = OFFLINE["velocity"](ramp, RATE)[0, RATE // 2 :]
    assert np.abs(velocity).max() == pytest.approx(1 / (2 * np.pi * 50), rel=0.01)
    assert OFFLINE["resample"](ramp, RATE).shape == (1, 48_000)


def test_the_loop_of_s6_does_what_the_chain_does(
    samples: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, object] = {}
    totals, spectrum = octave_level.OctaveMeter.totals, SpectrumAverager.spectrum
    monkeypatch.setattr(
        octave_level.OctaveMeter, "totals", lambda self: kept.setdefault("bands", totals(self))
    )
    monkeypatch.setattr(
        SpectrumAverager, "spectrum", lambda self, scaling: kept.setdefault("lines", spectrum(self, scaling))
    )
    assert kernels_alone(samples) > 0.0
    monkeypatch.undo()
    with feeding(samples):
        report = asyncio.run(AsyncPipeline(chain_graph(), collect=["spectrum"]).run())
    assert report.nodes["level"].frames_out == samples.shape[1] // SIZE
    levels = 10 * np.log10(kept["bands"].mean[:, :, 0] / 20e-6**2)
    for row, alone in zip(report.results["bands"].values(), levels, strict=True):
        assert [row[label] for label in row["units"]] == pytest.approx(alone.tolist(), abs=1e-9)
    assert report.outputs["spectrum"][0].samples == pytest.approx(kept["lines"], rel=1e-9)


def test_rows_have_their_goals_and_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_numba(channels: int, engine: str = "auto") -> None:
        raise ValueError("the engine numba needs the extra `fast`")

    runs = Bench(quick=True)
    monkeypatch.setattr(measuring, "_meter", without_numba)
    measuring.octave_speed(runs)
    assert [(row.id, row.goal, row.standing) for row in runs.rows] == [
        *((f"O/scipy/{size}", 4.0, "not measured") for size in (512, 1024, 8192)),
        *((f"O/numba/{size}", 10.0, "not measured") for size in (512, 1024, 8192)),
        ("O/1000", 1.0, "not measured"),
    ]
    assert "extra `fast`" in runs.rows[3].note
