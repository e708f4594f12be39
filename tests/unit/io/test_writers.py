"""CsvWriter and WavWriter: what they write reads back, and is complete or marked incomplete."""

from __future__ import annotations

import asyncio
import csv
import math
import os
import resource
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FileError, FrameError, ParamError
from streamlab.io import _wav_header
from streamlab.io._files import OutputFile
from streamlab.io._missing import missing_bytes
from streamlab.io._wav_header import header
from streamlab.io.csv_writer import CsvWriter
from streamlab.io.wav_file import WavFile
from streamlab.io.wav_writer import WavWriter
from streamlab.testing.harness import cut, join, run_node

PA = StreamInfo([ChannelInfo("mic, left", "Pa"), ChannelInfo("mic.Leq", "dB", "Leq", "20 uPa")], 8)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def frame(values, info=PA, **more):
    return DataFrame.from_samples(np.array(values, dtype=float), info, **more)


# -------------------------------------------------------------------------------------------- table


def test_the_header_has_names_and_units(tmp_path):
    path = tmp_path / "t.csv"
    run = run_node("CsvWriter", [frame([[1.0, 2.0], [3.0, 4.0]], start_sample=4)], config={"path": str(path)})
    assert (
        path.read_text() == 'time [s],"mic, left [Pa]",mic.Leq [dB re 20 uPa]\n0.5,1.0,3.0\n0.625,2.0,4.0\n'
    )
    assert run.result == {
        "path": str(path),
        "complete": True,
        "frames": 1,
        "samples": 2,
        "missing": 0,
        "bytes": path.stat().st_size,
    }
    assert len(run) == 1


@given(values=st.lists(st.floats(width=64), min_size=1, max_size=30))
def test_numbers_read_back_exactly(values):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        run_node("CsvWriter", [DataFrame(payload={"x": values}, sample_rate=3)], config={"path": str(path)})
        table = rows(path)[1:]
    np.testing.assert_array_equal([float(row[1]) for row in table], values)
    assert [float(row[0]) for row in table] == [float(Fraction(k, 3)) for k in range(len(values))]


@pytest.mark.parametrize(
    ("rate", "start"), [("5000.024", 10**6), ("5000.024", 10**13), ("44100", 10**12), ("0.994", 7)]
)
def test_times_are_correctly_rounded(tmp_path, rate, start):
    path = tmp_path / "t.csv"
    info = StreamInfo(["x"], rate)
    run_node("CsvWriter", [frame([[0.0] * 50], info, start_sample=start)], config={"path": str(path)})
    found = [float(row[0]) for row in rows(path)[1:]]
    assert found == [float((start + k) / Fraction(rate)) for k in range(50)]


def test_streams_off_the_time_axis(tmp_path):
    path = tmp_path / "t.csv"
    bands = StreamInfo(["x"], 10, "band")
    run_node("CsvWriter", [frame([[5.0, 6.0]], bands, start_sample=20)], config={"path": str(path)})
    assert rows(path) == [["time [s]", "bin", "x"], ["2.0", "0", "5.0"], ["2.0", "1", "6.0"]]
    other = tmp_path / "u.csv"
    run_node("CsvWriter", [DataFrame(77, payload={"x": [5.0, 6.0]})], config={"path": str(other)})
    assert rows(other) == [["timestamp [us]", "x"], ["77", "5.0"], ["77", "6.0"]]
    single = tmp_path / "v.csv"
    run_node(
        "CsvWriter",
        [frame([[5.0]], StreamInfo(["x"], 10, "none"), start_sample=20)],
        config={"path": str(single)},
    )
    assert rows(single) == [["time [s]", "x"], ["2.0", "5.0"]]


@pytest.mark.parametrize(
    ("axis", "points", "header", "places"),
    [
        ("frequency", [0.0, 11.71875, 23.4375], "frequency [Hz]", ["0.0", "11.71875", "23.4375"]),
        # IEC 61260-1, annex E: third octaves of 10^(n/10) Hz under the names that reports have.
        ("band", [10**1.5, 10**3.0, 10**3.1], "frequency [Hz]", ["31.5", "1000.0", "1250.0"]),
        ("band", [10**2.975, 10**3.025, 10**3.075], "frequency [Hz]", ["940.0", "1060.0", "1190.0"]),
        ("band", [30.0, 60.0], "frequency [Hz]", ["30.0", "60.0"]),
        ("order", [0.5, 1.0, 1.5], "order", ["0.5", "1.0", "1.5"]),
        ("frequency", [], "bin", ["0", "1", "2"]),
    ],
)
def test_points_of_a_spectrum_have_their_place(tmp_path, axis, points, header, places):
    path = tmp_path / "t.csv"
    values = [[5.0, 6.0, 7.0][: len(places)]]
    info = StreamInfo([ChannelInfo("mic", "dB", "Leq", "20 uPa")], 2, axis, points)
    frames = [frame(values, info, start_sample=3), frame(values, info, start_sample=4)]
    run_node("CsvWriter", frames, config={"path": str(path)})
    table = rows(path)
    assert table[0] == ["time [s]", header, "mic [dB re 20 uPa]"]
    assert [row[1] for row in table[1:]] == places * 2
    assert [row[0] for row in table[1:]] == ["1.5"] * len(places) + ["2.0"] * len(places)


def test_a_curve_that_does_not_fit_its_axis_is_refused(tmp_path):
    info = StreamInfo(["x"], 10, "band", [1000.0, 2000.0])
    with pytest.raises(FrameError, match="the axis has 2 points; found 1 values"):
        run_node("CsvWriter", [frame([[5.0]], info)], config={"path": str(tmp_path / "t.csv")})


def test_complex_numbers_are_refused(tmp_path):
    spectrum = DataFrame.from_samples(np.array([[1j]]), StreamInfo(["x"], 10, "frequency"))
    with pytest.raises(FrameError, match="take their magnitude"):
        run_node("CsvWriter", [spectrum], config={"path": str(tmp_path / "t.csv")})


def test_each_frame_is_in_the_file_at_once(tmp_path):
    node = CsvWriter(path=str(tmp_path / "t.csv"))
    for k in range(3):
        node.process(frame([[1.0], [2.0]], start_sample=k))
        assert len(rows(tmp_path / "t.incomplete.csv")) == 2 + k
    node.flush()
    assert not (tmp_path / "t.incomplete.csv").exists()
    assert len(rows(tmp_path / "t.csv")) == 4


# ---------------------------------------------------------------------------- complete or incomplete


@pytest.mark.contract("N10")
@pytest.mark.parametrize("name", ["CsvWriter", "WavWriter"])
def test_a_failed_stream_leaves_a_readable_file_marked_incomplete(tmp_path, name):
    suffix = {"CsvWriter": "csv", "WavWriter": "wav"}[name]
    path = tmp_path / f"take.{suffix}"

    def breaks():
        yield frame([[0.25, 0.5], [1.0, 0.75]])
        raise RuntimeError("upstream")

    with pytest.raises(RuntimeError, match="upstream"):
        run_node(name, breaks(), config={"path": str(path)})
    assert not path.exists()
    left = tmp_path / f"take.incomplete.{suffix}"
    if suffix == "csv":
        assert rows(left)[1:] == [["0.0", "0.25", "1.0"], ["0.125", "0.5", "0.75"]]
    else:
        assert soundfile.read(left)[0].tolist() == [[0.25, 1.0], [0.5, 0.75]]


@pytest.mark.contract("N10")
def test_the_result_says_whether_it_is_complete(tmp_path):
    node = CsvWriter(path=str(tmp_path / "t.csv"))
    assert node.result() is None
    node.process(frame([[1.0], [2.0]], gap=7))
    assert (node.result()["complete"], node.result()["missing"]) == (False, 7)
    assert node.result()["path"].endswith("t.incomplete.csv")
    node.flush()
    node.flush()
    assert node.result()["complete"] is True
    asyncio.run(node.on_destroy())


def test_no_frames_make_no_file(tmp_path):
    assert run_node("CsvWriter", config={"path": str(tmp_path / "t.csv")}).result is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("existing", ["t.csv", "t.incomplete.csv"])
def test_if_exists(tmp_path, existing):
    taken = tmp_path / existing
    taken.write_text("before")
    given = [frame([[1.0], [2.0]])]
    with pytest.raises(FileError, match=r"is in the way|exists already") as caught:
        run_node("CsvWriter", given, config={"path": str(tmp_path / "t.csv")})
    assert "if_exists" in str(caught.value)
    assert taken.read_text() == "before"
    run = run_node("CsvWriter", given, config={"path": str(tmp_path / "t.csv"), "if_exists": "number"})
    assert run.result["path"] == str(tmp_path / "t-2.csv")
    assert taken.read_text() == "before"
    run_node("CsvWriter", given, config={"path": str(tmp_path / "t.csv"), "if_exists": "overwrite"})
    assert len(rows(tmp_path / "t.csv")) == 2
    again = run_node("CsvWriter", given, config={"path": str(tmp_path / "t.csv"), "if_exists": "number"})
    assert again.result["path"] == str(tmp_path / "t-3.csv")


def test_a_file_that_came_in_between_is_not_written_over(tmp_path):
    node = CsvWriter(path=str(tmp_path / "t.csv"))
    node.process(frame([[1.0], [2.0]]))
    (tmp_path / "t.csv").write_text("someone else's")
    with pytest.raises(FileError, match="exists already"):
        node.flush()
    assert (tmp_path / "t.csv").read_text() == "someone else's"
    assert len(rows(tmp_path / "t.incomplete.csv")) == 2


@pytest.mark.contract("P2")
def test_each_job_has_its_file(tmp_path):
    node = CsvWriter(path=str(tmp_path / "t-{job}.csv"))
    asyncio.run(node.on_create({}))
    for job in ("1", "2"):
        node.job = job
        node.reset()
        node.process(frame([[float(job)], [0.0]]))
        node.flush()
    asyncio.run(node.on_destroy())
    assert [rows(tmp_path / f"t-{job}.csv")[1][1] for job in "12"] == ["1.0", "2.0"]


def test_a_stream_that_changes_is_refused(tmp_path):
    node = CsvWriter(path=str(tmp_path / "t.csv"))
    node.process(frame([[1.0], [2.0]]))
    with pytest.raises(FileError, match="the stream has changed"):
        node.process(frame([[1.0], [2.0]], PA.replace(sample_rate=9)))
    asyncio.run(node.on_destroy())


# --------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("name", ["CsvWriter", "WavWriter"])
def test_paths_that_cannot_be_written(tmp_path, name):
    cases = [(tmp_path / "none" / "t.x", "does not exist - make it"), (tmp_path, "is a folder")]
    for path, message in cases:
        with pytest.raises(FileError, match=message) as caught:
            run_node(name, config={"path": str(path)})
        assert str(path) in str(caught.value)


def test_a_folder_without_permission(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as root nothing is refused
    with pytest.raises(FileError, match="no permission to write to the folder"):
        run_node("CsvWriter", config={"path": str(tmp_path / "t.csv")})


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(FileError, match="the name is too long"):
        run_node("CsvWriter", [frame([[1.0], [2.0]])], config={"path": str(tmp_path / ("x" * 250))})


@pytest.fixture
def size_limit():
    """Let no file grow beyond 20 000 bytes: the kernel answers as it does for a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill(name, path):
    """Write until nothing more fits; return the frames that were taken, and the error."""
    info = StreamInfo(["a", "b"], 48000)
    node = {"CsvWriter": CsvWriter, "WavWriter": WavWriter}[name](path=str(path))
    taken = []
    with pytest.raises(FileError) as caught:
        for k in range(1000):
            one = frame(
                np.random.default_rng(k).uniform(-1, 1, (2, 77)).astype(np.float32), info, start_sample=77 * k
            )
            node.process(one)
            taken.append(one)
    assert node.result()["complete"] is False
    asyncio.run(node.on_destroy())
    return join(taken).samples, str(caught.value)


def check_readable(name, left, expected):
    if name == "CsvWriter":
        assert [[float(x) for x in row[1:]] for row in rows(left)[1:]] == expected.T.tolist()
    else:
        assert np.array_equal(soundfile.read(left)[0], expected.T)
        assert sum(one.n for one in WavFile(path=str(left)).frames()) == expected.shape[1]


@pytest.mark.contract("N10")
@pytest.mark.parametrize("name", ["CsvWriter", "WavWriter"])
def test_a_file_that_may_not_grow_is_readable_up_to_the_last_frame(tmp_path, name, size_limit):
    path = tmp_path / "take.x"
    expected, message = fill(name, path)
    assert "take.incomplete.x: the file has reached the size limit" in message
    assert not path.exists()
    check_readable(name, tmp_path / "take.incomplete.x", expected)


@pytest.mark.contract("N10")
@pytest.mark.parametrize("name", ["CsvWriter", "WavWriter"])
def test_a_full_disk(tmp_path, name):
    mounted = subprocess.run(
        [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)],
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here (it takes root)")
    try:
        expected, message = fill(name, tmp_path / "take.x")
        assert "take.incomplete.x: the disk is full - free some space" in message
        check_readable(name, tmp_path / "take.incomplete.x", expected)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a device of Linux")
def test_a_device_that_is_full(tmp_path, monkeypatch):
    (tmp_path / "t.incomplete.csv").symlink_to("/dev/full")
    with pytest.raises(FileError, match="the disk is full"):
        run_node(
            "CsvWriter",
            [frame([[1.0], [2.0]])],
            config={"path": str(tmp_path / "t.csv"), "if_exists": "overwrite"},
        )


def test_an_append_is_whole_or_not_at_all(tmp_path, size_limit):
    file = OutputFile(tmp_path / "x.bin", "error")
    file.append(b"a" * 15_000)
    with pytest.raises(FileError):
        file.append(b"b" * 15_000)
    file.append(b"c" * 100)
    file.finish()
    assert (tmp_path / "x.bin").read_bytes() == b"a" * 15_000 + b"c" * 100


# ------------------------------------------------------------------------------------------- recordings


@pytest.mark.parametrize(
    ("encoding", "subtype", "step"),
    [
        ("float32", "FLOAT", 2**-24),
        ("float64", "DOUBLE", 0),
        ("pcm16", "PCM_16", 2**-16),
        ("pcm24", "PCM_24", 2**-24),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_recordings_read_back(tmp_path, encoding, subtype, step, channels):
    path = tmp_path / "take.wav"
    info = StreamInfo([ChannelInfo(f"c{k}", "Pa") for k in range(channels)], 44100)
    signal = np.random.default_rng(0).uniform(-9.9, 9.9, (channels, 2001))
    run = run_node(
        "WavWriter",
        cut(frame(signal, info), [500] * 4),
        config={"path": str(path), "encoding": encoding, "full_scale": 10.0},
    )
    about = soundfile.info(path)
    assert (about.samplerate, about.channels, about.frames, about.subtype) == (44100, channels, 2001, subtype)
    found = soundfile.read(path, always_2d=True)[0].T * 10.0
    assert np.abs(found - signal).max() <= 10.0 * step + 1e-14
    assert run.result["clipped"] == 0
    assert missing_bytes(path) == 0
    back = run_node("WavFile", config={"path": str(path), "full_scale": 10.0, "unit": "Pa"})
    assert np.array_equal(join(back.outputs).samples, found)


def test_clipped_samples_are_counted(tmp_path):
    config = {"path": str(tmp_path / "take.wav"), "encoding": "pcm16"}
    run = run_node("WavWriter", [frame([[0.5, 2.0, -3.0, math.nan]], StreamInfo(["x"], 8000))], config=config)
    assert run.result["clipped"] == 3


def test_the_header_is_up_to_date_every_second(tmp_path):
    node = WavWriter(path=str(tmp_path / "take.wav"))
    info = StreamInfo(["x"], 100)
    for k in range(5):
        node.process(frame(np.zeros((1, 50)), info, start_sample=50 * k))
    # Killed here: what the header says is at most a second short of what is there.
    copy = tmp_path / "copy.wav"
    copy.write_bytes((tmp_path / "take.incomplete.wav").read_bytes())
    assert soundfile.info(copy).frames >= 200
    assert missing_bytes(copy) == 0
    asyncio.run(node.on_destroy())


def test_an_odd_number_of_bytes_is_padded(tmp_path):
    path = tmp_path / "take.wav"
    run_node(
        "WavWriter", [frame([[0.5]], StreamInfo(["x"], 100))], config={"path": str(path), "encoding": "pcm24"}
    )
    assert path.stat().st_size % 2 == 0
    assert soundfile.read(path)[0].tolist() == [0.5]


def test_beyond_four_gigabytes_it_is_rf64(tmp_path):
    # A sparse file: the header of one that large, and the samples at its very end.
    count = 2**32 + 10**6
    path = tmp_path / "large.wav"
    head = header(2, 48000, "pcm16", count * 4)
    assert head[:4] == b"RF64"
    assert len(head) == len(header(2, 48000, "pcm16", 0))
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + (count - 1) * 4)
        file.write(np.array([16384, -16384], "<i2").tobytes())
    about = soundfile.info(path)
    assert (about.format, about.frames) == ("RF64", count)
    with soundfile.SoundFile(path) as sound:
        sound.seek(count - 2)
        assert sound.read(2).tolist() == [[0.0, 0.0], [0.5, -0.5]]
    assert missing_bytes(path) == 0
    os.truncate(path, path.stat().st_size - 8)
    assert missing_bytes(path) == 8


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_the_switch_is_where_32_bits_end(extra):
    largest = 0xFFFFFFFF - (len(header(1, 8000, "pcm16", 0)) - 8)
    fits = largest - largest % 2
    assert header(1, 8000, "pcm16", fits + 2 * extra)[:4] == (b"RF64" if extra > 0 else b"RIFF")


def test_a_file_that_grows_into_rf64_while_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(_wav_header, "_SWITCH", 5000)  # 4 GB would take minutes
    signal = np.random.default_rng(0).uniform(-1, 1, (2, 1000)).astype(np.float32).astype(float)
    info = StreamInfo(["a", "b"], 100)  # a second, and with it the header, every second frame
    node = WavWriter(path=str(tmp_path / "take.wav"))
    formats = []
    for piece in cut(frame(signal, info), [50] * 20):
        node.process(piece)
        formats.append((tmp_path / "take.incomplete.wav").read_bytes()[:4])
    assert (formats[0], formats[-1]) == (b"RIFF", b"RF64")
    node.flush()
    assert soundfile.info(tmp_path / "take.wav").format == "RF64"
    assert np.array_equal(soundfile.read(tmp_path / "take.wav")[0], signal.T)
    assert missing_bytes(tmp_path / "take.wav") == 0


@pytest.mark.contract("G7")
@pytest.mark.parametrize(
    ("info", "message"),
    [
        (
            StreamInfo(["x"], "5000.024"),
            "a whole number of Hz; found 5000.024 Hz over time - write a CSV file",
        ),
        (StreamInfo(["x"]), "a WAV file holds samples over time"),
        (StreamInfo(["x"], 10, "band"), "found 10 Hz over band"),
        (StreamInfo([], 10), "of float32 holds 1 to 16383 channels; found 0"),
        (
            StreamInfo([f"c{k}" for k in range(16384)], 10),
            "of float32 holds 1 to 16383 channels; found 16384",
        ),
        (StreamInfo(["x"], 1 << 31), "a sample rate of a whole number of Hz"),
    ],
)
def test_streams_that_wav_does_not_hold(info, message):
    node = WavWriter(path="x.wav")
    with pytest.raises(ParamError, match=message):
        WavWriter.stream_info(node, **{"in": info})
