"""A run of frames in one block is a sequence of sealed frames."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab.core import DataFrame, FrameRun, StreamInfo
from streamlab.errors import FrameError

INFO = StreamInfo(["x", "y"], 1000)


def run(count=4, n=3, span=None, gap=7):
    heads = [DataFrame(1000 * k, 10 + k, metadata={"take": k}) for k in range(count)]
    block = np.arange(2.0 * count * n).reshape(2, count, n)
    step = n if span is None else span
    return FrameRun(heads, block, INFO, range(100, 100 + step * count, step), gap)


@pytest.mark.contract("F3", "F4")
def test_each_frame_is_a_sealed_view_of_the_block_with_the_header_of_its_head():
    frames = run()
    assert len(frames) == 4
    for at, frame in enumerate(frames):
        assert (frame.timestamp, frame.sequence_id) == (1000 * at, 10 + at)
        assert dict(frame.metadata) == {"take": at}
        assert (frame.start_sample, frame.gap, frame.span) == (100 + 3 * at, 0 if at else 7, None)
        assert frame.samples.tolist() == [[first + 3 * at + k for k in range(3)] for first in (0, 12)]
        assert np.shares_memory(frame.samples, frames.block)
        assert frame.sealed
        with pytest.raises(FrameError):
            frame.payload["x"] = [0.0] * 3
    with pytest.raises(ValueError, match="read-only"):
        frames.block[0] = 0.0


def test_it_is_a_sequence():
    frames = run()
    whole = list(frames)
    assert frames[1:] == whole[1:]
    assert frames[::-2] == whole[::-2]
    assert frames[-1] == whole[3] != whole[0]
    assert frames[2] in frames
    assert frames.index(whole[2]) == 2
    for beyond in (4, -5):
        with pytest.raises(IndexError):
            frames[beyond]


def test_what_is_derived_keeps_times_and_headers_and_spans_what_it_spanned():
    frames = run()
    info = StreamInfo(["peak"], 1000)
    tops = frames.derive(frames.block.max(axis=(0, 2))[None, :, None].copy(), info)
    assert [frame.samples.tolist() for frame in tops] == [[[14.0 + 3 * k]] for k in range(4)]
    assert [(frame.start_sample, frame.advance, frame.gap) for frame in tops] == [
        (100 + 3 * k, 3, 0 if k else 7) for k in range(4)
    ]
    assert {frame.info for frame in tops} == {info}
    assert [frame.sequence_id for frame in tops] == [10, 11, 12, 13]
