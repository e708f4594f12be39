"""WavFile: what is in the file, and what is wrong with it."""

from __future__ import annotations

import asyncio
import os
import struct
import tempfile
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import ChannelInfo
from streamlab.errors import FileError, ParamError
from streamlab.io._missing import missing_bytes
from streamlab.io.wav_file import WavFile
from streamlab.testing.harness import join, run_node

RATE = 48000
W64 = (
    b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0",
    b"wave\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a",
)
STARTS = [b"RIFF\0\0\0\0WAVE", b"RF64\xff\xff\xff\xffWAVE", W64[0] + bytes(8) + W64[1]]
STARTS += [b"FORM\0\0\0\0AIFF", b".snd", b"dns."]
CHUNKS = [b"", b"ds64", b"data", b"data\xff\xff\xff\xff", b"SSND", b"\xff" * 24]


@pytest.fixture
def take(tmp_path):
    """A recording whose samples are its numbers over 2^15, three channels, made by the standard library."""
    path = tmp_path / "take.wav"
    numbers = np.arange(-4500, 4500).reshape(3000, 3).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((3, 2, RATE, 0, "NONE", ""))
        file.writeframes(numbers.tobytes())
    return path, numbers.T / 32768


def test_every_sample_is_where_it_was(take):
    path, expected = take
    run = run_node("WavFile", config={"path": str(path)})
    assert [frame.n for frame in run] == [1024, 1024, 952]
    assert np.array_equal(join(run.outputs).samples, expected)
    assert run[0].channels == ("ch1", "ch2", "ch3")
    assert [frame.sequence_id for frame in run] == [0, 1, 2]
    assert [frame.start_sample for frame in run] == [0, 1024, 2048]
    assert [frame.timestamp for frame in run] == [0, 21333, 42666]
    assert run[0].sample_rate == RATE


@pytest.mark.parametrize(
    ("format", "subtype", "suffix"),
    [
        ("WAV", "PCM_16", "wav"),
        ("WAV", "PCM_24", "wav"),
        ("RF64", "FLOAT", "wav"),
        ("FLAC", "PCM_24", "flac"),
    ],
)
@pytest.mark.parametrize("channels", [1, 2, 32])
def test_formats(tmp_path, format, subtype, suffix, channels):
    if format == "FLAC" and channels > 8:
        channels = 8  # the format has no more
    path = tmp_path / f"take.{suffix}"
    samples = np.random.default_rng(0).integers(-(2**15), 2**15, (5000, channels)) / 2**15
    soundfile.write(path, samples, 51200, format=format, subtype=subtype)
    run = run_node("WavFile", config={"path": str(path), "frame_size": 999})
    assert np.array_equal(join(run.outputs).samples, samples.T)
    assert run[0].sample_rate == 51200
    assert run[0].samples.strides[1] == 8


def test_full_scale_sensitivity_and_unit(take):
    path, expected = take
    config = {
        "path": str(path),
        "full_scale": 2.0,
        "sensitivity": 0.05,
        "unit": "Pa",
        "channels": ["a", "b", "c"],
    }
    run = run_node("WavFile", config=config)
    assert join(run.outputs).samples == pytest.approx(expected * 40.0, rel=1e-15)
    assert run[0].info.channels[1] == ChannelInfo("b", "Pa", sensitivity=0.05, range=(-40.0, 40.0))


@pytest.mark.parametrize(
    ("config", "first", "last"),
    [
        ({"start": 0.01}, 480, 3000),
        ({"duration": 0.02}, 0, 960),
        ({"start": 0.05, "duration": 0.001}, 2400, 2448),
        ({"start": 0.05, "duration": 99.0}, 2400, 3000),
    ],
)
def test_a_part_of_it(take, config, first, last):
    path, expected = take
    run = run_node("WavFile", config={"path": str(path), **config})
    assert np.array_equal(join(run.outputs).samples, expected[:, first:last])
    assert run[0].start_sample == first
    assert run[0].timestamp == first * 10**6 // RATE


def test_a_loop_has_no_end_and_no_break(take):
    path, expected = take
    run = run_node("WavFile", config={"path": str(path), "loop": True, "start": 0.0625 - 0.01}, limit=10)
    assert np.array_equal(join(run.outputs).samples, np.tile(expected[:, 2520:], 10))
    assert [frame.start_sample for frame in run] == [2520 + 480 * k for k in range(10)]


def test_the_stream_is_known_before_it_plays(take):
    path, _ = take

    async def scenario():
        node = WavFile(path=str(path))
        await node.on_create({})
        assert WavFile.stream_info(node) is node.info
        assert node.info.sample_rate == RATE
        first = next(iter(node.frames()))
        again = next(iter(node.frames()))
        assert first == again
        await node.on_destroy()

    asyncio.run(scenario())
    assert WavFile.stream_info(WavFile(path="x.wav")) is None


def played(path, **config):
    """Return the samples that came, and the error."""
    count = 0
    with pytest.raises(FileError) as caught:
        for frame in WavFile(path=str(path), **config).frames():
            count += frame.n
    assert str(path) in str(caught.value)
    return count, str(caught.value)


@pytest.mark.contract("N10")
def test_a_truncated_file_plays_what_is_there_and_says_so(take):
    path, _ = take
    os.truncate(path, path.stat().st_size - 1003)
    count, message = played(path)
    assert count == 2832  # 1003 bytes are 167.2 samples of three channels
    assert "is cut off after sample 2832" in message
    assert "1003 bytes are missing" in message


@pytest.mark.contract("N10")
@pytest.mark.parametrize(("format", "endian"), [
    ("WAV", "FILE"), ("RF64", "FILE"), ("W64", "FILE"), ("AIFF", "FILE"), ("AIFF", "LITTLE"),
    ("AU", "BIG"), ("AU", "LITTLE"),
])  # fmt: skip
@pytest.mark.parametrize(("subtype", "size"), [("PCM_16", 2), ("PCM_24", 3), ("FLOAT", 4)])
def test_every_byte_that_a_container_lacks_is_counted(tmp_path, format, endian, subtype, size):
    if (format, endian, subtype) == ("AIFF", "LITTLE", "FLOAT"):
        endian = "FILE"  # the format has no other
    path, bare = tmp_path / "take", tmp_path / "bare"
    ramp = np.linspace(-0.5, 0.5, 3002)
    soundfile.write(path, ramp, RATE, format=format, endian=endian, subtype=subtype)
    assert sum(frame.n for frame in WavFile(path=str(path)).frames()) == 3002
    # Where the samples are: a file of nothing but samples, in one byte order or the other, is in there.
    whole, places = path.read_bytes(), []
    for order in ("LITTLE", "BIG"):
        soundfile.write(bare, ramp, RATE, format="RAW", endian=order, subtype=subtype)
        places.append(whole.find(bare.read_bytes()))
    end = max(places) + 3002 * size
    os.truncate(path, end - 1000)
    count, message = played(path)
    assert count == 3002 - -(-1000 // size)
    assert f"is cut off after sample {count}, {count / RATE:g} s: 1000 bytes are missing" in message


@pytest.mark.parametrize(("format", "subtype"), [("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")])
def test_other_truncated_files_do_not_end_quietly(tmp_path, format, subtype):
    path = tmp_path / "take"
    samples = np.random.default_rng(0).uniform(-1, 1, 100_000)
    soundfile.write(path, samples, RATE, format=format, subtype=subtype)
    os.truncate(path, path.stat().st_size // 2)
    count, message = played(path)
    assert 30_000 < count <= 50_000
    assert "is cut off after sample" in message or "cannot be decoded after sample" in message


@given(st.sampled_from(STARTS), st.binary(max_size=100), st.sampled_from(CHUNKS), st.binary(max_size=40))
def test_a_header_of_nonsense_is_no_other_error(start, one, chunk, two):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "take")
        path.write_bytes(start + one + chunk + two)
        assert missing_bytes(path) >= 0


def test_a_part_before_the_end_of_a_truncated_file_is_whole(take):
    path, expected = take
    os.truncate(path, path.stat().st_size - 1003)
    run = run_node("WavFile", config={"path": str(path), "duration": 0.02})
    assert np.array_equal(join(run.outputs).samples, expected[:, :960])


def test_a_recording_that_was_never_finished_is_no_error(take):
    # A recorder that was cut off leaves the sizes open (0xFFFFFFFF); what is there is all there is.
    path, expected = take
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    assert np.array_equal(join(run_node("WavFile", config={"path": str(path)}).outputs).samples, expected)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a sound file that can be read"),
        (b"RIFF\0\0\0\0WAVEfmt ", "is not a sound file"),
        (b"x" * 5000, "is not"),
    ],
)
def test_what_is_no_sound_file(tmp_path, content, message):
    path = tmp_path / "noise.wav"
    path.write_bytes(content)
    count, found = played(path)
    assert count == 0
    assert message in found
    assert "WAV, RF64 and FLAC can be read" in found


def test_a_file_that_is_not_there(tmp_path):
    assert "there is no such file" in played(tmp_path / "none.wav")[1]
    assert "is a folder" in played(tmp_path)[1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(take):
    path, _ = take
    path.chmod(0)
    assert "no permission" in played(path)[1]


def test_permission_in_words(take, monkeypatch):
    # As root nothing is refused, so the refusal is played.
    def refuse(self, *args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "no permission - change the file's permissions" in played(take[0])[1]


def test_other_channels_than_named(take):
    path, _ = take
    assert "has 3 channels, but 2 are named: a, b" in played(path, channels=["a", "b"])[1]
    with pytest.raises(ParamError, match="/channels/2: channel names must differ"):
        WavFile(path=str(path), channels=["a", "b", "a"])


def test_nothing_to_play(take):
    path, _ = take
    assert "ends at 0.0625 s: there is nothing to play from 1 s on" in played(path, start=1.0)[1]


def test_an_empty_recording(tmp_path):
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros((0, 1)), RATE)
    assert len(run_node("WavFile", config={"path": str(path)})) == 0
    assert "nothing to play" in played(path, loop=True)[1]
