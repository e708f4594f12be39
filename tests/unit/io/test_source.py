"""What all sources that read files do alike: selection, time range, gaps, several rates, errors in words."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, StreamInfo
from streamlab.errors import FileError, ParamError
from streamlab.io._source import MeasuredSource, recut
from streamlab.io.formats import open_recording
from streamlab.io.recording import NO_GAPS, Recording, StoredStream, explained, steps
from streamlab.testing.harness import join, run_node


class Played(Recording):
    """A recording from memory: fast (10 Hz, samples 0-99 but 30-39, two channels), slow (0.5 Hz) from 4 s."""

    title = "a played thing"
    closed = 0

    def open(self):
        fast = StreamInfo([ChannelInfo("a", "V"), ChannelInfo("b", "Pa", "sound pressure")], 10)
        slow = StreamInfo([ChannelInfo("t", "degC")], Fraction(1, 2))
        gaps = np.array([[30, 10]])
        return [
            StoredStream("fast", fast, 100, start=5_000_000, gaps=gaps),
            StoredStream("slow", slow, 3, start=9_000_000),
        ]

    def blocks(self, stream, rows, first, last, multiple):
        for part in steps(first, last, len(rows), multiple, block=16):
            inside = [k for k in part if stream.name == "slow" or not 30 <= k < 40]
            for run in ([k for k in inside if k < 30], [k for k in inside if k >= 30]):
                if run:
                    yield run[0], np.array([[k + 1000.0 * row for k in run] for row in rows])

    def close(self):
        self.closed += 1


class Player(MeasuredSource):
    def open_recording(self):
        return Played(Path(self.path))


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "played"
    file.write_bytes(b"x")
    return str(file)


def played(path, **config):
    return list(Player(path=path, **config).frames())


@pytest.mark.contract("W1", "W3")
def test_a_gap_is_a_jump_in_position_and_never_filled(path):
    got = played(path, stream="fast", frame_size=8)
    assert [(one.start_sample, one.n) for one in got] == [
        (0, 8), (8, 8), (16, 8), (24, 6), (40, 8), (48, 8), (56, 8), (64, 8), (72, 8), (80, 8), (88, 8),
        (96, 4),
    ]  # fmt: skip
    values = np.concatenate([one.samples for one in got], axis=1)
    assert values[0].tolist() == [*range(30), *range(40, 100)]
    assert values[1].tolist() == [1000 + k for k in values[0]]
    assert [one.timestamp for one in got[:2]] == [5_000_000, 5_800_000]
    assert got[4].timestamp == 9_000_000


@pytest.mark.contract("W1", "W3")
def test_a_graph_sees_the_gap(path):
    run = run_node(Player, config={"path": path, "stream": "fast", "frame_size": 64})
    assert [(one.start_sample, one.n, one.gap) for one in run] == [(0, 30, 0), (40, 60, 10)]


@pytest.mark.contract("W2")
def test_the_stream_is_the_one_that_has_the_channels(path):
    got = played(path, select=["b"], channels=["mic"], scale=-2.0, frame_size=1000)
    assert got[0].channels == ("mic",)
    assert got[0].info.channels[0] == ChannelInfo("mic", "Pa", "sound pressure")
    assert got[0].samples[0, :3].tolist() == [-2000.0, -2002.0, -2004.0]
    assert played(path, select=["t"])[0].sample_rate == Fraction(1, 2)
    swapped = played(path, select=["b", "a"], frame_size=1000)[0]
    assert (swapped.channels, swapped.samples[:, 0].tolist()) == (("b", "a"), [1000.0, 0.0])


@pytest.mark.contract("W2")
@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, r"holds 2 streams of different rates - choose one by `stream`: 'fast' \(a, b, 10 Hz\), 's"),
        ({"select": ["a", "t"]}, "the channels a, t are not of one stream - read one stream each: 'fast'"),
        ({"select": ["c"]}, "has no channel 'c' - channels: a, b, t"),
        ({"stream": "medium"}, "has no stream 'medium' - 'fast'"),
        ({"stream": "slow", "select": ["a"]}, "has no channel 'a' - channels: t"),
        ({"stream": "fast", "channels": ["x"]}, "has 2 channels, but 1 are named"),
        ({"stream": "fast", "units": ["V"]}, "2 channels are read, but 1 units are given"),
        ({"stream": "slow", "start": 11.0}, "ends at 10 s: there is nothing to play from 11 s on"),
        ({"stream": "slow", "duration": 2.0}, "begins at 4 s: there is nothing to play from 0 s on for 2 s"),
    ],
)  # fmt: skip
def test_a_choice_that_does_not_work_is_said_in_words(path, config, words):
    with pytest.raises(FileError, match=words):
        played(path, **config)


@pytest.mark.contract("W2")
def test_the_time_range_is_that_of_the_recording_for_each_of_its_streams(path):
    """Slow begins 4 s after fast, so the same range lies at other positions of it."""
    fast = played(path, stream="fast", start=4.0, duration=3.0, frame_size=100)
    slow = played(path, stream="slow", start=4.0, duration=3.0)
    assert (fast[0].start_sample, fast[0].n, fast[0].timestamp) == (40, 30, 9_000_000)
    assert (slow[0].start_sample, slow[0].samples.tolist(), slow[0].timestamp) == (0, [[0, 1]], 9_000_000)
    early = played(path, stream="slow", start=1.0, duration=5.0)
    assert early[0].samples.tolist() == [[0]]


@pytest.mark.contract("W2")
def test_a_loop_keeps_its_gap(path):
    run = run_node(
        Player, config={"path": path, "stream": "fast", "start": 2.5, "duration": 2.0, "loop": True}, limit=4
    )
    assert [(one.start_sample, one.n, one.gap) for one in run] == [
        (25, 5, 0), (40, 5, 10), (45, 5, 0), (60, 5, 10),
    ]  # fmt: skip


@pytest.mark.contract("W2")
def test_units_are_those_of_the_file_unless_given(path):
    one = played(path, stream="fast", unit="mV")[0]
    assert [channel.unit for channel in one.info.channels] == ["mV", "mV"]
    each = played(path, stream="fast", units=["V", "Pa"])[0]
    assert [channel.label for channel in each.info.channels] == ["a [V]", "b [Pa]"]
    assert each.info.channels[1].quantity == "sound pressure"
    with pytest.raises(ParamError, match="units are given twice"):
        Player(path=path, unit="V", units=["V"])
    with pytest.raises(ParamError, match="/select/1: channel names must differ"):
        Player(path=path, select=["a", "a"])


@pytest.mark.contract("W1")
def test_the_file_is_closed_whatever_happens(path, monkeypatch):
    closed = []
    monkeypatch.setattr(Played, "close", lambda self: closed.append(1))
    played(path, stream="fast")
    with pytest.raises(FileError):
        played(path, stream="none")
    frames = Player(path=path, stream="fast").frames()
    next(frames)
    frames.close()
    run_node(Player, config={"path": path, "stream": "slow"})
    assert len(closed) == 4


@pytest.mark.contract("W10")
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("not\n  enough"), r"is damaged, or not a tape as it should be \(not enough\)"),
        (MemoryError(), "is damaged or too large for the memory"),
        (RecursionError(), r"\(RecursionError\)"),
        (ModuleNotFoundError("No module named 'tapelib'"), r"needs tapelib - pip install \"streamlab-core"),
        (PermissionError(13, "no", "x"), "no permission"),
        (OSError("odd"), r"\(odd\)"),
    ],
)  # fmt: skip
def test_whatever_a_library_raises_is_a_file_error(error, words):
    with pytest.raises(FileError, match=words) as caught, explained(Path("x"), "a tape", "tapelib"):
        raise error
    assert caught.value.__cause__ is error
    assert str(caught.value).startswith("x: ")


@pytest.mark.contract("W10")
def test_impossible_sizes_are_refused(path):
    class Absurd(Played):
        def open(self):
            return [StoredStream("x", StreamInfo(["a"], 1), self.count)]

    for rate, power in ((Fraction(10) ** 400, 400), (Fraction(1, 10**300), -301)):

        class Fast(Played):
            def open(self, rate=rate):
                return [StoredStream("x", StreamInfo(["a"], rate), 1)]

        with pytest.raises(FileError, match=f"claims a rate of about 1e{power} Hz"):
            Fast(Path(path))
    for count in (-1, 1 << 63):
        Absurd.count = count
        with pytest.raises(FileError, match="claims a length of"):
            Absurd(Path(path))

    class Wide(Played):
        def open(self):
            info = StreamInfo([str(k) for k in range(1 << 16)], 1)
            return [StoredStream(str(k), info, 1) for k in range(3)]

    with pytest.raises(FileError, match="has 196608 channels; 131072 are the most"):
        Wide(Path(path))


@pytest.mark.contract("W1")
@given(
    size=st.integers(1, 9),
    parts=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=10),
    fails=st.booleans(),
)
def test_recut_keeps_every_sample_and_every_gap(size, parts, fails):
    def blocks():
        at = 0
        for count, skip in parts:
            at += skip
            yield at, np.arange(at, at + count, dtype=float)[None]
            at += count
        if fails:
            raise FileError("x", "cut off")

    got = []
    try:
        for position, block in recut(blocks(), size):
            got.append((position, block))
    except FileError:
        assert fails
    expected, at = [], 0
    for count, skip in parts:
        at += skip
        expected += range(at, at + count)
        at += count
    assert [x for _, block in got for x in block[0]] == expected
    assert all(block[0, 0] == position for position, block in got)
    for (position, block), (then, _) in pairwise(got):
        assert block.shape[1] == size or then > position + block.shape[1]
    assert all(0 < block.shape[1] <= size for _, block in got)


@pytest.mark.contract("W1", "W7")
def test_content_decides_the_format_and_not_the_name(tmp_path):
    import soundfile

    path = tmp_path / "take.txt"
    soundfile.write(path, np.zeros((10, 2)), 8000, format="W64")
    with open_recording(path) as recording:
        stream = recording.stream_of(None)
        assert (stream.name, stream.length, stream.duration) == ("8000 Hz", 10, Fraction(1, 800))
        assert recording.facts["encoding"].startswith("W64")
        with pytest.raises(ValueError, match="read-only"):
            NO_GAPS[:] = 0
    for content, words in ((b"", "is empty"), (b"\0" * 20, "is of no format that can be read")):
        path.write_bytes(content)
        with pytest.raises(FileError, match=words):
            open_recording(path)
    with pytest.raises(FileError, match="no such file"):
        open_recording(tmp_path / "none")


@pytest.mark.contract("W2")
def test_channels_of_a_sound_file_can_be_selected(tmp_path):
    import soundfile

    soundfile.write(tmp_path / "take.wav", np.arange(12).reshape(4, 3) / 16, 8000)
    config = {"path": str(tmp_path / "take.wav"), "select": ["ch3", "ch1"], "channels": ["x", "y"]}
    got = join(run_node("WavFile", config=config).outputs)
    assert got.channels == ("x", "y")
    assert (got.samples * 16).tolist() == [[2, 5, 8, 11], [0, 3, 6, 9]]
