"""DataFrame: what may be in it, its header, copies and comparison. Sealing is in test_sealing."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from streamlab import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FrameError

NAMES = st.sampled_from(["a", "b", "c", "mic/1", "~", ""])
VALUES = st.lists(st.floats(width=64), max_size=4)


class PayloadIsADict(RuleBasedStateMachine):
    """The payload against a dict of lists: get, set, delete, order, equality; the length rule of F2."""

    @initialize(rows=st.dictionaries(NAMES, st.floats(), max_size=3), n=st.integers(0, 3))
    def begin(self, rows: dict[str, float], n: int) -> None:
        self.model = {name: [value] * n for name, value in rows.items()}
        self.frame = DataFrame(payload=self.model)

    @rule(name=NAMES, values=VALUES)
    def set(self, name: str, values: list[float]) -> None:
        others = {len(row) for key, row in self.model.items() if key != name}
        if others <= {len(values)}:
            self.frame.payload[name] = values
            self.model[name] = values
        else:
            with pytest.raises(FrameError, match="share one length"):
                self.frame.payload[name] = values

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if name in self.model:
            del self.model[name]
            del self.frame.payload[name]
        else:
            with pytest.raises(KeyError, match="no channel"):
                del self.frame.payload[name]

    @rule(name=NAMES)
    def pop(self, name: str) -> None:
        found = self.frame.payload.pop(name, None)
        expected = self.model.pop(name, None)
        assert (found is None) == (expected is None)
        assert expected is None or np.array_equal(found, expected, equal_nan=True)

    @rule(name=NAMES, at=st.integers(0, 3), value=st.floats())
    def write_into_a_row(self, name: str, at: int, value: float) -> None:
        if at < len(self.model.get(name, ())):
            self.frame.payload[name][at] = value
            self.model[name] = [*self.model[name][:at], value, *self.model[name][at + 1 :]]

    @rule()
    def clear(self) -> None:
        self.frame.payload.clear()
        self.model.clear()

    @rule(rows=st.dictionaries(NAMES, st.floats(), max_size=3))
    def assign(self, rows: dict[str, float]) -> None:
        self.model = {name: [value, -value] for name, value in rows.items()}
        self.frame.payload = self.model

    @invariant()
    def they_are_equal(self) -> None:
        payload, frame = self.frame.payload, self.frame
        assert list(payload) == list(self.model) == list(frame.channels)
        assert len(payload) == len(self.model)
        assert payload == self.model
        assert (payload == {**self.model, "other": []}) is False
        assert frame.samples.shape == (len(self.model), frame.n)
        assert frame.samples.dtype == np.float64
        for name, row in self.model.items():
            assert name in payload
            assert np.array_equal(payload[name], row, equal_nan=True)
            assert np.shares_memory(payload[name], frame.samples) == bool(row)
        assert payload.get("no such", 7) == 7


TestPayloadIsADict = pytest.mark.contract("F1", "F2")(PayloadIsADict.TestCase)


def test_a_failed_set_changes_nothing():
    frame = DataFrame(payload={"a": [1, 2], "b": [3, 4]}, sample_rate=10)
    before = copy.deepcopy(frame)
    for name, values in [("a", [1, 2, 3]), ("c", [1]), ("a", "text"), ("b", [1j, 2]), ("a", [[1, 2]])]:
        with pytest.raises(FrameError):
            frame.payload[name] = values
    with pytest.raises(FrameError):
        frame.payload.update(a=[5, 6], c=[1])
    frame.payload["a"] = [1, 2]
    assert frame == before


def test_a_channel_that_stays_keeps_what_is_known_of_it():
    info = StreamInfo([ChannelInfo("mic", "Pa"), ChannelInfo("acc", "m/s2")], 48000)
    frame = DataFrame(payload={"mic": [1], "acc": [2]}, info=info)
    frame.payload["new"] = [3]
    del frame.payload["acc"]
    assert frame.info is StreamInfo([ChannelInfo("mic", "Pa"), ChannelInfo("new")], 48000)


@pytest.mark.contract("F2")
def test_ragged_channels_are_named_with_their_lengths():
    with pytest.raises(FrameError, match="share one length; found left: 2, right: 3, mid: 2"):
        DataFrame(payload={"left": [1, 2], "right": [1, 2, 3], "mid": [0, 0]})


@pytest.mark.contract("F2")
@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("abc", "one row of numbers, found shape \\(\\)"),
        (3.0, "one row of numbers, found shape \\(\\)"),
        (None, "one row of numbers"),
        ([[1.0, 2.0]], "found shape \\(1, 2\\)"),
        (["1.0", "2.0"], "expected numbers, found"),
        ([1.0, None], "expected numbers, found object"),
        ([1.0, [2.0]], "expected numbers, found"),
        ([{}], "expected numbers, found object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "expected numbers, found datetime64"),
        ([Fraction(1, 3)], "expected numbers, found object"),
        ([10**5000], "expected numbers, found"),
        ([1j], "complex samples belong on a frequency or order axis, not on 'time'"),
    ],
)
def test_what_is_not_numbers_is_refused_by_name(values, found):
    with pytest.raises(FrameError, match=f"channel 'mic': .*{found}"):
        DataFrame(payload={"mic": values})


@pytest.mark.contract("F2")
@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1.5, -2.0),
        [True, False],
        range(4),
        np.arange(4, dtype=np.int8),
        np.arange(4, dtype=np.float32),
        np.arange(4, dtype=">f8"),
        np.arange(8.0)[::-2],
        [float("nan"), float("inf"), -float("inf"), -0.0],
        [],
    ],
)
def test_numbers_of_any_kind_become_float64(values):
    frame = DataFrame(payload={"a": values})
    assert frame.samples.dtype == np.dtype(np.float64)
    assert np.array_equal(frame.payload["a"], np.asarray(values, dtype=np.float64), equal_nan=True)


@pytest.mark.contract("F2")
@pytest.mark.parametrize("axis", ["frequency", "order"])
def test_complex_numbers_live_on_a_frequency_or_order_axis(axis):
    info = StreamInfo(["a", "b"], axis=axis)
    frame = DataFrame(payload={"a": [1 + 2j, 3], "b": [1, 2]}, info=info)
    assert frame.samples.dtype == np.complex128
    assert frame.samples.tolist() == [[1 + 2j, 3], [1, 2]]
    assert frame.with_samples(frame.samples * 1j).samples[0, 0] == -2 + 1j
    frame.payload["b"] = [0, 1j]
    assert frame.payload["b"].tolist() == [0, 1j]
    assert DataFrame.from_samples(np.ones((2, 1), np.complex64), info).samples.dtype == np.complex128


@pytest.mark.parametrize("axis", ["time", "band", "none"])
def test_complex_numbers_are_refused_elsewhere_on_every_way_in(axis):
    info = StreamInfo(["a"], axis=axis)
    frame = DataFrame(payload={"a": [1.0, 2.0]}, info=info)
    block = np.ones((1, 2), complex)
    for way in (
        lambda: DataFrame.from_samples(block, info),
        lambda: frame.with_samples(block),
        lambda: frame.replace(samples=block),
        lambda: frame.replace(payload={"a": block[0]}),
        lambda: frame.payload.update(a=block[0]),
    ):
        with pytest.raises(FrameError, match=f"not on '{axis}'"):
            way()


@pytest.mark.parametrize(
    "block",
    [np.ones((2, 3)), np.ones(3), np.ones((1, 1, 3)), 1.0, [[1.0], [1.0, 2.0]], [["a"]], np.array([[None]])],
)
def test_a_block_of_the_wrong_shape_or_type_is_refused(block):
    frame = DataFrame(payload={"a": [1.0, 2.0, 3.0]})
    with pytest.raises(FrameError, match="expected"):
        DataFrame.from_samples(block, frame.info)
    with pytest.raises(FrameError, match="expected"):
        frame.replace(samples=block)


@pytest.mark.contract("F3")
@pytest.mark.parametrize(
    "block",
    [
        np.arange(6.0).reshape(3, 2).T,
        np.arange(24.0).reshape(2, 12)[:, ::4],
        np.arange(6.0).reshape(2, 3)[:, ::-1],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(6, dtype=np.int16).reshape(2, 3),
        np.arange(6.0, dtype=">f8").reshape(2, 3),
        np.ma.masked_array(np.arange(6.0).reshape(2, 3)),
        [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]],
    ],
)
def test_samples_have_unit_stride_however_they_come_in(block):
    frame = DataFrame(payload={"a": [0, 0, 0], "b": [0, 0, 0]})
    made = [DataFrame.from_samples(block, frame.info), frame.replace(samples=block)]
    made += [frame.with_samples(block)] if isinstance(block, np.ndarray) else []
    for one in made:
        assert type(one.samples) is np.ndarray
        assert one.samples.dtype == np.dtype("=f8")
        assert one.samples.strides[1] == 8
        assert one.samples.tolist() == np.asarray(block).tolist()


@pytest.mark.contract("F3")
def test_a_fitting_block_is_taken_without_a_copy():
    info = StreamInfo(["a", "b"])
    wide = np.arange(40.0).reshape(4, 10)
    for block in (np.ones((2, 5)), wide[::2], wide[1:3, 2:7]):  # rows apart are fine
        assert DataFrame.from_samples(block, info).samples is block
        frame = DataFrame.from_samples(np.zeros(block.shape), info)
        assert frame.with_samples(block).samples is block
        assert frame.replace(samples=block).samples is block


def test_a_payload_is_copied():
    values = np.array([1.0, 2.0])
    frame = DataFrame(payload={"a": values})
    frame.payload["a"][0] = 9
    assert values.tolist() == [1.0, 2.0]
    frame.payload["b"] = values
    values[1] = 7
    assert frame.payload["b"].tolist() == [1.0, 2.0]


def test_info_and_payload_must_agree():
    info = StreamInfo(["a", "b"], 48000)
    assert DataFrame(payload={"a": [1], "b": [2]}, info=info).sample_rate == 48000
    with pytest.raises(FrameError, match=r"expected \['a', 'b'\], found \['b', 'a'\]"):
        DataFrame(payload={"b": [1], "a": [2]}, info=info)
    with pytest.raises(FrameError, match=r"expected \['a', 'b'\], found \[\]"):
        DataFrame(info=info)
    with pytest.raises(FrameError, match="sample_rate or info, not both"):
        DataFrame(payload={"a": [1], "b": [2]}, info=info, sample_rate=48000)


@given(payload=st.dictionaries(st.text(max_size=3), st.floats(), max_size=3), n=st.integers(0, 5))
def test_every_copy_is_equal_and_independent(payload, n):
    metadata = {"who": ["me"], "at": {"place": 1}}
    rows = {name: [value] * n for name, value in payload.items()}
    frame = DataFrame(5, 6, rows, metadata, sample_rate="5000.024", start_sample=7, gap=8, span=9)
    for twin in (pickle.loads(pickle.dumps(frame)), copy.deepcopy(frame), frame.replace(), copy.copy(frame)):
        assert twin == frame
        assert twin is not frame
        assert (twin.sealed, twin.info is frame.info) == (False, True)
        twin.metadata["who"] = "you"
        assert frame.metadata == metadata
    for twin in (pickle.loads(pickle.dumps(frame.seal())), copy.deepcopy(frame)):
        assert twin == frame
        assert (twin.sealed, frame.replace().sealed) == (True, False)


def test_frames_compare_by_value_and_give_a_bool():
    def make(**changes):
        base = {"timestamp": 1, "sequence_id": 2, "start_sample": 3, "gap": 4, "span": 5}
        return DataFrame(payload={"a": [1.0, float("nan")]}, metadata={"m": 1}, **(base | changes))

    assert (make() == make()) is True
    assert (make() == make().seal()) is True
    assert (make() != make()) is False
    for name in ("timestamp", "sequence_id", "start_sample", "gap", "span"):
        assert (make() == make(**{name: 99})) is False
    assert (make() == make().replace(metadata={})) is False
    assert (make() == make().replace(payload={"a": [1.0, 2.0]})) is False
    assert (make() == make().replace(payload={"b": [1.0, float("nan")]})) is False
    assert (make() == make(sample_rate=1)) is False
    assert (make() == {"a": [1.0]}) is False
    with pytest.raises(TypeError, match="unhashable"):
        hash(make())


@pytest.mark.contract("F1")
@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (np.arange(3), np.arange(3), True),
        (np.arange(3), np.arange(4), False),
        (np.arange(3), [0, 1, 2], False),
        (np.array(["a", "b"]), np.array(["a", "b"]), True),
        (np.array(["a", "b"]), np.array(["a", "c"]), False),
        (float("nan"), float("nan"), True),
        (float("nan"), 1.0, False),
        ({"k": [np.zeros(2), 1]}, {"k": [np.zeros(2), 1]}, True),
        ({"k": [np.zeros(2), 1]}, {"k": [np.ones(2), 1]}, False),
        ({"k": 1}, {"l": 1}, False),
        ([1, 2], [1, 2, 3], False),
        ([1], (1,), False),
        ("x", "x", True),
    ],
)
def test_metadata_with_arrays_and_nan_compares_to_a_bool(one, other, equal):
    assert (DataFrame(metadata={"m": one}) == DataFrame(metadata={"m": other})) is equal


@pytest.mark.parametrize("other", [{"a": ["x", "y"]}, {"a": [[1], [1, 2]]}, {"a": None}, {"a": [1.0]}])
def test_a_payload_compares_with_anything_to_a_bool(other):
    payload = DataFrame(payload={"a": [1.0, 2.0]}).payload
    assert (payload == other) is False
    assert (payload == {"a": (1, 2)}) is True
    assert (payload == 3) is False


@pytest.mark.contract("F1")
def test_the_repr_is_one_line():
    frame = DataFrame(1000, 1, {"mic1": [0.0] * 3, "mic2": [0.0] * 3}, sample_rate=44100, gap=5)
    assert repr(frame) == "DataFrame(#1 @ 1000us, [mic1, mic2] x 3, 44100 Hz, gap=5)"
    assert repr(DataFrame(1000, 1)) == "DataFrame(#1 @ 1000us, [no channels] x 0)"
    assert repr(DataFrame(payload={"a": [1.0]}).payload) == "{'a': array([1.])}"


def test_replace_takes_each_part_and_nothing_else():
    frame = DataFrame(1, 2, {"a": [1.0]}, {"m": 1}, sample_rate=8, start_sample=3, gap=4, span=5)
    assert frame.replace(metadata=None).metadata == {}
    assert frame.replace(payload={"b": [1.0, 2.0]}).channels == ("b",)
    assert frame.replace(payload={}).samples.shape == (0, 0)
    other = StreamInfo(["z"], 16)
    assert frame.replace(info=other).sample_rate == 16
    with pytest.raises(FrameError, match=r"shape \(2, n\)"):
        frame.replace(info=StreamInfo(["y", "z"]))
    with pytest.raises(TypeError, match="unexpected keyword 'sequence'"):
        frame.replace(sequence=3)
    header = {"timestamp": 9, "sequence_id": 8, "start_sample": 7, "gap": 6, "span": None}
    moved = frame.replace(**header)
    assert {name: getattr(moved, name) for name in header} == header
    assert np.shares_memory(moved.samples, frame.samples)
    assert frame.with_samples(np.ones((1, 4))).n == 4


def test_metadata_that_is_set_is_copied():
    facts = {"take": 1}
    frame = DataFrame(payload={"a": [1.0]}, metadata={"old": True})
    frame.metadata = facts
    facts["take"] = 2
    frame.metadata["mic"] = "left"
    assert dict(frame.metadata) == {"take": 1, "mic": "left"}
    assert facts == {"take": 2}
