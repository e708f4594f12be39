"""B5: who is given ten times what it can take holds no more after an hour than after a minute."""

import asyncio
import gc
import tracemalloc

import numpy as np
import pytest

from streamlab.core import DataFrame, ProcessingNode, Source, StreamInfo
from streamlab.engine import AsyncPipeline
from streamlab.testing import registered, virtual_time
from streams import conserved, graph, node

pytestmark = pytest.mark.contract("B5")

FRAME_BYTES = 8 * 1024
PERIOD = 0.1  # between two frames of the source; the sink takes ten times as long


class Flood(Source):
    """A frame of 8 kB every 0.1 s for ever, remembered by nobody."""

    def frames(self):
        return self._awaiting()

    async def _awaiting(self):
        info = StreamInfo(["x"], 10_240)
        number = 0
        while True:
            await asyncio.sleep(PERIOD)
            samples = np.full((1, 1024), float(number))
            yield DataFrame.from_samples(samples, info, sequence_id=number, start_sample=1024 * number)
            number += 1


class Laggard(ProcessingNode):
    count = 0

    async def process(self, item):
        await asyncio.sleep(10 * PERIOD)
        self.count += 1

    def result(self):
        return self.count


class SlowPair(ProcessingNode):
    inputs = ("a", "b")
    count = 0

    async def process(self, a, b):
        await asyncio.sleep(10 * PERIOD)
        self.count += 1

    def result(self):
        return self.count


async def grown(pipeline):
    """Bytes that the pipeline holds more of after 200 s than after 20 s."""
    await pipeline.start()
    await asyncio.sleep(20)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        await asyncio.sleep(180)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.fixture(autouse=True)
def types():
    with registered(Flood, Laggard, SlowPair):
        yield


@pytest.mark.contract("B5", "B3")
@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "latest", "block"])
@virtual_time
async def test_an_overloaded_edge(policy):
    document = graph([node("src", "Flood"), node("sink", "Laggard")], [("src", "sink", {"policy": policy})])
    pipeline = AsyncPipeline(document)
    # What was made before tracing began is freed without being counted; what is made is, until it is freed.
    assert await grown(pipeline) < 20 * FRAME_BYTES
    report = await pipeline.stop(timeout=0)
    edge = report.edges["src -> sink"]
    assert edge.frames_in == (pytest.approx(2000, abs=5) if policy != "block" else pytest.approx(210, abs=2))
    assert report.results["sink"] == pytest.approx(200, abs=2)
    assert edge.dropped == (0 if policy == "block" else pytest.approx(1790, abs=15))
    conserved(pipeline)


@pytest.mark.contract("B5", "E3")
@pytest.mark.parametrize(
    "join", [{"policy": "latest"}, {"policy": "zip", "deadline": 0.05}, {"policy": "align", "deadline": 0.05}]
)
@virtual_time
async def test_an_overloaded_join(join):
    nodes = [node("a", "Flood"), node("b", "Flood"), node("both", "SlowPair", join=join)]
    edges = [("a", "both.a", {"policy": "drop_oldest"}), ("b", "both.b", {"policy": "latest"})]
    pipeline = AsyncPipeline(graph(nodes, edges))
    assert await grown(pipeline) < 40 * FRAME_BYTES
    await pipeline.stop(timeout=0)
    conserved(pipeline)


@pytest.mark.contract("B5", "E7")
@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "latest"])
@virtual_time
async def test_a_subscription_that_nobody_reads(policy):
    pipeline = AsyncPipeline(graph([node("src", "Flood")]))
    seen = pipeline.subscribe("src", capacity=4, policy=policy)
    assert await grown(pipeline) < 12 * FRAME_BYTES
    await pipeline.stop()
    assert seen.statistics().queued == (1 if policy == "latest" else 4)
    seen.close()
