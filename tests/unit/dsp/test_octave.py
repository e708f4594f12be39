"""Filter banks: what they leave out, both engines, bits and sums under any cutting, gaps."""

from __future__ import annotations

import sys
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.dsp import _fast, sos
from streamlab.dsp.bands import bands_between
from streamlab.dsp.octave import HIGHEST_EDGE, OctaveBank, design_bank
from streamlab.dsp.octave_level import OctaveMeter
from streamlab.dsp.sos import SWEEP

F = Fraction
RATE = 8000.0
DESIGN = design_bank(RATE, 3, 50.0, 3150.0)
SIGNAL = np.random.default_rng(9).standard_normal((3, 3000))
needs_numba = pytest.mark.skipif(not find_spec("numba"), reason="numba, the extra `fast`, is not installed")
ENGINES = ["scipy", pytest.param("numba", marks=needs_numba)]


@pytest.mark.parametrize(
    ("rate", "fraction", "last", "note"),
    [
        (
            44100.0,
            3,
            "16k",
            "without the band 20k Hz: 20k Hz needs a sample rate of 47131 Hz, found 44100 Hz",
        ),
        (48000.0, 3, "20k", ""),
        (51200.0, 3, "20k", ""),
        (32000.0, 3, "12.5k", "without the bands 16k to 20k Hz: 16k Hz needs a sample rate of 37437.5 Hz"),
        (44100.0, 1, "8k", "without the band 16k Hz"),
    ],
)
def test_the_list_ends_where_the_rate_ends_it_and_says_so(rate, fraction, last, note):
    design = design_bank(rate, fraction, 20.0, 20_000.0)
    assert design.bands[-1].label == last
    assert design.note.startswith(note)
    assert bool(design.note) == bool(note)


def test_a_rate_that_allows_no_band_is_refused():
    with pytest.raises(ValueError, match=r"rate of 2362\.\d+ Hz or more for the band 1k Hz, found 2000 Hz"):
        design_bank(2000.0, 3, 1000.0, 2000.0)


def test_rates_fall_by_octaves_but_not_below_what_is_asked():
    factors = [stage.factor for stage in design_bank(48000.0, 3, 20.0, 20_000.0).stages]
    assert factors == [2**k for k in range(len(factors))]
    assert factors[-1] == 512
    design = design_bank(48000.0, 3, 20.0, 20_000.0, least_rate=1000.0)
    assert design.stages[-1].factor == 32
    assert [place for stage in design.stages[::-1] for place in stage.bands] == list(range(31))


def test_a_band_that_no_filter_can_keep_is_refused(monkeypatch):
    monkeypatch.setattr("streamlab.dsp.octave._LARGEST_ORDER", 3)
    with pytest.raises(ValueError, match="no filter of order 6 or less keeps class 1 for the band 1k Hz"):
        design_bank(48_001.0, 3, 1000.0, 1000.0)


@settings(max_examples=100)
@given(fraction=st.integers(1, 24), room=st.floats(1.0, 3.0))
def test_there_is_a_filter_wherever_the_rate_allows_one(fraction, room):
    (band,) = bands_between(fraction, 1000.0, 1000.0)
    design = design_bank(band.upper / HIGHEST_EDGE * room, fraction, band.centre, band.centre)
    assert design.bands == (band,)


def test_settling_is_slower_for_narrower_and_lower_bands():
    design = design_bank(48000.0, 3, 20.0, 16_000.0)
    settling = design.settling()
    # All bands have the same shape: the time goes with 1 / frequency.
    products = settling * [band.centre for band in design.bands]
    assert products[:-3] == pytest.approx(products[0], rel=0.25)
    for stage, signal in zip(design.stages, OctaveBank(1, design).block(np.eye(1, 96_000)), strict=True):
        for row, place in zip(signal[:, 0], stage.bands, strict=True):
            time = np.arange(len(row)) * stage.factor / 48000.0
            late = np.abs(row[time > settling[place] + 0.02])
            assert late.max() < 3e-3 * np.abs(row).max()


def bank(engine, channels=3):
    return OctaveBank(channels, DESIGN, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@given(sizes=st.lists(st.integers(0, 700), max_size=8))
def test_bits_of_signals_do_not_depend_on_cutting(engine, sizes):
    kernel = bank(engine)
    whole = kernel.block(SIGNAL)
    kernel.reset()
    at, parts = 0, []
    for size in [*sizes, 3000]:
        parts.append(kernel.block(SIGNAL[:, at : at + size]))
        at = min(at + size, 3000)
    for stage, expected in enumerate(whole):
        assert np.array_equal(np.concatenate([part[stage] for part in parts], axis=-1), expected)


@pytest.mark.parametrize("engine", ENGINES)
@given(data=st.data())
def test_sums_of_squares_are_those_of_the_signals(engine, data):
    cuts = np.array(sorted(data.draw(st.lists(st.integers(0, 3000), max_size=6))), dtype=np.int64)
    sums, counts = bank(engine).squares(SIGNAL, cuts)
    assert sums.shape == (len(DESIGN.bands), 3, len(cuts) + 1)
    signals = bank("scipy").block(SIGNAL)
    for stage, signal in zip(DESIGN.stages, signals, strict=True):
        inputs = np.arange(signal.shape[-1]) * stage.factor  # where each sample stands
        part = np.searchsorted(cuts, inputs, side="right")
        for k in range(len(cuts) + 1):
            rows = slice(stage.bands.start, stage.bands.stop)
            expected = np.square(signal[..., part == k]).sum(axis=-1)
            assert sums[rows, :, k] == pytest.approx(expected, rel=1e-12, abs=1e-14)
            assert counts[rows, k].tolist() == [np.count_nonzero(part == k)] * len(stage.bands)


@needs_numba
@pytest.mark.parametrize("channels", [1, 3, 32, 33, 70])
def test_both_engines_give_the_same(channels):
    signal = np.random.default_rng(channels).standard_normal((channels, SWEEP + 2000))
    signal[:, 1000:] = 0.0  # into silence, past the place where what has become nothing is made zero
    signal.flags.writeable = False
    kernels = bank("scipy", channels), bank("numba", channels)
    for block in np.split(signal, [1, 500, 501, 40_000, SWEEP, SWEEP + 7], axis=1):
        for one, other in zip(*(kernel.block(block) for kernel in kernels), strict=True):
            assert np.allclose(one, other, rtol=1e-9, atol=1e-150)
    assert bank("auto").engine == "numba"


def test_the_arithmetic_of_the_fast_engine(monkeypatch):
    """Without the compiler: plain Python that does what SciPy does, to the bit."""
    for name in ("run_section", "load", "sweep", "run_bands", "sum_bands", "halve"):
        monkeypatch.setattr(_fast, name, getattr(_fast, f"_{name}"))
    monkeypatch.setattr(_fast, "compile_kernels", lambda: None)
    monkeypatch.setattr(_fast, "SWEEP", 100)
    monkeypatch.setattr(sos, "SWEEP", 100)
    design = design_bank(RATE, 1, 1000.0, 2000.0)
    signal = np.random.default_rng(1).standard_normal((2, 330))
    signal[1, 20:] = 0.0
    kernels = OctaveBank(2, design, engine="scipy"), OctaveBank(2, design, engine="numba")
    cuts = np.array([0, 3, 50])
    for block in np.split(signal, [1, 60, 60, 200], axis=1):
        for one, other in zip(*(kernel.block(block) for kernel in kernels), strict=True):
            assert np.array_equal(one, other)
    kernels[0].reset()
    kernels[1].reset()
    for block in np.split(signal, [133], axis=1):
        sums, counts = kernels[0].squares(block, cuts)
        others = kernels[1].squares(block, cuts)
        assert others[0] == pytest.approx(sums, rel=1e-12)
        assert np.array_equal(others[1], counts)


def test_without_numba(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    _fast.compile_kernels.cache_clear()
    assert bank("auto").engine == "scipy"
    with pytest.raises(ValueError, match=r"needs the extra `fast`: .*numba"):
        bank("numba")


@needs_numba
def test_without_a_place_for_the_machine_code(monkeypatch):
    import numba

    compiler = numba.njit

    def no_cache(*kinds, **options):
        if options.pop("cache", False):
            raise RuntimeError("no locator available")
        return compiler(*kinds, **options)

    monkeypatch.setattr(numba, "njit", no_cache)
    _fast.compile_kernels.cache_clear()
    assert np.array_equal(bank("numba").block(SIGNAL)[0], bank("scipy").block(SIGNAL)[0])
    _fast.compile_kernels.cache_clear()


def test_an_unknown_engine_is_named():
    with pytest.raises(ValueError, match="auto, scipy or numba; found 'cuda'"):
        OctaveBank(1, DESIGN, engine="cuda")


def collect(meter, sizes, start=0):
    parts, at = [], 0
    for size in [*sizes, 3000]:
        parts.append(meter.feed(SIGNAL[:, at : at + size], start + at))
        at = min(at + size, 3000)
    return [part for part in [*parts, meter.rest()] if part is not None]


def meter(**more):
    return OctaveMeter(3, F(8000), F("0.0333"), low=50.0, high=3150.0, **more)


@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(0, 900), max_size=10),
    time=st.sampled_from([None, "F", "S"]),
    start=st.sampled_from([0, 100]),
)
def test_levels_do_not_depend_on_cutting(sizes, time, start):
    first, second = meter(time=time), meter(time=time)
    whole, parts = collect(first, [], start), collect(second, sizes, start)
    for name in ("start", "count", "mean", "last", "highest"):
        if time is None and name in ("last", "highest"):
            assert getattr(whole[0], name) is None
            continue
        joined = [np.concatenate([getattr(p, name) for p in some], axis=-1) for some in (whole, parts)]
        assert np.allclose(*joined, rtol=1e-11, atol=0, equal_nan=True), name
    assert np.allclose(first.totals().mean, second.totals().mean, rtol=1e-12)
    assert first.totals().count.tolist() == [3000]


def test_intervals_add_up_to_the_whole():
    one = OctaveMeter(3, F(8000), F(1, 8), low=50.0, high=3150.0)
    parts = collect(one, [500, 77])
    weights = np.concatenate([part.count for part in parts])
    means = np.concatenate([part.mean for part in parts], axis=-1)
    assert (means * weights).sum(axis=-1) / weights.sum() == pytest.approx(
        one.totals().mean[..., 0], rel=0.02
    )


def test_time_weighting_follows_a_tone():
    """Of a steady tone the weighted mean square is 1/2; five time constants later it has fallen by e^-5."""
    kernel = OctaveMeter(1, F(8000), F(1, 8), low=50.0, high=3150.0, time="F")
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 8000)[np.newaxis]
    labels = [band.label for band in kernel.design.bands]
    place = labels.index("1k")
    levels = kernel.feed(tone, 0)
    assert levels.last[0, place, -1] == pytest.approx(0.5, rel=1e-3)
    assert levels.mean[0, place, -1] == pytest.approx(0.5, rel=1e-3)
    silence = kernel.feed(np.zeros((1, 8000)), 16_000)
    assert silence.last[0, place, 4] == pytest.approx(0.5 * np.exp(-5), rel=0.05)
    assert silence.highest[0, place, 0] == pytest.approx(0.5, rel=0.02)


@pytest.mark.contract("F7")
def test_a_gap_begins_anew_and_spoils_its_intervals():
    kernel = OctaveMeter(1, F(8000), F(1, 10), low=50.0, high=3150.0)
    noise = SIGNAL[:1]
    first = kernel.feed(noise[:, :2000], 0)
    assert (first.first, first.count.tolist()) == (0, [800, 800])
    after = kernel.feed(noise, 4500)  # 2000 to 4499 are lost: intervals 2 to 5 are not whole
    assert kernel.missing == 2500
    assert (after.first, after.start.tolist()) == (6, [4800, 5600, 6400])
    assert after.count.tolist() == [800] * len(after.count)
    assert kernel.rest().start[0] == 4800 + 800 * len(after.count)
    assert kernel.totals().count.tolist() == [5000]
    kernel.reset()
    assert kernel.next is None
    assert kernel.missing == 0
    assert kernel.engine in ("scipy", "numba")
    assert np.array_equal(kernel.feed(noise[:, :2000], 0).mean, first.mean)


def test_asking_in_between_changes_nothing_though_short_blocks_wait():
    asked, silent = meter(), meter()
    for at in range(0, 1200, 40):
        part = SIGNAL[:, at : at + 40]
        one, other = asked.feed(part, at), silent.feed(part, at)
        assert (one is None) == (other is None)
        so_far = meter()
        so_far.feed(SIGNAL[:, : at + 40], 0)
        assert np.allclose(asked.totals().mean, so_far.totals().mean, rtol=1e-11, equal_nan=True)
        if asked.rest() is not None:
            assert np.allclose(asked.rest().mean, so_far.rest().mean, rtol=1e-11, equal_nan=True)
    assert np.allclose(asked.totals().mean, silent.totals().mean, rtol=1e-11)


def test_what_waits_when_a_gap_comes_is_in_the_whole():
    short, long = meter(), meter()
    for at in (0, 100, 200, 1000, 1100):
        short.feed(SIGNAL[:, at : at + 100], at)
    for first, last in ((0, 300), (1000, 1200)):
        long.feed(SIGNAL[:, first:last], first)
    assert np.allclose(short.totals().mean, long.totals().mean, rtol=1e-11)
    assert short.missing == long.missing == 700


def test_nothing_gives_nothing_and_little_gives_nan():
    kernel = OctaveMeter(1, F(8000), F(1, 16), low=50.0, high=3150.0)
    assert kernel.totals() is kernel.rest() is kernel.feed(np.empty((1, 0)), 0) is None
    kernel.feed(np.ones((1, 501)), 0)
    rest = kernel.rest()  # one sample, which no slow stage has
    assert np.isnan(rest.mean[0, 0, 0])
    assert np.isfinite(rest.mean[0, -1, 0])


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"two samples or more, found 0\.0001 s"):
        OctaveMeter(1, F(8000), F("0.0001"))
    with pytest.raises(ValueError, match="F, S or None; found 'I'"):
        OctaveMeter(1, F(8000), F(1), time="I")
