"""Real recordings through graphs: what analysers and other tools found in them, nodes in the engine find."""

from __future__ import annotations

import pytest

from feeding import run_chain
from recordings import read_uff58
from streams import node


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
