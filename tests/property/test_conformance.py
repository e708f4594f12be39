"""Every registered node type keeps the promises of its kind: a new node is tested on arrival."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings import write_tdms, write_uff58b
from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, StreamInfo, node_class, node_types, param
from streamlab.core.catalogue import BUILT_IN
from streamlab.testing.conformance import check_cutting, check_node, check_parameters, example_frames
from streamlab.testing.harness import join, run_node

# A configuration that works, per type and variant. A type that is missing here fails
# `test_every_type_has_an_example`.
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Clock": [{"rate": 3.0, "frames": 20}, {"rate": 44100 / 1024}, {"rate": 7.0, "duration": 2.5}],
    "WavFile": [{"path": "take.wav"}, {"path": "take.wav", "frame_size": 7, "start": 0.01, "loop": True}],
    "CsvFile": [{"path": "log.csv"}, {"path": "log.csv", "frame_size": 7, "start": 0.5, "select": ["b"]}],
    "File": [{"path": "log.csv", "select": ["a"]}],
    "UffFile": [{"path": "take.uff"}],
    "MatFile": [{"path": "take.mat"}],
    "Hdf5File": [{"path": "take.h5", "rate": 8000.0, "dataset": "g"}],
    "ArrowFile": [{"path": "take.arrows"}],
    "ParquetFile": [{"path": "take.parquet", "frame_size": 300, "select": ["right"]}],
    "TdmsFile": [{"path": "take.tdms", "frame_size": 100}],
    "SineGenerator": [{"frequency": 441.7}, {"frequency": 99.9, "sample_rate": 5000.024, "frame_size": 37}],
    "MultiTone": [
        {},
        {"frequencies": [99.9, 333.3], "sample_rate": 5000.024, "low_crest": True, "frame_size": 37},
    ],
    "Square": [{}, {"frequency": 441.7, "band_limited": False, "frame_size": 37}],
    "Triangle": [{"frequency": 441.7, "phase": 1.5}],
    "Sawtooth": [{"frequency": 99.9, "sample_rate": 5000.024, "frame_size": 37, "channels": ["a", "b"]}],
    "Pulse": [{"frequency": 99.9, "width": 0.0004}],
    "ToneBurst": [{}, {"interval": 0.0031, "begin": 0.00123, "frequency": 3999.9, "channels": ["a", "b"]}],
    "Dc": [{"value": -2.5}],
    "Noise": [
        {"seed": 7},
        {"color": "pink", "frame_size": 100, "channels": ["a", "b"]},
        {"color": "brown", "seed": 3, "frame_size": 100},
    ],
    "LogSweep": [{}, {"start": 4000.0, "stop": 99.9, "duration": 0.1, "begin": 0.0123, "frame_size": 37}],
    "Gain": [{"gain": 0.3}, {"gain_db": -3.0}, {"gain": 2.0, "channels": ["right"]}],
    "Offset": [{"offset": -2.5}, {"offset": 1e-3, "channels": ["left"]}],
    "ConvertUnit": [{"to": "mbar"}, {"to": "kPa", "channels": ["right"]}],
    "Sensitivity": [{"sensitivity": 50.0}, {"sensitivity_db": -26.0, "channels": ["left"]}],
    "RemoveDc": [{}, {"cutoff": 40.0, "channels": ["right"]}],
    "Filter": [
        {"cutoff": 100.0},
        {
            "response": "bandpass",
            "low": 20.0,
            "high": 60.0,
            "family": "elliptic",
            "ripple": 0.5,
            "attenuation": 60.0,
        },
        {"response": "highpass", "cutoff": 5.0, "start": "steady", "channels": ["right"]},
        {"response": "notch", "cutoff": 37.0, "q": 5.0},
    ],
    "CheckSignal": [{"overload": 100.0}, {"flat": None, "channels": ["left"]}],
    "Calibrate": [{"channel": "left", "level": 94.0, "frequency": 37.0, "interval": 0.25, "duration": 0.25}],
    "Mix": [{}, {"gain_a": 0.5, "gain_b": -2.0}],
    "Statistics": [{}],
    "Level": [{"interval": 0.1}, {"interval": 0.0333, "metrics": ["Leq", "Lpeak"]}, {"interval": 10.0}],
    "SoundLevel": [
        {"interval": 0.01},
        {"interval": 0.0123, "levels": ["LZI", "LASmin", "LCE", "LZF50", "LZpeak", "LAF5"]},
        {"interval": 9.0, "levels": ["LCeq"]},
        {"interval": 0.1, "levels": ["LAF10", "LAF90", "LAFmax", "LApeak", "LZpeak"]},
    ],
    "OctaveBands": [
        {"interval": 0.1, "high": 400.0},
        {"interval": 0.0703, "fraction": 1, "value": "LFmax"},
        {"interval": 5.0, "value": "RMS", "low": 100.0},
    ],
    "Spectrum": [
        {"size": 64, "window": "flattop", "scaling": "amplitude"},
        {"size": 100, "averages": 3, "scaling": "psd", "decibels": True, "low": 50.0, "high": 300.0},
        {"resolution": 20.0, "averages": 4, "average": "exponential", "overlap": 0.75, "decibels": True},
        {"size": 70, "averages": 2, "average": "max", "overlap": 0.0, "remove_mean": True, "scaling": "esd"},
    ],
    "Spectrogram": [{"size": 64}, {"size": 50, "overlap": 0.8, "decibels": True, "high": 200.0}],
    "EnvelopeSpectrum": [
        {"band_low": 150.0, "band_high": 300.0, "size": 64},
        {"band_low": 150.0, "band_high": 350.0, "size": 64, "averages": 2, "over_median": True, "low": 10.0},
    ],
    "Peaks": [{"count": 3}, {"count": 200, "apart": 30.0, "low": 100.0, "high": 400.0, "window": "flattop"}],
    "Integrate": [{"to": "mm/s"}, {"to": "um", "high_pass": 2.0}],
    "Resample": [{"rate": 441.0}, {"rate": 1000.0}, {"rate": 250.0}, {"rate": 1600.024}],
    "TimeWeighting": [{}, {"time": "I", "output": "rms"}, {"time": "S", "channels": ["right"]}],
    "Moments": [{"interval": 0.1}, {"interval": 0.0333, "metrics": ["kurtosis", "max"]}, {"interval": 10.0}],
    "FrequencyWeighting": [{}, {"weighting": "C", "channels": ["left"]}],
    "Rechunk": [
        {"size": 64},
        {"size": 100, "hop": 25, "rest": "drop"},
        {"size": 30, "hop": 7},
        {"size": 10, "hop": 17},
        {"size": 1000},
    ],
    "Select": [{"keep": ["right", "left"]}, {"drop": ["left"]}, {"rename": {"left": "mic"}}],
    "Split": [{"a": ["right"]}, {"a": ["left"], "b": ["right", "left"]}],
    "Delay": [{"samples": 0}, {"samples": 13}, {"samples": 120, "channels": ["right"]}],
    "Router": [{"value": "left", "lower": 0.0, "of": "mean"}],
    "Gate": [{"value": "left", "upper": 0.0}],
    "Switch": [{"value": "right", "lower": 0.0, "of": "max"}],
    "Counter": [{"value": "left", "lower": 1.0}, {"value": "right", "upper": 0.0, "hysteresis": 2.0}],
    "RunUntil": [{"duration": 0.2345}, {"value": "left", "lower": 4.5}, {"duration": 100.0}],
    "Limit": [
        {"value": "left", "upper": 100.0},
        {"value": "right", "lower": -1.0, "upper": 1.0, "margin": 0.1},
        {"value": "left", "upper": 3.0, "allowed": 20, "hysteresis": 2.0},
    ],
    "Mask": [{"upper": [[100, 20.0], [10000, 20.0]], "margin": 1.0}],
    "NofM": [
        {"value": "left", "upper": 3.0, "n": 5, "m": 9},
        {"value": "right", "lower": -1.0, "upper": 1.0, "hysteresis": 0.5, "n": 20, "m": 30, "marginal": 15},
    ],
    "Print": [{}, {"stream": "stderr", "label": "x"}],
    "Collect": [{}, {"limit": 3, "keep": "first"}],
    "ArrowWriter": [{"path": "take.arrows", "if_exists": "number"}],
    "Hdf5Writer": [{"path": "take.h5", "if_exists": "number"}],
    "MatWriter": [{"path": "take.mat", "if_exists": "number"}],
    "UffWriter": [{"path": "take.uff", "if_exists": "number"}],
    "ParquetWriter": [{"path": "take.parquet", "if_exists": "number", "row_group": 100}],
    "CsvWriter": [{"path": "table.csv", "if_exists": "number"}],
    "WavWriter": [
        {"path": "take-{job}.wav", "if_exists": "number", "encoding": "pcm24", "full_scale": 10.0},
        {"path": "take.w64", "if_exists": "number"},
    ],
}
FRAMES = {
    "Sensitivity": "V",
    "Mask": "bands",
    "Integrate": "m/s2",
    "Peaks": "lines",
    "FrequencyWeighting": "sound",
    "SoundLevel": "a second of sound",
}
"""The unit, or the axis, that a type needs where it is not Pa over time at 1000 Hz."""


def frames_for(name: str) -> tuple[DataFrame, ...] | None:
    """Return what to feed a type that cannot take pascals over time."""
    if name not in FRAMES:
        return None
    cls = node_class(name)
    if FRAMES[name] == "sound":  # at a rate of sound
        return tuple(
            frame.replace(info=frame.info.replace(sample_rate=8000)) for frame in example_frames(cls)
        )
    if FRAMES[name] == "a second of sound":  # so that F has settled, without which there are no percentiles
        return tuple(
            frame.replace(info=frame.info.replace(sample_rate=2500)) for frame in example_frames(cls, 2600)
        )
    if FRAMES[name] == "lines":
        lines = StreamInfo(["left", "right"], 1000, "frequency", range(500))
        return tuple(frame.replace(info=lines) for frame in example_frames(cls))
    if FRAMES[name] == "bands":
        bands = StreamInfo(["left", "right"], 8, "band", [31.5 * 2**k for k in range(500)])
        return tuple(frame.replace(info=bands) for frame in example_frames(cls))
    return tuple(
        frame.replace(
            info=frame.info.replace(channels=[ChannelInfo(row, FRAMES[name]) for row in frame.channels])
        )
        for frame in example_frames(cls)
    )


CASES = [
    pytest.param(name, example, id=f"{name}{n}")
    for name in BUILT_IN
    for n, example in enumerate(EXAMPLES.get(name, ()))
]
CUT = [
    case
    for case in CASES
    if node_class(case.values[0]).tier == "process" and not node_class(case.values[0]).generator
]


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    samples = np.random.default_rng(1).uniform(-1, 1, (5000, 3))
    soundfile.write("take.wav", samples, 48000, subtype="FLOAT")
    rows = [f"{k / 100},{k},{-k}" for k in range(200) if not 50 <= k < 60]
    Path("log.csv").write_text("\n".join(["time [s],a [V],b [Pa]", *rows, ""]))
    write_uff58b("take.uff", [("mic", "Pa", samples[:, 0])], 48000)
    write_tdms("take.tdms", [("mic", "Pa", samples[:, 0])], 48000)
    table = pa.table({"time": np.arange(2000) / 100, "left": samples[:2000, 0], "right": samples[:2000, 1]})
    pq.write_table(table, "take.parquet")
    scipy.io.savemat("take.mat", {"fs": 8000.0, "x": samples[:2000]})
    with h5py.File("take.h5", "w") as file:
        file["g/x"] = samples[:2000]
    with pa.ipc.new_stream("take.arrows", table.schema) as writer:
        writer.write_table(table)


@pytest.mark.contract("N8")
def test_every_type_has_an_example():
    assert sorted(EXAMPLES) == sorted(BUILT_IN)
    assert set(BUILT_IN) <= set(node_types())


@pytest.mark.contract("N8", "F8", "F6")
@pytest.mark.parametrize(("name", "config"), CASES)
def test_a_node_keeps_the_promises_of_its_kind(name, config):
    check_node(name, config, frames_for(name))


@pytest.mark.contract("N8", "M22")
def test_the_sweep_of_sound_levels_reaches_their_percentiles():
    frames = frames_for("SoundLevel")
    assert frames is not None
    run = run_node("SoundLevel", frames, config=EXAMPLES["SoundLevel"][-1])
    assert np.isfinite([run.result["left"]["LAF10"], run.result["right"]["LAF90"]]).all()
    settled = [frame for frame in run.outputs if "settling" not in frame.metadata]
    assert np.isfinite(join(settled).samples).all()


@pytest.mark.contract("N8")
@pytest.mark.parametrize(("name", "config"), [case for case in CUT if "path" not in case.values[1]])
def test_any_cutting_gives_the_same(name, config):
    @settings(max_examples=25)
    @given(sizes=st.lists(st.integers(0, 300), max_size=12))
    def sweep(sizes):
        check_cutting(name, config, sizes, frames_for(name))

    sweep()


# ---------------------------------------------------------------------------- the sweep finds what it is
# there for


class Honest(ProcessingNode):
    """Double.

    Input    any        Output  same
    Kind     any        Errors  none
    Gaps     any
    >>> None
    """

    def process(self, frame):
        return frame.with_samples(frame.samples * 2)


class PerFrame(Honest):
    __doc__ = Honest.__doc__
    kind = "sample-wise"

    def process(self, frame):
        return frame.with_samples(
            frame.samples - frame.samples.mean(axis=1, keepdims=True) if frame.n else frame.samples
        )


class ForgetsMetadata(Honest):
    __doc__ = Honest.__doc__
    kind = "sample-wise"

    def process(self, frame):
        return frame.replace(samples=frame.samples * 2, metadata={})


class WritesInput(Honest):
    __doc__ = Honest.__doc__
    kind = "sample-wise"

    def process(self, frame):
        out = frame.with_samples(frame.samples * 2)
        if frame.samples.flags.writeable:
            frame.samples[:] = 0
        return out


class WritesLater(Honest):
    __doc__ = Honest.__doc__
    _buffer = None

    def process(self, frame):
        if self._buffer is None or self._buffer.shape != frame.samples.shape:
            self._buffer = np.zeros(frame.samples.shape)
        self._buffer[:] = frame.samples * 2
        return frame.with_samples(self._buffer[:])


class Counts(Honest):
    __doc__ = Honest.__doc__
    _count = 0

    def process(self, frame):
        self._count += 1
        return frame

    def result(self):
        return self._count


class Remembers(Honest):
    __doc__ = Honest.__doc__
    kind = "sample-wise"
    _sum = 0.0

    def process(self, frame):
        before = np.broadcast_to(self._sum, (frame.samples.shape[0], 1))
        total = np.cumsum(np.hstack([before, frame.samples]), axis=1)
        self._sum = total[:, -1:].copy()
        return frame.with_samples(total[:, 1:])


class Chunks(Honest):
    __doc__ = Honest.__doc__
    kind = "stream-wise"

    def process(self, frame):
        return frame.replace(samples=frame.samples[:, :1]) if frame.n else None


class WrongInfo(Honest):
    __doc__ = Honest.__doc__

    def process(self, frame):
        return frame.replace(info=frame.info.replace(sample_rate=1))


@pytest.mark.contract("N8")
@pytest.mark.parametrize(
    ("node", "promise"),
    [
        (PerFrame, "gives the whole one"),
        (ForgetsMetadata, "metadata passes through"),
        (WritesInput, "inputs are not modified"),
        (WritesLater, "not written later"),
        (Counts, "empty frame changes nothing in the result"),
        (Remembers, "as new"),
        (Chunks, "gives the whole one"),
        (WrongInfo, "stream_info says"),
    ],
)
def test_a_broken_promise_is_found(node, promise):
    with pytest.raises(AssertionError, match=promise):
        check_node(node)


@pytest.mark.contract("N8")
def test_an_honest_node_passes():
    check_node(Honest)


@pytest.mark.contract("N8")
@pytest.mark.parametrize(
    ("declared", "kind", "promise"),
    [
        ({"default": 1.0, "doc": " ", "unit": "1", "ge": 0, "le": 1}, float, "description"),
        ({"default": 1.0, "doc": "d", "ge": 0, "le": 1}, float, "unit"),
        ({"default": 1.0, "doc": "d", "unit": "1", "ge": 0}, float, "bounds"),
        ({"default": 1, "doc": "d"}, int, "lower bound"),
        ({"default": 2.0, "doc": "d", "unit": "1", "ge": 0, "le": 1}, float, "default"),
    ],
)
def test_a_careless_parameter_is_found(declared, kind, promise):
    members = {"__annotations__": {"value": kind}, "value": param(**declared), "__doc__": Honest.__doc__}
    careless = type("Careless", (ProcessingNode,), members)
    with pytest.raises(Exception, match=promise):
        check_parameters(careless)


@pytest.mark.contract("N8")
def test_a_bare_docstring_is_found():
    bare = type("Bare", (Honest,), {"__doc__": "Does it."})
    with pytest.raises(AssertionError, match="docstring says Input"):
        check_parameters(bare)


def test_frames_for_the_sweep_can_be_given():
    frame = DataFrame(payload={"temperature": np.arange(600.0)}, sample_rate=10, metadata={"origin": 1})
    check_node("Limit", {"value": "temperature", "upper": 1e3}, [frame])
