"""Verdicts and the time of day."""

from __future__ import annotations

import time
from itertools import permutations

import pytest

from streamlab.core import Outcome, Verdict
from streamlab.core.clock import epoch_us, external_work
from streamlab.core.verdict import worst
from streamlab.testing.virtual_loop import VirtualLoop

SEVERITY = ["PASS", "MARGINAL", "NOT_RUN", "FAIL", "INVALID"]  # the gravest last


@pytest.mark.contract("N10")
def test_only_pass_is_a_pass():
    assert [item.value for item in Outcome if Verdict(item).passed] == ["PASS"]
    assert {item.value for item in Outcome} == set(SEVERITY)


@pytest.mark.contract("N10")
@pytest.mark.parametrize("pair", list(permutations(SEVERITY, 2)))
def test_the_worst_of_several_verdicts_counts_and_other_values_do_not(pair):
    found = worst([{"level": 94.0}, *(Verdict(Outcome(name)) for name in pair), None, 5])
    assert found == Outcome(max(pair, key=SEVERITY.index))
    assert worst([1, "FAIL", None]) is None


@pytest.mark.contract("N10")
def test_an_invalidated_verdict_keeps_its_numbers_and_says_why():
    verdict = Verdict(Outcome.PASS, "below 85 by 3", 82.0, "dB", 1.5, "mic", 3.0, 40)
    cut = verdict.invalidated("the stream was cut off (failed)")
    assert (cut.outcome, cut.passed, cut.value, cut.channel, cut.count) == ("INVALID", False, 82.0, "mic", 40)
    assert str(cut) == "INVALID: the stream was cut off (failed)"
    assert (str(verdict), str(Verdict(Outcome.NOT_RUN))) == ("PASS: below 85 by 3", "NOT_RUN")


@pytest.mark.contract("F5")
def test_the_time_of_day_is_in_microseconds_and_virtual_on_a_virtual_loop():
    before = time.time_ns() // 1000
    assert before <= epoch_us() <= time.time_ns() // 1000
    loop = VirtualLoop(epoch=1_700_000_000_000_000)
    try:
        with external_work(loop):
            assert epoch_us(loop) == 1_700_000_000_000_000
    finally:
        loop.close()
