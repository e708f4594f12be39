"""Which outputs a report shows."""

from pathlib import Path

import pytest

from streamlab import Graph
from streamlab.report.streams import MOST_STREAMS, watched_streams

SHOWN = {
    "sound_level.json": {"mic.out": ("level",), "level.out": ("limit", "table")},
    "noise_survey.json": {
        "mic.out": ("check", "level", "bands"),
        "level.out": ("limit", "levels"),
        "bands.out": ("thirds",),
    },
    "bearing_monitor.json": {
        "sensor.out": ("check", "envelope"),
        "envelope.out": ("outer_race", "inner_race", "table"),
    },
    "hum.json": {"amplifier.out": ("console_out",)},
    "calibration.json": {"offset.out": ("check", "calibrate")},
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_measured_judged_or_recorded_is_shown(repository: Path, name: str) -> None:
    found, left_out = watched_streams(Graph.load(repository / "examples" / name).spec())
    assert {one.name: one.readers for one in found} == SHOWN[name]
    assert left_out == []


def test_of_too_many_those_with_a_judge_are_shown() -> None:
    graph = Graph("many")
    for at in range(MOST_STREAMS + 4):
        graph.add(f"s{at}", "WavFile", path="x.wav")
        if at >= 20:
            graph.add(f"j{at}", "Limit", value="ch1", upper=1.0).connect(f"s{at}", f"j{at}")
    found, left_out = watched_streams(graph.spec())
    assert len(found) == MOST_STREAMS
    assert [one.node for one in left_out] == ["s16", "s17", "s18", "s19"]
