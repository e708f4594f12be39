"""ConvertUnit, Sensitivity, and units along a graph."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab import Graph
from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.conditioning.convert_unit import ConvertUnit
from streamlab.nodes.conditioning.sensitivity import Sensitivity
from streamlab.testing.harness import run_node


def stream(*units, **more):
    names = [f"ch{number}" for number in range(len(units))]
    return StreamInfo([ChannelInfo(name, unit, **more) for name, unit in zip(names, units, strict=True)], 100)


def frame(info, *rows, **header):
    return DataFrame.from_samples(np.array(rows, dtype=float), info, **header)


@pytest.mark.contract("M2", "F8")
def test_each_channel_by_its_own_factor():
    given = frame(
        stream("g", "mm/s2", "V"), [1.0, 2.0], [1000.0, 500.0], [3.0, 4.0], gap=4, metadata={"k": 1}
    )
    run = run_node("ConvertUnit", [given], config={"to": "m/s2", "channels": ["ch0", "ch1"]})
    assert run[0].samples.tolist() == [[9.80665, 19.6133], [1.0, 0.5], [3.0, 4.0]]
    assert [item.unit for item in run[0].info.channels] == ["m/s2", "m/s2", "V"]
    assert (run[0].gap, dict(run[0].metadata)) == (4, {"k": 1})


@pytest.mark.contract("M2")
def test_temperatures_have_an_offset():
    run = run_node("ConvertUnit", [frame(stream("degF"), [32.0, 212.0, -40.0])], config={"to": "degC"})
    assert run[0].samples[0] == pytest.approx([0.0, 100.0, -40.0], abs=1e-12)


@pytest.mark.contract("M2", "F6")
def test_range_and_sensitivity_follow():
    info = stream("g", range=(-50.0, 50.0), sensitivity=0.1)
    (out,) = ConvertUnit.stream_info(ConvertUnit(to="m/s\u00b2"), **{"in": info}).channels
    assert out.unit == "m/s2"
    assert out.range == pytest.approx((-490.3325, 490.3325))
    assert out.sensitivity == pytest.approx(0.1 / 9.80665)  # V per g is less per m/s2
    assert (
        ConvertUnit.stream_info(ConvertUnit(to="V", assume="mV"), **{"in": stream("")}).channels[0].unit
        == "V"
    )


@pytest.mark.contract("M2", "G7")
@pytest.mark.parametrize(
    ("unit", "config", "message"),
    [
        (
            "V",
            {"to": "Pa"},
            "V measures voltage and Pa measures pressure; .* stands a transducer: Sensitivity",
        ),
        ("", {"to": "Pa"}, "'' is not a unit .* ch0 without unit .* say with assume"),
        ("Pa", {"to": "loud"}, "'loud' is not a unit"),
        ("Pa", {"to": "kPa", "channels": ["mic"]}, "no channel 'mic'"),
    ],
)
def test_units_of_other_quantities(unit, config, message):
    with pytest.raises(ParamError, match=message):
        ConvertUnit.stream_info(ConvertUnit(**config), **{"in": stream(unit)})


# ------------------------------------------------------------------------------ sensitivity


@pytest.mark.contract("M2")
@pytest.mark.parametrize(
    ("unit", "config", "value", "measured"),
    [
        ("V", {"sensitivity": 50.0, "unit": "mV/Pa"}, 0.05, "Pa"),
        ("mV", {"sensitivity": 50.0, "unit": "mV/Pa"}, 50.0, "Pa"),
        ("", {"sensitivity": 50.0, "unit": "mV/Pa"}, 0.05, "Pa"),
        ("V", {"sensitivity": 10.2, "unit": "mV/(m/s2)"}, 0.0102, "m/s2"),
        ("uV", {"sensitivity": 100.0, "unit": "mV/g"}, 1e5, "g"),
        ("pC", {"sensitivity": 4.1, "unit": "pC/N"}, 4.1, "N"),
        ("mA", {"sensitivity": 1.6, "unit": "mA/bar"}, 1.6, "bar"),
        ("V", {"sensitivity_db": -26.0}, 10 ** (-26 / 20), "Pa"),
    ],
)
def test_one_unit_measured_gives_the_sensitivity(unit, config, value, measured):
    run = run_node("Sensitivity", [frame(stream(unit), [value, -2 * value])], config=config)
    assert run[0].samples[0] == pytest.approx([1.0, -2.0], rel=1e-14)
    assert run[0].info.channels[0].unit == measured


@pytest.mark.contract("M2")
def test_a_microphone_at_94_dB():
    # 1 Pa is 93.979 dB re 20 uPa (ISO 1683); 94 dB, of a calibrator to IEC 60942, is 1.002374 Pa.
    volts = 0.0125 * 20e-6 * 10 ** (94 / 20)
    run = run_node(
        "Sensitivity", [frame(stream("V", range=(-5.0, 5.0)), [volts])], config={"sensitivity": 12.5}
    )
    assert run[0].samples[0, 0] == pytest.approx(1.002374, abs=5e-7)
    (channel,) = run[0].info.channels
    assert (channel.quantity, channel.sensitivity, channel.range) == (
        "sound pressure",
        0.0125,
        (-400.0, 400.0),
    )


@pytest.mark.contract("M2", "G7")
@pytest.mark.parametrize("unit", ["Pa", "g", "dB", "FS", "pC"])
def test_what_is_not_volts_has_no_sensitivity_in_volts(unit):
    with pytest.raises(ParamError, match="a sensitivity in mV/Pa needs a voltage; expected ch0 in V"):
        Sensitivity.stream_info(Sensitivity(sensitivity=50.0), **{"in": stream(unit)})


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "a transducer has one sensitivity; .*neither"),
        ({"sensitivity": 1.0, "sensitivity_db": 0.0}, "one sensitivity; .*both"),
        ({"sensitivity": 1.0, "unit": "Pa/V"}, "electrical unit per unit measured; .*'Pa/V'"),
        ({"sensitivity": 1.0, "unit": "mV/"}, "electrical unit per unit measured"),
        ({"sensitivity": 0.0}, "out of range"),
    ],
)
def test_sensitivities_that_are_none(config, message):
    with pytest.raises(ParamError, match=message):
        Sensitivity(**config)


# ------------------------------------------------------------------------------ along a graph


@pytest.mark.contract("M2", "G7")
def test_pascals_and_volts_are_not_added():
    graph = Graph().add("mic", "SineGenerator", unit="V").add("pressure", "Sensitivity", sensitivity=50.0)
    graph.add("raw", "SineGenerator", unit="V").add("sum", "Mix")
    graph.connect("mic", "pressure").connect("pressure", "sum.a").connect("raw", "sum.b")
    (problem,) = graph.problems()
    assert problem.pointer == "/nodes/3"
    assert (problem.message, problem.expected, problem.found) == (
        "channels to add have one unit", "main_channel [Pa]", "main_channel [V]",
    )  # fmt: skip


@pytest.mark.contract("M2", "G7")
def test_a_wrong_conversion_is_a_problem_of_the_graph():
    graph = (
        Graph()
        .add("tone", "SineGenerator", unit="g")
        .add("unit", "ConvertUnit", to="Pa")
        .connect("tone", "unit")
    )
    (problem,) = graph.problems()
    assert problem.pointer == "/nodes/1/config/to"
    assert "g measures acceleration and Pa measures pressure" in str(problem)
