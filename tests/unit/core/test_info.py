"""StreamInfo and ChannelInfo: interned, immutable, exact."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab import ChannelInfo, StreamInfo
from streamlab.core.info import AXES, exact_rate
from streamlab.errors import FrameError

names = st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=4)
rates = st.one_of(st.none(), st.fractions(min_value=Fraction(1, 1000), max_value=10**9))


@pytest.mark.contract("F5")
@pytest.mark.parametrize(
    ("given_rate", "exact"),
    [
        (44100, Fraction(44100)),
        (44100.0, Fraction(44100)),
        (48000, Fraction(48000)),
        (51200, Fraction(51200)),
        (5000.024, Fraction(625003, 125)),
        ("5000.024", Fraction(625003, 125)),
        (0.1, Fraction(1, 10)),
        ("44100/1001", Fraction(44100, 1001)),
        (1e-3, Fraction(1, 1000)),
        (Fraction(1, 3), Fraction(1, 3)),
        (None, None),
    ],
)
def test_a_rate_is_the_decimal_that_was_written(given_rate, exact):
    assert exact_rate(given_rate) == exact
    assert StreamInfo(["a"], given_rate).sample_rate == exact


@pytest.mark.parametrize(
    "bad", [0, -1, -0.5, float("nan"), float("inf"), "fast", "", "1/0", True, False, Fraction(0), [48000]]
)
def test_a_bad_rate_says_what_it_found(bad):
    with pytest.raises(FrameError, match="positive number in Hz") as caught:
        StreamInfo(["a"], bad)
    assert repr(bad) in str(caught.value)


@pytest.mark.contract("F6")
@given(names, rates, st.sampled_from(AXES))
def test_equal_descriptions_are_one_object(channels, rate, axis):
    one = StreamInfo(channels, rate, axis)
    assert StreamInfo(list(channels), rate, axis) is one
    assert StreamInfo([ChannelInfo(name) for name in channels], rate, axis) is one
    assert StreamInfo([*channels, "one more of them"], rate, axis) is not one
    assert pickle.loads(pickle.dumps(one)) is one
    assert copy.copy(one) is one
    assert copy.deepcopy(one) is one


def test_a_rate_however_it_is_written_is_one_info():
    assert StreamInfo(["a"], 5000.024) is StreamInfo(["a"], "5000.024")
    assert StreamInfo(["a"], 48000) is StreamInfo(["a"], 48000.0)
    assert StreamInfo(["a"], 48000) is not StreamInfo(["a"], 48001)


def test_interning_from_many_threads_gives_one_object():
    made, barrier = [], threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        made.append(StreamInfo(["made in", "many threads"], 12345))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len({id(info) for info in made}) == 1


def test_infos_that_nobody_holds_are_forgotten():
    from streamlab.core import info as module

    gc.collect()
    before = len(module._interned)
    held = [StreamInfo([f"forgotten {number}"]) for number in range(50)]
    assert len(module._interned) == before + 50
    del held
    gc.collect()
    assert len(module._interned) == before


@pytest.mark.contract("F6")
def test_nothing_of_it_can_be_changed():
    info = StreamInfo([ChannelInfo("mic", "Pa")], 48000)
    for name, value in [("sample_rate", 1), ("channels", ()), ("names", ()), ("axis", "none"), ("new", 1)]:
        with pytest.raises(AttributeError, match=f"immutable; use replace\\({name}=...\\)"):
            setattr(info, name, value)
    with pytest.raises(AttributeError, match="immutable"):
        del info.sample_rate
    with pytest.raises(AttributeError):
        info.channels[0].unit = "V"  # type: ignore[misc]
    assert (info.names, info.sample_rate, info.channels[0].unit) == (("mic",), 48000, "Pa")


def test_replace_changes_what_it_names():
    info = StreamInfo(["a", "b"], 48000)
    assert info.replace() is info
    assert info.replace(sample_rate=96000) is StreamInfo(["a", "b"], 96000)
    assert info.replace(channels=["c"]) is StreamInfo(["c"], 48000)
    assert info.replace(channels=[]) is StreamInfo((), 48000)
    assert info.replace(axis="frequency") is StreamInfo(["a", "b"], 48000, "frequency")


def test_rows_are_found_by_name():
    info = StreamInfo(["left", "right"])
    assert [info.row(name) for name in ("left", "right")] == [0, 1]
    assert ("left" in info, "middle" in info, 3 in info) == (True, False, False)
    with pytest.raises(KeyError, match="no channel 'middle'; channels: left, right"):
        info.row("middle")
    with pytest.raises(KeyError, match="channels: none"):
        StreamInfo().row("middle")


@pytest.mark.parametrize(
    ("channels", "text"),
    [
        (["a", "b", "a", "b"], "a, b more than once"),
        (["a", 3], "names or ChannelInfo; found 3"),
        ([None], "found None"),
        ("mic", "list of names or ChannelInfo; found 'mic'"),
    ],
)
def test_channels_are_named_once_and_by_text(channels, text):
    with pytest.raises(FrameError, match=text):
        StreamInfo(channels)


def test_an_axis_is_one_of_five():
    with pytest.raises(FrameError, match="time, frequency, order, band, none; found 'space'"):
        StreamInfo(["a"], axis="space")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("channel", "label"),
    [
        (ChannelInfo("mic1"), "mic1"),
        (ChannelInfo("mic1", "Pa"), "mic1 [Pa]"),
        (ChannelInfo("mic1.Leq", "dB", reference="20 uPa"), "mic1.Leq [dB re 20 uPa]"),
    ],
)
def test_a_label_has_name_unit_and_reference(channel, label):
    assert channel.label == label


def test_repr_is_one_line_with_units_rate_and_axis():
    info = StreamInfo([ChannelInfo("mic", "Pa"), "aux"], 44100)
    assert repr(info) == "StreamInfo([mic [Pa], aux], 44100 Hz)"
    assert repr(StreamInfo(["a"], None, "frequency")) == "StreamInfo([a], frequency)"


@pytest.mark.contract("F6")
def test_points_of_an_axis():
    bands = StreamInfo(["mic"], 8, "band", [63, 125.9, 251.2])
    assert bands.points == (63.0, 125.9, 251.2)
    assert StreamInfo(["mic"], 8, "band", (63.0, 125.9, 251.2)) is bands
    assert StreamInfo(["mic"], 8, "band") is not bands
    assert pickle.loads(pickle.dumps(bands)) is bands
    assert bands.replace(sample_rate=4).points == bands.points
    assert bands.replace(axis="time").points == ()
    assert bands.replace(points=[1, 2]).points == (1.0, 2.0)


@pytest.mark.contract("F6")
@pytest.mark.parametrize(
    ("axis", "points"),
    [
        ("time", [1.0]),
        ("none", [1.0]),
        ("band", [2.0, 1.0]),
        ("order", [1.0, 1.0]),
        ("band", [1.0, float("inf")]),
    ],
)
def test_points_that_are_none(axis, points):
    with pytest.raises(
        FrameError, match="points are ascending numbers on one of the axes frequency, order, band"
    ):
        StreamInfo(["mic"], 8, axis, points)
