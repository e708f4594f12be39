"""SoundLevel against closed forms of IEC 61672-1:2013: steady tones, tone bursts, levels exceeded."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import ParamError
from streamlab.nodes.measurement._symbols import meters_for, parse_symbol
from streamlab.nodes.measurement.sound_level import SoundLevel
from streamlab.testing.harness import cut, join, run_node

RATE = 48000
PA = StreamInfo([ChannelInfo("mic", "Pa")], RATE)
ONE_PASCAL = 20 * math.log10(1 / 20e-6)


def tone(seconds, rms=1.0, frequency=1000.0):
    return math.sqrt(2) * rms * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)


def frame(samples, **header):
    return DataFrame.from_samples(np.asarray(samples, dtype=float)[None], PA, **header)


def measure(samples, levels, **config):
    pieces = cut(frame(samples), [4801] * (len(samples) // 4801))
    return run_node("SoundLevel", pieces, config={"levels": levels, **config})


@pytest.mark.contract("M22")
def test_a_steady_tone_has_one_level_by_every_symbol():
    levels = [
        "LAF", "LAS", "LAI", "LCF", "LAeq", "LCeq", "LZeq", "LAFmax", "LAFmin", "LASmax", "LAE",
        "LApeak", "LCpeak", "LZpeak", "LAF50",
    ]  # fmt: skip
    run = measure(tone(10.0), levels, interval=2.0)
    table = run.result["mic"]
    assert list(table) == [*levels, "units", "duration", "missing"]
    for symbol in levels:
        expected = ONE_PASCAL + {"LAE": 10.0}.get(symbol, 3.0103 if symbol.endswith("peak") else 0.0)
        # At 1 kHz every weighting is 0 dB. The ripple of F is 0.003 dB, that of I more; after five time
        # constants a level is 10 lg(1 - e^-5) = -0.03 dB off, which a minimum shows.
        # The onset overshoots in A and C: what counts of its peak is in the intervals below.
        close = {"LAI": 0.02, "LAFmin": 0.03, "LApeak": 0.35, "LCpeak": 0.35}.get(symbol, 0.01)
        assert table[symbol] == pytest.approx(expected, abs=close), symbol
    assert (table["duration"], table["missing"]) == (10.0, 0)
    assert table["units"]["LAeq"] == "dB re 20 uPa"
    assert table["units"]["LAE"] == "dB re (20 uPa)2 s"
    out = join(run.outputs)
    assert out.channels == tuple(f"mic.{symbol}" for symbol in levels)
    assert (out.sample_rate, out.n) == (1 / 2, 5)
    assert out.payload["mic.LAeq"][1:] == pytest.approx([ONE_PASCAL] * 4, abs=1e-3)
    for symbol in ("LApeak", "LCpeak", "LZpeak"):
        assert out.payload[f"mic.{symbol}"][1:] == pytest.approx([ONE_PASCAL + 3.0103] * 4, abs=0.005)
    assert out.payload["mic.LAE"][1:] == pytest.approx([ONE_PASCAL + 10 * math.log10(2)] * 4, abs=1e-3)


@pytest.mark.contract("M22")
@pytest.mark.parametrize(
    ("milliseconds", "fast", "slow"),
    [(500, -0.1, -4.1), (200, -1.0, -7.4), (50, -4.8, -13.1), (10, -11.1, -20.0), (2, -18.0, -27.0)],
)
def test_tone_bursts_of_table_4(milliseconds, fast, slow):
    """4 kHz bursts after the meter has settled; the table is rounded to 0.1 dB."""
    signal = np.zeros(9 * RATE)
    burst = tone(milliseconds / 1000, frequency=4000.0)
    signal[6 * RATE : 6 * RATE + len(burst)] = burst
    table = measure(signal, ["LAFmax", "LASmax", "LAE"]).result["mic"]
    steady = ONE_PASCAL + 0.964  # of A at 3981 Hz it is 0.965: between the lines of the table
    assert table["LAFmax"] - steady == pytest.approx(fast, abs=0.1)
    assert table["LASmax"] - steady == pytest.approx(slow, abs=0.1)
    assert table["LAE"] - steady == pytest.approx(10 * math.log10(milliseconds / 1000), abs=0.05)


@pytest.mark.contract("M22")
def test_levels_exceeded():
    """A quarter of the time at 80 dB, the rest at 60: LAF10 is 80, LAF50 and LAF90 are 60."""
    signal = np.concatenate([tone(15.0, 20e-6 * 1e3), tone(5.0, 20e-6 * 1e4)])
    table = measure(signal, ["LAF10", "LAF50", "LAF90", "LAeq"]).result["mic"]
    assert table["LAF10"] == pytest.approx(80.0, abs=0.02)
    assert table["LAF50"] == pytest.approx(60.0, abs=0.02)
    assert table["LAF90"] == pytest.approx(60.0, abs=0.02)
    assert table["LAeq"] == pytest.approx(10 * math.log10(0.75 * 1e6 + 0.25 * 1e8), abs=0.01)


@pytest.mark.contract("M22", "F7")
def test_levels_exceeded_in_each_interval():
    """80, 60, 70 and 60 dB, followed by F."""
    seconds = [(80.0, 4.0), (60.0, 4.0), (70.0, 1.0), (60.0, 3.0)]
    signal = np.concatenate([tone(length, 20e-6 * 10 ** (level / 20)) for level, length in seconds])
    config = {"levels": ["LAF10", "LAF90"], "interval": 4.0}
    pieces = cut(frame(signal), [1000, 7, 200_001, 50_000])
    out = join(run_node("SoundLevel", pieces, config=config).outputs[1:])
    whole = join(run_node("SoundLevel", [frame(signal)], config=config).outputs[1:])
    assert np.array_equal(out.samples, whole.samples)
    # The first begins while the meter settles. In the second F falls from 80 dB towards 60, in the third it
    # rises to 70, stays for a second and falls.
    assert out.payload["mic.LAF90"] == pytest.approx([60.0, 60.0], abs=0.05)
    # A tenth of four seconds after the step; levels are taken every 10 ms, in which F falls by 0.35 dB.
    fallen = 10**6 + (10**8 - 10**6) * math.exp(-0.4 / 0.125)
    assert out.payload["mic.LAF10"][0] == pytest.approx(10 * math.log10(fallen), abs=0.35)
    assert out.payload["mic.LAF10"][1] == pytest.approx(70.0, abs=0.05)
    first = run_node("SoundLevel", [frame(signal[: 4 * RATE])], config=config)[0]
    assert "settling" in first.metadata
    assert first.samples[:, 0] == pytest.approx([80.0, 80.0], abs=0.03)
    short = run_node("SoundLevel", [frame(signal[:RATE])], config={**config, "interval": 0.5})
    assert np.isnan(short[0].samples[:, 0]).all()
    # Behind a gap the distribution of the interval begins anew with the detector.
    second = frame(tone(8.0, 2e-3), start_sample=6 * RATE, gap=2 * RATE)
    run = run_node("SoundLevel", [frame(signal[: 4 * RATE]), second], config=config)
    assert run[1].start_sample == 2
    assert run[1].samples[:, 0] == pytest.approx([40.0, 40.0], abs=0.03)


@pytest.mark.contract("M22")
def test_intervals_say_when_the_meter_was_settling():
    run = measure(tone(2.0), ["LAF"], interval=0.25)
    told = [("settling" in one.metadata, one.start_sample, one.n) for one in run]
    # Five time constants of 0.125 s and 0.053 s for the filter.
    assert sum(n for settling, _, n in told if settling) == 3
    assert [settling for settling, *_ in told] == sorted((settling for settling, *_ in told), reverse=True)
    assert all("settling" not in one.metadata for one in measure(tone(2.0), ["LAF"], interval=2.0)[1:])
    node = SoundLevel(levels=["LAF", "LAS"])
    node.process(frame(tone(0.1)))
    assert node.settling == pytest.approx(5.0 + 0.0534, abs=1e-3)


@pytest.mark.contract("M22")
def test_before_the_meter_has_settled_what_would_be_too_low_is_not_a_number():
    table = measure(tone(0.3), ["LAFmax", "LAFmin", "LAF50", "LAeq"]).result["mic"]
    assert all(math.isnan(table[symbol]) for symbol in ("LAFmin", "LAF50"))
    assert table["LAeq"] == pytest.approx(ONE_PASCAL, abs=0.05)
    # 0.3 s of F: 1 - exp(-0.3 / 0.125) of the power.
    assert table["LAFmax"] == pytest.approx(ONE_PASCAL - 0.41, abs=0.05)


@pytest.mark.contract("M22")
def test_a_loud_beginning_is_the_maximum():
    wave = tone(3.0)
    wave[..., round(0.4 * RATE) :] *= 0.1
    table = measure(wave, ["LAFmax", "LAFmin"]).result["mic"]
    assert table["LAFmax"] == pytest.approx(ONE_PASCAL - 0.18, abs=0.05)
    assert table["LAFmin"] == pytest.approx(ONE_PASCAL - 20.0, abs=0.05)


@pytest.mark.contract("M22")
def test_an_interval_names_the_levels_that_have_not_settled():
    run = measure(tone(2.0), ["LAeq", "LAF", "LAFmax", "LAFmin", "LAF90", "LCpeak"], interval=1.0)
    assert [one.metadata.get("settling") for one in run] == [("LAF", "LAFmin", "LAF90"), None]
    quiet = measure(tone(2.0), ["LAeq", "LAFmax", "LCpeak"], interval=1.0)
    assert all("settling" not in one.metadata for one in quiet)


@pytest.mark.contract("M22", "F7")
def test_behind_a_gap_it_begins_anew_and_says_what_is_missing():
    first = frame(tone(2.5))
    second = frame(tone(3.0), start_sample=round(3.75 * RATE), gap=round(1.25 * RATE))
    run = run_node("SoundLevel", [first, second], config={"levels": ["LAeq", "LAFmin"], "interval": 0.5})
    places = [(one.start_sample, one.n, "settling" in one.metadata, "partial" in one.metadata) for one in run]
    # 0 to 2.5 s: two intervals begin while it settles; that from 3.5 s lost its beginning.
    assert places == [(0, 2, True, False), (2, 3, False, False), (8, 1, True, False), (9, 4, False, False),
                      (13, 1, False, True)]  # fmt: skip
    assert run.result["mic"]["missing"] == round(1.25 * RATE)
    assert run.result["mic"]["LAFmin"] == pytest.approx(ONE_PASCAL, abs=0.05)
    assert join(run.outputs[3:4]).payload["mic.LAeq"] == pytest.approx([ONE_PASCAL] * 4, abs=1e-3)


def test_as_few_meters_as_there_must_be():
    def plans(*texts):
        return [
            (plan.weighting, plan.time, plan.peak) for plan in meters_for([parse_symbol(t) for t in texts])
        ]

    assert plans("LAeq", "LAFmax", "LCpeak", "LAF90") == [("A", "F", "C")]
    assert plans("LAF", "LAS", "LApeak", "LZpeak") == [("A", "F", "A"), ("A", "S", "Z")]
    assert plans("LCpeak") == [("C", "F", "C")]
    assert plans("LCpeak", "LZpeak", "LAeq") == [("A", "F", "C"), ("Z", "F", "Z")]
    assert plans("LCpeak", "LAeq", "LApeak") == [("A", "F", "A"), ("C", "F", "C")]
    assert plans("LCpeak", "LZpeak", "LApeak", "LAeq") == [("A", "F", "A"), ("C", "F", "C"), ("Z", "F", "Z")]
    assert plans("LAeq", "LZF") == [("Z", "F", None), ("A", "F", None)]


@pytest.mark.contract("M22")
@pytest.mark.parametrize("order", [["LCpeak", "LZpeak", "LApeak"], ["LApeak", "LCpeak", "LZpeak"]])
def test_each_peak_has_its_own_weighting(order):
    """A tone of 100 Hz: A takes 19.1 dB, C 0.3 dB (IEC 61672-1, table 3), in any order."""
    run = measure(tone(2.0, frequency=100.0), [*order, "LAeq"], interval=1.0)
    peaks = {symbol: run[-1].payload[f"mic.{symbol}"][-1] - ONE_PASCAL - 3.0103 for symbol in order}
    assert peaks == pytest.approx({"LApeak": -19.145, "LCpeak": -0.3, "LZpeak": 0.0}, abs=0.02)


@pytest.mark.contract("M22")
def test_a_peak_between_samples_is_found():
    """6 kHz at 48 kHz, where all samples miss the crest by 20 lg cos(pi / 8) = -0.69 dB."""
    time = (np.arange(RATE) + 0.5) / RATE
    signal = np.sin(2 * np.pi * 6000 * time)  # crest 0 dB re 1 Pa, samples at +-22.5 and +-67.5 degrees
    assert 20 * math.log10(np.abs(signal).max()) == pytest.approx(-0.688, abs=0.001)
    run = measure(signal, ["LZpeak"], interval=0.25)
    assert run[-1].payload["mic.LZpeak"][-1] == pytest.approx(ONE_PASCAL, abs=0.03)


@pytest.mark.contract("M22", "N7", "G7")
@pytest.mark.parametrize(
    ("config", "info", "message"),
    [
        ({"levels": ["LBeq"]}, None, "/levels/0: no symbol of a level; expected LAF, LAFmax.*found 'LBeq'"),
        ({"levels": ["LAeq", "LAeq"]}, None, "/levels/1: 'LAeq' is there twice"),
        ({"levels": ["LAF0"]}, None, "/levels/0: .*above 0"),
        ({"levels": ["LAF100"]}, None, "/levels/0"),
        ({"reference": "loud"}, None, "/reference"),
        ({"reference": "1 V"}, PA, "/reference: the reference does not go with the unit of channel 'mic'"),
        ({"interval": 1e-6}, PA, "/interval: the interval is shorter than a sample"),
        ({}, StreamInfo([ChannelInfo("a", "m/s2")], RATE), "/levels: A-weighting is for sound"),
        ({}, StreamInfo(["a"], 2000), "needs a higher sample rate"),
        ({}, StreamInfo([ChannelInfo("a", "Pa", "C-weighted signal")], RATE), "weighted already"),
        ({}, StreamInfo(["a"]), "a sound level needs samples over time"),
    ],
)
def test_what_no_sound_level_can_be_made_of(config, info, message):
    with pytest.raises(ParamError, match=message):
        SoundLevel.stream_info(SoundLevel(**config), **{"in": info})
