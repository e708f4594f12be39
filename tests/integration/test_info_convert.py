"""streamlab info and streamlab convert: what is in a file, and the same in another format."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from command import on_a_terminal, start
from recordings import write_tdms, write_uff58b
from streamlab.cli import main

RATE = 8000
NOISE = np.random.default_rng(5).uniform(-1, 1, (4000, 3))


@dataclass(frozen=True)
class Done:
    """How a call of the command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def streamlab(capsys):
    """Call the command in this process, as its entry point does."""

    def call(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(one) for one in arguments])
        return Done(end.value.code or 0, *capsys.readouterr())

    return call


@pytest.fixture
def take(tmp_path):
    soundfile.write(tmp_path / "take.wav", NOISE, RATE, subtype="FLOAT")
    return tmp_path / "take.wav"


@pytest.fixture
def log(tmp_path):
    """A table with a gap of two rows, from noon on New Year's Day of 2024."""
    rows = [f"2024-01-01 12:00:{k:02};{k},5;{-k}" for k in range(20) if k not in (7, 8)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["Device: X 200", "time;T [°C];p [bar]", *rows, ""]))
    return path


@pytest.fixture
def two_rates(tmp_path):
    path, other = tmp_path / "two.uff", tmp_path / "other.uff"
    write_uff58b(path, [("fast", "V", NOISE[:, 0]), ("fast too", "Pa", NOISE[:, 1])], 8000)
    write_uff58b(other, [("slow", "°C", NOISE[:40, 2])], 80)
    path.write_bytes(path.read_bytes() + other.read_bytes())
    return path


# -- info


@pytest.mark.contract("W8")
def test_info_as_json_says_everything(streamlab, log, take, two_rates):
    done = streamlab("info", "--json", log, take, two_rates)
    assert (done.returncode, done.stderr) == (0, "")
    table, sound, universal = json.loads(done.stdout)["files"]
    assert (table["format"], table["facts"]) == ("csv", {"Device": "X 200"})
    (stream,) = table["streams"]
    assert stream == {
        "name": "1 Hz", "axis": "time", "sample_rate": 1.0, "exact_rate": "1", "length": 20, "samples": 18,
        "missing": 2, "seconds": 20.0, "start": "2024-01-01T12:00:00Z", "timestamp": 1704110400_000000,
        "offset": 0.0, "gaps": [{"at": 7, "samples": 2}], "points": [],
        "channels": [{"name": "T", "unit": "degC"}, {"name": "p", "unit": "bar"}],
    }  # fmt: skip
    (stream,) = sound["streams"]
    assert (sound["format"], stream["samples"], len(stream["channels"])) == ("sound", 4000, 3)
    assert [one["name"] for one in universal["streams"]] == ["8000 Hz", "80 Hz"]


@pytest.mark.contract("W8")
def test_info_for_people(streamlab, log, two_rates):
    done = streamlab("info", log, two_rates)
    text = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert "log.csv csv, " in text
    assert "Device X 200" in text
    assert "1 Hz 1 Hz 2 18 20 s 2024-01-01 12:00:00 1 (2 samples)" in text
    assert "T degC" in text
    assert "missing 2 samples at 7 s" in text
    assert "8000 Hz 8000 Hz 2 4000 0.5 s" in text
    assert "80 Hz slow degC" in text


@pytest.mark.contract("W8")
def test_info_goes_on_after_a_file_that_is_none(streamlab, log, tmp_path):
    (tmp_path / "none.bin").write_bytes(bytes(100))
    done = streamlab("info", tmp_path / "none.bin", tmp_path / "missing", log)
    assert done.returncode == 2
    assert "is of no format that can be read" in done.stderr
    assert "there is no such file" in done.stderr
    assert "log.csv" in done.stdout
    document = json.loads(streamlab("info", "--json", tmp_path / "none.bin", log).stdout)
    assert "no format" in document["files"][0]["error"]
    assert document["files"][1]["streams"]


@pytest.mark.contract("W8")
def test_info_with_what_the_file_does_not_say(streamlab, tmp_path):
    (tmp_path / "bare.csv").write_text("a|b\n1|2\n3|4\n")
    done = streamlab("info", tmp_path / "bare.csv")
    assert (done.returncode, "has no column of time that is known by its name" in done.stderr) == (2, True)
    done = streamlab("info", "--json", "--set", "time=", "--set", "rate=2.5", tmp_path / "bare.csv")
    (stream,) = json.loads(done.stdout)["files"][0]["streams"]
    assert (stream["exact_rate"], stream["samples"]) == ("5/2", 2)
    done = streamlab("info", "--set", "rates=2.5", tmp_path / "bare.csv")
    assert (done.returncode, "did you mean 'rate'" in done.stderr) == (2, True)


@pytest.mark.contract("W8")
def test_info_fits_a_narrow_terminal(log):
    code, drawn = on_a_terminal("info", log, columns=80)
    assert code == 0
    assert max(map(len, drawn.replace("\r", "").split("\n"))) < 200
    assert "1 (2 samples)" in drawn


# -- convert


def read_csv(path):
    with open(path, newline="") as file:
        head, *rows = csv.reader(file)
    return head, np.array(rows, float)


@pytest.mark.contract("W9")
def test_convert_to_csv_and_back_keeps_every_sample(streamlab, take, tmp_path):
    done = streamlab("convert", take, tmp_path / "take.csv")
    assert done.returncode == 0
    assert "take.csv 4000 samples" in " ".join(done.stdout.split())
    assert "done: 0.5 s of signal" in done.stdout
    head, table = read_csv(tmp_path / "take.csv")
    assert head == ["time [s]", "ch1", "ch2", "ch3"]
    assert np.array_equal(table[:, 1:], NOISE.astype(np.float32))
    assert streamlab("convert", tmp_path / "take.csv", tmp_path / "again.wav").returncode == 0
    samples, rate = soundfile.read(tmp_path / "again.wav")
    assert rate == RATE
    assert np.array_equal(samples, NOISE.astype(np.float32))


@pytest.mark.contract("W9")
def test_convert_a_part_of_it(streamlab, tmp_path):
    write_tdms(tmp_path / "run.tdms", [("a", "V", NOISE[:, 0]), ("b", "V", NOISE[:, 1])], RATE)
    options = ["--select", "b", "--start", 0.1, "--duration", 0.05, "--scale", 20, "--unit", "Pa"]
    assert streamlab("convert", tmp_path / "run.tdms", tmp_path / "run.csv", *options).returncode == 0
    head, table = read_csv(tmp_path / "run.csv")
    assert head == ["time [s]", "b [Pa]"]
    assert np.array_equal(table[:, 1], NOISE[800:1200, 1] * 20)
    assert table[0, 0] == 0.1


@pytest.mark.contract("W9")
def test_parameters_of_both_nodes_can_be_set(streamlab, tmp_path, take):
    (tmp_path / "table.csv").write_text("a|b\n1|2\n3|4\n")
    options = ["--set", "in.time=", "--set", "in.rate=2.5", "--set", "in.delimiter=|", "--unit", "V"]
    assert streamlab("convert", tmp_path / "table.csv", tmp_path / "out.csv", *options).returncode == 0
    head, table = read_csv(tmp_path / "out.csv")
    assert (head, table.tolist()) == (["time [s]", "a [V]", "b [V]"], [[0, 1, 2], [0.4, 3, 4]])
    done = streamlab("convert", take, tmp_path / "out.wav", "--set", "out.encoding=pcm16", "--scale", 0.5)
    assert done.returncode == 0
    samples, _ = soundfile.read(tmp_path / "out.wav", dtype="int16")
    assert np.abs(samples / 32768 - NOISE * 0.5).max() <= 0.5 / 32768 + 1e-7
    done = streamlab("convert", take, tmp_path / "x.wav", "--set", "out.encodings=pcm16")
    assert (done.returncode, "did you mean 'encoding'" in done.stderr) == (2, True)


@pytest.mark.contract("W9")
def test_several_streams_are_chosen_or_all_written(streamlab, two_rates, tmp_path):
    done = streamlab("convert", two_rates, tmp_path / "out.csv")
    assert done.returncode == 2
    assert "holds 2 streams of different rates" in done.stderr
    assert "choose one by --stream, or --all-streams: '8000 Hz' (fast, fast too)" in done.stderr
    assert not list(tmp_path.glob("out*"))
    assert streamlab("convert", two_rates, tmp_path / "one.csv", "--stream", "80 Hz").returncode == 0
    assert len(read_csv(tmp_path / "one.csv")[1]) == 40
    assert streamlab("convert", two_rates, tmp_path / "two.csv", "--select", "fast too").returncode == 0
    assert read_csv(tmp_path / "two.csv")[0] == ["time [s]", "fast too [Pa]"]
    done = streamlab("convert", two_rates, tmp_path / "all.csv", "--all-streams")
    assert done.returncode == 0
    assert sorted(path.name for path in tmp_path.glob("all*")) == ["all-8000_Hz.csv", "all-80_Hz.csv"]
    assert len(read_csv(tmp_path / "all-8000_Hz.csv")[1]) == 4000


@pytest.mark.contract("W9")
def test_gaps_go_along_where_the_format_has_a_place_for_them(streamlab, log, tmp_path):
    done = streamlab("convert", log, tmp_path / "out.csv")
    assert "2 samples are missing in gaps" in done.stdout
    document = json.loads(streamlab("info", "--json", tmp_path / "out.csv").stdout)
    assert document["files"][0]["streams"][0]["gaps"] == [{"at": 7, "samples": 2}]
    done = streamlab("convert", log, tmp_path / "out.wav")
    assert "2 samples are missing in gaps" in done.stdout


@pytest.mark.contract("W9")
def test_an_output_in_the_way(streamlab, take, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    done = streamlab("convert", take, out)
    assert (done.returncode, out.read_text()) == (2, "mine")
    assert "the file exists already" in done.stderr
    assert "give --if-exists overwrite or number" in done.stderr
    assert streamlab("convert", take, out, "--if-exists", "number").returncode == 0
    assert (tmp_path / "out-2.csv").exists()
    assert streamlab("convert", take, out, "--if-exists", "overwrite").returncode == 0
    assert out.read_text() != "mine"
    done = streamlab("convert", take, take, "--if-exists", "overwrite")
    assert (done.returncode, "is the file that is read" in done.stderr) == (2, True)
    assert soundfile.info(take).frames == 4000
    done = streamlab("convert", take, tmp_path / "late.csv", "--start", 7)
    assert (done.returncode, "ends at 0.5 s: there is nothing to convert from 7 s on" in done.stderr) == (
        2,
        True,
    )
    done = streamlab("convert", take, tmp_path / "out.doc")
    assert (done.returncode, "no format that can be written has this suffix" in done.stderr) == (2, True)
    done = streamlab("convert", tmp_path / "none.wav", out)
    assert (done.returncode, "there is no such file" in done.stderr) == (2, True)


@pytest.mark.contract("W9")
def test_what_a_format_cannot_hold_is_said_before_anything_is_written(streamlab, tmp_path):
    (tmp_path / "slow.csv").write_text("time,x\n0,1\n0.3,2\n0.6,3\n")
    done = streamlab("convert", tmp_path / "slow.csv", tmp_path / "slow.wav")
    assert done.returncode == 2
    assert "a sample rate of a whole number of Hz" in done.stderr
    assert not list(tmp_path.glob("slow*.wav"))


@pytest.mark.contract("W9")
def test_a_recording_that_was_cut_off_leaves_an_incomplete_file(streamlab, take, tmp_path):
    os.truncate(take, take.stat().st_size - 1200)
    done = streamlab("convert", take, tmp_path / "out.csv", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == document["exit_code"] == 3
    assert "is cut off after sample 3900" in document["errors"][0]["message"]
    assert (document["results"]["out"]["samples"], document["results"]["out"]["complete"]) == (3900, False)
    assert len(read_csv(tmp_path / "out.incomplete.csv")[1]) == 3900
    done = streamlab("convert", take, tmp_path / "out.csv", "--if-exists", "overwrite")
    assert "out.incomplete.csv 3900 samples" in " ".join(done.stdout.split())
    assert "incomplete" in done.stdout


@pytest.mark.contract("W9")
@pytest.mark.skipif(os.name != "posix", reason="SIGINT to another process is POSIX")
def test_ctrl_c_leaves_an_incomplete_file_that_reads(tmp_path):
    big = tmp_path / "big.wav"
    soundfile.write(big, np.tile(NOISE, (400, 1)), RATE, subtype="PCM_16")
    process = start("convert", big, tmp_path / "big.csv")
    written = tmp_path / "big.incomplete.csv"
    ends = time.monotonic() + 30
    while time.monotonic() < ends and not (written.exists() and written.stat().st_size > 1 << 16):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130, error
    assert "incomplete" in out
    assert not (tmp_path / "big.csv").exists()
    text = written.read_text()
    assert text.endswith("\n")
    _, table = read_csv(written)
    expected = np.tile(NOISE, (400, 1))[: len(table)]
    assert 100 < len(table) < 1_600_000
    assert np.abs(table[:, 1:] - expected).max() < 1 / 32000


@pytest.mark.contract("W9")
def test_progress_on_a_terminal(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.tile(NOISE, (20, 1)), RATE)
    code, drawn = on_a_terminal("convert", tmp_path / "a.wav", tmp_path / "a.csv")
    assert code == 0
    assert "x real time" in drawn
    assert "a.csv" in drawn
    assert Path(tmp_path / "a.csv").exists()
