"""StreamLab: each metric as a graph in the engine, frames of 1024 samples."""

import asyncio

import numpy as np
from timing import answer, level

from streamlab.cli.bench.chains import line, node
from streamlab.cli.bench.measuring import METRICS, feeding
from streamlab.engine import AsyncPipeline


def run(samples, name, **options):
    graph = line([node("feed", "BenchFeed"), *METRICS[name][1]])
    with feeding(samples):
        return asyncio.run(AsyncPipeline(graph, **options).run())


def a_weighting(samples, rate):
    frames = run(samples, "A", collect=["m"]).outputs["m"]
    out = np.concatenate([frame.samples[0] for frame in frames])
    return level((out**2).mean())


def third_octaves(samples, rate):
    row = run(samples, "thirds").results["m"]["ch0"]
    return [row[label] for label in row["units"]]


def levels(samples, rate):
    row = run(samples, "levels").results["m"]["ch0"]
    return [row[symbol] for symbol in ("LAeq", "LAF10", "LAF90")]


if __name__ == "__main__":
    answer("streamlab-core", {"A": a_weighting, "thirds": third_octaves, "levels": levels})
