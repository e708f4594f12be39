"""zip, latest and merge on the bench: what an end leaves behind, what a failure costs, who wakes whom."""

from __future__ import annotations

import asyncio
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from join_kit import Bench, in_loop
from streamlab.core.channel import Receiver, channel
from streamlab.core.ports import Join
from streamlab.engine.align import Align
from streamlab.engine.joins import Latest, Merge, Single, Zip, make_inlet
from streamlab.testing import virtual_time
from streams import frame, frames

pytestmark = pytest.mark.contract("E3")

REASONS = ("completed", "stopped", "cancelled", "failed")  # the gravest last


def receivers(count: int) -> list[Receiver]:
    return [channel(1)[1] for _ in range(count)]


@pytest.mark.parametrize(
    ("edges", "join", "several", "kind"),
    [
        (1, None, False, Single),
        (1, Join("merge"), False, Single),
        (2, Join("merge"), False, Merge),
        (2, None, True, Zip),
        (2, Join("zip", deadline=1.0), True, Zip),
        (2, Join("latest"), True, Latest),
        (3, Join("align"), True, Align),
    ],
)
def test_which_join_reads_what(edges, join, several, kind):
    ends = receivers(edges)
    inlet = make_inlet(ends, join, several)
    assert type(inlet) is kind
    assert list(inlet.receivers) == ends


# -- zip


@in_loop
def test_zip_waits_for_all_of_three_and_drops_what_one_of_them_lacks():
    bench = Bench(3, "zip")
    bench.give(0, *frames(4)).give(1, frame(0), frame(2), frame(3))
    assert bench.groups == []
    bench.give(2, *frames(4))
    assert bench.numbers() == [0, 2, 3]
    assert bench.gaps() == [0, 4, 0]
    assert [bench.counts(at) for at in range(3)] == [(3, 1, 0), (3, 0, 0), (3, 1, 0)]


@pytest.mark.contract("F7")
@pytest.mark.parametrize("waits", [True, False])
def test_what_a_longer_input_of_a_zip_has_beyond_the_end_is_no_gap(waits):
    async def run():
        bench = Bench(2, "zip").give(0, *frames(2))
        if waits:  # the third frame of the longer one is in hand when the shorter one ends, or not
            bench.give(1, *frames(5)).close(0)
        else:
            bench.give(1, *frames(2)).close(0).give(1)
        assert (bench.numbers(), bench.end.gap, bench.end.reason) == ([0, 1], 0, "completed")

    virtual_time(run)()


@pytest.mark.contract("F7")
@in_loop
def test_what_found_no_partner_before_the_end_of_a_zip_is_a_trailing_gap():
    bench = Bench(2, "zip").give(0, *frames(3)).give(1, frame(0), frame(3))
    bench.close(0, gap=5)
    assert (bench.numbers(), bench.end.gap) == (
        [0],
        4 + 4 + 5,
    )  # frames 1, 2, and what was lost after
    assert [bench.counts(at) for at in range(2)] == [(1, 2, 0), (1, 1, 0)]


@pytest.mark.contract("F7")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_trailing_gaps_and_reasons_a_zip_has_the_larger_and_the_graver(order):
    async def run():
        bench = Bench(2, "zip").give(0, *frames(2)).give(1, *frames(2))
        for at in order:
            bench.senders[at].close(("stopped", "completed")[at], gap=(3, 8)[at])
        bench.take()
        assert (bench.numbers(), bench.end.reason, bench.end.gap) == ([0, 1], "stopped", 8)

    virtual_time(run)()


@virtual_time
async def test_a_zip_waits_for_the_missing_input_only_and_not_beyond_its_deadline():
    bench = Bench(2, "zip", deadline=3.0).give(0, frame(0))
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(1)
    bench.senders[0].try_send(frame(1))  # of no use
    await asyncio.sleep(1)
    assert not waiting.done()
    await waiting
    assert asyncio.get_running_loop().time() == 3.0
    bench.take()
    assert bench.counts(0) == (0, 1, 1)  # the next one is in hand, with a deadline of its own
    bench.give(1, frame(1))
    assert (bench.numbers(), bench.gaps()) == ([1], [4])
    before = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(10)
    assert not waiting.done()  # nothing is in hand that a deadline could be for
    bench.senders[1].try_send(frame(2))
    await waiting
    assert asyncio.get_running_loop().time() - before == 10.0


@pytest.mark.parametrize("policy", ["zip", "latest"])
def test_a_group_that_fails_fails_the_frames_in_it(policy):
    async def run():
        bench = Bench(2, policy)
        for at in (1, 0):
            bench.senders[at].try_send(frame(0))
        assert bench.inlet.poll() is not None
        bench.inlet.fail()
        failed = [bench.receivers[at].statistics().failed for at in range(2)]
        # A frame of a slow input is kept for further groups, so it is the pace that fails.
        assert failed == ([1, 1] if policy == "zip" else [1, 0])
        assert [bench.counts(at)[2] for at in range(2)] == [0, 0]

    virtual_time(run)()


# -- latest


@pytest.mark.contract("F7")
@virtual_time
async def test_what_latest_dropped_before_the_end_is_a_trailing_gap():
    bench = Bench(2, "latest", deadline=1.0)
    for number in range(3):
        bench.give(0, frame(number))
        await asyncio.sleep(1.5)
        bench.take()
    bench.close(0, "stopped", gap=2)
    assert (bench.groups, bench.end.reason, bench.end.gap) == ([], "stopped", 14)
    assert bench.counts(0) == (0, 3, 0)


@pytest.mark.contract("F7")
@virtual_time
async def test_latest_ends_with_an_input_that_never_spoke_and_drops_what_waited_for_it():
    bench = Bench(3, "latest", deadline=1.0).give(0, frame(0)).give(2, frame(0))
    await asyncio.sleep(1.5)
    bench.give(0, frame(1)).close(1, "stopped", gap=77)
    # Frame 0 was lost on the way; frame 1 lies beyond the end; what the other input lost is not ours.
    assert (bench.groups, bench.end.reason, bench.end.gap) == ([], "stopped", 4)
    assert [bench.counts(at) for at in (0, 2)] == [(0, 2, 0), (1, 0, 0)]


@in_loop
def test_a_frame_that_latest_never_used_is_dropped():
    bench = Bench(3, "latest").give(1, frame(0), frame(1)).give(2, frame(0)).give(0, frame(0))
    bench.give(1, frame(2)).give(2, frame(1), frame(2)).close(0)
    assert [group[0].sequence_id for group in bench.groups] == [0]
    assert [bench.counts(at)[:2] for at in range(3)] == [(1, 0), (1, 2), (1, 2)]


@virtual_time
async def test_latest_wakes_for_its_pace_for_the_others_and_at_its_deadline():
    bench = Bench(2, "latest", deadline=2.0)
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(5)
    assert not waiting.done()
    bench.senders[1].try_send(frame(0))
    await waiting
    bench.take()
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(5)
    bench.senders[0].try_send(frame(0))
    await waiting
    bench.take()
    assert len(bench.groups) == 1
    alone = Bench(2, "latest", deadline=2.0).give(0, frame(0))
    began = asyncio.get_running_loop().time()
    await alone.inlet.wait()
    assert asyncio.get_running_loop().time() - began == 2.0


# -- merge


@pytest.mark.contract("E6", "N10")
@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("reasons", [REASONS[:3], REASONS[1:], ("completed", "failed", "completed")])
def test_a_merge_ends_no_better_than_any_of_its_inputs(order, reasons):
    async def run():
        bench = Bench(3, "merge")
        for at in order:
            assert bench.end is None
            bench.close(at, reasons[at], gap=at)
        assert bench.end.reason == max(reasons, key=REASONS.index)
        assert bench.end.gap == 3

    virtual_time(run)()


@in_loop
def test_a_merge_gives_back_the_slot_of_the_frame_that_it_gave():
    bench = Bench(2, "merge")
    bench.senders[0].try_send(frame(0))
    bench.senders[1].try_send(frame(0))
    assert bench.inlet.poll() is not None
    assert bench.inlet.poll() is not None
    bench.inlet.done()
    assert [bench.counts(at) for at in range(2)] == [(1, 0, 0), (0, 0, 1)]
    bench.inlet.fail()
    assert bench.receivers[1].statistics().failed == 1
    assert bench.inlet.poll() is None


@virtual_time
async def test_a_merge_waits_for_those_that_have_not_ended():
    bench = Bench(2, "merge").close(0)
    waiting = asyncio.create_task(bench.inlet.wait())
    await asyncio.sleep(1)
    assert not waiting.done()
    bench.senders[1].try_send(frame(0))
    await waiting


# -- zip against a model


@pytest.mark.contract("F7", "E6")
@given(
    have=st.lists(st.sets(st.integers(0, 9)), min_size=2, max_size=3),
    turns=st.lists(st.integers(0, 2), max_size=40),
)
def test_zip_pairs_what_all_have_whatever_way_it_came_in(have, turns):
    async def run():
        count = len(have)
        bench = Bench(count, "zip")
        waiting = [iter(sorted(numbers)) for numbers in have]
        for at in [turn % count for turn in turns] + [at for at in range(count) for _ in range(11)]:
            number = next(waiting[at], None)
            if number is not None:
                bench.give(at, frame(number))
            elif not bench.senders[at].closed:
                bench.close(at)
        common = sorted(set.intersection(*have))
        assert bench.numbers() == common
        # Between two pairs an input loses four samples with each frame of it that has no partner.
        before = -1
        expected = []
        for number in common:
            skipped = [sum(before < other < number for other in numbers) for numbers in have]
            expected.append(4 * max(skipped))
            before = number
        assert bench.gaps() == expected
        for at in range(count):
            state = bench.receivers[at].statistics()
            assert (state.done, state.taken) == (len(common), 0)
            assert state.sent == state.done + state.dropped + state.queued

    virtual_time(run)()
