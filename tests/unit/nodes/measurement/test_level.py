"""Level against closed forms: sines, calibrator levels, partial intervals, lost samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement.level import Level
from streamlab.testing.harness import cut, join, run_node

PA = StreamInfo([ChannelInfo("mic", "Pa")], 48000)
EVERY = ["RMS", "peak", "peak_to_peak", "crest", "Leq", "Lpeak"]


def sine(peak, seconds=1.0, frequency=1000.0, info=PA, **header):
    time = np.arange(round(seconds * float(info.sample_rate))) / float(info.sample_rate)
    return DataFrame.from_samples(
        np.tile(peak * np.sin(2 * np.pi * frequency * time), (len(info.names), 1)), info, **header
    )


def values(run, channel="mic"):
    joined = join(run.outputs)
    return {name.removeprefix(f"{channel}."): row.tolist() for name, row in joined.payload.items()}


def test_a_sine_of_one_pascal():
    # IEC 60942: 94 dB is 1.0024 Pa, so 1 Pa RMS is 93.979 dB re 20 uPa.
    run = run_node("Level", [sine(math.sqrt(2))], config={"interval": 0.125, "metrics": EVERY})
    table = values(run)
    assert {len(row) for row in table.values()} == {8}
    for name, expected in [
        ("RMS", 1.0),
        ("peak", math.sqrt(2)),
        ("peak_to_peak", 2 * math.sqrt(2)),
        ("crest", math.sqrt(2)),
        ("Leq", 93.9794000867),
        ("Lpeak", 93.9794000867 + 3.0102999566),
    ]:
        assert table[name] == pytest.approx([expected] * 8, rel=1e-10)
        assert run.result["mic"][name] == pytest.approx(expected, rel=1e-10)
    assert run.result["mic"]["units"] == {
        "RMS": "Pa",
        "peak": "Pa",
        "peak_to_peak": "Pa",
        "crest": "1",
        "Leq": "dB re 20 uPa",
        "Lpeak": "dB re 20 uPa",
    }
    assert (run.result["mic"]["duration"], run.result["mic"]["missing"]) == (1.0, 0)


def test_what_comes_out_is_described():
    run = run_node("Level", [sine(1.0)], config={"interval": 0.125, "metrics": ["Leq", "crest"]})
    assert [channel.label for channel in run[0].info.channels] == ["mic.Leq [dB re 20 uPa]", "mic.crest [1]"]
    assert (run[0].sample_rate, run[0].info.axis, run[0].n, run[0].start_sample) == (8, "time", 8, 0)
    assert len(run) == 1  # one frame for all that one frame completes


@pytest.mark.parametrize(
    ("unit", "reference", "value", "level"),
    [
        ("FS", None, 1.0, 0.0),
        ("V", None, 1.0, 0.0),
        ("m/s2", None, 1.0, 120.0),
        ("", None, 10.0, 20.0),
        # The reference is that of what the unit measures (ISO 1683), whatever the prefix.
        ("mPa", None, 1000.0, 93.9794000867),
        ("kPa", None, 1e-3, 93.9794000867),
        ("mbar", None, 0.01, 93.9794000867),
        ("g", None, 1.0, 139.8304134),  # 20 lg(9.80665 / 1e-6)
        ("mm/s", None, 1.0, 120.0),
        ("in/s", None, 1.0, 148.0966743),  # 20 lg(0.0254 / 1e-9)
        ("um", None, 1.0, 120.0),
        ("kN", None, 1.0, 180.0),
        ("mV", None, 1000.0, 0.0),
        ("%", None, 50.0, -6.0205999),
        ("g", "1 g", 10.0, 20.0),
        ("mg", "1 g", 10_000.0, 20.0),
        ("g", "1 m/s2", 1.0, 19.8304134),
        ("kPa", "20 uPa", 1e-3, 93.9794000867),
        ("Nm", None, 10.0, 20.0),
        ("", "20 uPa", 1.0, 93.9794000867),
        ("V", "0.775 V", 0.775, 0.0),
        ("Pa", "1 Pa", 10.0, 20.0),
    ],
)
def test_references(unit, reference, value, level):
    info = StreamInfo([ChannelInfo("x", unit)], 10)
    run = run_node(
        "Level", [DataFrame.from_samples(np.full((1, 10), value), info)], config={"reference": reference}
    )
    assert run.result["x"]["Leq"] == pytest.approx(level, abs=1e-6)


def test_silence_has_no_level_and_no_crest():
    run = run_node("Level", [DataFrame.from_samples(np.zeros((1, 48000)), PA)])
    table = values(run)
    assert (table["RMS"], table["Leq"]) == ([0.0], [-math.inf])
    assert math.isnan(table["crest"][0])


def test_what_is_not_a_number_stays_so():
    samples = np.ones((1, 96000))
    samples[0, 50_000] = np.nan
    table = values(
        run_node("Level", [DataFrame.from_samples(samples, PA)], config={"metrics": ["RMS", "peak"]})
    )
    np.testing.assert_array_equal(table["RMS"], [1.0, np.nan])
    np.testing.assert_array_equal(table["peak"], [1.0, np.nan])


def test_the_interval_that_the_end_cuts_short_is_marked():
    run = run_node("Level", cut(sine(math.sqrt(2), 2.25), [1000] * 108), config={"metrics": ["RMS"]})
    assert [(frame.start_sample, frame.n, frame.metadata.get("partial")) for frame in run] == [
        (0, 1, None),
        (1, 1, None),
        (2, 1, 0.25),
    ]
    assert values(run)["RMS"] == pytest.approx([1, 1, 1], rel=1e-10)
    assert run.result["mic"]["duration"] == 2.25


def test_the_interval_that_the_stream_enters_late_is_marked():
    late = sine(1.0, 2.0, start_sample=24000, timestamp=7_500_000)
    run = run_node("Level", [late], config={"metrics": ["RMS"]})
    assert [(frame.start_sample, frame.n, frame.metadata.get("partial")) for frame in run] == [
        (0, 1, 0.5),
        (1, 1, None),
        (2, 1, 0.5),
    ]
    assert [frame.timestamp for frame in run] == [7_500_000, 8_000_000, 9_000_000]


@pytest.mark.contract("F7", "E3")
def test_lost_samples_leave_a_gap_not_a_wrong_number():
    pieces = cut(sine(math.sqrt(2), 5.0), [24000] * 10)
    del pieces[3]  # 1.5 s to 2 s
    run = run_node("Level", pieces, config={"metrics": ["RMS"]})
    assert [frame.start_sample for frame in run] == [0, 2, 3, 4]
    assert run.result["mic"]["missing"] == 24000
    assert run.result["mic"]["duration"] == 4.5
    assert values(run)["RMS"] == pytest.approx([1] * 4, rel=1e-10)


@pytest.mark.contract("F5")
def test_timestamps_do_not_show_the_cutting():
    info = StreamInfo([ChannelInfo("mic", "Pa")], 44100)
    whole = sine(1.0, 3.0, info=info, timestamp=1_000_000)
    for sizes in ([1000] * 200, [7777] * 20, [132300]):
        run = run_node("Level", cut(whole, sizes), config={"interval": 0.1})
        times = [frame.timestamp + 100_000 * k for frame in run for k in range(frame.n)]
        assert times == [1_000_000 + 100_000 * k for k in range(30)]


def test_an_interval_that_is_no_whole_number_of_samples():
    info = StreamInfo([ChannelInfo("mic", "Pa")], "5000.024")
    run = run_node("Level", [DataFrame.from_samples(np.ones((1, 50_001)), info)], config={"metrics": ["RMS"]})
    assert [(frame.n, "partial" in frame.metadata) for frame in run] == [(10, False)]


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    ("info", "config", "message"),
    [
        (StreamInfo(["x"]), {}, "a level needs samples over time; expected a sample rate"),
        (StreamInfo(["x"], 10, "band"), {}, "a level needs samples over time"),
        (
            PA,
            {"interval": 1e-5},
            "/interval: the interval is shorter than a sample; expected at least 2.08333e-05 s",
        ),
        (PA, {"reference": "1 V"}, "/reference: .* the unit of channel 'mic'; expected Pa; found 1 V"),
    ],
)
def test_streams_that_have_no_level(info, config, message):
    node = Level(**config)
    with pytest.raises(ParamError, match=message):
        Level.stream_info(node, **{"in": info})
    with pytest.raises(ParamError, match=message):
        node.process(DataFrame.from_samples(np.ones((1, 1)), info))


@pytest.mark.contract("N7")
def test_parameters_that_are_refused():
    with pytest.raises(ParamError) as caught:
        Level(interval=0.0, metrics=["LAeq"], reference="20")
    assert {problem.pointer for problem in caught.value.problems} == {"/interval", "/metrics/0"}
    with pytest.raises(ParamError, match="/reference: a reference is a number and a unit"):
        Level(reference="loud")
    with pytest.raises(ParamError, match="/metrics/1: 'RMS' is there twice"):
        Level(metrics=["RMS", "RMS"])


def test_a_change_of_stream_starts_anew():
    node = Level()
    node.process(sine(1.0, 1.5))
    other = StreamInfo([ChannelInfo("mic", "V")], 48000)
    node.process(sine(math.sqrt(2), 1.0, info=other))
    assert node.result()["mic"]["RMS"] == pytest.approx(1.0)
    assert node.result()["mic"]["units"]["RMS"] == "V"
    assert Level().result() is None
    assert Level().flush() == []
