"""Real recordings through graphs: what analysers and other tools found in them, nodes in the engine find."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.io import loadmat

import streamlab
from feeding import run_chain
from recordings import read_uff58
from streams import chain, node


@pytest.mark.contract("M22")
def test_the_levels_of_a_microphone(shared_data):
    """Found with pyuff and phonometry: Leq 57.11 dB, LAeq 54.44 dB."""
    samples, rate = read_uff58(shared_data / "uff" / "Sample_UFF58b_bin.uff")
    assert (len(samples), rate) == (79_292, pytest.approx(65_536, abs=0.1))
    meter = node("meter", "SoundLevel", levels=["LZeq", "LAeq"], interval=0.125)
    weighting = node("weighting", "FrequencyWeighting")
    level = node("level", "Level", metrics=["Leq"])
    direct = run_chain(samples, 65_536, "Pa", meter).results["meter"]["x"]
    assert direct["LZeq"] == pytest.approx(57.11, abs=0.005)
    assert direct["LAeq"] == pytest.approx(54.44, abs=0.005)
    assert direct["units"]["LAeq"] == "dB re 20 uPa"
    apart = run_chain(samples, 65_536, "Pa", weighting, level, frame_size=777).results["level"]["x"]
    assert apart["Leq"] == pytest.approx(54.44, abs=0.005)


@pytest.mark.contract("M22", "M23")
def test_the_same_from_the_files_themselves(shared_data):
    """Read by UffFile, which knows unit, rate and names: the numbers of other tools."""
    mic = node("mic", "UffFile", path=str(shared_data / "uff" / "Sample_UFF58b_bin.uff"))
    (row,) = streamlab.run(chain(mic, node("m", "SoundLevel", levels=["LZeq", "LAeq"]))).results["m"].values()
    assert (row["LZeq"], row["LAeq"]) == pytest.approx((57.11, 54.44), abs=0.005)
    assert row["units"]["LAeq"] == "dB re 20 uPa"
    path = shared_data / "motor-3oct" / "electric_motor_vibration_signal.uff"
    motor = node("motor", "UffFile", path=str(path))
    bands = node("m", "OctaveBands", value="RMS", low=1000.0, high=16_000.0)
    (row,) = streamlab.run(chain(motor, bands)).results["m"].values()
    for label, value in (("1.25k", 38.22), ("2.5k", 502.75), ("10k", 56.04), ("12.5k", 21.2)):
        assert 20 * math.log10(row[label] / value) == pytest.approx(0.0, abs=0.15)


@pytest.mark.contract("M23")
def test_the_third_octaves_of_a_motor(shared_data):
    """Two analysers and another filter bank found these, in m/s2; other bands hold what leaks from tones."""
    samples, _ = read_uff58(shared_data / "motor-3oct" / "electric_motor_vibration_signal.uff")
    bands = node("bands", "OctaveBands", value="RMS", high=16_000.0)
    found = run_chain(samples, 51_200, "m/s2", bands, frame_size=4096).results["bands"]["x"]
    for label, *others in [
        ("1.25k", 38.23, 38.21, 38.32),
        ("2.5k", 503.0, 502.5, 504.0),
        ("10k", 56.1, 55.98, 55.98),
        ("12.5k", 21.46, 20.87, 20.87),
    ]:
        levels = 20 * np.log10(others)
        assert 20 * math.log10(found[label]) == pytest.approx(levels.mean(), abs=0.1)
    assert found["units"]["2.5k"] == "m/s2"


BEARINGS = [
    ("InnerRaceFault_vload_1", 118.00, 33.9, 118.88),
    ("OuterRaceFault_vload_5", 80.33, 32.7, 81.12),
]


@pytest.mark.contract("M25")
@pytest.mark.parametrize(("name", "line", "height", "geometric"), BEARINGS)
def test_the_envelope_lines_of_bearings(shared_data, name, line, height, geometric):
    """MFPT challenge: found with SciPy, band-pass 2 to 15 kHz, envelope, one Hann transform, 5 to 400 Hz."""
    bearing = loadmat(shared_data / "mfpt-bearing" / f"{name}.mat", squeeze_me=True)["bearing"]
    samples, rate = bearing["gs"].item(), float(bearing["sr"].item())
    config = {"band_low": 2000.0, "band_high": 15_000.0, "low": 5.0, "high": 400.0, "over_median": True}
    whole = node("envelope", "EnvelopeSpectrum", size=145_484, **config)
    found = run_chain(samples, rate, "g", whole, frame_size=4096).results["envelope"]["x"]
    assert found["frequency"] == pytest.approx(line, abs=0.4)
    assert found["highest"] == pytest.approx(height, abs=1.0)
    assert found["averages"] == 1
    assert found["units"]["highest"] == "dB re median"
    # An average of shorter segments, as a monitor that runs along takes it.
    running = node("envelope", "EnvelopeSpectrum", resolution=1.0, **config)
    found = run_chain(samples, rate, "g", running).results["envelope"]["x"]
    assert found["averages"] == 4
    assert 0.985 < found["frequency"] / geometric < 1.0  # slip puts it below the frequency of the geometry
    assert found["highest"] > 20.0
