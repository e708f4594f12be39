"""The guard: speed cannot rot unseen.

Fails on gross loss only: a ratio to a baseline in the same run that is over twice its goal.

The figures themselves, and whether the goals are met, are `make bench` and ``docs/performance.md``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command import environment

GOALS = {
    "S1": 0.33,  # one gain, against a plain loop with NumPy's sine
    "S2": 0.28,  # sixteen gains, likewise
    "S5": 0.5,  # capacity 1, against a task and a queue for each node
    "S9": 11.4,  # a job, in bare tasks: 50 us (20 000 jobs a second) where such a task takes 4.4 us
}
GROSS = 2.0


@pytest.fixture(scope="module")
def ratios() -> dict[str, float]:
    """Best ratios, from a process that no coverage slows down."""
    script = Path(__file__).parents[1] / "support" / "speed.py"
    limits = {name: GROSS * goal for name, goal in GOALS.items()}
    command = [sys.executable, str(script), json.dumps(limits)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55, env=environment())
    assert done.returncode == 0, done.stderr
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


@pytest.mark.parametrize("name", GOALS)
def test_a_frame_and_a_job_cost_at_most_twice_their_goal(name: str, ratios: dict[str, float]) -> None:
    assert ratios[name] <= GROSS * GOALS[name]
