"""Window figures against Harris (Proc. IEEE 66, 1978, table I) and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.dsp.window import WINDOWS, make_window

# Coherent gain, equivalent noise bandwidth in lines, largest scalloping loss in dB, highest side lobe in dB,
# width at -3 dB in lines; periodic windows of 4096 samples. Harris prints two digits of the noise bandwidth
# and the scalloping loss; flattop is that of G. D'Antona, A. Ferrero, "Digital Signal Processing for
# Measurement Systems", 2006, p. 70.
TABLE = {
    "rectangular": (1.00000, 1.0000, 3.9224, -13.3, 0.89),
    "hann": (0.50000, 1.5000, 1.4236, -31.5, 1.44),
    "hamming": (0.54000, 1.3628, 1.7514, -42.7, 1.30),
    "blackman": (0.42000, 1.7268, 1.0989, -58.1, 1.64),
    "blackmanharris": (0.35875, 2.0044, 0.8256, -92.0, 1.90),
    "nuttall": (0.36358, 1.9761, 0.8506, -98.2, 1.87),
    "flattop": (0.21558, 3.7702, 0.0098, -93.6, 3.73),
    "bartlett": (0.50000, 1.3333, 1.8242, -26.5, 1.28),
    "kaiser": (0.33187, 2.1611, 0.7128, -105.9, 2.05),
}


def test_the_table_has_them_all():
    assert set(TABLE) == set(WINDOWS)


@pytest.mark.parametrize("name", WINDOWS)
def test_figures_of_windows(name):
    gain, bandwidth, scalloping, side_lobe, width = TABLE[name]
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
