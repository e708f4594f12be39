"""Filter banks against IEC 61260-1:2014: attenuation limits, effective bandwidth, summation, sweeps."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from recordings import read_uff58
from streamlab.dsp.bands import attenuation_limits
from streamlab.dsp.octave import OctaveBank, design_bank
from streamlab.dsp.octave_level import OctaveMeter

INF = math.inf
G = 10**0.3
# Table 1, class 1: exponent of G, least and largest relative attenuation in dB, for octave-band filters.
# The band edge is tried just inside and just outside.
TABLE_1 = [
    (0.0, -0.4, 0.4),
    (0.125, -0.4, 0.5),
    (0.25, -0.4, 0.7),
    (0.375, -0.4, 1.4),
    (0.5 - 1e-7, -0.4, 5.3),
    (0.5 + 1e-7, 1.2, INF),
    (1.0, 16.6, INF),
    (2.0, 40.5, INF),
    (3.0, 60.0, INF),
    (4.0, 70.0, INF),
    (5.0, 70.0, INF),
    (8.0, 70.0, INF),
]


def test_the_limits_that_ship_are_these():
    """What designs filters, and what `streamlab conformance` holds them against."""
    for fraction in (1, 3, 24):
        ratios = np.array([breakpoint(exponent, fraction) for exponent, *_ in TABLE_1])
        least, largest = attenuation_limits(fraction, ratios)
        assert least == pytest.approx([row[1] for row in TABLE_1], abs=1e-5)
        assert largest == pytest.approx([row[2] for row in TABLE_1], abs=1e-5)


RATES = [44100.0, 48000.0, 51200.0, 65536.0, 96000.0, 192000.0]
FRACTIONS = [1, 2, 3, 6, 12, 24]


def breakpoint(exponent, fraction):
    """5.10: where a breakpoint of octave filters lies for 1/b octaves."""
    return 1 + (G ** (1 / (2 * fraction)) - 1) / (G**0.5 - 1) * (G**exponent - 1)


@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("rate", RATES)
def test_every_band_keeps_class_1_at_every_breakpoint(rate, fraction):
    design = design_bank(rate, fraction, 20.0, 20_000.0)
    centres = np.array([band.centre for band in design.bands])
    for exponent, least, largest in TABLE_1:
        for ratio in {breakpoint(exponent, fraction), 1 / breakpoint(exponent, fraction)}:
            frequencies = centres * ratio
            heard = frequencies < rate / 2
            places = np.flatnonzero(heard)
            gain = np.array([design.response_of(k, frequencies[k : k + 1])[0] for k in places])
            attenuation = -20 * np.log10(np.maximum(gain, 1e-30))
            assert (attenuation >= least).all(), (exponent, ratio)
            assert (attenuation <= largest).all(), (exponent, ratio)


@pytest.mark.parametrize(("rate", "fraction"), [(44100.0, 3), (48000.0, 3), (51200.0, 1), (48000.0, 12)])
def test_between_the_breakpoints_too(rate, fraction):
    """Limits go linearly with lg of the frequency (5.10.6)."""
    design = design_bank(rate, fraction, 20.0, 20_000.0)
    points = np.log([breakpoint(exponent, fraction) for exponent, *_ in TABLE_1])
    least, largest = (np.array([row[k] for row in TABLE_1]) for k in (1, 2))
    inside = 5
    for number, band in enumerate(design.bands):
        if number % (fraction // 3 or 1):
            continue
        frequencies = np.geomspace(1.0, rate / 2 * 0.9999, 2000)
        distance = np.abs(np.log(frequencies / band.centre))
        attenuation = -20 * np.log10(np.maximum(design.response_of(number, frequencies), 1e-30))
        assert (attenuation >= np.interp(distance, points, least) - 1e-9).all()
        within = distance < points[inside - 1]
        assert (attenuation <= np.interp(distance, points[:inside], largest[:inside]))[within].all()


@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("rate", [44100.0, 48000.0, 51200.0])
def test_the_effective_bandwidth_is_that_of_the_band(rate, fraction):
    """5.12: within 0.4 dB for class 1; designed to be exact."""
    design = design_bank(rate, fraction, 20.0, 20_000.0)
    steps = np.concatenate([-np.geomspace(8, 1e-6, 1500), np.geomspace(1e-6, 8, 1500)])
    for number, band in enumerate(design.bands):
        exponent = steps * 3 / fraction
        frequencies = band.centre * G**exponent
        heard = (frequencies < rate / 2) & (frequencies > 0.01)
        power = design.response_of(number, frequencies[heard]) ** 2
        found = np.trapezoid(power, exponent[heard] * math.log(G)) / (math.log(G) / fraction)
        assert 10 * math.log10(found) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("rate", [44100.0, 48000.0, 51200.0])
@pytest.mark.parametrize("fraction", [1, 3, 6])
def test_neighbours_add_up(rate, fraction):
    """5.16: of a tone between two centres the sum of the outputs is within +0.8 dB and -1.8 dB (class 1)."""
    design = design_bank(rate, fraction, 20.0, 20_000.0)
    for lower, upper in zip(design.bands[:-1], design.bands[1:], strict=True):
        frequencies = np.geomspace(lower.centre, upper.centre, 25)
        power = (design.response(frequencies) ** 2).sum(axis=0)
        deviation = 10 * np.log10(power)
        assert deviation.max() <= 0.8
        assert deviation.min() >= -1.8


@pytest.mark.parametrize("rate", [44100, 51200])
def test_tones_come_out_as_the_response_says(rate):
    """The response that the tests above believe, in the time domain: changes of rate, aliases and all."""
    design = design_bank(float(rate), 3, 100.0, 16_000.0)
    time = np.arange(rate) / rate
    for frequency in (123.4, 1000.0, 5000.0, 8700.0, 0.31 * rate, 0.44 * rate):
        found = []
        for stage in OctaveBank(1, design).block(
            np.sqrt(2) * np.sin(2 * np.pi * frequency * time)[np.newaxis]
        ):
            settled = stage[:, 0, stage.shape[-1] // 2 :]
            found.append(np.sqrt(np.mean(settled**2, axis=-1)))
        found = np.concatenate(found[::-1])
        expected = design.response(np.array([frequency]))[:, 0]
        loud = expected > 1e-4
        assert loud.any()
        # Where an alias comes to lie close to the tone the mean over half a second still beats.
        assert found[loud] == pytest.approx(expected[loud], rel=0.02)
        assert found[~loud].max() < 3e-4


@pytest.mark.parametrize(("rate", "fraction"), [(48000, 3), (51200, 1)])
def test_sweeps_show_no_dependence_on_time(rate, fraction):
    """5.14: the mean square of each band for a logarithmic sweep, a decade in 3 s, within 0.4 dB of L_c."""
    start, stop = 12.0, 0.49 * rate
    seconds = 3.0 * math.log10(stop / start)
    time = np.arange(int(seconds * rate)) / rate
    growth = math.log(stop / start) / seconds
    sweep = np.sin(2 * np.pi * start / growth * np.expm1(growth * time))
    padded = np.concatenate([sweep, np.zeros(rate)])[np.newaxis]
    meter = OctaveMeter(1, Fraction(rate), Fraction(1), fraction=fraction, low=40.0)
    meter.feed(padded, 0)
    measured = meter.totals().mean[0, :, 0] * padded.shape[1] / rate
    # Formula (17): the time that the sweep spends in a band, at the power of the tone.
    expected = 0.5 * math.log(G) / fraction / growth
    assert np.abs(10 * np.log10(measured / expected)).max() < 0.1


def test_broadband_noise_has_the_level_of_its_bands():
    """White noise of density 1 / Hz: each band holds the power of its width."""
    rate, seconds = 48000, 60
    noise = np.random.default_rng(0).standard_normal((1, rate * seconds)) * math.sqrt(rate / 2)
    meter = OctaveMeter(1, Fraction(rate), Fraction(10), low=500.0)
    meter.feed(noise, 0)
    found = 10 * np.log10(meter.totals().mean[0, :, 0])
    for band, level in zip(meter.design.bands, found, strict=True):
        # A filter whose effective bandwidth over ln f is the band's has almost that over f.
        width = band.upper - band.lower
        chance = 4.34 / math.sqrt(width * seconds)
        assert level == pytest.approx(10 * math.log10(width), abs=0.03 + 4 * chance)


def test_the_third_octaves_of_a_motor(shared_data):
    """An electric motor's acceleration, as two analysers and another filter bank measured it, in m/s2.

    Other bands hold only what leaks from tones beside them, and differ between certified analysers.
    """
    samples, rate = read_uff58(shared_data / "motor-3oct" / "electric_motor_vibration_signal.uff")
    assert (len(samples), rate) == (181_504, pytest.approx(51_200, abs=1))
    meter = OctaveMeter(1, Fraction(51_200), Fraction(1), high=16_000.0)
    meter.feed(samples[np.newaxis], 0)
    rms = np.sqrt(meter.totals().mean[0, :, 0])
    found = {band.label: value for band, value in zip(meter.design.bands, rms.tolist(), strict=True)}
    for label, *others in [
        ("1.25k", 38.23, 38.21, 38.32),
        ("2.5k", 503.0, 502.5, 504.0),
        ("10k", 56.1, 55.98, 55.98),
        ("12.5k", 21.46, 20.87, 20.87),
    ]:
        levels = 20 * np.log10(others)
        assert 20 * math.log10(found[label]) == pytest.approx(levels.mean(), abs=0.1)
