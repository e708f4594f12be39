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
    expected = 10 * math.log10(10**8.0 + 10**7.4 + 10**6.2)  # powers of 80, 74 and 62 dB
    found = re.search(r"^ mic +([\d.]+) +([\d.]+) ", done.stdout, re.MULTILINE)
    assert float(found[2]) == round(expected, 2)
    assert abs(float(found[1]) - expected) <= 0.05
    assert re.search(r"^PASS +limit: mic\.Leq = 83\.\d+ dB re 20 uPa", done.stdout, re.MULTILINE)

    rows = rows_of(out / "levels.csv")
    assert len(rows) == 480
    assert [row["time [s]"] for row in rows] == [k * 0.125 for k in range(480)]
    # The two tones beat: the power of interval k from its closed form, plus that of the noise.
    p1, p2, noise = (20e-6 * 10 ** (level / 20) for level in (80, 74, 62))
    begin = np.arange(480) * 0.125
    turn = 2 * np.pi * 0.2
    beat = (np.sin(turn * (begin + 0.125)) - np.sin(turn * begin)) / (turn * 0.125)
    course = 20 * np.log10(np.sqrt(p1**2 + p2**2 + 2 * p1 * p2 * beat + noise**2) / 20e-6)
    measured = np.array([row["mic.Leq [dB re 20 uPa]"] for row in rows])
    assert np.abs(measured - course).max() < 0.6  # the noise of one interval scatters
    assert abs((measured - course).mean()) < 0.03
    assert str(out / "levels.csv") in done.stdout
    assert str(out / "levels.png") in done.stdout
    width, height = png_size(out / "levels.png")
    assert width > 800
    assert height > 400


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def test_a_level_above_the_limit_is_a_fail(tmp_path: Path) -> None:
    done = streamlab("demo", "level", "--out", tmp_path, "--limit", 83)
    assert done.returncode == 1
    assert re.search(r"^FAIL +limit: .* is above 83 by 0\.6", done.stdout, re.MULTILINE)


def test_a_calibrated_recording_reads_its_pressure(tmp_path: Path) -> None:
    rate, rms = 48000, 0.2  # Pa: 80 dB
    tone = math.sqrt(2) * rms / 4.0 * np.sin(2 * np.pi * 1000 * np.arange(3 * rate) / rate)
    soundfile.write(tmp_path / "take.wav", np.stack([tone, tone / 2], axis=1), rate, subtype="FLOAT")
    done = streamlab(
        "demo", "level", "--input", "take.wav", "--full-scale", 4.0, "--out", "out", cwd=tmp_path
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    row = r"^ ch1 +80\.00 +80\.00 +\S+ s +80\.00 +0\.2 Pa +0\.2828 Pa +1\.41"
    assert re.search(row, done.stdout, re.MULTILINE)
    assert re.search(r"^ ch2 +73\.98 ", done.stdout, re.MULTILINE)
    assert "expected" not in done.stdout
    assert re.findall(r"out/levels\.\w+.*", done.stdout) == ["out/levels.csv (24 rows)", "out/levels.png"]
    assert str(tmp_path) not in done.stdout
    assert len(rows_of(tmp_path / "out" / "levels.csv")) == 24


def test_an_uncalibrated_recording_is_judged_for_overload(tmp_path: Path) -> None:
    square = np.where(np.arange(48000) % 480 < 240, 0.5, -0.5)
    soundfile.write(tmp_path / "fine.wav", square, 48000)
    soundfile.write(tmp_path / "hot.wav", 2 * square, 48000)
    fine = streamlab("demo", "level", "--input", tmp_path / "fine.wav", "--out", tmp_path)
    hot = streamlab("demo", "level", "--input", tmp_path / "hot.wav", "--out", tmp_path)
    assert (fine.returncode, hot.returncode) == (0, 1)
    assert "Not calibrated" in fine.stdout
    assert re.search(r"^ ch1 +-6\.02 ", fine.stdout, re.MULTILINE)
    assert re.search(r"^FAIL +limit: ch1\.peak = ", hot.stdout, re.MULTILINE)


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
        [sys.executable, "-c", "import streamlab.cli.examples as e; print(e.example('sound_level.json'))"],
        capture_output=True, text=True, env=env, cwd=tmp_path,
    )  # fmt: skip
    folder = tmp_path / "site" / "streamlab" / "cli" / "example_graphs"
    assert where.stdout.strip() == str(folder / "sound_level.json")
    packed = json.loads(Path(where.stdout.strip()).read_text())
    assert packed == json.loads((repository / "examples" / "sound_level.json").read_text())
    done = streamlab("demo", "level", "--out", "out", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
