"""SineGenerator, Noise and Clock."""

from __future__ import annotations

from fractions import Fraction
from math import pi, sin

import numpy as np
import pytest
from scipy.signal import welch

from streamlab.core import ChannelInfo, DataFrame, StreamInfo, channel
from streamlab.errors import EndOfStream, ParamError
from streamlab.nodes.generators.clock import Clock
from streamlab.nodes.generators.noise import Noise
from streamlab.nodes.generators.sine_generator import SineGenerator
from streamlab.testing.harness import join, run_node


def triggers(count):
    return [DataFrame(1000 * k, k) for k in range(count)]


def exact(frequency, rate, n):
    turns = n * Fraction(str(frequency)) / Fraction(str(rate)) % 1
    return sin(2 * pi * float(turns))


@pytest.mark.contract("N4")
def test_one_hertz_at_eight_as_in_the_original():
    run = run_node(
        "SineGenerator", triggers(3), config={"frequency": 1.0, "sample_rate": 8.0, "frame_size": 4}
    )
    assert [frame.n for frame in run] == [4, 4, 4]
    expected = [0, 0.70710678, 1, 0.70710678, 0, -0.70710678, -1, -0.70710678, 0, 0.70710678, 1, 0.70710678]
    assert join(run.outputs).payload["main_channel"] == pytest.approx(expected, abs=1e-8)


@pytest.mark.contract("N4")
def test_frames_follow_each_other_without_a_break():
    # 441.7 Hz: 9.4 periods in a frame, so a phase that began anew each time could not pass.
    run = run_node("SineGenerator", triggers(47), config={"frequency": 441.7})
    found = join(run.outputs).samples[0]
    expected = [exact(441.7, 48000, n) for n in range(len(found))]
    assert len(found) == 47 * 1024  # the first second
    assert np.abs(found - expected).max() < 1e-12


@pytest.mark.contract("N4")
def test_a_million_frames_later():
    node = SineGenerator(frequency=441.7)
    node.process(DataFrame())
    node._count = start = 10**6 * 1024
    found = node.process(DataFrame()).samples[0]
    expected = [exact(441.7, 48000, n) for n in range(start, start + 1024)]
    assert np.abs(found - expected).max() < 1e-9


@pytest.mark.contract("N4")
def test_two_calls_are_one_of_double_length():
    short = SineGenerator(frequency=997.3, frame_size=100)
    long = SineGenerator(frequency=997.3, frame_size=200)
    halves = [short.process(frame).samples for frame in triggers(2)]
    assert np.abs(np.hstack(halves) - long.process(DataFrame()).samples).max() < 1e-12


async def _run(node, frames):
    (tx, rx), (out, result) = channel(10), channel(10)
    for frame in frames:
        await tx.send(frame)
    tx.close()
    await node.run(rx, out)
    made = []
    try:
        while True:
            made.append(await result.recv())
    except EndOfStream as end:
        return made, end.reason


@pytest.mark.contract("N4", "N2")
def test_run_goes_on_where_process_left():
    import asyncio

    node, other = SineGenerator(frequency=441.7), SineGenerator(frequency=441.7)
    first = node.process(DataFrame())
    rest, reason = asyncio.run(_run(node, triggers(2)))
    expected = [other.process(frame).samples for frame in triggers(3)]
    assert reason == "completed"
    for found, wanted in zip([first, *rest], expected, strict=True):
        assert np.array_equal(found.samples, wanted)


@pytest.mark.contract("N4", "F8")
def test_a_frame_keeps_what_the_trigger_brings():
    brought = StreamInfo([ChannelInfo("rpm", "1/min"), ChannelInfo("old")])
    trigger = DataFrame.from_samples(
        np.arange(8.0).reshape(2, 4), brought, timestamp=77, sequence_id=5, metadata={"run": 3}, gap=2
    )
    node = SineGenerator(frequency=1.0, sample_rate=8.0, frame_size=4, channels=["old", "new"], unit="Pa")
    frame = node.process(trigger.seal())
    assert (frame.timestamp, frame.sequence_id, dict(frame.metadata)) == (77, 5, {"run": 3})
    assert frame.channels == ("rpm", "old", "new")
    assert frame.payload["rpm"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert frame.payload["old"] == pytest.approx([0, 0.70710678, 1, 0.70710678])
    assert np.array_equal(frame.payload["old"], frame.payload["new"])
    assert [channel.unit for channel in frame.info.channels] == ["1/min", "Pa", "Pa"]
    assert (frame.sample_rate, frame.start_sample, frame.gap) == (8, 0, 0)


@pytest.mark.contract("N4")
def test_channels_of_another_length_stay_behind():
    node = SineGenerator(frame_size=4)
    assert node.process(DataFrame(payload={"other": [1.0, 2.0]})).channels == ("main_channel",)
    assert node.process(DataFrame(payload={"other": [1.0] * 4})).channels == ("other", "main_channel")
    assert node.process(DataFrame()).channels == ("main_channel",)


@pytest.mark.contract("N4", "F5")
def test_frames_carry_rate_and_position():
    run = run_node("SineGenerator", triggers(3), config={"sample_rate": 5000.024, "frame_size": 10})
    assert [frame.start_sample for frame in run] == [0, 10, 20]
    assert run[0].sample_rate == Fraction(625003, 125)


@pytest.mark.contract("N4")
@pytest.mark.parametrize("change", ["update", "attribute"])
def test_a_new_frequency_keeps_the_phase(change):
    node = SineGenerator(frequency=441.7, frame_size=100)
    node.process(DataFrame())
    if change == "update":
        node.update(frequency=1234.5)
    else:
        node.frequency = 1234.5
    found = np.hstack([node.process(DataFrame()).samples[0] for _ in range(2)])
    # The phase of sample 100 is that of the old frequency; from there the new one counts.
    reached = Fraction(100) * Fraction("441.7") / 48000
    turns = [(reached + Fraction(k) * Fraction("1234.5") / 48000) % 1 for k in range(200)]
    assert np.abs(found - [sin(2 * pi * float(turn)) for turn in turns]).max() < 1e-12


def test_amplitude_and_phase():
    node = SineGenerator(frequency=1.0, sample_rate=4.0, frame_size=4, amplitude=3.0, phase=pi / 2)
    assert node.process(DataFrame()).samples[0] == pytest.approx([3, 0, -3, 0], abs=1e-14)
    node.amplitude = 1.0
    assert node.process(DataFrame()).samples[0] == pytest.approx([1, 0, -1, 0], abs=1e-14)


@pytest.mark.contract("G7", "N7")
def test_a_frequency_above_nyquist_is_refused_everywhere():
    with pytest.raises(
        ParamError, match=r"frequency: the frequency is above half the sample rate; .*4000 Hz"
    ):
        SineGenerator(frequency=4001.0, sample_rate=8000.0)
    node = SineGenerator(frequency=4000.0, sample_rate=8000.0)
    with pytest.raises(ParamError, match="above half"):
        node.update(frequency=5000.0)
    assert node.frequency == 4000.0
    node.frequency = 5000.0
    with pytest.raises(ParamError, match="above half"):
        node.process(DataFrame())
    with pytest.raises(ParamError, match="above half"):
        SineGenerator.stream_info(node, **{"in": None})


@pytest.mark.contract("G7")
def test_other_rates_are_not_mixed():
    with pytest.raises(ParamError, match=r"\(mic\) have another rate"):
        SineGenerator.stream_info(SineGenerator(), **{"in": StreamInfo(["mic"], 44100)})
    ticks = StreamInfo((), 10, "none")
    assert SineGenerator.stream_info(SineGenerator(), **{"in": ticks}).sample_rate == 48000


def test_channel_names_differ():
    with pytest.raises(ParamError, match=r"/channels/1: channel names must differ; found 'a' twice"):
        SineGenerator(channels=["a", "a"])


# ------------------------------------------------------------------------------ noise


@pytest.mark.parametrize("color", ["white", "pink", "brown"])
def test_noise_does_not_depend_on_the_frame_size(color):
    config = {"color": color, "rms": 0.5, "seed": 3, "channels": ["a", "b"], "unit": "V"}
    small = run_node("Noise", triggers(100), config={**config, "frame_size": 30})
    large = run_node("Noise", triggers(3), config={**config, "frame_size": 1000})
    assert np.array_equal(join(small.outputs).samples, join(large.outputs).samples)
    assert small[0].info.channels[1] == ChannelInfo("b", "V")


def test_noise_has_its_rms_and_independent_channels():
    samples = Noise(rms=0.5, frame_size=1 << 18, channels=["a", "b"]).process(DataFrame()).samples
    assert samples.std(axis=1) == pytest.approx(0.5, abs=0.5 * 5 / (1 << 19) ** 0.5)
    assert abs(np.corrcoef(samples)[0, 1]) < 5 / (1 << 18) ** 0.5


@pytest.mark.contract("M9")
@pytest.mark.parametrize(("color", "slope"), [("white", 0.0), ("pink", -3.0103), ("brown", -6.0206)])
def test_noise_falls_by_its_decibels_per_octave(color, slope):
    """The density of a minute, averaged in octaves from 50 Hz to 12.8 kHz."""
    samples = Noise(color=color, seed=4, frame_size=60 * 48000).process(DataFrame()).samples[0]
    frequencies, density = welch(samples, 48000, nperseg=1 << 14)
    edges = 50.0 * 2.0 ** np.arange(9)
    means = [
        np.log2(density[(frequencies >= low) & (frequencies < 2 * low)]).mean() for low in edges[:-1].tolist()
    ]
    fitted = np.polyfit(np.arange(8), means, 1)[0] * 10 * np.log10(2)
    assert fitted == pytest.approx(slope, abs=0.05)


def test_a_live_change_scales_the_noise_that_was_coming():
    one, other = Noise(seed=1, frame_size=10), Noise(seed=1, frame_size=10)
    one.process(DataFrame())
    other.process(DataFrame())
    one.update(rms=3.0)
    assert np.array_equal(one.process(DataFrame()).samples, 3.0 * other.process(DataFrame()).samples)


# ------------------------------------------------------------------------------ clock


@pytest.mark.contract("E4", "F5")
def test_a_clock_counts():
    run = run_node("Clock", config={"rate": 3.0, "frames": 4})
    assert [frame.timestamp for frame in run] == [0, 333333, 666666, 1000000]
    assert [frame.start_sample for frame in run] == [frame.sequence_id for frame in run] == [0, 1, 2, 3]
    assert {(frame.n, frame.span, frame.channels, frame.info.axis) for frame in run} == {(0, 1, (), "none")}
    assert run[3].time == 1


@pytest.mark.contract("E4")
@pytest.mark.parametrize(
    ("config", "count"),
    [
        ({"frames": 0}, 0),
        ({"duration": 1.0}, 10),
        ({"duration": 0.25}, 3),
        ({"rate": 46.875, "duration": 2.0}, 94),
    ],
)
def test_a_clock_ends(config, count):
    assert len(run_node("Clock", config=config)) == count


@pytest.mark.contract("E4")
def test_a_clock_without_an_end_ticks_on():
    run = run_node("Clock", limit=1000)
    assert run[-1].timestamp == 99_900_000


def test_a_clock_takes_frames_or_duration():
    with pytest.raises(ParamError, match="/duration: frames and duration are both given"):
        Clock(frames=1, duration=1.0)
    with pytest.raises(ParamError, match="/frames"):
        Clock(frames=-1)
