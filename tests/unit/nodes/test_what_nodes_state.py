"""What a node says of settling and units in its description is there, and is true."""

from __future__ import annotations

import re

import numpy as np
import pytest

from streamlab.cli.docstrings import parse
from streamlab.core import ChannelInfo, DataFrame, StreamInfo, node_class
from streamlab.core.catalogue import BUILT_IN

MEASURING = [
    name for name, place in BUILT_IN.items() if ".conditioning." in place or ".measurement." in place
]
RATE = 48_000.0


def described(name: str) -> dict[str, str]:
    return parse(node_class(name).__doc__).headings


@pytest.mark.contract("N8")
@pytest.mark.parametrize("name", MEASURING)
def test_every_measuring_node_states_gaps_and_settling(name):
    headings = described(name)
    assert len(headings["Gaps"]) > 5
    assert re.match(r"at once|within|with its first|before|by 60 dB|when", headings["Settles"])


# What a type cannot do without, and the unit of its input where that is not Pa.
NEEDED = {
    "Offset": {"offset": 1.0},
    "ConvertUnit": {"to": "kPa"},
    "Sensitivity": {"sensitivity": 50.0, "unit_in": "V"},
    "Filter": {"cutoff": 100.0},
    "Resample": {"rate": 16_000.0},
    "Calibrate": {"level": 94.0},
    "EnvelopeSpectrum": {"band_low": 2000.0, "band_high": 5000.0},
    "Integrate": {"to": "mm/s", "unit_in": "g"},
}
LEVELS = [
    ("Level", {}, "20 uPa"),
    ("SoundLevel", {}, "20 uPa"),
    ("OctaveBands", {}, "20 uPa"),
    ("TimeWeighting", {}, "20 uPa"),
    ("Spectrum", {"decibels": True}, "20 uPa"),
    ("Spectrogram", {"decibels": True}, "20 uPa"),
    ("Spectrum", {"decibels": True, "scaling": "psd"}, "(20 uPa)2/Hz"),
    ("EnvelopeSpectrum", {"decibels": True}, "20 uPa"),
    ("EnvelopeSpectrum", {"over_median": True}, "median"),
]


def comes_out(name: str, **config) -> StreamInfo:
    config = NEEDED.get(name, {}) | config
    unit = config.pop("unit_in", "Pa")
    cls = node_class(name)
    if name == "Peaks":
        info = StreamInfo([ChannelInfo("x", unit)], RATE, "frequency", range(100))
    else:
        info = StreamInfo([ChannelInfo("x", unit)], RATE)
    return cls.stream_info(cls(**config), **dict.fromkeys(cls.inputs, info))


@pytest.mark.contract("N8", "M2")
@pytest.mark.parametrize("name", MEASURING)
def test_what_comes_out_has_a_unit_and_a_level_its_reference(name):
    for channel in comes_out(name).channels:
        assert channel.unit, channel
        assert (channel.unit == "dB") == bool(channel.reference), channel


@pytest.mark.contract("N8", "M2")
@pytest.mark.parametrize(("name", "config", "reference"), LEVELS)
def test_levels_say_what_they_are_relative_to(name, config, reference):
    levels = [channel for channel in comes_out(name, **config).channels if channel.unit == "dB"]
    assert levels
    assert {channel.reference for channel in levels} == {reference}


def configured(name: str, unit: str = "Pa", **config) -> float:
    """The seconds of ``settling`` once the stream is known."""
    node = node_class(name)(**config)
    info = StreamInfo([ChannelInfo("x", unit)], RATE)
    node.process(DataFrame.from_samples(np.zeros((1, 100)), info))
    return node.settling


@pytest.mark.contract("N8", "M20", "M21", "M22", "M23", "M27", "M29")
@pytest.mark.parametrize(
    ("name", "config", "said"),
    [
        ("FrequencyWeighting", {}, r"within (0\.053) s"),
        ("SoundLevel", {}, r"within (0\.7) s with F"),
        ("SoundLevel", {"levels": ["LAS"]}, r"and (5\.1) s with S"),
        ("OctaveBands", {}, r"within (1\.34) s for third octaves from 20 Hz"),
        ("TimeWeighting", {"time": "F"}, r"F (0\.63) s"),
        ("TimeWeighting", {"time": "S"}, r"S (5) s"),
        ("TimeWeighting", {"time": "I"}, r"I (7\.5) s"),
        ("Integrate", {"to": "mm/s", "unit": "m/s2"}, r"about (0\.29) s at 10 Hz"),
    ],
)
def test_the_seconds_that_are_stated_are_those_of_the_node(name, config, said):
    stated = float(re.search(said, described(name)["Settles"])[1])
    assert configured(name, **config) == pytest.approx(stated, rel=0.05)
