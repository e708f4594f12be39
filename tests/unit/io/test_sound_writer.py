"""WavWriter's files say what they are, and W64 has no limit of 4 GB (W25)."""

from __future__ import annotations

import asyncio
import os
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from record_kit import START, random_streams, stream, together
from streamlab.core import ChannelInfo, Context, StreamInfo
from streamlab.io import _w64_header
from streamlab.io._missing import missing_bytes
from streamlab.io._sound import SoundRecording
from streamlab.io._sound_texts import sound_facts
from streamlab.io.wav_writer import WavWriter
from streamlab.testing.harness import join, run_node

INFO = StreamInfo(
    [ChannelInfo("mic, left", "Pa", "sound pressure", sensitivity=0.05), ChannelInfo("Überlast", "°C")], 44100
)
RNG = np.random.default_rng(8)
SUFFIXES = ["wav", "w64"]


def write(folder, suffix, frames, **config):
    node = WavWriter(path=str(Path(folder, f"take.{suffix}")), **config)
    node.context = Context("hum", "c0ffee" * 10, "table")
    return Path(run_node(node, frames).result["path"])


@pytest.mark.contract("W25")
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("encoding", "subtype", "step"),
    [
        ("float32", "FLOAT", 2**-24),
        ("float64", "DOUBLE", 0),
        ("pcm16", "PCM_16", 2**-16),
        ("pcm24", "PCM_24", 2**-24),
    ],
)
def test_libsndfile_reads_the_samples(tmp_path, suffix, encoding, subtype, step):
    signal = RNG.uniform(-9.9, 9.9, (2, 2001))
    path = write(tmp_path, suffix, stream(signal, INFO, [500] * 4), encoding=encoding, full_scale=10.0)
    about = soundfile.info(path)
    assert (about.format, about.subtype) == ({"wav": "WAVEX"}.get(suffix, "W64"), subtype)
    assert (about.samplerate, about.channels, about.frames) == (44100, 2, 2001)
    found = soundfile.read(path)[0].T * 10.0
    assert np.abs(found - signal).max() <= 10.0 * step + 1e-14
    assert missing_bytes(path) == 0
    assert suffix == "w64" or path.stat().st_size % 2 == 0


@pytest.mark.contract("W20", "W25")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_file_says_what_it_is_and_a_reader_of_ours_gives_it_back(tmp_path, suffix):
    signal = RNG.uniform(-9.9, 9.9, (2, 3000))
    frames = stream(signal, INFO, [1000], start=44100, timestamp=START)
    path = write(tmp_path, suffix, frames, encoding="float64", full_scale=10.0)
    with SoundRecording(path) as recording:
        (one,) = recording.streams
        assert one.info.names == INFO.names
        left = one.info.channels[0]
        assert (left.unit, left.quantity, left.sensitivity, left.range) == (
            "Pa", "sound pressure", 0.05, (-10.0, 10.0),
        )  # fmt: skip
        assert (one.start, one.offset) == (START, 10**6)
        assert recording.facts["graph hash"] == "c0ffee" * 10
        assert recording.facts["graph"] == "hum"
        assert recording.facts["software"].startswith("streamlab-core ")
    back = join(run_node("WavFile", config={"path": str(path)}).outputs)
    assert np.allclose(back.samples, signal, rtol=0, atol=1e-14)
    assert (back.info.names, back.timestamp) == (INFO.names, START)
    # What the graph says goes before what the file says.
    told = join(run_node("WavFile", config={"path": str(path), "full_scale": 2.0, "unit": "V"}).outputs)
    assert np.allclose(told.samples, signal / 5.0, rtol=0, atol=1e-14)
    assert [channel.label for channel in told.info.channels] == ["mic, left [V]", "Überlast [V]"]


@pytest.mark.contract("W25")
def test_other_programs_show_the_texts(tmp_path):
    path = write(tmp_path, "wav", stream([[0.5]], StreamInfo(["x"], 100), timestamp=START))
    with soundfile.SoundFile(path) as sound:
        assert '"name": "x"' in sound.comment
        assert (sound.date, sound.software[:14]) == ("2025-11-19", "streamlab-core")


@pytest.mark.contract("W25")
@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(deadline=None, max_examples=20)
@given(frames=random_streams(), rate=st.integers(1, 2**31 - 1))
def test_any_stream_comes_back(suffix, frames, rate):
    info = frames[0].info.replace(sample_rate=rate)
    frames = [frame.replace(info=info) for frame in frames]
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, suffix, frames, encoding="float64")
        found = soundfile.read(path, always_2d=True)[0].T if sum(frame.n for frame in frames) else None
        with SoundRecording(path) as recording:
            (one,) = recording.streams
            assert [(c.name, c.unit) for c in one.info.channels] == [(c.name, c.unit) for c in info.channels]
            assert one.rate == Fraction(rate)
    if found is not None:
        assert np.ascontiguousarray(found).tobytes() == together(frames).tobytes()


@pytest.mark.contract("W30")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"streamlab", b"streemlab"),
        (b'"full_scale": 1.0', b'"full_scale": -10'),
        (b'"full_scale": 1.0', b'"full_scale": "x"'),
        (b'"format": 1', b'"format": 2'),
        (b"INFO", b"info"),
        (b"ICMT", b"ICMS"),
        (b'"axis": "time"', b'"axis": "none"'),
    ],
)
def test_a_text_that_says_nothing_sensible_is_passed_over(tmp_path, before, after):
    path = write(tmp_path, "wav", stream([[0.5]], StreamInfo(["x"], 100)))
    data = path.read_bytes()
    assert data.count(before) >= 1
    path.write_bytes(data.replace(before, after))
    with SoundRecording(path) as recording:
        if before != b"streamlab":
            assert recording.streams[0].info.names == ("ch1",)
        assert next(recording.read(recording.streams[0]))[1].tolist() == [[0.5]]


def test_lengths_that_are_not_true_are_no_trap(tmp_path):
    path = write(tmp_path, "wav", stream([[0.5]], StreamInfo(["x"], 100)))
    data = path.read_bytes()
    at = data.index(b"ICMT") + 4
    for size in (0, 1, 2**31, 2**32 - 1):
        path.write_bytes(data[:at] + size.to_bytes(4, "little") + data[at + 4 :])
        assert sound_facts(path) is None
    at = data.index(b"LIST") + 4
    for size in (0, 1, 2**31, 2**32 - 1):
        path.write_bytes(data[:at] + size.to_bytes(4, "little") + data[at + 4 :])
        assert sound_facts(path) is None


@pytest.mark.contract("W27")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_header_is_up_to_date_every_second(tmp_path, suffix):
    node = WavWriter(path=str(tmp_path / f"take.{suffix}"))
    for frame in stream(np.zeros((1, 250)), StreamInfo(["x"], 100), [50] * 5):
        node.process(frame)
    copy = tmp_path / f"copy.{suffix}"
    copy.write_bytes((tmp_path / f"take.incomplete.{suffix}").read_bytes())
    assert soundfile.info(copy).frames >= 200
    asyncio.run(node.on_destroy())


def test_w64_beyond_four_gigabytes(tmp_path):
    # A sparse file: the header of one that large, and the samples at its very end.
    count = 2**32 + 10**6
    path = tmp_path / "large.w64"
    head = _w64_header.header(2, 48000, "pcm16", count * 4)
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + (count - 1) * 4)
        file.write(np.array([16384, -16384], "<i2").tobytes())
    assert soundfile.info(path).frames == count
    with soundfile.SoundFile(path) as sound:
        sound.seek(count - 2)
        assert sound.read(2).tolist() == [[0.0, 0.0], [0.5, -0.5]]
    os.truncate(path, path.stat().st_size - 8)
    assert missing_bytes(path) == 8
