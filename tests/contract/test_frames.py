"""Frames (F1-F6, F8): as the user sees them, and as they come through a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from graph_kit import TYPES, Pass, graph, known_types
from streamlab import AsyncPipeline, ChannelInfo, DataFrame, Pipeline, StreamInfo
from streamlab.core import ProcessingNode, Source, param
from streamlab.errors import FrameError, NodeError
from streamlab.testing import run_virtual


class Scaled(ProcessingNode):
    """Makes a unit and a rate of its own."""

    factor: int = param(default=2, doc="Decimation", ge=1, le=16)

    def process(self, frame: DataFrame) -> DataFrame:
        info = self.stream_info(self, **{"in": frame.info})
        samples = frame.samples[:, :: self.factor]
        return frame.replace(samples=samples, info=info, start_sample=frame.start_sample // self.factor)

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        info = inputs["in"]
        if info is None or info.sample_rate is None:
            return None
        channels = [ChannelInfo(channel.name, "V") for channel in info.channels]
        return StreamInfo(channels, info.sample_rate / params.factor)


class Writer(ProcessingNode):
    """Writes into what it gets, as it must not."""

    how: str = param(default="samples", doc="What to write into")

    def process(self, frame: DataFrame) -> DataFrame:
        if self.how == "samples":
            frame.samples[:] = 0
        elif self.how == "row":
            frame.payload["x"][0] = 0
        elif self.how == "payload":
            frame.payload["x"] = frame.payload["x"] * 0
        elif self.how == "metadata":
            frame.metadata["seen"] = True
        else:
            frame.gap = 7
        return frame


class Far(Source):
    """Two frames a long way into a recording."""

    def frames(self):
        info = StreamInfo(["x"], "5000.024")
        for number, start in enumerate((10**12, 10**12 + 4)):
            yield DataFrame(
                start * 10**6 * 125 // 625003, number, {"x": [0.0] * 4}, info=info, start_sample=start
            )


@pytest.fixture(autouse=True)
def _types():
    with known_types({**TYPES, "Scaled": Scaled, "Writer": Writer, "Far": Far}):
        yield


def collected(document: dict[str, Any], *names: str) -> list[list[DataFrame]]:
    report = run_virtual(AsyncPipeline(document, collect=names).run())
    return [report.outputs[name] for name in names]


@pytest.mark.contract("F1")
def test_the_original_designs_first_frame():
    frame = DataFrame(1000, 1)
    assert (frame.timestamp, frame.sequence_id) == (1000, 1)
    assert (dict(frame.payload), dict(frame.metadata)) == ({}, {})
    frame.payload["channel1"] = [1.0, 2.0, 3.0]
    assert frame.payload["channel1"].tolist() == [1.0, 2.0, 3.0]
    assert frame.payload["channel1"].dtype == np.float64
    assert frame.payload == {"channel1": [1.0, 2.0, 3.0]}
    assert isinstance(frame.payload, MutableMapping)
    assert isinstance(frame.metadata, MutableMapping)
    assert "\n" not in repr(frame)
    assert (frame == DataFrame(1000, 1, {"channel1": [1.0, 2.0, 3.0]})) is True
    assert (frame == DataFrame(1000, 2, {"channel1": [1.0, 2.0, 3.0]})) is False


@pytest.mark.contract("F1")
def test_the_payload_keeps_the_order_in_which_channels_came():
    frame = DataFrame()
    for name in ("z", "a", "m"):
        frame.payload[name] = [1.0]
    del frame.payload["a"]
    frame.payload["z"] = [2.0]
    frame.payload["a"] = [3.0]
    assert list(frame.payload.items()) == [("z", [2.0]), ("m", [1.0]), ("a", [3.0])]
    assert frame.channels == ("z", "m", "a")


@pytest.mark.contract("F2")
def test_one_length_for_all_and_the_only_row_may_change_it():
    frame = DataFrame(payload={"left": [1.0, 2.0]})
    frame.payload["left"] = [1.0, 2.0, 3.0]
    assert frame.n == 3
    with pytest.raises(FrameError, match="left: 3, right: 2"):
        frame.payload["right"] = [1.0, 2.0]
    assert list(frame.payload) == ["left"]


@pytest.mark.contract("F2")
@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_nan_and_infinity_are_data_through_a_pipeline(text):
    value = float(text)
    shot = Pipeline({"nodes": [{"id": "amp", "type": "Gain", "config": {"gain": 2.0}}]})
    outputs = run_virtual(shot.execute_once(DataFrame(payload={"x": [value, 1.0]})))
    assert np.array_equal(outputs["amp"][0].payload["x"], [value, 2.0], equal_nan=True)


@pytest.mark.contract("F3")
def test_rows_taken_after_the_last_set_are_views_of_one_block():
    frame = DataFrame(payload={"a": [1.0, 2.0], "b": [3.0, 4.0]})
    frame.payload["c"] = [5.0, 6.0]
    rows = [frame.payload[name] for name in "abc"]
    assert frame.samples.shape == (3, 2)
    assert frame.samples.strides[1] == frame.samples.itemsize
    for at, row in enumerate(rows):
        row[0] = 10.0 + at
    assert frame.samples[:, 0].tolist() == [10.0, 11.0, 12.0]
    frame.samples[1, 1] = 99.0
    assert rows[1].tolist() == [11.0, 99.0]


@pytest.mark.contract("F4")
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("executor", ["inline", "thread"])
def test_two_readers_get_the_same_samples(fuse, executor):
    document = graph(
        {"src": "Steady", "a": "Pass", "b": "Pass", "c": "Pass"}, "src -> a", "src -> b", "b -> c",
        pipeline_config={"fuse": fuse, "executor": executor},
    )  # fmt: skip
    source, one, other = collected(document, "src", "a", "c")
    assert len(source) == len(one) == len(other) == 4
    for trio in zip(source, one, other, strict=True):
        assert all(np.shares_memory(trio[0].samples, frame.samples) for frame in trio)
        assert all(frame.sealed and not frame.samples.flags.writeable for frame in trio)


@pytest.mark.contract("F4")
@pytest.mark.parametrize("how", ["samples", "row", "payload", "metadata", "header"])
def test_a_node_that_writes_into_a_shared_frame_fails_and_spoils_nothing(how):
    document = graph(
        {"src": "Steady", "bad": ("Writer", {"how": how}), "good": "Pass"}, "src -> bad", "src -> good"
    )
    pipeline = AsyncPipeline(document, collect=["good"])
    with pytest.raises(NodeError, match="node 'bad' failed in process at frame 0") as caught:
        run_virtual(pipeline.run())
    assert isinstance(caught.value.__cause__, FrameError | ValueError | TypeError)
    for frame in pipeline.report.outputs["good"]:
        start = frame.start_sample
        assert (frame.payload["x"].tolist(), frame.gap) == (list(range(start, start + 8)), 0)
        assert dict(frame.metadata) == {}


@pytest.mark.contract("F4")
def test_the_users_trigger_is_sealed_too():
    frame = DataFrame(payload={"x": [1.0]})
    row = frame.payload["x"]
    pipeline = AsyncPipeline(graph({"a": "Pass"}), collect=["a"])
    report = run_virtual(pipeline.run([frame]))
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 2.0
    assert report.outputs["a"][0].payload["x"].tolist() == [1.0]


@pytest.mark.contract("F5")
@pytest.mark.parametrize("rate", [44100, 48000, 51200, "5000.024"])
def test_the_time_of_sample_a_million_million_is_exact(rate):
    frame = DataFrame(sample_rate=rate, start_sample=10**12)
    assert frame.time == Fraction(10**12) / Fraction(str(rate))
    assert DataFrame(sample_rate="5000.024").sample_rate == Fraction(625003, 125)
    assert DataFrame(start_sample=10**12).time is None


@pytest.mark.contract("F5")
def test_exact_time_travels_through_nodes():
    (frames,) = collected(graph({"src": "Far", "a": "Pass"}, "src -> a"), "a")
    assert [frame.time for frame in frames] == [
        Fraction(10**12 * 125, 625003),
        Fraction((10**12 + 4) * 125, 625003),
    ]
    assert [frame.start_sample for frame in frames] == [10**12, 10**12 + 4]


@pytest.mark.contract("F5")
def test_a_sources_timestamps_are_the_floor_of_its_sample_times():
    document = graph({"clock": ("Clock", {"rate": 3.0, "frames": 100_000})})
    frames = run_virtual(AsyncPipeline(document, collect=["clock"]).run()).outputs["clock"]
    assert [frame.timestamp for frame in frames] == [k * 10**6 // 3 for k in range(100_000)]


@pytest.mark.contract("F6")
def test_the_info_is_one_object_along_the_stream_and_changes_where_a_node_says_so():
    document = graph(
        {"src": "Steady", "a": "Pass", "half": "Scaled", "b": "Pass"}, "src -> a", "a -> half", "half -> b"
    )
    pipeline = AsyncPipeline(document, collect=["src", "a", "half", "b"])
    expected = {
        "src": StreamInfo(["x"], 1000), "a": StreamInfo(["x"], 1000),
        "half": StreamInfo([ChannelInfo("x", "V")], 500), "b": StreamInfo([ChannelInfo("x", "V")], 500),
    }  # fmt: skip
    assert {name: pipeline.plan.flow[name, "out"] for name in expected} == expected
    report = run_virtual(pipeline.run())
    for name, info in expected.items():
        assert len(report.outputs[name]) == 4
        assert all(frame.info is info for frame in report.outputs[name])


@pytest.mark.contract("F8")
@pytest.mark.parametrize("executor", ["inline", "thread"])
def test_metadata_and_untouched_channels_pass_through(executor):
    document = graph(
        {"gen": ("SineGenerator", {"frame_size": 4, "channels": ["tone"]}), "a": "Pass",
         "amp": ("Gain", {"gain": 2.0, "channels": ["tone"]}), "stat": "AsyncPass", "free": "RunPass"},
        "gen -> a", "a -> amp", "amp -> stat", "stat -> free", pipeline_config={"executor": executor},
    )  # fmt: skip
    triggers = [
        DataFrame(1000 * k, k, {"aux": [1.0, 2.0, 3.0, float(k)]}, {"who": "me", "k": k}) for k in range(3)
    ]
    report = run_virtual(AsyncPipeline(document, collect=["gen", "free"]).run(triggers))
    made, last = report.outputs["gen"], report.outputs["free"]
    assert [(frame.timestamp, frame.sequence_id) for frame in last] == [(0, 0), (1000, 1), (2000, 2)]
    for k, (before, after) in enumerate(zip(made, last, strict=True)):
        assert isinstance(after.metadata, Mapping)
        assert dict(after.metadata) == {"who": "me", "k": k}
        assert after.channels == ("aux", "tone")
        assert after.payload["aux"].tolist() == [1.0, 2.0, 3.0, float(k)]
        assert np.array_equal(after.payload["tone"], 2.0 * before.payload["tone"])
    assert Pass.calls == 3
