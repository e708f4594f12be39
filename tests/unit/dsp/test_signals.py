"""Test signals against their definitions in exact arithmetic, and bits under any cutting."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import sosfilt

from streamlab.dsp.generate import BrownNoise, phase_residues
from streamlab.dsp.signals import LogSweep, Pulse, ToneBurst, ToneSum, schroeder_phases
from streamlab.dsp.waveform import SHAPES, PeriodicWave

F = Fraction
RATE = F(48000)


def made(kernel, start, count, **more):
    out = np.empty(count)
    kernel.block(start, out, **more)
    return out


@given(
    start=st.integers(0, 10**20),
    step=st.fractions(min_value=0, max_value=1, max_denominator=10**15),
)
def test_phases_are_exact(start, step):
    residues, period = phase_residues(start, 20, step)
    for k, residue in enumerate(residues.tolist()):
        assert Fraction(residue, period) == (start + k) * step % 1


KERNELS = [
    lambda: PeriodicWave("square", F(441), RATE),
    lambda: PeriodicWave("triangle", F("0.7"), F(1000)),
    lambda: PeriodicWave("sawtooth", F(1234567, 89), RATE, band_limited=False),
    lambda: LogSweep(20.0, 20_000.0, 0.05, 48000.0),
    lambda: ToneBurst(F(4000), RATE, F(5), F(1, 97)),
    lambda: Pulse(F(1, 1000), F(1, 97), RATE),
]


@pytest.mark.parametrize("number", range(len(KERNELS)))
@given(cuts=st.lists(st.integers(0, 700), max_size=8), start=st.sampled_from([0, 1000, 10**12]))
def test_samples_do_not_depend_on_the_block(number, cuts, start):
    kernel = KERNELS[number]()
    whole = made(kernel, start, sum(cuts) + 10)
    parts, at = [], start
    for size in [*cuts, 10]:
        parts.append(made(kernel, at, size))
        at += size
    assert np.array_equal(np.concatenate(parts), whole)


# Exponents and signs of the Fourier series, from any table of transforms.
SERIES = {
    "square": lambda h: 4 / (math.pi * h) * (h % 2),
    "triangle": lambda h: 8 / (math.pi * h) ** 2 * (h % 2) * (-1) ** ((h - 1) // 2),
    "sawtooth": lambda h: 2 / (math.pi * h) * (-1) ** (h + 1),
}
FORMULA = {
    "square": lambda t: 1.0 if t % 1 < F(1, 2) else -1.0,
    "triangle": lambda t: float(1 - abs(4 * ((t + F(1, 4)) % 1) - 2)),
    "sawtooth": lambda t: float(2 * ((t + F(1, 2)) % 1) - 1),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("frequency", [F(441), F("440.1"), F(9000), F(23999)])
@pytest.mark.parametrize("start", [0, 10**15])
def test_band_limited_waves_are_the_sum_of_their_harmonics(shape, frequency, start):
    wave = PeriodicWave(shape, frequency, RATE)
    assert wave.harmonics == math.ceil(RATE / 2 / frequency) - 1
    found = made(wave, start, 200)
    expected = []
    for n in range(start, start + 200):
        t = n * frequency / RATE % 1
        expected.append(
            sum(
                SERIES[shape](h) * math.sin(2 * math.pi * float(h * t % 1))
                for h in range(1, wave.harmonics + 1)
            )
        )
    assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("shape", SHAPES)
def test_formulas(shape):
    wave = PeriodicWave(shape, F("440.1"), RATE, band_limited=False)
    found = made(wave, 10**12, 300)
    assert found == pytest.approx(
        [FORMULA[shape](n * F("440.1") / RATE) for n in range(10**12, 10**12 + 300)]
    )
    assert made(wave, 0, 300, amplitude=2.0, phase=math.pi / 2)[0] == pytest.approx(
        2 * FORMULA[shape](F(1, 4)), abs=1e-9
    )


@pytest.mark.parametrize(
    ("shape", "distortion", "rms", "crest"),
    # Of the ideal waves: THD from the mean square, since all of it lies in the harmonics.
    [
        ("square", 48.3426, 1.0, 1.0),
        ("triangle", 12.1153, 3**-0.5, 3**0.5),
        ("sawtooth", 80.3078, 3**-0.5, 3**0.5),
    ],
)
def test_distortion_and_rms_are_those_of_the_ideal_wave(shape, distortion, rms, crest):
    size = 100_000  # a period: 49 999 harmonics
    wave = PeriodicWave(shape, F(1), F(size))
    samples = made(wave, 0, size)
    assert math.sqrt(np.mean(samples**2)) == pytest.approx(rms, rel=2e-5)
    fundamental = 2 / size * abs(np.exp(-2j * np.pi * np.arange(size) / size) @ samples)
    found = math.sqrt(2 * np.mean(samples**2) / fundamental**2 - 1)
    assert 100 * found == pytest.approx(distortion, abs=0.005)
    plain = made(PeriodicWave(shape, F(1), F(size), band_limited=False), 0, size)
    assert np.abs(plain).max() / math.sqrt(np.mean(plain**2)) == pytest.approx(crest, rel=1e-4)


def test_a_band_limited_square_has_no_tones_that_belong_to_nothing():
    frequency, size = 4410, 48000
    spectrum = {}
    for band_limited in (True, False):
        samples = made(PeriodicWave("square", F(frequency), RATE, band_limited=band_limited), 0, size)
        lines = np.abs(np.fft.rfft(samples)) * 2 / size
        lines[frequency::frequency] = 0.0
        spectrum[band_limited] = lines.max()
    assert spectrum[True] < 1e-7
    assert spectrum[False] > 0.05


def test_tones_add_up():
    frequencies = [F(100), F("333.3"), F(5000)]
    tones = ToneSum(frequencies, [1.0, 0.5, 0.25], [0.0, 1.0, 2.0], RATE, 64)
    out = made(tones, 10**9, 64)
    expected = [
        sum(
            a * math.sin(2 * math.pi * float(n * f / RATE % 1) + p)
            for f, a, p in zip(frequencies, [1.0, 0.5, 0.25], [0.0, 1.0, 2.0], strict=True)
        )
        for n in range(10**9, 10**9 + 64)
    ]
    assert out == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("count", [10, 50, 200])
def test_phases_that_keep_the_crest_low(count):
    frequencies = [F(k) for k in range(1, count + 1)]
    crest = {}
    for name, phases in (("zero", [np.pi / 2] * count), ("schroeder", schroeder_phases(count))):
        samples = made(ToneSum(frequencies, [1.0] * count, phases, F(16 * count), 16 * count), 0, 16 * count)
        crest[name] = np.abs(samples).max() / math.sqrt(np.mean(samples**2))
    assert crest["zero"] == pytest.approx(math.sqrt(2 * count), rel=1e-9)
    assert crest["schroeder"] < 1.95


@pytest.mark.parametrize(("start", "stop"), [(20.0, 20_000.0), (10_000.0, 50.0)])
def test_a_sweep_has_its_frequency_at_each_time(start, stop):
    sweep = LogSweep(start, stop, 2.0, 48000.0)
    samples = made(sweep, 0, 100_000)
    assert samples[0] == 0.0
    assert not samples[96_000:].any()
    # The analytic signal's phase turns with the frequency of the formula.
    time = np.arange(96_000) / 48000
    quadrature = made_quadrature(sweep, time)
    phase = np.unwrap(np.arctan2(samples[:96_000], quadrature))
    found = np.diff(phase) * 48000 / (2 * np.pi)
    expected = start * (stop / start) ** ((time[:-1] + 0.5 / 48000) / 2.0)
    assert found == pytest.approx(expected, rel=1e-5)
    assert sweep.frequency(np.array([0.0, 2.0])) == pytest.approx([start, stop])


def made_quadrature(sweep, time):
    """The cosine to the sweep's sine, by its closed phase."""
    return np.cos(2 * np.pi * sweep.first / sweep.growth * np.expm1(sweep.growth * time))


def test_a_sweep_turned_back_is_a_pulse():
    """Farina's inverse filter: the sweep in reverse, falling by 6 dB an octave."""
    rate, start, stop, seconds = 8000.0, 40.0, 3600.0, 2.0
    sweep = LogSweep(start, stop, seconds, rate)
    samples = made(sweep, 0, 16_000)
    inverse = samples[::-1] * np.exp(-sweep.growth * np.arange(16_000) / rate)
    size = 1 << 15
    response = np.fft.rfft(samples, size) * np.fft.rfft(inverse, size)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    level = 20 * np.log10(np.abs(response))
    band = (frequencies > 200) & (frequencies < 2000)  # its ends ripple
    assert np.abs(level[band] - level[band].mean()).max() < 0.6
    pulse = np.fft.irfft(response)
    assert int(np.argmax(np.abs(pulse))) == 15_999


@pytest.mark.parametrize("period", [F(1, 10), F(1, 97)])
def test_bursts_are_whole_cycles_from_a_zero_crossing(period):
    burst = ToneBurst(F(4000), RATE, F(8), period)
    found = made(burst, 0, 20_000, amplitude=0.5)
    expected = []
    for n in range(20_000):
        time = n / RATE % period
        inside = time < F(8, 4000)
        expected.append(0.5 * math.sin(2 * math.pi * float(time * 4000 % 1)) if inside else 0.0)
    assert found == pytest.approx(expected, abs=1e-12)
    assert np.array_equal(made(burst, 10**12 * 48000, 500), made(burst, 0, 500))


@pytest.mark.parametrize(
    ("width", "period"), [(F(1, 1000), F(1, 10)), (F(1, 300), F(1, 97)), (F(1, 7), F(1, 7))]
)
def test_pulses(width, period):
    found = made(Pulse(width, period, RATE), 0, 10_000, amplitude=3.0)
    assert found.tolist() == [3.0 if n / RATE % period < width else 0.0 for n in range(10_000)]


@given(cuts=st.lists(st.integers(0, 700), max_size=6))
def test_brown_noise_does_not_depend_on_cutting(cuts):
    whole = np.empty((2, sum(cuts) + 10))
    BrownNoise(2, 5).block(whole)
    noise, parts = BrownNoise(2, 5), []
    for size in [*cuts, 10]:
        parts.append(np.empty((2, size)))
        noise.block(parts[-1])
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_the_brown_filter_falls_by_six_decibels_per_octave():
    impulse = np.zeros(1 << 21)
    impulse[0] = 1.0
    response = sosfilt(BrownNoise(1, 0)._filter.sections, impulse)
    assert float(response @ response) == pytest.approx(1.0, abs=1e-9)  # white noise of RMS 1 stays so
    frequency = np.fft.rfftfreq(1 << 21)
    wanted = (frequency >= 1e-4) & (frequency < 0.48)
    level = 20 * np.log10(np.abs(np.fft.rfft(response)))[wanted] + 20 * np.log10(frequency[wanted])
    assert np.ptp(level) < 0.1  # 0.04 dB of it is the corner at 1e-5
    slope = np.polyfit(np.log2(frequency[wanted]), level, 1)[0]
    assert slope == pytest.approx(0.0, abs=0.01)


def test_brown_noise_is_a_walk():
    """Its steps are almost independent: their spectrum is flat up to a quarter of the rate."""
    samples = np.empty((1, 1 << 18))
    BrownNoise(1, 3).block(samples)
    steps = np.diff(samples[0])
    power = np.abs(np.fft.rfft(steps)) ** 2
    quarter = len(power) // 2
    bands = power[1 : 1 + quarter // 8 * 8].reshape(8, -1).mean(axis=1)
    # sin(x)/x-like: a difference of samples falls short of w by 0.9 dB at a quarter of the rate.
    assert 10 * np.log10(bands.max() / bands.min()) < 1.2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: PeriodicWave("saw", F(1), RATE), "square, triangle, sawtooth; found 'saw'"),
        (lambda: PeriodicWave("square", F(24000), RATE), "between 0 and 24000 Hz, found 24000 Hz"),
        (lambda: PeriodicWave("square", F("0.1"), RATE), r"239999 harmonics: expected 0\.366 Hz or more"),
        (lambda: ToneSum([F(1)], [], [], RATE, 4), "found 1, 0 and 0"),
        (lambda: LogSweep(0.0, 1.0, 1.0, 48000.0), "a start between 0 and 24000 Hz, found 0 Hz"),
        (lambda: LogSweep(1.0, 25_000.0, 1.0, 48000.0), "a stop between 0 and 24000 Hz"),
        (lambda: LogSweep(5.0, 5.0, 1.0, 48000.0), "found 5 Hz twice; that is a sine"),
        (lambda: LogSweep(1.0, 5.0, 0.0, 48000.0), "positive duration, found 0 s"),
        (lambda: ToneBurst(F(100), RATE, F(10), F(1, 20)), r"10 cycles of 100 Hz last 0\.1 s.*found 0\.05 s"),
        (lambda: ToneBurst(F(0), RATE, F(10), F(1)), "positive frequency, rate and number"),
        (lambda: Pulse(F(2), F(1), RATE), "up to the period, found 2 s of 1 s"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
