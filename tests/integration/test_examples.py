"""Every example runs, and the numbers that come out are those of a closed form or of another program."""

import asyncio
import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.io import loadmat

import streamlab
from streamlab import AsyncPipeline, DataFrame, Graph, PipelinePool

RECORDINGS = sorted(Path("/usr/share/sounds/alsa").glob("*.wav"))


@pytest.fixture
def examples(repository: Path) -> Path:
    return repository / "examples"


def test_every_example_has_a_test_here(examples: Path) -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    for path in examples.glob("*"):
        assert f'"{path.name}"' in text, path.name
        assert Graph.load(path).problems() == []


def test_hum_is_the_sine_times_two_and_a_half(examples: Path, capfd: pytest.CaptureFixture[str]) -> None:
    graph = Graph.load(examples / "hum.json")
    assert set(graph.document) == {"pipeline_config", "nodes", "connections"}  # the original form
    report = streamlab.run(
        graph, triggers=[DataFrame(i * 1000, i) for i in range(5)], collect=["console_out"]
    )
    frames = report.outputs["console_out"]
    assert [(frame.sequence_id, frame.timestamp) for frame in frames] == [(i, 1000 * i) for i in range(5)]
    got = np.concatenate([frame.payload["main_channel"] for frame in frames])
    sine = 2.5 * np.sin(2 * np.pi * 440.0 * np.arange(5 * 1024) / 48000.0)
    assert np.abs(got - sine).max() < 1e-11  # NumPy's argument of the sine is the less exact one
    assert capfd.readouterr().out.count("[Output] Frame #") == 5


def test_hum_in_a_pool_begins_anew_with_each_job(examples: Path) -> None:
    async def jobs() -> list[DataFrame]:
        async with PipelinePool(examples / "hum.json", 2) as pool:
            results = await pool.map([DataFrame(0, i) for i in range(4)])
        return [result.outputs["console_out"][0] for result in results]

    rows = [frame.payload["main_channel"] for frame in asyncio.run(jobs())]
    assert all(np.array_equal(row, rows[0]) for row in rows)


def test_sound_level_has_the_power_of_its_parts(examples: Path, tmp_path: Path) -> None:
    report = streamlab.run(examples / "sound_level.json", outputs=tmp_path, collect=["level"])
    row = report.results["level"]["mic"]
    expected = 10 * math.log10(10**8.0 + 10**7.4 + 10**6.2)
    assert abs(row["Leq"] - expected) < 0.05
    assert row["units"]["Leq"] == "dB re 20 uPa"
    assert (row["duration"], row["missing"]) == (60.0, 0)
    assert row["crest"] == pytest.approx(row["peak"] / row["RMS"])
    # Both tones at their peak make 0.4246 Pa; the noise, of 0.0252 Pa, adds a few times that.
    tones = math.sqrt(2) * 20e-6 * (10**4 + 10**3.7)
    assert tones < row["peak"] < tones + 6 * 20e-6 * 10**3.1
    assert sum(frame.n for frame in report.outputs["level"]) == 480
    assert str(report.verdict) == "PASS"
    assert report.results["limit"].count == 480
    assert report.results["table"]["complete"]


def levels_of(samples: np.ndarray, rate: int, interval: float) -> list[tuple[float, float]]:
    """RMS and peak of each interval, by the definition and nothing else."""
    size = round(rate * interval)
    parts = [samples[at : at + size] for at in range(0, len(samples), size)]
    return [(math.sqrt(np.mean(part**2)), float(np.abs(part).max())) for part in parts]


@pytest.mark.skipif(not RECORDINGS, reason="no recordings of Debian's alsa-utils in /usr/share/sounds/alsa")
@pytest.mark.contract("E2", "E3")
@pytest.mark.parametrize("executor", ["inline", "thread"])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_branch_and_zip_on_real_recordings(examples: Path, path: Path, executor: str) -> None:
    graph = Graph.load(examples / "branch_and_zip.json").set("voice", path=str(path))
    graph.configure(executor=executor)
    assert len(graph.document["nodes"]) == 6
    report = streamlab.run(graph, collect=["sum", "level"])
    samples, rate = soundfile.read(path, dtype="float64")
    assert rate == 48000
    assert samples.ndim == 1
    assert report.seconds == pytest.approx(len(samples) / rate)

    mixed = np.concatenate([frame.samples[0] for frame in report.outputs["sum"]])
    assert np.array_equal(mixed, 2.0 * samples - 0.5 * samples)

    measured = [
        (float(rms), float(peak))
        for frame in report.outputs["level"]
        for rms, peak in zip(frame.payload["ch1.RMS"], frame.payload["ch1.peak"], strict=True)
    ]
    expected = levels_of(1.5 * samples, rate, 0.125)
    assert np.array(measured) == pytest.approx(np.array(expected), rel=1e-9, abs=1e-15)

    whole = report.results["level"]["ch1"]
    rms = 1.5 * math.sqrt(np.mean(samples**2))
    assert whole["RMS"] == pytest.approx(rms, rel=1e-9)
    assert whole["Leq"] == pytest.approx(20 * math.log10(rms), abs=1e-9)
    assert whole["peak"] == pytest.approx(1.5 * np.abs(samples).max(), rel=1e-12)
    loudest = max(
        peak for (_, peak) in expected[: len(samples) // 6000]
    )  # the last, partial one is not judged
    verdict = report.results["clean"]
    assert str(verdict.outcome) == ("PASS" if loudest <= 1.0 else "FAIL")
    assert verdict.value == pytest.approx(loudest, rel=1e-12)


@pytest.mark.skipif(not RECORDINGS, reason="no recordings of Debian's alsa-utils in /usr/share/sounds/alsa")
def test_branch_and_zip_joins_frame_by_frame(examples: Path) -> None:
    graph = Graph.load(examples / "branch_and_zip.json")
    assert graph.document["nodes"][0]["config"]["path"] in map(str, RECORDINGS)
    pipeline = AsyncPipeline(graph)
    heads = {segment.nodes[0] for segment in pipeline.plan.segments}
    assert {"voice", "louder", "turned", "sum"} <= heads  # the fork and the zip are borders of segments
    assert len(pipeline.plan.edges) == 4
    report = streamlab.run(graph)
    frames = math.ceil(soundfile.info(str(RECORDINGS[0])).frames / 1024)
    counts = json.loads(json.dumps({name: m.frames_out for name, m in report.nodes.items()}))
    assert counts["voice"] == counts["louder"] == counts["turned"] == counts["sum"] == frames


@pytest.mark.contract("M8", "M2")
def test_calibration_finds_the_sensitivity_that_was_put_in(examples: Path) -> None:
    report = streamlab.run(examples / "calibration.json")
    verdict = report.results["calibrate"]
    assert str(report.verdict) == "PASS"
    assert 20 * math.log10(verdict.value / 0.05) == pytest.approx(0.0, abs=0.01)
    assert (verdict.unit, verdict.time) == ("V/Pa", 2.0)


@pytest.mark.contract("M2", "M6", "M7")
def test_tacho_counts_turns_and_the_bearing_is_quiet(examples: Path) -> None:
    report = streamlab.run(examples / "tacho.json")
    assert report.results["until"] == {"ended": "duration", "time": 10.0}
    # The pulse of sample 0 is there from the beginning: it is no entry.
    assert report.results["count"] == {"tacho": 25 * 10 - 1}
    row = report.results["level"]["bearing"]
    assert row["RMS"] == pytest.approx(9.80665 * math.sqrt((0.5**2 + 0.25**2) / 2), rel=1e-3)
    assert row["units"] == {"RMS": "m/s2"}
    assert {name: str(report.results[name].outcome) for name in ("turns", "alarm")} == dict.fromkeys(
        ("turns", "alarm"), "PASS"
    )
    graph = Graph.load(examples / "tacho.json").set("alarm", upper=3.5)
    assert str(streamlab.run(graph).results["alarm"]) == (
        "FAIL: 5 of 5 values of bearing.RMS at 0.8 s are outside; 3 are too many"
    )


def tone(level: float, frequency: float, seconds: float, rate: int = 48000) -> np.ndarray:
    """A tone of a level in dB re 20 uPa."""
    time = np.arange(round(seconds * rate)) / rate
    return math.sqrt(2) * 20e-6 * 10 ** (level / 20) * np.sin(2 * np.pi * frequency * time)


@pytest.mark.contract("M22", "M23")
def test_noise_survey_of_tones(examples: Path, tmp_path: Path) -> None:
    """70 dB at 1 kHz for 15 s, then 80 dB for 5 s; all the while 75 dB at 125 Hz, where A is -16.2 dB."""
    low = 10**2.1  # exact middle of the third octave
    mic = np.concatenate([tone(70, 1000, 15), tone(80, 1000, 5)]) + tone(75, low, 20)
    soundfile.write(tmp_path / "survey.wav", mic / math.sqrt(8), 48000, subtype="FLOAT")
    graph = Graph.load(examples / "noise_survey.json").set("mic", path=str(tmp_path / "survey.wav"))
    report = streamlab.run(graph, outputs=tmp_path, collect=["level"])
    row = report.results["level"]["mic"]
    hum = 10 ** ((75 - 16.19) / 10)  # IEC 61672-1:2013, annex E at 125.89 Hz
    quiet, loud = 10**7 + hum, 10**8 + hum
    assert row["LAeq"] == pytest.approx(10 * math.log10((15 * quiet + 5 * loud) / 20), abs=0.02)
    assert row["LAE"] == pytest.approx(row["LAeq"] + 10 * math.log10(20), abs=1e-9)
    # F lets a little of the beat between the tones through: none at 874 Hz.
    assert row["LAFmax"] == pytest.approx(10 * math.log10(loud), abs=0.05)
    assert row["LAF10"] == pytest.approx(10 * math.log10(loud), abs=0.05)
    assert row["LAF90"] == pytest.approx(10 * math.log10(quiet), abs=0.05)
    frames = report.outputs["level"]
    per_second = np.concatenate([frame.payload["mic.LAeq"] for frame in frames])
    assert len(per_second) == 20
    expected = [10 * math.log10(quiet)] * 14 + [10 * math.log10(loud)] * 4
    assert [*per_second[1:15], *per_second[16:]] == pytest.approx(expected, abs=0.01)
    bands = report.results["bands"]["mic"]
    assert bands["1k"] == pytest.approx(10 * math.log10((15 * 10**7 + 5 * 10**8) / 20), abs=0.05)
    assert bands["125"] == pytest.approx(75.0, abs=0.05)
    assert str(report.results["check"].outcome) == "PASS"
    assert str(report.results["limit"].outcome) == "PASS"
    assert report.results["levels"]["complete"]
    with (tmp_path / "third_octaves.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 20 * 31
    hum_per_second = [row for row in table if row["frequency [Hz]"] == "125.0"]
    assert [float(row["time [s]"]) for row in hum_per_second] == [float(second) for second in range(20)]
    assert float(hum_per_second[7]["mic [dB re 20 uPa]"]) == pytest.approx(75.0, abs=0.05)


# What the simulated loudspeaker does to each third octave: Butterworth filters of order 2 by the bilinear
# transform, in closed form.
THIRDS = [10 ** (n / 10) for n in range(20, 43)]


def loudspeaker(box: float, tweeter: float) -> np.ndarray:
    """The level in dB of each band from 100 Hz to 16 kHz against that of an ideal loudspeaker."""
    levels = []
    for middle in THIRDS:
        frequency = middle * np.geomspace(10**-0.05, 10**0.05, 201)
        warped = np.tan(np.pi * frequency / 48e3)
        high, low = ((warped / math.tan(math.pi * edge / 48e3)) ** 4 for edge in (box, tweeter))
        power = high / (1 + high) / (1 + low)
        levels.append(10 * math.log10(power.mean()))
    return np.array(levels)


@pytest.mark.contract("M5", "M9", "M23")
@pytest.mark.parametrize(
    ("settings", "response", "sensitivity"),
    [
        ({}, "PASS", "PASS"),
        ({"tweeter": {"cutoff": 6000.0}}, "FAIL", "PASS"),  # a tweeter that has come off
        ({"box": {"cutoff": 200.0}}, "FAIL", "PASS"),  # a leak in the box
        ({"radiated": {"sensitivity": 6.0}}, "PASS", "FAIL"),  # a weak magnet: its shape is right
    ],
)
def test_loudspeaker_check(
    examples: Path, tmp_path: Path, settings: dict[str, dict[str, float]], response: str, sensitivity: str
) -> None:
    graph = Graph.load(examples / "loudspeaker_check.json")
    for name, change in settings.items():
        graph.set(name, **change)
    report = streamlab.run(graph, outputs=tmp_path, collect=["bands"])
    frame = report.outputs["bands"][1]
    assert "settling" not in frame.metadata
    box = settings.get("box", {}).get("cutoff", 60.0)
    tweeter = settings.get("tweeter", {}).get("cutoff", 18e3)
    volts = settings.get("radiated", {}).get("sensitivity", 4.4721)
    # 4 V peak; a sweep over three decades in 5 s spends 1/6 s in a third octave, of 6 s that are averaged.
    level = 20 * math.log10(4 / math.sqrt(2) / volts / 20e-6) + 10 * math.log10(5 / 30 / 6)
    expected = level + loudspeaker(box, tweeter)
    assert frame.samples[0] == pytest.approx(expected, abs=0.3)
    verdict = report.results["response"]
    assert str(verdict.outcome) == response
    assert str(report.results["sensitivity"].outcome) == sensitivity
    assert report.results["sensitivity"].frequency == pytest.approx(1000.0)
    if settings.get("tweeter"):
        assert verdict.frequency == pytest.approx(THIRDS[-1])
        assert verdict.margin < -7.0
    if settings.get("box"):
        assert verdict.frequency == pytest.approx(100.0)  # the lowest band is the farthest off
        assert verdict.margin < -3.0
        assert "speaker" in verdict.reason
    with (tmp_path / "response.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["frequency [Hz]"]) for row in rows[:3]] == [100.0, 125.0, 160.0]


def monitored(examples: Path, tmp_path: Path, samples: np.ndarray, rate: int) -> dict[str, str]:
    soundfile.write(tmp_path / "bearing.wav", samples / 100, rate, subtype="FLOAT")
    graph = Graph.load(examples / "bearing_monitor.json").set("sensor", path=str(tmp_path / "bearing.wav"))
    report = streamlab.run(graph, outputs=tmp_path)
    return {name: str(report.results[name].outcome) for name in ("outer_race", "inner_race")}


@pytest.mark.contract("M25")
@pytest.mark.parametrize(
    ("name", "seen"), [("InnerRaceFault_vload_1", "inner_race"), ("OuterRaceFault_vload_5", "outer_race")]
)
def test_bearing_monitor_sees_the_fault_that_is_there(
    examples: Path, shared_data: Path, tmp_path: Path, name: str, seen: str
) -> None:
    bearing = loadmat(shared_data / "mfpt-bearing" / f"{name}.mat", squeeze_me=True)["bearing"]
    found = monitored(examples, tmp_path, bearing["gs"].item(), int(bearing["sr"].item()))
    assert found == {"outer_race": "PASS", "inner_race": "PASS"} | {seen: "FAIL"}


@pytest.mark.contract("M25")
def test_bearing_monitor_says_not_seen_of_what_is_healthy_and_invalid_of_what_is_unclear(
    examples: Path, tmp_path: Path
) -> None:
    rate = 48828
    time = np.arange(3 * rate) / rate
    noise = np.random.default_rng(2).standard_normal(3 * rate)
    # A healthy machine: noise, and orders of the shaft that modulate it.
    shaft = 1 + sum(0.2 * np.cos(2 * np.pi * 25 * order * time) for order in (1, 2, 4))
    assert monitored(examples, tmp_path, noise * shaft, rate) == {"outer_race": "PASS", "inner_race": "PASS"}
    # A sensor that came off, and a recording too short for one segment.
    off = np.concatenate([noise[: 2 * rate], np.zeros(rate)])
    assert set(monitored(examples, tmp_path, off, rate).values()) == {"INVALID"}
    assert set(monitored(examples, tmp_path, noise[:rate], rate).values()) == {"NOT_RUN"}


RATE = 48828


def shaken(kind: str) -> np.ndarray:
    """Three seconds of a machine without a bearing fault, that shakes otherwise."""
    chance, time = np.random.default_rng(5), np.arange(3 * RATE) / RATE
    noise = chance.standard_normal(3 * RATE)
    if kind == "shocks at random":
        places = chance.integers(0, 3 * RATE, 300)
        noise[places] += 20.0 * chance.standard_normal(300)
        return noise
    rate = {"mains": 100.0, "belt": 13.3, "gear mesh": 775.0, "a cage that rattles": 9.9}[kind]
    return noise * (1.0 + 0.8 * np.cos(2 * np.pi * rate * time))


@pytest.mark.contract("M25")
@pytest.mark.parametrize("kind", ["shocks at random", "mains", "belt", "gear mesh", "a cage that rattles"])
def test_bearing_monitor_is_not_taken_in_by_other_faults(examples: Path, tmp_path: Path, kind: str) -> None:
    assert monitored(examples, tmp_path, shaken(kind), RATE) == {"outer_race": "PASS", "inner_race": "PASS"}


@pytest.mark.contract("M25")
def test_bearing_monitor_sees_a_fault_in_noise_until_it_drowns(
    examples: Path, shared_data: Path, tmp_path: Path
) -> None:
    bearing = loadmat(shared_data / "mfpt-bearing" / "OuterRaceFault_vload_5.mat", squeeze_me=True)["bearing"]
    samples = bearing["gs"].item()
    noise = np.random.default_rng(3).standard_normal(len(samples)) * samples.std()
    for decibels, seen in ((0.0, "FAIL"), (6.0, "FAIL"), (20.0, "PASS")):
        found = monitored(examples, tmp_path, samples + noise * 10 ** (decibels / 20), RATE)
        assert found == {"outer_race": seen, "inner_race": "PASS"}


NAB_WINDOWS = [
    ("2013-12-10T06:25", "2013-12-12T05:35"), ("2013-12-15T17:50", "2013-12-17T17:00"),
    ("2014-01-27T14:20", "2014-01-29T13:30"), ("2014-02-07T14:55", "2014-02-09T14:05"),
]  # fmt: skip


@pytest.mark.contract("W11")
def test_machine_temperature_finds_the_labelled_windows(
    examples: Path, tmp_path: Path, shared_data: Path
) -> None:
    """The hours that are too cold, against the windows that the benchmark's authors labelled."""
    graph = Graph.load(examples / "machine_temperature.json")
    graph.set("machine", path=str(shared_data / "nab-temperature" / "machine_temperature_system_failure.csv"))
    report = streamlab.run(graph, outputs=tmp_path, collect=["hourly"])
    assert str(report.verdict) == "FAIL"
    assert report.results["excursions"] == {"temperature.mean": 9}
    cold = []
    for frame in report.outputs["hourly"]:
        hours = frame.timestamp + np.arange(frame.n) * 3_600_000_000
        cold += hours[frame.payload["temperature.mean"] < 55].tolist()
    hits = []
    for begin, end in NAB_WINDOWS:
        low, high = (int(np.datetime64(one, "us").astype(np.int64)) for one in (begin, end))
        hits.append(sum(low <= hour <= high for hour in cold))
    assert hits == [13, 13, 4, 43]
    assert len(cold) == 89  # so many are there by the same rule applied to the text itself
    with open(tmp_path / "hours.csv", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + 1891
