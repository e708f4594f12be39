"""The demos: what they print is right, and each claim they make is one that the run could have failed."""

import csv
import io
import json
import math
import re
import subprocess
import sys
import zipfile
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import soundfile

from command import environment, streamlab
from html_page import read_page, values_of

GOLDEN = """\
StreamLab: single shots
sine 440 Hz, 1024 samples at 48 kHz -> gain 2.5 -> print

[Output] Frame #0 @ 0μs
  main_channel: len=1024, mean=0.0737, rms=1.7748
[Output] Frame #1 @ 1000μs
  main_channel: len=1024, mean=0.0737, rms=1.7748
[Output] Frame #2 @ 2000μs
  main_channel: len=1024, mean=0.0737, rms=1.7748

checked by this run:
  ok      printed RMS 1.7748 = 2.5 x 0.709916 of the source
  ok      printed RMS 1.7748 = 2.5 x 0.709916 of the source
  ok      printed RMS 1.7748 = 2.5 x 0.709916 of the source
  ok      3 of 3 shots printed
"""

# ------------------------------------------------------------------------------------------- single shots


@pytest.mark.contract("D1")
def test_the_single_shots_print_the_golden_text() -> None:
    done = streamlab("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == GOLDEN


@pytest.mark.contract("D1")
def test_the_golden_numbers_are_those_of_the_sine() -> None:
    sine = np.sin(2 * np.pi * 440.0 * np.arange(1024) / 48000.0)
    rms = math.sqrt(np.mean(sine**2))
    assert f"{rms:.6f}" == "0.709916"
    assert f"mean={2.5 * sine.mean():.4f}, rms={2.5 * rms:.4f}" in GOLDEN


@pytest.mark.contract("D1")
def test_a_wrong_number_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlab.cli import demo

    right = demo.hum

    def wrong(*arguments: object) -> dict[str, object]:
        graph = right(*arguments)
        graph["nodes"][1]["config"]["gain"] = 2.4
        return graph

    monkeypatch.setattr(demo, "hum", wrong)
    shown = io.StringIO()
    with redirect_stdout(shown):
        assert demo.single_shots() == 1
    assert shown.getvalue().count("FAILED") == 3


# ------------------------------------------------------------------------------------------ stream and pool


@pytest.mark.contract("D1")
def test_the_async_demo_streams_pools_and_checks_itself() -> None:
    done = streamlab("demo", "async")
    assert (done.returncode, done.stderr) == (0, "")
    frames = re.findall(r"^\[Async Output\] Frame #(\d) @ (\d+)μs$", done.stdout, re.MULTILINE)
    assert frames == [(str(n), str(1000 * n)) for n in range(5)]
    sine = 2.5 * np.sin(2 * np.pi * 440.0 * np.arange(5 * 1024) / 48000.0).reshape(5, 1024)
    expected = [f"{math.sqrt(np.mean(row**2)):.4f}" for row in sine]
    stream, pool = done.stdout.split("10 jobs on a pool of width 3")
    assert re.findall(r"rms=(\S+)", stream) == expected

    jobs = re.findall(r"job (\d) done at +([\d.]+) ms: began at +([\d.]+) ms, took +([\d.]+) ms", pool)
    assert sorted(int(job[0]) for job in jobs) == list(range(10))
    ends = [float(job[1]) for job in jobs]
    assert ends == sorted(ends)  # shown as they got done
    assert [int(job[0]) for job in jobs] != list(range(10))  # which is not as they began
    spans = [(float(began), float(began) + float(took)) for _, _, began, took in jobs]
    overlap = max(sum(begin <= at < end - 0.2 for begin, end in spans) for at, _ in spans)  # rounded to 0.1
    assert overlap == 3

    claims = re.findall(r"^  (ok|FAILED) +(\S+)", done.stdout, re.MULTILINE)
    assert [word for word, _ in claims] == ["ok"] * 8
    assert "4 triggers were taken, the plan's bound is 4; 4 arrived" in done.stdout
    assert "3 jobs at once at most, the width is 3" in done.stdout


@pytest.mark.contract("D1")
def test_a_pool_that_is_too_wide_fails_the_async_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlab.cli import demo_async
    from streamlab.engine import PipelinePool

    class Wider(PipelinePool):
        def __init__(self, graph: dict[str, object], width: int) -> None:
            super().__init__(graph, width + 1)

    monkeypatch.setattr(demo_async, "PipelinePool", Wider)
    shown = io.StringIO()
    with redirect_stdout(shown):
        assert demo_async.demo_async() == 1
    assert re.search(r"FAILED +pool: 4 jobs at once at most, the width is 3", shown.getvalue())


# ------------------------------------------------------------------------------------------------- level


def rows_of(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as file:
        return [{key: float(text) for key, text in row.items()} for row in csv.DictReader(file)]


def test_the_simulated_microphone_reads_what_its_parts_add_up_to(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = streamlab("demo", "level", "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert "simulated microphone" in done.stdout
    names, found = (
        re.search(rf"^ {word} +(.*)$", done.stdout, re.MULTILINE)[1].split() for word in ("channel", "mic")
    )
    level = dict(zip(names, map(float, found), strict=True))
    # Powers of 80 and 74 dB at 1 kHz, where A is 0 dB; of the 62 dB of pink noise A leaves 57 to 60 dB.
    tones, both = 10**8.0 + 10**7.4, 2 * 10**7.7
    noise = 10**5.85
    for symbol, power, close in (
        ("LAeq", tones, 0.05),
        ("LAFmax", tones + both, 0.3),  # the tones beat: when they add up
        ("LAF10", tones + both * math.cos(0.1 * math.pi), 0.1),  # as long as a phase is within 18 degrees
        ("LAF90", tones - both * math.cos(0.1 * math.pi), 0.3),
        ("LAE", 60 * tones, 0.05),
    ):
        assert level[symbol] == pytest.approx(10 * math.log10(power + noise), abs=close), symbol
    expected = re.search(r"^ expected +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)", done.stdout, re.MULTILINE)
    for text, power in zip(expected.groups(), (tones, tones + both), strict=False):
        assert float(text) == pytest.approx(10 * math.log10(power + noise), abs=0.01)
    assert len(re.findall(r"^ok    .* is 0\.\d+ dB from what", done.stdout, re.MULTILINE)) == 5
    assert re.search(r"^PASS +limit: mic\.LAeq = 83\.\d+ dB re 20 uPa", done.stdout, re.MULTILINE)

    rows = rows_of(out / "levels.csv")
    assert [row["time [s]"] for row in rows] == [float(k) for k in range(60)]
    begin, turn = np.arange(60.0), 2 * np.pi * 0.2
    beat = (np.sin(turn * (begin + 1.0)) - np.sin(turn * begin)) / turn
    course = 10 * np.log10(tones + both * beat + noise)
    measured = np.array([row["mic.LAeq [dB re 20 uPa]"] for row in rows])
    assert np.abs(measured - course)[1:].max() < 0.1  # in the first second the filter begins
    bands = rows_of(out / "third_octaves.csv")
    assert len(bands) == 60 * 31
    kilohertz = [row for row in bands if row["frequency [Hz]"] == 1000.0]
    power = np.mean([10 ** (row["mic [dB re 20 uPa]"] / 10) for row in kilohertz])
    assert 10 * math.log10(power) == pytest.approx(10 * math.log10(tones), abs=0.05)
    for name in ("levels.csv", "third_octaves.csv", "report.html", "plots"):
        assert str(out / name) in done.stdout
    for name in ("mic-time", "level-time", "bands-bands"):
        width, height = png_size(out / "plots" / f"{name}.png")
        assert width > 800
        assert height > 400
    page = read_page(out / "report.html")
    assert page.one("div", id="verdict").attributes["data-outcome"] == "PASS"
    assert values_of(page, "level")["LAeq", "mic"] == pytest.approx(level["LAeq"], abs=0.006)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The demo in this process, without plots, as where matplotlib is not installed: exit code and text."""
    from streamlab.cli.demo_level import demo_level

    monkeypatch.setitem(sys.modules, "matplotlib", None)

    def run(recording: Path | None = None, **options: float) -> tuple[int, str]:
        given = {"full_scale": None, "limit": None, "realtime": False} | options
        shown = io.StringIO()
        with redirect_stdout(shown):
            code = demo_level(recording, tmp_path / "out", **given)
        assert "no report: a report needs matplotlib" in shown.getvalue()
        assert "pip install 'streamlab-core[plot]'" in shown.getvalue()
        return code, shown.getvalue()

    return run


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


@pytest.mark.contract("D1")
def test_a_microphone_that_is_off_fails_the_demo(demo, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlab.nodes.measurement.sound_level import SoundLevel

    right = SoundLevel.result

    def wrong(self: SoundLevel) -> object:
        rows = right(self)
        return {name: row | {"LAF10": row["LAF10"] + 0.2} for name, row in rows.items()}

    monkeypatch.setattr(SoundLevel, "result", wrong)
    code, text = demo(limit=83.0)
    assert code == 1
    assert re.findall(r"^FAILED +(\S+) is 0\.\d+ dB from", text, re.MULTILINE) == ["LAF10"]
    assert re.search(r"^FAIL +limit: .* is above 83 by 0\.05", text, re.MULTILINE)


def test_a_calibrated_recording_reads_its_pressure(tmp_path: Path) -> None:
    rate, rms = 48000, 0.2  # Pa: 80 dB
    tone = math.sqrt(2) * rms / 4.0 * np.sin(2 * np.pi * 1000 * np.arange(3 * rate) / rate)
    soundfile.write(tmp_path / "take.wav", np.stack([tone, tone / 2], axis=1), rate, subtype="FLOAT")
    done = streamlab(
        "demo", "level", "--input", "take.wav", "--full-scale", 4.0, "--out", "out", cwd=tmp_path
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ ch1 +80\.0\d +80\.0\d ", done.stdout, re.MULTILINE)
    assert re.search(r"^ ch2 +7[34]\.\d\d ", done.stdout, re.MULTILINE)
    assert "expected" not in done.stdout
    assert re.search(r"^PASS +limit: ch1\.LAeq", done.stdout, re.MULTILINE)
    assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith("      out/")] == [
        "out/levels.csv", "out/third_octaves.csv", "out/report.html", "out/plots",
    ]  # fmt: skip
    assert str(tmp_path) not in done.stdout
    assert len(rows_of(tmp_path / "out" / "levels.csv")) == 3


def test_an_uncalibrated_recording_is_judged_for_overload(demo, tmp_path: Path) -> None:
    square = np.where(np.arange(96000) % 480 < 240, 0.5, -0.5)
    soundfile.write(tmp_path / "fine.wav", square, 48000)
    soundfile.write(tmp_path / "hot.wav", 2 * square, 48000)
    code, text = demo(tmp_path / "fine.wav")
    assert code == 0
    assert "Not calibrated" in text
    assert "dB re 1 FS" in text
    assert "limit:" not in text
    assert re.search(r"^PASS +check: 96000 samples without a fault", text, re.MULTILINE)
    code, text = demo(tmp_path / "hot.wav", limit=0.0)
    assert code == 1
    assert re.search(r"^INVALID +check: overload on ch1 at 0 s", text, re.MULTILINE)
    assert re.search(r"^INVALID +limit: overload on ch1 at 0 s", text, re.MULTILINE)


def test_digital_silence_is_a_fault_of_a_calibrated_recording_and_none_of_music(demo, tmp_path: Path) -> None:
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(3 * 48000) / 48000)
    tone[48000:100_000] = 0.0
    soundfile.write(tmp_path / "take.wav", tone, 48000)
    assert demo(tmp_path / "take.wav")[0] == 0
    code, text = demo(tmp_path / "take.wav", full_scale=2.0)
    assert code == 1
    assert re.search(r"^INVALID +check: dropout on ch1 at 1 s", text, re.MULTILINE)


def test_what_cannot_be_measured_is_said(tmp_path: Path) -> None:
    absent = streamlab("demo", "level", "--input", tmp_path / "absent.wav", "--out", tmp_path)
    assert absent.returncode == 3
    assert f"{tmp_path / 'absent.wav'}" in absent.stderr
    assert "Traceback" not in absent.stderr
    odd = streamlab("demo", "level", "--full-scale", 2, "--out", tmp_path)
    assert odd.returncode == 2
    assert "--input" in odd.stderr


@pytest.mark.contract("D2")
def test_the_installed_wheel_has_what_the_demo_needs(tmp_path: Path, repository: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, repository]
    subprocess.run(command, check=True, capture_output=True, timeout=55)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert "streamlab/py.typed" in names
    assert not [name for name in names if name.startswith("tests/") or name.endswith((".wav", ".uff"))]
    env = environment(PYTHONPATH=str(tmp_path / "site"))
    where = subprocess.run(
        [sys.executable, "-c", "import streamlab.cli.examples as e; print(e.example('noise_survey.json'))"],
        capture_output=True, text=True, env=env, cwd=tmp_path,
    )  # fmt: skip
    folder = tmp_path / "site" / "streamlab" / "cli" / "example_graphs"
    assert where.stdout.strip() == str(folder / "noise_survey.json")
    packed = json.loads(Path(where.stdout.strip()).read_text())
    assert packed == json.loads((repository / "examples" / "noise_survey.json").read_text())
    done = streamlab("demo", "level", "--out", "out", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
