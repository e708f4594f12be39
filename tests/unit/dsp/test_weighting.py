"""Weighting sections are sound filters; curves are followed by sections of minimum phase."""

from __future__ import annotations

import numpy as np
import pytest

from streamlab.dsp.design import response
from streamlab.dsp.magnitude import fit_sections, fit_zeros
from streamlab.dsp.weighting import weighting_gain, weighting_sections


@pytest.mark.parametrize("kind", ["A", "C"])
@pytest.mark.parametrize("rate", [2500.0, 16000.0, 44100.0, 48000.0, 192000.0])
def test_poles_and_zeros_lie_where_they_should(kind, rate):
    for row in weighting_sections(kind, rate):
        assert np.abs(np.roots(row[3:])).max(initial=0.0) < 1.0
        assert np.abs(np.roots(row[:3])).max(initial=0.0) < 1.0 + 1e-6  # minimum phase; zeros at 0 Hz


def test_sections_belong_to_the_caller():
    weighting_sections("A", 48000.0)[:] = 0.0
    assert weighting_sections("A", 48000.0).any()


def test_z_changes_nothing():
    assert weighting_sections("Z", 48000.0).tolist() == [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]
    assert weighting_gain("Z", np.array([0.0, 1e5])).tolist() == [0.0, 0.0]


def test_there_is_no_level_at_zero_hertz():
    assert weighting_gain("A", np.array([0.0])).tolist() == [-np.inf]


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="A, C, Z; found 'B'"):
        weighting_sections("B", 48000.0)
    with pytest.raises(ValueError, match="A, C, Z; found 'a'"):
        weighting_gain("a", np.array([1.0]))
    with pytest.raises(ValueError, match="2500 Hz or more, found 2000 Hz"):
        weighting_sections("A", 2000.0)


ANGLES = np.linspace(0.01, 3.0, 300)


def test_a_known_filter_is_found_again():
    numerator = np.poly([0.5, -0.3])
    gain = np.abs(np.polyval(numerator[::-1], np.exp(-1j * ANGLES)) / (1 - 0.9 * np.exp(-1j * ANGLES)) ** 2)
    found, error = fit_zeros(gain**2, ANGLES, [0.9, 0.9], 2)
    assert found == pytest.approx(numerator, abs=1e-9)
    assert error < 1e-10
    sections, error = fit_sections(gain**2, ANGLES, [0.9, 0.9])
    assert np.abs(response(sections, ANGLES, 2 * np.pi)) == pytest.approx(gain, rel=1e-9)
    assert error < 1e-10


def test_a_curve_that_no_filter_has_is_refused():
    negative = np.cos(ANGLES) - 0.5  # the polynomial goes on below zero beyond these angles
    angles, power = ANGLES[:80], negative[:80]
    assert power.min() > 0
    assert fit_zeros(power, angles, [], 1) is None
    with pytest.raises(ValueError, match=r"no section follows this curve with poles at \[0.1\]"):
        fit_sections(power, angles, [0.1])
