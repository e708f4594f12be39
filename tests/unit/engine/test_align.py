"""Align on the bench: values, ends, gaps, small and empty frames, deadlines, memory, metadata, errors."""

from __future__ import annotations

import asyncio
from fractions import Fraction as F
from math import floor

import numpy as np
import pytest

from join_kit import RAMP, Bench, in_loop, of, ramp
from streamlab.core import DataFrame, StreamInfo
from streamlab.errors import FrameError
from streamlab.testing import virtual_time

pytestmark = pytest.mark.contract("E3")

# -- values


@in_loop
def test_frames_of_one_rate_are_cut_to_those_of_the_first_input():
    bench = Bench().give(0, *of(1000, 4, 6)).give(1, *of(1000, 6, 4, name="y"))
    assert bench.spans() == [(4 * k, 4 * k + 4) for k in range(6)]
    assert bench.values(0) == bench.values(1) == [k * RAMP / 1000 for k in range(24)]
    assert bench.numbers() == list(range(6))
    assert bench.gaps() == [0] * 6
    assert [group[1].channels for group in bench.groups] == [("y",)] * 6


@in_loop
def test_linear_finds_a_straight_line_on_any_grid():
    # 30 samples at 48 Hz and 25 at 40 Hz are the same 0.625 s; on 64 Hz the ramp has whole numbers
    bench = Bench(rate=64, fill="linear").give(0, *of(48, 5, 6)).give(1, *of(40, 5, 5))
    bench.close(0).close(1)
    whole = [float(k) for k in range(40)]
    # Behind the last sample there is nothing to draw a line to: it is held until its input ends.
    for at, rate, n in ((0, 48, 30), (1, 40, 25)):
        last = float(RAMP * F(n - 1, rate))
        assert bench.values(at) == [min(value, last) for value in whole]
    assert {item.sample_rate for group in bench.groups for item in group} == {F(64)}


@in_loop
def test_hold_takes_the_newest_sample_at_or_before():
    bench = Bench(fill="hold").give(0, *of(1000, 10, 3)).give(1, *of(300, 3, 4))
    bench.close(0)
    assert bench.values(1) == [float(RAMP * F(floor(F(k * 300, 1000)), 300)) for k in range(30)]


@in_loop
def test_resample_needs_its_support_and_returns_a_sine_between_its_samples():
    frequency, size, count = 100.0, 50, 60
    bench = Bench(fill="resample")
    for number in range(count):
        for at, rate in ((0, 1000), (1, 1500)):
            n = size * rate // 1000
            time = np.arange(number * n, number * n + n) / rate
            bench.give(
                at,
                DataFrame.from_samples(
                    np.sin(2 * np.pi * frequency * time)[None, :],
                    StreamInfo(["x"], rate),
                    timestamp=number * size * 1000,
                    sequence_id=number,
                    start_sample=number * n,
                ),
            )
    # The kernel reaches 80 samples of the lower rate ahead, 80 ms, so the last two frames are not out yet.
    assert bench.spans()[-1] == ((count - 3) * size, (count - 2) * size)
    time = np.arange(len(bench.values(1))) / 1000
    inner = slice(100, None)
    expected = np.sin(2 * np.pi * frequency * time)
    np.testing.assert_allclose(bench.values(1)[inner], expected[inner], atol=2e-5)
    np.testing.assert_array_equal(bench.values(0), expected)
    bench.close(0).close(1)
    assert bench.spans()[-1] == ((count - 1) * size, count * size)


@in_loop
def test_timestamps_say_where_the_origin_of_a_stream_lies():
    # The second stream began 2.5 ms later, so its sample k lies at 2.5 + k ms: half a sample off the grid.
    first, later = of(1000, 10, 3, origin=1_000_000), of(1000, 10, 3, origin=1_002_500)
    bench = Bench(fill="linear").give(0, *first).give(1, *later)
    assert bench.spans() == [(3, 10), (10, 20), (20, 30)]  # 3 ms is the first point that both have
    assert bench.values(1) == pytest.approx([(k - 2.5) * RAMP / 1000 for k in range(3, 30)], abs=1e-14)
    assert bench.gaps() == [3, 0, 0]
    assert [group[1].timestamp for group in bench.groups] == [1_003_000, 1_010_000, 1_020_000]


@in_loop
def test_an_offset_of_whole_samples_needs_no_filling():
    nan = np.full((1, 10), np.nan)
    given = [item.replace(samples=nan if item.sequence_id == 1 else item.samples) for item in of(1000, 10, 3)]
    bench = Bench(fill="resample").give(0, *of(1000, 10, 4)).give(1, *(item.seal() for item in given))
    values = np.array(bench.values(1))
    assert np.isnan(values[10:20]).all()
    assert not np.isnan(values[:10]).any()
    assert not np.isnan(values[20:]).any()  # taken as it is: NaN does not spread


@in_loop
def test_stamps_that_jitter_do_not_move_the_samples_of_a_stream():
    jitter = [0, 7, -5, 300, -200, 40]
    items = [
        item.replace(timestamp=item.timestamp + late).seal()
        for item, late in zip(of(1000, 4, 6), jitter, strict=True)
    ]
    bench = Bench(fill="linear").give(0, *items).give(1, *of(1000, 4, 6))
    assert bench.values(0) == bench.values(1) == [k * RAMP / 1000 for k in range(24)]
    assert [group[0].timestamp for group in bench.groups] == [4000 * k for k in range(6)]


@in_loop
def test_frames_without_a_position_are_found_by_their_timestamps():
    # Whoever triggers by hand may leave start_sample at 0: the origin of each frame is then its own stamp.
    def loose(number, *values):
        return DataFrame(number * 4000, number, {"x": values}, sample_rate=1000).seal()

    bench = Bench()
    for number in range(3):
        bench.give(0, loose(number, 1, 2, 3, 4)).give(1, loose(number, *[number] * 4))
    bench.close(1)
    assert [group[1].samples[0].tolist() for group in bench.groups] == [[number] * 4 for number in range(3)]
    assert [group[0].timestamp for group in bench.groups] == [0, 4000, 8000]


# -- before all inputs have begun, and the ends


@in_loop
def test_before_all_inputs_have_begun_the_first_waits_and_the_others_are_not_read():
    bench = Bench(inputs=3).give(0, *of(1000, 4, 3)).give(1, *of(1000, 4, 3))
    assert bench.groups == []
    assert bench.counts(0) == (0, 0, 1)  # one is in hand, the others wait in the edge
    assert bench.receivers[0].statistics().queued == 2
    assert bench.receivers[1].statistics().queued == 2  # the cut asked for one frame of it
    bench.give(2, *of(1000, 12, 1))
    assert bench.spans() == [(0, 4), (4, 8), (8, 12)]


@in_loop
def test_the_stream_begins_where_all_have_begun_and_what_was_before_is_dropped_and_a_gap():
    late = [ramp(1000, number, start, 5) for number, start in ((0, 10), (1, 15))]
    bench = Bench().give(0, *of(1000, 4, 5)).give(1, *late)
    assert bench.spans() == [(10, 12), (12, 16), (16, 20)]
    assert bench.gaps() == [10, 0, 0]
    assert bench.counts(0) == (3, 2, 0)  # [0, 4) and [4, 8) found nothing; part of [8, 12) did


@pytest.mark.parametrize("fill", ["hold", "linear", "resample"])
@pytest.mark.parametrize("over", [0, 1])
def test_the_stream_ends_where_the_first_of_the_inputs_ends(fill, over):
    async def run():
        bench = Bench(rate=500, fill=fill)
        short, long = of(1000, 10, 3), of(1000, 10, 25)
        bench.give(over, *short).give(1 - over, *long)
        bench.close(over, "stopped", gap=7)
        assert bench.end is not None
        assert (bench.end.reason, bench.end.gap) == ("stopped", 3)  # 7 samples of 1 kHz are 3 of 500 Hz
        assert bench.spans()[-1][1] == 15
        assert sum(item.n for item, _ in bench.groups) == 15

    virtual_time(run)()


@in_loop
def test_an_input_that_ends_without_a_word_ends_the_stream():
    bench = Bench().give(0, *of(1000, 4, 2)).close(1, "stopped")
    assert (bench.groups, bench.end.reason, bench.end.gap) == ([], "stopped", 0)
    assert bench.counts(0) == (0, 1, 0)
    bench = Bench().close(0, gap=5)
    assert (bench.groups, bench.end.reason, bench.end.gap) == ([], "completed", 5)


@pytest.mark.contract("F7")
@in_loop
def test_what_found_nothing_before_the_end_is_a_trailing_gap():
    far = ramp(1000, 1, 100, 4)
    bench = Bench().give(0, *of(1000, 4, 4)).give(1, ramp(1000, 0, 0, 6), far).close(0, gap=2)
    assert bench.spans() == [(0, 4), (4, 6)]
    assert bench.end.gap == 16 - 6 + 2
    assert bench.counts(0) == (2, 2, 0)


# -- gaps


@pytest.mark.contract("F7")
@in_loop
def test_a_gap_in_another_input_cuts_a_frame_in_two_of_one_number():
    holed = [ramp(1000, 0, 0, 3), ramp(1000, 1, 7, 3, gap=4), ramp(1000, 2, 10, 10)]
    bench = Bench(fill="linear").give(0, *of(1000, 10, 2)).give(1, *holed)
    assert bench.spans() == [(0, 3), (7, 10), (10, 20)]
    assert bench.gaps() == [0, 4, 0]
    assert bench.numbers() == [0, 0, 1]
    assert bench.values(0) == bench.values(1)
    assert bench.counts(0) == (2, 0, 0)


@pytest.mark.contract("F7")
@in_loop
def test_gaps_of_several_inputs_add_up_to_what_is_missing():
    # The first loses [8, 12), the second [6, 14): nothing comes between 6 and 14.
    first = [ramp(1000, 0, 0, 8), ramp(1000, 1, 12, 8, gap=4)]
    second = [ramp(1000, 0, 0, 6), ramp(1000, 1, 14, 6, gap=8)]
    bench = Bench().give(0, *first).give(1, *second)
    assert bench.spans() == [(0, 6), (14, 20)]
    assert bench.gaps() == [0, 8]


@pytest.mark.contract("F7")
@pytest.mark.parametrize(("rate", "gap"), [(500, 50), (None, 100), (2000, 200)])
def test_a_gap_is_counted_in_samples_of_the_grid(rate, gap):
    async def run():
        first = [ramp(1000, 0, 0, 10), ramp(1000, 1, 110, 10, gap=100)]
        bench = Bench(rate=rate).give(0, *first).give(1, *of(1000, 10, 12))
        bench.close(0)
        assert bench.gaps() == [0, gap]

    virtual_time(run)()


@pytest.mark.contract("F7")
@in_loop
def test_a_gap_before_the_first_frame_is_not_forgotten():
    bench = Bench(rate=500).give(0, ramp(1000, 3, 100, 10, gap=100)).give(1, *of(1000, 10, 12))
    assert bench.gaps() == [50]
    # Not even where that frame is dropped itself.
    bench = Bench().give(0, ramp(1000, 1, 4, 4, gap=4), ramp(1000, 2, 8, 4)).give(1, ramp(1000, 0, 8, 8))
    assert (bench.spans(), bench.gaps()) == ([(8, 12)], [8])


@pytest.mark.contract("F7")
@in_loop
def test_a_gap_that_positions_do_not_show_is_passed_on():
    odd = DataFrame.from_samples(
        np.zeros((1, 4)), StreamInfo(["x"], 1000), sequence_id=1, start_sample=4, gap=9
    )
    bench = Bench().give(0, ramp(1000, 0, 0, 4), odd.seal()).give(1, *of(1000, 8, 1))
    assert bench.gaps() == [0, 9]


@pytest.mark.contract("F7")
@in_loop
def test_a_change_of_rate_starts_a_grid_anew_and_forgets_no_gap():
    before, after = of(1000, 4, 2), [ramp(500, 2, 4, 4), ramp(500, 3, 8, 4)]
    other = [ramp(1000, 0, 0, 5), ramp(1000, 1, 10, 14)]
    bench = Bench().give(0, *before, *after).give(1, *other)
    assert bench.spans() == [(0, 4), (4, 5), (5, 8), (8, 12)]
    # [5, 8) of 1 kHz are missing, and [4, 5) of 500 Hz with them: 1 + 1 samples of the new grid.
    assert bench.gaps() == [0, 0, 2, 0]
    assert [item.sample_rate for item, _ in bench.groups] == [1000, 1000, 500, 500]
    assert {group[1].sample_rate for group in bench.groups[2:]} == {F(500)}


# -- small frames, empty frames, memory


@in_loop
def test_frames_smaller_than_a_step_of_the_grid_are_used_and_not_dropped():
    bench = Bench(rate=100).give(0, *of(1000, 4, 30)).give(1, *of(100, 12, 1)).close(0)
    assert bench.spans() == [(k, k + 1) for k in range(12)]
    assert bench.values(0) == [float(k * RAMP / 100) for k in range(12)]
    assert bench.gaps() == [0] * 12
    assert bench.counts(0) == (30, 0, 0)


@pytest.mark.parametrize("fill", ["hold", "linear", "resample"])
@pytest.mark.parametrize("rate", [None, 100, 3000])
def test_an_empty_frame_changes_nothing_not_even_the_end(fill, rate):
    async def run():
        whole = (
            Bench(rate=rate, fill=fill).give(0, *of(1000, 4, 3)).give(1, *of(1000, 12, 1)).close(0).close(1)
        )
        items = of(1000, 4, 3)
        empty = [ramp(1000, 9, start, 0) for start in (0, 4, 12)]
        bench = Bench(rate=rate, fill=fill).give(0, empty[0], items[0], empty[1], *items[1:], empty[2])
        bench.give(1, ramp(1000, 8, 0, 0), *of(1000, 12, 1)).close(0).close(1)
        assert bench.groups == whole.groups
        assert bench.end.gap == whole.end.gap == 0
        assert bench.counts(0) == (6, 0, 0)

    virtual_time(run)()


@pytest.mark.contract("B5")
@pytest.mark.parametrize("fill", ["hold", "linear", "resample"])
def test_the_buffer_does_not_grow_with_the_stream(fill):
    async def run():
        bench = Bench(fill=fill)
        for number in range(100):
            bench.give(0, ramp(1000, number, 40 * number, 40)).give(1, ramp(500, number, 20 * number, 20))
        held = [sum(piece.length for piece in pieces) for pieces in bench.inlet._pieces]
        notes = [sum(len(piece.notes) for piece in pieces) for pieces in bench.inlet._pieces]
        # At most the kernel on both sides (80 samples of 500 Hz: 160 of the first input) and a frame or two.
        assert held[0] <= 2 * 160 + 80
        assert held[1] <= 2 * 80 + 40
        assert max(notes) <= 12

    virtual_time(run)()


@pytest.mark.contract("B5")
@pytest.mark.parametrize("late", [True, False])
def test_nor_where_nothing_ever_matches(late):
    async def run():
        bench = Bench(deadline=1.0)
        for number in range(50):
            bench.give(0, ramp(1000, number, 40 * number, 40))
            if late:  # always ten frames behind: every frame of the first is dropped before
                bench.give(1, ramp(1000, number, 40 * (number - 10), 40))
            await asyncio.sleep(1.5)
            bench.take()
        assert bench.groups == []
        assert bench.counts(0)[1] >= 49
        assert max(sum(piece.length for piece in pieces) for pieces in bench.inlet._pieces) <= 80

    virtual_time(run)()


# -- deadline, failure, metadata, errors


@pytest.mark.contract("F7")
@virtual_time
async def test_after_its_deadline_a_frame_is_dropped_and_the_next_group_says_what_is_missing():
    bench = Bench(deadline=2.0).give(0, *of(1000, 4, 2))
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(1.9)
    bench.take()
    assert not waiting.done()
    assert bench.counts(0) == (0, 0, 1)
    await waiting
    assert asyncio.get_running_loop().time() == 2.0
    bench.take()
    assert bench.counts(0) == (0, 1, 1)  # the second waits now, for two seconds of its own
    bench.give(1, ramp(1000, 0, 0, 6))
    await asyncio.sleep(2.5)
    bench.take()  # two of its samples had come, and all of them are needed before anything is cut
    bench.give(0, ramp(1000, 2, 8, 4)).give(1, ramp(1000, 1, 6, 6))
    assert (bench.spans(), bench.gaps(), bench.numbers()) == ([(8, 12)], [8], [2])
    assert bench.counts(0) == (1, 2, 0)


@virtual_time
async def test_a_deadline_in_the_middle_of_a_frame_drops_its_rest_only():
    bench = Bench(deadline=1.0).give(0, *of(1000, 10, 1))
    bench.give(1, ramp(1000, 0, 0, 4), ramp(1000, 1, 6, 2))
    assert bench.spans() == [(0, 4)]
    await asyncio.sleep(1.5)
    bench.take()
    assert bench.counts(0) == (1, 0, 0)  # part of it came out: it was not dropped
    bench.give(0, ramp(1000, 1, 10, 4)).give(1, ramp(1000, 2, 8, 8))
    assert (bench.spans(), bench.gaps()) == ([(0, 4), (10, 14)], [0, 6])


@pytest.mark.parametrize("rate", [None, 2000])
def test_a_group_that_fails_fails_the_frame_of_the_first_input(rate):
    async def run():
        bench = Bench(rate=rate)
        for at in (0, 1):
            for item in of(1000, 4, 2):
                bench.senders[at].try_send(item)
        assert bench.inlet.poll() is not None
        bench.inlet.fail()
        state = bench.receivers[0].statistics()
        assert (state.failed, state.dropped, state.taken) == (1, 0, 0)
        assert state.sent == state.done + state.failed + state.queued

    virtual_time(run)()


@virtual_time
async def test_who_waits_is_woken_by_the_input_that_is_missing():
    bench = Bench().give(0, *of(1000, 4, 1))
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(1)
    bench.senders[0].try_send(ramp(1000, 1, 4, 4))
    await asyncio.sleep(1)
    assert not waiting.done()  # more of the first input would not help
    bench.senders[1].try_send(ramp(1000, 0, 0, 8))
    await waiting
    bench.take()
    assert bench.spans() == [(0, 4), (4, 8)]


@pytest.mark.contract("F8")
@in_loop
def test_each_input_brings_the_metadata_of_the_frame_that_held_the_first_sample():
    first = [ramp(1000, number, 10 * number, 10, take=number) for number in range(3)]
    other = [ramp(500, number, 3 * number, 3, valve=number) for number in range(5)]
    bench = Bench(fill="linear").give(0, *first).give(1, *other).close(1)
    assert [dict(group[0].metadata) for group in bench.groups] == [{"take": k} for k in range(3)]
    # Sample 0, 10 and 20 of the grid are samples 0, 5 and 10 of 500 Hz, in its frames 0, 1 and 3.
    assert [dict(group[1].metadata) for group in bench.groups] == [{"valve": k} for k in (0, 1, 3)]


@in_loop
def test_a_stream_without_a_rate_is_refused_with_the_name_of_its_edge():
    bench = Bench().give(0, *of(1000, 4, 1))
    bench.senders[1].try_send(DataFrame(0, 7, {"x": [1.0]}).seal())
    with pytest.raises(
        FrameError, match=r"align needs a sample rate on every input; 'in 2' brings DataFrame\(#7"
    ):
        bench.inlet.poll()
