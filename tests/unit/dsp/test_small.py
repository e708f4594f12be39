"""Statistics, limits and sample formats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.limits import Bounds
from streamlab.dsp.pcm import ENCODINGS, encode, width
from streamlab.dsp.statistics import mean_and_rms


def test_mean_and_rms_of_one_two_three():
    mean, rms = mean_and_rms(np.array([[1.0, 2.0, 3.0], [-2.0, 2.0, 0.0]]))
    assert mean.tolist() == [2.0, 0.0]
    assert rms == pytest.approx([math.sqrt(14 / 3), math.sqrt(8 / 3)], rel=1e-15)


def test_of_complex_numbers_the_magnitude_counts():
    mean, rms = mean_and_rms(np.array([[3 + 4j, 0j]]))
    assert (mean.tolist(), rms.tolist()) == ([2.5], [math.sqrt(12.5)])


@given(frames=st.integers(1, 9), count=st.integers(1, 3000), channels=st.integers(1, 3))
def test_many_frames_at_once_have_the_bits_of_each(frames, count, channels):
    block = np.random.default_rng(count).standard_normal((channels, frames, count))
    means, roots = mean_and_rms(block)
    for k in range(frames):
        mean, rms = mean_and_rms(np.ascontiguousarray(block[:, k]))
        assert np.array_equal(mean, means[:, k])
        assert np.array_equal(rms, roots[:, k])


def test_distance_to_the_nearest_bound():
    values = np.array([-2.0, 0.0, 4.0, 9.5, 11.0, np.inf, -np.inf, np.nan])
    both = Bounds(0.0, 10.0).distance(values)
    np.testing.assert_array_equal(both, [-2.0, 0.0, 4.0, 0.5, -1.0, -np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(Bounds(None, 10.0).distance(values)[-2:], [np.inf, np.nan])
    assert Bounds(0.0, None).distance(values)[4] == 11.0


@pytest.mark.parametrize(
    ("lower", "upper", "value", "words"),
    [
        (None, 80.0, 84.0, "above 80 by 4"),
        (None, 80.0, 71.5, "within bounds, 8.5 below 80"),
        (10.0, None, 9.0, "below 10 by 1"),
        (10.0, 80.0, 12.0, "within bounds, 2 above 10"),
        (10.0, 80.0, 90.0, "above 80 by 10"),
        (None, None, 1.0, "without bounds"),
    ],
)
def test_a_place_in_words(lower, upper, value, words):
    assert Bounds(lower, upper).place(value) == words


def decode(data: bytes, encoding: str) -> list[float]:
    """Read the bytes by the definition of each format."""
    size = width(encoding)
    parts = [data[k : k + size] for k in range(0, len(data), size)]
    if encoding.startswith("pcm"):
        return [int.from_bytes(part, "little", signed=True) / 2 ** (8 * size - 1) for part in parts]
    return np.frombuffer(data, "<f4" if size == 4 else "<f8").astype(float).tolist()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_are_interleaved_and_right(encoding):
    samples = np.array([[0.0, 0.5, -1.0], [0.25, -0.125, 0.75]])
    data, clipped = encode(samples, encoding)
    assert clipped == 0
    assert decode(data, encoding) == [0.0, 0.25, 0.5, -0.125, -1.0, 0.75]


@pytest.mark.parametrize(("encoding", "step"), [("pcm16", 2.0**-15), ("pcm24", 2.0**-23)])
def test_integers_round_and_clip(encoding, step):
    samples = np.array([[1.0, -1.0, 2.0, -np.inf, np.nan, 0.4 * step, 0.6 * step]])
    data, clipped = encode(samples, encoding)
    assert clipped == 4  # 1.0 itself is one step too large
    assert decode(data, encoding) == [1 - step, -1.0, 1 - step, -1.0, 0.0, 0.0, step]


def test_floats_hold_everything():
    data, clipped = encode(np.array([[1e300, np.nan, -np.inf]]), "float32")
    assert clipped == 0
    np.testing.assert_array_equal(decode(data, "float32"), [np.inf, np.nan, -np.inf])
