"""Every test that the original design names, under its name; corrected where its own assertion was wrong."""

import asyncio
import io

import numpy as np
import pytest

from streamlab import AsyncPipeline, DataFrame, PipelinePool, ProcessingNode, channel, param
from streamlab.nodes.conditioning.gain import Gain
from streamlab.nodes.generators.sine_generator import SineGenerator
from streamlab.nodes.sinks.print import Print
from streamlab.testing import probe, virtual_time


class StreamingDummyNode(ProcessingNode):
    """The node of the original's first test: multiplies the channel ``test`` in a loop of its own."""

    multiplier: float = param(default=1.0, doc="Factor", unit="1", ge=-1e9, le=1e9)

    async def run(self, rx, tx):
        async for frame in rx:
            await tx.send(frame.replace(payload={"test": frame.payload["test"] * self.multiplier}))
        tx.close()


async def start(node, config):
    """Let a node run between two channels of ten frames, as the original's tests do."""
    await node.on_create(config)
    tx_in, rx_in = channel(10)
    tx_out, rx_out = channel(10)
    return tx_in, rx_out, asyncio.create_task(node.run(rx_in, tx_out))


@pytest.mark.contract("N2")
@virtual_time
async def test_node_streaming():
    tx_in, rx_out, handle = await start(StreamingDummyNode(multiplier=2.0), {"multiplier": 2.0})
    await tx_in.send(DataFrame(0, 0, {"test": [1.0, 2.0]}))
    await tx_in.send(DataFrame(1000, 1, {"test": [3.0, 4.0]}))
    tx_in.close()
    assert (await rx_out.recv()).payload["test"].tolist() == [2.0, 4.0]
    assert (await rx_out.recv()).payload["test"].tolist() == [6.0, 8.0]
    await handle


@pytest.mark.contract("N4")
@virtual_time
async def test_sine_generator_streaming():
    """The original looked at the lengths only, and its frame was one whole period: a generator that began
    every frame at phase zero would have passed. Here a frame is 3/4 of a period and the samples are compared.
    """
    config = {"frequency": 1.0, "sample_rate": 4.0, "frame_size": 3}
    tx_in, rx_out, handle = await start(SineGenerator(**config), config)
    for number in range(3):
        await tx_in.send(DataFrame(number * 1000, number))
    tx_in.close()
    frames = [await rx_out.recv() for _ in range(3)]
    assert [len(frame.payload["main_channel"]) for frame in frames] == [3, 3, 3]
    together = np.concatenate([frame.payload["main_channel"] for frame in frames])
    np.testing.assert_allclose(together, [0, 1, 0, -1, 0, 1, 0, -1, 0], atol=1e-12)
    assert [(frame.timestamp, frame.sequence_id) for frame in frames] == [(0, 0), (1000, 1), (2000, 2)]
    await handle


@pytest.mark.contract("N5")
@virtual_time
async def test_gain_streaming():
    tx_in, rx_out, handle = await start(Gain(gain=2.0), {"gain": 2.0})
    await tx_in.send(DataFrame(0, 0, {"main_channel": [1.0, 2.0]}))
    await tx_in.send(DataFrame(1000, 1, {"main_channel": [3.0, 4.0]}))
    tx_in.close()
    assert (await rx_out.recv()).payload["main_channel"].tolist() == [2.0, 4.0]
    assert (await rx_out.recv()).payload["main_channel"].tolist() == [6.0, 8.0]
    await handle


@pytest.mark.contract("N6")
@virtual_time
async def test_print_streaming():
    """The original did not look at what was printed."""
    printed = io.StringIO()
    tx_in, rx_out, handle = await start(Print(label="StreamTest", stream=printed), {"label": "StreamTest"})
    frame = DataFrame(5000, 5, {"main_channel": [1.0, 2.0, 3.0]})
    await tx_in.send(frame)
    tx_in.close()
    result = await rx_out.recv()
    assert (result.timestamp, result.sequence_id) == (frame.timestamp, frame.sequence_id)
    assert result == frame
    await handle
    assert printed.getvalue() == (
        "[StreamTest] Frame #5 @ 5000μs\n  main_channel: len=3, mean=2.0000, rms=2.1602\n"
    )


GENERATOR = {"id": "gen", "type": "SineGenerator", "config": {"frequency": 440.0, "frame_size": 100}}
GAIN = {"id": "gain", "type": "Gain", "config": {"gain": 2.0}}
PRINT = {"id": "print", "type": "Print", "config": {"label": "AsyncTest"}}
GEN_TO_GAIN = {"from": "gen", "to": "gain"}


@pytest.mark.contract("G1", "G3")
@virtual_time
async def test_async_pipeline_creation():
    """The original asked only whether there was no error; here what was made is looked at."""
    config = {
        "nodes": [GENERATOR, GAIN, PRINT],
        "connections": [GEN_TO_GAIN, {"from": "gain", "to": "print"}],
    }
    pipeline = await AsyncPipeline.from_json(config)
    assert pipeline.state == "created"
    assert pipeline.plan.segments[0].nodes[:2] == ("gen", "gain")
    assert pipeline.spec.triggers == ("gen",)
    assert pipeline.spec.sinks == ("print",)


@pytest.mark.contract("E5", "E6")
@virtual_time
async def test_async_pipeline_execution():
    """The original slept 100 ms and looked at nothing; completion is the end of the stream, not a sleep."""
    config = {"nodes": [GENERATOR, GAIN], "connections": [GEN_TO_GAIN]}
    pipeline = await AsyncPipeline.from_json(config, collect=["gain"])
    await pipeline.start()
    for number in range(3):
        await pipeline.trigger(DataFrame(number * 1000, number))
    report = await pipeline.stop()
    outputs = report.outputs["gain"]
    assert [(frame.timestamp, frame.sequence_id) for frame in outputs] == [(0, 0), (1000, 1), (2000, 2)]
    samples = np.concatenate([frame.payload["main_channel"] for frame in outputs])
    np.testing.assert_allclose(samples, 2 * np.sin(2 * np.pi * 440 / 48000 * np.arange(300)), atol=1e-12)
    assert asyncio.get_running_loop().time() == 0.0


@pytest.mark.contract("B1", "B2")
@pytest.mark.usefixtures("test_nodes")
@virtual_time
async def test_backpressure_blocks_when_full():
    """The original expected a lone generator to block after two frames, but nothing is behind it to wait for:
    its own fan-out task drains every frame into nothing, so the third trigger goes through. What fills a
    pipeline is a reader that does not read: here a gated sink behind the generator, in a segment of its own,
    so that the bound is two edges of two frames.
    """
    config = {
        "pipeline_config": {"channel_capacity": 2},
        "nodes": [GENERATOR, {"id": "sink", "type": "Gated", "config": {"probe": "sink"}}],
        "connections": [{"from": "gen", "to": "sink"}],
    }
    pipeline = await AsyncPipeline.from_json(config)
    await pipeline.start()
    assert pipeline.plan.max_in_flight == 4
    for number in range(4):
        await pipeline.trigger(DataFrame(number * 1000, number), timeout=0.05)
    with pytest.raises(TimeoutError):
        await pipeline.trigger(DataFrame(4000, 4), timeout=0.05)
    probe("sink").gate.open()
    await pipeline.stop()
    assert probe("sink").numbers == [0, 1, 2, 3]


@pytest.mark.contract("B1")
@virtual_time
async def test_without_a_reader_that_waits_a_lone_generator_takes_every_trigger():
    """What the original's graph itself does: nothing is full, nothing is lost."""
    config = {"pipeline_config": {"channel_capacity": 2}, "nodes": [GENERATOR], "connections": []}
    pipeline = await AsyncPipeline.from_json(config)
    await pipeline.start()
    for number in range(20):
        await pipeline.trigger(DataFrame(number * 1000, number), timeout=0.05)
    report = await pipeline.stop()
    assert (report.frames_in, report.frames_out, report.undelivered) == (20, 20, 0)


@pytest.mark.contract("P1")
@virtual_time
async def test_pipeline_pool_concurrent_execution():
    """The original's job handles gave nothing back; here every job has its own result."""
    config = {"nodes": [GENERATOR, GAIN], "connections": [GEN_TO_GAIN]}
    async with PipelinePool(config, 5) as pool:
        assert pool.max_concurrent == 5
        handles = [await pool.execute(DataFrame(number * 100, number)) for number in range(10)]
        results = [await handle for handle in handles]
    expected = 2 * np.sin(2 * np.pi * 440 / 48000 * np.arange(100))
    for number, result in enumerate(results):
        (frame,) = result.outputs["gain"]
        assert (frame.timestamp, frame.sequence_id) == (number * 100, number)
        np.testing.assert_allclose(frame.payload["main_channel"], expected, atol=1e-12)


@pytest.mark.contract("P2")
@virtual_time
async def test_pipeline_pool_resource_reuse(monkeypatch):
    """The original said that instances are reused and made a new one for every job; here they are counted."""
    made, ended = [], []

    async def on_create(self, config):
        made.append(config)

    async def on_destroy(self):
        ended.append(self)

    monkeypatch.setattr(SineGenerator, "on_create", on_create)
    monkeypatch.setattr(SineGenerator, "on_destroy", on_destroy)
    generator = {"id": "gen", "type": "SineGenerator", "config": {"frequency": 440.0, "frame_size": 50}}
    async with PipelinePool({"nodes": [generator], "connections": []}, 2) as pool:
        for number in range(5):
            handle = await pool.execute(DataFrame(number * 100, number))
            result = await handle
            assert result.outputs["gen"][0].n == 50
        assert (len(made), len(ended)) == (1, 0)  # one after the other: one instance is enough
    assert len(ended) == 1
