"""What is lost on the way to a meter, and behind its last frame, is in its result."""

from __future__ import annotations

import numpy as np
import pytest

from feeding import run_chain
from streamlab.core import ProcessingNode, param
from streamlab.testing.nodes import registered
from streams import node


class FailAt(ProcessingNode):
    """Fails at some frames."""

    frames_lost: list[int] = param(doc="Numbers of the frames")

    def process(self, frame):
        if frame.sequence_id in self.frames_lost:
            raise ValueError("as told")
        return frame


@pytest.mark.contract("F7")
@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("SoundLevel", {"levels": ["LAeq"]}),
        ("OctaveBands", {"low": 100.0}),
        ("Moments", {}),
        ("Spectrum", {"size": 256}),
    ],
)
def test_what_is_lost_in_the_middle_and_at_the_end_is_missing(kind, config):
    """Of twenty frames of a thousand samples three are skipped, and the last two."""
    noise = np.random.default_rng(1).standard_normal(20_000)
    failing = [
        node("early", "FailAt", frames_lost=[4, 5, 6, 18, 19], on_error="skip"),
        node("meter", kind, **config),
    ]
    with registered(FailAt):
        report = run_chain(noise, 8000, "Pa", *failing)
    assert report.results["meter"]["x"]["missing"] == 5000
