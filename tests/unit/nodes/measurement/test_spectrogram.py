"""Spectrogram: each segment at its time."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.testing.harness import cut, run_node

PA = StreamInfo([ChannelInfo("mic", "Pa")], 1000)


def frame(samples, **header):
    return DataFrame.from_samples(np.asarray(samples, dtype=float)[None], PA, **header)


@pytest.mark.contract("M24")
def test_a_tone_that_jumps_is_seen_where_it_jumps():
    time = np.arange(500) / 1000
    signal = np.concatenate([np.sin(2 * np.pi * 100 * time), 2 * np.sin(2 * np.pi * 300 * time)])
    given = cut(frame(signal, timestamp=7_000_000), [77] * 12)
    run = run_node("Spectrogram", given, config={"size": 100, "overlap": 0.5, "scaling": "amplitude"})
    assert [out.start_sample for out in run] == list(range(0, 901, 50))
    assert [out.timestamp for out in run] == [7_000_000 + 50_000 * k for k in range(19)]
    assert {out.advance for out in run} == {50}
    for out in run:
        before, behind = out.start_sample + 100 <= 500, out.start_sample >= 500
        if before:
            assert out.samples[0, [10, 30]] == pytest.approx([1.0, 0.0], abs=1e-9)
        if behind:
            assert out.samples[0, [10, 30]] == pytest.approx([0.0, 2.0], abs=1e-9)


@pytest.mark.contract("M24", "F7")
def test_no_segment_spans_a_gap():
    given = [frame(np.ones(130)), frame(np.ones(220), start_sample=200, gap=70, timestamp=200_000)]
    run = run_node("Spectrogram", given, config={"size": 100, "overlap": 0.5})
    assert [out.start_sample for out in run] == [0, 200, 250, 300]
    assert run.result["mic"]["missing"] == 70
