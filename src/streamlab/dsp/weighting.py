"""Frequency weightings A, C and Z of sound level meters, IEC 61672-1:2013.

The analogue weightings have a double pole at 12.2 kHz. The bilinear transform squeezes all frequencies
into half the sample rate: at 48 kHz it loses 6 dB at 16 kHz. Here only the poles at low frequencies (20.6 Hz,
107.7 Hz and 737.9 Hz) come from the bilinear transform, which is exact to some 1e-3 dB there. The rest of the
curve, and what the transform has spoiled, is fitted by sections of minimum phase
(:mod:`streamlab.dsp.magnitude`) up to 20 kHz or 0.48 of the rate, whichever is lower.
"""

from functools import lru_cache
from math import exp, pi
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array
from streamlab.dsp.design import response
from streamlab.dsp.magnitude import fit_sections

__all__ = ["WEIGHTINGS", "Weighting", "weighting_gain", "weighting_sections"]

Weighting = Literal["A", "C", "Z"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)

# IEC 61672-1:2013, annex E: pole frequencies in Hz, to more digits than table 3 needs.
F1, F2, F3, F4 = 20.598997, 107.65265, 737.86223, 12194.217
LOWEST_RATE = 2500.0  # 1 kHz, where every weighting is 0 dB, must lie in the band
_FIT_TO = 20_500.0


def weighting_gain(kind: Weighting, frequencies: NDArray[Any]) -> Array:
    """Return the design goal of a weighting in dB at frequencies in Hz (IEC 61672-1:2013, 5.5 and annex E).

    A and C are minus infinity at 0 Hz; all are 0 dB at 1 kHz.

    Examples
    --------
    >>> weighting_gain("A", np.array([100.0, 1000.0, 10_000.0])).round(1).tolist()
    [-19.1, 0.0, -2.5]
    """
    if kind not in WEIGHTINGS:
        raise ValueError(f"a weighting is one of {', '.join(WEIGHTINGS)}; found {kind!r}")
    frequencies = np.asarray(frequencies, dtype=np.float64)
    if kind == "Z":
        return np.zeros(frequencies.shape)
    with np.errstate(divide="ignore"):
        gain: Array = 20.0 * np.log10(_analogue(kind, frequencies) / _analogue(kind, np.array(1000.0)))
    return gain


def weighting_sections(kind: Weighting, rate: float) -> Array:
    """Return the second-order sections of a weighting at a sample rate; 0 dB at 1 kHz exactly.

    Parameters
    ----------
    kind
        ``A``, ``C``, or ``Z``, which changes nothing.
    rate
        Sample rate in Hz, at least 2500.

    Returns
    -------
    (sections, 6) array
        Within 0.01 dB of the design goal from 10 Hz to 20 kHz at rates from 44.1 kHz upwards, within
        0.05 dB up to 0.45 of the rate below that.
    """
    if kind not in WEIGHTINGS:
        raise ValueError(f"a weighting is one of {', '.join(WEIGHTINGS)}; found {kind!r}")
    if not rate >= LOWEST_RATE:
        raise ValueError(f"a weighting needs a sample rate of {LOWEST_RATE:g} Hz or more, found {rate:g} Hz")
    return np.array([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]) if kind == "Z" else _fitted(kind, float(rate)).copy()


@lru_cache(maxsize=32)
def _fitted(kind: Weighting, rate: float) -> Array:
    from scipy.signal import bilinear_zpk, zpk2sos

    poles = [F1, F1] if kind == "C" else [F1, F1, F2, F3]
    low = zpk2sos(*bilinear_zpk(np.zeros(len(poles)), -2.0 * pi * np.array(poles), 1.0, rate))
    top = min(_FIT_TO, 0.48 * rate)
    # Denser towards the top, where the curve is hard to follow.
    frequencies = top * np.sin(0.5 * pi * np.arange(1, 401) / 400.0)
    power = (_analogue(kind, frequencies) / np.abs(response(low, frequencies, rate))) ** 2
    high, _ = fit_sections(power, 2.0 * pi * frequencies / rate, [exp(-2.0 * pi * F4 / rate)] * 2)
    sections = np.concatenate([low, high])
    sections[0, :3] /= np.abs(response(sections, np.array([1000.0]), rate)[0])
    return sections


def _analogue(kind: Weighting, frequencies: Array) -> Array:
    """The magnitude by the poles, not normalised (IEC 61672-1:2013, annex E)."""
    square = frequencies * frequencies
    gain: Array = F4**2 * square / ((square + F1**2) * (square + F4**2))
    if kind == "A":
        gain = gain * square / np.sqrt((square + F2**2) * (square + F3**2))
    return gain
