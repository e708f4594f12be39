"""What is kept of a stream: as much as its axis asks for, and no more however long it is."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.nodes.judgement.limit import Limit
from streamlab.report.columns import Mark
from streamlab.report.stretch import MOST_CHANNELS, Judging, Stretch

SIGNAL = StreamInfo([ChannelInfo("x", "Pa")], 48000)
LINES = StreamInfo([ChannelInfo("x", "dB", "RMS", "20 uPa")], 48000, "frequency", np.arange(513) * 46.875)
BANDS = StreamInfo([ChannelInfo("x", "dB", "Leq", "20 uPa")], 1, "band", [100.0, 1000.0])


def frame(info: StreamInfo, samples: np.ndarray, start: int, **rest) -> DataFrame:
    return DataFrame.from_samples(samples, info, start_sample=start, **rest).seal()


@pytest.mark.contract("W45")
@pytest.mark.parametrize("kind", ["signal", "levels", "spectra", "image"])
def test_memory_does_not_grow_with_the_stream(kind: str) -> None:
    random = np.random.default_rng(1)
    info, size, span = {"signal": (SIGNAL, 1024, None), "levels": (SIGNAL, 1, None)}.get(
        kind, (LINES, 513, 512)
    )
    blocks = [random.standard_normal((1, size)) for _ in range(16)]
    kept: list[Stretch] = []

    def feed(count: int, at: int) -> int:
        for number in range(count):
            one = frame(info, blocks[number % 16], at, span=span)
            if not kept:
                kept.append(Stretch(one, [], image=kind == "image"))
            kept[0].take(one)
            at += one.advance
        return at

    at = feed(3000, 0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        feed(12_000, at)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 600_000  # what waits to be looked at: 64 frames, or 2^15 values
    kept[0].settle()
    assert kept[0].frames == 15_000


def test_frames_are_looked_at_in_batches_and_none_is_left_out() -> None:
    random = np.random.default_rng(2)
    signal, at = random.standard_normal((1, 100_000)), 0
    kept: Stretch | None = None
    while at < signal.shape[1]:
        size = int(random.integers(1, 3000))
        one = frame(SIGNAL, signal[:, at : at + size].copy(), at)
        kept = kept or Stretch(one, [], image=False)
        kept.take(one)
        at += size
    kept.settle()
    edges = kept.columns.edges()
    assert kept.columns.width == 64
    high = [signal[0, a:b].max() for a, b in pairwise(edges)]
    np.testing.assert_array_equal(kept.columns.high[0], high)


@pytest.mark.contract("W47")
def test_gaps_and_the_end_of_a_stream_are_marked_where_they_are() -> None:
    kept = Stretch(frame(SIGNAL, np.ones((1, 10)), 100), [], image=False)
    for start, gap in ((100, 0), (115, 5), (125, 0)):
        kept.take(frame(SIGNAL, np.ones((1, 10)), start, gap=gap))
    kept.lose(7)
    lost = np.flatnonzero(kept.columns.marks & Mark.LOST) + kept.columns.origin
    assert lost.tolist() == [*range(110, 115), *range(135, 142)]
    assert kept.seconds(np.array([480]))[0] == 0.01


def test_what_a_frame_says_of_itself_is_marked() -> None:
    said = [
        {},
        {"partial": 0.5},
        {"settling": True},
        {"invalid": "overload"},
        {"invalid": "x", "partial": 1.0},
    ]
    kept = Stretch(frame(SIGNAL, np.ones((1, 1)), 0), [], image=False)
    for at, metadata in enumerate(said):
        kept.take(frame(SIGNAL, np.ones((1, 1)), at, metadata=metadata))
    kept.settle()
    assert kept.columns.marks.tolist() == [
        0,
        Mark.UNJUDGED,
        Mark.UNJUDGED,
        Mark.INVALID,
        Mark.UNJUDGED | Mark.INVALID,
    ]


def test_quantities_that_have_not_settled_are_left_out_and_the_others_are_not() -> None:
    info = StreamInfo([ChannelInfo("x.LAeq", "dB", "LAeq"), ChannelInfo("x.LAF90", "dB", "LAF90")], 1)
    first = frame(info, np.array([[70.0], [-266.0]]), 0, metadata={"settling": ("LAF90", "LAFmin")})
    kept = Stretch(first, [], image=False)
    kept.take(first)
    kept.take(frame(info, np.array([[71.0], [69.0]]), 1))
    kept.settle()
    np.testing.assert_array_equal(kept.columns.low, [[70.0, 71.0], [np.nan, 69.0]])
    assert kept.columns.marks[0] & Mark.SETTLING
    assert not kept.columns.marks[0] & Mark.UNJUDGED
    assert kept.columns.marks[1] == 0


def test_a_partial_interval_counts_by_its_length() -> None:
    kept = Stretch(frame(BANDS, np.full((1, 2), 60.0), 0, span=1), [], image=False)
    kept.take(frame(BANDS, np.full((1, 2), 60.0), 0, span=1))
    kept.take(frame(BANDS, np.full((1, 2), 80.0), 1, span=1, metadata={"partial": 0.25}))
    expected = 10 * np.log10((10**6 + 0.25 * 10**8) / 1.25)
    assert kept.curves.mean() == pytest.approx(np.full((1, 2), expected))
    assert kept.curves.high.tolist() == [[60.0, 60.0]]  # a judge does not look at the partial one


def test_of_many_channels_those_that_are_judged_are_kept() -> None:
    info = StreamInfo([ChannelInfo(f"c{at}.Leq") for at in range(99)], 10)
    judge = Judging("limit", "Limit", Limit(value="c90.Leq", upper=1.0))
    kept = Stretch(frame(info, np.zeros((99, 1)), 0), [judge], image=False)
    assert kept.rows == [*range(MOST_CHANNELS - 1), 90]
    samples = np.arange(99.0).reshape(-1, 1)
    kept.take(frame(info, samples, 0))
    kept.settle()
    assert kept.columns.high[:, 0].tolist() == [float(row) for row in kept.rows]


def test_frames_that_stand_for_others_lie_beside_each_other() -> None:
    """Statistics: one value for 480 samples, with no rate of its own."""
    info = StreamInfo(["x.mean"], 48000, "none")
    kept = Stretch(frame(info, np.zeros((1, 1)), 9600, span=480), [], image=False)
    for number in range(5):
        gap = 480 if number == 3 else 0
        start = 9600 + 480 * (number + (number >= 3))
        kept.take(frame(info, np.full((1, 1), float(number)), start, span=480, gap=gap))
    kept.settle()
    values = kept.columns.high[0]
    assert np.isnan(values[3])
    assert values[[0, 1, 2, 4, 5]].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert np.flatnonzero(kept.columns.marks & Mark.LOST).tolist() == [3]
    assert kept.seconds(kept.columns.edges()).tolist() == pytest.approx([0.2 + 0.01 * at for at in range(7)])
