"""``streamlab demo``: single shots through sine -> gain -> print, with a check of what was printed."""

import asyncio
import io
import re
from typing import Any

import numpy as np

from streamlab.cli.outcome import DONE, NOT_PASSED
from streamlab.core import DataFrame
from streamlab.engine import Pipeline

__all__ = ["Checks", "hum", "rms_of", "single_shots"]

GAIN = 2.5
SINE = {"frequency": 440.0, "sample_rate": 48000.0, "frame_size": 1024}


class Checks:
    """Claims of a demo, each with what the run itself measured."""

    def __init__(self) -> None:
        self.failed = 0

    def check(self, holds: bool, claim: str) -> None:
        """Print a claim as held or failed."""
        self.failed += not holds
        print(f"  {'ok    ' if holds else 'FAILED'}  {claim}")

    @property
    def code(self) -> int:
        """The demo's exit code."""
        return NOT_PASSED if self.failed else DONE


def hum(label: str, stream: Any = "stdout") -> dict[str, Any]:
    """Return the graph of the original design: sine -> gain 2.5 -> print."""
    return {
        "name": "hum",
        "pipeline_config": {"channel_capacity": 10},
        "nodes": [
            {"id": "sine_gen", "type": "SineGenerator", "config": SINE},
            {"id": "amplifier", "type": "Gain", "config": {"gain": GAIN}},
            {"id": "console_out", "type": "Print", "config": {"label": label, "stream": stream}},
        ],
        "connections": [
            {"from": "sine_gen", "to": "amplifier"},
            {"from": "amplifier", "to": "console_out"},
        ],
    }


def rms_of(frame: DataFrame, channel: str = "main_channel") -> float:
    """Return the root mean square of a channel, by its definition."""
    return float(np.sqrt(np.mean(frame.payload[channel] ** 2)))


def single_shots() -> int:
    """Run the demo and return its exit code."""
    return asyncio.run(_single_shots())


async def _single_shots() -> int:
    print("StreamLab: single shots\nsine 440 Hz, 1024 samples at 48 kHz -> gain 2.5 -> print\n")
    shown, checks = io.StringIO(), Checks()
    source = Pipeline({"nodes": [{"id": "sine_gen", "type": "SineGenerator", "config": SINE}]})
    pipeline = Pipeline(hum("Output", shown))
    expected = []
    for shot in range(3):
        trigger = DataFrame(timestamp=shot * 1000, sequence_id=shot)
        made = (await source.execute_once(trigger))["sine_gen"][0]
        expected.append(rms_of(made))
        before = shown.tell()
        outputs = await pipeline.execute_once(trigger)
        print(shown.getvalue()[before:], end="")
        if [frame.sequence_id for frame in outputs["console_out"]] != [shot]:
            checks.check(False, f"shot {shot} came out once")
    print("\nchecked by this run:")
    numbers = re.findall(r"rms=(\S+)", shown.getvalue())
    for printed, rms in zip(numbers, expected, strict=False):
        checks.check(
            printed == f"{GAIN * rms:.4f}", f"printed RMS {printed} = {GAIN} x {rms:.6f} of the source"
        )
    checks.check(len(numbers) == 3, f"{len(numbers)} of 3 shots printed")
    return checks.code
