"""Quantities flow with the data: what a graph says of units before it runs, and what comes out after."""

from __future__ import annotations

import math

import numpy as np
import pytest

from feeding import run_chain
from streamlab import Graph
from streamlab.core import Outcome
from streams import graph, node

RATE = 48_000
TIME = np.arange(RATE) / RATE
ONE = math.sqrt(2) * np.sin(2 * np.pi * 1000 * TIME)  # RMS 1


def sine(name: str, unit: str):
    return node(name, "SineGenerator", unit=unit, channels=[f"{name}_channel"])


@pytest.mark.contract("M2", "G7")
def test_pascals_and_volts_are_not_added():
    mixed = graph([sine("mic", "Pa"), sine("line", "V"), node("sum", "Mix")], "mic > sum.a, line > sum.b")
    (problem,) = Graph(document=mixed).problems()
    assert problem.node == "sum"
    assert problem.message == "channels to add have one unit"
    assert (problem.expected, problem.found) == ("mic_channel [Pa]", "line_channel [V]")
    assert problem.hint == ""  # nothing converts one into the other


@pytest.mark.contract("M2", "G7")
def test_millipascals_and_pascals_are_added_once_they_are_converted():
    nodes = [sine("mic", "Pa"), sine("other", "mPa"), node("sum", "Mix")]
    (problem,) = Graph(document=graph(nodes, "mic > sum.a, other > sum.b")).problems()
    assert problem.hint == "ConvertUnit gives 'other_channel' in Pa"
    nodes.append(node("pascals", "ConvertUnit", to="Pa"))
    assert Graph(document=graph(nodes, "mic > sum.a, other > pascals > sum.b")).problems() == []


@pytest.mark.contract("M2")
@pytest.mark.parametrize(
    ("unit", "size", "nodes"),
    [
        ("Pa", 1.0, []),
        ("mPa", 1000.0, []),
        ("kPa", 1e-3, []),
        ("mbar", 0.01, []),
        ("V", 0.05, [node("mic", "Sensitivity", sensitivity=50.0, unit="mV/Pa")]),
        ("mV", 50.0, [node("mic", "Sensitivity", sensitivity=50.0, unit="mV/Pa")]),
        ("uV", 50e3, [node("mic", "Sensitivity", sensitivity_db=20 * math.log10(0.05), unit="V/Pa")]),
        ("mV", 50.0, [node("mic", "Sensitivity", sensitivity=0.05, unit="mV/mPa")]),
    ],
)
def test_one_pascal_is_94_decibels_however_it_comes(unit, size, nodes):
    for meter, names in (
        (node("level", "Level", metrics=["Leq"]), ["Leq"]),
        (node("meter", "SoundLevel", levels=["LZeq", "LAeq"]), ["LZeq", "LAeq"]),
        (node("bands", "OctaveBands", low=500.0, high=2000.0), ["1k"]),
    ):
        row = run_chain(size * ONE, RATE, unit, *nodes, meter).results[meter["id"]]["x"]
        for name in names:
            # 20 lg(1 Pa / 20 uPa); the filters begin at zero
            assert row[name] == pytest.approx(93.9794, abs=0.03), name
            assert row["units"][name] == "dB re 20 uPa"


@pytest.mark.contract("M2", "M27")
@pytest.mark.parametrize(("unit", "size"), [("m/s2", 1.0), ("g", 1 / 9.80665), ("mg", 1000 / 9.80665)])
def test_acceleration_becomes_velocity(unit, size):
    """At 1000 rad/s, 1 m/s2 is 1 mm/s (ISO 20816-1): 120 dB re 1 nm/s."""
    rate = 10_000
    shake = size * math.sqrt(2) * np.sin(1000.0 * np.arange(2 * rate) / rate)
    nodes = [
        node("velocity", "Integrate", to="mm/s", high_pass=2.0),
        node("settled", "RunUntil", duration=2.0),
        node("level", "Level", interval=0.5, metrics=["RMS", "Leq"]),
        node("zone", "Limit", value="Leq", upper=121.0),
    ]
    report = run_chain(shake, rate, unit, *nodes, collect=["level"])
    last = report.outputs["level"][-1]
    assert last.payload["x.RMS"][-1] == pytest.approx(1.0, rel=2e-3)
    assert last.payload["x.Leq"][-1] == pytest.approx(120.0, abs=0.02)
    assert [channel.label for channel in last.info.channels] == ["x.RMS [mm/s]", "x.Leq [dB re 1 nm/s]"]
    assert report.results["zone"].outcome is Outcome.PASS


@pytest.mark.contract("M2", "G7")
@pytest.mark.parametrize(
    ("unit", "meter", "message"),
    [
        ("dB", node("m", "Level"), "channel 'tone_channel' is a level already"),
        ("W", node("m", "Level"), "channel 'tone_channel' is a power: its level is not that of its square"),
        ("dB", node("m", "OctaveBands"), "is a level already"),
        ("dB", node("m", "Spectrum", decibels=True), "is a level already"),
        ("dB", node("m", "TimeWeighting"), "is a level already"),
        ("dB", node("m", "SoundLevel", levels=["LZeq"]), "is a level already"),
        ("V", node("m", "Level", reference="20 uPa"), "the reference does not go with the unit"),
        ("degC", node("m", "Level", reference="1 K"), "the reference does not go with the unit"),
        ("V", node("m", "Integrate", to="mm/s"), "mm/s is not what 'tone_channel' integrates to"),
        ("g", node("m", "ConvertUnit", to="mm/s"), "g measures acceleration and mm/s measures velocity"),
        ("Pa", node("m", "Sensitivity", sensitivity=50.0), "a sensitivity in mV/Pa needs a voltage"),
    ],
)
def test_what_has_no_such_number_is_said_in_words(unit, meter, message):
    problems = Graph(document=graph([sine("tone", unit), meter], "tone > m")).problems()
    assert message in "\n".join(str(problem) for problem in problems)


@pytest.mark.parametrize("unit", ["W", "dB"])
def test_their_other_numbers_are_there(unit):
    for meter in (
        node("m", "Level", metrics=["RMS", "crest"]),
        node("m", "OctaveBands", value="RMS"),
        node("m", "TimeWeighting", output="rms"),
    ):
        assert Graph(document=graph([sine("tone", unit), meter], "tone > m")).problems() == []
