"""Real recordings through graphs: what other programs read in them, and events that are known to be there."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import soundfile

import streamlab
from recordings import write_tdms, write_uff58b
from streamlab import Graph
from streamlab.cli import main
from streamlab.errors import FileError
from streamlab.io._labels import unit_of
from streamlab.io.formats import open_recording
from streamlab.testing.harness import join, run_node


@pytest.mark.contract("W11")
@pytest.mark.parametrize("kind", ["UffFile", "File"])
def test_the_levels_of_a_microphone_in_a_universal_file(shared_data, kind):
    graph = Graph("levels").add("mic", kind, path=str(shared_data / "uff" / "Sample_UFF58b_bin.uff"))
    graph.add("level", "SoundLevel", levels=["LZeq", "LAeq"]).connect("mic", "level")
    report = streamlab.run(graph)
    (levels,) = report.results["level"].values()
    assert levels["LZeq"] == pytest.approx(57.11, abs=0.005)
    assert levels["LAeq"] == pytest.approx(54.44, abs=0.005)
    assert levels["units"]["LAeq"] == "dB re 20 uPa"
    assert levels["duration"] == pytest.approx(79292 / 65536)


@pytest.mark.contract("W11")
def test_a_motor_in_a_universal_file_of_text(shared_data):
    path = shared_data / "motor-3oct" / "electric_motor_vibration_signal.uff"
    got = join(run_node("File", config={"path": str(path)}).outputs)
    assert (got.sample_rate, got.n, got.info.channels[0].unit) == (51200, 181504, "m/s2")
    rms = math.sqrt(np.mean(got.samples**2))
    assert rms == pytest.approx(512.392, abs=0.001)
    assert np.abs(got.samples).max() / rms == pytest.approx(1.9487, abs=1e-4)


@pytest.mark.contract("W11")
@pytest.mark.parametrize("name", ["1oct", "3oct"])
def test_octaves_of_an_analyser_as_a_table(shared_data, name):
    path = shared_data / "motor-3oct" / f"electric_motor_vibration_{name}_oros.txt"
    (frame,) = run_node("File", config={"path": str(path)})
    assert frame.info.axis == "band"
    at = int(np.argmin(np.abs(np.array(frame.info.points) - (2000 if name == "1oct" else 2500))))
    assert (frame.samples[0, at], frame.info.channels[0].label) == (503.0, "Acceleration [m/s2]")


@pytest.mark.contract("W11")
@pytest.mark.parametrize(
    ("name", "count", "length", "rate"), [("raw1", 7, 2000, 50000), ("big_endian", 2, 3500, 1000)]
)
def test_tdms_as_nptdms_reads_it(shared_data, name, count, length, rate):
    import nptdms

    path = shared_data / "tdms" / f"{name}.tdms"
    got = join(run_node("File", config={"path": str(path), "frame_size": 300}).outputs)
    assert (got.samples.shape, got.sample_rate) == ((count, length), rate)
    whole = nptdms.TdmsFile.read(path)
    (group,) = whole.groups()
    assert np.array_equal(got.samples, [channel[:] for channel in group.channels()])
    assert got.channels == tuple(channel.name for channel in group.channels())
    if name == "raw1":
        assert got.timestamp == 1481841321_000000
        assert {channel.unit for channel in got.info.channels} == {"V"}


@pytest.mark.contract("W11", "W3")
def test_the_missing_seconds_of_a_pump_rig(shared_data):
    path = shared_data / "skab-pump" / "valve1_0.csv"
    graph = (
        Graph("pump").add("rig", "CsvFile", path=str(path), frame_size=64).add("last", "Collect", limit=2000)
    )
    graph.add("t", "Moments", interval=60.0, metrics=["mean"]).connect("rig", "last").connect("rig", "t")
    report = streamlab.run(graph, collect=["rig"])
    frames = report.outputs["rig"]
    assert [frame.gap for frame in frames if frame.gap] == [1] * 53
    assert sum(frame.n for frame in frames) == 1147
    assert frames[0].sample_rate == 1
    lines = path.read_text().split("\n")[1:1148]
    stamps = np.array([line.split(";")[0] for line in lines], "datetime64[us]").astype(np.int64)
    times = np.concatenate([frame.timestamp + np.arange(frame.n) * 10**6 for frame in frames])
    assert np.array_equal(times, stamps)
    values = np.array([[float(cell) for cell in line.split(";")[1:]] for line in lines]).T
    assert np.array_equal(np.concatenate([frame.samples for frame in frames], axis=1), values)
    assert {result["missing"] for result in report.results["t"].values()} == {53}


@pytest.mark.contract("W11", "W3")
def test_an_hour_that_is_there_twice(shared_data):
    path = shared_data / "nab-temperature" / "machine_temperature_system_failure.csv"
    with pytest.raises(FileError, match="line 10151: the time goes back by 3300 s"):
        run_node("CsvFile", config={"path": str(path)})
    got = join(run_node("CsvFile", config={"path": str(path), "disorder": "drop"}).outputs)
    assert (got.sample_rate, got.n) == (Fraction(1, 300), 22683)
    assert got.timestamp == 1386018900_000000


@pytest.mark.contract("W11")
def test_the_tones_of_iso_532_1_by_content(shared_data):
    path = shared_data / "iso532-1" / "Test signal 3 (1 kHz 60 dB).wav"
    graph = Graph("tone").add("mic", "File", path=str(path), scale=2 * math.sqrt(2), unit="Pa")
    graph.add("level", "Level", metrics=["Leq"]).connect("mic", "level")
    (levels,) = streamlab.run(graph).results["level"].values()
    assert levels["Leq"] == pytest.approx(60.0, abs=0.05)
    samples, rate = soundfile.read(path)
    with open_recording(path) as recording:
        (stream,) = recording.streams
        assert (stream.rate, stream.length) == (rate, len(samples))


# -- one recorder, six rates


@pytest.fixture(scope="module")
def recorder(shared_data):
    """What a recorder with six rates took on a shaker: {number: (rate, stamps, [(name, unit, samples)])}."""
    path = shared_data / "endaq-multirate" / "DAQ12006_000005.npz"
    with np.load(path) as stored:
        told = json.loads(str(stored["meta"]))
        taken = {}
        for key, about in told.items():
            number = key.split("_")[0]
            taken.setdefault(number, (about["rate_hz"], stored[f"t_{number}"], []))[2].append(
                (about["name"], about["unit"], stored[key].astype(float))
            )
    return taken


def as_tdms(recorder, path):
    from nptdms import ChannelObject, TdmsWriter

    with TdmsWriter(str(path)) as writer:
        writer.write_segment(
            [
                ChannelObject(number, name, samples, properties={
                    "wf_increment": 1 / rate, "wf_start_offset": float(stamps[0]), "unit_string": unit,
                })
                for number, (rate, stamps, channels) in recorder.items()
                for name, unit, samples in channels
            ]
        )  # fmt: skip


def as_uff(recorder, path):
    parts = []
    for rate, stamps, channels in recorder.values():
        write_uff58b(path, channels, rate, start=float(stamps[0]), width=8)
        parts.append(path.read_bytes())
    path.write_bytes(b"".join(parts))


EXPORTS = {"tdms": as_tdms, "uff": as_uff}


@pytest.mark.contract("W12", "W1")
@pytest.mark.parametrize("form", EXPORTS)
def test_six_rates_are_six_streams(recorder, tmp_path, form):
    path = tmp_path / f"run.{form}"
    EXPORTS[form](recorder, path)
    with open_recording(path) as recording:
        assert len(recording.streams) == 6
        for rate, stamps, channels in recorder.values():
            found = recording.stream_of(None, [channels[0][0]])
            assert float(found.rate) == pytest.approx(rate, rel=1e-12 if form == "tdms" else 5e-6)
            assert found.length == len(stamps)
            assert found.origin / 1e6 == pytest.approx(stamps[0], abs=1e-6 if form == "tdms" else 5e-6)
            (values,) = [np.concatenate([block for _, block in recording.read(found)], axis=1)]
            assert np.array_equal(values, [samples for _, _, samples in channels])
    with pytest.raises(FileError, match="holds 6 streams of different rates - choose one by `stream`"):
        run_node("File", config={"path": str(path)})


@pytest.mark.contract("W12")
@pytest.mark.parametrize("form", EXPORTS)
def test_dwells_are_found_and_the_temperature_beside_them(recorder, tmp_path, form):
    """The shaker stands on 100 Hz from about 3 to 10 s and on 150 Hz from about 17 to 22 s."""
    path = str(tmp_path / f"run.{form}")
    EXPORTS[form](recorder, tmp_path / f"run.{form}")
    graph = (
        Graph("dwells")
        .add("shaker", "File", path=path, select=["Y (100g)"], channels=["y"], frame_size=500)
        .add("level", "Level", interval=0.25, metrics=["RMS"])
        .add("thermometer", "File", path=path, select=["Pressure/Temperature:01"], frame_size=1)
        .add("dwell", "Gate", lower=1.0)
        .connect("shaker", "level").connect("thermometer", "dwell.in").connect("level", "dwell.control")
    )  # fmt: skip
    graph.node_options("dwell", join={"policy": "align", "fill": "hold"})
    report = streamlab.run(graph, collect=["level", "dwell"])
    loud = {0: [], 1: []}
    for frame in report.outputs["level"]:
        times = frame.timestamp / 1e6 + np.arange(frame.n) / float(frame.sample_rate)
        for time, value in zip(times, frame.samples[0], strict=True):
            if value > 1.0:
                loud[int(time > 13)].append((time, value))
    first, second = ([time for time, _ in loud[k]] for k in (0, 1))
    assert 3.0 < first[0] < 4.5
    assert 9.0 < first[-1] < 10.5
    assert 16.5 < second[0] < 17.6
    assert 21.5 < second[-1] < 22.6
    assert np.median([value for _, value in loud[0]]) == pytest.approx(4.56, abs=0.02)
    assert np.median([value for _, value in loud[1]]) == pytest.approx(1.813, abs=0.02)
    # The thermometer's own samples, a second apart, in the dwells and nowhere else.
    got = [(frame.timestamp / 1e6, frame.samples[0, 0]) for frame in report.outputs["dwell"]]
    rate, stamps, channels = recorder["36"]
    own = stamps[0] + np.arange(len(stamps)) / rate
    inside = [
        k for k, t in enumerate(own) if first[0] <= t < first[-1] + 0.25 or second[0] <= t < second[-1] + 0.25
    ]
    assert [time for time, _ in got] == pytest.approx(own[inside], abs=2e-5)
    assert [value for _, value in got] == channels[1][2][inside].tolist()
    assert 10 <= len(got) <= 13
    assert all(22.12 <= value <= 22.44 for _, value in got)


@pytest.mark.contract("W12")
@pytest.mark.parametrize("suffix", ["h5", "arrow"])
def test_a_file_for_each_rate_keeps_their_places_in_time(recorder, tmp_path, suffix):
    """All streams converted, each to a file of its own: exact rate, values, beginning among the others."""
    as_tdms(recorder, tmp_path / "run.tdms")
    with pytest.raises(SystemExit) as end:
        main(["convert", str(tmp_path / "run.tdms"), str(tmp_path / f"run.{suffix}"), "--all-streams"])
    assert not end.value.code
    assert len(list(tmp_path.glob(f"run-*.{suffix}"))) == 6
    for number, (rate, stamps, channels) in recorder.items():
        with open_recording(tmp_path / f"run-{number}.{suffix}") as recording:
            (stream,) = recording.streams
            assert stream.rate == Fraction(str(rate))
            assert stream.origin == round(stamps[0] * 1e6)
            assert [one.unit for one in stream.info.channels] == [unit_of(unit)[0] for _, unit, _ in channels]
            values = np.concatenate([block for _, block in recording.read(stream)], axis=1)
            assert np.array_equal(values, [samples for _, _, samples in channels])


@pytest.mark.contract("W12", "W3")
def test_its_own_time_stamps_in_a_table(recorder, tmp_path):
    """The fast stamps jitter by a tenth of a period, which makes an even rate; the slow ones make none."""
    rate, stamps, channels = recorder["8"]
    path = tmp_path / "fast.csv"
    rows = zip(stamps.tolist(), *(samples.tolist() for _, _, samples in channels[:2]), strict=True)
    path.write_text("time [s],X [g],Y [g]\n" + "".join(f"{t!r},{x!r},{y!r}\n" for t, x, y in rows))
    got = join(run_node("CsvFile", config={"path": str(path)}).outputs)
    assert float(got.sample_rate) == pytest.approx(rate, rel=1e-6)
    assert np.array_equal(got.samples, [samples for _, _, samples in channels[:2]])
    rate, stamps, channels = recorder["59"]
    rows = zip(stamps.tolist(), channels[0][2].tolist(), strict=True)
    path.write_text("time [s],p [Pa]\n" + "".join(f"{t!r},{p!r}\n" for t, p in rows))
    with pytest.raises(
        FileError, match=r"line \d+: .* periods of .* s; within 0.25 of a whole number is taken"
    ):
        run_node("CsvFile", config={"path": str(path)})
    got = join(run_node("CsvFile", config={"path": str(path), "tolerance": 0.5}).outputs)
    assert got.samples.tolist() == [channels[0][2].tolist()]


def test_the_writers_of_the_tests_are_right(tmp_path):
    """What the tests write, read by the libraries of the formats."""
    import nptdms
    import pyuff

    samples = np.linspace(-1, 1, 50)
    write_tdms(tmp_path / "a.tdms", [("a", "V", samples)], 100)
    assert np.array_equal(nptdms.TdmsFile.read(tmp_path / "a.tdms")["rig"]["a"][:], samples)
    write_uff58b(tmp_path / "a.uff", [("a", "V", samples)], 100, width=8)
    told = pyuff.UFF(str(tmp_path / "a.uff")).read_sets()
    assert np.array_equal(told["data"], samples)
    assert (told["abscissa_inc"], told["ordinate_axis_units_lab"]) == (0.01, "V")
