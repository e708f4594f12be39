"""TdmsFile: channels by rate, scaled, with their place in time."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest
from nptdms import ChannelObject, GroupObject, RootObject, TdmsWriter

from recordings import write_tdms
from streamlab.errors import FileError
from streamlab.io._tdms import TdmsRecording
from streamlab.io.tdms_file import TdmsFile as TdmsNode
from streamlab.testing.harness import join, run_node

NOISE = np.random.default_rng(3).normal(size=1000)
START = np.datetime64("2024-01-02T03:04:05.500000", "us")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "take.tdms"


def channel(name, samples, group="rig", **told):
    return ChannelObject(group, name, np.asarray(samples), properties=told)


def write(path, *segments, root=None):
    with TdmsWriter(str(path)) as writer:
        for number, segment in enumerate(segments):
            objects = [RootObject(root)] if root and not number else []
            writer.write_segment([*objects, GroupObject("rig"), *segment])


@pytest.mark.contract("W6")
def test_channels_with_their_units_rate_and_start(path):
    write_tdms(path, [("mic", "Volts", NOISE), ("temperature", "°C", NOISE * 2)], 51200, wf_start_time=START,
               wf_start_offset=0.25)  # fmt: skip
    run = run_node("TdmsFile", config={"path": str(path), "frame_size": 300})
    got = join(run.outputs)
    assert [one.label for one in got.info.channels] == ["mic [V]", "temperature [degC]"]
    assert got.sample_rate == 51200
    assert got.timestamp == START.astype(int) + 250_000
    assert np.array_equal(got.samples, [NOISE, NOISE * 2])
    half = run_node("TdmsFile", config={"path": str(path), "select": ["temperature"], "start": 0.01})
    assert np.array_equal(join(half.outputs).samples, [NOISE[512:] * 2])


@pytest.mark.contract("W6")
@pytest.mark.parametrize("kind", ["i1", "u1", "<i2", "u2", "i4", "u4", "i8", "f4", "f8"])
def test_every_type_of_number_over_several_segments(path, kind):
    values = np.arange(100).astype(kind)
    write(
        path, [channel("x", values, wf_increment=0.125)], [channel("x", values + 1)], [channel("x", values)]
    )
    run = run_node("TdmsFile", config={"path": str(path)})
    assert join(run.outputs).samples.tolist() == [[*range(100), *range(1, 101), *range(100)]]
    assert run[0].sample_rate == 8


@pytest.mark.contract("W6")
def test_scaling_is_that_of_the_file(path):
    told = {
        "NI_Number_Of_Scales": 1, "NI_Scaling_Status": "unscaled", "NI_Scale[0]_Scale_Type": "Linear",
        "NI_Scale[0]_Linear_Slope": 0.25, "NI_Scale[0]_Linear_Y_Intercept": -3.0,
        "NI_Scale[0]_Linear_Input_Source": 0xFFFFFFFF, "wf_increment": 1.0,
    }  # fmt: skip
    write(path, [channel("x", np.arange(8, dtype="i2"), **told)])
    got = join(run_node("TdmsFile", config={"path": str(path)}).outputs)
    assert got.samples.tolist() == [[0.25 * k - 3.0 for k in range(8)]]


@pytest.mark.contract("W6", "W3")
@pytest.mark.parametrize("dates", [True, False])
def test_a_channel_of_time_gives_rate_and_gaps(path, dates):
    at = np.array([k for k in range(50) if k not in (7, 8)])
    stamps = START + (at * 200_000).astype("timedelta64[us]") if dates else at * 0.2 + 1.0
    write(path, [channel("time", stamps), channel("x", at.astype(float))])
    run = run_node("TdmsFile", config={"path": str(path)})
    assert [(one.start_sample, one.n, one.gap) for one in run] == [(0, 7, 0), (9, 41, 2)]
    assert (run[0].sample_rate, run[0].channels) == (5, ("x",))
    assert run[0].timestamp == (START.astype(int) if dates else 1_000_000)


def test_streams_by_rate_and_what_is_left_out(path):
    write(
        path,
        [channel("fast", NOISE, wf_increment=0.001), channel("slow", NOISE[:10], wf_increment=0.1)],
        [channel("words", ["a", "b"]), channel("lost", NOISE[:5])],
        [channel("fast", NOISE[:3], "other", wf_increment=0.001)],
        root={"title": "run 7", "operator": "A\nB"},
    )  # fmt: skip
    with TdmsRecording(path) as recording:
        assert [(one.name, one.rate, one.length) for one in recording.streams] == [
            ("1000 Hz", 1000, 1000), ("10 Hz", 10, 10), ("other", 1000, 3),
        ]  # fmt: skip
        assert recording.facts == {"title": "run 7", "operator": "A B"}
        assert sorted(recording.notes) == [
            "channel 'lost' is left out: the file has no rate for it",
            "channel 'words' is left out: it has no numbers",
        ]
    assert (
        run_node("TdmsFile", config={"path": str(path), "rate": 2.5, "select": ["lost"]})[0].sample_rate
        == 2.5
    )
    write(path, [channel("lost", NOISE)])
    with pytest.raises(FileError, match="has no channels of numbers with a rate - give the rate by `rate`"):
        TdmsRecording(path)


def test_equal_names_in_groups_of_one_rate(path):
    told = {"wf_increment": 0.5}
    write(path, [channel("x", NOISE, "a", **told), channel("x", -NOISE, "b", **told)])
    got = join(run_node("TdmsFile", config={"path": str(path)}).outputs)
    assert got.channels == ("a/x", "b/x")
    assert np.array_equal(got.samples, [NOISE, -NOISE])


@pytest.mark.contract("W6")
def test_a_file_that_was_cut_off_gives_what_is_there(path):
    write(path, [channel("x", NOISE, wf_increment=0.001)], [channel("x", NOISE)])
    data = path.read_bytes()
    path.write_bytes(data[:-4000])
    got = []
    with pytest.raises(FileError, match="in its last segment: 500 samples of /'rig'/'x' are missing"):
        for frame in TdmsNode(path=str(path)).frames():
            got += frame.samples[0].tolist()
    assert np.array_equal(got, [*NOISE, *NOISE[:500]])


@pytest.mark.contract("W6")
@pytest.mark.parametrize(
    ("increment", "rate"),
    [(1 / 5000.024, Fraction(625003, 125)), (2e-5, 50000), (1.9999999999999998e-05, 50000), (1e-3 / 3, 3000),
     (300.0, Fraction(1, 300)), (1 / 65536, 65536), (1 / 44100, 44100)],
)  # fmt: skip
def test_the_rate_is_exact(path, increment, rate):
    write(path, [channel("x", NOISE, wf_increment=increment)])
    with TdmsRecording(path) as recording:
        assert recording.streams[0].rate == rate


def test_a_file_that_is_none(path):
    path.write_bytes(b"TDSm" + b"\x0e\0\0\0\x69\x12\0\0" + b"\xff" * 20)
    with pytest.raises(FileError, match="has no channels of numbers with a rate"):
        TdmsRecording(path)
    path.write_bytes(b"RIFF" + bytes(200))
    with pytest.raises(FileError, match="is damaged, or not a TDMS file as it should be"):
        TdmsRecording(path)


@pytest.mark.contract("W6")
def test_without_the_extra_the_error_says_how_to_get_it(path, monkeypatch):
    write(path, [channel("x", NOISE, wf_increment=1.0)])
    monkeypatch.setitem(sys.modules, "nptdms", None)
    with pytest.raises(FileError, match=r"reading a TDMS file needs nptdms") as caught:
        TdmsRecording(path)
    assert caught.value.hint == 'pip install "streamlab-core[files]"'
