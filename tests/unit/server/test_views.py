"""What each kind of view sends, read by a reader of its own and compared with closed forms."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_kit import EOS, GAP, PEAK, RESET, View, cut_frames, stream_info
from streamlab.core import DataFrame, StreamInfo
from streamlab.server.live.points import Points
from streamlab.server.live.scope import crossings
from streamlab.server.live.tap import LeakyTap

RATE = 48000


def tone(frequency: float, seconds: float, amplitude: float = 1.0, rate: float = RATE) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)[None]


# --------------------------------------------------------------------------------------------------- strip


def test_a_strip_is_described_before_it_begins_and_its_columns_are_counted_from_sample_0() -> None:
    view = View("strip", window=2.0, columns=1200)
    first = view.feed(*cut_frames(tone(440.0, 1.0), stream_info(), 1024, start=960))
    (description,) = view.descriptions
    assert description["samples_per_column"] == [80, 1]
    assert description["rate"] == [48000, 1]
    assert description["origin"] == pytest.approx(1.0)
    assert description["channels"][0]["unit"] == "V"
    assert (first[0].first, first[0].flags, first[0].time) == (12, RESET, 0.02)
    assert sum(item.columns for item in view.frames) == 600
    (last,) = view.end()
    assert (last.flags, last.columns) == (EOS, 0)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6), st.integers(1, 4))
def test_a_strip_that_comes_in_pieces_is_the_same_strip(sizes: list[int], channels: int) -> None:
    samples = np.random.default_rng(1).standard_normal((channels, sum(sizes)))
    info = stream_info(channels)
    whole, parts = View("strip", window=2.0, columns=300), View("strip", window=2.0, columns=300)
    whole.feed(*cut_frames(samples, info, samples.shape[1]))
    whole.end()
    at = 0
    for size in sizes:
        parts.feed(*cut_frames(samples[:, at : at + size], info, 500, start=at))
        at += size
    parts.end()
    joined = [np.concatenate([item.strip[0] for item in view.frames]) for view in (whole, parts)]
    assert np.array_equal(*joined)


def test_a_loss_is_a_gap_and_counted() -> None:
    view = View("strip", window=1.0, columns=300)  # 160 samples a column
    info = stream_info()
    view.feed(*cut_frames(tone(440.0, 0.1), info, 480))
    frames = view.feed(*cut_frames(tone(440.0, 0.1), info, 480, start=9600, gap=4800))
    assert frames[-1].first == 60
    assert frames[-1].flags & GAP
    assert frames[-1].strip[1][0] == 1
    assert not frames[-1].strip[1][1:].any()
    assert sum(item.lost for item in frames) == 4800


def test_a_flood_shows_its_newest_window_only() -> None:
    view = View("strip", window=0.1, columns=300)
    samples = tone(440.0, 3.0)
    samples[0, -1] = 9.0
    frames = view.feed(*cut_frames(samples, stream_info(), 48000))
    assert sum(item.columns for item in frames) <= 302
    assert frames[0].flags & RESET
    assert frames[-1].strip[0].max() == 9.0


def test_a_stream_of_one_value_a_frame_is_a_strip_over_its_frames() -> None:
    info = StreamInfo(["mean"], RATE, "none")
    view = View("strip", window=2.0, columns=1200)
    frames = [
        DataFrame.from_samples(
            np.array([[float(k)]]), info, start_sample=1024 * k, span=1024, sequence_id=k
        ).seal()
        for k in range(50)
    ]
    view.feed(*frames)
    assert view.descriptions[0]["rate"] == [375, 8]
    assert view.descriptions[0]["samples_per_column"] == [1, 1]
    values = np.concatenate([item.strip[0] for item in view.frames])
    assert values[:, 0, 0].tolist() == list(range(50))
    assert [(item.first, item.columns, item.flags) for item in view.frames] == [(0, 50, RESET)]


def test_a_new_description_begins_a_new_generation() -> None:
    view = View("strip")
    view.feed(*cut_frames(tone(440.0, 0.1), stream_info(), 480))
    view.feed(*cut_frames(tone(440.0, 0.1, rate=44100), stream_info(1, 44100), 441))
    assert [item["generation"] for item in view.descriptions] == [1, 2]
    assert [item["rate"] for item in view.descriptions] == [[48000, 1], [44100, 1]]
    assert {item.generation for item in view.frames} == {1, 2}
    assert view.frames[-1].sequence == 0


def test_what_a_view_cannot_show_is_said_and_passes() -> None:
    view = View("strip", channels=["z"])
    assert view.feed(*cut_frames(tone(440.0, 0.1), stream_info(), 480)) == []
    assert view.stream.problem == "no channel 'z'; channels: a"
    other = View("levels")
    spectrum = StreamInfo(["a"], RATE, "frequency", points=[0.0, 1.0])
    assert other.feed(DataFrame.from_samples(np.ones((1, 2)), spectrum, span=1).seal()) == []
    assert other.stream.problem == "a level meter shows samples over time; these lie on the axis 'frequency'"
    assert other.feed(*cut_frames(tone(440.0, 0.1), stream_info(), 480))
    assert other.stream.problem is None


# ------------------------------------------------------------------------------------------------ spectrum


@pytest.mark.parametrize(
    ("scaling", "height"),
    [("rms", 2.0 / math.sqrt(2)), ("amplitude", 2.0), ("power", 2.0)],
)
@pytest.mark.parametrize("frequency", [440.0, 443.2, 9001.7])
@pytest.mark.parametrize("window", ["hann", "flattop", "blackmanharris"])
def test_a_tone_of_any_output_stands_at_its_frequency_and_height(
    scaling: str, height: float, frequency: float, window: str
) -> None:
    view = View("spectrum", scaling=scaling, window=window)
    (*_, last) = view.feed(*cut_frames(tone(frequency, 1.0, 2.0), stream_info(), 1024))
    _, _, peaks = last.spectrum
    assert peaks[0, 0] == pytest.approx(frequency, abs=0.06)  # a hundredth of a line
    assert peaks[0, 1] == pytest.approx(height, rel=2e-3)
    description = view.descriptions[0]
    assert description["resolution"] == RATE / 8192
    assert description["channels"][0]["unit"] == ("V^2" if scaling == "power" else "V")
    assert len(description["x"]) == last.columns


def test_the_density_of_white_noise_is_its_mean_square_over_the_band() -> None:
    noise = np.random.default_rng(3).standard_normal((2, 10 * RATE)) * 0.5
    view = View("spectrum", scaling="psd", average="exponential", count=1000, scale="linear", columns=4096)
    for at in range(0, noise.shape[1], RATE // 4):
        view.feed(*cut_frames(noise[:, at : at + RATE // 4], stream_info(2), RATE // 4, start=at))
    values, _, _ = view.frames[-1].spectrum
    assert values.shape[0] == 2
    expected = 0.25 / (RATE / 2)  # of lines one by one the mean; a point has the larger of one or two
    assert np.median(values) == pytest.approx(expected, rel=0.15)


def test_no_line_is_lost_where_there_are_more_than_points() -> None:
    view = View("spectrum", columns=64, size=8192, average="none")
    (*_, last) = view.feed(*cut_frames(tone(5000.0, 0.5), stream_info(), 4800))
    values, _, peaks = last.spectrum
    assert values.shape == (1, last.columns)
    assert last.columns <= 64
    assert values.max() == pytest.approx(peaks[0, 1], rel=0.16)  # the window's loss between two lines
    x = np.array(view.descriptions[0]["x"])
    assert abs(math.log(x[values[0].argmax()] / 5000.0)) < math.log(24000 / 5.86) / 60


@given(st.integers(2, 3000), st.integers(16, 400), st.sampled_from(["log", "linear"]))
def test_points_stand_for_each_line_once_and_in_order(lines: int, most: int, scale: str) -> None:
    places = np.arange(lines) * 5.86
    points = Points.of_lines(places, most, scale)
    assert len(points.x) <= most
    assert (np.diff(points.x) > 0).all()
    assert points.starts[0] == 0
    assert (np.diff(points.starts) > 0).all()
    for at in range(0, lines, max(1, lines // 40)):
        values = np.zeros((1, lines))
        values[0, at] = 1.0
        largest = points.largest(values)[0]
        assert largest.sum() == 1.0
        point = int(largest.argmax())
        assert points.starts[point] <= at
        assert point + 1 == len(points.starts) or at < points.starts[point + 1]


def test_held_peaks_stay_until_they_are_forgotten() -> None:
    view = View("spectrum", hold=True, average="none")
    info = stream_info()
    loud, quiet = tone(1000.0, 0.5, 4.0), tone(1000.0, 0.5, 1.0)
    view.feed(*cut_frames(loud, info, 4800))
    (*_, last) = view.feed(*cut_frames(quiet, info, 4800, start=24000))
    values, held, _ = last.spectrum
    assert last.flags & PEAK
    assert held is not None
    assert held.max() / values.max() == pytest.approx(4.0, rel=1e-3)
    view.stream.restart()
    (*_, last) = view.feed(*cut_frames(quiet, info, 4800, start=48000))
    assert last.spectrum[1].max() == pytest.approx(last.spectrum[0].max(), rel=1e-3)  # type: ignore[union-attr]


def test_no_spectrum_reaches_over_a_hole() -> None:
    view = View("spectrum", average="none", size=4096)
    info = stream_info()
    view.feed(*cut_frames(tone(1000.0, 0.3), info, 480))
    count = view.frames[-1].rows
    assert view.feed(*cut_frames(tone(1000.0, 4000 / RATE), info, 480, start=20000, gap=5600)) == []
    (frame,) = view.feed(*cut_frames(tone(1000.0, 96 / RATE), info, 96, start=24000))
    assert (frame.rows, frame.lost) == (count + 1, 5600)
    assert frame.flags & GAP


def test_frames_of_bands_are_shown_as_they_are() -> None:
    bands = [100.0, 125.0, 160.0, 200.0]
    info = StreamInfo(stream_info(2, unit="dB").channels, 1, "band", points=bands)
    view = View("spectrum")
    values = np.array([[50.0, 60.0, 70.0, np.nan], [1.0, 2.0, 3.0, 4.0]])
    (frame,) = view.feed(DataFrame.from_samples(values, info, span=1).seal())
    shown, _, peaks = frame.spectrum
    assert np.array_equal(shown, values.astype("f4"), equal_nan=True)
    assert peaks.tolist() == [[160.0, 70.0], [200.0, 4.0]]
    description = view.descriptions[0]
    assert (description["axis"], description["x"], description["decibels"]) == ("band", bands, True)


# ----------------------------------------------------------------------------------------------- waterfall


def test_a_row_of_a_waterfall_has_the_level_in_its_byte() -> None:
    view = View("waterfall", floor=-100.0, ceiling=0.0, window="flattop", columns=4096, scale="linear")
    view.feed(*cut_frames(tone(6000.0, 1.0, math.sqrt(2) * 0.1), stream_info(), 4800))  # -20 dB
    rows = np.concatenate([item.waterfall for item in view.frames])
    assert view.frames[0].first == 0
    x = np.array(view.descriptions[0]["x"])
    assert rows[-1].argmax() == np.abs(x - 6000.0).argmin()
    assert rows[-1].max() == 1 + round(254 * 0.8)
    assert view.descriptions[0]["row_seconds"] == pytest.approx(0.05, rel=0.25)
    assert rows.min() >= 1


def test_a_hole_in_a_waterfall_is_a_row_without_data() -> None:
    view = View("waterfall", size=1024)
    info = stream_info()
    view.feed(*cut_frames(tone(1000.0, 0.2), info, 4800))
    view.feed(*cut_frames(tone(1000.0, 0.2), info, 4800, start=14400, gap=4800))
    rows = np.concatenate([item.waterfall for item in view.frames])
    empty = [at for at, row in enumerate(rows) if not row.any()]
    assert len(empty) == 1
    assert [item.first for item in view.frames] == [0, len(view.frames[0].waterfall)]


def test_a_burst_between_two_rows_is_not_lost() -> None:
    view = View("waterfall", size=256, rate=0.5, floor=-60.0, ceiling=0.0)
    samples = np.zeros((1, 5 * RATE))
    samples[0, 70000:70100] = 1.0
    view.feed(*cut_frames(samples[:, :RATE], stream_info(), 4800))
    for at in range(RATE, 5 * RATE, 4800):
        view.feed(*cut_frames(samples[:, at : at + 4800], stream_info(), 4800, start=at))
    rows = np.concatenate([item.waterfall for item in view.frames])
    assert sum(bool(row.max() > 100) for row in rows) == 1


# --------------------------------------------------------------------------------------------------- scope


@given(
    st.lists(st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, math.nan]), min_size=1, max_size=60),
    st.sampled_from([0.0, 0.75, 1.5]),
    st.booleans(),
)
def test_crossings_are_those_of_the_definition(values: list[float], hysteresis: float, armed: bool) -> None:
    expected, state = [], armed
    for at, value in enumerate(values):
        if value >= 0.5:
            if state:
                expected.append(at)
            state = False
        elif value < 0.5 - hysteresis:
            state = True
    found, after = crossings(np.array(values), 0.5, hysteresis, armed)
    assert found.tolist() == expected
    assert after == state


def test_a_scope_stands_still_on_its_trigger() -> None:
    view = View("scope", window=0.01, level=0.5, pre=0.25)
    samples = tone(440.0, 2.0)
    for at in range(0, samples.shape[1], 800):
        view.feed(*cut_frames(samples[:, at : at + 800], stream_info(), 400, start=at))
    assert len(view.frames) > 50
    pictures = [item.strip[0][:, 0, 0] for item in view.frames]
    assert {item.trigger for item in view.frames} == {round(0.25 * 479) + 1}
    for item in view.frames:
        at = item.first + item.trigger - 1
        assert samples[0, at - 1] < 0.5 <= samples[0, at]
    spread = np.max(pictures, axis=0) - np.min(pictures, axis=0)
    assert spread.max() < 2 * np.pi * 440 / RATE  # the trigger lies between two samples, nothing else moves


def test_a_scope_without_a_trigger_runs_free_in_auto_and_waits_in_normal() -> None:
    for mode, least in (("auto", 10), ("normal", 0)):
        view = View("scope", mode=mode, level=5.0)
        samples = tone(440.0, 2.0)
        for at in range(0, samples.shape[1], 1600):
            view.feed(*cut_frames(samples[:, at : at + 1600], stream_info(), 1600, start=at))
        assert (len(view.frames) >= least) if least else view.frames == []
        assert all(item.trigger == 0 for item in view.frames)


def test_a_window_is_shown_once() -> None:
    view = View("scope", window=0.01, level=0.5, mode="normal")
    samples = np.concatenate([tone(440.0, 0.1), np.zeros((1, RATE))], axis=1)
    for at in range(0, samples.shape[1], 160):
        view.feed(*cut_frames(samples[:, at : at + 160], stream_info(), 160, start=at))
    windows = [item.first for item in view.frames]
    assert len(windows) > 20
    assert windows == sorted(set(windows))
    assert windows[-1] < 4800


def test_a_single_shot_is_taken_once_and_again_when_asked() -> None:
    view = View("scope", mode="single", level=0.5)
    samples = tone(440.0, 1.0)
    for at in range(0, 24000, 800):
        view.feed(*cut_frames(samples[:, at : at + 800], stream_info(), 800, start=at))
    assert len(view.frames) == 1
    view.stream.restart()
    for at in range(24000, 48000, 800):
        view.feed(*cut_frames(samples[:, at : at + 800], stream_info(), 800, start=at))
    assert len(view.frames) == 2


def test_no_window_of_a_scope_reaches_over_a_hole() -> None:
    view = View("scope", window=0.02, level=0.5)
    info = stream_info()
    view.feed(*cut_frames(tone(440.0, 0.019), info, 96))
    view.feed(*cut_frames(tone(440.0, 0.019), info, 96, start=1200, gap=288))
    assert view.frames == []


# ----------------------------------------------------------------------------------------- levels, numbers


def test_meters_show_rms_peak_and_held_peak() -> None:
    view = View("levels", hold=1.0)
    info = stream_info(2)
    samples = np.concatenate([tone(1000.0, 2.0, 2.0), tone(100.0, 2.0, 0.5)])
    samples[0, 10] = -7.0
    (first,) = view.feed(*cut_frames(samples[:, :RATE], info, 4800))
    table = first.table("<f4")
    assert table[:, 0] == pytest.approx([2 / math.sqrt(2), 0.5 / math.sqrt(2)], rel=0.02)
    assert table[0, 1:].tolist() == pytest.approx([7.0, 7.0, 0.0])
    (second,) = view.feed(*cut_frames(samples[:, RATE:], info, 4800, start=RATE))
    assert second.table("<f4")[0, 1:3] == pytest.approx([2.0, 2.0], rel=1e-3)  # the hold is over


def test_meters_rise_as_their_time_constant_says() -> None:
    view = View("levels", time_constant=0.125)
    info = stream_info()
    view.feed(*cut_frames(np.zeros((1, RATE)), info, 4800))
    (frame,) = view.feed(*cut_frames(tone(1000.0, 0.125, math.sqrt(2)), info, 480, start=RATE))
    assert frame.table("<f4")[0, 0] == pytest.approx(math.sqrt(1 - math.exp(-1)), rel=0.01)


def test_clipped_samples_are_counted() -> None:
    view = View("levels")
    samples = np.array([[0.0, 1.0, 1.0, -1.0, 0.5]])
    (frame,) = view.feed(*cut_frames(samples, stream_info(range=(-1.0, 1.0)), 5))
    assert frame.table("<f4")[0, 3] == 3.0
    assert frame.flags == 2


def test_numbers_are_exact_and_say_what_was_in_between() -> None:
    view = View("scalar")
    info = stream_info(1, 8)
    (frame,) = view.feed(*cut_frames(np.array([[1.0, 5.0, -3.0, 0.1 + 0.2]]), info, 1))
    assert frame.table("<f8")[0].tolist() == [0.1 + 0.2, -3.0, 5.0, (3.0 + (0.1 + 0.2)) / 4]
    assert frame.time == 0.5
    assert view.feed() == []


# ----------------------------------------------------------------------------------------------------- tap


def test_a_tap_that_is_not_fetched_loses_the_oldest_and_says_how_much() -> None:
    tap = LeakyTap()
    info = stream_info(64)
    frames = cut_frames(np.zeros((64, 20 * 4800)), info, 4800)  # 2.4 MB each; 32 MiB are 13 of them
    for frame in frames:
        assert tap.offer(frame)
    fetched = tap.fetch()
    assert [item.sequence_id for item in fetched] == list(range(7, 20))
    assert fetched[0].gap == 7 * 4800
    assert all(item.gap == 0 for item in fetched[1:])
    assert tap.fetch() == []


def test_the_ring_of_a_tap_holds_two_seconds_or_32_mib() -> None:
    fast, slow = LeakyTap(), LeakyTap()
    for frame in cut_frames(np.zeros((1, 10 * RATE)), stream_info(), 480):
        fast.offer(frame)
        fast.fetch()
    span = fast.ring[-1].start_sample - fast.ring[0].start_sample
    assert RATE * 2 <= span <= RATE * 2.6  # at least 256 frames, which are 2.56 s here
    for frame in cut_frames(np.zeros((64, 30 * 4800)), stream_info(64), 4800):
        slow.offer(frame)
        slow.fetch()
    assert sum(item.samples.nbytes for item in slow.ring) <= 32 * 2**20


def test_rates_that_are_no_whole_number_stay_exact() -> None:
    rate = Fraction(625003, 125)
    view = View("strip", window=2.0, columns=300)
    far = 10**12
    view.feed(*cut_frames(np.zeros((1, 5000)), stream_info(1, rate), 500, start=far))
    size = Fraction(*view.descriptions[0]["samples_per_column"])
    assert size == rate * 2 / 300
    first = view.frames[0].first
    assert math.floor(first * size) <= far < math.floor((first + 1) * size)
