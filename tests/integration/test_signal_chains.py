"""Chains of conditioning and logic nodes give the same whatever way the graph is run."""

from __future__ import annotations

import asyncio

import pytest

from streamlab import AsyncPipeline, Graph
from streamlab.core import DataFrame


def chain(**settings) -> Graph:
    tone = {"frequency": 97.3, "amplitude": 0.1, "frame_size": 200, "unit": "mV", "channels": ["ch1", "ch2"]}
    graph = Graph().add("tone", "Square", **tone)
    graph.add("pick", "Select", keep=["ch2", "ch1"], rename={"ch1": "force", "ch2": "bearing"})
    graph.add("volts", "ConvertUnit", to="V")
    graph.add("sensor", "Sensitivity", sensitivity=10.0, unit="mV/g", channels=["bearing"])
    graph.add("si", "ConvertUnit", to="m/s2", channels=["bearing"])
    graph.add("late", "Delay", samples=333, channels=["force"])
    graph.add("dc", "RemoveDc", cutoff=20.0)
    graph.add("check", "CheckSignal", overload=100.0)
    graph.add("cut", "Rechunk", size=300, hop=150)
    graph.add("one", "Rechunk", size=77)
    graph.add("count", "Counter", value="bearing", lower=0.02, hysteresis=0.01)
    graph.add("numbers", "Statistics")
    edges = (
        "tone pick, pick volts, volts sensor, sensor si, si late, late dc, dc check, check cut, cut numbers"
    )
    for edge in f"{edges}, check one, one count".split(", "):
        graph.connect(*edge.split())
    graph.document["pipeline_config"] = settings
    return graph


async def outputs(graph: Graph) -> dict[str, list[DataFrame]]:
    pipeline = AsyncPipeline(graph, collect=["check", "numbers", "count"])
    report = await pipeline.run([DataFrame(4000 * k, k, metadata={"k": k}) for k in range(40)])
    assert report.results["count"] == {"bearing": report.outputs["count"][-1].samples[0, -1]}
    return report.outputs


@pytest.mark.contract("E8", "N8")
@pytest.mark.parametrize(
    "settings",
    [{"channel_capacity": 1}, {"channel_capacity": 64}, {"executor": "thread"}, {"executor": "process"}],
    ids=lambda settings: ", ".join(map(str, settings.values())),
)
def test_a_chain_gives_the_same_in_every_mode(settings):
    expected = asyncio.run(outputs(chain(fuse=False)))
    assert len(expected["numbers"]) == 53
    assert expected["count"][-1].samples[0, -1] == 17  # rising edges at k / 97.3 s within a sixth of a second
    assert asyncio.run(outputs(chain(**settings))) == expected
