"""Tables of the standards: design goals and the limits of class 1, as printed. Nothing is computed here.

The limits of fractional-octave filters (IEC 61260-1:2014, table 1) are in :mod:`streamlab.dsp.bands`, which
designs filters by them.
"""

from math import inf
from typing import Literal, NamedTuple

from streamlab.dsp.weighting import Weighting
from streamlab.dsp.window import WindowName

__all__ = [
    "BANDWIDTH",
    "CHANGE",
    "DECAY",
    "FAST_AND_SLOW",
    "LINEARITY",
    "LINEAR_TIME",
    "SUMMATION",
    "TABLE_3",
    "TABLE_4",
    "TABLE_5",
    "WEIGHTINGS_AT_1_KHZ",
    "WINDOW_TABLE",
    "Burst",
    "Peak",
    "WeightingRow",
    "WindowRow",
]


class WeightingRow(NamedTuple):
    """A row of table 3: design goals in dB at 1000 * 10^(n/10) Hz, and limits of the deviation from them."""

    n: int
    a: float
    c: float
    upper: float
    lower: float

    @property
    def frequency(self) -> float:
        """The exact frequency in Hz."""
        return float(1000.0 * 10.0 ** (self.n / 10.0))

    def goal(self, weighting: Weighting) -> float:
        """The design goal of a weighting in dB."""
        return {"A": self.a, "C": self.c, "Z": 0.0}[weighting]


class Burst(NamedTuple):
    """A row of table 4: a 4 kHz toneburst against the steady tone, in dB.

    Duration in ms, then LAFmax - LA, LAE - LA and their limits, then LASmax - LA and its limits (None: not
    asked for).
    """

    milliseconds: float
    fast: float
    exposure: float
    upper: float
    lower: float
    slow: float | None
    slow_upper: float | None
    slow_lower: float | None


class Peak(NamedTuple):
    """A row of table 5: LCpeak - LC of so many cycles of a tone in Hz, beginning upwards or downwards."""

    frequency: float
    cycles: float
    sign: int
    difference: float
    limit: float


class WindowRow(NamedTuple):
    """Figures of a window: coherent gain, noise bandwidth in lines, largest scalloping loss in dB."""

    name: WindowName
    coherent_gain: float
    noise_bandwidth: float
    scalloping: float


# IEC 61672-1:2013, 5.5, table 3, class 1
TABLE_3 = tuple(
    WeightingRow(*row)
    for row in (
        (-20, -70.4, -14.3, 3.0, -inf),
        (-19, -63.4, -11.2, 2.5, -inf),
        (-18, -56.7, -8.5, 2.0, -4.0),
        (-17, -50.5, -6.2, 2.0, -2.0),
        (-16, -44.7, -4.4, 2.0, -1.5),
        (-15, -39.4, -3.0, 1.5, -1.5),
        (-14, -34.6, -2.0, 1.0, -1.0),
        (-13, -30.2, -1.3, 1.0, -1.0),
        (-12, -26.2, -0.8, 1.0, -1.0),
        (-11, -22.5, -0.5, 1.0, -1.0),
        (-10, -19.1, -0.3, 1.0, -1.0),
        (-9, -16.1, -0.2, 1.0, -1.0),
        (-8, -13.4, -0.1, 1.0, -1.0),
        (-7, -10.9, 0.0, 1.0, -1.0),
        (-6, -8.6, 0.0, 1.0, -1.0),
        (-5, -6.6, 0.0, 1.0, -1.0),
        (-4, -4.8, 0.0, 1.0, -1.0),
        (-3, -3.2, 0.0, 1.0, -1.0),
        (-2, -1.9, 0.0, 1.0, -1.0),
        (-1, -0.8, 0.0, 1.0, -1.0),
        (0, 0.0, 0.0, 0.7, -0.7),
        (1, 0.6, 0.0, 1.0, -1.0),
        (2, 1.0, -0.1, 1.0, -1.0),
        (3, 1.2, -0.2, 1.0, -1.0),
        (4, 1.3, -0.3, 1.0, -1.0),
        (5, 1.2, -0.5, 1.0, -1.0),
        (6, 1.0, -0.8, 1.0, -1.0),
        (7, 0.5, -1.3, 1.5, -1.5),
        (8, -0.1, -2.0, 1.5, -2.0),
        (9, -1.1, -3.0, 1.5, -2.5),
        (10, -2.5, -4.4, 2.0, -3.0),
        (11, -4.3, -6.2, 2.0, -5.0),
        (12, -6.6, -8.5, 2.5, -16.0),
        (13, -9.3, -11.2, 3.0, -inf),
    )
)
WEIGHTINGS_AT_1_KHZ = 0.2  # dB, 5.5.9: the largest difference between A, C and Z at 1 kHz
LINEARITY = 0.8  # dB, 5.6.5, class 1: the largest deviation from a straight line
CHANGE = 0.3  # dB, 5.6.6, class 1: the same for a change of 1 to 10 dB
DECAY: dict[Literal["F", "S"], tuple[float, float]] = {  # dB/s, 5.8.2: when a tone stops
    "F": (25.0, inf),
    "S": (3.4, 5.3),
}
FAST_AND_SLOW = 0.1  # dB, 5.8.3: the largest difference between F and S on a steady tone of 1 kHz

# IEC 61672-1:2013, 5.9 and 5.10, table 4, class 1
TABLE_4 = tuple(
    Burst(*row)
    for row in (
        (1000.0, 0.0, 0.0, 0.5, -0.5, -2.0, 0.5, -0.5),
        (500.0, -0.1, -3.0, 0.5, -0.5, -4.1, 0.5, -0.5),
        (200.0, -1.0, -7.0, 0.5, -0.5, -7.4, 0.5, -0.5),
        (100.0, -2.6, -10.0, 1.0, -1.0, -10.2, 1.0, -1.0),
        (50.0, -4.8, -13.0, 1.0, -1.0, -13.1, 1.0, -1.0),
        (20.0, -8.3, -17.0, 1.0, -1.0, -17.0, 1.0, -1.5),
        (10.0, -11.1, -20.0, 1.0, -1.0, -20.0, 1.0, -2.0),
        (5.0, -14.1, -23.0, 1.0, -1.0, -23.0, 1.0, -2.5),
        (2.0, -18.0, -27.0, 1.0, -1.5, -27.0, 1.0, -3.0),
        (1.0, -21.0, -30.0, 1.0, -2.0, None, None, None),
        (0.5, -24.0, -33.0, 1.0, -2.5, None, None, None),
        (0.25, -27.0, -36.0, 1.0, -3.0, None, None, None),
    )
)

# IEC 61672-1:2013, 5.13, table 5, class 1
TABLE_5 = (
    Peak(31.5, 1.0, 1, 2.5, 2.0),
    Peak(500.0, 1.0, 1, 3.5, 1.0),
    Peak(8000.0, 1.0, 1, 3.4, 2.0),
    Peak(500.0, 0.5, 1, 2.4, 1.0),
    Peak(500.0, 0.5, -1, 2.4, 1.0),
)

# IEC 61260-1:2014, class 1, dB
BANDWIDTH = 0.4  # 5.12: the largest deviation of the effective bandwidth
LINEAR_TIME = 0.4  # 5.14: of the mean square of a sweep
SUMMATION = (-1.8, 0.8)  # 5.16: of the sum of neighbouring bands for a tone between their centres

# F. J. Harris, Proc. IEEE 66, 1978, table I, to more digits; flattop: G. D'Antona, A. Ferrero, "Digital
# Signal Processing for Measurement Systems", 2006, p. 70. Periodic windows of 4096 samples.
WINDOW_TABLE = (
    WindowRow("rectangular", 1.00000, 1.0000, 3.9224),
    WindowRow("hann", 0.50000, 1.5000, 1.4236),
    WindowRow("hamming", 0.54000, 1.3628, 1.7514),
    WindowRow("blackman", 0.42000, 1.7268, 1.0989),
    WindowRow("blackmanharris", 0.35875, 2.0044, 0.8256),
    WindowRow("nuttall", 0.36358, 1.9761, 0.8506),
    WindowRow("flattop", 0.21558, 3.7702, 0.0098),
    WindowRow("bartlett", 0.50000, 1.3333, 1.8242),
    WindowRow("kaiser", 0.33187, 2.1611, 0.7128),
)
