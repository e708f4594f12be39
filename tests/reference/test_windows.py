"""Window figures against Harris (Proc. IEEE 66, 1978, table I) and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import i0

from streamlab.cli.conformance.standards import WINDOW_TABLE
from streamlab.dsp.window import WINDOWS, make_window

# Highest side lobe in dB and width at -3 dB in lines; periodic windows of 4096 samples. The rest of the table
# ships with the command.
LOBES = {
    "rectangular": (-13.3, 0.89),
    "hann": (-31.5, 1.44),
    "hamming": (-42.7, 1.30),
    "blackman": (-58.1, 1.64),
    "blackmanharris": (-92.0, 1.90),
    "nuttall": (-98.2, 1.87),
    "flattop": (-93.6, 3.73),
    "bartlett": (-26.5, 1.28),
    "kaiser": (-105.9, 2.05),
}
FIGURES = {row.name: row for row in WINDOW_TABLE}
# Coefficients of sums of cosines: Harris 1978; A. H. Nuttall, IEEE Trans. ASSP 29, 1981.
COSINES = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


def test_the_table_has_them_all():
    assert set(FIGURES) == set(LOBES) == set(WINDOWS)


@pytest.mark.parametrize("name", COSINES)
def test_figures_in_the_table_are_those_of_the_coefficients(name):
    """Gain a0, noise bandwidth 1 + sum (ak / a0)^2 / 2, and the transform of the sum half a line off."""
    first, *others = COSINES[name]
    row = FIGURES[name]
    assert row.coherent_gain == pytest.approx(first, abs=6e-6)
    assert row.noise_bandwidth == pytest.approx(1 + sum((one / first) ** 2 for one in others) / 2, abs=6e-5)

    def kernel(offset):  # of a long rectangular window
        return math.sin(math.pi * offset) / (math.pi * offset)

    half = first * kernel(0.5) + sum(
        one / 2 * (kernel(0.5 + k) + kernel(0.5 - k)) for k, one in enumerate(others, 1)
    )
    assert row.scalloping == pytest.approx(-20 * math.log10(half / first), abs=2e-4)


def test_figures_of_the_other_windows():
    """Rectangle and triangle in closed form; Kaiser's gain is I1-like: by quadrature of its definition."""
    assert FIGURES["rectangular"][1:3] == (1.0, 1.0)
    assert FIGURES["rectangular"].scalloping == pytest.approx(20 * math.log10(math.pi / 2), abs=6e-5)
    assert FIGURES["bartlett"][1:3] == pytest.approx((0.5, 4 / 3), abs=6e-5)
    assert FIGURES["bartlett"].scalloping == pytest.approx(
        40 * math.log10(math.pi / 4 * math.sqrt(2)), abs=6e-5
    )
    gain, power = (
        quad(lambda x, n=n: (i0(14 * math.sqrt(1 - x * x)) / i0(14)) ** n, 0, 1)[0] for n in (1, 2)
    )
    assert FIGURES["kaiser"][1:3] == pytest.approx((gain, power / gain**2), abs=6e-5)


@pytest.mark.parametrize("name", WINDOWS)
def test_figures_of_windows(name):
    _, gain, bandwidth, scalloping = FIGURES[name]
    side_lobe, width = LOBES[name]
    window = make_window(name, 4096)
    assert window.coherent_gain == pytest.approx(gain, abs=6e-6)
    assert window.noise_bandwidth == pytest.approx(bandwidth, abs=6e-5)
    assert window.scalloping == pytest.approx(scalloping, abs=6e-5)
    offsets = np.arange(0, 12, 1 / 64)
    response = 20 * np.log10(np.maximum(window.response(offsets), 1e-12))
    first_null = int(np.argmax((response[1:-1] < response[:-2]) & (response[1:-1] <= response[2:]))) + 1
    assert response[first_null:].max() == pytest.approx(side_lobe, abs=0.1)
    half = np.interp(-(10 * math.log10(2)), response[first_null::-1], offsets[first_null::-1])
    assert 2 * half == pytest.approx(width, abs=0.01)


@pytest.mark.parametrize("size", [2, 16, 1000, 4096])
def test_closed_forms(size):
    turn = 2 * np.pi * np.arange(size) / size
    assert make_window("hann", size).samples == pytest.approx(0.5 - 0.5 * np.cos(turn), abs=1e-15)
    assert make_window("hamming", size).samples == pytest.approx(0.54 - 0.46 * np.cos(turn), abs=1e-15)
    if size > 2:
        assert make_window("hann", size).noise_bandwidth == pytest.approx(1.5, abs=1e-12)
    rectangular = make_window("rectangular", size)
    offsets = np.array([0.1, 0.5, 1.0])
    # Dirichlet's kernel.
    expected = np.abs(np.sin(np.pi * offsets) / (size * np.sin(np.pi * offsets / size)))
    assert rectangular.response(offsets) == pytest.approx(expected, abs=1e-12)


def test_kaiser_takes_a_beta():
    assert make_window("kaiser", 64, beta=0.0).samples.tolist() == [1.0] * 64
    assert make_window("kaiser", 64).beta == 14.0
    assert make_window("hann", 64) is make_window("hann", 64)
    with pytest.raises(ValueError, match="read-only"):
        make_window("hann", 64).samples[0] = 1.0


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"rectangular, hann.*'hanning'"):
        make_window("hanning", 64)
    with pytest.raises(ValueError, match="2 samples or more, found 1"):
        make_window("hann", 1)
    with pytest.raises(ValueError, match=r"only a Kaiser window has a beta.*found 3 for hann"):
        make_window("hann", 64, beta=3.0)
