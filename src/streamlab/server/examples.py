"""Examples: graphs that come with StreamLab, each with the recordings that it needs."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.engine.graph import Graph
from streamlab.engine.paths import paths_of
from streamlab.engine.spec import GraphSpec
from streamlab.engine.validate import sketch_graph
from streamlab.server.errors import ApiError
from streamlab.server.project import Project

__all__ = ["Examples"]

_Samples = NDArray[np.float64]


class Examples:
    """The examples of an installation; a recording that one needs is simulated where it is not there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def listed(self) -> list[dict[str, Any]]:
        """Return all of them."""
        paths = sorted(self._folder.glob("*.json")) if self._folder is not None else []
        return [self._row(path) for path in paths]

    def _row(self, path: Path) -> dict[str, Any]:
        graph = Graph.load(path)
        spec = sketch_graph(graph.document)
        metadata = graph.document.get("metadata", {})
        needs = _needs(spec)
        return {
            "id": path.stem,
            "name": graph.name or path.stem.replace("_", " "),
            "about": metadata.get("about", ""),
            "nodes": len(spec.nodes),
            "needs": [Path(text).name for text in needs],
            "ready": all(_source_of(text) is not None for text in needs),
            "document": graph.document,
        }

    def open(self, name: str, project: Project) -> tuple[str, str]:
        """Copy an example into a project under a free name; returns its path and revision.

        Raises ApiError 404 for one that there is not, 422 where a recording cannot be had.
        """
        path = next((row for row in self._paths() if row.stem == name), None)
        if path is None:
            raise ApiError(404, "not-found", f"no example {name!r}")
        document = json.loads(path.read_text(encoding="utf-8"))
        spec = sketch_graph(document)
        for node in spec.nodes.values():
            for key, text in paths_of(node, "input"):
                document["nodes"][node.index]["config"][key] = _bring(text, project)
        target = project.free_name(path.name)
        revision, _ = project.save(target, document, None)
        return target, revision

    def _paths(self) -> list[Path]:
        return [] if self._folder is None else list(self._folder.glob("*.json"))


def _needs(spec: GraphSpec) -> list[str]:
    return [text for node in spec.nodes.values() for _, text in paths_of(node, "input")]


def _source_of(text: str) -> Path | Callable[[], tuple[_Samples, int]] | None:
    """Return where a recording comes from: a file of this machine, or what simulates it."""
    path = Path(text)
    if path.is_absolute():
        return path if path.is_file() else _SIMULATED.get("voice.wav")
    return _SIMULATED.get(path.name)


def _bring(text: str, project: Project) -> str:
    """See to it that a recording lies in the project; returns its path there."""
    name = Path(text).name
    target = project.root.path(name)
    if target.is_file():
        return name
    source = _source_of(text)
    if source is None:
        raise ApiError(422, "bad-path", f"the example needs {name!r}, which is not there")
    if isinstance(source, Path):
        project.root.write(name, source.read_bytes())
        return name
    import soundfile

    samples, rate = source()
    part = target.with_name(f".streamlab-{name}")
    soundfile.write(str(part), samples, rate, subtype="FLOAT", format="WAV")
    part.replace(target)
    return name


# ---------------------------------------------------------------------------------------- what is simulated


def _survey() -> tuple[_Samples, int]:
    """Twenty seconds beside a road: pink noise of 62 dB, a hum at 125 Hz, and a car of 82 dB that passes.

    Full scale is that of the example, a sine of 100 dB: 2 sqrt(2) Pa.
    """
    rate, seconds = 48000, 20
    time = np.arange(rate * seconds) / rate
    noise = _pink(rate * seconds, seed=1)
    passing = np.exp(-(((time - 11.0) / 2.0) ** 2))
    pascal = _pressure(62.0) * noise
    pascal += _pressure(58.0) * math.sqrt(2) * np.sin(2 * np.pi * 125.0 * time)
    pascal += _pressure(82.0) * passing * _pink(rate * seconds, seed=2)
    return pascal / (2.0 * math.sqrt(2)), rate


def _bearing() -> tuple[_Samples, int]:
    """Ten seconds of a bearing whose outer race is chipped: shocks at 81.1 Hz that ring at 4 kHz, in noise.

    Full scale is that of the example: 100 g.
    """
    rate, seconds, fault = 48000, 10, 81.1 * 0.995  # rollers slip
    generator = np.random.default_rng(4)
    samples = 0.3 * generator.standard_normal(rate * seconds)
    samples += 0.5 * np.sin(2 * np.pi * 25.0 * np.arange(rate * seconds) / rate)
    ring = np.arange(round(0.005 * rate)) / rate
    shock = 4.0 * np.exp(-ring / 0.0008) * np.sin(2 * np.pi * 4000.0 * ring)
    for number in range(int(seconds * fault) - 1):
        at = round(number / fault * rate)
        samples[at : at + len(shock)] += shock * (1.0 + 0.2 * generator.standard_normal())
    return samples / 100.0, rate


def _voice() -> tuple[_Samples, int]:
    """A second and a half of something like a vowel, for machines that have no recording of one."""
    rate = 48000
    time = np.arange(round(1.5 * rate)) / rate
    tones = sum(np.sin(2 * np.pi * 120.0 * order * time) / order for order in range(1, 12))
    envelope = np.sin(np.pi * time / 1.5) ** 2
    samples: _Samples = 0.15 * envelope * np.asarray(tones)
    return samples, rate


def _pressure(level: float) -> float:
    """Root mean square in Pa of a level in dB re 20 uPa."""
    return float(20e-6 * 10.0 ** (level / 20.0))


def _pink(count: int, seed: int) -> _Samples:
    """Pink noise of root mean square 1, from 20 Hz."""
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / 48000)
    shaped = np.where(frequency >= 20.0, white / np.sqrt(np.maximum(frequency, 20.0)), 0.0)
    samples: _Samples = np.fft.irfft(shaped, count)
    return samples / float(np.sqrt(np.mean(samples**2)))


_SIMULATED: dict[str, Callable[[], tuple[_Samples, int]]] = {
    "survey.wav": _survey,
    "bearing.wav": _bearing,
    "voice.wav": _voice,
}
