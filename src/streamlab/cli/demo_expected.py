"""What a simulated microphone must read: closed forms of two tones that beat, in noise."""

import math
from dataclasses import dataclass

import numpy as np

from streamlab.dsp.weighting import Weighting, weighting_gain
from streamlab.engine import Graph
from streamlab.engine.spec import GraphSpec

__all__ = ["Expected", "expected_levels"]

_ZERO = 20e-6  # Pa


@dataclass(frozen=True)
class Expected:
    """A level in dB re 20 uPa, and by how much a run may differ from it."""

    level: float
    within: float


@dataclass(frozen=True)
class _Parts:
    """Mean squares in Pa2, weighted: of each tone, and of the noise."""

    tones: list[float]
    noise: float

    def level(self, beat: float) -> float:
        """The level where the tones stand to each other at the cosine ``beat``: 1 adds them up."""
        mixed = 2.0 * math.sqrt(math.prod(self.tones)) * beat if len(self.tones) == 2 else 0.0
        return 10.0 * math.log10((sum(self.tones) + self.noise + mixed) / _ZERO**2)


def expected_levels(graph: Graph, mic: str = "mic") -> dict[str, Expected]:
    """Return the levels of a simulated microphone by symbol, and of its 1 kHz band as ``1k``.

    Two tones of a fraction of a hertz apart are one tone whose amplitude beats: its phase is spread evenly,
    so LAF exceeds the level at cos(pi N / 100) for N percent of the time. F follows a beat of some seconds.
    What is left are chance, the first 0.7 s, which those levels leave out, and what the filters have to
    settle.
    """
    spec = graph.spec()
    weighted, plain = (_parts(spec, mic, kind) for kind in ("A", "Z"))
    levels = {
        "LAeq": Expected(weighted.level(0.0), 0.05),
        "LAFmax": Expected(weighted.level(1.0), 0.3),
        "LAF10": Expected(weighted.level(math.cos(0.1 * math.pi)), 0.1),
        "LAF90": Expected(weighted.level(math.cos(0.9 * math.pi)), 0.3),
    }
    levels["1k"] = Expected(_Parts(plain.tones, 0.0).level(0.0), 0.05)
    return levels


def _parts(spec: GraphSpec, name: str, kind: Weighting) -> _Parts:
    node = spec.nodes[name]
    if node.type_name == "SineGenerator":
        gain = 10.0 ** (float(weighting_gain(kind, np.array(float(node.params.frequency)))) / 10.0)
        return _Parts([gain * float(node.params.amplitude) ** 2 / 2.0], 0.0)
    if node.type_name == "Noise":
        share = _pink_share(kind, float(node.params.sample_rate))
        return _Parts([], share * float(node.params.rms) ** 2)
    if node.type_name != "Mix":
        raise ValueError(f"no closed form for {node.type_name}")
    feeds = {edge.target_port: edge.source for edge in spec.inputs[name]}
    sides = [
        (float(gain) ** 2, _parts(spec, feeds[port], kind))
        for port, gain in (("a", node.params.gain_a), ("b", node.params.gain_b))
    ]
    return _Parts(
        [power * tone for power, part in sides for tone in part.tones],
        sum(power * part.noise for power, part in sides),
    )


def _pink_share(kind: Weighting, rate: float) -> float:
    """The share of pink noise that a weighting leaves: its power is even over the logarithm of frequency."""
    frequencies = np.geomspace(1e-5 * rate, rate / 2.0, 4000)
    return float(np.mean(10.0 ** (weighting_gain(kind, frequencies) / 10.0)))
