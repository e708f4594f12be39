"""The sound level meter: gaps, settling, cutting. Its numbers are tested in ``reference``."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.dsp.soundlevel import IntervalSampler, SoundLevelMeter

F = Fraction
RATE = F(4000)
SIGNAL = np.random.default_rng(7).standard_normal((2, 8000)) * np.geomspace(1, 1e-2, 8000)


def collect(meter, sizes, start=0, signal=SIGNAL):
    """Feed blocks, then the rest; return each field with its stretches joined."""
    parts, at = [], 0
    for size in [*sizes, signal.shape[1]]:
        parts.append(meter.feed(signal[:, at : at + size], start + at))
        at = min(at + size, signal.shape[1])
    parts = [part for part in [*parts, meter.rest()] if part is not None]
    names = [field.name for field in fields(parts[0]) if field.name != "first"]
    return {name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names}


@given(
    sizes=st.lists(st.integers(0, 3000), max_size=8),
    time=st.sampled_from("FI"),
    peak=st.sampled_from("AC"),
    start=st.sampled_from([0, 17]),
)
def test_levels_do_not_depend_on_cutting(sizes, time, peak, start):
    def meter():
        return SoundLevelMeter(2, RATE, F("0.0333"), time=time, peak_weighting=peak)

    first, second = meter(), meter()
    whole, parts = collect(first, [], start), collect(second, sizes, start)
    for name, values in whole.items():
        assert np.allclose(values, parts[name], rtol=1e-11, atol=1e-11), name
    assert np.array_equal(first.exceeded([10, 90]), second.exceeded([10, 90]), equal_nan=True)
    for field in fields(first.totals()):
        assert np.allclose(getattr(first.totals(), field.name), getattr(second.totals(), field.name))


def test_what_has_not_settled_is_said_and_left_out_of_the_whole():
    meter = SoundLevelMeter(1, RATE, F(1, 4), weighting="Z", time="F")
    assert meter.settling == pytest.approx(0.625, abs=1e-3)
    levels = meter.feed(np.ones((1, 8000)), 0)
    assert levels.settled.tolist() == [False] * 3 + [True] * 5
    total = meter.totals()
    reference = 20 * np.log10(1 / 20e-6)
    assert total.equivalent.item() == pytest.approx(reference, abs=1e-9)
    # The detector began at zero; the lowest level is that after five time constants.
    assert levels.lowest[0, 0] < reference - 20
    assert total.lowest.item() == pytest.approx(reference + 10 * np.log10(1 - np.exp(-5.0)), abs=1e-3)
    assert meter.exceeded([5, 95])[0] == pytest.approx(reference, abs=0.03)


def test_before_settling_there_is_no_distribution():
    meter = SoundLevelMeter(1, RATE, F(1, 4))
    assert meter.totals() is meter.rest() is meter.feed(np.empty((1, 0)), 0) is None
    levels = meter.feed(np.sin(np.arange(1000.0))[np.newaxis], 0)
    assert np.isnan(meter.exceeded(50)).all()
    assert meter.totals().highest.item() == levels.highest.max()  # too low, if anything
    assert meter.totals().lowest.item() == np.inf


def test_an_offset_does_not_ring_at_the_beginning():
    wave = 0.01 * np.sin(np.arange(8000.0))[np.newaxis]
    alone, offset = SoundLevelMeter(1, RATE, F(1, 4)), SoundLevelMeter(1, RATE, F(1, 4))
    alone.feed(wave, 0)
    offset.feed(wave + 1.0, 0)
    assert offset.totals().highest == pytest.approx(alone.totals().highest, abs=1e-6)
    assert offset.totals().peak == pytest.approx(alone.totals().peak, abs=1e-3)


@pytest.mark.contract("F7")
def test_a_gap_begins_anew():
    meter = SoundLevelMeter(1, RATE, F(1, 10), weighting="Z")
    ones = np.ones((1, 4200))
    meter.feed(ones, 0)  # ten intervals, and half of the next
    later = meter.feed(ones, 6000)
    assert meter.missing == 1800
    assert meter.grid.start(15) == 6000
    assert (later.first, later.start[0]) == (15, 6000)
    fresh = SoundLevelMeter(1, RATE, F(1, 10), weighting="Z").feed(ones, 0)
    assert np.array_equal(later.last, fresh.last)
    assert np.array_equal(later.settled, fresh.settled)


def test_reset_is_as_new():
    meter = SoundLevelMeter(2, RATE, F(1, 10))
    before = collect(meter, [])
    meter.reset()
    assert meter.next is None
    after = collect(meter, [])
    for name, values in before.items():
        assert np.array_equal(values, after[name]), name


def test_a_reference_for_each_channel():
    meter = SoundLevelMeter(2, RATE, F(1), reference=np.array([[1.0], [10.0]]), weighting="Z", time="S")
    levels = meter.feed(np.tile(np.where(np.arange(4000) // 50 % 2, 1.0, -1.0), (2, 1)), 0)
    assert levels.equivalent[:, 0] == pytest.approx([0.0, -20.0], abs=1e-12)
    assert levels.peak[0, 0] - levels.peak[1, 0] == pytest.approx(20.0, abs=1e-9)


@given(start=st.integers(0, 10**12), sizes=st.lists(st.integers(0, 40), min_size=1, max_size=10))
def test_a_sampler_takes_the_last_of_each_interval(start, sizes):
    rate, interval = F("4410.3"), F(1, 300)
    sampler, found = IntervalSampler(rate, interval), []
    total = sum(sizes)
    numbers = np.arange(start, start + total, dtype=np.int64)[np.newaxis]
    at = 0
    for size in sizes:
        found += sampler.pick(numbers[:, at : at + size], start + at)[0].tolist()
        at += size
    wanted = [
        k for k in range(start, start + total) if (k / rate) // interval != ((k + 1) / rate) // interval
    ]
    assert found == wanted


def test_an_interval_under_a_sample_is_refused():
    with pytest.raises(ValueError, match=r"a sample or more, found 0\.0001 s"):
        SoundLevelMeter(1, RATE, F("0.0001"))
