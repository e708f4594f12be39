"""A sealed frame refuses writes through every view of it, taken before or after."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from streamlab import DataFrame, StreamInfo
from streamlab.errors import FrameError

HEADER = ("timestamp", "sequence_id", "start_sample", "gap", "span", "info", "samples", "payload", "metadata")


def made() -> DataFrame:
    return DataFrame(1, 2, {"a": [1.0, 2.0], "b": [3.0, 4.0]}, {"m": 1}, sample_rate=8, gap=3)


@pytest.mark.contract("F4")
@pytest.mark.parametrize("taken", ["before", "after"])
@pytest.mark.parametrize(
    "view",
    [
        lambda frame: frame.samples,
        lambda frame: frame.payload["a"],
        lambda frame: frame.payload["b"],
        lambda frame: next(iter(frame.payload.values())),
        lambda frame: dict(frame.payload)["b"],
        lambda frame: frame.replace(sequence_id=9).samples,
        lambda frame: pickle.loads(pickle.dumps(frame.seal())).samples,
    ],
)
def test_no_array_of_a_sealed_frame_can_be_written(view, taken):
    frame = made()
    if taken == "after":
        frame.seal()
    array = view(frame)
    frame.seal()
    before = frame.samples.tolist()
    for write in (
        lambda: array.__setitem__(..., 7.0),
        lambda: np.multiply(array, 2, out=array),
        lambda: array.sort(),
        lambda: array.ravel().__setitem__(0, 9.0),
        lambda: array[..., :1].__setitem__(..., 9.0),
    ):
        with pytest.raises(ValueError, match="read-only"):
            write()
    assert frame.samples.tolist() == before


@pytest.mark.contract("F4")
def test_no_part_of_a_sealed_frame_can_be_set():
    frame = made()
    payload, metadata = frame.payload, frame.metadata
    frame.seal()
    for name in HEADER:
        with pytest.raises(FrameError, match=f"the frame is sealed and {name} cannot be set; use replace"):
            setattr(frame, name, None)
    for write in (
        lambda: payload.__setitem__("a", [0.0, 0.0]),
        lambda: payload.update(a=[0.0, 0.0]),
        lambda: payload.__delitem__("a"),
        lambda: payload.pop("a"),
        lambda: payload.clear(),
        lambda: frame.payload.__setitem__("c", [0.0, 0.0]),
    ):
        with pytest.raises(FrameError, match="sealed"):
            write()
    with pytest.raises(TypeError):
        frame.metadata["m"] = 2
    with pytest.raises((TypeError, AttributeError)):
        frame.metadata.clear()
    metadata["m"] = 2  # whoever held the dict before has a dict, but not the frame's
    assert (frame.metadata["m"], list(frame.payload)) == (1, ["a", "b"])
    assert frame == made()


def test_sealing_is_for_good_and_copies_nothing():
    frame = made()
    block = frame.samples
    assert (frame.sealed, frame.seal() is frame, frame.sealed, frame.seal() is frame) == (
        False,
        True,
        True,
        True,
    )
    assert frame.samples is block
    assert isinstance(frame, DataFrame)
    assert repr(frame) == repr(made())


@pytest.mark.contract("F4")
def test_a_copy_to_change_is_made_on_the_first_write_only():
    frame = made().seal()
    twin = frame.replace(sequence_id=5)
    assert twin.samples is frame.samples
    twin.payload["a"] = [7.0, 8.0]
    twin.metadata["m"] = 9
    twin.gap = 0
    assert (twin.payload["a"].tolist(), twin.payload["b"].tolist()) == ([7.0, 8.0], [3.0, 4.0])
    assert not np.shares_memory(twin.samples, frame.samples)
    assert frame == made()


def test_metadata_of_two_unsealed_frames_is_not_shared():
    frame = made()
    for twin in (frame.replace(), frame.with_samples(frame.samples.copy())):
        twin.metadata["m"] = 2
        assert frame.metadata == {"m": 1}
    given = {"x": 1}
    kept = DataFrame(metadata=given)
    info = StreamInfo(["a"])
    owned = DataFrame.from_samples(np.zeros((1, 1)), info, metadata=given)
    given["x"] = 2
    assert (kept.metadata, owned.metadata) == ({"x": 1}, {"x": 1})


def test_an_empty_frame_can_be_sealed_and_filled():
    empty = DataFrame(1000, 1)
    assert (empty.samples.shape, empty.n, empty.advance, len(empty.payload)) == ((0, 0), 0, 0, 0)
    empty.payload["a"] = [1.0, 2.0]
    assert (empty.samples.shape, empty.advance) == ((1, 2), 2)
    assert DataFrame().metadata == {}
    sealed = DataFrame().seal()
    with pytest.raises(FrameError, match="channel 'a' cannot be set"):
        sealed.payload["a"] = [1.0]
    assert (dict(sealed.payload), dict(sealed.metadata)) == ({}, {})
