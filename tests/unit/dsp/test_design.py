"""Filter designs against the closed forms of their families."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.polynomial import chebyshev
from scipy.signal import sosfilt
from scipy.special import ellipk, ellipkm1

from streamlab.dsp.design import design_notch, design_sos, response, settling

RATE = 48000.0
HALF = 10 * math.log10(0.5)


def warped(frequency):
    """The analogue frequency, in units of twice the rate, that the bilinear transform maps to this one."""
    return np.tan(np.pi * np.asarray(frequency, dtype=float) / RATE)


def prototype(kind, frequency, edges):
    """Frequency of the low-pass prototype with its edge at 1 (Oppenheim, Schafer, 7.4)."""
    omega = warped(frequency)
    if kind in ("lowpass", "highpass"):
        ratio = omega / warped(edges)
    else:
        low, high = warped(edges)
        ratio = (omega**2 - low * high) / (omega * (high - low))
    return np.abs(1 / ratio if kind in ("highpass", "bandstop") else ratio)


CASES = [
    ("lowpass", 1000.0),
    ("highpass", 10.0),
    ("bandpass", (2000.0, 15000.0)),
    ("bandstop", (45.0, 55.0)),
    ("lowpass", 23000.0),
]
FREQUENCIES = np.geomspace(1.0, 23900.0, 400)


def decibels(sections, frequencies=FREQUENCIES):
    return 20 * np.log10(np.abs(response(sections, np.asarray(frequencies, dtype=float), RATE)))


def agree(found, expected):
    """Equal in decibels within 1e-6 dB as far down as 200 dB, below which rounding speaks."""
    heard = expected > -200
    assert found[heard] == pytest.approx(expected[heard], abs=1e-6)
    assert found[~heard].max(initial=-np.inf) < -199


@pytest.mark.parametrize(("kind", "edges"), CASES)
@pytest.mark.parametrize("order", [1, 2, 5, 8])
def test_butterworth(kind, edges, order):
    x = prototype(kind, FREQUENCIES, edges)
    found = decibels(design_sos("butterworth", kind, edges, RATE, order=order))
    agree(found, -10 * np.log10(1 + x ** (2 * order)))


@pytest.mark.parametrize(("kind", "edges"), CASES)
@pytest.mark.parametrize("order", [2, 5])
def test_chebyshev(kind, edges, order):
    x = prototype(kind, FREQUENCIES, edges)
    basis = [0.0] * order + [1.0]
    square = 10 ** (0.5 / 10) - 1
    first = decibels(design_sos("chebyshev1", kind, edges, RATE, order=order, ripple=0.5))
    agree(first, -10 * np.log10(1 + square * chebyshev.chebval(x, basis) ** 2))
    square = 1 / (10 ** (60 / 10) - 1)
    second = decibels(design_sos("chebyshev2", kind, edges, RATE, order=order, attenuation=60.0))
    polynomial = square * chebyshev.chebval(1 / x, basis) ** 2
    agree(second, 10 * np.log10(polynomial / (1 + polynomial)))


def transition(order, ripple, attenuation):
    """Stop-band edge over pass-band edge: the degree equation of elliptic filters, solved by bisection."""
    k1 = (10 ** (ripple / 10) - 1) / (10 ** (attenuation / 10) - 1)  # squared
    wanted = ellipkm1(k1) / ellipk(k1) / order
    low, high = 1e-9, 1 - 1e-9
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if ellipkm1(middle) / ellipk(middle) > wanted else (low, middle)
    return 1 / math.sqrt(low)


@pytest.mark.parametrize(("kind", "edges"), CASES)
def test_elliptic_keeps_its_ripple_and_its_attenuation(kind, edges):
    sections = design_sos("elliptic", kind, edges, RATE, order=5, ripple=0.1, attenuation=70.0)
    x = prototype(kind, FREQUENCIES, edges)
    found = decibels(sections)
    assert found[x <= 1].min() >= -0.1 - 1e-6
    assert found.max() < 1e-6
    assert found[x > transition(5, 0.1, 70.0) + 1e-6].max(initial=-np.inf) <= -70 + 1e-6
    assert decibels(sections, np.atleast_1d(edges)) == pytest.approx(-0.1, abs=1e-6)


@pytest.mark.parametrize(
    ("order", "polynomial", "half_power"),
    # Reverse Bessel polynomials (H. Krall, O. Frink, 1949) and where they have lost 3.01 dB.
    [(1, [1, 1], 1.0), (2, [1, 3, 3], 1.3616541287), (3, [1, 6, 15, 15], 1.7556723687)],
)
def test_bessel(order, polynomial, half_power):
    x = prototype("lowpass", FREQUENCIES, 1000.0)
    expected = 20 * np.log10(np.abs(polynomial[-1] / np.polyval(polynomial, 1j * x * half_power)))
    agree(decibels(design_sos("bessel", "lowpass", 1000.0, RATE, order=order)), expected)


def test_edges_of_butterworth_and_bessel_are_the_half_power_points():
    for family in ("butterworth", "bessel"):
        for kind, edges in CASES:
            found = decibels(design_sos(family, kind, edges, RATE, order=4), np.atleast_1d(edges))
            if family == "butterworth" or kind in ("lowpass", "highpass"):
                assert found == pytest.approx(HALF, abs=1e-6)


def test_a_notch_takes_out_its_frequency_and_little_else():
    sections = design_notch(50.0, RATE, q=5.0)
    assert abs(response(sections, np.array([50.0]), RATE)[0]) < 1e-9
    assert decibels(sections, [1e-3, 23999.0]) == pytest.approx(0.0, abs=1e-6)
    # The half-power points solve x - 1 / x = +-1 / q in warped frequencies: 10 Hz apart.
    centre = float(warped(50.0))
    width = float(warped(10.0)) * (1 + centre**2) / 2
    edges = [math.atan(sign * width + math.hypot(width, centre)) * RATE / math.pi for sign in (-1, 1)]
    assert edges[1] - edges[0] == pytest.approx(10.0, rel=1e-9)
    assert decibels(sections, edges) == pytest.approx(HALF, abs=1e-6)


@pytest.mark.parametrize("decay", [40.0, 60.0, 120.0])
def test_after_the_settling_time_the_response_has_fallen(decay):
    sections = design_sos("butterworth", "bandpass", (900.0, 1100.0), RATE, order=1)  # one pair of poles
    samples = settling(sections, decay)
    impulse = np.zeros(4 * samples)
    impulse[0] = 1.0
    out = np.abs(sosfilt(sections, impulse))
    envelope = out[samples : samples + 100].max() / out[:100].max()
    assert 20 * math.log10(envelope) == pytest.approx(-decay, abs=1.0)


def test_settling_without_poles_and_without_end():
    assert settling(np.array([[1.0, 2.0, 1.0, 1.0, 0.0, 0.0]])) == 2
    assert settling(np.array([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]])) >= 10**18


@pytest.mark.parametrize(
    ("arguments", "more", "words"),
    [
        (("butter", "lowpass", 10.0), {}, "butterworth, chebyshev1.*'butter'"),
        (("bessel", "low", 10.0), {}, "lowpass, highpass.*'low'"),
        (("bessel", "lowpass", 24000.0), {}, "between 0 and 24000 Hz.*24000"),
        (("bessel", "lowpass", math.nan), {}, "between 0 and 24000 Hz"),
        (("bessel", "lowpass", (1.0, 2.0)), {}, "one edge"),
        (("bessel", "bandpass", 10.0), {}, "two edges"),
        (("bessel", "bandpass", (20.0, 10.0)), {}, "lower edge below the upper, found 20 Hz and 10 Hz"),
        (("bessel", "lowpass", 10.0), {"order": 0}, "order from 1 to 24, found 0"),
        (("bessel", "lowpass", 10.0), {"ripple": 1.0}, "no ripple"),
        (
            ("elliptic", "lowpass", 10.0),
            {"ripple": 1.0},
            "need an attenuation above 0 dB, found None",
        ),
        (("elliptic", "lowpass", 10.0), {"ripple": 3.0, "attenuation": 2.0}, "ripple below the attenuation"),
        (("chebyshev1", "lowpass", 10.0), {"ripple": 0.0}, "above 0 dB, found 0"),
        (("butterworth", "highpass", 1e-3), {}, "too low for a rate of 48000 Hz"),
        (("butterworth", "lowpass", 23999.999), {}, "too close to half the rate of 48000 Hz"),
    ],
)
def test_mistakes_are_named(arguments, more, words):
    with pytest.raises(ValueError, match=words):
        design_sos(*arguments, RATE, **more)


def test_mistakes_in_a_notch_are_named():
    with pytest.raises(ValueError, match="between 0 and 24000 Hz"):
        design_notch(0.0, RATE, q=1.0)
    for q in (0.0, 0.5, math.nan):
        with pytest.raises(ValueError, match=r"quality factor above 0\.83"):
            design_notch(20000.0, RATE, q=q)
