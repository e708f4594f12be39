"""What a report's reading along costs: processor time per frame, and memory, with a Recorder and without.

``python benchmarks/report_cost.py`` prints the figures of docs/how-to/report.md; two minutes.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from streamlab import AsyncPipeline, Graph
from streamlab.report import Recorder

ROUNDS = 7


def graphs(folder: Path) -> dict[str, Graph]:
    """Return what is measured, by name."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(48000 * 60)
    soundfile.write(folder / "minute.wav", noise, 48000, subtype="FLOAT")

    def mic() -> Graph:
        return Graph("mic").add("mic", "WavFile", path=str(folder / "minute.wav"), unit="Pa")

    def ticks(kind: str, frames: int, **config: object) -> Graph:
        graph = Graph("ticks").add("clock", "Clock", rate=46.875, frames=frames)
        return graph.add("src", kind, **config).connect("clock", "src")

    sine = ticks("SineGenerator", 20_000).add("amp", "Gain", gain=2.0).add("stat", "Statistics")
    wide = ticks("Noise", 1000, channels=[f"c{number}" for number in range(64)])
    level = mic().add("level", "Level", interval=0.125).add("limit", "Limit", value="RMS", upper=5.0)
    sound = mic().add("level", "SoundLevel").add("bands", "OctaveBands")
    return {
        "sine, Gain, Statistics": sine.connect("src", "amp").connect("amp", "stat"),
        "WavFile, Level, Limit": level.connect("mic", "level").connect("level", "limit"),
        "WavFile, SoundLevel and OctaveBands": sound.connect("mic", "level").connect("mic", "bands"),
        "WavFile, Spectrogram": mic().add("image", "Spectrogram", decibels=True).connect("mic", "image"),
        "64 channels of Noise, Level": wide.add("level", "Level", metrics=["RMS"]).connect("src", "level"),
    }


def took(graph: Graph, *, watched: bool) -> tuple[float, int]:
    """Return the processor time of a run in seconds, and the frames that came in."""
    pipeline = AsyncPipeline(graph)
    kept = Recorder(pipeline) if watched else None
    began = time.process_time()
    report = asyncio.run(pipeline.run())
    spent = time.process_time() - began
    if kept is not None:
        kept.document(report)
    return spent, report.frames_in


def costs() -> None:
    """Print the processor time with and without."""
    with tempfile.TemporaryDirectory() as folder:
        for name, graph in graphs(Path(folder)).items():
            pairs = [[took(graph, watched=watched) for watched in (False, True)] for _ in range(ROUNDS)]
            plain, watched = (statistics.median(pair[at][0] for pair in pairs[1:]) for at in (0, 1))
            frames = pairs[0][0][1]
            more = (watched - plain) / frames * 1e6
            print(f"{name:36} {plain * 1e3:7.0f} ms, {watched / plain:5.2f} x, {more:5.1f} us a frame")


def peak(seconds: float, *, watched: bool) -> float:
    """Return the most memory that a run of so many seconds of signal had, in MB; in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, str(seconds), str(watched)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def run_for_memory(seconds: float, *, watched: bool) -> None:
    """Run eight channels through Level and one through Spectrogram, and print the peak in MB (Linux)."""
    names = [f"c{number}" for number in range(8)]
    graph = Graph("long").add("clock", "Clock", rate=50.0, duration=seconds)
    graph.add("src", "SineGenerator", frame_size=960, channels=names, unit="Pa").connect("clock", "src")
    graph.add("level", "Level", interval=0.125).add("limit", "Limit", value="Leq", upper=200.0)
    graph.add("one", "Select", keep=["c0"]).add("image", "Spectrogram", size=2048, decibels=True)
    graph.connect("src", "level").connect("level", "limit").connect("src", "one").connect("one", "image")
    took(graph, watched=watched)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run_for_memory(float(sys.argv[1]), watched=sys.argv[2] == "True")
    else:
        costs()
        for seconds in (60.0, 3600.0):
            plain, watched = (peak(seconds, watched=watched) for watched in (False, True))
            print(f"peak of {seconds:4.0f} s of signal: {plain:.1f} MB, with a report {watched:.1f} MB")
