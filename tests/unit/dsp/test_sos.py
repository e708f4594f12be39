"""Filtering a stream: the bits of the whole signal, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import sosfilt

from streamlab.dsp.design import design_sos
from streamlab.dsp.sos import SosFilter

BAND = design_sos("butterworth", "bandpass", (100.0, 1000.0), 8000.0, order=3)
HIGH = design_sos("butterworth", "highpass", 10.0, 8000.0, order=2)


def cut(kernel, signal, sizes):
    """Feed blocks of these sizes, then the rest; return what came out, joined."""
    parts, at = [], 0
    for size in [*sizes, signal.shape[1]]:
        block = signal[:, at : at + size]
        before = block.copy()
        parts.append(kernel.block(block))
        assert np.array_equal(block, before)
        at += block.shape[1]
    return np.concatenate(parts, axis=1)


SIGNAL = np.random.default_rng(1).standard_normal((3, 800))


@given(sizes=st.lists(st.integers(0, 150), max_size=12), start=st.sampled_from(["zero", "steady"]))
def test_bits_do_not_depend_on_cutting(sizes, start):
    whole = SosFilter(BAND, 3, start=start).block(SIGNAL)
    assert np.array_equal(cut(SosFilter(BAND, 3, start=start), SIGNAL, sizes), whole)


def test_sample_by_sample():
    assert np.array_equal(cut(SosFilter(BAND, 3), SIGNAL, [1] * 800), sosfilt(BAND, SIGNAL, axis=-1))


def test_the_whole_signal_is_that_of_scipy():
    assert np.array_equal(SosFilter(BAND, 3).block(SIGNAL), sosfilt(BAND, SIGNAL, axis=-1))


def test_long_streams_and_silence():
    """Past the places where a state that has become nothing is made zero."""
    rng = np.random.default_rng(2)
    signal = np.concatenate([rng.standard_normal((2, 70_000)), np.zeros((2, 90_000))], axis=1)
    signal[1, 100_000:] = 1e-150
    whole = SosFilter(BAND, 2).block(signal)
    assert np.array_equal(cut(SosFilter(BAND, 2), signal, [65_535, 1, 1, 65_533, 17]), whole)
    assert whole == pytest.approx(sosfilt(BAND, signal, axis=-1), rel=1e-12, abs=1e-190)
    assert not whole[0, 131_072:].any()  # exactly zero, not 1e-320 for ever


def test_a_steady_start_does_not_ring():
    offset = np.full((2, 500), [[5.0], [-3.0]])
    assert np.abs(SosFilter(HIGH, 2, start="steady").block(offset)).max() < 1e-12
    assert np.abs(SosFilter(HIGH, 2).block(offset)).max() > 2.9


def test_reset_is_as_new():
    kernel = SosFilter(BAND, 3, start="steady")
    first = kernel.block(SIGNAL)
    kernel.reset()
    assert np.array_equal(kernel.block(SIGNAL), first)


def test_other_types_of_numbers():
    integers = np.arange(12, dtype=np.int16).reshape(3, 4)
    assert np.array_equal(
        SosFilter(BAND, 3).block(integers), SosFilter(BAND, 3).block(integers.astype(float))
    )


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"shape \(3, n\), found \(2, 5\)"):
        SosFilter(BAND, 3).block(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"shape \(1, n\), found \(5,\)"):
        SosFilter(BAND, 1).block(np.zeros(5))
    with pytest.raises(ValueError, match="real numbers, found complex128"):
        SosFilter(BAND, 1).block(np.zeros((1, 5), complex))
    with pytest.raises(ValueError, match=r"shape \(k, 6\), found \(5,\)"):
        SosFilter(np.zeros(5), 1)
    with pytest.raises(ValueError, match="zero or steady"):
        SosFilter(BAND, 1, start="warm")
