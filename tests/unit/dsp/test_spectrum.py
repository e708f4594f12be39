"""Spectra: tones, noise and Parseval by closed forms, SciPy's whole-signal estimates as the oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from streamlab.dsp.cross import ESTIMATORS, CrossSpectrumAverager
from streamlab.dsp.segments import Segmenter, hop_for
from streamlab.dsp.spectrum import SCALINGS, RunningMean, SpectrumAverager, scaled
from streamlab.dsp.stft import Stft
from streamlab.dsp.window import WINDOWS, make_window

RATE = 1000.0
NOISE = np.random.default_rng(10).standard_normal((2, 3000))


def cut(feed, sizes, signal=NOISE):
    at = 0
    for size in [*sizes, signal.shape[1]]:
        yield feed(signal[:, at : at + size])
        at = min(at + size, signal.shape[1])


SIZES = st.lists(st.integers(0, 700), max_size=8)


@given(sizes=SIZES, size=st.integers(1, 120), hop=st.integers(1, 200))
def test_segments_lie_at_fixed_places(sizes, size, hop):
    segmenter = Segmenter(2, size, hop)
    parts = cut(lambda block: [np.copy(one) for one in segmenter.feed(block)], sizes)
    found = [segment for part in parts for segment in part]
    starts = range(0, 3000 - size + 1, hop)
    assert segmenter.count == len(found) == len(starts)
    for start, segment in zip(starts, found, strict=True):
        assert np.array_equal(segment, NOISE[:, start : start + size])


@pytest.mark.parametrize(
    ("overlap", "hop"), [(0.0, 1024), (0.5, 512), (0.75, 256), (2 / 3, 341), (0.9999, 1)]
)
def test_overlaps(overlap, hop):
    assert hop_for(1024, overlap) == hop


@pytest.mark.parametrize("window", WINDOWS)
def test_a_tone_on_a_line_has_its_amplitude(window):
    time = np.arange(4000) / RATE
    tone = np.stack([3.0 * np.cos(2 * np.pi * 125 * time + 0.4), np.full(4000, 2.0)])
    spectrum = SpectrumAverager(2, RATE, 200, window=window)
    spectrum.block(tone)
    line = 25
    assert spectrum.frequencies[line] == 125.0
    assert spectrum.spectrum("amplitude")[0, line] == pytest.approx(3.0, rel=1e-4)
    assert spectrum.spectrum("rms")[0, line] == pytest.approx(3.0 / math.sqrt(2), rel=1e-4)
    assert spectrum.spectrum("power")[0, line] == pytest.approx(4.5, rel=1e-4)
    for scaling in ("amplitude", "rms"):  # of an offset all are the same
        assert spectrum.spectrum(scaling)[1, 0] == pytest.approx(2.0, rel=1e-9)


def test_a_tone_at_half_the_rate():
    spectrum = SpectrumAverager(1, RATE, 100, window="rectangular")
    spectrum.block((-1.0) ** np.arange(500)[np.newaxis])
    for scaling in ("amplitude", "rms", "power"):
        assert spectrum.spectrum(scaling)[0, -1] == pytest.approx(1.0, rel=1e-12)
    odd = SpectrumAverager(1, RATE, 99, window="rectangular")  # no line stands for itself at the top
    odd.block(np.cos(2 * np.pi * 49 / 99 * np.arange(99))[np.newaxis])
    assert odd.spectrum("amplitude")[0, -1] == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("size", [128, 125])
def test_parseval(size):
    """The sum of the densities is the mean square of each windowed segment, over that of the window."""
    for window in ("rectangular", "hann"):
        spectrum = SpectrumAverager(2, RATE, size, window=window, overlap=0.0)
        spectrum.block(NOISE)
        count = NOISE.shape[1] // size
        samples = make_window(window, size).samples
        segments = NOISE[:, : count * size].reshape(2, count, size) * samples
        expected = (segments**2).sum(axis=(1, 2)) / count / (samples @ samples)
        found = spectrum.spectrum("psd").sum(axis=-1) * RATE / size
        assert found == pytest.approx(expected, rel=1e-12)


def test_the_energy_of_a_transient():
    """The sum of the energy densities times the distance of lines is the integral of the square over time."""
    decay = np.exp(-np.arange(400) / 20.0)[np.newaxis]
    spectrum = SpectrumAverager(1, RATE, 400, window="rectangular")
    spectrum.block(decay)
    energy = spectrum.spectrum("esd").sum() * RATE / 400
    assert energy == pytest.approx(float((decay**2).sum()) / RATE, rel=1e-12)


@pytest.mark.parametrize("window", ["hann", "flattop", "rectangular"])
@pytest.mark.parametrize(("overlap", "remove_mean"), [(0.5, False), (0.75, True), (0.0, False)])
def test_averages_are_those_of_scipy(window, overlap, remove_mean):
    signal = NOISE + 0.5
    spectrum = SpectrumAverager(2, RATE, 256, window=window, overlap=overlap, remove_mean=remove_mean)
    spectrum.block(signal)
    options = {
        "fs": RATE,
        "window": make_window(window, 256).samples.copy(),
        "noverlap": 256 - hop_for(256, overlap),
        "detrend": "constant" if remove_mean else False,
        "axis": -1,
    }
    for scaling, name in (("psd", "density"), ("power", "spectrum")):
        frequencies, expected = scipy_signal.welch(signal, scaling=name, **options)
        assert spectrum.frequencies == pytest.approx(frequencies)
        assert spectrum.spectrum(scaling) == pytest.approx(expected, rel=1e-9, abs=1e-18)


def test_white_noise_has_a_flat_density_of_its_variance():
    noise = 2.0 * np.random.default_rng(1).standard_normal((1, 400_000))
    spectrum = SpectrumAverager(1, RATE, 512)
    spectrum.block(noise)
    density = spectrum.spectrum("psd")[0, 2:-2]
    assert density.mean() == pytest.approx(4.0 / (RATE / 2), rel=0.01)
    assert density.std() / density.mean() < 2 / math.sqrt(spectrum.count)


@given(sizes=SIZES, average=st.sampled_from(["linear", "exponential", "max"]))
def test_bits_do_not_depend_on_cutting(sizes, average):
    whole = SpectrumAverager(2, RATE, 100, average=average, count=5, remove_mean=True)
    assert whole.block(NOISE) == 59
    parts = SpectrumAverager(2, RATE, 100, average=average, count=5, remove_mean=True)
    assert sum(cut(parts.block, sizes)) == 59
    for scaling in SCALINGS:
        assert np.array_equal(whole.spectrum(scaling), parts.spectrum(scaling))


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), count=st.integers(1, 10))
def test_running_means(values, count):
    linear, exponential, largest = (RunningMean(name, count) for name in ("linear", "exponential", "max"))
    for value in values:
        for mean in (linear, exponential, largest):
            mean.add(np.array([value]))
    scale = max(1.0, *map(abs, values))
    assert linear.value[0] == pytest.approx(sum(values) / len(values), abs=1e-12 * scale)
    assert largest.value[0] == max(values)
    expected = 0.0
    for number, value in enumerate(values, 1):
        expected += (value - expected) / min(number, count)
    assert exponential.value[0] == pytest.approx(expected, abs=1e-12 * scale)


def test_a_restart_drops_the_open_segment_and_keeps_the_average():
    spectrum = SpectrumAverager(1, RATE, 100, overlap=0.0)
    spectrum.block(np.ones((1, 150)))
    spectrum.restart()
    assert spectrum.block(np.ones((1, 99))) == 0
    assert spectrum.block(np.ones((1, 1))) == 1
    assert spectrum.count == 2
    spectrum.reset()
    assert spectrum.spectrum("psd") is None


@given(sizes=SIZES)
def test_columns_of_the_short_time_transform(sizes):
    kernel = Stft(2, RATE, 128, overlap=0.75)
    parts = list(cut(kernel.block, sizes))
    found = np.concatenate(parts, axis=-1)
    assert found.shape == (2, 65, kernel.count) == (2, 65, (3000 - 128) // 32 + 1)
    window = make_window("hann", 128).samples
    for column in (0, 7, kernel.count - 1):
        segment = NOISE[:, 32 * column : 32 * column + 128] * window
        assert found[..., column] == pytest.approx(np.fft.rfft(segment, axis=-1) / window.sum(), abs=1e-14)


def test_the_phase_of_a_tone_is_that_at_the_first_sample():
    time = np.arange(1000) / RATE
    kernel = Stft(1, RATE, 200, overlap=0.0)
    columns = kernel.block(np.cos(2 * np.pi * 52 * time + 0.3)[np.newaxis])
    line = int(np.argmin(np.abs(kernel.frequencies - 52)))
    for number in range(5):
        expected = 0.3 + 2 * np.pi * 52 * number * 0.2
        turned = columns[0, line, number] * np.exp(-1j * expected)
        # 52 Hz lies 0.4 lines above 50 Hz: a linear phase of pi * 0.4 from the segment's first sample.
        assert np.angle(turned) == pytest.approx(np.pi * 0.4, abs=0.02)


FILTER = scipy_signal.butter(2, 100, fs=RATE)


def system(noise_in=0.0, noise_out=0.0, size=200_000):
    """Noise through a known filter: two rows, input and output as they are measured."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal(size)
    y = scipy_signal.lfilter(*FILTER, x)
    return np.stack([x + noise_in * rng.standard_normal(size), y + noise_out * rng.standard_normal(size)])


@given(sizes=SIZES)
def test_cross_spectra_do_not_depend_on_cutting(sizes):
    whole, parts = (CrossSpectrumAverager(2, RATE, 100, references=(0, 1)) for _ in range(2))
    whole.block(NOISE)
    assert sum(cut(parts.block, sizes)) == whole.count
    assert np.array_equal(whole.cross_density(), parts.cross_density())


def test_cross_spectra_are_those_of_scipy():
    signal = system(noise_out=0.1, size=20_000)
    kernel = CrossSpectrumAverager(2, RATE, 256, references=(0, 1), remove_mean=True)
    kernel.block(signal)
    options = {"fs": RATE, "nperseg": 256, "detrend": "constant"}
    for k, x in enumerate(signal):
        for m, y in enumerate(signal):
            expected = scipy_signal.csd(x, y, **options)[1]
            assert kernel.cross_density()[k, m] == pytest.approx(expected, rel=1e-9, abs=1e-15)
            expected = scipy_signal.coherence(x, y, **options)[1]
            assert kernel.coherence()[k, m] == pytest.approx(expected, rel=1e-9)
    assert kernel.density() == pytest.approx(scipy_signal.welch(signal, **options)[1], rel=1e-9)


def measured(**noise):
    kernel = CrossSpectrumAverager(2, RATE, 2048, overlap=0.5)
    kernel.block(system(**noise))
    _, true = scipy_signal.freqz(*FILTER, worN=2 * np.pi * kernel.frequencies / RATE)
    band = (kernel.frequencies > 20) & (kernel.frequencies < 150)
    ratios = {name: (kernel.response(name)[0, 1] / true)[band] for name in ESTIMATORS}
    return ratios, kernel.coherence()[0, 1][band]


def test_a_known_filter_is_recovered():
    ratios, coherence = measured()
    for ratio in ratios.values():
        assert np.abs(20 * np.log10(np.abs(ratio))).max() < 0.1
        assert np.abs(np.degrees(np.angle(ratio))).max() < 1.0
    assert coherence.min() > 0.999


def test_noise_biases_each_estimator_on_its_side():
    ratios, coherence = measured(noise_in=0.5)  # a quarter of the power
    assert np.abs(ratios["H1"]).mean() == pytest.approx(1 / 1.25, rel=0.02)
    assert np.abs(ratios["H2"]).mean() == pytest.approx(1.0, rel=0.02)
    assert np.abs(ratios["Hv"]).mean() == pytest.approx(1 / math.sqrt(1.25), rel=0.02)
    assert coherence.mean() == pytest.approx(1 / 1.25, rel=0.02)
    ratios, _ = measured(noise_out=0.5)
    assert np.abs(ratios["H1"]).mean() == pytest.approx(1.0, rel=0.02)
    assert np.abs(ratios["H2"]).mean() > 1.2


def test_before_the_first_segment_there_is_nothing():
    kernel = CrossSpectrumAverager(2, RATE, 100)
    assert kernel.density() is kernel.cross_density() is kernel.coherence() is kernel.response() is None
    kernel.block(NOISE)
    kernel.reset()
    assert kernel.count == 0
    kernel.block(np.zeros((2, 100)))
    assert np.isnan(kernel.coherence()).all()
    for name in ESTIMATORS:
        assert np.isnan(kernel.response(name)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SpectrumAverager(1, RATE, 64, overlap=1.0), "0 to less than 1, found 1"),
        (lambda: SpectrumAverager(1, RATE, 64, average="peak"), "linear, exponential, max; found 'peak'"),
        (lambda: RunningMean("linear", 0), "1 or more, found 0"),
        (lambda: Segmenter(1, 0, 1), "1 or more, found 0 and 1"),
        (lambda: scaled(np.ones(3), make_window("hann", 4), 1.0, "dB"), "amplitude, rms.*'dB'"),
        (lambda: CrossSpectrumAverager(2, RATE, 64, average="max"), "expected a linear or exponential"),
        (lambda: CrossSpectrumAverager(2, RATE, 64, references=(2,)), r"0 to 1, found \(2,\)"),
        (lambda: CrossSpectrumAverager(2, RATE, 64).response("H3"), "H1, H2, Hv; found 'H3'"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
