"""Bearing faults of the MFPT challenge: envelope lines found before with SciPy on the whole recording."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import loadmat

from streamlab.dsp.design import design_sos
from streamlab.dsp.envelope import Envelope, height_over_median
from streamlab.dsp.sos import SosFilter
from streamlab.dsp.spectrum import SpectrumAverager
from streamlab.dsp.statistics import Moments


@pytest.mark.parametrize(
    ("name", "kurtosis", "line", "height", "geometric"),
    [
        ("InnerRaceFault_vload_1", 51.05, 118.00, 33.9, 118.88),
        ("OuterRaceFault_vload_5", 11.90, 80.33, 32.7, 81.12),
    ],
)
def test_the_line_of_the_fault_stands_out(shared_data, name, kurtosis, line, height, geometric):
    bearing = loadmat(shared_data / "mfpt-bearing" / f"{name}.mat", squeeze_me=True)["bearing"]
    samples = bearing["gs"].item()[np.newaxis]
    rate = float(bearing["sr"].item())
    assert (rate, samples.shape[1]) == (48_828.0, 3 * 48_828)

    moments = Moments(1)
    moments.add(samples)
    assert moments.kurtosis()[0] == pytest.approx(kurtosis, abs=0.006)

    # Band-pass 2 to 15 kHz, envelope, Hann: block by block, as a stream.
    band = SosFilter(design_sos("butterworth", "bandpass", (2000.0, 15_000.0), rate), 1)
    envelope = Envelope(1, rate, low=1500.0)
    spectrum = SpectrumAverager(1, rate, samples.shape[1] - 1000, remove_mean=True)
    out = [envelope.block(band.block(part)) for part in np.array_split(samples, 29, axis=1)]
    spectrum.block(np.concatenate(out, axis=1)[:, 1000:])
    heights = height_over_median(spectrum.spectrum("amplitude"), spectrum.frequencies, 5.0, 400.0)[0]
    largest = int(np.nanargmax(heights))
    assert spectrum.frequencies[largest] == pytest.approx(line, abs=0.4)
    assert heights[largest] == pytest.approx(height, abs=1.0)
    # Slip puts it below the frequency of the geometry.
    assert 0.985 < spectrum.frequencies[largest] / geometric < 1.0
