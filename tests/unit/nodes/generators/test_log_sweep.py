"""LogSweep against its closed form: frequency over time, energy per octave, silence around it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import DataFrame
from streamlab.errors import ParamError
from streamlab.nodes.generators.log_sweep import LogSweep
from streamlab.testing.harness import join, run_node

RATE = 48_000


def sweep(seconds, **config):
    size = 4800
    triggers = [DataFrame(0, k) for k in range(round(seconds * RATE / size))]
    return join(run_node("LogSweep", triggers, config={"frame_size": size, **config}).outputs).samples


@pytest.mark.contract("M9")
@pytest.mark.parametrize(("start", "stop"), [(20.0, 20_000.0), (8000.0, 50.0)])
def test_the_frequency_grows_by_the_same_ratio_in_the_same_time(start, stop):
    """The phase is that of the integral of f1 (f2 / f1)^(t / T)."""
    (signal,) = sweep(2.0, start=start, stop=stop, duration=2.0, amplitude=0.5)
    time = np.arange(2 * RATE) / RATE
    growth = math.log(stop / start) / 2.0
    expected = 0.5 * np.sin(2 * np.pi * start * np.expm1(growth * time) / growth)
    assert np.abs(signal - expected).max() < 1e-9


@pytest.mark.contract("M9")
def test_every_octave_has_the_same_energy():
    (signal,) = sweep(4.0, start=50.0, stop=12_800.0, duration=4.0)
    parts = signal.reshape(8, -1)  # eight octaves, half a second each
    assert (parts**2).mean(axis=1) == pytest.approx([0.5] * 8, abs=0.01)
    power = np.abs(np.fft.rfft(signal)) ** 2
    frequencies = np.fft.rfftfreq(len(signal), 1 / RATE)
    edges = 100.0 * 2.0 ** np.arange(6)
    energy = [power[(frequencies >= low) & (frequencies < 2 * low)].sum() for low in edges.tolist()]
    assert 10 * np.log10(np.array(energy) / energy[0]) == pytest.approx([0.0] * 6, abs=0.1)


@pytest.mark.contract("M9")
def test_there_is_silence_before_and_behind():
    config = {"start": 100.0, "stop": 200.0, "duration": 0.25, "begin": 0.1234567, "channels": ["a", "b"]}
    one, other = sweep(0.6, **config)
    assert np.array_equal(one, other)
    first = math.ceil(0.1234567 * RATE)
    assert not one[: first + 1].any()  # it begins at zero
    assert one[first + 1 : first + 20].all()
    assert np.flatnonzero(one)[-1] == first + 12_000 - 1
    alone = sweep(0.6, **{**config, "begin": 0.0})[0]
    assert np.array_equal(one[first:], alone[: len(one) - first])


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"stop": 25_000.0},
            "/stop: .* half the sample rate; expected at most 24000 Hz; found 25000",
        ),
        ({"start": 25_000.0}, "/start: start is above half the sample rate"),
        ({"start": 50.0, "stop": 50.0}, "/stop: a sweep goes from one frequency to another"),
    ],
)
def test_sweeps_that_cannot_be(config, message):
    with pytest.raises(ParamError, match=message):
        LogSweep(**config)
